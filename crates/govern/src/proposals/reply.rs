//! The reply: from the drafted text to a document whose every figure is a citation.
//!
//! A figure is named by its indicator, `figure("diagnosis.completed")`, about the day of the draft, or about its own
//! day, `figure("finance.registered@2021-06-30")`. The second word says how it is printed: `超过1500`, `500以上`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use documents::template::{self, Kind, Name};
use documents::{Block, Document, Head, Inline, Layout};
use kernel::access::Scope;
use kernel::id::Position;
use kernel::indicator::{Figure, Filter, Indicator, Number, Question, Scale, evaluate, over, plain};
use kernel::publication::Cited;
use kernel::store::Read;
use kernel::value::day::{self, Day, parse_day};
use kernel::{Error, Result};
use serde_json::{Value, json};

use super::model::{ContactRow, Draft, PromiseRow, Proposal};
use super::rules;

/// What a template of a reply may name.
pub(super) const NAMES: &[Name] = &[
    Name {
        code: "proposal",
        label: "提案",
        kind: Kind::Record(&[
            Name { code: "number", label: "编号", kind: Kind::Text("委员提案〔2021〕82号") },
            Name {
                code: "title", label: "标题", kind: Kind::Text("关于加快我市中小企业信息化平台建设的提案")
            },
            Name { code: "proposer", label: "提案人", kind: Kind::Text("农工党黄石市委会") },
            Name { code: "session", label: "届次", kind: Kind::Text("市政协十四届五次会议") },
            Name { code: "year", label: "年度", kind: Kind::Text("2021") },
            Name { code: "lead", label: "主办单位", kind: Kind::Text("市经信局") },
            Name { code: "co_units", label: "会办单位", kind: Kind::Text("市人社局") },
            Name { code: "is_key", label: "重点提案", kind: Kind::Flag },
        ]),
    },
    Name {
        code: "contacts",
        label: "沟通记录",
        kind: Kind::List(&[
            Name { code: "on", label: "日期", kind: Kind::Text("2021年7月2日") },
            Name { code: "means", label: "方式", kind: Kind::Text("上门走访") },
            Name { code: "body", label: "内容", kind: Kind::Text("面商办理意见") },
        ]),
    },
    Name {
        code: "promises",
        label: "以往承诺",
        kind: Kind::List(&[
            Name { code: "body", label: "承诺", kind: Kind::Text("诊断服务覆盖500家以上规上企业") },
            Name { code: "due_on", label: "期限", kind: Kind::Text("2023年12月31日") },
            Name { code: "state", label: "进展", kind: Kind::Text("进行中") },
            Name { code: "reached", label: "已达到", kind: Kind::Text("153") },
        ]),
    },
];

/// What a new reply begins with.
pub const BEGINNING: &str = include_str!("reply.md");

/// The figures that a template may cite.
pub(super) fn citable(read: &Read) -> BTreeSet<String> {
    read.catalog().indicators().iter().map(|i| i.code.to_owned()).collect()
}

/// A reply as it would be printed.
pub(super) struct Composed {
    /// The document.
    pub document: Document,
    /// What it cites, in order.
    pub cited: Vec<Cited>,
    /// Numbers in it that are neither cited nor declared.
    pub bare: Vec<String>,
}

/// What the text of a reply is filled with.
pub(super) struct Around<'a> {
    /// The proposal.
    pub proposal: &'a Proposal,
    /// The contact log.
    pub contacts: &'a [ContactRow],
    /// Promises made before.
    pub promises: &'a [PromiseRow],
    /// The office that answers.
    pub office: &'a str,
    /// 发文字号; empty before it has one.
    pub issue: &'a str,
}

/// Renders a draft as known at a position.
///
/// # Errors
/// [`Error::Invalid`] at `template` for what cannot be read; [`Error::Conflict`] for a phrase that does not hold.
pub(super) async fn compose(
    read: &Read,
    around: &Around<'_>,
    draft: &Draft,
    scope: &Scope,
    known: Position,
) -> Result<Composed> {
    let (values, citable) = (values(around), citable(read));
    let mut asked: Vec<(String, Option<String>)> = Vec::new();
    template::render(&draft.body, &values, &citable, |key, phrase| {
        asked.push((key.to_owned(), phrase.map(str::to_owned)));
        Ok(String::new())
    })?;
    let answers = answers(read, &asked, draft.about, scope, known).await?;
    let mut cited: Vec<Cited> = Vec::new();
    let blocks = template::render(&draft.body, &values, &citable, |key, phrase| {
        let (code, about) = named(key, draft.about)?;
        let figure = answers.get(&(code.to_owned(), about)).ok_or(Error::NotFound)?;
        let printed = worded(figure, phrase)?;
        if !cited.iter().any(|c| c.citation == key) {
            let (indicator, printed) = (code.to_owned(), printed.clone());
            cited.push(Cited { citation: key.to_owned(), printed, indicator, about, filter: Filter::default() });
        }
        Ok(printed)
    })?;
    let (blocks, cited) = numbered(blocks, cited);
    let bare = bare(&blocks);
    Ok(Composed { document: Document { head: head(around), blocks, ..Document::default() }, cited, bare })
}

fn named(key: &str, about: Day) -> Result<(&str, Day)> {
    match key.split_once('@') {
        None => Ok((key, about)),
        Some((code, day)) => {
            let day = parse_day(day).map_err(|e| Error::invalid("template", format!("“{key}”的日期：{e}")))?;
            Ok((code, day))
        }
    }
}

async fn answers(
    read: &Read,
    asked: &[(String, Option<String>)],
    about: Day,
    scope: &Scope,
    known: Position,
) -> Result<BTreeMap<(String, Day), Figure>> {
    let mut by_day: BTreeMap<Day, BTreeSet<&str>> = BTreeMap::new();
    for (key, _) in asked {
        let (code, day) = named(key, about)?;
        by_day.entry(day).or_default().insert(code);
    }
    let mut found = BTreeMap::new();
    for (about, codes) in by_day {
        let indicators: Vec<&'static Indicator> =
            codes.iter().filter_map(|code| read.catalog().indicator(code)).collect();
        for figure in evaluate(read, &indicators, &Question { about, known, scope }).await? {
            found.insert((figure.indicator.code.to_owned(), about), figure);
        }
    }
    Ok(found)
}

/// A figure in words; a floor must hold.
fn worded(figure: &Figure, phrase: Option<&str>) -> Result<String> {
    let (name, unit) = (figure.indicator.name, figure.indicator.unit);
    let floor = |text: &str| text.trim().parse::<i64>().ok();
    match phrase {
        None => Ok(match &figure.number {
            Number::Day(on) if figure.indicator.display.scale == Scale::Month => {
                format!("{}年{}月", on.year(), on.month())
            }
            Number::Day(on) => day::chinese(*on),
            _ => format!("{}{unit}", plain(figure)),
        }),
        Some("数字") => Ok(plain(figure)),
        Some(phrase) => {
            if let Some(n) = phrase.strip_prefix("超过").and_then(floor) {
                over(figure, n)?;
                return Ok(format!("超过{n}{unit}"));
            }
            match (phrase.strip_suffix("以上").and_then(floor), &figure.number) {
                (Some(n), Number::Count(exact)) if *exact >= n => Ok(format!("{n}{unit}以上")),
                (Some(n), _) => Err(Error::Conflict(format!("“{name}”不足 {n}，不能表述为 {n} 以上"))),
                (None, _) => {
                    let message = format!("“{name}”不能用“{phrase}”表述：可用 超过N、N以上、数字");
                    Err(Error::invalid("template", message))
                }
            }
        }
    }
}

/// Citations by the order in which they stand in the text: 1, 2, 3.
fn numbered(blocks: Vec<Block>, mut cited: Vec<Cited>) -> (Vec<Block>, Vec<Cited>) {
    let numbers: BTreeMap<String, String> =
        cited.iter().enumerate().map(|(at, c)| (c.citation.clone(), (at + 1).to_string())).collect();
    let of = |key: &str| numbers.get(key).cloned().unwrap_or_else(|| key.to_owned());
    for citation in &mut cited {
        citation.citation = of(&citation.citation);
    }
    let renamed = |text: Vec<Inline>| {
        let one = |piece| match piece {
            Inline::Figure { key, text } => Inline::Figure { key: of(&key), text },
            words => words,
        };
        text.into_iter().map(one).collect::<Vec<_>>()
    };
    let blocks = blocks
        .into_iter()
        .map(|block| match block {
            Block::Paragraph(text) => Block::Paragraph(renamed(text)),
            Block::Note(text) => Block::Note(renamed(text)),
            Block::Heading(mut heading) => {
                heading.text = renamed(heading.text);
                Block::Heading(heading)
            }
            Block::Table(mut table) => {
                for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                    cell.text = renamed(std::mem::take(&mut cell.text));
                }
                Block::Table(table)
            }
            other => other,
        })
        .collect();
    (blocks, cited)
}

fn bare(blocks: &[Block]) -> Vec<String> {
    let document = Document { blocks: blocks.to_vec(), ..Document::default() };
    let words = document.inlines().filter_map(|piece| match piece {
        Inline::Text(words) => Some(rules::bare_numbers(words)),
        Inline::Figure { .. } => None,
    });
    words.flatten().collect()
}

fn head(around: &Around<'_>) -> Head {
    let proposal = around.proposal;
    let body = if proposal.kept("kind") == "npc" { "市人大第" } else { "市政协第" };
    let what = if proposal.kept("kind") == "npc" { "建议" } else { "提案" };
    Head {
        layout: Layout::Letter,
        mark: proposal.mark(),
        issuer: around.office.to_owned(),
        number: around.issue.to_owned(),
        title: format!("关于{}年{body}{}号{what}的回复", proposal.kept("year"), proposal.kept("number")),
        addressee: proposal.kept("proposer").to_owned(),
        annexes: vec![super::opinion::TITLE.replace('\n', "")],
        signed_by: around.office.to_owned(),
        dated: proposal.day("signed_on").map(day::chinese).unwrap_or_default(),
        contact: vec![format!("联系单位：{}", proposal.kept("lead"))],
        imprint: None,
    }
}

fn values(around: &Around<'_>) -> Value {
    let proposal = around.proposal;
    let contacts: Vec<Value> = around
        .contacts
        .iter()
        .map(|c| json!({"on": c.on, "means": super::queries::means(&c.means), "body": c.body}))
        .collect();
    let promises: Vec<Value> = around
        .promises
        .iter()
        .map(|p| json!({"body": p.body, "due_on": day::chinese(p.due_on), "state": p.state, "reached": p.reached}))
        .collect();
    json!({
        "proposal": {
            "number": proposal.number(), "title": proposal.kept("title"), "proposer": proposal.kept("proposer"),
            "session": proposal.kept("session"), "year": proposal.kept("year"), "lead": proposal.kept("lead"),
            "co_units": proposal.kept("co_units"), "is_key": proposal.kept("is_key") == "yes",
        },
        "contacts": contacts, "promises": promises,
    })
}
