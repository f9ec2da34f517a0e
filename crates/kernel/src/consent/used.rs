//! Which consents something that is shown rests on, and writing that down.

use std::collections::{BTreeMap, BTreeSet};

use super::Consent;
use crate::Result;
use crate::access::{Actor, Scope, Seen};
use crate::audit::{self, Entry, Note, Verb};
use crate::id::{ConsentId, OrgId, UnitId};
use crate::ledger::Fact;
use crate::org::Organisation;
use crate::store::{Read, Sql, Store};
use crate::value::day::Day;

/// A row that is about to be shown.
#[derive(Debug, Clone)]
pub struct Shown {
    subject: OrgId,
    /// Code of the kind of fact; nothing for the organisation itself.
    kind: Option<String>,
    seen: Seen,
}

impl Shown {
    /// An organisation itself, of which its unit and industry are known.
    pub fn organisation(id: OrgId, unit: UnitId, industry: &str) -> Self {
        let (industry, name) = (industry.to_owned(), String::new());
        Self { subject: id, kind: None, seen: Seen { name, unit, industry, of: vec![id], consented: Vec::new() } }
    }
}

impl From<&Organisation> for Shown {
    fn from(org: &Organisation) -> Self {
        Self::organisation(org.id, UnitId(org.unit), &org.industry)
    }
}

impl From<&Fact> for Shown {
    fn from(fact: &Fact) -> Self {
        let of = [Some(fact.subject), fact.counterparty].into_iter().flatten().collect();
        let (unit, industry, name) = (fact.unit, fact.dims.industry.clone(), String::new());
        let seen = Seen { name, unit, industry, of, consented: Vec::new() };
        Self { subject: fact.subject, kind: Some(fact.kind.clone()), seen }
    }
}

/// A consent that something rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Its number.
    pub consent: ConsentId,
    /// Whose data.
    pub subject: OrgId,
    /// What for.
    pub purpose: String,
    /// Codes of what it covers.
    pub items: Vec<String>,
    /// Rows that rest on it.
    pub rows: usize,
}

/// Appends the condition on a consent `c` that it is live for a recipient on a day.
pub(crate) fn live(sql: &mut Sql, recipient: OrgId, on: Day) {
    sql.push("c.recipient_id = ").bind(recipient).push(" AND c.revoked_at IS NULL AND c.valid_from <= ").bind(on);
    sql.push(" AND c.valid_to >= ").bind(on);
}

/// The last day on which a body's live consents let a recipient see it; nothing without one. Pages say it to both, so that
/// they know whether there is something to ask for; what is seen is decided by scopes alone.
///
/// # Errors
/// As the database says.
pub async fn live_until(read: &Read, subject: OrgId, recipient: OrgId) -> Result<Option<Day>> {
    let mut sql = Sql::new("SELECT c.valid_to FROM consent c WHERE ");
    live(&mut sql, recipient, read.today());
    sql.push(" AND c.subject_id = ").bind(subject).push(" ORDER BY c.valid_to DESC LIMIT 1");
    read.opt(sql).await?.map(|row| row.get("valid_to")).transpose()
}

/// The consents that these rows rest on: those rows only that the scope would not hold without any consent.
/// Of several consents that cover a fact the one given last is named. An organisation itself is covered by all of them,
/// and what is shown of it is what they allow together: so all are named.
///
/// # Errors
/// As the database says.
pub async fn behind<S: Into<Shown>>(
    read: &Read,
    scope: &Scope,
    rows: impl IntoIterator<Item = S>,
) -> Result<Vec<Used>> {
    let Some((recipient, on)) = scope.consented() else { return Ok(Vec::new()) };
    let free = scope.without_consent();
    let rows: Vec<Shown> = rows.into_iter().map(Into::into).filter(|row| !free.admits(&row.seen)).collect();
    let subjects: BTreeSet<i64> = rows.iter().map(|row| row.subject.0).collect();
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT c.id, c.subject_id, c.purpose, c.items, k.kind FROM consent c LEFT JOIN consent_kind k ON k.consent_id = c.id WHERE ",
    );
    live(&mut sql, recipient, on);
    sql.push(" AND c.subject_id IN ").ints(subjects).push(" ORDER BY c.id");
    let mut held: Vec<(Used, Option<i64>)> = Vec::new();
    for row in read.all(sql).await? {
        let used = Used {
            consent: ConsentId(row.get("id")?),
            subject: OrgId(row.get("subject_id")?),
            purpose: row.get("purpose")?,
            items: row.get::<String>("items")?.split(',').map(str::to_owned).collect(),
            rows: 0,
        };
        held.push((used, row.get("kind")?));
    }
    Ok(counted(read, &rows, &held))
}

fn counted(read: &Read, rows: &[Shown], held: &[(Used, Option<i64>)]) -> Vec<Used> {
    let mut found: BTreeMap<i64, Used> = BTreeMap::new();
    for row in rows {
        let kind = row.kind.as_deref().map(|code| read.catalog().kind(code).map_or(-1, |kind| kind.id));
        let covers = |(used, covered): &&(Used, Option<i64>)| {
            used.subject == row.subject && (kind.is_none() || *covered == kind)
        };
        let mut all: Vec<&Used> = held.iter().filter(covers).map(|(used, _)| used).collect();
        all.dedup_by_key(|used| used.consent);
        let named = if kind.is_none() { &all[..] } else { &all[all.len().saturating_sub(1)..] };
        for used in named {
            found.entry(used.consent.0).or_insert_with(|| (*used).clone()).rows += 1;
        }
    }
    found.into_values().collect()
}

/// Adds what more rows rest on to what is known of earlier ones.
pub fn join(all: &mut Vec<Used>, more: Vec<Used>) {
    for used in more {
        match all.iter_mut().find(|held| held.consent == used.consent) {
            Some(held) => held.rows += used.rows,
            None => all.push(used),
        }
    }
}

/// Codes of the items that may be shown of an organisation; `None` where the scope holds it without any consent,
/// so that nothing is kept back.
///
/// # Errors
/// As the database says.
pub async fn items_shown(read: &Read, scope: &Scope, org: &Organisation) -> Result<Option<BTreeSet<String>>> {
    let Some((recipient, on)) = scope.consented() else { return Ok(None) };
    if scope.without_consent().admits(&Shown::from(org).seen) {
        return Ok(None);
    }
    let mut sql = Sql::new("SELECT c.items FROM consent c WHERE ");
    live(&mut sql, recipient, on);
    sql.push(" AND c.subject_id = ").bind(org.id);
    let mut items = BTreeSet::new();
    for row in read.all(sql).await? {
        items.extend(row.get::<String>("items")?.split(',').map(str::to_owned));
    }
    Ok(Some(items))
}

/// Writes down what is read under consents: one entry for each, in the trail of whose data it is. When this returns well
/// the entries are durable; whoever asked does not get it otherwise.
///
/// # Errors
/// As the database says.
pub async fn note_reads(store: &Store, actor: &Actor, what: &str, used: &[Used]) -> Result<()> {
    let entry = |used: &Used| {
        Note::of(Verb::CONSENT_READ, "consent", used.consent.0)
            .about([used.subject])
            .detail("授权", format!("第 {} 号", used.consent))
            .detail("查看", if used.rows > 1 { format!("{what}，{} 条", used.rows) } else { what.to_owned() })
            .purpose(&used.purpose)
    };
    audit::note_all(store, actor, used.iter().map(entry).collect()).await
}

/// Who read what under a consent, newest first.
///
/// # Errors
/// As the database says.
pub async fn reads(read: &Read, consent: &Consent, limit: i64) -> Result<Vec<Entry>> {
    audit::about_consent(read, consent.id, limit).await
}
