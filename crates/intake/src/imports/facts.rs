//! Rows of a historical ledger: each becomes a source record and a fact.

use kernel::access::Scope;
use kernel::id::RecordId;
use kernel::ledger::{FactKind, NewFact};
use kernel::value::money::Fen;
use kernel::value::text::compact;
use kernel::{Error, Result, org};
use sheets::{ReadRow, Value};

use super::check::{Desk, at_columns, subject};
use super::model::{FactRow, RowPlan, Step};
use super::queries;

/// What a row of a ledger does.
///
/// # Errors
/// As the database says.
pub(super) async fn plan(desk: &Desk<'_>, row: &ReadRow) -> Result<RowPlan> {
    let mut plan = RowPlan { label: row.typed("title"), ..RowPlan::default() };
    let kind = desk.read.catalog().kind(&row.typed("fact")).map(|k| k.decl);
    let class = kind.as_ref().map(|kind| class(kind, &row.typed("class"), &mut plan)).unwrap_or_default();
    let code = row.typed("credit_code");
    let known = if code.is_empty() { None } else { told(subject(desk, &code).await?, "credit_code", &mut plan) };
    let counterparty = counterparty(desk, &row.typed("counterparty"), &mut plan).await?;
    let (Some(kind), Some(known), Some(on)) = (kind, known, row.value("on").and_then(Value::day)) else {
        return Ok(plan);
    };
    let number = row.typed("number");
    let title = Some(row.typed("title")).filter(|t| !t.is_empty());
    let fact = FactRow {
        kind: kind.code.into(),
        class,
        subject: known.id,
        counterparty,
        on,
        quantity: row.value("quantity").and_then(Value::count).unwrap_or(1),
        amount: row.value("amount").and_then(Value::money).unwrap_or(Fen(0)),
        title: title.unwrap_or_else(|| format!("{} {number}", kind.label).trim().to_owned()),
        document: row.typed("document"),
    };
    plan.label = format!("{} {on} {}", known.name, kind.label);
    plan.key = key(&fact, &compact(&number));
    match fact.new_fact(RecordId(0)).check(desk.read.catalog(), desk.read.today()) {
        // The same row of another upload is stored already.
        Ok(()) if queries::is_stored(desk.read, &plan.key).await? => {}
        Ok(()) => plan.steps.push((Step::Fact(Box::new(fact)), "fact")),
        Err(error) => at_columns(error, &mut plan, |field| match field {
            "occurred_on" => "on",
            "quantity" => "quantity",
            "amount" => "amount",
            "class" => "class",
            _ => "fact",
        })?,
    }
    Ok(plan)
}

impl FactRow {
    /// The fact, citing a record.
    pub fn new_fact(&self, record: RecordId) -> NewFact {
        let fact = NewFact::new(&self.kind, self.subject, self.on, record)
            .class(&self.class)
            .quantity(self.quantity)
            .amount(self.amount);
        match self.counterparty {
            Some(other) => fact.with(other),
            None => fact,
        }
    }
}

/// The class with a typed label or code; empty is 未分类.
fn class(kind: &FactKind, typed: &str, plan: &mut RowPlan) -> String {
    let wanted = compact(typed);
    if wanted.is_empty() || wanted == "未分类" {
        return String::new();
    }
    match kind.classes.iter().find(|c| compact(c.label) == wanted || c.code == wanted) {
        Some(class) => class.code.to_owned(),
        None => {
            let labels: Vec<&str> = kind.classes.iter().map(|c| c.label).collect();
            let way_out = match labels.is_empty() {
                true => "请清空".to_owned(),
                false => format!("请改为：{}", labels.join("、")),
            };
            plan.fault("class", format!("“{}”没有“{wanted}”这个分类，{way_out}", kind.label));
            String::new()
        }
    }
}

async fn counterparty(desk: &Desk<'_>, typed: &str, plan: &mut RowPlan) -> Result<Option<kernel::id::OrgId>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let code = registry::orgs::code(typed);
    // Banks and bureaus belong to no unit, so a counterparty is looked for everywhere.
    match org::find_by_code(desk.read, &Scope::All, &code).await {
        Ok(found) => Ok(Some(found.id)),
        Err(Error::NotFound) => {
            plan.fault("counterparty", format!("企业库中没有代码为“{code}”的对方，请先登记"));
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

fn told<T>(found: std::result::Result<T, String>, key: &'static str, plan: &mut RowPlan) -> Option<T> {
    found.map_err(|message| plan.fault(key, message)).ok()
}

/// A row with a number is known by it; one without, by all that it says.
fn key(fact: &FactRow, number: &str) -> String {
    if !number.is_empty() {
        return format!("{}|{}|#{number}", fact.kind, fact.subject);
    }
    let said = format!(
        "{}|{}|{:?}|{}|{}|{}|{}|{}",
        fact.class, fact.subject, fact.counterparty, fact.on, fact.quantity, fact.amount.0, fact.title, fact.document
    );
    format!("{}|{}", fact.kind, super::desk::digest(said.as_bytes()))
}
