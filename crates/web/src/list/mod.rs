//! Lists on a page: filters that stand in the address, order, columns, pages, views, and the way to a file.
//!
//! A slice hands over a [`kernel::list::List`] with a scope and says how its cells are dressed; all else is here, so
//! every list of the platform is narrowed, sorted, kept, printed and taken away in the same way.

mod cases;
mod export;
mod text;
pub(crate) mod views;

pub use cases::{dressed_case, is_over};
pub use export::{Format, export};
pub use text::{MARK, write_line};
pub use views::View;

use std::collections::BTreeMap;

use kernel::access::{Permission, Scope};
use kernel::consent::Used;
use kernel::list::{self, Asked, Cell, Column, Edge, Kind, List, May, Row};
use kernel::store::Read;
use kernel::value::thousands;
use kernel::{Error, Faults};

use crate::{Result, Ui};

/// Parameters that belong to a page of a list, not to the list.
const PLACES: [&str; 3] = ["after", "before", "limit"];
/// Columns whose cells say what they mean without a label on a phone.
const TEXT: &str = "roomy";

/// A cell as drawn.
#[derive(Debug, Clone, Default)]
pub struct CellView {
    /// What it says; a dash when empty.
    pub text: String,
    /// Where it leads; nowhere when empty.
    pub href: String,
    /// A state beside the text.
    pub badge: String,
    /// How the state is coloured; the text itself is the state when there is no badge.
    pub state: &'static str,
    /// How the cell is set.
    pub class: &'static str,
    /// The label of its column, for a phone.
    pub label: &'static str,
}

/// How cells look, and whether a row is of the past.
pub struct Dress<'a> {
    /// Where the first cell of a row leads.
    pub href: &'a (dyn Fn(&Row) -> String + Sync),
    /// Changes a cell that was put together by its sort.
    pub cell: &'a (dyn Fn(&Row, &Column, &mut CellView) + Sync),
    /// Whether a row is of the past.
    pub off: &'a (dyn Fn(&Row) -> bool + Sync),
    /// Whether rows can be chosen for an action on many.
    pub picks: bool,
}

/// A head of a column.
#[derive(Debug, Clone)]
pub struct Head {
    /// What it says.
    pub label: &'static str,
    /// The list sorted by it; empty when it cannot be.
    pub href: String,
    /// `ascending`, `descending`, or empty.
    pub sorted: &'static str,
    /// Whether its cells stand flush right.
    pub is_number: bool,
}

/// A field of the filters.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its parameter.
    pub name: String,
    /// What it says.
    pub label: String,
    /// `search`, `date`, `number`; empty for choices.
    pub kind: &'static str,
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub fault: String,
    /// Choices: value, label, chosen.
    pub choices: Vec<(String, String, bool)>,
}

/// A row as drawn.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Its number.
    pub id: i64,
    /// Whether it is of the past.
    pub off: bool,
    /// Its cells, in the order of the heads.
    pub cells: Vec<CellView>,
}

/// A list as drawn.
#[derive(Debug, Clone)]
pub struct Table {
    /// The path of the page.
    pub path: String,
    /// The code of the list, by which views are kept.
    pub code: String,
    /// Fields of the filters; the first is the search where there is one.
    pub fields: Vec<Field>,
    /// Parameters that a new filter leaves alone.
    pub kept: Vec<(String, String)>,
    /// All columns: code, label, shown.
    pub columns: Vec<(&'static str, &'static str, bool)>,
    /// Parameters that a new choice of columns leaves alone.
    pub beside_columns: Vec<(String, String)>,
    /// Heads.
    pub heads: Vec<Head>,
    /// Rows.
    pub rows: Vec<RowView>,
    /// Whether rows can be chosen.
    pub picks: bool,
    /// The page before; empty on the first.
    pub prev: String,
    /// The page after; empty on the last.
    pub next: String,
    /// How many there are, and how many of them here.
    pub count: String,
    /// How many there are.
    pub total: String,
    /// Whether anything narrows it.
    pub narrows: bool,
    /// Whether it is narrowed because nobody has asked for anything.
    pub is_first: bool,
    /// The list without filters.
    pub clear: String,
    /// All rows as a workbook.
    pub xlsx: String,
    /// All rows as text.
    pub csv: String,
    /// A long page, to be printed.
    pub print: String,
    /// The list as it is asked for, to be kept or shared.
    pub here: String,
    /// Kept views.
    pub views: Vec<View>,
    /// What is wrong with what is asked.
    pub faults: Faults,
    /// The consents that its rows rest on: to be written down before the page is handed over.
    pub used: Vec<Used>,
}

/// The first value of a parameter, trimmed.
pub(crate) fn asked_for<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    query.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
}

/// Names and values of an address.
type Pairs = Vec<(String, String)>;

/// The address of a path with these parameters.
fn address(path: &str, pairs: &[(String, String)]) -> String {
    match serde_html_form::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

/// The parameters without some, and with one more.
fn with(pairs: &[(String, String)], without: &[&str], more: Option<(&str, String)>) -> Pairs {
    let mut kept: Pairs = pairs.iter().filter(|(n, _)| !without.contains(&n.as_str())).cloned().collect();
    kept.extend(more.map(|(name, value)| (name.to_owned(), value)));
    kept
}

impl Table {
    /// The list an address asks for, within a scope. What is wrong with the address stands in `faults`, with no rows.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of(ui: &Ui, read: &Read, list: &List, scope: &Scope, dress: &Dress<'_>) -> Result<Self> {
        let may = |permission: Permission| ui.actor().may(permission);
        let (here, is_first) = here(list, ui.query());
        let table = Self { is_first, ..Self::empty(ui, read, list, &here).await? };
        match list.asked(&[here, places(ui.query())].concat(), &may) {
            Ok(asked) => table.filled(ui, read, (list, scope), dress, &asked).await,
            Err(Error::Invalid(faults)) => {
                let mut table = table;
                for field in &mut table.fields {
                    field.fault = faults.at(&field.name).unwrap_or_default().to_owned();
                }
                Ok(Self { faults, ..table })
            }
            Err(other) => Err(other.into()),
        }
    }

    async fn filled(
        mut self,
        ui: &Ui,
        read: &Read,
        (list, scope): (&List, &Scope),
        dress: &Dress<'_>,
        asked: &Asked,
    ) -> Result<Self> {
        let may = |permission: Permission| ui.actor().may(permission);
        let page = list::page(read, list, scope, asked, &may).await?;
        let all = list::count(read, list, scope, asked).await?;
        let shown: Vec<&Column> = asked.shown.iter().filter_map(|code| list.column(code)).collect();
        let (here, _) = here(list, ui.query());
        self.heads = shown.iter().map(|column| head(&self.path, &here, column, asked)).collect();
        for (code, _, is_shown) in &mut self.columns {
            *is_shown = asked.shown.contains(code);
        }
        self.total = counted(all);
        self.count = format!("{}，本页 {} 条", self.total, page.rows.len());
        let turned = |name: &str, edge: Option<Edge>| {
            let limit: Pairs = places(ui.query()).into_iter().filter(|(name, _)| name == "limit").collect();
            let at = |e: Edge| [here.clone(), limit, vec![(name.to_owned(), e.text())]].concat();
            edge.map(|e| address(&self.path, &at(e))).unwrap_or_default()
        };
        (self.prev, self.next) = (turned("before", page.prev), turned("after", page.next));
        self.rows = page.rows.iter().map(|row| row_view(row, &shown, dress)).collect();
        self.used = page.used;
        self.picks = dress.picks && !self.rows.is_empty();
        self.narrows = asked.narrows() && !self.is_first;
        Ok(self)
    }

    /// Whether what is asked means nothing.
    pub fn is_refused(&self) -> bool {
        !self.faults.0.is_empty()
    }

    /// Faults that stand at no field of the filters.
    pub fn elsewhere(&self) -> Vec<&str> {
        let at_field = |name: &str| self.fields.iter().any(|field| field.name == name && !field.fault.is_empty());
        self.faults.0.iter().filter(|f| !at_field(&f.field)).map(|f| f.message.as_str()).collect()
    }

    async fn empty(ui: &Ui, read: &Read, list: &List, here: &[(String, String)]) -> Result<Self> {
        let may = |permission: Permission| ui.actor().may(permission);
        let path = ui.path().to_owned();
        let fields = fields(list, here, &may);
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let file = |end: &str| address(&format!("{path}.{end}"), here);
        let kept = with(here, &names, None);
        Ok(Self {
            code: list.code.clone(),
            columns: list.visible(&may).iter().map(|c| (c.code, c.label, c.shown)).collect(),
            beside_columns: with(here, &["show"], None),
            heads: Vec::new(),
            rows: Vec::new(),
            picks: false,
            prev: String::new(),
            next: String::new(),
            count: String::new(),
            total: String::new(),
            narrows: false,
            is_first: false,
            clear: address(&path, &with(&kept, &["sort"], None)),
            xlsx: file("xlsx"),
            csv: file("csv"),
            print: address(&path, &with(here, &[], Some(("limit", "1000".to_owned())))),
            here: address(&path, here),
            views: views::of(read, ui.actor(), &list.code).await?,
            faults: Faults::new(),
            used: Vec::new(),
            kept,
            fields,
            path,
        })
    }
}

/// The parameters of an address without the place in the list, and whether it is a first look, which is narrowed.
fn here(list: &List, query: &[(String, String)]) -> (Pairs, bool) {
    let first = list.first.map_or("", |(name, _)| name);
    let stands =
        |(name, value): &&(String, String)| (!value.is_empty() || name == first) && !PLACES.contains(&name.as_str());
    let mut pairs: Pairs = query.iter().filter(stands).cloned().collect();
    let is_first = list.is_first(query);
    if let Some((name, value)) = list.first.filter(|_| is_first) {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    (pairs, is_first)
}

/// The parameters of an address that say where in the list one is.
fn places(query: &[(String, String)]) -> Pairs {
    query.iter().filter(|(name, _)| PLACES.contains(&name.as_str())).cloned().collect()
}

fn head(path: &str, here: &[(String, String)], column: &Column, asked: &Asked) -> Head {
    let is_by = asked.order.column == Some(column.code);
    let sorted = match (is_by, asked.order.descending) {
        (false, _) => "",
        (true, false) => "ascending",
        (true, true) => "descending",
    };
    let wanted = if sorted == "ascending" { format!("-{}", column.code) } else { column.code.to_owned() };
    let href = if column.sorts { address(path, &with(here, &["sort"], Some(("sort", wanted)))) } else { String::new() };
    Head { label: column.label, href, sorted, is_number: column.is_number() }
}

fn row_view(row: &Row, shown: &[&Column], dress: &Dress<'_>) -> RowView {
    let cells = shown.iter().enumerate().map(|(at, column)| {
        let cell = row.cell(column.code);
        let mut view =
            CellView { text: column.show(cell), label: column.label, class: set(column), ..CellView::default() };
        if at == 0 {
            (view.href, view.class) = ((dress.href)(row), "cell-title");
        }
        (dress.cell)(row, column, &mut view);
        view
    });
    RowView { id: row.id, off: (dress.off)(row), cells: cells.collect() }
}

fn set(column: &Column) -> &'static str {
    match column.kind {
        _ if column.is_number() => "num",
        Kind::Text | Kind::Kept(..) => TEXT,
        _ => "short",
    }
}

/// How many there are, as far as that was counted.
fn counted(all: i64) -> String {
    match all > list::COUNTED {
        true => format!("共 {} 条以上", thousands(list::COUNTED)),
        false => format!("共 {} 条", thousands(all)),
    }
}

fn fields(list: &List, query: &[(String, String)], may: May<'_>) -> Vec<Field> {
    let field = |name: String, label: String, kind: &'static str, column: Option<&Column>| {
        let value = asked_for(query, &name).to_owned();
        let choices = column.map(Column::choices).unwrap_or_default();
        let choices = choices.iter().map(|(v, label)| (v.clone(), label.clone(), *v == value)).collect();
        Field { name, label, kind, value, fault: String::new(), choices }
    };
    let mut fields = Vec::new();
    if list.search.is_some() {
        fields.push(field("q".to_owned(), "查找".to_owned(), "search", None));
    }
    for column in list.visible(may).into_iter().filter(|column| column.filters) {
        let (code, label) = (column.code, column.label);
        let kind = match column.kind {
            Kind::Text => "search",
            Kind::Choice(_) | Kind::Code(_) => "",
            Kind::Day | Kind::Instant => "date",
            Kind::Whole | Kind::Money | Kind::Kept(..) => "text",
        };
        match column.kind {
            Kind::Text | Kind::Choice(_) | Kind::Code(_) => {
                fields.push(field(code.to_owned(), label.to_owned(), kind, Some(column)));
            }
            _ => {
                fields.push(field(format!("{code}.from"), format!("{label}自"), kind, None));
                fields.push(field(format!("{code}.to"), "至".to_owned(), kind, None));
            }
        }
    }
    fields
}

/// Rows as a program reads them: each column by its code, numbers and days as such.
pub fn objects(list: &List, rows: &[Row]) -> Vec<BTreeMap<&'static str, serde_json::Value>> {
    let object = |row: &Row| {
        let mut object: BTreeMap<&'static str, serde_json::Value> = BTreeMap::from([("id", row.id.into())]);
        for column in &list.columns {
            let value = match row.cell(column.code) {
                Cell::None => serde_json::Value::Null,
                Cell::Text(text) => text.clone().into(),
                Cell::Number(n) => (*n).into(),
                Cell::Money(fen) => fen.0.into(),
                Cell::Day(on) => on.to_string().into(),
                Cell::Instant(at) => at.to_rfc3339().into(),
            };
            object.insert(column.code, value);
        }
        object
    };
    rows.iter().map(object).collect()
}
