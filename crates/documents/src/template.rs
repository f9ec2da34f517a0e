//! Templates that officials write: text with placeholders, loops over records and cited figures.
//!
//! ```text
//! {{ proposal.addressee }}：《{{ proposal.title }}》收悉。
//!
//! ## 推动改造
//!
//! 已完成{{ figure("A03") }}，覆盖{{ figure("A05", "以上") }}。
//!
//! | 日期 | 方式 |
//! |---|---|
//! {% for contact in contacts %}| {{ contact.on }} | {{ contact.means }} |
//! {% endfor %}
//! ```
//!
//! A template is checked when it is saved: what it names must be known, in every branch. It is rendered within
//! bounds: so many steps, so much text, no files, nothing that remembers.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use kernel::{Error, Faults, Result};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

use crate::markup::{BEGIN, END, SPLIT, blocks};
use crate::model::{Block, Inline};

/// What a template may name.
#[derive(Debug, Clone, Copy)]
pub struct Name {
    /// How the template names it.
    pub code: &'static str,
    /// What it is, in the office's words.
    pub label: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a name holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text, as printed; the example is shown beside the form and used to try templates.
    Text(&'static str),
    /// Yes or no, for conditions.
    Flag,
    /// A record with names of its own.
    Record(&'static [Name]),
    /// Records, for loops.
    List(&'static [Name]),
}

/// Longest template, in bytes.
const LONGEST: usize = 200_000;
/// Longest text a template may make, in bytes.
const LONGEST_TEXT: usize = 2_000_000;
/// Steps a template may take.
const FUEL: u64 = 2_000_000;

/// Checks a template before it is saved, by trying it with every name filled, with every name empty, and without
/// records.
///
/// # Errors
/// [`Error::Invalid`] at `template`, with line and column, for what cannot be read or is not known.
pub fn check(source: &str, names: &[Name], figures: &BTreeSet<String>) -> Result<()> {
    let environment = prepared(source, figures)?;
    for sample in [Sample::Full, Sample::Empty, Sample::NoRecords] {
        let values = sampled(names, sample);
        rendered(&environment, source, &values)?;
    }
    unknown(&environment, source, names)
}

/// Renders a template into the blocks of a document. A figure is asked from `figure` by its number and phrase, and
/// says what it prints.
///
/// # Errors
/// As [`check`], and what `figure` says.
pub fn render(
    source: &str,
    values: &Value,
    figures: &BTreeSet<String>,
    mut figure: impl FnMut(&str, Option<&str>) -> Result<String>,
) -> Result<Vec<Block>> {
    let environment = prepared(source, figures)?;
    let text = rendered(&environment, source, values)?;
    blocks(&text, &mut |key, phrase| Ok(Inline::Figure { key: key.to_owned(), text: figure(key, phrase)? }))
}

/// Names with an example each, as a template writes them, for the page beside the form.
pub fn examples(names: &[Name]) -> Vec<(String, &'static str, &'static str)> {
    let mut found = Vec::new();
    for name in names {
        match name.kind {
            Kind::Text(example) => found.push((name.code.to_owned(), name.label, example)),
            Kind::Flag => found.push((name.code.to_owned(), name.label, "是或否")),
            Kind::Record(fields) => {
                found.extend(examples(fields).into_iter().map(|(code, l, e)| (format!("{}.{code}", name.code), l, e)));
            }
            Kind::List(fields) => {
                found.push((format!("for x in {}", name.code), name.label, "逐条"));
                found.extend(examples(fields).into_iter().map(|(code, l, e)| (format!("x.{code}"), l, e)));
            }
        }
    }
    found
}

fn prepared<'s>(source: &'s str, figures: &BTreeSet<String>) -> Result<Environment<'s>> {
    if source.len() > LONGEST {
        return Err(fault((1, 1), "模板超过 20 万字节"));
    }
    if let Some(at) = source.find([BEGIN, END, SPLIT, '\0']) {
        return Err(fault(place(source, at), "有不能使用的控制字符"));
    }
    if let Some(at) = sets(source) {
        return Err(fault(place(source, at), "模板里不能用 set 另行记录内容"));
    }
    // Neither filters nor functions but our own: what can grow without bound is not there.
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    environment.set_debug(true);
    environment.add_filter("join", |parts: Vec<String>, between: Option<String>| {
        parts.join(between.as_deref().unwrap_or("、"))
    });
    environment.add_filter("length", |value: minijinja::Value| value.len().unwrap_or(0));
    let known = Arc::new(figures.clone());
    environment.add_function("figure", move |key: String, phrase: Option<String>| {
        // A figure about a day of its own: A03@2021-06-30.
        if !known.contains(key.split('@').next().unwrap_or_default()) {
            return Err(minijinja::Error::new(ErrorKind::InvalidOperation, format!("没有编号为 {key} 的数字")));
        }
        Ok(format!("{BEGIN}{key}{SPLIT}{}{END}", phrase.unwrap_or_default()))
    });
    // A value is one line of text: it begins no paragraph and no figure of its own.
    environment.set_formatter(|out, _, value| {
        let text = value.to_string();
        let is_figure = text.starts_with(BEGIN) && text.ends_with(END) && text.matches(BEGIN).count() == 1;
        let plain = |c: char| match c {
            '\n' | '\r' | '\t' => ' ',
            '|' => '｜',
            c => c,
        };
        let text: String = match is_figure {
            true => text,
            false => text.chars().filter(|c| ![BEGIN, END, SPLIT].contains(c)).map(plain).collect(),
        };
        out.write_str(&text).map_err(minijinja::Error::from)
    });
    match environment.template_from_str(source) {
        Ok(_) => Ok(environment),
        Err(error) => Err(told(source, &error)),
    }
}

/// Where a statement remembers something: text could be doubled with it again and again.
fn sets(source: &str) -> Option<usize> {
    let word = |at: usize| source[at + 2..].trim_start_matches(['-', '+']).trim_start();
    let is_set = |rest: &str| {
        rest.strip_prefix("set").is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    source.match_indices("{%").map(|(at, _)| at).find(|at| is_set(word(*at)))
}

/// Takes no more text than a document may have.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST_TEXT {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn rendered(environment: &Environment<'_>, source: &str, values: &Value) -> Result<String> {
    let template = environment.template_from_str(source).map_err(|error| told(source, &error))?;
    let mut text = Bounded(Vec::new());
    let values = minijinja::Value::from(minijinja::value::Serde(values));
    template.render_captured_to(values, &mut text).map_err(|error| told(source, &error))?;
    String::from_utf8(text.0).map_err(|e| Error::Internal(e.to_string()))
}

/// Names in branches that no example came through.
fn unknown(environment: &Environment<'_>, source: &str, names: &[Name]) -> Result<()> {
    let template = environment.template_from_str(source).map_err(|error| told(source, &error))?;
    let mut faults = Faults::new();
    let mut found: Vec<String> = template.undeclared_variables(true).into_iter().collect();
    found.sort();
    for path in found {
        if path != "figure" && !knows(names, &path) {
            let at = position(source, &path);
            faults.add("template", worded(place(source, at), &format!("没有“{path}”这一项")));
        }
    }
    faults.or(())
}

fn knows(names: &[Name], path: &str) -> bool {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match names.iter().find(|name| name.code == first).map(|name| name.kind) {
        Some(Kind::Record(fields)) => rest.is_empty() || knows(fields, rest),
        Some(_) => rest.is_empty(),
        None => false,
    }
}

/// Where a name stands in a template, as a whole word.
fn position(source: &str, path: &str) -> usize {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let whole = |at: &usize| {
        let before = source[..*at].chars().next_back();
        let after = source[*at + path.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    };
    source.match_indices(path).map(|(at, _)| at).find(whole).or_else(|| source.find(path)).unwrap_or(0)
}

/// Line and column of a byte, from 1, in characters.
fn place(source: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    let before = &source[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

fn worded((line, column): (usize, usize), message: &str) -> String {
    format!("第 {line} 行第 {column} 列：{message}")
}

fn fault(place: (usize, usize), message: &str) -> Error {
    Error::invalid("template", worded(place, message))
}

fn told(source: &str, error: &minijinja::Error) -> Error {
    let place = match (error.range(), error.line()) {
        (Some(range), _) => place(source, range.start),
        (None, Some(line)) => (line, 1),
        (None, None) => (1, 1),
    };
    let named = error.range().and_then(|range| source.get(range)).unwrap_or_default().trim();
    let message = match error.kind() {
        ErrorKind::UndefinedError => format!("没有“{named}”这一项"),
        ErrorKind::UnknownFunction | ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownMethod => {
            format!("没有“{named}”这种写法")
        }
        ErrorKind::OutOfFuel => "模板运算太多，请减少循环".to_owned(),
        ErrorKind::WriteFailure => "模板生成的内容太长".to_owned(),
        ErrorKind::InvalidOperation => error.detail().unwrap_or("不能这样运算").to_owned(),
        _ => format!("写法有误（{}）", error.detail().unwrap_or("不能识别")),
    };
    fault(place, &message)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sample {
    Full,
    Empty,
    NoRecords,
}

fn sampled(names: &[Name], sample: Sample) -> Value {
    let mut values = Map::new();
    for name in names {
        let value = match (name.kind, sample) {
            (Kind::Text(example), Sample::Full) => Value::String(example.to_owned()),
            (Kind::Text(_), _) => Value::String(String::new()),
            (Kind::Flag, sample) => Value::Bool(sample == Sample::Full),
            (Kind::Record(fields), _) => sampled(fields, sample),
            (Kind::List(_), Sample::NoRecords) => Value::Array(Vec::new()),
            (Kind::List(fields), _) => Value::Array(vec![sampled(fields, sample), sampled(fields, sample)]),
        };
        values.insert(name.code.to_owned(), value);
    }
    Value::Object(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: &[Name] = &[
        Name {
            code: "proposal",
            label: "提案",
            kind: Kind::Record(&[
                Name { code: "title", label: "标题", kind: Kind::Text("关于某事的提案") },
                Name { code: "is_key", label: "重点提案", kind: Kind::Flag },
            ]),
        },
        Name {
            code: "contacts",
            label: "沟通记录",
            kind: Kind::List(&[
                Name { code: "on", label: "日期", kind: Kind::Text("2021-08-01") },
                Name { code: "note", label: "说明", kind: Kind::Text("已面商") },
            ]),
        },
    ];

    fn figures() -> BTreeSet<String> {
        ["A03".to_owned()].into()
    }

    fn refused(source: &str) -> String {
        check(source, NAMES, &figures()).map_or_else(|e| e.to_string(), |()| "accepted".into())
    }

    #[test]
    fn a_template_becomes_blocks_with_figures_and_records() {
        let source = "《{{ proposal.title }}》收悉。\n\n## 推动改造\n\n已完成{{ figure(\"A03\", \"以上\") }}。\n\n\
                      | 日期 | 说明 |\n|---|---|\n{% for c in contacts %}| {{ c.on }} | {{ c.note }} |\n{% endfor %}";
        assert_eq!(refused(source), "accepted");
        let values = serde_json::json!({
            "proposal": {"title": "一|二\n## 三", "is_key": false},
            "contacts": [{"on": "2021-08-01", "note": "面商"}, {"on": "2021-08-02", "note": "电话"}],
        });
        let made = render(source, &values, &figures(), |key, phrase| Ok(format!("{key}{}", phrase.unwrap_or(""))))
            .expect("made");
        assert_eq!(made.len(), 4, "{made:?}");
        assert_eq!(
            made[0],
            Block::Paragraph(vec![Inline::Text("《一｜二 ## 三》收悉。".into())]),
            "a value begins nothing"
        );
        let Block::Paragraph(text) = &made[2] else { panic!("{made:?}") };
        assert_eq!(text[1], Inline::Figure { key: "A03".into(), text: "A03以上".into() });
        let Block::Table(table) = &made[3] else { panic!("{made:?}") };
        assert_eq!((table.columns.len(), table.rows.len()), (2, 2));
    }

    #[test]
    fn an_unknown_name_is_refused_with_its_place_in_every_branch() {
        assert_eq!(refused("第一行\n按{{ proposal.titel }}"), "template：第 2 行第 5 列：没有“proposal.titel”这一项");
        assert!(refused("{{ titel }}").contains("第 1 行第 4 列：没有“titel”"));
        assert!(refused("{% if proposal.is_key %}{{ nope }}{% endif %}").contains("“nope”"));
        assert!(refused("{% if not proposal.is_key %}{{ proposal.nope }}{% endif %}").contains("“proposal.nope”"));
        assert!(
            refused("{% for c in contacts %}{% if c.note %}x{% else %}{{ c.nope }}{% endif %}{% endfor %}")
                .contains("“c.nope”")
        );
        assert!(refused("{% for c in contacts %}{% else %}{{ nope }}{% endfor %}").contains("“nope”"));
        assert!(
            refused("文\n{{ figure(\"A99\") }}").contains("第 2 行第 4 列：没有编号为 A99 的数字"),
            "{}",
            refused("文\n{{ figure(\"A99\") }}")
        );
        assert!(refused("甲\n\n{{ proposal.title").contains("第 3 行"));
        assert!(refused("{{ proposal.title|upper }}").contains("upper"));
    }

    #[test]
    fn what_grows_without_bound_is_refused() {
        assert!(refused("{% set a = \"x\" %}{% set a = a ~ a %}").contains("set"));
        assert!(refused(&"x".repeat(LONGEST + 1)).contains("20 万"));
        let deep = format!("{}{}{}", "{% for c in contacts %}".repeat(30), "{{ c.on }}", "{% endfor %}".repeat(30));
        assert_ne!(refused(&deep), "accepted");
        assert!(refused("\u{e000}A03\u{e001}").contains("控制字符"));
    }

    proptest! {
        #[test]
        fn any_template_is_checked_without_a_panic(parts in prop::collection::vec(prop::sample::select(vec![
            "{{", "}}", "{%", "%}", "{#", "#}", " for c in contacts ", " endfor ", " if ", " endif ", " else ", "proposal.title",
            "c.on", "figure(\"A03\")", "figure(", "\"", "'", "|", "\n", "## ", "| a | b |", "|---|", "---", "> ", "中文", "(", ")", "[", "]", "~", "*", "9", "raw", " set x = 1 ", "-",
        ]), 0..24)) {
            let source = parts.concat();
            check(&source, NAMES, &figures()).ok();
            render(&source, &sampled(NAMES, Sample::Full), &figures(), |k, _| Ok(k.to_owned())).ok();
        }

        #[test]
        fn any_text_is_a_template_or_none(source in "\\PC{0,200}") {
            check(&source, NAMES, &figures()).ok();
        }
    }
}
