//! Reads of selected institutions: which are valid on a day, how many orders of a plan year they have.
//!
//! The result of a selection is public, and whose turn it is depends on all of them: rules ask without the actor's scope.

use std::collections::HashMap;

use chrono::Datelike;
use kernel::Result;
use kernel::access::Scope;
use kernel::case::{self, Body, Offered, Values};
use kernel::id::OrgId;
use kernel::store::Read;
use kernel::value::day::{Day, parse_day};

use super::flow::{ORDER, PLACED};
use super::rules::{Institution, in_turn};
use super::selection::SELECTION;

/// More institutions than any city selects.
const MOST: i64 = 1000;

/// Every institution that is selected and has not left, valid or not, with its orders of a plan year.
///
/// # Errors
/// As the database says.
pub(super) async fn selected(read: &Read, year: i32) -> Result<Vec<Institution>> {
    let cases = case::list(read, &Scope::All, SELECTION.code, Some("selected"), None, MOST).await?;
    let used = used(read, year).await?;
    let day = |values: &Values, field: &str| values.get(field).and_then(|text| parse_day(text).ok());
    let of = |found: case::Case| {
        let (used, last) = used.get(&found.subject).copied().unwrap_or_default();
        Some(Institution {
            case: found.id,
            org: found.subject,
            round: found.values.get("round").cloned().unwrap_or_default(),
            valid_from: day(&found.values, "valid_from")?,
            valid_to: day(&found.values, "valid_to")?,
            quota: found.values.get("quota")?.parse().ok()?,
            name: found.subject_name,
            used,
            last,
        })
    };
    Ok(cases.into_iter().filter_map(of).collect())
}

/// Orders of a plan year by institution: how many hold a place, and the number of the last.
async fn used(read: &Read, year: i32) -> Result<HashMap<OrgId, (i64, i64)>> {
    let mut found: HashMap<OrgId, (i64, i64)> = HashMap::new();
    let sql = "SELECT id, counterparty_id, state, field_values FROM case_file \
               WHERE flow = $1 AND counterparty_id IS NOT NULL ORDER BY id";
    for row in read.all((sql, kernel::args![ORDER.code])).await? {
        let values: Values = serde_json::from_str(&row.get::<String>("field_values")?).unwrap_or_default();
        let placed = PLACED.contains(&row.get::<String>("state")?.as_str());
        if placed && super::rules::plan_year(&values) == Some(year) {
            let entry = found.entry(OrgId(row.get("counterparty_id")?)).or_default();
            *entry = (entry.0 + 1, row.get("id")?);
        }
    }
    Ok(found)
}

/// Those that may take an order today, whose turn it is first.
///
/// # Errors
/// As the database says.
pub(super) async fn turn(read: &Read) -> Result<Vec<Institution>> {
    let today = read.today();
    Ok(in_turn(selected(read, today.year()).await?, today))
}

/// Those that can be chosen for an order; a firm is not diagnosed by itself.
pub(super) fn offered(read: &Read, subject: OrgId) -> Offered<'_> {
    Box::pin(async move {
        let turn = turn(read).await?;
        let others = turn.into_iter().filter(|one| one.org != subject);
        Ok(others
            .map(|one| Body {
                note: format!("剩余名额 {}/{}", one.left(), one.quota), org: one.org, name: one.name
            })
            .collect())
    })
}

/// Why an institution may not take an order on a day; nothing when it may.
///
/// # Errors
/// As the database says.
pub(super) async fn barred(read: &Read, org: OrgId, on: Day) -> Result<Option<String>> {
    let all = selected(read, on.year()).await?;
    let mut of_it = all.iter().filter(|one| one.org == org).peekable();
    if of_it.peek().is_none() {
        return Ok(Some("该机构不是现在入选的诊断服务机构".into()));
    }
    let Some(last) = of_it.clone().max_by_key(|one| one.valid_to) else { return Ok(None) };
    Ok(match of_it.any(|one| one.is_valid(on)) {
        true => None,
        false => Some(format!("该机构的入选有效期为 {} 至 {}，{on} 不能接单", last.valid_from, last.valid_to)),
    })
}
