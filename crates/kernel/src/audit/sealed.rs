//! Sealing and verifying the log: the same blocks, chain and signatures as the ledger's, in a chain of its own.

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::seal::{
    Exported, Finding, Hash, Report, SealKey, Sealable, Stored, Trust, export_of, head_of, int, maybe, ripe, text,
    verify_of, whole_log,
};
use crate::store::{Read, Row, Store};
use crate::{Error, Result, args};

/// An entry as it is sealed. The order of the fields is that of its bytes; see `docs/seals.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedEntry {
    /// Its place in the log.
    pub number: i64,
    /// When, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    pub at: String,
    /// Number of the account; 0 for the system and for the public.
    pub account: i64,
    /// The name it had.
    pub person: String,
    /// Code of the role acted in.
    pub role: String,
    /// The organisation acted for.
    pub behalf: Option<i64>,
    /// Address of the client.
    pub address: String,
    /// Digest of the session.
    pub session: String,
    /// Number of the request.
    pub request: String,
    /// Code of the verb.
    pub verb: String,
    /// Sort of object.
    pub object: String,
    /// Its number.
    pub object_id: Option<i64>,
    /// Whose matter it is, 0 for none.
    pub unit: i64,
    /// Numbers of the organisations concerned, separated by commas.
    pub orgs: String,
    /// `done` or `refused`.
    pub result: String,
    /// What was changed, as JSON.
    pub changes: String,
    /// What for.
    pub purpose: String,
}

/// Entries of a full block.
const BLOCK: i64 = 1024;
/// After this long a block is sealed though it is not full.
const HOUR: TimeDelta = TimeDelta::hours(1);

impl Sealable for SealedEntry {
    const TABLE: &'static str = "audit";
    const POSITION: &'static str = "number";
    const SEALS: &'static str = "audit_seal";
    const LEAF: u8 = 3;
    const IS_AUDIT: bool = true;

    fn genesis() -> Hash {
        Hash::of(b"qishu audit")
    }

    fn position(&self) -> i64 {
        self.number
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        let out = &mut bytes;
        int(out, self.number);
        text(out, &self.at);
        int(out, self.account);
        text(out, &self.person);
        text(out, &self.role);
        maybe(out, self.behalf.as_ref(), |out, v| int(out, *v));
        for value in [&self.address, &self.session, &self.request, &self.verb, &self.object] {
            text(out, value);
        }
        maybe(out, self.object_id.as_ref(), |out, v| int(out, *v));
        int(out, self.unit);
        for value in [&self.orgs, &self.result, &self.changes, &self.purpose] {
            text(out, value);
        }
        bytes
    }

    async fn settled(store: &Store) -> Result<i64> {
        store.read().await?.audit_head().await
    }

    async fn between(read: &Read, first: i64, last: i64, limit: i64) -> Result<Vec<Stored<Self>>> {
        let rows = read
            .all((
                "SELECT number, at, account, person, role, behalf, address, session, request, verb, object, object_id, \
                 unit_id, orgs, result, changes, purpose FROM audit WHERE number BETWEEN $1 AND $2 ORDER BY number LIMIT $3",
                args![first, last, limit],
            ))
            .await?;
        let mut trails = trails(read, first, last).await?;
        let one = |row: &Row| {
            let number = row.at(0)?;
            let entry = of(row, number).and_then(|entry| in_its_trails(entry, trails.remove(&number)));
            Ok(entry.map_err(|error| (number, error.detail())))
        };
        let mut found = rows.iter().map(one).collect::<Result<Vec<_>>>()?;
        // A row in the trails without its entry was put there by hand.
        let stray = trails.keys().next().map(|n| Err((*n, "涉及主体的索引中多出一条".to_owned())));
        found.extend(stray.filter(|_| (rows.len() as i64) < limit));
        Ok(found)
    }

    async fn is_old(&self, read: &Read) -> Result<bool> {
        let at = DateTime::parse_from_rfc3339(&self.at).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(read.now() - at.with_timezone(&Utc) > HOUR)
    }

    async fn archived(read: &Read) -> Result<i64> {
        read.one("SELECT MAX(last_number) AS n FROM audit_archive").await?.int("n")
    }
}

/// In whose trails the entries of a stretch stand.
async fn trails(read: &Read, first: i64, last: i64) -> Result<BTreeMap<i64, Vec<i64>>> {
    let sql = "SELECT number, org_id FROM audit_org WHERE number BETWEEN $1 AND $2 ORDER BY number, org_id";
    let mut found: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in read.all((sql, args![first, last])).await? {
        found.entry(row.get("number")?).or_default().push(row.get("org_id")?);
    }
    Ok(found)
}

/// The entry, if it stands in the trails that it names, and in no other.
fn in_its_trails(entry: SealedEntry, trails: Option<Vec<i64>>) -> Result<SealedEntry> {
    let listed = trails.unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    match listed == entry.orgs {
        true => Ok(entry),
        false => Err(Error::Internal("涉及主体的索引与条目不符".into())),
    }
}

fn of(row: &Row, number: i64) -> Result<SealedEntry> {
    Ok(SealedEntry {
        number,
        at: row.exact_instant(1)?,
        account: row.at(2)?,
        person: row.at(3)?,
        role: row.at(4)?,
        behalf: row.at(5)?,
        address: row.at(6)?,
        session: row.at(7)?,
        request: row.at(8)?,
        verb: row.at(9)?,
        object: row.at(10)?,
        object_id: row.at(11)?,
        unit: row.at(12)?,
        orgs: row.at(13)?,
        result: row.at(14)?,
        changes: row.at(15)?,
        purpose: row.at(16)?,
    })
}

/// Seals everything that is settled; says how many blocks that made.
///
/// # Errors
/// [`Error::Conflict`] when a stored entry cannot be read, or another seals at the same time.
pub async fn seal_all(store: &Store, key: &SealKey) -> Result<u64> {
    whole_log::<SealedEntry>(store, key, BLOCK).await
}

/// Seals what is ripe: full blocks, and a rest that was begun more than an hour ago.
///
/// # Errors
/// As [`seal_all`].
pub async fn seal_ripe(store: &Store, key: &SealKey) -> Result<u64> {
    ripe::<SealedEntry>(store, key, BLOCK).await
}

/// Recomputes every sealed block of the log, and looks whether what was archived was archived by an act in it.
///
/// # Errors
/// When the database cannot be read; what is wrong in it is in the report.
pub async fn verify(store: &Store, trust: &Trust, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Report> {
    let mut report = verify_of::<SealedEntry>(store, trust, progress).await?;
    report.findings.extend(unexplained(&store.read().await?).await?);
    Ok(report)
}

/// Archives that no entry of the log tells of: somebody wrote them there to take entries away.
async fn unexplained(read: &Read) -> Result<Vec<Finding>> {
    let sql = "SELECT last_number, digest FROM audit_archive a WHERE NOT EXISTS (SELECT 1 FROM audit e \
               WHERE e.verb = 'audit.archive' AND e.object_id = a.last_number AND e.purpose = a.digest) \
               AND NOT EXISTS (SELECT 1 FROM audit_archive b WHERE b.last_number > a.last_number) ORDER BY last_number";
    let why = "有归档记录而日志中没有归档这一办理".to_owned();
    let found = |row: &Row| {
        Ok(Finding { block: 0, fault: crate::seal::Fault::Unreadable(row.get("last_number")?, why.clone()) })
    };
    read.all(sql).await?.iter().map(found).collect()
}

/// What is handed to somebody outside, so that nobody can seal another history unseen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// Number of the last block.
    pub block: i64,
    /// Number of its last entry.
    pub last: i64,
    /// Its hash.
    pub head: Hash,
    /// When it was sealed.
    pub sealed_at: String,
    /// Whose signature it carries.
    pub public_key: String,
}

/// The digest of the log; nothing before the first seal.
///
/// # Errors
/// [`Error::Conflict`] when the last block cannot be read.
pub async fn digest(read: &Read) -> Result<Option<Digest>> {
    Ok(head_of::<SealedEntry>(read).await?.map(|h| Digest {
        block: h.number,
        last: h.last,
        head: h.hash(),
        sealed_at: h.sealed_at.clone(),
        public_key: h.public_key.to_string(),
    }))
}

/// Writes the sealed log for the offline verifier; of what was archived the headers.
///
/// # Errors
/// [`Error::Conflict`] when nothing is sealed; [`Error::Unavailable`] when the file cannot be written.
pub async fn export(
    store: &Store,
    out: &mut (dyn Write + Send),
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Exported> {
    export_of::<SealedEntry>(store, i64::MAX, out, progress).await
}
