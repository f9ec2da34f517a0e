//! What a typed fact means, or which field is at fault. The same for pages and workbooks: what one refuses the other
//! refuses, in the same words.

use super::{FactKind, NewFact};
use crate::access::Scope;
use crate::id::{OrgId, Position, UnitId};
use crate::org::{self, Organisation};
use crate::store::{Read, Sql};
use crate::value::day::{Day, parse_day};
use crate::value::money::{Fen, MoneyUnit};
use crate::value::text::{LONGEST, compact};
use crate::{Error, Faults, Result};

/// A fact as typed, without who.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// Code of the class.
    pub class: &'a str,
    /// The day.
    pub occurred_on: &'a str,
    /// A whole number.
    pub quantity: &'a str,
    /// In 万元, or with its unit.
    pub amount: &'a str,
    /// Title of the record.
    pub title: &'a str,
    /// Number of its document or contract.
    pub document: &'a str,
}

/// What happened, without who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Code of the class; empty when unclassified.
    pub class: String,
    /// The day.
    pub on: Day,
    /// How many, in the unit of the kind.
    pub quantity: i64,
    /// How much.
    pub amount: Fen,
    /// Title of the record.
    pub title: String,
    /// Number of its document or contract; empty for none.
    pub document: String,
}

/// Reads what happened; what is wrong is added to `faults` at its field.
pub fn happened(typed: &Typed<'_>, kind: &FactKind, today: Day, faults: &mut Faults) -> Happened {
    let class = typed.class.trim().to_owned();
    if !class.is_empty() && !kind.classes.iter().any(|c| c.code == class) {
        faults.add("class", format!("“{}”没有这个分类，请从列表中选择", kind.label));
    }
    let on = parse_day(typed.occurred_on).unwrap_or_else(|error| {
        faults.add("occurred_on", error.to_string());
        today
    });
    if on > today {
        faults.add("occurred_on", format!("发生日期 {on} 在今天（{today}）之后，请核对"));
    }
    let quantity = compact(typed.quantity).replace(',', "").parse().unwrap_or_else(|_| {
        faults.add("quantity", format!("数量应为整数，单位为{}", kind.unit));
        1
    });
    let amount = match compact(typed.amount).is_empty() {
        true if kind.money => Err("请填写金额，没有金额填 0；单位万元，也可写成 1,234.56元".to_owned()),
        true => Ok(Fen::ZERO),
        false if !kind.money => Err(format!("“{}”不记金额，请清空", kind.label)),
        false => Fen::parse(typed.amount, MoneyUnit::Wan).map_err(|error| error.to_string()),
    };
    let amount = amount.unwrap_or_else(|message| {
        faults.add("amount", message);
        Fen::ZERO
    });
    let title = words(typed.title);
    if title.is_empty() {
        faults.add("title", "请写明依据，例如 诊断报告、放款凭证、会议纪要的名称");
    }
    let document = words(typed.document);
    for (field, text) in [("title", &title), ("document", &document)] {
        if text.chars().count() > LONGEST {
            faults.add(field, format!("最多 {LONGEST} 个字"));
        }
    }
    Happened { class, on, quantity, amount, title, document }
}

/// A text as its writer meant it: only white space is put right.
fn words(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why a body cannot be a side of a new fact: its facts are those of the body it was merged into.
pub fn merged(body: &Organisation) -> Option<&'static str> {
    body.merged_into.is_some().then_some("该档案已并入其他档案，请填保留档案的代码")
}

/// Whether `scope` holds the unit that the subject belonged to on the day, by which the fact will be counted.
///
/// # Errors
/// [`Error::Invalid`] at `occurred_on` when it does not.
pub async fn held_on(read: &Read, scope: &Scope, subject: OrgId, on: Day) -> Result<()> {
    if *scope == Scope::All || scope.holds(UnitId(org::dims_on(read, subject, on).await?.unit)) {
        return Ok(());
    }
    Err(Error::invalid("occurred_on", format!("该主体在 {on} 不属于您的填报单元，请报市局登记")))
}

/// The facts in effect that say the same: kind, subject, day, class and amount. A few at most, in their order.
///
/// # Errors
/// As the database says.
pub async fn same(read: &Read, scope: &Scope, fact: &NewFact) -> Result<Vec<Position>> {
    let Some(kind) = read.catalog().kind(fact.kind()) else { return Ok(Vec::new()) };
    let mut sql = Sql::new("SELECT f.position FROM fact f WHERE f.kind = ");
    sql.bind(kind.id).push(" AND f.subject_id = ").bind(fact.subject());
    sql.push(" AND f.occurred_on = ").bind(fact.on()).push(" AND f.class = ").bind(fact.class_code());
    sql.push(" AND f.amount_fen = ").bind(fact.amount_fen()).push(" AND f.reverses IS NULL AND NOT EXISTS ");
    sql.push("(SELECT 1 FROM fact r WHERE r.reverses = f.position) AND ");
    scope.on_facts(&mut sql, "f");
    sql.push(" ORDER BY f.position LIMIT 5");
    read.all(sql).await?.iter().map(|row| Ok(Position(row.get("position")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAID: FactKind = FactKind::flow("sample.paid", "拨付", "笔").money();
    const VISITED: FactKind = FactKind::flow("sample.visited", "走访", "次");

    fn typed<'a>(occurred_on: &'a str, quantity: &'a str, amount: &'a str) -> Typed<'a> {
        Typed { class: "", occurred_on, quantity, amount, title: " 拨款  通知 ", document: "" }
    }

    fn today() -> Day {
        parse_day("2021-08-11").expect("a day")
    }

    #[test]
    fn an_amount_is_in_wan_unless_it_says_otherwise() {
        for (amount, fen) in [("12.5", 12_500_000), ("1,234.56元", 123_456), ("0", 0)] {
            let mut faults = Faults::new();
            let read = happened(&typed("2021年8月1日", "1,040", amount), &PAID, today(), &mut faults);
            assert_eq!(faults, Faults::new(), "{amount}");
            assert_eq!((read.amount, read.quantity, read.title.as_str()), (Fen(fen), 1040, "拨款 通知"));
        }
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        let mut faults = Faults::new();
        let typed = Typed { class: "z", title: " ", ..typed("2021-08-12", "两", "3") };
        happened(&typed, &VISITED, today(), &mut faults);
        let fields: Vec<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["class", "occurred_on", "quantity", "amount", "title"]);
    }
}
