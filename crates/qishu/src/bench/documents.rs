//! Documents: a reply of several pages as Word file and PDF, and a thousand forms as one PDF.

use std::time::Instant;

use ::documents::{Block, Cell, Column, Document, Head, Heading, Inline, Layout, Row, Source, Table, docx, pdf};
use kernel::{Error, Result};
use serde_json::{Value, json};

use super::timing::{Spread, repeat};

/// Forms of the one PDF.
const FORMS: usize = 1000;

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    /// The reply as Word file.
    pub docx: Spread,
    /// The reply as PDF.
    pub pdf: Spread,
    /// Seconds for all forms.
    pub forms_s: f64,
    /// Bytes of the reply as PDF.
    pub bytes: usize,
}

impl Measured {
    /// As it is kept.
    pub(super) fn json(&self) -> Value {
        json!({ "docx": self.docx, "pdf": self.pdf, "forms": FORMS, "forms_s": self.forms_s, "pdf_bytes": self.bytes })
    }
}

/// Renders the reply `times` times after a warm-up, and the forms once.
pub(super) async fn measure(times: usize) -> Result<Measured> {
    let reply = reply();
    let bytes = pdf(&reply)?.len();
    let word = repeat(2, times, async |_| docx(&reply).map(drop)).await?.spread();
    let printed = repeat(2, times, async |_| pdf(&reply).map(drop)).await?.spread();
    let forms = forms();
    let from = Instant::now();
    if pdf(&forms)?.is_empty() {
        return Err(Error::Internal("an empty document".into()));
    }
    let forms_s = (from.elapsed().as_secs_f64() * 100.0).round() / 100.0;
    Ok(Measured { docx: word, pdf: printed, forms_s, bytes })
}

fn words(text: &str) -> Inline {
    Inline::Text(text.to_owned())
}

/// A letter of about six pages of text with eighty figures, and the annex that names them.
fn reply() -> Document {
    let mut blocks = Vec::new();
    let mut sources = Vec::new();
    for n in 0..40 {
        if n % 8 == 0 {
            blocks.push(Block::Heading(Heading { level: 1, text: vec![words("推动中小企业数字化转型")] }));
        }
        if n % 4 == 0 {
            blocks.push(Block::Heading(Heading { level: 3, text: vec![words("分行业改造、梯度式推进")] }));
        }
        let mut text = Vec::new();
        for part in 0..2 {
            let key = (n * 2 + part + 1).to_string();
            text.push(words("按照年度计划组织企业开展诊断，落实改造项目，完善服务平台，目前累计完成"));
            text.push(Inline::Figure { key: key.clone(), text: format!("{}家", 100 + n) });
            text.push(words("，各项工作按期推进，覆盖重点行业和规模以上企业。"));
            sources.push(Source {
                key,
                name: "完成智能化诊断的企业".to_owned(),
                definition: "本年1月1日至当日通过验收的企业，同一企业只计一次。".to_owned(),
                about: "2021-08-11".to_owned(),
                value: format!("{} 家", 100 + n),
                rows: Some(100 + n),
                code: "9f2c41d07ab3".to_owned(),
                href: String::new(),
            });
        }
        blocks.push(Block::Paragraph(text));
    }
    let head = Head {
        layout: Layout::Letter,
        mark: "B".to_owned(),
        issuer: "某某市经济和信息化局".to_owned(),
        number: "某经信函〔2021〕1号".to_owned(),
        title: "关于2021年市政协第82号提案的回复".to_owned(),
        addressee: "提案人".to_owned(),
        ..Head::default()
    };
    Document { head, blocks, sources, ..Document::default() }
}

/// A thousand opinion forms, each on its own page.
fn forms() -> Document {
    const ROWS: [(&str, &str); 8] = [
        ("代表委员姓名", "提案人"),
        ("建议提案标题", "关于加快中小企业信息化平台建设的提案"),
        ("建议提案编号", "委员提案〔2021〕82号"),
        ("沟通方式", "上门走访（√）　约见（√）　电话联系（√）　信函（√）　座谈会（　）　其他（　）"),
        ("办理效果", "解决或基本解决（　）　正在解决（√）　以后解决（　）　无法解决（　）"),
        ("办理评价", "满意（　）　基本满意（　）　不满意（　）"),
        ("是否公开", "是（　）　否（　）"),
        ("对办理情况的意见", "签名："),
    ];
    let row = |(label, text): (&str, &str)| Row { lines: 2, ..Row::new([Cell::words(label), Cell::words(text)]) };
    let form = Table {
        columns: vec![Column::new("", 1), Column::new("", 4)],
        rows: ROWS.map(row).to_vec(),
        ..Table::default()
    };
    let mut blocks = Vec::with_capacity(FORMS * 2);
    for _ in 0..FORMS {
        blocks.push(Block::Table(form.clone()));
        blocks.push(Block::PageBreak);
    }
    Document { head: Head { layout: Layout::Plain, ..Head::default() }, blocks, ..Document::default() }
}
