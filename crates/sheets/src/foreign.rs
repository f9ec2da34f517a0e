//! Worksheets whose heads are not ours: which columns they have, what stands in them, and what each may be.
//!
//! Owns the guess. Never decides: a person confirms it, and only then it is read by.

use kernel::value::credit_code::CreditCode;
use kernel::value::day::parse_day;

use crate::book::{Book, Cell, Page, Row, a1};
use crate::head::ABOVE;
use crate::mapping::{Mapping, heads, names, takes_unit};
use crate::read::is_read;
use crate::template::{Column, Kind, Template, plain};
use crate::unit::{self, Stated};

/// How names of bodies end.
const FIRMS: [&str; 5] = ["公司", "厂", "合作社", "中心", "经营部"];
/// Values shown of a column.
const SAMPLES: usize = 3;

/// A worksheet of somebody's own.
#[derive(Debug, Clone)]
pub struct Foreign {
    /// Its name.
    pub page: String,
    /// Row of its head, from 1.
    pub row: u32,
    /// Its columns, in order.
    pub columns: Vec<Theirs>,
}

/// A column of theirs.
#[derive(Debug, Clone)]
pub struct Theirs {
    /// Its letter, such as `C`.
    pub letter: String,
    /// The name by which its head is told apart.
    pub head: String,
    /// Some of what stands below it.
    pub samples: Vec<String>,
    /// Which column of the template it probably is; empty for none.
    pub guess: &'static str,
    /// What its head, or a line above it, says about the unit.
    pub unit: Stated,
}

/// The sets of heads that a workbook may have, as [`Mapping::heads`] names them: one for each row that may be a head.
pub fn candidates(book: &Book) -> Vec<String> {
    let pages = book.pages.iter().filter(|page| !page.hidden && is_read(&page.name));
    let rows = pages.flat_map(|page| page.rows.iter().take(ABOVE));
    rows.map(|row| heads(names(row).iter().map(|(_, name)| name.as_str()))).filter(|set| !set.is_empty()).collect()
}

/// The columns of a workbook, guessed by the template; `at` says which page (by name) and row is the head, where a
/// person has said so. `None` when no page has a row that may be a head.
pub fn foreign(book: &Book, template: &Template, at: Option<(&str, u32)>) -> Option<Foreign> {
    let mut pages = book.pages.iter().filter(|page| !page.hidden && is_read(&page.name) && !page.rows.is_empty());
    let (page, row) = match at {
        Some((name, number)) => {
            let page = pages.find(|page| page.name == name)?;
            (page, page.rows.iter().find(|row| row.number == number)?)
        }
        // The widest head of all pages; of equals the first.
        None => pages.filter_map(|page| Some((page, head_of(page)?))).rev().max_by_key(|(_, row)| row.cells.len())?,
    };
    let below: Vec<&Row> = page.rows.iter().filter(|r| r.number > row.number).collect();
    let above = unit::above(page.rows.iter().take_while(|r| r.number < row.number));
    let mut columns: Vec<Theirs> = names(row)
        .into_iter()
        .map(|(col, head)| {
            let cells: Vec<&Cell> = below.iter().filter_map(|row| row.at(col)).take(SAMPLES).collect();
            // What a line above says of money is said of amounts, and of no name or code.
            let unit = match unit::in_head(&head) {
                Stated::Nothing if cells.iter().all(|cell| is_number(cell)) => above.clone(),
                stated => stated,
            };
            let letter = a1(col, 1).trim_end_matches('1').to_owned();
            Theirs { letter, head, samples: cells.into_iter().map(Cell::shown).collect(), guess: "", unit }
        })
        .collect();
    guess(&mut columns, template);
    Some(Foreign { page: page.name.clone(), row: row.number, columns })
}

fn is_number(cell: &Cell) -> bool {
    let text = cell.shown();
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-'))
}

/// The row that looks most like a head: the first among the widest that hold words and no numbers.
fn head_of(page: &Page) -> Option<&Row> {
    let is_head = |row: &&Row| {
        let is_word = |cell: &Cell| matches!(cell, Cell::Text(text) if text.chars().any(char::is_alphabetic));
        row.cells.len() > 1 && row.cells.iter().all(|(_, cell)| is_word(cell))
    };
    let rows = page.rows.iter().take(ABOVE);
    rows.filter(is_head).rev().max_by_key(|row| row.cells.len())
}

/// Gives each of our columns to the column of theirs that fits best; the surest first.
fn guess(columns: &mut [Theirs], template: &Template) {
    let mut fits: Vec<(u32, usize, &Column)> = Vec::new();
    for (index, theirs) in columns.iter().enumerate() {
        let each = template.columns.iter().map(|ours| (likeness(theirs, ours), index, ours));
        fits.extend(each.filter(|(likeness, _, _)| *likeness > 0));
    }
    fits.sort_by_key(|(likeness, _, _)| std::cmp::Reverse(*likeness));
    for (_, index, ours) in fits {
        let is_free = !columns.iter().any(|theirs| theirs.guess == ours.key);
        if let Some(theirs) = columns.get_mut(index).filter(|theirs| is_free && theirs.guess.is_empty()) {
            theirs.guess = ours.key;
        }
    }
}

/// How well a column of theirs fits one of ours: by its head, else by what stands in it; 0 for not at all.
fn likeness(theirs: &Theirs, ours: &Column) -> u32 {
    if ours.is_meant_by(&theirs.head) {
        return 1000;
    }
    let (head, own) = (plain(&theirs.head), plain(ours.head));
    // The longer the words that both have, the less it is chance.
    let shared = ours.names().filter(|name| name.chars().count() > 1 && head.contains(name.as_str()));
    let shared = shared.map(|name| name.chars().count()).max().unwrap_or(0);
    let within = if head.chars().count() > 1 && own.contains(&head) { head.chars().count() } else { 0 };
    let words = u32::try_from(shared.max(within)).unwrap_or(0) * 10;
    let all = |fits: &dyn Fn(&str) -> bool| !theirs.samples.is_empty() && theirs.samples.iter().all(|s| fits(s));
    let content = match &ours.kind {
        Kind::CreditCode if ours.required || !ours.note.is_empty() => all(&|s| CreditCode::parse(s).is_ok()),
        Kind::Choice(choices) => all(&|s| choices.iter().any(|c| c.label == s.trim())),
        Kind::Year => all(&|s| s.trim().parse().is_ok_and(|year: i32| (1990..2100).contains(&year))),
        Kind::Text if ours.key == "name" => all(&|s| FIRMS.iter().any(|end| s.trim().ends_with(end))),
        Kind::Day if words > 0 => all(&|s| parse_day(s).is_ok()),
        _ => false,
    };
    // A unit stated for something that is no money speaks against it.
    let against =
        matches!(theirs.unit, Stated::Unit(_)) && unit::in_head(&theirs.head) != Stated::Nothing && !takes_unit(ours);
    if against { 0 } else { words + if content { 500 } else { 0 } }
}

impl Foreign {
    /// The guess as a mapping, or what an earlier one said of the same heads.
    pub fn mapping(&self, earlier: &Mapping) -> Mapping {
        let columns = self.columns.iter().map(|theirs| match earlier.of(&theirs.head) {
            Some(said) => said.clone(),
            None => {
                let taken = earlier.taken().any(|mapped| mapped.key == theirs.guess);
                let key = if taken { "" } else { theirs.guess };
                crate::Mapped { head: theirs.head.clone(), key: key.to_owned(), unit: None }
            }
        });
        Mapping { columns: columns.collect() }
    }
}
