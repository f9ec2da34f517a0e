//! The one condition that says which facts count, and answers computed straight from the facts.
//!
//! Tallies are a shortcut to the same answers; a generated test compares the two for every indicator.

use super::{Of, Question, Within};
use crate::Result;
use crate::ledger::Select;
use crate::ledger::tally::Sums;
use crate::store::{Read, Sql};
use crate::value::day::Day;

/// Facts behind a figure: what, when, who may see it, and within which cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind<'a> {
    pub select: &'a Select,
    pub from: Option<Day>,
    pub to: Day,
    pub within: &'a Within,
    /// Go along the subjects rather than the days: right where many subjects are in and a page is wanted.
    pub by_subject: bool,
}

impl Behind<'_> {
    /// Appends the condition for facts `f`: kind, filters, days, known-at, scope, cell.
    pub(super) fn condition(&self, sql: &mut Sql, read: &Read, q: &Question<'_>) -> Result<()> {
        self.select.condition(sql, "f", read.catalog())?;
        self.days(sql);
        sql.push(" AND f.position <= ").bind(q.known).push(" AND ");
        q.scope.on_facts(sql, "f");
        self.within.condition(sql, read);
        Ok(())
    }

    /// The same for facts recorded after `q.known`. The sum with a constant keeps the planner
    /// on the position, since that tail is usually short.
    pub(super) fn tail_condition(&self, sql: &mut Sql, read: &Read, q: &Question<'_>) -> Result<()> {
        sql.push("f.position > ").bind(q.known).push(" AND f.kind + 0 IN ").ints(self.select.kind_ids(read.catalog())?);
        self.select.filter_condition(sql, "f");
        self.days(sql);
        sql.push(" AND ");
        q.scope.on_facts(sql, "f");
        self.within.condition(sql, read);
        Ok(())
    }

    fn days(&self, sql: &mut Sql) {
        // An expression instead of the column keeps the planner off the index by day.
        let day = if self.by_subject { "COALESCE(f.occurred_on, f.occurred_on)" } else { "f.occurred_on" };
        sql.push(" AND ").push(day).push(" <= ").bind(self.to);
        if let Some(from) = self.from {
            sql.push(" AND ").push(day).push(" >= ").bind(from);
        }
    }
}

/// The three sums of a select list over `fact f`.
pub(super) const SUMS: &str = "CAST(SUM(CASE WHEN f.reverses IS NULL THEN 1 ELSE -1 END) AS BIGINT) AS n, \
     CAST(SUM(f.quantity) AS BIGINT) AS quantity, CAST(SUM(f.amount_fen) AS BIGINT) AS amount";

/// Appends "not reversed as known at `q.known`" for facts `f`.
pub(super) fn in_effect(sql: &mut Sql, q: &Question<'_>) {
    sql.push(
        " AND f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position AND r.position <= ",
    );
    sql.bind(q.known).push(")");
}

/// Sums over the facts themselves.
pub(super) async fn sums(read: &Read, behind: &Behind<'_>, q: &Question<'_>) -> Result<Sums> {
    let mut sql = Sql::new("SELECT ");
    sql.push(SUMS).push(" FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    let row = read.one(sql).await?;
    Ok(Sums { n: row.int("n")?, quantity: row.int("quantity")?, amount: row.int("amount")? })
}

/// By how much the facts recorded after `q.known` changed a distinct count of subjects, of whom they touched these.
pub(super) async fn changed_presence(
    read: &Read,
    behind: &Behind<'_>,
    touched: &[i64],
    q: &Question<'_>,
) -> Result<i64> {
    let mut change = 0;
    let now = Question { known: crate::id::Position(i64::MAX), ..*q };
    for ids in touched.chunks(5000) {
        let mut sql = Sql::want(ids.iter().copied());
        sql.push(
            "SELECT CAST(SUM(CASE WHEN now > 0 THEN 1 ELSE 0 END) - SUM(CASE WHEN past > 0 THEN 1 ELSE 0 END) AS BIGINT) AS change \
             FROM (SELECT SUM(f.quantity) AS now, SUM(CASE WHEN f.position <= ",
        );
        sql.bind(q.known).push(
            " THEN f.quantity ELSE 0 END) AS past \
             FROM want w CROSS JOIN fact f WHERE f.subject_id = w.id AND ",
        );
        behind.condition(&mut sql, read, &now)?;
        sql.push(" GROUP BY f.subject_id) x");
        change += read.one(sql).await?.int("change")?;
    }
    Ok(change)
}

/// How many different ones have a net quantity above zero.
pub(super) async fn distinct(read: &Read, behind: &Behind<'_>, of: Of, q: &Question<'_>) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT ");
    sql.push(column(of)).push(" FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    sql.push(" AND ")
        .push(column(of))
        .push(" IS NOT NULL GROUP BY ")
        .push(column(of))
        .push(" HAVING SUM(f.quantity) > 0) x");
    read.one(sql).await?.int("n")
}

/// The day of the first fact in effect.
pub(super) async fn first_day(read: &Read, behind: &Behind<'_>, q: &Question<'_>) -> Result<Option<Day>> {
    let mut sql = Sql::new("SELECT f.occurred_on FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    in_effect(&mut sql, q);
    sql.push(" ORDER BY f.occurred_on LIMIT 1");
    read.opt(sql).await?.map(|r| r.get("occurred_on")).transpose()
}

/// The column a distinct count looks at.
pub(super) fn column(of: Of) -> &'static str {
    match of {
        Of::Subject => "f.subject_id",
        Of::Class => "f.class",
        Of::Unit => "f.unit_id",
        Of::Counterparty => "f.counterparty_id",
    }
}
