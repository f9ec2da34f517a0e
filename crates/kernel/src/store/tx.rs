//! Writing: one act, one transaction, facts appended as its last step.

use std::ops::Deref;

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::ConnectionTrait;

use super::read::{Conn, Read, statement};
use super::{Backend, Sql, Store};
use crate::access::Actor;
use crate::id::Position;
use crate::ledger::{self, NewFact};
use crate::value::day::Day;
use crate::{Error, Result};

/// The transaction of one act. Reads as a [`Read`] does; only [`Store::write`] commits it.
pub struct Tx {
    read: Read,
    actor: Actor,
    facts: Vec<NewFact>,
}

impl Deref for Tx {
    type Target = Read;
    fn deref(&self) -> &Read {
        &self.read
    }
}

impl Store {
    /// Runs `act` in one transaction and returns when it is durable.
    /// Facts recorded by the act are appended last, so that ledger locks are held only briefly.
    ///
    /// # Errors
    /// What the act says, or the database; in both cases nothing is written.
    pub async fn write<T>(&self, actor: &Actor, act: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.write_at(Utc::now(), actor, act).await
    }

    /// As [`Store::write`], at a stated instant: for histories that are loaded in their own order of time.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_at<T>(
        &self,
        now: DateTime<Utc>,
        actor: &Actor,
        act: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        let slot = self.0.writer.begin().await?;
        let read = Read::act(self, slot, now.trunc_subsecs(6));
        let mut tx = Tx { read, actor: actor.clone(), facts: Vec::new() };
        let done = match act(&mut tx).await {
            Ok(value) => tx.append_recorded().await.map(|()| value),
            Err(error) => Err(error),
        };
        let Conn::Act(slot) = tx.read.conn else {
            return Err(Error::Internal("a write holds a slot".into()));
        };
        match done {
            Ok(value) => {
                slot.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // The act's own error is what the person needs; a failed rollback is undone by the engine.
                slot.rollback().await.ok();
                Err(error)
            }
        }
    }
}

/// Facts kept back before they are appended in the middle of a very large act.
const APPEND_EVERY: usize = 4000;

impl Tx {
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Runs a statement and says how many rows it touched.
    ///
    /// # Errors
    /// As the database says.
    pub async fn run(&self, sql: impl Into<Sql>) -> Result<u64> {
        Ok(self.connection().execute_raw(statement(self.backend(), sql.into())).await?.rows_affected())
    }

    /// Inserts one row and returns its number. The text ends before `RETURNING`.
    ///
    /// # Errors
    /// As the database says.
    pub async fn insert(&self, sql: impl Into<Sql>) -> Result<i64> {
        let mut sql = sql.into();
        sql.push(" RETURNING id");
        self.one(sql).await?.get("id")
    }

    /// Records a fact: it is checked now and appended when the act ends.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an unknown kind or class, a day in the future, or an amount of the wrong sort.
    pub async fn record(&mut self, fact: NewFact) -> Result<()> {
        fact.check(self.catalog(), self.today())?;
        self.facts.push(fact);
        if self.facts.len() >= APPEND_EVERY {
            self.append_recorded().await?;
        }
        Ok(())
    }

    /// Reverses a fact: its opposite is appended, on the same day, with a reason.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when it is reversed already or itself a reversal.
    pub async fn reverse(&mut self, fact: Position, reason: &str) -> Result<()> {
        let opposite = ledger::append::opposite(self, fact, reason).await?;
        self.facts.push(opposite);
        Ok(())
    }

    /// Appends what has been recorded so far, for acts that must know where their facts stand.
    pub(crate) async fn append_recorded(&mut self) -> Result<()> {
        let facts = std::mem::take(&mut self.facts);
        if facts.is_empty() { Ok(()) } else { ledger::append::append(self, facts).await }
    }

    /// Draws `n` positions of the ledger for facts and attributes, in increasing order.
    ///
    /// SQLite has one writer, so a counter will do.
    /// On PostgreSQL the numbers come from a sequence, under a shared lock that [`Read::head`] looks at:
    /// see `docs/adr/0002-ledger-positions.md`.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn draw_positions(&self, n: usize) -> Result<Vec<Position>> {
        let count = n as i64;
        let (positions, on) = match self.backend() {
            Backend::Sqlite => {
                let row = self
                    .one((
                        "UPDATE ledger_head SET last_position = last_position + $1 RETURNING last_position AS last",
                        crate::args![count],
                    ))
                    .await?;
                let last = row.int("last")?;
                ((last - count + 1..=last).map(Position).collect::<Vec<_>>(), self.today())
            }
            Backend::Postgres => {
                let rows = self.all(("SELECT p AS position FROM ledger_draw($1) AS p", crate::args![count])).await?;
                let mut drawn = rows.iter().map(|r| r.get("position").map(Position)).collect::<Result<Vec<_>>>()?;
                drawn.sort_unstable();
                (drawn, self.today())
            }
        };
        if let Some(first) = positions.first() {
            self.open_day(on, *first).await?;
        }
        Ok(positions)
    }

    /// Notes the first position of a recording day, by which a day is mapped to a position.
    async fn open_day(&self, on: Day, first: Position) -> Result<()> {
        let known = self.opt(("SELECT first_position AS p FROM ledger_day WHERE day = $1", crate::args![on])).await?;
        if let Some(row) = known
            && row.int("p")? <= first.0
        {
            return Ok(());
        }
        self.run((
            "INSERT INTO ledger_day (day, first_position) VALUES ($1, $2)
             ON CONFLICT (day) DO UPDATE SET first_position = excluded.first_position
             WHERE excluded.first_position < ledger_day.first_position",
            crate::args![on, first.0],
        ))
        .await?;
        Ok(())
    }

    /// Holds the rows `ids` of `table` until the act ends, in one order, so that two acts on one subject take turns.
    /// SQLite has one writer and needs nothing.
    pub(crate) async fn hold(&self, table: &str, ids: &[i64]) -> Result<()> {
        if self.backend() == Backend::Postgres && !ids.is_empty() {
            let mut sql = Sql::new("SELECT id FROM ");
            sql.push(table).push(" WHERE id IN ").ints(ids.iter().copied()).push(" ORDER BY id FOR NO KEY UPDATE");
            self.all(sql).await?;
        }
        Ok(())
    }

    /// Keeps everybody else from writing to these tables until the act ends; who is writing is waited for.
    /// SQLite has one writer and needs nothing.
    pub(crate) async fn hold_tables(&self, tables: &[&str]) -> Result<()> {
        if self.backend() == Backend::Postgres {
            for table in tables {
                self.run(&*format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")).await?;
            }
        }
        Ok(())
    }

    /// Which lane of the tallies this transaction adds to.
    /// Sums are spread over lanes on PostgreSQL so that two writers do not wait for each other's commit.
    pub(crate) fn lane_sql(&self) -> &'static str {
        match self.backend() {
            Backend::Sqlite => "0",
            Backend::Postgres => "pg_backend_pid() % 64",
        }
    }
}
