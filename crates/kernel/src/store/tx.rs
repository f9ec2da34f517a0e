//! Writing: one act, one transaction, facts appended as its last step.

use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::ConnectionTrait;

use super::audit::Said;
use super::read::{Conn, Read, statement};
use super::{Backend, Sql, Store};
use crate::access::Actor;
use crate::audit::Verb;
use crate::id::Position;
use crate::ledger::tally::Deltas;
use crate::ledger::{self, NewFact};
use crate::value::day::Day;
use crate::{Error, Result};

/// The transaction of one act. Reads as a [`Read`] does; only [`Store::write`] commits it.
pub struct Tx {
    read: Read,
    actor: Actor,
    facts: Vec<NewFact>,
    /// What the facts appended so far add to the tallies, which are written once, at the end:
    /// nobody reads a figure inside an act.
    deltas: Deltas,
    /// What the audit log will say.
    pub(super) said: Said,
    /// Upkeep is nobody's act and writes no entry.
    upkeep: bool,
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
        self.run_act((now, false), actor.clone(), act).await
    }

    /// As [`Store::write`] for what is nobody's act: sessions, projections, tallies, seals. It writes no entry in the
    /// audit log, and may record nothing that would need one.
    ///
    /// # Errors
    /// As [`Store::write`]; [`Error::Internal`] when it did something that is an act.
    pub async fn upkeep<T>(&self, name: &str, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.run_act((Utc::now(), true), Actor::system(name), work).await
    }

    /// As [`Store::upkeep`], at a stated instant.
    ///
    /// # Errors
    /// As [`Store::upkeep`].
    pub async fn upkeep_at<T>(
        &self,
        now: DateTime<Utc>,
        name: &str,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        self.run_act((now, true), Actor::system(name), work).await
    }

    async fn run_act<T>(
        &self,
        (now, upkeep): (DateTime<Utc>, bool),
        actor: Actor,
        act: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        let waits = Waits::counted(&self.0.waiting);
        let slot = self.0.writer.begin().await?;
        drop(waits);
        let read = Read::act(self, slot, now.trunc_subsecs(6));
        let (facts, deltas, said) = (Vec::new(), Deltas::default(), Said::default());
        let mut tx = Tx { read, actor, facts, deltas, said, upkeep };
        let done = match act(&mut tx).await {
            Ok(value) => tx.finish().await.map(|()| value),
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

/// An act that waits for its turn; counted as long as this lives, also when whoever waits goes away.
struct Waits<'a>(&'a AtomicI64);

impl<'a> Waits<'a> {
    fn counted(count: &'a AtomicI64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Facts kept back before they are appended in the middle of a very large act.
const APPEND_EVERY: usize = 10_000;

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
        self.tell_fact("登记", Verb::FACT_RECORDED, &fact);
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
        self.tell_fact("冲销", Verb::FACT_REVERSED, &opposite);
        self.tell_reason(reason);
        self.facts.push(opposite);
        Ok(())
    }

    fn tell_fact(&self, what: &'static str, verb: Verb, fact: &NewFact) {
        let kind = self.catalog().kind(fact.kind()).map_or("", |k| k.decl.label);
        let mut draft = self.said.draft();
        draft.step(verb, ("org", Some(fact.subject().0)));
        draft.concerns(fact.subject());
        draft.facts(what, kind, 1);
    }

    /// The first reason of an act says why it was done.
    fn tell_reason(&self, reason: &str) {
        let mut draft = self.said.draft();
        if draft.purpose.is_empty() {
            draft.purpose = crate::audit::cut_text(reason);
        }
    }

    /// What this act has recorded and the database does not hold yet, for effects that add it to what it holds.
    pub fn pending(&self) -> &[NewFact] {
        &self.facts
    }

    /// Appends what has been recorded so far, for acts that must know where their facts stand.
    pub(crate) async fn append_recorded(&mut self) -> Result<()> {
        let facts = std::mem::take(&mut self.facts);
        let mut deltas = std::mem::take(&mut self.deltas);
        ledger::append::append(self, facts, &mut deltas).await?;
        self.deltas = deltas;
        Ok(())
    }

    /// Appends the last facts, writes the tallies, and then the entry of the audit log.
    async fn finish(&mut self) -> Result<()> {
        let (facts, deltas) = (std::mem::take(&mut self.facts), std::mem::take(&mut self.deltas));
        ledger::append::finish(self, facts, deltas).await?;
        match (self.upkeep, self.said.draft().is_silent()) {
            (false, _) => {}
            (true, true) => return Ok(()),
            (true, false) => return Err(Error::Internal("an act is written as one, not as upkeep".into())),
        }
        self.write_entry().await
    }

    /// Tries something that may be refused: when it is, nothing of it stays, and the act goes on.
    ///
    /// # Errors
    /// What the attempt says.
    pub(crate) async fn attempt<T>(&mut self, work: impl AsyncFnOnce(&mut Self) -> Result<T>) -> Result<T> {
        // Facts are held back until the act ends; an attempt that appended some could not be undone by itself.
        if self.facts.len() >= APPEND_EVERY / 2 {
            self.append_recorded().await?;
        }
        let (facts, said) = (self.facts.len(), self.said.draft().clone());
        self.run("SAVEPOINT attempt").await?;
        match work(self).await {
            Ok(value) => {
                self.run("RELEASE SAVEPOINT attempt").await?;
                Ok(value)
            }
            Err(error) => {
                self.run("ROLLBACK TO SAVEPOINT attempt").await?;
                self.run("RELEASE SAVEPOINT attempt").await?;
                self.facts.truncate(facts);
                *self.said.draft() = said;
                Err(error)
            }
        }
    }

    /// Runs statements one after the other. While the engine works on one, the next is put together;
    /// small ones go to the embedded engine in one errand, since there the errand costs more than the work.
    ///
    /// # Errors
    /// As the database says; the statements after the faulty one are not run.
    pub(crate) async fn run_all(&self, statements: impl Iterator<Item = Sql>) -> Result<()> {
        let mut statements = Errands { statements: statements.peekable(), together: self.backend() == Backend::Sqlite };
        let mut next = statements.next();
        while let Some(sql) = next {
            let (done, following) = tokio::join!(self.run(sql), async { statements.next() });
            done?;
            next = following;
        }
        Ok(())
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
        let on = self.today();
        // The day's first position comes along: after the first fact of a day nothing has to be noted.
        let draw = match self.backend() {
            Backend::Sqlite => {
                "UPDATE ledger_head SET last_position = last_position + $1 RETURNING last_position AS position, \
                 (SELECT first_position FROM ledger_day WHERE day = $2) AS opened"
            }
            Backend::Postgres => {
                "SELECT p AS position, (SELECT first_position FROM ledger_day WHERE day = $2) AS opened FROM ledger_draw($1) AS p"
            }
        };
        let rows = self.all((draw, crate::args![n as i64, on])).await?;
        let mut drawn = rows.iter().map(|r| r.get("position").map(Position)).collect::<Result<Vec<_>>>()?;
        if self.backend() == Backend::Sqlite {
            drawn = drawn.iter().flat_map(|last| last.0 - n as i64 + 1..=last.0).map(Position).collect();
        }
        drawn.sort_unstable();
        let opened = rows.first().map(|r| r.get::<Option<i64>>("opened")).transpose()?.flatten();
        if let Some(first) = drawn.first().filter(|first| opened.is_none_or(|opened| first.0 < opened)) {
            self.open_day(on, *first).await?;
        }
        Ok(drawn)
    }

    /// Notes the first position of a recording day, by which a day is mapped to a position.
    async fn open_day(&self, on: Day, first: Position) -> Result<()> {
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

/// Statements, small ones joined where the engine takes several at once.
struct Errands<I: Iterator<Item = Sql>> {
    statements: std::iter::Peekable<I>,
    together: bool,
}

/// Parameters up to which statements are joined.
const SMALL: usize = 1000;

impl<I: Iterator<Item = Sql>> Iterator for Errands<I> {
    type Item = Sql;

    fn next(&mut self) -> Option<Sql> {
        let mut errand = self.statements.next()?;
        while self.together
            && let Some(next) = self.statements.next_if(|next| errand.params() + next.params() <= SMALL)
        {
            errand.then(next);
        }
        Some(errand)
    }
}
