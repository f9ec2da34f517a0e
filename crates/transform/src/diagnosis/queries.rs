//! Reads across orders. Every function takes a scope.

use std::collections::{BTreeMap, HashMap};

use kernel::Result;
use kernel::access::Scope;
use kernel::case::Values;
use kernel::id::{CaseId, OrgId, UnitId};
use kernel::store::{Read, Sql};
use kernel::value::day::{self, Day, parse_day};
use kernel::value::money::Fen;
use rust_decimal::Decimal;

use super::flow::ORDER;
use super::report::{ITEM_COLUMNS, Item};
use super::rules::{self, Step};

/// Orders by state.
///
/// # Errors
/// As the database says.
pub(super) async fn by_state(read: &Read, scope: &Scope) -> Result<HashMap<String, i64>> {
    let mut sql = Sql::new("SELECT c.state, CAST(COUNT(*) AS BIGINT) AS n FROM case_file c WHERE c.flow = ");
    sql.bind(ORDER.code).push(" AND ");
    scope.on_cases(&mut sql, "c");
    sql.push(" GROUP BY c.state");
    read.all(sql).await?.iter().map(|row| Ok((row.get("state")?, row.int("n")?))).collect()
}

/// An order as sheets and rankings look at it.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// Its case.
    pub id: CaseId,
    /// Its state.
    pub state: String,
    /// Its unit.
    pub unit: UnitId,
    /// The enterprise.
    pub firm: OrgId,
    /// Its name.
    pub firm_name: String,
    /// Its credit or local code.
    pub firm_code: String,
    /// Its industry division.
    pub division: String,
    /// The institution.
    pub institution: OrgId,
    /// Its name.
    pub institution_name: String,
    /// What was filled in.
    pub values: Values,
}

impl Placed {
    /// A day that was filled in.
    pub(super) fn day(&self, field: &str) -> Option<Day> {
        self.values.get(field).and_then(|text| parse_day(text).ok())
    }

    /// What was settled.
    pub(super) fn settled(&self) -> Option<Fen> {
        self.values.get("subsidy").filter(|_| self.state == "settled").and_then(|text| text.parse().ok()).map(Fen)
    }
}

/// Orders of a plan year that have an institution, in their order; of one institution if it is named.
///
/// # Errors
/// As the database says.
pub(super) async fn placed(read: &Read, scope: &Scope, year: i32, institution: Option<OrgId>) -> Result<Vec<Placed>> {
    let mut sql = Sql::new(
        "SELECT c.id, c.state, c.unit_id, c.subject_id, c.counterparty_id, c.field_values, o.name, o.credit_code, o.local_code, \
         o.industry, p.name AS by_name FROM case_file c JOIN organisation o ON o.id = c.subject_id \
         JOIN organisation p ON p.id = c.counterparty_id WHERE c.flow = ",
    );
    sql.bind(ORDER.code).push(" AND ");
    scope.on_cases(&mut sql, "c");
    if let Some(institution) = institution {
        sql.push(" AND c.counterparty_id = ").bind(institution);
    }
    sql.push(" ORDER BY c.id");
    let mut found = Vec::new();
    for row in read.all(sql).await? {
        let values: Values = serde_json::from_str(&row.get::<String>("field_values")?).unwrap_or_default();
        if rules::plan_year(&values) != Some(year) {
            continue;
        }
        let code = row.get::<Option<String>>("credit_code")?.or(row.get::<Option<String>>("local_code")?);
        found.push(Placed {
            id: CaseId(row.get("id")?),
            state: row.get("state")?,
            unit: UnitId(row.get("unit_id")?),
            firm: OrgId(row.get("subject_id")?),
            firm_name: row.get("name")?,
            firm_code: code.unwrap_or_default(),
            division: row.text("industry")?.get(..2).unwrap_or_default().to_owned(),
            institution: OrgId(row.get("counterparty_id")?),
            institution_name: row.get("by_name")?,
            values,
        });
    }
    Ok(found)
}

/// What was done in orders that have an institution, and when.
///
/// # Errors
/// As the database says.
pub(super) async fn steps(read: &Read, scope: &Scope) -> Result<HashMap<CaseId, Vec<Step>>> {
    let mut sql = Sql::new(
        "SELECT e.case_id, e.action, e.done_at FROM case_event e JOIN case_file c ON c.id = e.case_id WHERE c.flow = ",
    );
    sql.bind(ORDER.code).push(" AND c.counterparty_id IS NOT NULL AND ");
    scope.on_cases(&mut sql, "c");
    sql.push(" ORDER BY e.case_id, e.revision");
    let mut found: HashMap<CaseId, Vec<Step>> = HashMap::new();
    for row in read.all(sql).await? {
        let step = Step { action: row.get("action")?, on: day::today(row.get("done_at")?) };
        found.entry(CaseId(row.get("case_id")?)).or_default().push(step);
    }
    Ok(found)
}

/// Ratings by order.
///
/// # Errors
/// As the database says.
pub(super) async fn ratings(read: &Read, scope: &Scope) -> Result<HashMap<CaseId, i64>> {
    let mut sql =
        Sql::new("SELECT r.case_id, r.stars FROM diagnosis_rating r JOIN case_file c ON c.id = r.case_id WHERE ");
    scope.on_cases(&mut sql, "c");
    read.all(sql).await?.iter().map(|row| Ok((CaseId(row.get("case_id")?), row.get("stars")?))).collect()
}

/// Points by order and time, of the questionnaire that each order was assessed with first.
///
/// # Errors
/// As the database says.
pub(super) async fn scores(read: &Read, scope: &Scope) -> Result<BTreeMap<CaseId, BTreeMap<i64, Decimal>>> {
    let mut sql = Sql::new(
        "SELECT a.case_id, a.stage, a.instrument, a.score FROM diagnosis_assessment a JOIN case_file c ON c.id = a.case_id \
         WHERE a.draft = 0 AND ",
    );
    scope.on_cases(&mut sql, "c");
    sql.push(" ORDER BY a.case_id, a.stage, a.id");
    let mut found: BTreeMap<CaseId, BTreeMap<i64, Decimal>> = BTreeMap::new();
    let mut first: HashMap<CaseId, String> = HashMap::new();
    for row in read.all(sql).await? {
        let (case, instrument) = (CaseId(row.get("case_id")?), row.get::<String>("instrument")?);
        if first.entry(case).or_insert_with(|| instrument.clone()) == &instrument
            && let Ok(score) = row.get::<String>("score")?.parse()
        {
            found.entry(case).or_default().insert(row.get("stage")?, score);
        }
    }
    Ok(found)
}

/// A recommendation of which nothing became yet.
pub(super) struct Open {
    /// The recommendation.
    pub item: Item,
    /// Its order.
    pub case: CaseId,
    /// The enterprise.
    pub firm: String,
    /// The institution.
    pub institution: String,
    /// The reporting unit of the order.
    pub unit: i64,
}

/// Recommendations of accepted diagnoses of which nothing became, the most urgent first; after a number of them.
///
/// # Errors
/// As the database says.
pub(super) async fn open_items(read: &Read, scope: &Scope, skip: i64, limit: i64) -> Result<Vec<Open>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(ITEM_COLUMNS)
        .push(", c.id AS case_id, c.unit_id, o.name, p.name AS by_name FROM diagnosis_item i JOIN case_file c ON c.id = i.case_id ")
        .push("JOIN organisation o ON o.id = c.subject_id LEFT JOIN organisation p ON p.id = c.counterparty_id ")
        .push("WHERE i.became = '' AND c.state IN ('accepted', 'settled') AND ");
    scope.on_cases(&mut sql, "c");
    sql.push(" ORDER BY CASE i.priority WHEN 'high' THEN 0 WHEN 'middle' THEN 1 ELSE 2 END, i.id LIMIT ").bind(limit);
    sql.push(" OFFSET ").bind(skip);
    let of = |row: &kernel::store::Row| {
        Ok(Open {
            item: Item::of(row)?,
            case: CaseId(row.get("case_id")?),
            firm: row.get("name")?,
            institution: row.text("by_name")?,
            unit: row.get("unit_id")?,
        })
    };
    read.all(sql).await?.iter().map(of).collect()
}
