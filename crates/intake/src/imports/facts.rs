//! Rows of a historical ledger: each becomes a source record and a fact.

use kernel::access::Scope;
use kernel::id::RecordId;
use kernel::ledger::entry::{self, Happened, Typed};
use kernel::ledger::{FactKind, NewFact};
use kernel::value::text::compact;
use kernel::{Error, Faults, Result, org};
use sheets::ReadRow;

use super::check::{Desk, at_columns, compare_names, subject};
use super::desk;
use super::model::{FactRow, RowPlan, Step};
use super::queries::{self, Stored};

/// What a row of a ledger does.
///
/// # Errors
/// As the database says.
pub(super) async fn plan(desk: &Desk<'_>, row: &ReadRow) -> Result<RowPlan> {
    let mut plan = RowPlan { label: row.typed("title"), ..RowPlan::default() };
    let kind = desk.read.catalog().kind(&row.typed("fact")).map(|k| k.decl);
    let code = row.typed("credit_code");
    let known = if code.is_empty() { None } else { told(subject(desk, &code).await?, "credit_code", &mut plan) };
    let counterparty = counterparty(desk, &row.typed("counterparty"), &mut plan).await?;
    let Some(kind) = kind else { return Ok(plan) };
    let what = happened(desk, row, &kind, &mut plan);
    let Some(known) = known else { return Ok(plan) };
    compare_names(row, &known, &mut plan);
    let (Some(what), false) = (what, row.faulty) else { return Ok(plan) };
    if let Err(error) = entry::held_on(desk.read, desk.scope, known.id, what.on).await {
        at_columns(error, &mut plan, column_of)?;
    }
    plan.label = format!("{} {} {}", known.name, what.on, kind.label);
    let fact = FactRow { kind: kind.code.into(), subject: known.id, counterparty, what };
    let number = compact(&row.typed("number"));
    plan.key = key(&fact, &number);
    match fact.new_fact(RecordId(0)).check(desk.read.catalog(), desk.read.today()) {
        Ok(()) => match queries::stored(desk.read, &kind, &plan.key).await? {
            // The same row of another upload is stored already.
            Some(stored) if stored.digest == fact.digest() => {}
            Some(stored) => plan.fault("number", taken(&number, &stored, &fact, &kind)),
            None => plan.steps.push((Step::Fact(Box::new(fact)), "fact")),
        },
        Err(error) => at_columns(error, &mut plan, column_of)?,
    }
    Ok(plan)
}

/// What happened, by the rules of the form. A quantity left out is one.
fn happened(desk: &Desk<'_>, row: &ReadRow, kind: &FactKind, plan: &mut RowPlan) -> Option<Happened> {
    let class = class(kind, &row.typed("class"), plan);
    let quantity = Some(row.typed("quantity")).filter(|q| !q.is_empty()).unwrap_or_else(|| "1".into());
    let (on, amount) = (row.typed("on"), row.typed("amount"));
    let (title, document) = (row.typed("title"), row.typed("document"));
    let typed = Typed {
        class: &class,
        occurred_on: &on,
        quantity: &quantity,
        amount: &amount,
        title: &title,
        document: &document,
    };
    let mut faults = Faults::new();
    let what = entry::happened(&typed, kind, desk.read.today(), &mut faults);
    for fault in &faults.0 {
        plan.fault(column_of(&fault.field), fault.message.clone());
    }
    faults.0.is_empty().then_some(what)
}

/// The column of a field of the form.
fn column_of(field: &str) -> &'static str {
    match field {
        "occurred_on" => "on",
        "quantity" => "quantity",
        "amount" => "amount",
        "class" => "class",
        "title" => "title",
        "document" => "document",
        _ => "fact",
    }
}

/// Says that a number has been used for something else, and for what.
fn taken(number: &str, stored: &Stored, new: &FactRow, kind: &FactKind) -> String {
    let mine = queries::said(kind, &new.what);
    format!(
        "编号“{number}”已在第 {} 次导入中保存为“{}”，本行是“{mine}”；确是另一笔的请换一个编号，要更正的请在事实账中申请更正",
        stored.import, stored.said
    )
}

impl FactRow {
    /// The fact, citing a record.
    pub fn new_fact(&self, record: RecordId) -> NewFact {
        let fact = NewFact::new(&self.kind, self.subject, self.what.on, record)
            .class(&self.what.class)
            .quantity(self.what.quantity)
            .amount(self.what.amount);
        match self.counterparty {
            Some(other) => fact.with(other),
            None => fact,
        }
    }

    /// By what a row is the same as one stored before.
    pub fn digest(&self) -> String {
        let Happened { class, on, quantity, amount, title, document } = &self.what;
        let (subject, other, fen) = (self.subject, self.counterparty, amount.0);
        desk::digest(format!("{class}|{subject}|{other:?}|{on}|{quantity}|{fen}|{title}|{document}").as_bytes())
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
        Ok(found) => match entry::merged(&found) {
            None => Ok(Some(found.id)),
            Some(message) => {
                plan.fault("counterparty", message);
                Ok(None)
            }
        },
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
    match number {
        "" => format!("{}|{}", fact.kind, fact.digest()),
        number => format!("{}|{}|#{number}", fact.kind, fact.subject),
    }
}
