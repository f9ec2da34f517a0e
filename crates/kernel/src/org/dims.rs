//! What an organisation was on a day, as far as facts are concerned.

use std::collections::{BTreeSet, HashMap};

use super::attribute::{Assertion, changes, history, value_on};
use crate::Result;
use crate::id::OrgId;
use crate::ledger::Dims;
use crate::store::{Read, Sql};
use crate::value::day::Day;

const ATTRIBUTES: [&str; 5] = ["unit", "region", "industry", "size", "above_scale"];

/// Today's dimensions and the day since which they have not changed.
#[derive(Debug, Clone)]
pub struct Current {
    /// The dimensions.
    pub dims: Dims,
    /// First day on which they hold.
    pub since: Day,
    /// Last day on which they hold, as far as is known: a mark may end on a day to come.
    pub until: Day,
    /// The organisation was merged into another and has no facts of its own any more.
    pub merged: bool,
}

/// Today's dimensions of many organisations.
///
/// # Errors
/// As the database says. Unknown organisations are left out.
pub async fn current_dims(read: &Read, orgs: &BTreeSet<i64>) -> Result<HashMap<i64, Current>> {
    let mut found = HashMap::with_capacity(orgs.len());
    let ids: Vec<i64> = orgs.iter().copied().collect();
    for ids in ids.chunks(2000) {
        let mut sql = Sql::new(
            "SELECT id, unit_id, region, industry, size, above_scale, dims_since, dims_until, merged_into \
             FROM organisation WHERE id IN ",
        );
        sql.binds(ids.iter().copied());
        for row in read.all(sql).await? {
            let dims = Dims {
                unit: row.at(1)?,
                region: row.at(2)?,
                industry: row.at(3)?,
                size: row.at(4)?,
                above_scale: row.at(5)?,
            };
            let merged = row.at::<Option<i64>>(8)?.is_some();
            found.insert(row.at(0)?, Current { dims, since: row.at(6)?, until: row.at(7)?, merged });
        }
    }
    Ok(found)
}

/// The dimensions on `day`, from the history as known now.
///
/// # Errors
/// As the database says.
pub async fn dims_on(read: &Read, org: OrgId, day: Day) -> Result<Dims> {
    Ok(on(&history(read, org, None).await?, day))
}

fn on(history: &[Assertion], day: Day) -> Dims {
    let text = |code: &str| value_on(history, code, day).map(|a| a.value.clone()).unwrap_or_default();
    let number = |code: &str| text(code).parse().unwrap_or(0);
    Dims {
        unit: number("unit"),
        region: number("region"),
        industry: text("industry"),
        size: number("size"),
        above_scale: number("above_scale"),
    }
}

/// The day since which all dimensions have been what they are `today`.
pub(super) fn since(history: &[Assertion], today: Day) -> Day {
    ATTRIBUTES
        .iter()
        .filter_map(|attribute| changes(history, attribute).range(..=today).next_back().map(|(day, _)| *day))
        .max()
        .unwrap_or(Day::MIN)
        .max(Day::from_ymd_opt(1, 1, 1).unwrap_or(Day::MIN))
}

/// The last day on which all dimensions are what they are `today`, by what is known; far away when none ends.
pub(super) fn until(history: &[Assertion], today: Day) -> Day {
    let far = Day::from_ymd_opt(9999, 12, 31).unwrap_or(Day::MAX);
    ATTRIBUTES
        .iter()
        .filter_map(|attribute| changes(history, attribute).into_keys().find(|day| *day > today)?.pred_opt())
        .min()
        .unwrap_or(far)
}
