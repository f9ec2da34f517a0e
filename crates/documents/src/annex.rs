//! The annex “figures and sources” (数字与来源), as a part of the document like any other.

use std::collections::BTreeSet;

use crate::model::{Align, Block, Cell, Column, Document, Inline, Row, Table};

/// Title of the annex.
pub(crate) const TITLE: &str = "数字与来源";

/// Where the line of a figure is known again.
pub(crate) fn anchor(key: &str) -> String {
    // Bookmarks of Word hold letters, digits and underscores.
    let plain: String = key.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    format!("fig_{plain}")
}

/// How many figures are cited from the register, and how many a person wrote in.
fn share(document: &Document) -> (usize, usize) {
    let keys: BTreeSet<&str> = document.sources.iter().map(|source| source.key.as_str()).collect();
    let declared: BTreeSet<&str> =
        document.sources.iter().filter(|s| s.rows.is_none()).map(|source| source.key.as_str()).collect();
    (keys.len() - declared.len(), declared.len())
}

/// What the annex says before its table.
pub(crate) fn introduction(document: &Document) -> String {
    let (cited, declared) = share(document);
    let all = cited + declared;
    let percent = (cited * 100).checked_div(all).unwrap_or_default();
    let told = match declared {
        0 => format!("文中 {all} 处数字全部引自台账"),
        _ => format!("文中 {all} 处数字，{cited} 处引自台账（{percent}%），{declared} 处由人申明"),
    };
    match &document.card {
        Some(card) => format!(
            "{told}。发布编号 {}，登记摘要 {}…；核对本文件：qishu verify 文件名。",
            card.publication,
            card.digest.chars().take(16).collect::<String>()
        ),
        None => format!("{told}。本件尚未发布，数字未固定。"),
    }
}

/// The annex; nothing for a document without figures.
pub(crate) fn annex(document: &Document) -> Vec<Block> {
    if document.sources.is_empty() {
        return Vec::new();
    }
    let mut above = "";
    let mut rows = Vec::with_capacity(document.sources.len());
    for source in &document.sources {
        let again = source.key == above;
        above = &source.key;
        let rows_behind = source.rows.map_or_else(|| "申明".to_owned(), |n| n.to_string());
        rows.push(Row {
            cells: [
                if again { "" } else { &source.key },
                &format!("{}：{}", source.name, source.definition),
                &source.about,
                &source.value,
                &rows_behind,
                &source.code,
            ]
            .into_iter()
            .map(Cell::words)
            .collect(),
            lines: 0,
            anchor: if again { String::new() } else { anchor(&source.key) },
        });
    }
    let columns = vec![
        Column::new("编号", 9),
        Column::new("指标与口径", 50),
        Column::new("统计至", 16),
        Column::new("准确值", 22).align(Align::End),
        Column::new("明细行", 11).align(Align::End),
        Column::new("校验码", 20),
    ];
    vec![
        Block::Paragraph(vec![Inline::Text(introduction(document))]),
        Block::Table(Table { caption: String::new(), columns, rows, small: true }),
    ]
}
