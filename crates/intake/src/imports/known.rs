//! What is on record about the bodies in a stretch of rows, asked for once for all of them.
//!
//! Owns nothing and writes nothing: row after row is held against it without asking the database again.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::Result;
use kernel::access::Scope;
use kernel::id::OrgId;
use kernel::org::{self, Assertion, Organisation, RecordedYear, YearFigures};
use kernel::store::{Read, Sql, Tx};
use sheets::{ReadRow, Reading};

use super::model::What;

/// Columns with codes of bodies.
const CODES: [&str; 3] = ["credit_code", "local_code", "counterparty"];

/// What is on record.
#[derive(Debug, Default)]
pub(super) struct Known {
    orgs: HashMap<String, Organisation>,
    /// Bodies within the scope; `None` when that is all.
    within: Option<HashSet<OrgId>>,
    histories: HashMap<OrgId, Vec<Assertion>>,
    years: HashMap<OrgId, Vec<RecordedYear>>,
    /// Bodies that were merged into another, by the one that stays.
    merged: HashMap<OrgId, Vec<OrgId>>,
}

impl Known {
    /// Asks for everything that rows of this kind are held against.
    ///
    /// # Errors
    /// As the database says.
    pub async fn load(read: &Read, scope: &Scope, what: What, reading: &Reading) -> Result<Self> {
        if matches!(what, What::Targets | What::Declared) {
            return Ok(Self::default());
        }
        let codes = codes(&reading.rows);
        let mut known = Self { orgs: org::find_by_codes(read, &Scope::All, &codes).await?, ..Self::default() };
        let ids: BTreeSet<OrgId> = known.orgs.values().map(|org| org.id).collect();
        if *scope != Scope::All {
            let held = org::find_by_codes(read, scope, &codes).await?;
            known.within = Some(held.values().map(|org| org.id).collect());
        }
        match what {
            What::Orgs | What::Marks => known.histories = org::histories(read, &ids).await?,
            What::Years => known.years = org::years_of(read, &ids).await?,
            _ => known.merged = families(read, &ids).await?,
        }
        Ok(known)
    }

    /// The same inside an act: nobody changes these bodies between the looking and the writing.
    ///
    /// # Errors
    /// As the database says.
    pub async fn load_held(tx: &Tx, scope: &Scope, what: What, reading: &Reading) -> Result<Self> {
        let codes = codes(&reading.rows);
        let orgs = org::find_by_codes(tx, &Scope::All, &codes).await?;
        org::hold(tx, &orgs.values().map(|org| org.id).collect()).await?;
        Self::load(tx, scope, what, reading).await
    }

    /// The body with a code, wherever it belongs.
    pub fn org(&self, code: &str) -> Option<&Organisation> {
        self.orgs.get(code)
    }

    /// The body with a code, if the scope holds it.
    pub fn held(&self, code: &str) -> Option<&Organisation> {
        self.org(code).filter(|org| self.within.as_ref().is_none_or(|within| within.contains(&org.id)))
    }

    /// All that was ever said of a body.
    pub fn history(&self, org: OrgId) -> &[Assertion] {
        self.histories.get(&org).map_or(&[], Vec::as_slice)
    }

    /// The figures of one year of a body as last recorded.
    pub fn year(&self, org: OrgId, year: i32) -> Option<&RecordedYear> {
        self.years.get(&org)?.iter().find(|recorded| recorded.figures.year == year)
    }

    /// The figures of each year of a body as last recorded, the newest year first.
    pub fn years(&self, org: OrgId) -> Vec<&YearFigures> {
        let mut years: Vec<&YearFigures> = Vec::new();
        for recorded in self.years.get(&org).map_or(&[] as &[_], Vec::as_slice) {
            if !years.iter().any(|figures| figures.year == recorded.figures.year) {
                years.push(&recorded.figures);
            }
        }
        years.sort_by_key(|figures| std::cmp::Reverse(figures.year));
        years
    }

    /// A body with all that were merged into it: what was stored about any of them is about it.
    pub fn family(&self, org: OrgId) -> Vec<OrgId> {
        let mut family = vec![org];
        let mut next = 0;
        while let Some(member) = family.get(next).copied() {
            let more = self.merged.get(&member).map_or(&[] as &[_], Vec::as_slice);
            let new: Vec<OrgId> = more.iter().filter(|org| !family.contains(org)).copied().collect();
            family.extend(new);
            next += 1;
        }
        family
    }
}

/// The codes in rows, in their regular form.
pub(super) fn codes(rows: &[ReadRow]) -> BTreeSet<String> {
    let typed = rows.iter().flat_map(|row| CODES.map(|key| row.typed(key)));
    typed.filter(|code| !code.is_empty()).map(|code| registry::orgs::code(&code)).collect()
}

/// Who was merged into these bodies, and into those in turn.
async fn families(read: &Read, orgs: &BTreeSet<OrgId>) -> Result<HashMap<OrgId, Vec<OrgId>>> {
    let mut merged: HashMap<OrgId, Vec<OrgId>> = HashMap::new();
    let mut ask: Vec<i64> = orgs.iter().map(|org| org.0).collect();
    let mut asked: HashSet<i64> = HashSet::new();
    while !ask.is_empty() {
        asked.extend(&ask);
        let mut found = Vec::new();
        for ids in ask.chunks(500) {
            let mut sql = Sql::new("SELECT id, merged_into FROM organisation WHERE merged_into IN ");
            sql.ints(ids.iter().copied());
            for row in read.all(sql).await? {
                let id: i64 = row.get("id")?;
                merged.entry(OrgId(row.get("merged_into")?)).or_default().push(OrgId(id));
                found.push(id);
            }
        }
        ask = found.into_iter().filter(|id| !asked.contains(id)).collect();
    }
    Ok(merged)
}
