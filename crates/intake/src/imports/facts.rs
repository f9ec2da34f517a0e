//! Rows of a historical ledger: each becomes a source record and a fact.

use kernel::id::{OrgId, RecordId};
use kernel::ledger::entry::{self, Happened, Typed};
use kernel::ledger::{FactKind, NewFact};
use kernel::value::text::compact;
use kernel::{Faults, Result};
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
    let counterparty = counterparty(desk, &row.typed("counterparty"), &mut plan);
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
    plan.key = key(&fact, &compact(&row.typed("number")));
    match fact.new_fact(RecordId(0)).check(desk.read.catalog(), desk.read.today()) {
        Ok(()) => plan.steps.push((Step::Fact(Box::new(fact)), "fact")),
        Err(error) => at_columns(error, &mut plan, column_of)?,
    }
    Ok(plan)
}

/// Drops what is stored already, and faults what is stored otherwise under the same number; asked once for all rows.
///
/// # Errors
/// As the database says.
pub(super) async fn settle(desk: &Desk<'_>, rows: &[ReadRow], plans: &mut [RowPlan]) -> Result<()> {
    let mut same: Vec<(usize, Vec<(String, String)>)> = Vec::new();
    for (index, (row, plan)) in rows.iter().zip(plans.iter()).enumerate() {
        if let Some((Step::Fact(fact), _)) = plan.steps.first() {
            same.push((index, identities(desk, fact, &compact(&row.typed("number")))));
        }
    }
    let keys = same.iter().flat_map(|(_, all)| all.iter().map(|(key, _)| key.clone())).collect();
    let stored = queries::stored(desk.read, &keys).await?;
    for (index, all) in same {
        let (Some(row), Some(plan)) = (rows.get(index), plans.get_mut(index)) else { continue };
        let Some((stored, digest)) = all.iter().find_map(|(key, _)| stored.get(key)).map(|s| (s, &s.digest)) else {
            continue;
        };
        let Some((Step::Fact(fact), _)) = plan.steps.pop() else { continue };
        // The same row of another upload is stored already.
        if !all.iter().any(|(_, own)| own == digest) {
            let Some(kind) = desk.read.catalog().kind(&fact.kind).map(|kind| &kind.decl) else { continue };
            plan.fault("number", taken(&compact(&row.typed("number")), stored, &fact, kind));
        }
    }
    Ok(())
}

/// Under which keys, and with which digests, a fact may have been stored: its bodies may have been others before a
/// merge. The first is its own.
fn identities(desk: &Desk<'_>, fact: &FactRow, number: &str) -> Vec<(String, String)> {
    let others: Vec<Option<OrgId>> = match fact.counterparty {
        Some(other) => desk.known.family(other).into_iter().map(Some).collect(),
        None => vec![None],
    };
    let mut all = Vec::new();
    for subject in desk.known.family(fact.subject) {
        for counterparty in &others {
            let then = FactRow { subject, counterparty: *counterparty, ..fact.clone() };
            all.push((key(&then, number), then.digest()));
        }
    }
    all
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
    let (mine, theirs) = (queries::said(kind, &new.what), queries::said(kind, &stored.what));
    format!(
        "编号“{number}”已在第 {} 次导入中保存为“{}”，本行是“{mine}”；确是另一笔的请换一个编号，要更正的请在事实账中申请更正",
        stored.import, theirs
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

fn counterparty(desk: &Desk<'_>, typed: &str, plan: &mut RowPlan) -> Option<OrgId> {
    if typed.is_empty() {
        return None;
    }
    let code = registry::orgs::code(typed);
    // Banks and bureaus belong to no unit, so a counterparty is looked for everywhere.
    match desk.known.org(&code).map(|found| (found, entry::merged(found))) {
        Some((found, None)) => return Some(found.id),
        Some((_, Some(message))) => plan.fault("counterparty", message),
        None => plan.fault("counterparty", format!("企业库中没有代码为“{code}”的对方，请先登记")),
    }
    None
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
