//! What templates are prefilled with: what is on record within the scope of who asks.

use std::collections::BTreeMap;

use chrono::Datelike;
use kernel::Result;
use kernel::access::Scope;
use kernel::id::UnitId;
use kernel::indicator::entry;
use kernel::org::{self, ORG_COLUMNS, Organisation, YearFigures};
use kernel::store::{Read, Sql};
use kernel::value::money::Fen;
use sheets::{Filled, Value};

use super::model::What;
use super::orgs::value_of;
use super::years;

/// Rows that a template is prefilled with at most.
pub(super) const PREFILLED: i64 = 100_000;

/// What a template is prefilled with; `year` is the year of yearly figures, without one the last that has any.
///
/// # Errors
/// As the database says.
pub(super) async fn rows(read: &Read, what: What, scope: &Scope, year: Option<i32>) -> Result<Vec<Filled>> {
    match what {
        What::Orgs => orgs(read, scope).await,
        What::Years => year_rows(read, scope, year).await,
        What::Targets => targets(read, scope).await,
        What::Declared => declared(read).await,
        // A fact is never changed, and a row of marks grants one more: sent back, both could only be themselves.
        What::Facts | What::Marks => Ok(Vec::new()),
    }
}

async fn held(read: &Read, scope: &Scope) -> Result<Vec<Organisation>> {
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY o.unit_id, o.id LIMIT ").bind(PREFILLED);
    read.all(sql).await?.iter().map(Organisation::of).collect()
}

async fn orgs(read: &Read, scope: &Scope) -> Result<Vec<Filled>> {
    let mut filled = Vec::new();
    for orgs in held(read, scope).await?.chunks(500) {
        let histories = org::histories(read, &orgs.iter().map(|org| org.id).collect()).await?;
        for org in orgs {
            let history = histories.get(&org.id).map_or(&[] as &[_], Vec::as_slice);
            let value = |(attribute, column): (&'static str, &'static str)| {
                let now = org::value_on(history, attribute, read.today())?;
                Some((column, value_of(attribute, &now.value)?))
            };
            let mut cells: BTreeMap<&'static str, Value> =
                super::orgs::ATTRIBUTES.into_iter().filter_map(value).collect();
            for (column, code) in [("credit_code", &org.credit_code), ("local_code", &org.local_code)] {
                cells.extend(code.clone().map(|code| (column, Value::Text(code))));
            }
            cells.insert("kind", Value::Text(org.kind.clone()));
            filled.push(Filled { key: format!("o{}", org.id), values: cells });
        }
    }
    Ok(filled)
}

/// The last year of which the scope holds figures, at most the last one that is over; without any, that one.
async fn last_year(read: &Read, scope: &Scope) -> Result<i32> {
    let over = read.today().year() - 1;
    let mut sql = Sql::new("SELECT MAX(y.year) AS year FROM org_year y JOIN organisation o ON o.id = y.org_id WHERE ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND y.year <= ").bind(i64::from(over));
    let last: Option<i64> = read.one(sql).await?.get("year")?;
    Ok(last.and_then(|year| i32::try_from(year).ok()).unwrap_or(over))
}

async fn year_rows(read: &Read, scope: &Scope, year: Option<i32>) -> Result<Vec<Filled>> {
    let year = match year {
        Some(year) => year,
        None => last_year(read, scope).await?,
    };
    let mut sql = Sql::new(
        "SELECT y.org_id, y.employees, y.revenue_fen, y.assets_fen, y.source FROM org_year y \
         JOIN organisation o ON o.id = y.org_id WHERE ",
    );
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND y.year = ").bind(i64::from(year)).push(" ORDER BY y.position");
    let mut figures: BTreeMap<i64, YearFigures> = BTreeMap::new();
    for row in read.all(sql).await? {
        let of_year = YearFigures {
            year,
            employees: row.get("employees")?,
            revenue: row.get::<Option<i64>>("revenue_fen")?.map(Fen),
            assets: row.get::<Option<i64>>("assets_fen")?.map(Fen),
            source: row.get("source")?,
        };
        figures.insert(row.get("org_id")?, of_year);
    }
    let filled = |org: Organisation| {
        let mut values = BTreeMap::from([
            ("credit_code", Value::Text(org.code().to_owned())),
            ("name", Value::Text(org.name.clone())),
            ("year", Value::Count(i64::from(year))),
        ]);
        if let Some(of_year) = figures.get(&org.id.0) {
            values.extend(years::cells(of_year).into_iter().filter_map(|(key, value)| Some((key, value?))));
            values.insert("source", Value::Text(of_year.source.clone()));
        }
        Filled { key: format!("o{}-{year}", org.id), values }
    };
    let enterprises =
        held(read, scope).await?.into_iter().filter(|o| o.kind == "enterprise" || o.kind == "sole_trader");
    Ok(enterprises.map(filled).collect())
}

/// Of every declared figure what was said last.
async fn declared(read: &Read) -> Result<Vec<Filled>> {
    let sql = "SELECT indicator, as_on, value, source, person FROM declared ORDER BY as_on, position";
    let mut last: BTreeMap<String, BTreeMap<&'static str, Value>> = BTreeMap::new();
    for row in read.all(sql).await? {
        let (indicator, value): (String, String) = (row.get("indicator")?, row.get("value")?);
        if value.is_empty() {
            last.remove(&indicator);
            continue;
        }
        let values = BTreeMap::from([
            ("indicator", Value::Text(indicator.clone())),
            ("value", Value::Text(value)),
            ("as_on", Value::Day(row.get("as_on")?)),
            ("source", Value::Text(row.get("source")?)),
            ("person", Value::Text(row.get("person")?)),
        ]);
        last.insert(indicator, values);
    }
    let known = last.into_iter().filter(|(indicator, _)| read.catalog().indicator(indicator).is_some());
    Ok(known.map(|(indicator, values)| Filled { key: format!("d|{indicator}"), values }).collect())
}

async fn targets(read: &Read, scope: &Scope) -> Result<Vec<Filled>> {
    let sql = "SELECT indicator, period, unit_id, value, source FROM target ORDER BY position";
    let mut last: BTreeMap<(String, String, i64), (i64, String)> = BTreeMap::new();
    for row in read.all(sql).await? {
        let key = (row.get("indicator")?, row.get("period")?, row.get("unit_id")?);
        last.insert(key, (row.get("value")?, row.get("source")?));
    }
    let shown = |((indicator, period, unit), (value, source)): ((String, String, i64), (i64, String))| {
        let sort = entry::sort(read.catalog().indicator(&indicator)?, read.catalog())?;
        let visible = value >= 0 && (*scope == Scope::All || scope.holds(UnitId(unit)));
        let mut values = BTreeMap::from([
            ("indicator", Value::Text(indicator.clone())),
            ("period", Value::Text(period.clone())),
            ("value", Value::Text(entry::typed(value, sort))),
            ("source", Value::Text(source)),
        ]);
        if unit != 0 {
            values.insert("unit", Value::Text(unit.to_string()));
        }
        visible.then(|| Filled { key: format!("{indicator}|{period}|{unit}"), values })
    };
    Ok(last.into_iter().filter_map(shown).collect())
}
