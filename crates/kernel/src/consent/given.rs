//! Giving, revoking and listing consents.

use chrono::{DateTime, Utc};

use super::{Edition, GIVE, Item, PROFILE, RECEIVED};
use crate::access::{Actor, Permission, Reach, Scope};
use crate::audit::Verb;
use crate::id::{ConsentId, OrgId};
use crate::store::{Read, Row, Sql, Tx};
use crate::value::day::Day;
use crate::value::text::too_long;
use crate::{Error, Faults, Result, args};

/// A consent about to be given by the organisation of whoever gives it.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// Who may see.
    pub recipient: Option<OrgId>,
    /// Codes of what may be seen, besides the profile.
    pub items: Vec<String>,
    /// What it is wanted for.
    pub purpose: String,
    /// The first day.
    pub valid_from: Day,
    /// The last day.
    pub valid_to: Day,
    /// Digest of the text that was shown.
    pub text: String,
}

/// Where a consent stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its first day is still to come.
    Waiting,
    /// In force.
    Live,
    /// Its last day is over.
    Expired,
    /// Taken back.
    Revoked,
}

impl State {
    /// What people read, and how it is drawn.
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Waiting => ("未到期限", "state-info"),
            Self::Live => ("有效", "state-ok"),
            Self::Expired => ("已到期", "state-off"),
            Self::Revoked => ("已撤回", "state-off"),
        }
    }
}

/// A consent.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Its number.
    pub id: ConsentId,
    /// Whose data, and its name.
    pub subject: (OrgId, String),
    /// Who may see, and its name.
    pub recipient: (OrgId, String),
    /// Codes of what may be seen.
    pub items: Vec<String>,
    /// What for.
    pub purpose: String,
    /// The first day.
    pub valid_from: Day,
    /// The last day.
    pub valid_to: Day,
    /// Edition, title, words and digest of the text.
    pub text: (String, String, String, String),
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// By whom.
    pub given_by: String,
    /// When, by whom and why it was taken back.
    pub revoked: Option<(DateTime<Utc>, String, String)>,
}

impl Consent {
    /// Where it stands on a day.
    pub fn state(&self, day: Day) -> State {
        match &self.revoked {
            Some(_) => State::Revoked,
            None if day < self.valid_from => State::Waiting,
            None if day > self.valid_to => State::Expired,
            None => State::Live,
        }
    }

    /// What may be seen, in words.
    pub fn item_labels(&self, items: &[&'static Item]) -> Vec<String> {
        let label = |code: &String| items.iter().find(|i| i.code == code).map_or(code.clone(), |i| i.label.to_owned());
        self.items.iter().map(label).collect()
    }

    fn of(row: &Row) -> Result<Self> {
        let revoked = match row.get::<Option<DateTime<Utc>>>("revoked_at")? {
            Some(at) => Some((at, row.text("revoked_by")?, row.text("revoked_reason")?)),
            None => None,
        };
        let items: String = row.get("items")?;
        Ok(Self {
            id: ConsentId(row.get("id")?),
            subject: (OrgId(row.get("subject_id")?), row.get("subject_name")?),
            recipient: (OrgId(row.get("recipient_id")?), row.get("recipient_name")?),
            items: items.split(',').map(str::to_owned).collect(),
            purpose: row.get("purpose")?,
            valid_from: row.get("valid_from")?,
            valid_to: row.get("valid_to")?,
            text: (row.get("version")?, row.get("title")?, row.get("body")?, row.get("text_digest")?),
            given_at: row.get("given_at")?,
            given_by: row.get("given_by")?,
            revoked,
        })
    }
}

const COLUMNS: &str = "SELECT c.id, c.subject_id, s.name AS subject_name, c.recipient_id, r.name AS recipient_name, c.items, \
     c.purpose, c.valid_from, c.valid_to, c.text_digest, t.version, t.title, t.body, c.given_at, c.given_by, \
     c.revoked_at, c.revoked_by, c.revoked_reason FROM consent c JOIN organisation s ON s.id = c.subject_id \
     JOIN organisation r ON r.id = c.recipient_id JOIN consent_text t ON t.digest = c.text_digest";

/// The organisation an actor acts for under one of the permissions of consents: nobody consents for somebody else.
fn own(actor: &Actor, permission: Permission) -> Result<OrgId> {
    match actor.scope(permission) {
        Scope::Own(org) => Ok(org),
        _ => Err(Error::NotFound),
    }
}

/// Gives a consent for the actor's own organisation.
///
/// # Errors
/// [`Error::NotFound`] without an own organisation; [`Error::Invalid`] with every fault at its field.
pub async fn give(tx: &Tx, new: &NewConsent) -> Result<ConsentId> {
    let subject = own(tx.actor(), GIVE)?;
    let edition = Edition::on(tx.today()).ok_or_else(|| Error::Internal("no text to consent to".into()))?;
    let recipients = recipients(tx).await?;
    let recipient =
        check(new, edition, tx.today(), |org| org != subject && recipients.iter().any(|(id, _)| *id == org))?;
    let items = chosen(tx, &new.items)?;
    let digest = edition.digest();
    tx.run((
        "INSERT INTO consent_text (digest, version, title, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        args![digest.clone(), edition.version.clone(), edition.title.clone(), edition.body.clone()],
    ))
    .await?;
    let codes = items.iter().map(|i| i.code).collect::<Vec<_>>().join(",");
    let actor = tx.actor();
    let sql = "INSERT INTO consent (subject_id, recipient_id, items, purpose, valid_from, valid_to, text_digest, given_at, \
               given_account, given_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let (purpose, name) = (new.purpose.trim(), actor.name.clone());
    let values =
        args![subject, recipient, codes, purpose, new.valid_from, new.valid_to, digest, tx.now(), actor.account, name];
    let id = ConsentId(tx.insert((sql, values)).await?);
    for kind in items.iter().flat_map(|item| item.kinds(tx.catalog())) {
        tx.run(("INSERT INTO consent_kind (consent_id, kind) VALUES ($1, $2)", args![id, kind])).await?;
    }
    tx.act(Verb::CONSENT_GIVEN, "consent", id.0);
    tx.concerns(subject);
    tx.purpose(purpose);
    let name = recipients.iter().find(|(org, _)| *org == recipient).map_or("", |(_, name)| name);
    tx.changes("接收单位", "", name);
    tx.changes("内容", "", &items.iter().map(|i| i.label).collect::<Vec<_>>().join("、"));
    tx.changes("期限", "", &format!("{} 至 {}", new.valid_from, new.valid_to));
    Ok(id)
}

/// What can be said of a new consent without asking the database; the answer is the recipient.
fn check(new: &NewConsent, edition: &Edition, today: Day, is_recipient: impl Fn(OrgId) -> bool) -> Result<OrgId> {
    let mut faults = Faults::new();
    let recipient = new.recipient.filter(|org| is_recipient(*org));
    if recipient.is_none() {
        faults.add("recipient", "请从列表中选择接收单位");
    }
    let purpose = new.purpose.trim();
    if purpose.is_empty() {
        faults.add("purpose", "请写明用途，例如：申请流动资金贷款");
    } else if let Some(said) = too_long(purpose) {
        faults.add("purpose", said);
    }
    if new.valid_from < today {
        faults.add("valid_from", "授权不能补签：起日应为今天或以后");
    }
    if new.valid_to < new.valid_from {
        faults.add("valid_to", "止日早于起日，请核对");
    } else if (new.valid_to - new.valid_from).num_days() > edition.longest_days {
        faults.add("valid_to", format!("一次授权最长 {} 天，到期后可以再授权", edition.longest_days));
    }
    if new.text != edition.digest() {
        faults.add("text", "授权书的文字在您填写期间有更新，请重新阅读后再同意");
    }
    faults.or(recipient.unwrap_or(OrgId(0)))
}

/// The items with these codes, the profile first.
fn chosen(read: &Read, codes: &[String]) -> Result<Vec<&'static Item>> {
    let all = read.catalog().items();
    if let Some(unknown) = codes.iter().find(|code| all.iter().all(|item| item.code != **code)) {
        return Err(Error::invalid("items", format!("没有“{unknown}”这项内容，请重新勾选")));
    }
    Ok(all.iter().copied().filter(|i| i.code == PROFILE.code || codes.iter().any(|code| code == i.code)).collect())
}

/// Takes a consent of the actor's own organisation back, at once.
///
/// # Errors
/// [`Error::NotFound`] for another's; [`Error::Conflict`] when that was done already; [`Error::Invalid`] at `reason`.
pub async fn revoke(tx: &Tx, id: ConsentId, reason: &str) -> Result<()> {
    let held = find(tx, tx.actor(), id).await?;
    if let Some(said) = too_long(reason) {
        return Err(Error::invalid("reason", said));
    }
    let sql =
        "UPDATE consent SET revoked_at = $1, revoked_by = $2, revoked_reason = $3 WHERE id = $4 AND revoked_at IS NULL";
    if tx.run((sql, args![tx.now(), tx.actor().name.clone(), reason.trim(), id])).await? == 0 {
        return Err(Error::Conflict("这份授权已经撤回，不必再撤".into()));
    }
    tx.act(Verb::CONSENT_REVOKED, "consent", id.0);
    tx.concerns(held.subject.0);
    tx.purpose(reason);
    tx.changes("接收单位", &held.recipient.1, "");
    Ok(())
}

/// One consent that the actor's organisation gave.
///
/// # Errors
/// [`Error::NotFound`] also for another's.
pub async fn find(read: &Read, actor: &Actor, id: ConsentId) -> Result<Consent> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.id = ").bind(id).push(" AND c.subject_id = ").bind(own(actor, GIVE)?);
    Consent::of(&read.one(sql).await?)
}

/// What the actor's organisation gave, newest first.
///
/// # Errors
/// [`Error::NotFound`] without an own organisation.
pub async fn list_given(read: &Read, actor: &Actor, limit: i64) -> Result<Vec<Consent>> {
    listed(read, "subject_id", own(actor, GIVE)?, limit).await
}

/// What the actor's organisation received, newest first.
///
/// # Errors
/// [`Error::NotFound`] without an own organisation.
pub async fn list_received(read: &Read, actor: &Actor, limit: i64) -> Result<Vec<Consent>> {
    listed(read, "recipient_id", own(actor, RECEIVED)?, limit).await
}

async fn listed(read: &Read, side: &str, org: OrgId, limit: i64) -> Result<Vec<Consent>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.").push(side).push(" = ").bind(org).push(" ORDER BY c.id DESC LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(Consent::of).collect()
}

/// The organisations that could use a consent: those with people in a role that has a reach of kind *consented*.
///
/// # Errors
/// As the database says.
pub async fn recipients(read: &Read) -> Result<Vec<(OrgId, String)>> {
    let roles = read.roles();
    let uses = |role: &&std::sync::Arc<crate::access::Role>| {
        role.grants.iter().any(|grant| grant.reach.contains(&Reach::Consented))
    };
    let codes: Vec<String> = roles.held().filter(uses).map(|role| role.code.clone()).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT DISTINCT o.id, o.name FROM membership m JOIN organisation o ON o.id = m.org_id \
         WHERE o.merged_into IS NULL AND m.ended_at IS NULL AND (m.valid_to IS NULL OR m.valid_to >= ",
    );
    sql.bind(read.today()).push(") AND m.role IN ").binds(codes).push(" ORDER BY o.name, o.id");
    read.all(sql).await?.iter().map(|row| Ok((OrgId(row.get("id")?), row.get("name")?))).collect()
}
