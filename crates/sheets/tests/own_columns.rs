//! Workbooks whose heads are nobody's: guessed, described by their sender, and read by that.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::value::money::{Fen, MoneyUnit};
use rust_xlsxwriter::{Format, Workbook};
use sheets::{
    Choice, Column, Kind, Level, Limits, Mapped, Mapping, Reading, Template, Value, candidates, foreign, glance, open,
    read, read_in_stretches,
};

fn template() -> Template {
    let units = vec![Choice::new(1, "东区"), Choice::new(2, "西区")];
    Template {
        code: "sample",
        label: "样例",
        version: 1,
        note: "",
        columns: vec![
            Column::new("credit_code", "统一社会信用代码", Kind::CreditCode).required().names_row().note("18 位"),
            Column::new("name", "名称", Kind::Text).required(),
            Column::new("unit", "填报单元", Kind::Choice(units)),
            Column::new("founded_on", "成立日期", Kind::Day),
            Column::new("revenue", "营业收入", Kind::Money(MoneyUnit::Wan)),
            Column::new("employees", "从业人员", Kind::Count).counts("人"),
        ],
    }
}

/// A department's own list: a title, heads that no template has, one of them twice.
fn list() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("名单").unwrap();
    sheet.merge_range(0, 0, 0, 6, "某局企业名单", &Format::new()).unwrap();
    let heads = ["顺号", "户名", "登记号", "片区", "产出", "产出", "人头"];
    for (row, cells) in [
        heads.as_slice(),
        &["1", "甲公司", "91420299MADT0001XY", "东区", "125000", "9", "120"],
        &["2", "乙公司", "91420299MADT0001XY", "西区", "3000000", "8", "90"],
    ]
    .iter()
    .enumerate()
    {
        for (col, text) in cells.iter().enumerate() {
            sheet.write_string(row as u32 + 1, col as u16, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn said(head: &str, key: &str, unit: Option<MoneyUnit>) -> Mapped {
    Mapped { head: head.into(), key: key.into(), unit }
}

fn described() -> Mapping {
    let columns = vec![
        said("顺号", "", None),
        said("户名", "name", None),
        said("登记号", "credit_code", None),
        said("片区", "unit", None),
        said("产出", "revenue", Some(MoneyUnit::Yuan)),
        said("产出#2", "", None),
        said("人头", "employees", None),
    ];
    Mapping { columns }
}

#[test]
fn a_foreign_list_shows_its_columns_with_samples_and_a_guess() {
    let book = glance(&list(), &Limits::UPLOAD).unwrap();
    assert!(read(&book, &template(), &Mapping::default()).is_err(), "nobody has described it yet");
    let found = foreign(&book, &template(), None).unwrap();
    assert_eq!((found.page.as_str(), found.row), ("名单", 2));
    let heads: Vec<&str> = found.columns.iter().map(|c| c.head.as_str()).collect();
    assert_eq!(heads, ["顺号", "户名", "登记号", "片区", "产出", "产出#2", "人头"]);
    assert_eq!(found.columns[1].samples, ["甲公司", "乙公司"]);
    let guess = |head: &str| found.columns.iter().find(|c| c.head == head).unwrap().guess;
    assert_eq!(guess("片区"), "unit", "all that stands in it are units");
    assert_eq!(guess("户名"), "name", "all that stands in it are names of firms");
    assert_eq!(guess("顺号"), "", "a running number is nothing of ours");
    let other_row = foreign(&book, &template(), Some(("名单", 3))).unwrap();
    assert_eq!(other_row.columns[0].head, "1", "a person may say that the head is elsewhere");
    assert!(foreign(&book, &template(), Some(("没有", 1))).is_none());
}

#[test]
fn what_was_said_is_read_by_with_its_unit_and_what_is_not_wanted_is_told_once() {
    let mapping = described();
    mapping.check(&template()).unwrap();
    let back = read(&open(&list(), &Limits::UPLOAD).unwrap(), &template(), &mapping).unwrap();
    let faults: Vec<&str> =
        back.findings.iter().filter(|f| f.level == Level::Fault).map(|f| f.message.as_str()).collect();
    assert!(faults.is_empty() || faults.iter().all(|m| m.contains("校验")), "{faults:?}");
    assert_eq!(back.rows[0].value("revenue"), Some(&Value::Money(Fen(12_500_000))), "125000 元");
    assert_eq!((back.rows[1].typed("unit"), back.rows[1].typed("employees")), ("2".into(), "90".into()));
    let notices = back.notices.join("\n");
    assert!(notices.contains("按认列所写以元为单位") && notices.contains("不读取：顺号、产出"), "{notices}");
    assert!(!back.findings.iter().any(|f| f.message.contains("重复") || f.message.contains("不认识这一列")));
}

#[test]
fn the_same_heads_are_known_again_in_any_order_and_others_are_not() {
    let sets = candidates(&open(&list(), &Limits::UPLOAD).unwrap());
    assert!(sets.contains(&described().heads()));
    let mut reversed = described();
    reversed.columns.reverse();
    assert_eq!(reversed.heads(), described().heads());
    reversed.columns.pop();
    assert!(!sets.contains(&reversed.heads()), "one head less is another sheet");
    let moved = Mapping { columns: vec![said("别的", "name", None)] };
    let refused = read(&open(&list(), &Limits::UPLOAD).unwrap(), &template(), &moved);
    assert!(refused.is_err(), "a mapping for other heads describes nothing here");
}

/// A long list, read whole and in stretches.
fn long(rows: u32) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (col, head) in ["名称", "信用代码", "营收", "电话"].iter().enumerate() {
        sheet.write_string(0, col as u16, *head).unwrap();
    }
    for row in 1..=rows {
        sheet.write_string(row, 0, format!("企业{row}")).unwrap();
        sheet.write_string(row, 1, format!("JG-{row}")).unwrap();
        sheet.write_string(row, 2, if row % 50 == 0 { "很多" } else { "12.5" }).unwrap();
        sheet.write_number(row, 3, row).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_long_list_says_the_same_in_stretches_as_whole() {
    let csv = (0..330).map(|n| format!("企业{n},JG-{n},很多\n"));
    let csv = format!("名称,信用代码,营收\n{}", csv.collect::<String>());
    for bytes in [long(333), csv.into_bytes()] {
        let template = template();
        let whole = read(&open(&bytes, &Limits::UPLOAD).unwrap(), &template, &Mapping::default()).unwrap();
        let mut parts: Vec<Reading> = Vec::new();
        let last = read_in_stretches(&bytes, &template, &Mapping::default(), 50, |part| {
            assert!(part.rows.len() <= 50, "a stretch is bounded");
            parts.push(part);
            true
        });
        let last = last.unwrap().unwrap();
        let rows: Vec<u32> = parts.iter().flat_map(|p| &p.rows).chain(&last.rows).map(|row| row.row).collect();
        assert_eq!(rows, whole.rows.iter().map(|row| row.row).collect::<Vec<_>>());
        let mut findings: Vec<_> = parts.iter().flat_map(|p| p.findings.clone()).chain(last.findings).collect();
        findings.sort_by_key(|f| (f.page, f.row));
        assert_eq!(findings, whole.findings);
        assert_eq!(last.notices, whole.notices);
        assert_eq!((last.pages[0].last, last.pages[0].head), (whole.pages[0].last, 1));
        let mut seen = 0;
        let stopped = read_in_stretches(&bytes, &template, &Mapping::default(), 50, |_| {
            seen += 1;
            seen < 2
        });
        assert!(stopped.unwrap().is_none() && seen == 2, "who is told to stop reads no further");
    }
}
