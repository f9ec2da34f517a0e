//! The list behind a figure: exactly the rows it counts, a page at a time.

use super::direct::{self, Behind};
use super::target::{self, DeclaredRow, TargetRow};
use super::{By, Indicator, Measure, Of, Question, evaluate};
use crate::Result;
use crate::id::OrgId;
use crate::ledger::Fact;
use crate::store::{Read, Row, Sql};
use crate::value::day::Day;
use crate::value::money::Fen;

/// One cell of a breakdown, as a condition. Empty means the whole figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Within {
    /// Dimension and key, as a breakdown gave them.
    pub keys: Vec<(By, String)>,
}

impl Within {
    /// Narrows days to the cell's month, if it has one.
    pub(super) fn days(&self, (from, to): (Option<Day>, Day)) -> (Option<Day>, Day) {
        let month = self.keys.iter().find(|(by, _)| *by == By::Month).and_then(|(_, key)| {
            let code: i32 = key.parse().ok()?;
            let first = Day::from_ymd_opt(code / 100, u32::try_from(code % 100).ok()?, 1)?;
            Some((first, first.checked_add_months(chrono::Months::new(1))?.pred_opt()?))
        });
        match month {
            Some((first, last)) => (Some(from.map_or(first, |f| f.max(first))), to.min(last)),
            None => (from, to),
        }
    }

    /// Appends the cell's conditions, each with a leading `AND`. A key of the wrong form matches nothing.
    pub(super) fn condition(&self, sql: &mut Sql, _read: &Read) {
        for (by, key) in &self.keys {
            sql.push(" AND ");
            match (by, key.parse::<i64>()) {
                (By::Month, Ok(code)) if (1..=12).contains(&(code % 100)) => sql.push("1 = 1"),
                (By::Unit, Ok(unit)) => sql.push("f.unit_id = ").bind(unit),
                (By::Region, Ok(region)) => sql.push("f.region = ").bind(region),
                (By::Size, Ok(size)) => sql.push("f.size = ").bind(size),
                (By::Counterparty, Ok(org)) => sql.push("f.counterparty_id = ").bind(org),
                (By::Counterparty, Err(_)) if key.is_empty() => sql.push("f.counterparty_id IS NULL"),
                (By::Industry, _) => sql.push("substr(f.industry, 1, 2) = ").bind(key.clone()),
                (By::Class, _) => sql.push("f.class = ").bind(key.clone()),
                _ => sql.push("1 = 0"),
            };
        }
    }
}

/// A subject of a distinct count.
#[derive(Debug, Clone)]
pub struct SubjectRow {
    /// The subject.
    pub org: OrgId,
    /// Today's name.
    pub name: String,
    /// Credit or local code.
    pub code: String,
    /// Reporting unit today.
    pub unit: i64,
    /// Net quantity in the window.
    pub quantity: i64,
    /// Facts in effect.
    pub facts: i64,
    /// Sum of amounts.
    pub amount: Fen,
    /// First day.
    pub first_on: Day,
    /// Last day.
    pub last_on: Day,
}

/// One class, unit or counterparty of a distinct count.
#[derive(Debug, Clone)]
pub struct GroupRow {
    /// Key.
    pub key: String,
    /// Net quantity.
    pub quantity: i64,
    /// Facts in effect.
    pub facts: i64,
}

/// Rows of the sort the measure counts.
#[derive(Debug, Clone)]
pub enum DrillRows {
    /// Facts in effect.
    Facts(Vec<Fact>),
    /// Subjects.
    Subjects(Vec<SubjectRow>),
    /// Classes, units or counterparties, with the dimension they belong to.
    Groups(By, Vec<GroupRow>),
    /// Targets.
    Targets(Vec<TargetRow>),
    /// Declared figures.
    Declared(Vec<DeclaredRow>),
    /// The figure is made of others: open those.
    Parts(Vec<&'static Indicator>),
}

impl DrillRows {
    /// How many rows this page holds.
    pub fn len(&self) -> usize {
        match self {
            Self::Facts(rows) => rows.len(),
            Self::Subjects(rows) => rows.len(),
            Self::Groups(_, rows) => rows.len(),
            Self::Targets(rows) => rows.len(),
            Self::Declared(rows) => rows.len(),
            Self::Parts(rows) => rows.len(),
        }
    }

    /// Whose data the rows hold.
    pub fn orgs(&self) -> Vec<OrgId> {
        match self {
            Self::Facts(rows) => rows.iter().flat_map(|f| [Some(f.subject), f.counterparty]).flatten().collect(),
            Self::Subjects(rows) => rows.iter().map(|r| r.org).collect(),
            Self::Groups(..) | Self::Targets(_) | Self::Declared(_) | Self::Parts(_) => Vec::new(),
        }
    }

    /// Whether the page is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A page of rows and where the next begins.
#[derive(Debug, Clone)]
pub struct DrillPage {
    /// The rows.
    pub rows: DrillRows,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// The rows behind an indicator in one cell.
///
/// # Errors
/// As the database says; [`crate::Error::Invalid`] at `after` for a cursor that no page of these rows gave.
pub async fn drill(
    read: &Read,
    indicator: &'static Indicator,
    q: &Question<'_>,
    within: &Within,
    after: Option<&str>,
    limit: usize,
) -> Result<DrillPage> {
    let q = &Question { known: q.known.min(read.head()?), ..*q };
    let limit = limit.clamp(1, 10_000);
    let last = |rows| Ok(DrillPage { rows, next: None });
    let Some(select) = indicator.select() else {
        return match indicator.measure {
            Measure::Target(of) => last(DrillRows::Targets(target::counting(
                target::target_rows(read, of, &indicator.window.target_period(q.about), q).await?,
            ))),
            Measure::Declared => last(DrillRows::Declared(
                target::declared_rows(read, indicator.code, q).await?.into_iter().take(1).collect(),
            )),
            _ => last(DrillRows::Parts(indicator.parts().iter().filter_map(|c| read.catalog().indicator(c)).collect())),
        };
    };
    let (from, to) = within.days(indicator.window.range(q.about));
    let behind = Behind { select, from, to, within, by_subject: false };
    match &indicator.measure {
        Measure::Distinct(_, Of::Subject) => {
            let many = evaluate(read, &[indicator], q).await?.first().is_some_and(|f| f.rows >= MANY);
            subjects(read, &Behind { by_subject: many, ..behind }, q, after, limit).await
        }
        Measure::Distinct(_, of) => groups(read, &behind, *of, q, after, limit).await,
        Measure::FirstDay(_) | Measure::MonthsSince(_) => {
            let page = facts(read, &behind, q, None, 1, true).await?;
            last(page.rows)
        }
        _ => facts(read, &behind, q, after, limit, false).await,
    }
}

/// From how many subjects on a page of them is found faster along the subjects than along the days.
const MANY: i64 = 1000;

/// Facts by kind, then newest day first; the cursor is `kind.day.position`.
async fn facts(
    read: &Read,
    behind: &Behind<'_>,
    q: &Question<'_>,
    after: Option<&str>,
    limit: usize,
    oldest: bool,
) -> Result<DrillPage> {
    let mut sql = Sql::new("SELECT ");
    sql.push(crate::ledger::FACT_COLUMNS).push(" FROM fact f").push(crate::ledger::FACT_JOINS).push(" WHERE ");
    behind.condition(&mut sql, read, q)?;
    direct::in_effect(&mut sql, q);
    if let Some((kind, day, position)) = cursor(after, fact_cursor)? {
        sql.push(" AND (f.kind > ").bind(kind).push(" OR (f.kind = ").bind(kind);
        sql.push(" AND (f.occurred_on < ").bind(day).push(" OR (f.occurred_on = ").bind(day);
        sql.push(" AND f.position < ").bind(position).push("))))");
    }
    sql.push(if oldest {
        " ORDER BY f.occurred_on, f.position"
    } else {
        " ORDER BY f.kind, f.occurred_on DESC, f.position DESC"
    });
    sql.push(" LIMIT ").bind(limit as i64 + 1);
    let rows = read.all(sql).await?;
    let more = !oldest && rows.len() > limit;
    let next = match rows.get(limit - 1) {
        Some(row) if more => Some(format!(
            "{}.{}.{}",
            row.get::<i64>("kind")?,
            row.get::<Day>("occurred_on")?,
            row.get::<i64>("position")?
        )),
        _ => None,
    };
    let facts = rows.iter().take(limit).map(|r| Fact::of(r, read.catalog())).collect::<Result<_>>()?;
    Ok(DrillPage { rows: DrillRows::Facts(facts), next })
}

fn fact_cursor(text: &str) -> Option<(i64, Day, i64)> {
    let mut parts = text.split('.');
    let found = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(found)
}

/// What a cursor says: nothing on the first page, else where to go on.
///
/// # Errors
/// [`crate::Error::Invalid`] at `after`: a broken cursor must not pass for the first page.
pub(super) fn cursor<T>(after: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    let wrong =
        |text: &str| crate::Error::invalid("after", format!("翻页位置“{text}”不是本列表给出的，请从第一页重新开始"));
    after.map(|text| read(text).ok_or_else(|| wrong(text))).transpose()
}

/// Subjects by number; the cursor is the last number.
async fn subjects(
    read: &Read,
    behind: &Behind<'_>,
    q: &Question<'_>,
    after: Option<&str>,
    limit: usize,
) -> Result<DrillPage> {
    let mut sql = Sql::new(
        "SELECT x.*, o.name, COALESCE(o.credit_code, o.local_code, '') AS code, o.unit_id FROM (SELECT f.subject_id, \
         CAST(SUM(f.quantity) AS BIGINT) AS quantity, CAST(SUM(f.amount_fen) AS BIGINT) AS amount, \
         CAST(SUM(CASE WHEN f.reverses IS NULL THEN 1 ELSE -1 END) AS BIGINT) AS facts, \
         MIN(CASE WHEN 1 = 1",
    );
    // Days of facts in effect: a reversed one happened on no day.
    direct::in_effect(&mut sql, q);
    sql.push(" THEN f.occurred_on END) AS first_on, MAX(CASE WHEN 1 = 1");
    direct::in_effect(&mut sql, q);
    sql.push(" THEN f.occurred_on END) AS last_on FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    if let Some(after) = cursor(after, |a| a.parse::<i64>().ok())? {
        sql.push(" AND f.subject_id > ").bind(after);
    }
    sql.push(" GROUP BY f.subject_id HAVING SUM(f.quantity) > 0 ORDER BY f.subject_id LIMIT ").bind(limit as i64 + 1);
    sql.push(") x JOIN organisation o ON o.id = x.subject_id ORDER BY x.subject_id");
    let rows = read.all(sql).await?;
    let more = rows.len() > limit;
    let mut found = Vec::with_capacity(rows.len().min(limit));
    for row in rows.iter().take(limit) {
        found.push(SubjectRow {
            org: OrgId(row.get("subject_id")?),
            name: row.get("name")?,
            code: row.get("code")?,
            unit: row.get("unit_id")?,
            quantity: row.get("quantity")?,
            facts: row.get("facts")?,
            amount: Fen(row.get("amount")?),
            first_on: row.get("first_on")?,
            last_on: row.get("last_on")?,
        });
    }
    let next = found.last().filter(|_| more).map(|s| s.org.to_string());
    Ok(DrillPage { rows: DrillRows::Subjects(found), next })
}

/// Classes, units or counterparties by key; the cursor is the last key after `k.`, because a key may be empty.
async fn groups(
    read: &Read,
    behind: &Behind<'_>,
    of: Of,
    q: &Question<'_>,
    after: Option<&str>,
    limit: usize,
) -> Result<DrillPage> {
    let by = match of {
        Of::Class => By::Class,
        Of::Unit => By::Unit,
        Of::Counterparty | Of::Subject => By::Counterparty,
    };
    let column = direct::column(of);
    let mut sql = Sql::new("SELECT CAST(");
    sql.push(column).push(" AS TEXT) AS key, CAST(SUM(f.quantity) AS BIGINT) AS quantity, ");
    sql.push("CAST(SUM(CASE WHEN f.reverses IS NULL THEN 1 ELSE -1 END) AS BIGINT) AS facts FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    if let Some(key) = cursor(after, |text| text.strip_prefix("k.").map(str::to_owned))? {
        sql.push(" AND ").push(column).push(" > ");
        match by {
            By::Class => sql.bind(key),
            _ => sql.bind(cursor(Some(&key), |key| key.parse::<i64>().ok())?.unwrap_or(0)),
        };
    }
    sql.push(" AND ").push(column).push(" IS NOT NULL GROUP BY ").push(column);
    sql.push(" HAVING SUM(f.quantity) > 0 ORDER BY ").push(column).push(" LIMIT ").bind(limit as i64 + 1);
    let rows = read.all(sql).await?;
    let group = |r: &Row| Ok(GroupRow { key: r.text("key")?, quantity: r.int("quantity")?, facts: r.int("facts")? });
    let groups = rows.iter().take(limit).map(group).collect::<Result<Vec<_>>>()?;
    let next = groups.last().filter(|_| rows.len() > limit).map(|last| format!("k.{}", last.key));
    Ok(DrillPage { rows: DrillRows::Groups(by, groups), next })
}
