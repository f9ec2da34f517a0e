//! Reads of proposals. A case was found within a scope before anything of it is read.

use std::pin::Pin;

use chrono::{DateTime, Utc};
use kernel::access::Scope;
use kernel::case::{self, Case, Told};
use kernel::id::CaseId;
use kernel::indicator::{Number, Question, evaluate, number_text};
use kernel::store::{Read, Row, Sql, Tx, keywords};
use kernel::value::day::{Day, minute};
use kernel::{Result, args};

use super::declared::MEANS;
use super::difference::differences;
use super::model::{ContactRow, Draft, Issued, PromiseRow, Proposal};
use super::rules;
use super::similar::most_like;

/// What a means of contact is called.
pub(super) fn means(code: &str) -> &str {
    MEANS.iter().find(|class| class.code == code).map_or(code, |class| class.label)
}

/// The contact log of a case, the oldest first.
///
/// # Errors
/// As the database says.
pub(super) async fn contacts(read: &Read, case: CaseId) -> Result<Vec<ContactRow>> {
    let sql = "SELECT means, happened_on, body, recorded_by FROM proposal_contact WHERE case_id = $1 ORDER BY id";
    let of = |row: &Row| {
        let (on, by) = (row.get::<Day>("happened_on")?.to_string(), row.get("recorded_by")?);
        Ok(ContactRow { means: row.get("means")?, on, body: row.get("body")?, by })
    };
    read.all((sql, args![case])).await?.iter().map(of).collect()
}

/// The versions of a reply, the newest first.
///
/// # Errors
/// As the database says.
pub(super) async fn drafts(read: &Read, case: CaseId) -> Result<Vec<Draft>> {
    let sql =
        "SELECT version, about, body, saved_at, saved_by FROM proposal_draft WHERE case_id = $1 ORDER BY version DESC";
    let of = |row: &Row| {
        let saved = format!("{} {}", minute(row.get("saved_at")?), row.get::<String>("saved_by")?);
        let changed = Vec::new();
        Ok(Draft { version: row.get("version")?, about: row.get("about")?, body: row.get("body")?, saved, changed })
    };
    let mut drafts: Vec<Draft> = read.all((sql, args![case])).await?.iter().map(of).collect::<Result<_>>()?;
    let bodies: Vec<String> = drafts.iter().skip(1).map(|draft| draft.body.clone()).collect();
    for (draft, before) in drafts.iter_mut().zip(bodies) {
        draft.changed = differences(&before, &draft.body);
    }
    Ok(drafts)
}

/// How many drafts were saved and contacts logged since an instant; all of them without one.
///
/// # Errors
/// As the database says.
pub(super) async fn counted_since(read: &Read, case: CaseId, since: Option<DateTime<Utc>>) -> Result<(i64, i64)> {
    let since = since.unwrap_or(DateTime::UNIX_EPOCH);
    let drafts = "SELECT COUNT(*) AS n FROM proposal_draft WHERE case_id = $1 AND saved_at > $2";
    let contacts = "SELECT COUNT(*) AS n FROM proposal_contact WHERE case_id = $1 AND recorded_at > $2";
    let drafts = read.one((drafts, args![case, since])).await?.int("n")?;
    Ok((drafts, read.one((contacts, args![case, since])).await?.int("n")?))
}

/// The replies of a case that were issued, the newest first: a second handling has its own.
///
/// # Errors
/// As the database says.
pub(super) async fn issued(read: &Read, case: CaseId) -> Result<Vec<Issued>> {
    let sql = "SELECT series, year, number, publication_id FROM issue_number WHERE case_id = $1 ORDER BY issued_at DESC, number DESC";
    let of = |row: &Row| {
        let number = rules::issue_number(&row.get::<String>("series")?, row.get("year")?, row.get("number")?);
        Ok(Issued { number, publication: row.get("publication_id")? })
    };
    read.all((sql, args![case])).await?.iter().map(of).collect()
}

/// Whether a number was drawn for a case in this act.
///
/// # Errors
/// As the database says.
pub(super) async fn is_numbered(tx: &Tx, case: CaseId) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM issue_number WHERE case_id = $1 AND issued_at = $2";
    Ok(tx.one((sql, args![case, tx.now()])).await?.int("n")? > 0)
}

/// The number that comes next in a register.
///
/// # Errors
/// As the database says.
pub(super) async fn next_number(read: &Read, series: &str, year: i64) -> Result<i64> {
    let sql = "SELECT COALESCE(MAX(number), 0) AS n FROM issue_number WHERE series = $1 AND year = $2";
    Ok(read.one((sql, args![series, year])).await?.int("n")? + 1)
}

/// The proposal registered under a number, if there is one.
///
/// # Errors
/// As the database says.
pub(super) async fn registered(read: &Read, kind: &str, year: i64, number: i64) -> Result<Option<CaseId>> {
    let sql = "SELECT case_id FROM proposal WHERE kind = $1 AND year = $2 AND number = $3";
    let rows = read.all((sql, args![kind, year, number])).await?;
    rows.first().map(|row| row.get("case_id").map(CaseId)).transpose()
}

/// Offices a proposal can be registered for: government bodies within the scope.
///
/// # Errors
/// As the database says.
pub(super) async fn offices(read: &Read, scope: &Scope) -> Result<Vec<(i64, String)>> {
    let mut sql =
        Sql::new("SELECT o.id, o.name FROM organisation o WHERE o.kind = 'government' AND o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY o.id LIMIT 50");
    read.all(sql).await?.iter().map(|row| Ok((row.get("id")?, row.get("name")?))).collect()
}

/// The promises of a case as they stand on a day: each is asked of its figure, at most up to its last day.
///
/// # Errors
/// As the database says.
pub(super) async fn promises(read: &Read, scope: &Scope, case: CaseId, on: Day) -> Result<Vec<PromiseRow>> {
    let sql = "SELECT body, owner, due_on, indicator, floor FROM proposal_promise WHERE case_id = $1 ORDER BY id";
    let mut found = Vec::new();
    for row in read.all((sql, args![case])).await? {
        let (code, due_on, floor) = (row.get::<String>("indicator")?, row.get::<Day>("due_on")?, row.get("floor")?);
        let indicator = read.catalog().indicator(&code);
        let q = Question { about: on.min(due_on), known: read.head()?, scope };
        let figure = match indicator {
            Some(indicator) => evaluate(read, &[indicator], &q).await?.pop(),
            None => None,
        };
        let reached = figure.as_ref().and_then(|f| if let Number::Count(n) = f.number { Some(n) } else { None });
        let shown = figure.as_ref().map(|f| number_text(&f.number, f.indicator.display)).unwrap_or_default();
        let (state, class) = rules::promise(reached, floor, due_on, on);
        found.push(PromiseRow {
            body: row.get("body")?,
            owner: row.get("owner")?,
            due_on,
            indicator: indicator.map_or(code.clone(), |i| i.name.to_owned()),
            href: format!("/indicators/{code}?about={}", q.about),
            floor,
            reached: shown,
            state,
            class,
        });
    }
    Ok(found)
}

/// An earlier proposal that asks for something like another.
#[derive(Debug, Clone)]
pub(super) struct Similar {
    /// Number of its case.
    pub id: CaseId,
    /// Official number and title.
    pub name: (String, String),
    /// Its state.
    pub state: String,
    /// The words both titles have.
    pub words: String,
    /// Whether it has a reply to begin with.
    pub has_draft: bool,
}

/// Cases looked at for likeness: a city answers some hundreds a year.
const COMPARED: i64 = 3000;

/// Proposals that ask for something like this one, as far as the scope holds them.
///
/// # Errors
/// As the database says.
pub(super) async fn similar(read: &Read, scope: &Scope, case: &Case) -> Result<Vec<Similar>> {
    let mut others = case::list(read, scope, super::FLOW.code, None, None, COMPARED).await?;
    others.retain(|other| other.id != case.id);
    let words = |case: &Case| keywords(Proposal::of(case).kept("title"));
    let all: Vec<_> = others.iter().map(words).collect();
    let mut found = Vec::new();
    for likeness in most_like(&words(case), &all) {
        let Some(other) = others.get(likeness.at) else { continue };
        let proposal = Proposal::of(other);
        found.push(Similar {
            id: other.id,
            name: (proposal.number(), proposal.kept("title").to_owned()),
            has_draft: !drafts(read, other.id).await?.is_empty(),
            state: proposal.state,
            words: likeness.words.join("、"),
        });
    }
    Ok(found)
}

/// Proposals whose proposer agreed that the answer is published, the newest first.
///
/// # Errors
/// As the database says.
pub(super) async fn published(read: &Read) -> Result<Vec<Case>> {
    let mut found = Vec::new();
    for state in ["closed", "opinion"] {
        let cases = case::list(read, &Scope::All, super::FLOW.code, Some(state), None, 200).await?;
        found.extend(cases.into_iter().filter(|case| case.values.get("publish").is_some_and(|p| p == "yes")));
    }
    found.sort_by_key(|case| std::cmp::Reverse(case.id));
    Ok(found)
}

/// What whoever opens the case should know: where reply, form and promises stand.
pub(super) fn tells<'a>(
    read: &'a Read,
    case: &'a Case,
) -> Pin<Box<dyn Future<Output = Result<Vec<Told>>> + Send + 'a>> {
    Box::pin(async move {
        let page = format!("/proposals/{}", case.id);
        let mut told = vec![Told { text: "沟通记录、答复稿、意见表和承诺".to_owned(), href: page }];
        for issued in issued(read, case.id).await? {
            let href = format!("/publications/{}", issued.publication);
            told.push(Told { text: format!("已印发：{}", issued.number), href });
        }
        Ok(told)
    })
}
