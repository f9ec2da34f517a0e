//! Yearly figures and the size class that follows from them.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::attribute::value_on;
use super::{assert, history};
use crate::audit::Verb;
use crate::id::{OrgId, Position};
use crate::store::{Read, Row, Sql, Tx};
use crate::value::day::Day;
use crate::value::money::Fen;
use crate::value::size::{SizeEdition, SizeOutcome};
use crate::{Error, Result, args};

/// What an organisation reported for a year.
#[derive(Debug, Clone)]
pub struct YearFigures {
    /// The calendar year.
    pub year: i32,
    /// Persons employed.
    pub employees: Option<i64>,
    /// Revenue.
    pub revenue: Option<Fen>,
    /// Total assets.
    pub assets: Option<Fen>,
    /// Where they are from.
    pub source: String,
}

impl YearFigures {
    /// Whether these figures may be recorded `today`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for negative figures or a year that is not over.
    pub fn check(&self, today: Day) -> Result<()> {
        let mut faults = crate::Faults::new();
        for (field, value) in [
            ("employees", self.employees),
            ("revenue", self.revenue.map(|f| f.0)),
            ("assets", self.assets.map(|f| f.0)),
        ] {
            if value.is_some_and(|v| v < 0) {
                faults.add(field, "不能为负数");
            }
        }
        if Day::from_ymd_opt(self.year + 1, 1, 1).is_none_or(|from| from > today) {
            faults.add("year", format!("{} 年还没有结束，不能登记全年数据", self.year));
        }
        faults.or(())
    }
}

/// The latest known figures of each year, newest year first.
///
/// # Errors
/// As the database says.
pub async fn years(read: &Read, org: OrgId, known: Option<Position>) -> Result<Vec<YearFigures>> {
    let known = known.map_or(i64::MAX, |k| k.0);
    read.all((
        "SELECT year, employees, revenue_fen, assets_fen, source FROM org_year y WHERE org_id = $1 AND position <= $2
         AND position = (SELECT MAX(position) FROM org_year z WHERE z.org_id = $1 AND z.year = y.year AND z.position <= $2)
         ORDER BY year DESC",
        args![org, known],
    ))
    .await?
    .iter()
    .map(figures)
    .collect()
}

fn figures(row: &Row) -> Result<YearFigures> {
    Ok(YearFigures {
        year: i32::try_from(row.get::<i64>("year")?).unwrap_or(0),
        employees: row.get("employees")?,
        revenue: row.get::<Option<i64>>("revenue_fen")?.map(Fen),
        assets: row.get::<Option<i64>>("assets_fen")?.map(Fen),
        source: row.get("source")?,
    })
}

/// Figures of a year with who recorded them.
#[derive(Debug, Clone)]
pub struct RecordedYear {
    /// The figures.
    pub figures: YearFigures,
    /// Their place among everything recorded.
    pub position: Position,
    /// When they were recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// All figures ever recorded of many organisations, by organisation; of one the newest recording first.
///
/// # Errors
/// As the database says.
pub async fn years_of(read: &Read, orgs: &BTreeSet<OrgId>) -> Result<HashMap<OrgId, Vec<RecordedYear>>> {
    let ids: Vec<i64> = orgs.iter().map(|org| org.0).collect();
    let mut found: HashMap<OrgId, Vec<RecordedYear>> = HashMap::new();
    for ids in ids.chunks(500) {
        let mut sql = Sql::new(
            "SELECT org_id, year, employees, revenue_fen, assets_fen, source, position, recorded_at, recorded_by \
             FROM org_year WHERE org_id IN ",
        );
        sql.ints(ids.iter().copied()).push(" ORDER BY position DESC");
        for row in read.all(sql).await? {
            let recorded = RecordedYear {
                figures: figures(&row)?,
                position: Position(row.get("position")?),
                recorded_at: row.get("recorded_at")?,
                recorded_by: row.get("recorded_by")?,
            };
            found.entry(OrgId(row.get("org_id")?)).or_default().push(recorded);
        }
    }
    Ok(found)
}

/// Records the figures of a year and returns their place; the size class they give holds from the next 1 January on (DOMAIN 2.2: fixed once a year).
///
/// # Errors
/// [`Error::Invalid`] for negative figures or a year that is not over.
pub async fn record_year(tx: &Tx, org: OrgId, figures: &YearFigures) -> Result<Position> {
    figures.check(tx.today())?;
    tell(tx, org, figures).await?;
    let position = *tx.draw_positions(1).await?.first().ok_or_else(|| Error::Internal("no position".into()))?;
    tx.run((
        "INSERT INTO org_year (position, org_id, year, employees, revenue_fen, assets_fen, source, recorded_at, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            position, org, i64::from(figures.year), figures.employees, figures.revenue.map(|f| f.0),
            figures.assets.map(|f| f.0), figures.source.clone(), tx.now(), tx.actor().name.clone(),
        ],
    ))
    .await?;
    // The class of this year, and of every later year that is on record: a correction of the past must not
    // run on into years that have figures of their own.
    let mut recorded = years(tx, org, None).await?;
    recorded.retain(|y| y.year >= figures.year);
    recorded.reverse();
    for year in recorded {
        assert_class(tx, org, &year).await?;
    }
    Ok(position)
}

/// Tells the audit log what the figures of the year were and become.
async fn tell(tx: &Tx, org: OrgId, figures: &YearFigures) -> Result<()> {
    tx.step(Verb::YEAR_RECORDED, "org", org.0);
    tx.concerns(org);
    let before = years(tx, org, None).await?.into_iter().find(|y| y.year == figures.year);
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let money = |fen: Option<Fen>| fen.map(|fen| format!("{} 万元", fen.exact_wan())).unwrap_or_default();
    let (old, year) = (before.as_ref(), figures.year);
    let employees = number(old.and_then(|y| y.employees));
    tx.changes(&format!("{year} 年从业人员"), &employees, &number(figures.employees));
    tx.changes(&format!("{year} 年营业收入"), &money(old.and_then(|y| y.revenue)), &money(figures.revenue));
    tx.changes(&format!("{year} 年资产总额"), &money(old.and_then(|y| y.assets)), &money(figures.assets));
    Ok(())
}

/// Asserts the size class that the figures of a year give, from the next 1 January on, where it differs.
async fn assert_class(tx: &Tx, org: OrgId, figures: &YearFigures) -> Result<()> {
    let Some(from) = Day::from_ymd_opt(figures.year + 1, 1, 1) else { return Ok(()) };
    let history = history(tx, org, None).await?;
    let industry = value_on(&history, "industry", from).map(|a| a.value.clone()).unwrap_or_default();
    let class = match size_of(&industry, figures) {
        SizeOutcome::Class { class, .. } => class.code().to_string(),
        SizeOutcome::NotApplicable => "0".into(),
        SizeOutcome::Missing { .. } => return Ok(()),
    };
    if value_on(&history, "size", from).is_none_or(|a| a.value != class) {
        let source = format!("按 {} 年数据计算（{}）", figures.year, SizeEdition::current().document);
        assert(tx, org, "size", &class, from, None, &source).await?;
    }
    Ok(())
}

/// The size class that these figures give in this industry, with its proof.
pub fn size_of(industry: &str, figures: &YearFigures) -> SizeOutcome {
    SizeEdition::current().classify(industry, figures.employees, figures.revenue, figures.assets)
}
