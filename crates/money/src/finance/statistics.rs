//! What everybody may know of the marketplace: firms and amounts by unit, without cells behind which few enterprises stand.
//!
//! Always about the end of the month before: two days apart, two tables would tell what one of them hides.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use chrono::Datelike;
use kernel::access::Scope;
use kernel::indicator::{By, Question, SmallCells, breakdown, suppress};
use kernel::store::Read;
use kernel::value::day::{Day, chinese};
use kernel::value::money::Fen;
use kernel::value::thousands;
use kernel::{Error, Result};
use web::{Frame, Ui};

/// What is told: label, indicator of firms, indicator of their amount.
const TOLD: [(&str, &str, &str); 2] = [
    ("发布融资需求", "finance.demand_firms", "finance.demand_amount"),
    ("获得授信", "finance.granted_firms", "finance.granted_amount"),
];
/// Stands for a cell that is not shown.
const KEPT_BACK: &str = "*";

/// Firms and amount by unit.
type Measured = BTreeMap<String, (i64, Fen)>;

/// Firms and amounts as they may be shown, one pair for each unit in its order, and one for all together.
fn shown(measured: &[(i64, Fen)], least: i64) -> Vec<[String; 2]> {
    let table: Vec<Vec<i64>> = measured.iter().map(|(firms, _)| vec![*firms]).collect();
    let hidden = suppress(&table, least);
    let firms: i64 = measured.iter().map(|(firms, _)| firms).sum();
    let amount = Fen::checked_sum(measured.iter().map(|(_, amount)| *amount)).unwrap_or(Fen::ZERO);
    let all = measured.iter().copied().chain([(firms, amount)]);
    let pair = |(row, (firms, amount)): (usize, (i64, Fen))| match hidden.is(row, 0) {
        true => [KEPT_BACK.to_owned(), KEPT_BACK.to_owned()],
        false => [thousands(firms), thousands(amount.exact_wan())],
    };
    all.enumerate().map(pair).collect()
}

/// The last day of the month before a day.
fn month_before(today: Day) -> Day {
    today.with_day(1).and_then(|first| first.pred_opt()).unwrap_or(today)
}

async fn measured(read: &Read, firms: &str, amount: &str, q: &Question<'_>) -> Result<Measured> {
    let mut found = Measured::new();
    for (code, is_amount) in [(firms, false), (amount, true)] {
        let unknown = || Error::Internal(format!("no indicator {code}"));
        let indicator = read.catalog().indicator(code).ok_or_else(unknown)?;
        for cell in breakdown(read, indicator, &[By::Unit], q).await? {
            let entry = found.entry(cell.labels.join("")).or_default();
            match is_amount {
                true => entry.1 = Fen(cell.number.whole()),
                false => entry.0 = cell.number.whole(),
            }
        }
    }
    Ok(found)
}

#[derive(Template)]
#[template(path = "finance/templates/statistics.html")]
struct StatisticsPage {
    cx: Frame,
    on: String,
    least: i64,
    heads: Vec<&'static str>,
    /// Unit, and a pair for each head.
    rows: Vec<(String, Vec<[String; 2]>)>,
}

async fn page(ui: &Ui, read: &Read) -> web::Result<StatisticsPage> {
    let (scope, about) = (Scope::All, month_before(read.today()));
    let q = Question { about, known: read.head()?, scope: &scope };
    let least = SmallCells::on(read.today()).map(|edition| edition.least).ok_or(Error::NotFound)?;
    let mut all = Vec::new();
    for (_, firms, amount) in TOLD {
        all.push(measured(read, firms, amount, &q).await?);
    }
    let mut units: Vec<String> = all.iter().flat_map(|one| one.keys().cloned()).collect();
    units.sort();
    units.dedup();
    let mut rows: Vec<(String, Vec<[String; 2]>)> =
        units.iter().cloned().chain(["全市".to_owned()]).map(|unit| (unit, Vec::new())).collect();
    for one in &all {
        let pairs: Vec<_> = units.iter().map(|unit| one.get(unit).copied().unwrap_or_default()).collect();
        for (row, pair) in rows.iter_mut().zip(shown(&pairs, least)) {
            row.1.push(pair);
        }
    }
    let heads = TOLD.iter().map(|(label, ..)| *label).collect();
    Ok(StatisticsPage { cx: ui.frame(read).await?, on: chinese(about), least, heads, rows })
}

pub(super) async fn open(ui: Ui) -> web::Result<Response> {
    let read = ui.read().await?;
    ui.page(&page(&ui, &read).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_few_is_kept_back_with_its_amount_and_cannot_be_worked_out() {
        let told = shown(&[(2, Fen(7_000_000)), (5, Fen(1_000_000)), (40, Fen(9_000_000))], 3);
        assert_eq!(told.len(), 4);
        assert_eq!(told.first().map(|pair| pair.join(" ")), Some("* *".to_owned()));
        // With the total shown another cell must be hidden too.
        let kept_back = told.iter().filter(|pair| pair.iter().all(|text| text == KEPT_BACK)).count();
        assert!(kept_back >= 2, "{told:?}");
        assert!(!told.iter().any(|pair| pair.contains(&"7".to_owned())));
    }

    #[test]
    fn enough_enterprises_are_told_and_nobody_is_none() {
        let told = shown(&[(3, Fen(1_000_000)), (0, Fen(0))], 3);
        assert_eq!(told.concat(), ["3", "1", "0", "0", "3", "1"]);
    }

    #[test]
    fn the_month_before_ends_on_its_last_day() {
        let day = |y, m, d| Day::from_ymd_opt(y, m, d).expect("a day");
        assert_eq!(month_before(day(2021, 3, 31)), day(2021, 2, 28));
        assert_eq!(month_before(day(2021, 1, 1)), day(2020, 12, 31));
    }
}
