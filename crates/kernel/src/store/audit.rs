//! The entry that every act writes last, in its own transaction.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Backend, Read, Sql, Tx};
use crate::access::Actor;
use crate::audit::{Draft, Origin, Verb};
use crate::id::OrgId;
use crate::{Result, args};

/// What an act says of itself so far. Reading functions hold the transaction as shared, so this is behind a lock;
/// it is never held across a wait.
#[derive(Debug, Default)]
pub(super) struct Said(Mutex<Draft>);

impl Said {
    pub(super) fn draft(&self) -> MutexGuard<'_, Draft> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rows of `audit_org` in one statement.
const ORGS_AT_ONCE: usize = 200;

impl Tx {
    /// Names the act for the audit log: what is done to which object.
    /// An act that does not name itself is named by what it does first.
    pub fn act(&self, verb: Verb, object: &'static str, id: impl Into<Option<i64>>) {
        self.said.draft().name(verb, (object, id.into()));
    }

    /// Tells the log why: the reason as it was typed, or what something is read for.
    pub fn purpose(&self, purpose: &str) {
        self.said.draft().purpose = crate::audit::cut_text(purpose);
    }

    /// Tells the log that an organisation is concerned, so that it stands in its trail.
    pub fn concerns(&self, org: OrgId) {
        self.said.draft().concerns(org);
    }

    /// Tells the log a value that is changed, in the office's words.
    pub fn changes(&self, label: &str, old: &str, new: &str) {
        self.said.draft().change(label, old, new);
    }

    /// Names the act by a step inside it, unless it has a name.
    pub(crate) fn step(&self, verb: Verb, object: &'static str, id: impl Into<Option<i64>>) {
        self.said.draft().step(verb, (object, id.into()));
    }

    pub(crate) fn draft(&self) -> MutexGuard<'_, Draft> {
        self.said.draft()
    }

    /// Writes the entry. Its number is drawn by the statement that writes it, so that the lock is held briefly.
    pub(super) async fn write_entry(&self) -> Result<()> {
        let mut draft = self.said.draft().clone();
        if let Some(absent) = self.actor().behalf {
            draft.change("代办的账号", "", &format!("第 {} 号", absent.0));
        }
        let row = self.one(entry(self.actor(), &draft, self.now())).await?;
        let number: i64 = row.get("number")?;
        let orgs: Vec<OrgId> = draft.orgs.iter().copied().collect();
        for orgs in orgs.chunks(ORGS_AT_ONCE) {
            let mut sql = Sql::new("INSERT INTO audit_org (org_id, number) VALUES ");
            for (i, org) in orgs.iter().enumerate() {
                sql.push(if i == 0 { "(" } else { ", (" }).bind(*org).push(", ").bind(number).push(")");
            }
            self.run(sql).await?;
        }
        Ok(())
    }
}

/// The unit whose matter it is: that of the one organisation concerned, else the actor's.
fn entry(actor: &Actor, draft: &Draft, now: chrono::DateTime<chrono::Utc>) -> Sql {
    let origin = Origin::here();
    let verb = draft.verb.unwrap_or(Verb::UNNAMED);
    let only = if draft.orgs.len() == 1 { draft.orgs.first().copied() } else { None };
    let (object, id) = draft.object;
    (
        "INSERT INTO audit (at, account, person, role, behalf, address, session, request, verb, object, object_id, \
         unit_id, orgs, result, changes, purpose) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         COALESCE((SELECT unit_id FROM organisation WHERE id = $12), $13), $14, $15, $16, $17) RETURNING number",
        args![
            now,
            actor.account,
            actor.name.clone(),
            actor.role.code.clone(),
            actor.org.map(|o| o.0),
            origin.address.clone(),
            origin.session.clone(),
            origin.request.clone(),
            verb.code,
            object,
            id,
            only.map(|o| o.0),
            actor.units.first().map_or(0, |u| u.0),
            draft.orgs_text(),
            draft.outcome.code(),
            draft.changes_text(),
            draft.purpose.clone(),
        ],
    )
        .into()
}

impl Read {
    /// The last number of the audit log below which nothing can appear any more. A snapshot that is to hold all of it
    /// is opened afterwards.
    pub(crate) async fn audit_head(&self) -> Result<i64> {
        let head = match self.backend() {
            Backend::Sqlite => "SELECT MAX(number) AS head FROM audit",
            Backend::Postgres => "SELECT audit_watermark() AS head",
        };
        self.one(head).await?.int("head")
    }
}
