//! What else a workbook may carry: links, pictures, macros, hidden sheets, passwords, an older template. Each has a
//! clear answer; nothing is run and nothing is fetched.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::io::{Cursor, Read, Write};

use kernel::Error;
use rust_xlsxwriter::{Image, Workbook};
use sheets::{Column, Issued, Kind, Limits, Mapping, Reading, Template, mark, open, read, write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn template(version: u32, more: &[Column]) -> Template {
    let mut columns = vec![
        Column::new("credit_code", "统一社会信用代码", Kind::CreditCode).required().names_row(),
        Column::new("name", "名称", Kind::Text).required(),
    ];
    columns.extend(more.iter().cloned());
    Template { code: "sample", label: "样例", version, note: "", columns }
}

fn firms() -> Workbook {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("名单").unwrap();
    for (row, cells) in [["名称", "信用代码"], ["甲公司", "JG-1"]].iter().enumerate() {
        for (col, text) in cells.iter().enumerate() {
            sheet.write_string(row as u32, col as u16, *text).unwrap();
        }
    }
    book
}

fn reading(bytes: &[u8]) -> Reading {
    read(&open(bytes, &Limits::UPLOAD).unwrap(), &template(1, &[]), &Mapping::default()).unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    match open(bytes, &Limits::UPLOAD) {
        Err(Error::Invalid(faults)) => faults.at("file").unwrap().to_owned(),
        other => panic!("refused as input, not {other:?}"),
    }
}

/// The package with a part added or replaced, and another text in one of its parts.
fn with(bytes: &[u8], parts: &[(&str, &str)], change: Option<(&str, &str, &str)>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if let Some((at, old, new)) = change.filter(|(at, _, _)| *at == name) {
            let text = String::from_utf8(content).unwrap();
            assert!(text.contains(old), "{at} has {old}");
            content = text.replace(old, new).into_bytes();
        }
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&content).unwrap();
    }
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn names(bytes: &[u8]) -> Vec<String> {
    let archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

#[test]
fn a_link_to_another_workbook_is_told_and_its_stored_value_is_used() {
    let mut book = firms();
    let sheet = book.worksheet_from_name("名单").unwrap();
    let linked = rust_xlsxwriter::Formula::new("=[1]Sheet1!A1").set_result("乙公司");
    sheet.write_formula(2, 0, linked).unwrap();
    sheet.write_string(2, 1, "JG-2").unwrap();
    let target = "<externalLink xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"/>";
    // An address that answers nobody: whoever asked it would hang or fail.
    let rels = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship \
                Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath\" \
                Target=\"http://192.0.2.1/other.xlsx\" TargetMode=\"External\"/></Relationships>";
    let parts =
        [("xl/externalLinks/externalLink1.xml", target), ("xl/externalLinks/_rels/externalLink1.xml.rels", rels)];
    let bytes = with(&book.save_to_buffer().unwrap(), &parts, None);
    let back = reading(&bytes);
    assert_eq!(back.rows.iter().map(|r| r.typed("name")).collect::<Vec<_>>(), ["甲公司", "乙公司"]);
    let notices = back.notices.join("\n");
    assert!(notices.contains("引用了其他工作簿") && notices.contains("1 个公式"), "{notices}");
}

#[test]
fn a_picture_is_told_and_stays_in_the_returned_workbook() {
    let mut book = firms();
    let dot: [u8; 67] = [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1,
        8, 6, 0, 0, 0, 0x1F, 0x15, 0xC4, 0x89, 0, 0, 0, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0, 1, 0, 0, 5,
        0, 1, 0x0D, 0x0A, 0x2D, 0xB4, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
    ];
    let sheet = book.worksheet_from_name("名单").unwrap();
    sheet.insert_image(4, 0, &Image::new_from_buffer(&dot).unwrap()).unwrap();
    sheet.write_string(2, 1, "JG-2").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let back = reading(&bytes);
    assert!(back.notices.iter().any(|n| n.contains("图片没有读取")), "{:?}", back.notices);
    let returned = mark(&bytes, &back).unwrap();
    assert!(returned.own && names(&returned.bytes).iter().any(|name| name.starts_with("xl/media/")));
}

#[test]
fn a_workbook_with_macros_is_read_and_its_macros_are_not_run() {
    let types = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
    let bytes = with(
        &firms().save_to_buffer().unwrap(),
        &[("xl/vbaProject.bin", "Sub Auto_Open()")],
        Some(("[Content_Types].xml", types, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
    );
    let back = reading(&bytes);
    assert_eq!(back.rows.len(), 1);
    assert!(back.notices.iter().any(|n| n == "文件中的宏没有运行"), "{:?}", back.notices);
}

#[test]
fn hidden_sheets_are_not_read_and_are_named() {
    let mut book = firms();
    for (name, very) in [("底稿", false), ("旧数据", true)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, cells) in [["名称", "信用代码"], ["藏起来的公司", "JG-9"]].iter().enumerate() {
            for (col, text) in cells.iter().enumerate() {
                sheet.write_string(row as u32, col as u16, *text).unwrap();
            }
        }
        if very {
            sheet.set_very_hidden(true)
        } else {
            sheet.set_hidden(true)
        };
    }
    let back = reading(&book.save_to_buffer().unwrap());
    assert_eq!(back.rows.iter().map(|r| r.typed("name")).collect::<Vec<_>>(), ["甲公司"]);
    for name in ["底稿", "旧数据"] {
        assert!(back.notices.contains(&format!("隐藏的工作表“{name}”没有读取")), "{:?}", back.notices);
    }
}

#[test]
fn a_workbook_with_a_password_is_refused_with_the_way_out() {
    let mut encrypted = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    encrypted.resize(1024, 0);
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(refusal(&encrypted), "文件设了打开密码，请去掉密码、另存为 .xlsx 后上传");
}

#[test]
fn an_older_template_is_read_by_its_heads_and_says_so() {
    let issued = Issued { owner: "某市".into(), at: "2021-08-11，第 8 号".into() };
    let filled = sheets::Filled {
        key: "o1".into(),
        values: std::collections::BTreeMap::from([
            ("credit_code", sheets::Value::Text("JG-1".into())),
            ("name", sheets::Value::Text("甲公司".into())),
        ]),
    };
    let bytes = write(&template(1, &[]), &[filled], &issued).unwrap();
    let newer = template(2, &[Column::new("address", "住所", Kind::Text)]);
    let back = read(&open(&bytes, &Limits::UPLOAD).unwrap(), &newer, &Mapping::default()).unwrap();
    assert_eq!(back.notices, ["模板是旧版（第 1 版，现为第 2 版），已按列名读取；新增的列为空"]);
    assert_eq!((back.rows.len(), back.rows[0].touched("name"), back.findings.len()), (1, false, 0), "{back:?}");
    let needed = template(2, &[Column::new("address", "住所", Kind::Text).required()]);
    let refused = read(&open(&bytes, &Limits::UPLOAD).unwrap(), &needed, &Mapping::default());
    let Err(Error::Invalid(faults)) = refused else { panic!("a needed column is missing: {refused:?}") };
    assert!(faults.at("file").unwrap().contains("缺少列：住所"), "{faults:?}");
}
