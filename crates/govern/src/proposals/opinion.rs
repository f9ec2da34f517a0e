//! The opinion form (附件6), printed with everything the record knows. What the proposer ticks stays empty until it
//! was given; whether it may be published has no default.

use std::collections::BTreeSet;

use documents::{Block, Cell, Column, Document, Head, Inline, Layout, Row, Table};
use kernel::ledger::Class;
use kernel::value::day;

use super::declared::{EVALUATIONS, MEANS};
use super::model::{ContactRow, Proposal};

/// Title of the form.
pub(super) const TITLE: &str = "市人大代表建议政协委员提案办理\n情况征询意见表";

/// Effects in the words of the form, in its order.
const EFFECTS: [(&str, &str); 4] = [("a", "解决或基本解决"), ("b", "正在解决"), ("c", "以后解决"), ("d", "无法解决")];

fn ticked(labels: impl IntoIterator<Item = (bool, String)>) -> String {
    labels
        .into_iter()
        .map(|(is, label)| format!("{label}（{}）", if is { "√" } else { "　" }))
        .collect::<Vec<_>>()
        .join("　")
}

fn of_classes(classes: &[Class], is: impl Fn(&str) -> bool) -> String {
    ticked(classes.iter().map(|class| (is(class.code), class.label.to_owned())))
}

/// One form. Several stand in one document, each on its own page.
fn table(proposal: &Proposal, contacts: &[ContactRow]) -> Table {
    let means: BTreeSet<&str> = contacts.iter().map(|c| c.means.as_str()).collect();
    let wide = |label: &str, text: String, lines: u32| Row {
        cells: vec![Cell::words(label).centred(), Cell::words(text).span(3)],
        lines,
        anchor: String::new(),
    };
    let effect = proposal.kept("effect");
    let publish = proposal.kept("publish");
    let signed = proposal.day("opinion_on").map(day::chinese).unwrap_or_else(|| "　　　年　月　日".to_owned());
    let received = proposal.day("receipt_on").map(day::chinese).unwrap_or_else(|| "　　　年　月　日".to_owned());
    let receipt = if proposal.kept("receipt").is_empty() { "　" } else { proposal.kept("receipt") };
    let rows = vec![
        Row {
            cells: vec![
                Cell::words("代表委员姓名").centred(),
                Cell::words(proposal.kept("proposer")),
                Cell::words("承办单位").centred(),
                Cell::words(proposal.kept("lead")),
            ],
            lines: 1,
            anchor: String::new(),
        },
        wide("建议提案标题", proposal.kept("title").to_owned(), 1),
        wide("建议提案编号", proposal.number(), 1),
        wide("沟通方式", of_classes(MEANS, |code| means.contains(code)), 2),
        wide("办理效果", ticked(EFFECTS.iter().map(|(code, label)| (*code == effect, (*label).to_owned()))), 2),
        wide("办理评价", of_classes(EVALUATIONS, |code| code == proposal.kept("evaluation")), 1),
        wide(
            "是否公开\n（由建议人或提案人勾选）",
            ticked([(publish == "yes", "是".to_owned()), (publish == "no", "否".to_owned())]),
            2,
        ),
        wide(
            "对办理情况\n的意见",
            format!(
                "{}\n\n　　　　　　　　　　　　建议人或提案人签名：\n　　　　　　　　　　　　{signed}",
                proposal.kept("opinion")
            ),
            5,
        ),
        wide("人大代表室\n或政协提案委", format!("签收：{receipt}\n签收时间：{received}"), 2),
    ];
    let columns = vec![Column::new("", 32), Column::new("", 50), Column::new("", 22), Column::new("", 44)];
    Table { caption: String::new(), columns, rows, small: false }
}

const NOTE: &str = "注：请各单位向代表委员书面答复时附上此表，并负责收集代表委员填写的意见表，分别送市人大、政协签收后，\
                    送市政府督查室（代表室或提案委签收人签件）。";

/// The form of a proposal.
pub(super) fn form(proposal: &Proposal, contacts: &[ContactRow]) -> Document {
    Document {
        head: Head { layout: Layout::Plain, title: TITLE.to_owned(), ..Head::default() },
        blocks: vec![Block::Table(table(proposal, contacts)), Block::Note(vec![Inline::Text(NOTE.to_owned())])],
        ..Document::default()
    }
}
