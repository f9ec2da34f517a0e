//! What the library adds up to: by type and unit, by type and industry, and both rates with their denominators.
//! All of it are indicators; projects without a type are a row of their own.

use std::collections::BTreeMap;

use kernel::Result;
use kernel::indicator::{By, Figure, Indicator, Question, breakdown, evaluate};
use kernel::store::Read;

use super::kinds::TYPES;

/// The library in figures.
#[derive(Debug)]
pub struct Totals {
    /// Figures by code.
    pub figures: BTreeMap<&'static str, Figure>,
    /// By type and reporting unit.
    pub by_unit: Table,
    /// By type and division of industry.
    pub by_industry: Table,
}

/// Numbers of projects by type, in rows, and another dimension, in columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Key and label of each column.
    pub columns: Vec<(String, String)>,
    /// A row for each type and one for those without: code, label, a number for each column, their sum.
    pub rows: Vec<(&'static str, &'static str, Vec<i64>, i64)>,
    /// The sum of each column, and of all.
    pub sums: (Vec<i64>, i64),
}

/// The figures asked for.
const CODES: &[&str] = &[
    "projects.in_library",
    "projects.investment",
    "projects.invested",
    "projects.completed",
    "projects.year_plan",
    "projects.year_plan_rate",
    "projects.library_rate",
    "projects.classified",
    "projects.unclassified",
];

/// Asks what the library adds up to.
///
/// # Errors
/// As the database says.
pub async fn totals(read: &Read, q: &Question<'_>) -> Result<Totals> {
    let indicators: Vec<&'static Indicator> = CODES.iter().filter_map(|code| read.catalog().indicator(code)).collect();
    let figures = evaluate(read, &indicators, q).await?;
    let Some(library) = read.catalog().indicator("projects.in_library") else {
        return Err(kernel::Error::Internal("the library has no indicator".into()));
    };
    Ok(Totals {
        figures: figures.into_iter().map(|figure| (figure.indicator.code, figure)).collect(),
        by_unit: table(read, library, By::Unit, q).await?,
        by_industry: table(read, library, By::Industry, q).await?,
    })
}

async fn table(read: &Read, library: &Indicator, by: By, q: &Question<'_>) -> Result<Table> {
    let cells = breakdown(read, library, &[By::Class, by], q).await?;
    let mut columns: BTreeMap<String, String> = BTreeMap::new();
    let mut numbers: BTreeMap<(String, String), i64> = BTreeMap::new();
    for cell in &cells {
        if let ([class, key], [_, label]) = (cell.keys.as_slice(), cell.labels.as_slice()) {
            columns.insert(key.clone(), label.clone());
            numbers.insert((class.clone(), key.clone()), cell.number.whole());
        }
    }
    let mut columns: Vec<(String, String)> = columns.into_iter().collect();
    // Units are numbers: in the order of numbers, not of letters.
    columns.sort_by_key(|(key, _)| (key.parse::<i64>().unwrap_or(i64::MAX), key.clone()));
    let row = |code: &'static str, label: &'static str| {
        let of = |(key, _): &(String, String)| numbers.get(&(code.to_owned(), key.clone())).copied().unwrap_or(0);
        let row: Vec<i64> = columns.iter().map(of).collect();
        let sum = row.iter().sum();
        (code, label, row, sum)
    };
    let rows: Vec<_> = TYPES.iter().map(|class| row(class.code, class.label)).chain([row("", "未分类")]).collect();
    let down = (0..columns.len()).map(|at| rows.iter().filter_map(|row| row.2.get(at)).sum()).collect();
    let all = rows.iter().map(|row| row.3).sum();
    Ok(Table { columns, rows, sums: (down, all) })
}
