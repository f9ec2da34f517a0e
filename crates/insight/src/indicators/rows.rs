//! One page of the rows behind a figure, with the figure above them, so that rows = figure can be seen.

use kernel::Result;
use kernel::indicator::drill;
use kernel::store::Read;
use kernel::value::thousands;

use super::queries::names;
use super::table::{Reading, Table};
use super::{Asked, FigureView};
use crate::link::{self, Link, Query};

/// Rows of a page.
const PAGE: usize = 50;

/// A page of rows.
pub(super) struct Rows {
    /// The figure of the whole, or of the unit asked about.
    pub figure: FigureView,
    /// The cell in words; empty for the whole.
    pub cell: Vec<String>,
    /// The rows.
    pub table: Table,
    /// Sums of the columns that add up, under their columns.
    pub sums: Vec<String>,
    /// Whether any column adds up.
    pub has_sums: bool,
    /// Whether all rows stand on this page, so that the sums are those of the whole list.
    pub is_all: bool,
    /// Which rows these are, in words.
    pub count: String,
    /// The next page; empty on the last.
    pub next: String,
    /// The first page; empty on the first.
    pub first: String,
    /// All rows as a file.
    pub download: Link,
}

/// The page of rows that an address asks for.
///
/// # Errors
/// As the database says; [`kernel::Error::Invalid`] for a malformed running number.
pub(super) async fn view(read: &Read, asked: &Asked, query: &Query) -> Result<Rows> {
    let figure = FigureView::of(&asked.figure(read).await?, asked.unit);
    let seen = link::number::<usize>(query, "seen", "已列行数")?.unwrap_or(0);
    let after = Some(link::asked(query, "after")).filter(|after| !after.is_empty());
    let page = drill(read, asked.indicator, &asked.question(), &asked.within, after, PAGE).await?;
    let reading = Reading {
        indicator: asked.indicator,
        catalog: read.catalog(),
        units: &asked.units,
        figure: &figure,
        all_open: asked.all_open,
    };
    let table = reading.table(&page.rows, &names(read, &page.rows).await?);
    let listed = table.rows.len();
    let next =
        page.next.map(|next| asked.cell_link("/rows").with("after", next).with("seen", seen + listed).to_string());
    Ok(Rows {
        cell: asked.cell_words(read).await?,
        has_sums: table.columns.iter().any(|column| column.adds_up),
        sums: table.sums(),
        is_all: after.is_none() && next.is_none(),
        count: count(seen, listed, next.is_some(), asked.is_whole().then_some(figure.rows)),
        next: next.unwrap_or_default(),
        first: after.map(|_| asked.cell_link("/rows").to_string()).unwrap_or_default(),
        download: asked.cell_link("/rows.csv"),
        figure,
        table,
    })
}

/// Which rows a page shows, and of how many where that is known.
fn count(seen: usize, listed: usize, more: bool, all: Option<i64>) -> String {
    let (from, to) = (thousands(seen + 1), thousands(seen + listed));
    match (listed, more, all) {
        (0, ..) => "没有更多的行".to_owned(),
        (_, true, Some(all)) => format!("第 {from}—{to} 行，共 {} 行", thousands(all)),
        (_, true, None) => format!("第 {from}—{to} 行，后面还有"),
        (_, false, _) if seen == 0 => format!("共 {to} 行，全部在本页"),
        (_, false, _) => format!("第 {from}—{to} 行，共 {to} 行，到此为止"),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn the_count_says_what_is_known() {
        assert_eq!(count(0, 12, false, None), "共 12 行，全部在本页");
        assert_eq!(count(0, 50, true, Some(153)), "第 1—50 行，共 153 行");
        assert_eq!(count(50, 50, true, None), "第 51—100 行，后面还有");
        assert_eq!(count(150, 3, false, Some(153)), "第 151—153 行，共 153 行，到此为止");
        assert_eq!(count(0, 0, false, Some(0)), "没有更多的行");
    }
}
