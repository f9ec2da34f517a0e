//! What a typed fact means, or which field is at fault. Pure.

use kernel::Faults;
use kernel::ledger::FactKind;
use kernel::value::day::{Day, parse_day};
use kernel::value::money::{Fen, MoneyUnit};
use kernel::value::text::compact;
use serde::Deserialize;

/// Longest text a field takes.
const LONGEST: usize = 200;

/// The form that enters a fact, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct EntryForm {
    /// Code of the kind.
    pub kind: String,
    /// Code of the class.
    pub class: String,
    /// Code or part of the name of the subject.
    pub subject: String,
    /// The one of several subjects that was chosen.
    pub subject_pick: String,
    /// Code or part of the name of the counterparty.
    pub counterparty: String,
    /// The one of several counterparties that was chosen.
    pub counterparty_pick: String,
    pub occurred_on: String,
    pub quantity: String,
    /// In 万元, or with its unit.
    pub amount: String,
    /// Title of the record.
    pub title: String,
    /// Number of its document or contract.
    pub document: String,
    /// What is done: `save`, else a look first.
    pub act: String,
}

impl EntryForm {
    /// The same form with what was chosen put into its field; choosing is not saving.
    pub(super) fn picked(mut self) -> Self {
        for (pick, field) in
            [(&mut self.subject_pick, &mut self.subject), (&mut self.counterparty_pick, &mut self.counterparty)]
        {
            if !pick.trim().is_empty() {
                *field = std::mem::take(pick);
                self.act.clear();
            }
        }
        self
    }

    /// Whether the fact is to be recorded now.
    pub(super) fn is_saved(&self) -> bool {
        self.act == "save"
    }
}

/// What happened, without who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happened {
    pub class: String,
    pub on: Day,
    pub quantity: i64,
    pub amount: Fen,
    pub title: String,
    pub document: String,
}

/// Reads what happened; what is wrong is added to `faults` at its field.
pub(super) fn happened(form: &EntryForm, kind: &FactKind, today: Day, faults: &mut Faults) -> Happened {
    let class = form.class.trim().to_owned();
    if !class.is_empty() && !kind.classes.iter().any(|c| c.code == class) {
        faults.add("class", format!("“{}”没有这个分类，请从列表中选择", kind.label));
    }
    let on = parse_day(&form.occurred_on).unwrap_or_else(|error| {
        faults.add("occurred_on", error.to_string());
        today
    });
    if on > today {
        faults.add("occurred_on", format!("发生日期 {on} 在今天（{today}）之后，请核对"));
    }
    let quantity = compact(&form.quantity).replace(',', "").parse().unwrap_or_else(|_| {
        faults.add("quantity", format!("数量应为整数，单位为{}", kind.unit));
        1
    });
    let amount = match compact(&form.amount).is_empty() {
        true if kind.money => Err("请填写金额，没有金额填 0；单位万元，也可写成 1,234.56元".to_owned()),
        true => Ok(Fen::ZERO),
        false if !kind.money => Err(format!("“{}”不记金额，请清空", kind.label)),
        false => Fen::parse(&form.amount, MoneyUnit::Wan).map_err(|error| error.to_string()),
    };
    let amount = amount.unwrap_or_else(|message| {
        faults.add("amount", message);
        Fen::ZERO
    });
    let title = words(&form.title);
    if title.is_empty() {
        faults.add("title", "请写明依据，例如 诊断报告、放款凭证、会议纪要的名称");
    }
    let document = words(&form.document);
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

#[cfg(test)]
mod tests {
    use super::*;

    const PAID: FactKind = FactKind::flow("sample.paid", "拨付", "笔").money();
    const VISITED: FactKind = FactKind::flow("sample.visited", "走访", "次");

    fn form(occurred_on: &str, quantity: &str, amount: &str) -> EntryForm {
        let text = |text: &str| text.to_owned();
        EntryForm {
            occurred_on: text(occurred_on),
            quantity: text(quantity),
            amount: text(amount),
            title: text(" 拨款  通知 "),
            ..EntryForm::default()
        }
    }

    fn today() -> Day {
        parse_day("2021-08-11").expect("a day")
    }

    #[test]
    fn an_amount_is_in_wan_unless_it_says_otherwise() {
        for (typed, fen) in [("12.5", 12_500_000), ("1,234.56元", 123_456), ("0", 0)] {
            let mut faults = Faults::new();
            let read = happened(&form("2021年8月1日", "1,040", typed), &PAID, today(), &mut faults);
            assert_eq!(faults, Faults::new(), "{typed}");
            assert_eq!((read.amount, read.quantity, read.title.as_str()), (Fen(fen), 1040, "拨款 通知"));
        }
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        let mut faults = Faults::new();
        let typed = EntryForm { class: "z".into(), title: " ".into(), ..form("2021-08-12", "两", "3") };
        happened(&typed, &VISITED, today(), &mut faults);
        let fields: Vec<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["class", "occurred_on", "quantity", "amount", "title"]);
    }

    #[test]
    fn choosing_a_body_is_not_saving() {
        let chosen =
            EntryForm { subject: "东".into(), subject_pick: "X1".into(), act: "save".into(), ..form("", "", "") };
        let chosen = chosen.picked();
        assert_eq!((chosen.subject.as_str(), chosen.is_saved()), ("X1", false));
    }
}
