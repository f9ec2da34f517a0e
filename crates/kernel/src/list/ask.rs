//! What an address asks of a list: filters, order, columns, and where the page begins. Every fault at its parameter.

use chrono::{DateTime, TimeDelta, Utc};

use super::column::{Cell, Column, Kind};
use super::{List, May};
use crate::store::{TOO_BROAD, Value, too_broad, too_long};
use crate::value::day::{self, Day, parse_day};
use crate::value::money::{Fen, MoneyUnit};
use crate::{Faults, Result};

/// Rows of a page when nobody says otherwise.
const PAGE: i64 = 50;
/// Rows of a page at most: one long sheet to print.
const PAGE_MAX: i64 = 1000;
/// What is wrong with an edge that is none.
const PLACE: &str = "翻页位置不对，请从第一页重新开始";

/// An order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column; the number of the row without one.
    pub column: Option<&'static str>,
    /// The largest first.
    pub descending: bool,
}

/// Where a page begins or ends: the value sorted by, and the number of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// What the row is sorted by; nothing for the number alone, or a row without a value.
    pub value: Cell,
    /// The number.
    pub id: i64,
}

impl Edge {
    /// As it stands in an address.
    pub fn text(&self) -> String {
        match &self.value {
            Cell::None => self.id.to_string(),
            Cell::Text(text) => format!("{}_{text}", self.id),
            Cell::Number(n) => format!("{}_{n}", self.id),
            Cell::Money(fen) => format!("{}_{}", self.id, fen.0),
            Cell::Day(on) => format!("{}_{on}", self.id),
            Cell::Instant(at) => format!("{}_{}", self.id, at.timestamp_micros()),
        }
    }

    /// Out of an address, for a list sorted by this column.
    fn of(text: &str, column: Option<&Column>) -> Option<Self> {
        let (id, value) = text.split_once('_').map_or((text, None), |(id, value)| (id, Some(value)));
        let value = match (column.map(|c| &c.kind), value) {
            (_, None) => Cell::None,
            (None, Some(_)) | (Some(Kind::Kept(..)), Some(_)) => return None,
            (Some(Kind::Text | Kind::Choice(_)), Some(text)) => Cell::Text(text.to_owned()),
            (Some(Kind::Whole | Kind::Code(_)), Some(text)) => Cell::Number(text.parse().ok()?),
            (Some(Kind::Money), Some(text)) => Cell::Money(Fen(text.parse().ok()?)),
            (Some(Kind::Day), Some(text)) => Cell::Day(parse_day(text).ok()?),
            (Some(Kind::Instant), Some(text)) => {
                Cell::Instant(DateTime::<Utc>::from_timestamp_micros(text.parse().ok()?)?)
            }
        };
        // Only a column that may be empty has rows without a value.
        if value == Cell::None && column.is_some_and(|c| !c.nullable) {
            return None;
        }
        Some(Self { value, id: id.parse().ok()? })
    }
}

/// How a column is narrowed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// It is this.
    Is(Value),
    /// It contains this text.
    Holds(String),
    /// It is at least this.
    From(Value),
    /// It is at most this.
    To(Value),
}

/// What is asked of a list.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is searched for, as typed.
    pub text: String,
    /// Column and how it is narrowed.
    pub(super) tests: Vec<(usize, Test)>,
    /// Parameters that narrow the list, as typed, for the form and for links.
    pub typed: Vec<(String, String)>,
    /// The order.
    pub order: Order,
    /// Codes of the columns to show, in the order of the list.
    pub shown: Vec<&'static str>,
    /// After which row the page begins.
    pub after: Option<Edge>,
    /// Before which row it ends.
    pub before: Option<Edge>,
    /// Rows of the page.
    pub limit: i64,
}

impl Asked {
    /// Whether anything narrows the list.
    pub fn narrows(&self) -> bool {
        !self.typed.is_empty()
    }

    /// What was typed into a parameter; empty without it.
    pub fn typed(&self, name: &str) -> &str {
        self.typed.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// The first value of a parameter, trimmed.
fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(n, v)| n == name && !v.trim().is_empty()).map_or("", |(_, v)| v.trim())
}

impl List {
    /// What an address asks, for somebody with these permissions. Parameters that are none of the list's are left alone.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] with every parameter that means nothing, also for a column that may not be seen: whether there is
    /// such a column is not told.
    pub fn asked(&self, pairs: &[(String, String)], may: May<'_>) -> Result<Asked> {
        let mut faults = Faults::new();
        let seen = |column: &Column| column.needs.is_none_or(may);
        let text = value(pairs, "q").to_owned();
        let mut typed: Vec<(String, String)> = Vec::new();
        if self.search.is_some() && !text.is_empty() {
            typed.push(("q".to_owned(), text.clone()));
            if let Some(wrong) = too_long(&text).or(too_broad(&text).then(|| TOO_BROAD.to_owned())) {
                faults.add("q", wrong);
            }
        }
        let mut tests = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            for end in ["", ".from", ".to"] {
                let name = format!("{}{end}", column.code);
                let raw = value(pairs, &name);
                if raw.is_empty() || (column.filters && seen(column) && !takes(column, end)) {
                    continue;
                }
                if !column.filters || !seen(column) {
                    faults.add(&name, format!("没有“{}”这一列可以筛选", column.code));
                    continue;
                }
                typed.push((name.clone(), raw.to_owned()));
                match test(column, end, raw) {
                    Ok(test) => tests.push((at, test)),
                    Err(wrong) => faults.add(&name, wrong),
                }
            }
        }
        let usual = self.order_when.and_then(|order| order(&text)).unwrap_or(self.order);
        let order = self.order_of(value(pairs, "sort"), usual, &seen, &mut faults);
        let by = order.column.and_then(|code| self.column(code));
        let mut edge = |name: &str| {
            let raw = value(pairs, name);
            let edge = Edge::of(raw, by);
            if !raw.is_empty() && edge.is_none() {
                faults.add(name, PLACE);
            }
            edge
        };
        let (after, before) = (edge("after"), edge("before"));
        let limit = match value(pairs, "limit") {
            "" => PAGE,
            raw => raw.parse().ok().filter(|n| (1..=PAGE_MAX).contains(n)).unwrap_or_else(|| {
                faults.add("limit", format!("每页条数应为 1 至 {PAGE_MAX}"));
                PAGE
            }),
        };
        let shown = self.shown_of(pairs, &seen, &mut faults);
        faults.or(Asked { text, tests, typed, order, shown, after, before, limit })
    }

    fn order_of(&self, raw: &str, usual: Order, seen: &dyn Fn(&Column) -> bool, faults: &mut Faults) -> Order {
        if raw.is_empty() {
            return usual;
        }
        let (code, descending) = raw.strip_prefix('-').map_or((raw, false), |code| (code, true));
        if code == "id" {
            return Order { column: None, descending };
        }
        match self.column(code).filter(|column| column.sorts && seen(column)) {
            Some(column) => Order { column: Some(column.code), descending },
            None => {
                faults.add("sort", format!("没有“{code}”这一列可以排序"));
                usual
            }
        }
    }

    /// Whether an address leaves the list as it is first shown, narrowed to [`List::first`]: a parameter of the filters
    /// that stands there empty asks for everything.
    pub fn is_first(&self, pairs: &[(String, String)]) -> bool {
        let of_filters = |name: &str| {
            let code = name.split('.').next().unwrap_or(name);
            name == "q" || self.columns.iter().any(|column| column.filters && column.code == code)
        };
        self.first.is_some() && !pairs.iter().any(|(name, _)| of_filters(name))
    }

    /// Columns named by `show`, which may stand several times; those shown by themselves without one.
    fn shown_of(
        &self,
        pairs: &[(String, String)],
        seen: &dyn Fn(&Column) -> bool,
        faults: &mut Faults,
    ) -> Vec<&'static str> {
        let wanted: Vec<&str> = pairs
            .iter()
            .filter(|(n, _)| n == "show")
            .flat_map(|(_, v)| v.split(','))
            .filter(|v| !v.is_empty())
            .collect();
        for code in &wanted {
            if !self.column(code).is_some_and(seen) {
                faults.add("show", format!("没有“{code}”这一列"));
            }
        }
        let first = self.columns.first().map(|column| column.code);
        let is_shown = |column: &&Column| match wanted.is_empty() {
            true => column.shown,
            // What names the row always stands.
            false => wanted.contains(&column.code) || Some(column.code) == first,
        };
        self.columns.iter().filter(|column| seen(column)).filter(is_shown).map(|column| column.code).collect()
    }
}

/// Whether a column of this sort is narrowed by a parameter with this end.
fn takes(column: &Column, end: &str) -> bool {
    match column.kind {
        Kind::Text | Kind::Choice(_) | Kind::Code(_) => end.is_empty(),
        Kind::Whole | Kind::Money | Kind::Day | Kind::Instant => !end.is_empty(),
        Kind::Kept(..) => false,
    }
}

fn test(column: &Column, end: &str, raw: &str) -> std::result::Result<Test, String> {
    let bound = |value: Value| if end == ".from" { Test::From(value) } else { Test::To(value) };
    let unknown = || format!("{}没有“{raw}”这一项", column.label);
    match &column.kind {
        Kind::Text => match too_long(raw) {
            Some(wrong) => Err(wrong),
            None => Ok(Test::Holds(raw.to_owned())),
        },
        Kind::Choice(choices) => {
            choices.iter().find(|(value, _)| value == raw).map(|_| Test::Is(raw.into())).ok_or_else(unknown)
        }
        Kind::Code(choices) => {
            let known = choices.iter().any(|(value, _)| value == raw);
            raw.parse::<i64>().ok().filter(|_| known).map(|n| Test::Is(n.into())).ok_or_else(unknown)
        }
        Kind::Whole => raw.parse::<i64>().map(|n| bound(n.into())).map_err(|_| "请填整数".to_owned()),
        Kind::Money => Fen::parse(raw, MoneyUnit::Wan).map(|fen| bound(fen.0.into())).map_err(|e| e.to_string()),
        Kind::Day => parse_day(raw).map(|on| bound(on.into())).map_err(|e| e.to_string()),
        Kind::Instant => {
            let on = parse_day(raw).map_err(|e| e.to_string())?;
            let began = |on: Day| on.pred_opt().map(|before| day::day_end(before) + TimeDelta::microseconds(1));
            let at = if end == ".from" { began(on) } else { Some(day::day_end(on)) };
            Ok(bound(at.ok_or("日期太早")?.into()))
        }
        Kind::Kept(..) => Err(unknown()),
    }
}
