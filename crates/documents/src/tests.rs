//! A letter is made, taken home, changed and brought back.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{Cursor, Read as _, Write as _};

use proptest::prelude::*;

use crate::card::Card;
use crate::chart::{Chart, ChartKind, Series};
use crate::{
    Align, Block, Cell, Column, Document, Head, Heading, Imprint, Inline, Layout, Row, Source, Table, differences,
    docx, html, pdf, read,
};

fn words(text: &str) -> Inline {
    Inline::Text(text.into())
}

fn figure(key: &str, text: &str) -> Inline {
    Inline::Figure { key: key.into(), text: text.into() }
}

/// A letter with everything in it; the names hold characters that small fonts lack.
fn letter() -> Document {
    let source = |key: &str, value: &str, rows| Source {
        key: key.into(),
        name: "完成智能化诊断".into(),
        definition: "本年1月1日至当日通过验收的企业，同一企业只计一次。".into(),
        about: "2021-08-11".into(),
        value: value.into(),
        rows,
        code: "9f2c41d07ab3".into(),
        href: "/publications/7/figures/1".into(),
    };
    let table = Table {
        caption: "分县市区完成情况".into(),
        columns: vec![Column::new("县市区", 2), Column::new("完成（家）", 1).align(Align::End)],
        rows: (0..60).map(|n| Row::new([Cell::words(format!("第{n}单元")), Cell::words(n.to_string())])).collect(),
        small: false,
    };
    let chart = Chart {
        kind: ChartKind::Bar,
        title: "诊断".into(),
        unit: "家".into(),
        labels: vec!["大冶市".into(), "阳新县".into()],
        series: vec![Series { name: "完成".into(), values: vec!["43".into(), "26".into()] }],
    };
    Document {
        head: Head {
            layout: Layout::Letter,
            mark: "B".into(),
            issuer: "某某市经济和信息化局".into(),
            number: "某经信函〔2021〕12号".into(),
            title: "关于2021年市政协第82号提案的回复".into(),
            addressee: "农工党某某市委会".into(),
            annexes: vec!["市人大代表建议政协委员提案办理情况征询意见表".into()],
            signed_by: "某某市经济和信息化局".into(),
            dated: "2021年8月11日".into(),
            contact: vec!["联系单位：市经信局".into()],
            imprint: Some(Imprint {
                copies: "市政府督查室，市政协提案委".into(),
                office: "某某市经济和信息化局办公室".into(),
                on: "2021年8月11日".into(),
            }),
        },
        blocks: vec![
            Block::Paragraph(vec![words("贵单位提案收悉。联系人垚堃、喆、珺 <b>&\"。")]),
            Block::Heading(Heading { level: 1, text: vec![words("推动改造")] }),
            Block::Heading(Heading { level: 3, text: vec![words("诊断先行")] }),
            Block::Paragraph(vec![
                words("已完成"),
                figure("A03", "153家"),
                words("，计划"),
                figure("A02", "152家"),
                words("。"),
            ]),
            Block::Table(table),
            Block::Chart(chart),
            Block::PageBreak,
            Block::Heading(Heading { level: 1, text: vec![words("加快平台建设")] }),
            Block::Note(vec![words("数据截至2021年8月11日。")]),
        ],
        notes: vec!["三类合计127个，两个项目待归类。".into()],
        sources: vec![source("A03", "153 家", Some(153)), source("A02", "152 家", None)],
        card: Some(Card::new(7, "ab".repeat(32), "关于2021年市政协第82号提案的回复")),
    }
}

/// One part of a Word file.
fn part(file: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The file with a text put in the place of another, as somebody does who edits it.
fn edited(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..zip.len() {
        let mut part = zip.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        if name == "word/document.xml" {
            bytes = String::from_utf8(bytes).unwrap().replace(from, to).into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn a_word_file_has_real_headings_repeated_heads_and_links_to_sources() {
    let file = docx(&letter()).unwrap();
    let text = part(&file, "word/document.xml");
    // 一、 and 1. are the first two levels of this letter: its outline has no gap.
    assert!(text.contains("w:pStyle w:val=\"Heading1\"") && text.contains("w:pStyle w:val=\"Heading2\""));
    assert!(!text.contains("w:pStyle w:val=\"Heading3\""));
    assert_eq!(text.matches("<w:tblHeader />").count(), 2, "the table and the annex");
    assert!(text.contains("w:anchor=\"fig_A03\"") && text.contains("w:name=\"fig_A03\""));
    let styles = part(&file, "word/styles.xml");
    assert!(styles.contains("heading 1") && styles.contains("w:outlineLvl w:val=\"0\""), "{styles}");
}

#[test]
fn both_files_are_known_again_and_say_what_they_said() {
    let letter = letter();
    for file in [docx(&letter).unwrap(), pdf(&letter).unwrap()] {
        let (card, text) = read(&file).unwrap();
        assert_eq!(Some(&card), letter.card.as_ref());
        let all = text.concat();
        for part in [
            "关于2021年市政协第82号提案的回复",
            "一、推动改造",
            "1.诊断先行",
            "已完成153家",
            "联系人垚堃、喆、珺<b>&\"。",
        ] {
            assert!(all.contains(part), "{part} in {all}");
        }
        assert_eq!(differences(&text, &read(&file).unwrap().1), []);
    }
    assert_eq!(pdf(&letter).unwrap(), pdf(&letter).unwrap(), "the same bytes");
}

#[test]
fn a_word_file_that_was_edited_says_where() {
    let file = docx(&letter()).unwrap();
    let (_, before) = read(&file).unwrap();
    let changed = edited(&file, "153家", "163家");
    let (card, after) = read(&changed).unwrap();
    assert_eq!(card.publication, 7);
    let found = differences(&before, &after);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].expected.as_str(), found[0].found.as_str()),
        ("已完成153家，计划152家。", "已完成163家，计划152家。")
    );
    assert!(read(&edited(&file, "</w:body>", "<w:p><w:r><w:t>另加一段</w:t></w:r></w:p></w:body>")).is_ok_and(
        |(_, text)| differences(&before, &text).iter().any(|d| d.expected.is_empty() && d.found == "另加一段")
    ));
}

#[test]
fn a_page_links_figures_and_lets_no_markup_in() {
    let page = html(&letter());
    assert!(page.contains("<a class=\"figure\" href=\"/publications/7/figures/1\">153家</a>"), "{page}");
    assert!(page.contains("&lt;b&gt;&amp;&quot;") && !page.contains("<b>"));
    let mut hostile = letter();
    hostile.sources[0].href = "javascript:alert(1)".into();
    assert!(html(&hostile).contains("<a class=\"figure\" href=\"#fig_A03\">153家</a>"));
}

#[test]
fn every_layout_is_printed() {
    for layout in [Layout::Letter, Layout::RedHead, Layout::Plain] {
        let mut letter = letter();
        letter.head.layout = layout;
        letter.card = None;
        assert!(pdf(&letter).unwrap().starts_with(b"%PDF"), "{layout:?}");
        assert!(docx(&letter).unwrap().starts_with(b"PK"), "{layout:?}");
        assert!(read(&pdf(&letter).unwrap()).is_err(), "no card, no claim");
    }
}

#[test]
fn what_is_no_file_of_ours_is_refused_in_words() {
    for file in [&b""[..], b"PK", b"PK\x03\x04 broken", b"%PDF-1.7 broken", b"\x89PNG", b"%PDF"] {
        let told = read(file).unwrap_err().to_string();
        assert!(!told.is_empty(), "{file:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_file_damaged_anywhere_is_read_or_refused(at in 0usize..1_000_000, byte: u8, cut in 0usize..1_000_000, word: bool) {
        static FILES: std::sync::OnceLock<[Vec<u8>; 2]> = std::sync::OnceLock::new();
        let files = FILES.get_or_init(|| [docx(&small()).unwrap(), pdf(&small()).unwrap()]);
        let mut file = files[usize::from(word)].clone();
        let length = file.len();
        file[at % length] = byte;
        file.truncate(length - cut % length / 4);
        read(&file).ok();
    }

    #[test]
    fn any_bytes_are_read_or_refused(head in prop::sample::select(vec!["PK\u{3}\u{4}", "%PDF-1.7\n", ""]), rest in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut file = head.as_bytes().to_vec();
        file.extend(rest);
        read(&file).ok();
    }

    #[test]
    fn any_text_is_printed_as_it_is_or_refused(text in "[\\PC\n]{0,60}") {
        let mut document = small();
        document.blocks = vec![Block::Paragraph(vec![words(&text), figure("A03", &text)])];
        document.head.title = text;
        docx(&document).unwrap();
        // A character that no installed typeface has is named, never left out.
        pdf(&document).ok();
        html(&document);
    }
}

/// A letter of one line.
fn small() -> Document {
    let mut letter = letter();
    letter.blocks = vec![Block::Paragraph(vec![words("已完成"), figure("A03", "153家")])];
    letter
}
