//! Small cells (小样本抑制): of a table that is made public, which cells are not shown, because too few enterprises stand
//! behind them or because such a cell could be worked out from what is shown. Pure.
//!
//! The table has its totals as a last row and column, so that each row and each column is one equation. A hidden cell is
//! an edge between its row and its column; it can be worked out exactly if and only if no ring of hidden cells runs
//! through it. So cells are hidden until every hidden cell lies on a ring, and until what is hidden in a line whose total
//! is shown rests on enough enterprises together.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::value::day::Day;

/// One edition of the rule (`data/small-cells.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallCells {
    /// Code.
    pub code: String,
    /// What it is called.
    pub title: String,
    in_force_from: Day,
    /// Enterprises behind a public cell at least.
    pub least: i64,
    /// Whether an authority has confirmed it.
    pub confirmed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Vec<SmallCells>,
}

impl SmallCells {
    /// The edition in force on a day; `None` before the first: then nothing is published.
    pub fn on(day: Day) -> Option<&'static Self> {
        static EMBEDDED: OnceLock<Vec<SmallCells>> = OnceLock::new();
        let editions = EMBEDDED.get_or_init(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/small-cells.toml"));
            toml::from_str::<File>(text).expect("invariant: the shipped editions are read by a test").edition
        });
        editions.iter().rfind(|e| e.in_force_from <= day)
    }
}

/// Which cells of a table are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    columns: usize,
    mask: Vec<bool>,
}

impl Hidden {
    /// Whether a cell is hidden. The row after the last one holds the totals of columns, the column after the last one
    /// those of rows, both together the grand total.
    pub fn is(&self, row: usize, column: usize) -> bool {
        self.mask.get(row * self.columns + column).copied().unwrap_or(true)
    }
}

/// Says which cells of a table of enterprises are hidden, totals included. Every row has the same number of columns;
/// a list is a table of one column. What is shown beside the counts, such as amounts, is hidden alike.
pub fn suppress(enterprises: &[Vec<i64>], least: i64) -> Hidden {
    let mut grid = Grid::of(enterprises);
    for at in 0..grid.counts.len() {
        grid.hidden[at] = (1..least).contains(&grid.counts[at]);
    }
    while let Some(line) = grid.fault(least) {
        let Some(next) = grid.cheapest(&line) else { break };
        grid.hidden[next] = true;
    }
    Hidden { columns: grid.columns, mask: grid.hidden }
}

/// The table with its totals, cell by cell.
struct Grid {
    rows: usize,
    columns: usize,
    counts: Vec<i64>,
    hidden: Vec<bool>,
}

impl Grid {
    fn of(table: &[Vec<i64>]) -> Self {
        let inner = table.iter().map(Vec::len).max().unwrap_or(0);
        let mut lines: Vec<Vec<i64>> =
            table.iter().map(|row| (0..inner).map(|column| row.get(column).copied().unwrap_or(0)).collect()).collect();
        lines.push((0..inner).map(|column| lines.iter().map(|row| row[column]).sum()).collect());
        for row in &mut lines {
            row.push(row.iter().sum());
        }
        let (rows, columns) = (lines.len(), inner + 1);
        Self { rows, columns, counts: lines.concat(), hidden: vec![false; rows * columns] }
    }

    fn row(&self, row: usize) -> Vec<usize> {
        (0..self.columns).map(|column| row * self.columns + column).collect()
    }

    fn column(&self, column: usize) -> Vec<usize> {
        (0..self.rows).map(|row| row * self.columns + column).collect()
    }

    /// Cells among which one more has to be hidden; nothing when the table can be shown.
    fn fault(&self, least: i64) -> Option<Vec<usize>> {
        let lines = (0..self.rows).map(|row| self.row(row)).chain((0..self.columns).map(|column| self.column(column)));
        for line in lines {
            let (total, parts) = line.split_last()?;
            let together: i64 = parts.iter().filter(|at| self.hidden[**at]).map(|at| self.counts[*at]).sum();
            if !self.hidden[*total] && (1..least).contains(&together) {
                return Some(line);
            }
        }
        let exposed = (0..self.hidden.len()).find(|at| self.hidden[*at] && !self.is_on_ring(*at))?;
        let (row, column) = (exposed / self.columns, exposed % self.columns);
        // Where a line has but this one hidden cell, one more is needed there; otherwise anywhere.
        let alone = |line: &Vec<usize>| line.iter().filter(|at| self.hidden[**at]).count() == 1;
        let lines = [self.row(row), self.column(column)];
        let open = |line: &Vec<usize>| line.iter().any(|at| !self.hidden[*at]);
        let line = lines.iter().find(|line| alone(line) && open(line)).or_else(|| lines.iter().find(|line| open(line)));
        Some(line.cloned().unwrap_or_else(|| (0..self.hidden.len()).collect()))
    }

    /// The shown cell of a line that costs least: a part before a total, few enterprises before many, none as a last resort.
    fn cheapest(&self, line: &[usize]) -> Option<usize> {
        let is_total = |at: usize| at / self.columns + 1 == self.rows || at % self.columns + 1 == self.columns;
        let shown = line.iter().copied().filter(|at| !self.hidden[*at]);
        shown.min_by_key(|at| (self.counts[*at] == 0, is_total(*at), self.counts[*at]))
    }

    /// Whether row and column of a hidden cell are joined by other hidden cells.
    fn is_on_ring(&self, edge: usize) -> bool {
        let (from, to) = (edge / self.columns, self.rows + edge % self.columns);
        let (mut seen, mut next) = (vec![false; self.rows + self.columns], vec![from]);
        while let Some(node) = next.pop() {
            if node == to {
                return true;
            }
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            let line = if node < self.rows { self.row(node) } else { self.column(node - self.rows) };
            let joined = line.into_iter().filter(|at| *at != edge && self.hidden[*at]);
            next.extend(
                joined.map(|at| if node < self.rows { self.rows + at % self.columns } else { at / self.columns }),
            );
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shipped_rule_is_read() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        assert!(SmallCells::on(day("2019-12-31")).is_none());
        assert_eq!(SmallCells::on(day("2021-08-11")).expect("an edition").least, 3);
    }

    #[test]
    fn a_small_cell_takes_a_second_one_with_it() {
        // Three counties, one product: the county with one client cannot be told from the total.
        let hidden = suppress(&[vec![1], vec![4], vec![9]], 3);
        assert_eq!((0..4).map(|row| hidden.is(row, 0)).collect::<Vec<_>>(), [true, true, false, false]);
        // Nothing small, nothing hidden; none is not few.
        let open = suppress(&[vec![3, 0], vec![5, 7]], 3);
        assert!((0..3).all(|row| (0..3).all(|column| !open.is(row, column))));
        // One enterprise in all: nothing is shown, neither its cell nor the totals.
        let one = suppress(&[vec![1, 0], vec![0, 0]], 3);
        assert!(one.is(0, 0) && one.is(0, 2) && one.is(2, 0) && one.is(2, 2));
    }

    /// Hidden cells that the equations of rows and columns settle exactly, by elimination; no use is made of rings.
    fn settled(rows: usize, columns: usize, hidden: &Hidden) -> Vec<usize> {
        let unknown: Vec<usize> = (0..rows * columns).filter(|at| hidden.is(at / columns, at % columns)).collect();
        let sign = |at: usize, of_row: bool| {
            let last = if of_row { at % columns + 1 == columns } else { at / columns + 1 == rows };
            if last { -1.0 } else { 1.0 }
        };
        let line = |test: &dyn Fn(usize) -> bool, of_row: bool| -> Vec<f64> {
            unknown.iter().map(|at| if test(*at) { sign(*at, of_row) } else { 0.0 }).collect()
        };
        let mut matrix: Vec<Vec<f64>> = (0..rows).map(|row| line(&|at| at / columns == row, true)).collect();
        matrix.extend((0..columns).map(|column| line(&|at| at % columns == column, false)));
        let mut top = 0;
        for at in 0..unknown.len() {
            let Some(pivot) = (top..matrix.len()).find(|row| matrix[*row][at].abs() > 1e-9) else { continue };
            matrix.swap(top, pivot);
            let by = matrix[top][at];
            matrix[top].iter_mut().for_each(|value| *value /= by);
            let pivot_row = matrix[top].clone();
            for (_, row) in matrix.iter_mut().enumerate().filter(|(nth, _)| *nth != top) {
                let times = row[at];
                row.iter_mut().zip(&pivot_row).for_each(|(value, p)| *value -= times * p);
            }
            top += 1;
        }
        let alone = |row: &Vec<f64>| {
            let mut set = row.iter().enumerate().filter(|(_, value)| value.abs() > 1e-9).map(|(at, _)| at);
            set.next().filter(|_| set.next().is_none())
        };
        matrix.iter().filter_map(alone).map(|at| unknown[at]).collect()
    }

    proptest! {
        #[test]
        fn no_small_cell_is_shown_or_follows_from_what_is_shown(
            table in (1usize..6).prop_flat_map(|columns| {
                proptest::collection::vec(proptest::collection::vec(0i64..9, columns), 1..6)
            }),
            least in 2i64..5,
        ) {
            let grid = Grid::of(&table);
            let hidden = suppress(&table, least);
            for at in 0..grid.counts.len() {
                let (row, column) = (at / grid.columns, at % grid.columns);
                prop_assert!(!(1..least).contains(&grid.counts[at]) || hidden.is(row, column), "{table:?} at {row},{column}");
            }
            prop_assert_eq!(settled(grid.rows, grid.columns, &hidden), Vec::<usize>::new(), "{:?}: {:?}", table, hidden);
            let lines = (0..grid.rows).map(|row| grid.row(row)).chain((0..grid.columns).map(|column| grid.column(column)));
            for line in lines {
                let (total, parts) = line.split_last().expect("a line");
                let is = |at: &usize| hidden.is(at / grid.columns, at % grid.columns);
                let together: i64 = parts.iter().filter(|at| is(at)).map(|at| grid.counts[*at]).sum();
                prop_assert!(is(total) || !(1..least).contains(&together), "{table:?}: {line:?} gives {together} away");
            }
        }
    }
}
