//! What offices do with workbooks: fill them in, send their own, correct what came back, and send broken ones.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use kernel::Error;
use kernel::value::day::Day;
use kernel::value::money::{Fen, MoneyUnit};
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook};
use sheets::{
    Choice, Column, Filled, Issued, Kind, Level, Limits, Mapping, Reading, Template, Value, mark, open, read, write,
};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn template() -> Template {
    let units = (1..=60).map(|n| Choice::new(n, format!("第{n}填报单元"))).collect();
    Template {
        code: "sample",
        label: "样例",
        version: 2,
        note: "一行一户。",
        columns: vec![
            Column::new("credit_code", "统一社会信用代码", Kind::CreditCode).required().names_row().note("18 位"),
            Column::new("name", "名称", Kind::Text).required(),
            Column::new("unit", "填报单元", Kind::Choice(units)),
            Column::new("founded_on", "成立日期", Kind::Day),
            Column::new("revenue", "营业收入", Kind::Money(MoneyUnit::Wan)),
            Column::new("employees", "从业人员", Kind::Count),
            Column::new("above_scale", "规模以上", Kind::YesNo),
        ],
    }
}

fn filled(key: &str, name: &str) -> Filled {
    let values = BTreeMap::from([
        ("credit_code", Value::Text("91420299MADT0001XY".into())),
        ("name", Value::Text(name.into())),
        ("unit", Value::Text("7".into())),
        ("founded_on", Value::Day(Day::from_ymd_opt(2015, 3, 1).unwrap())),
        ("revenue", Value::Money(Fen(123_456_700))),
        ("employees", Value::Count(120)),
        ("above_scale", Value::Flag(true)),
    ]);
    Filled { key: key.into(), values }
}

/// A local code, so that no check character matters here.
fn local(mut row: Filled) -> Filled {
    row.values.insert("credit_code", Value::Text("JG-001".into()));
    row
}

fn issued() -> Issued {
    Issued { owner: "某市".into(), at: "2021-08-11，第 8 号".into() }
}

fn reading(bytes: &[u8]) -> Reading {
    read(&open(bytes, &Limits::UPLOAD).unwrap(), &template(), &Mapping::default()).unwrap()
}

fn told(reading: &Reading, level: Level) -> Vec<(String, String)> {
    let of_level = reading.findings.iter().filter(|f| f.level == level);
    of_level.map(|f| (f.place(), f.message.clone())).collect()
}

fn refusal(bytes: &[u8]) -> String {
    match open(bytes, &Limits::UPLOAD).and_then(|book| read(&book, &template(), &Mapping::default())) {
        Err(Error::Invalid(faults)) => faults.at("file").unwrap().to_owned(),
        other => panic!("refused as input, not {other:?}"),
    }
}

/// An office's own sheet: merged titles, heads in another order and under other names, a total at the end.
fn own_sheet() -> Workbook {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("八月").unwrap();
    sheet.merge_range(0, 0, 0, 5, "某县企业情况表", &Format::new()).unwrap();
    sheet.merge_range(1, 0, 1, 5, "填报单位：某局", &Format::new()).unwrap();
    for (col, head) in ["企业名称", "序", "信用代码", "营收（元）", "成立时间", "从业人数"].iter().enumerate()
    {
        sheet.write_string(2, col as u16, *head).unwrap();
    }
    sheet.write_string(3, 0, " 甲　公司").unwrap();
    sheet.write_number(3, 1, 1).unwrap();
    sheet.write_string(3, 2, "ｊｇ－００１").unwrap();
    sheet.write_string(3, 3, "1，234,500").unwrap();
    sheet.write_string(3, 4, "2021年3月5日").unwrap();
    sheet.write_string(3, 5, "120").unwrap();
    sheet.write_string(4, 0, "乙公司").unwrap();
    sheet.write_string(4, 2, "JG-002").unwrap();
    sheet.write_formula(4, 3, Formula::new("=1000*2").set_result("2000")).unwrap();
    sheet.write_number(4, 4, 44_260).unwrap();
    sheet.write_string(5, 0, "合计").unwrap();
    sheet.write_number(5, 5, 120).unwrap();
    let hidden = book.add_worksheet().set_name("底稿").unwrap();
    hidden.write_string(0, 0, "企业名称").unwrap();
    hidden.write_string(0, 1, "信用代码").unwrap();
    hidden.set_hidden(true);
    book
}

#[test]
fn a_template_comes_back_as_it_went_out() {
    let rows = [local(filled("o:1", "甲公司")), local(filled("o:2", "乙公司"))];
    let bytes = write(&template(), &rows, &issued()).unwrap();
    let back = reading(&bytes);
    let held = back.held.as_ref().unwrap();
    assert_eq!((held.template.as_str(), held.version, held.issued.as_str()), ("sample", 2, "2021-08-11，第 8 号"));
    assert_eq!((back.findings.len(), back.notices.len(), back.rows.len()), (0, 0, 2), "{back:?}");
    for (row, sent) in back.rows.iter().zip(&rows) {
        assert_eq!(row.key.as_deref(), Some(sent.key.as_str()));
        for (key, value) in &sent.values {
            assert_eq!(row.value(key), Some(value), "{key}");
            assert!(!row.touched(key), "{key}");
        }
    }
}

#[test]
fn an_offices_own_sheet_is_read_and_every_repair_is_told() {
    let back = reading(&own_sheet().save_to_buffer().unwrap());
    assert_eq!(told(&back, Level::Fault), []);
    assert_eq!(back.rows.len(), 2);
    let first = &back.rows[0];
    assert_eq!((first.typed("name"), first.typed("credit_code")), ("甲 公司".into(), "jg-001".into()));
    assert_eq!(first.value("revenue"), Some(&Value::Money(Fen(123_450_000))));
    assert_eq!(first.typed("founded_on"), "2021-03-05");
    assert_eq!(back.rows[1].value("revenue"), Some(&Value::Money(Fen(200_000))));
    assert_eq!(back.rows[1].typed("founded_on"), "2021-03-05");
    let places: Vec<String> = told(&back, Level::Repair).into_iter().map(|(place, _)| place).collect();
    for place in ["A4", "C4", "D4", "E4", "F4", "E5"] {
        assert!(places.iter().any(|p| p == place), "{place} of {places:?}");
    }
    let notices = back.notices.join("\n");
    for said in ["1 个公式", "隐藏的工作表“底稿”", "第 6 行是合计", "按表头所写以元为单位"]
    {
        assert!(notices.contains(said), "{said} in {notices}");
    }
    assert_eq!(told(&back, Level::Warning), [("B3".into(), "不认识这一列，1 行内容没有读取".into())]);
}

#[test]
fn all_faults_are_told_at_once_at_their_cells() {
    let mut book = own_sheet();
    let sheet = book.worksheet_from_name("八月").unwrap();
    sheet.write_string(3, 2, "91420299MADT0001X").unwrap();
    sheet.write_string(4, 0, " ").unwrap();
    sheet.write_string(4, 4, "2021-02-30").unwrap();
    sheet.write_string(4, 5, "很多").unwrap();
    let back = reading(&book.save_to_buffer().unwrap());
    let faults = told(&back, Level::Fault);
    assert_eq!(faults.iter().map(|(p, _)| p.as_str()).collect::<Vec<_>>(), ["C4", "A5", "E5", "F5"], "{faults:?}");
    for ((_, message), said) in faults.iter().zip(["填的是 17 位", "请填写名称", "28天", "不是整数"]) {
        assert!(message.contains(said), "{said}: {message}");
    }
}

#[test]
fn a_returned_workbook_is_the_own_one_and_is_corrected_and_sent_again() {
    let mut book = own_sheet();
    let sheet = book.worksheet_from_name("八月").unwrap();
    sheet.write_string(4, 0, " ").unwrap();
    sheet.write_string(4, 5, "很多").unwrap();
    sheet.insert_note(3, 0, &rust_xlsxwriter::Note::new("别动")).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let read_book = open(&bytes, &Limits::UPLOAD).unwrap();
    let back = read(&read_book, &template(), &Mapping::default()).unwrap();
    let returned = mark(&bytes, &back).unwrap();
    assert!(returned.own);
    let page = open(&returned.bytes, &Limits::UPLOAD).unwrap().pages.remove(0);
    let verdict = |row: u32| page.rows.iter().find(|r| r.number == row).and_then(|r| r.at(6)).map(sheets::Cell::shown);
    assert_eq!(verdict(3).as_deref(), Some("企枢核对结果"));
    assert!(verdict(5).unwrap().contains("名称：请填写名称"));
    assert_eq!(verdict(4), None);
    let words = part(&returned.bytes, "comments");
    assert!(words.contains("别动") && words.contains("ref=\"A5\"") && words.contains("ref=\"F5\""), "{words}");
    // Sent again as it is: the same faults, no new ones; marks of the first return give way.
    let again_book = open(&returned.bytes, &Limits::UPLOAD).unwrap();
    let again = read(&again_book, &template(), &Mapping::default()).unwrap();
    assert_eq!(told(&again, Level::Fault), told(&back, Level::Fault));
    assert_eq!(again.notices, back.notices);
    let clean = Reading { findings: Vec::new(), ..again };
    let cleaned = mark(&returned.bytes, &clean).unwrap();
    let words = part(&cleaned.bytes, "comments");
    assert!(words.contains("别动") && !words.contains("ref=\"F5\""), "{words}");
    let page = open(&cleaned.bytes, &Limits::UPLOAD).unwrap().pages.remove(0);
    assert_eq!(page.rows.iter().find(|r| r.number == 5).and_then(|r| r.at(6)), None);
}

#[test]
fn a_missing_cell_of_a_locked_sheet_can_be_filled_in() {
    let mut row = local(filled("o:1", "甲公司"));
    row.values.remove("name");
    let bytes = write(&template(), &[row], &issued()).unwrap();
    let mut book = open(&bytes, &Limits::UPLOAD).unwrap();
    // As sent out it would be left for later.
    book.pages.retain(|page| page.name != "_qishu");
    let returned = mark(&bytes, &read(&book, &template(), &Mapping::default()).unwrap()).unwrap();
    let (sheet, styles) = (part(&returned.bytes, "worksheets/sheet1.xml"), part(&returned.bytes, "styles.xml"));
    let cell = &sheet[sheet.find("<c r=\"C4\" s=\"").unwrap() + 13..];
    let style: usize = cell[..cell.find('"').unwrap()].parse().unwrap();
    let xfs = &styles[styles.find("<cellXfs").unwrap()..];
    let xf = xfs.split("<xf ").nth(style + 1).unwrap();
    assert!(xf.contains("locked=\"0\""), "{xf}");
}

#[test]
fn csv_in_either_encoding_comes_back_as_a_workbook_with_marks() {
    let text = "企业名称,信用代码,从业人数\n甲公司,JG-001,120\n\n乙公司,JG-002,很多\n";
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    for bytes in [text.as_bytes(), &gb] {
        let book = open(bytes, &Limits::UPLOAD).unwrap();
        let back = read(&book, &template(), &Mapping::default()).unwrap();
        assert_eq!(back.rows.len(), 2);
        assert_eq!(told(&back, Level::Fault).iter().map(|(p, _)| p.as_str()).collect::<Vec<_>>(), ["C4"]);
        let returned = mark(bytes, &back).unwrap();
        assert!(!returned.own);
        assert_eq!(told(&reading(&returned.bytes), Level::Fault), told(&back, Level::Fault));
    }
}

#[test]
fn files_that_cannot_be_read_are_refused_in_words() {
    let good = own_sheet().save_to_buffer().unwrap();
    let mut encrypted = vec![0xD0, 0xCF, 0x11, 0xE0];
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let mut other = template();
    other.code = "other";
    for (bytes, said) in [
        (Vec::new(), "空的"),
        (good[..good.len() / 2].to_vec(), "损坏"),
        (encrypted, "打开密码"),
        (vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1], "另存为 .xlsx"),
        ("名称,信用代码\n甲,JG-1\n\n\"乙,JG-2\n丙,JG-3\n".as_bytes().to_vec(), "第 4 行的引号没有结束"),
        (format!("名称,信用代码\n{},JG-1\n", "长".repeat(32_768)).into_bytes(), "超过 32767 个字"),
        (bomb(), "异常庞大"),
        (vec![0xFF, 0x00, 0x01, 0x80], "认不出文件格式"),
        ("随便写的一段话".as_bytes().to_vec(), "没有找到表头"),
        (write(&other, &[], &issued()).unwrap(), "另一种模板"),
        ("名称,从业人员\n甲,1\n".as_bytes().to_vec(), "缺少列：统一社会信用代码"),
    ] {
        let message = refusal(&bytes);
        assert!(message.contains(said), "{said}: {message}");
    }
    let small = Limits { cells: 5, ..Limits::UPLOAD };
    assert!(open(&good, &small).unwrap_err().to_string().contains("单元格过多"));
    let small = Limits { text: 60, ..Limits::UPLOAD };
    assert!(open(&good, &small).unwrap_err().to_string().contains("文字过多"));
    let small = Limits { bytes: 10, ..Limits::UPLOAD };
    assert!(open(&good, &small).unwrap_err().to_string().contains("超过"));
}

/// A sheet of firms under these heads, with lines above it.
fn firms(above: &[&str], heads: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let lines = above.iter().map(std::slice::from_ref).chain([heads]).chain(rows.iter().copied());
    for (row, cells) in lines.enumerate() {
        for (col, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row as u32, col as u16, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_unit_of_money_is_known_stated_or_told_and_never_guessed() {
    let read_as = |above: &[&str], head: &str| {
        let bytes = firms(above, &["名称", "信用代码", head], &[&["甲", "JG-1", "120"], &["乙", "JG-2"]]);
        reading(&bytes)
    };
    for (above, head, fen) in [
        (&[] as &[&str], "营业收入（元）", 12_000),
        (&[], "营业收入（人民币万元）", 120_000_000),
        (&["某县情况表", "单位：元"], "营业收入", 12_000),
        (&["单位：元"], "营业收入（万元）", 120_000_000),
    ] {
        let back = read_as(above, head);
        assert_eq!(back.rows[0].value("revenue"), Some(&Value::Money(Fen(fen))), "{above:?} {head}");
        assert_eq!((told(&back, Level::Fault), told(&back, Level::Warning)), (vec![], vec![]), "{above:?} {head}");
    }
    for (above, head) in
        [(&[] as &[&str], "营业收入（千元）"), (&[], "营业收入（美元）"), (&["单位：百万元"], "营业收入")]
    {
        let back = read_as(above, head);
        let faults = told(&back, Level::Fault);
        let row = above.len() + 1;
        let places: Vec<&str> = faults.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, [format!("C{row}"), format!("C{}", row + 1)], "{head}");
        assert!(faults[0].1.contains("不认识单位"), "{faults:?}");
        assert_eq!((back.rows[0].faulty, back.rows[1].faulty), (true, false), "{head}");
        assert_eq!(back.rows[0].value("revenue"), None);
    }
    let back = read_as(&[], "营业收入");
    assert_eq!(back.rows[0].value("revenue"), Some(&Value::Money(Fen(120_000_000))));
    let warned = told(&back, Level::Warning);
    assert!(warned.len() == 1 && warned[0].0 == "C1" && warned[0].1.contains("按万元读取"), "{warned:?}");
}

#[test]
fn what_is_left_unread_is_told() {
    let heads = ["名称", "信用代码", "企业名称", "电话", "", "从业人员（千人）"];
    let rows: [&[&str]; 2] = [&["甲", "JG-1", "甲甲", "1", "2", "3"], &["乙", "JG-2"]];
    let back = reading(&firms(&[], &heads, &rows));
    let places = |level| told(&back, level).into_iter().map(|(place, _)| place).collect::<Vec<_>>();
    assert_eq!(places(Level::Fault), ["A1", "C1", "F1", "A2", "C2", "F2", "A3"]);
    let warned = told(&back, Level::Warning);
    assert_eq!(places(Level::Warning), ["D1", "E1"], "{warned:?}");
    assert!(warned[0].1.contains("不认识这一列，1 行") && warned[1].1.contains("没有表头，1 行"), "{warned:?}");
}

#[test]
fn merged_cells_among_the_rows_are_to_be_taken_apart() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 1, "某县情况表", &Format::new()).unwrap();
    for (row, cells) in [["名称", "信用代码"], ["", "JG-1"], ["", "JG-2"], ["丙", "JG-3"]].iter().enumerate() {
        for (col, text) in cells.iter().enumerate() {
            sheet.write_string(row as u32 + 1, col as u16, *text).unwrap();
        }
    }
    sheet.merge_range(2, 0, 3, 0, "甲", &Format::new()).unwrap();
    let back = reading(&book.save_to_buffer().unwrap());
    let faults = told(&back, Level::Fault);
    assert!(faults.len() == 1 && faults[0].0 == "A4" && faults[0].1.contains("请拆开"), "{faults:?}");
}

#[test]
fn a_row_that_was_copied_is_not_taken_for_the_one_it_was_copied_from() {
    let sent = [local(filled("o:1", "甲公司"))];
    let bytes = write(&template(), &sent, &issued()).unwrap();
    let mut book = open(&bytes, &Limits::UPLOAD).unwrap();
    let mut copy = book.pages[0].rows.iter().find(|r| r.number == 4).unwrap().clone();
    copy.number = 5;
    copy.cells.iter_mut().find(|(col, _)| *col == 1).unwrap().1 = sheets::Cell::Text("JG-002".into());
    book.pages[0].rows.push(copy);
    let back = read(&book, &template(), &Mapping::default()).unwrap();
    assert_eq!((back.rows[0].held.is_empty(), back.rows[1].held.is_empty()), (false, true));
    let warned = told(&back, Level::Warning);
    assert!(warned.len() == 1 && warned[0].0 == "B5" && warned[0].1.contains("复制"), "{warned:?}");
}

#[test]
fn a_copy_of_another_format_still_knows_what_was_held() {
    let sent = [local(filled("o:1", "甲公司"))];
    let bytes = write(&template(), &sent, &issued()).unwrap();
    let mut book = open(&bytes, &Limits::UPLOAD).unwrap();
    book.format = sheets::Format::Ods;
    book.pages[0].name = "一季度[1]：太长太长太长太长太长太长太长太长太长太长太长".into();
    let back = read(&book, &template(), &Mapping::default()).unwrap();
    let returned = mark(&bytes, &back).unwrap();
    assert!(!returned.own);
    let again = reading(&returned.bytes);
    assert_eq!(again.held, back.held);
    assert!(again.rows[0].cells.keys().all(|key| !again.rows[0].touched(key)), "{again:?}");
}

#[test]
fn formulas_without_text_and_moments_are_read_as_what_they_are() {
    let mut book = own_sheet();
    let sheet = book.worksheet_from_name("八月").unwrap();
    sheet.write_formula(4, 5, Formula::new("=IF(A5=\"\",\"\",\"\")").set_result("")).unwrap();
    let dated = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_number_with_format(4, 4, 20_210_305, &dated).unwrap();
    sheet.write_number_with_format(3, 4, 44_260.5, &dated).unwrap();
    let back = reading(&book.save_to_buffer().unwrap());
    assert_eq!(told(&back, Level::Fault), []);
    assert_eq!(
        (back.rows[0].typed("founded_on"), back.rows[1].typed("founded_on")),
        ("2021-03-05".into(), "2021-03-05".into())
    );
    let told = told(&back, Level::Repair);
    assert!(told.iter().any(|(place, words)| place == "E4" && words.contains("舍去时间")), "{told:?}");
}

#[test]
fn the_separator_is_the_one_that_cuts_lines_evenly() {
    let text = "某县情况表,含三列;共两行\n名称;信用代码;从业人数\n\"甲;乙\";JG-1;1,200\n丙;JG-2;3\n";
    let back = reading(text.as_bytes());
    assert_eq!((back.rows[0].typed("name"), back.rows[0].typed("employees")), ("甲;乙".into(), "1200".into()));
    assert_eq!(told(&back, Level::Fault), []);
}

/// An OpenDocument sheet with these rows, as programs write it.
fn open_document(rows: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"表\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let manifest = "<?xml version=\"1.0\"?><manifest:manifest \
                    xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content.as_str()),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_open_document_sheet_is_read_and_bounded() {
    let cell = |text: &str, more: &str| {
        format!("<table:table-cell office:value-type=\"string\"{more}><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |cells: &[String]| {
        let rest = "<table:table-cell table:number-columns-repeated=\"16000\"/>";
        format!("<table:table-row>{}{rest}</table:table-row>", cells.concat())
    };
    let head = row(&[cell("名称", ""), cell("信用代码", "")]);
    let spanned = " table:number-columns-spanned=\"1\" table:number-rows-spanned=\"2\"";
    let rows = [
        head.clone(),
        row(&[cell("甲", spanned), cell("JG-1", "")]),
        row(&["<table:covered-table-cell/>".to_owned(), cell("JG-2", "")]),
        row(&[cell("丙", ""), cell("JG-3", "")]),
        "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell/></table:table-row>".to_owned(),
    ]
    .concat();
    let back = reading(&open_document(&rows));
    assert_eq!(back.rows.iter().map(|r| r.typed("credit_code")).collect::<Vec<_>>(), ["JG-1", "JG-2", "JG-3"]);
    let faults = told(&back, Level::Fault);
    assert!(faults.len() == 1 && faults[0].0 == "A3" && faults[0].1.contains("请拆开"), "{faults:?}");
    let returned = mark(&open_document(&rows), &back).unwrap();
    assert!(!returned.own);
    let far = format!(
        "{rows}{}",
        row(&["<table:table-cell table:number-columns-repeated=\"100\"/>".to_owned(), cell("远", "")])
    );
    assert!(refusal(&open_document(&far)).contains("离其他内容太远"));
}

/// A part that unpacks to a thousand times its size.
fn bomb() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(&vec![b' '; 32 << 20]).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The part of a package whose name holds a word.
fn part(bytes: &[u8], word: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let name = archive.file_names().find(|n| n.as_ref().is_ok_and(|n| n.contains(word))).unwrap().unwrap().into_owned();
    let mut text = String::new();
    archive.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever becomes of a file on its way: an answer or a refusal, never a panic.
    #[test]
    fn a_mutated_file_never_takes_the_process_down(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40), cut in any::<prop::sample::Index>()) {
        let mut bytes = own_sheet().save_to_buffer().unwrap();
        for (at, byte) in &edits {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if edits.len() % 3 == 0 {
            bytes.truncate(cut.index(bytes.len()).max(1));
        }
        if let Ok(book) = open(&bytes, &Limits::UPLOAD) && let Ok(back) = read(&book, &template(), &Mapping::default()) {
            mark(&bytes, &back).unwrap();
        }
    }

    /// As above, inside the sheet: the package is whole, its XML is not.
    #[test]
    fn mutated_xml_never_takes_the_process_down(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30)) {
        let bytes = own_sheet().save_to_buffer().unwrap();
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            if name.contains("sheet1") || name.contains("styles") || name.contains("sharedStrings") {
                for (at, byte) in &edits {
                    let at = at.index(content.len());
                    content[at] = *byte;
                }
            }
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&content).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        if let Ok(book) = open(&bytes, &Limits::UPLOAD) && let Ok(back) = read(&book, &template(), &Mapping::default()) {
            mark(&bytes, &back).unwrap();
        }
    }
}
