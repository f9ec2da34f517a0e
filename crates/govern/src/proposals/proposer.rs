//! The proposer fills in the opinion form himself, by a link that opens this one form and can be used once.
//!
//! The link goes to him by whatever way the office has; kept is only its digest. Whoever has it acts as the proposer of this
//! proposal: he reads the answer and says what he thinks of it, nothing else.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use chrono::TimeDelta;
use documents::Document;
use kernel::access::{Actor, At, Grant, Role, Scope, digest, link_secret};
use kernel::audit::Verb;
use kernel::case::{self, Case, Doing, Values};
use kernel::id::{CaseId, PublicationId};
use kernel::store::{Read, Tx};
use kernel::{Error, Faults, args};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use super::declared::{EVALUATIONS, MARKS};
use super::model::Proposal;
use super::settings::office;
use super::{EDIT, FLOW, READ, queries};

/// The state in which an opinion is asked for.
const ASKED: &str = "delivered";

/// Makes a link; an earlier one of the same proposal ends.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Conflict`] when no opinion is asked for.
pub(super) async fn make(tx: &Tx, id: CaseId) -> kernel::Result<String> {
    let case = case::find(tx, tx.actor(), id).await?;
    if case.flow.code != FLOW.code || !tx.actor().scope(EDIT).holds_case(case.unit, case.subject) {
        return Err(Error::NotFound);
    }
    // Two who make links at once take turns.
    case::hold(tx, &[id]).await?;
    if case.state != ASKED {
        return Err(Error::Conflict("答复送达以后、登记意见以前才能发链接".into()));
    }
    let link = link_secret()?;
    let ended = "UPDATE proposal_link SET used_at = $1 WHERE case_id = $2 AND used_at IS NULL";
    tx.run((ended, args![tx.now(), id])).await?;
    let sql = "INSERT INTO proposal_link (token, case_id, made_at, made_by, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let until = tx.now() + TimeDelta::days(office().link_days);
    tx.run((sql, args![digest(&link), id, tx.now(), tx.actor().name.clone(), until])).await?;
    tx.act(Verb::OPINION_LINKED, "case", id.0);
    tx.concerns(case.subject);
    Ok(link)
}

/// The proposal a link opens.
///
/// # Errors
/// [`Error::Conflict`] for a link that is unknown, used or too old: which of these is not told.
async fn found(read: &Read, link: &str) -> kernel::Result<Case> {
    let sql = "SELECT case_id FROM proposal_link WHERE token = $1 AND used_at IS NULL AND expires_at > $2";
    let row = read.opt((sql, args![digest(link), read.now()])).await?;
    let row = row.ok_or_else(|| Error::Conflict("链接已用过、已过期或不完整，请向承办单位再要一个".into()))?;
    case::find(read, &proposer(&Actor::public()), CaseId(row.get("case_id")?)).await
}

/// Who has the link. The act keeps where it came from.
pub(super) fn proposer(visitor: &Actor) -> Actor {
    let grants = [READ, EDIT].iter().filter_map(|permission| Grant::parse(permission.0, "all").ok()).collect();
    let role = Role { code: "proposer".into(), label: "提案人".into(), at: At::City, grants };
    Actor { name: "提案人（一次性链接）".into(), role: Arc::new(role), ..visitor.clone() }
}

/// What was filled in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Opinion {
    pub effect: String,
    pub evaluation: String,
    pub publish: String,
    pub opinion: String,
    pub signed: String,
}

impl Opinion {
    fn check(&self) -> kernel::Result<()> {
        let mut faults = Faults::new();
        let all = [
            ("effect", &self.effect, "请选择办理效果"),
            ("evaluation", &self.evaluation, "请选择评价"),
            ("publish", &self.publish, "是否同意公开必须勾选"),
            ("signed", &self.signed, "请签名"),
        ];
        for (field, value, said) in all {
            if value.trim().is_empty() {
                faults.add(field, said);
            }
        }
        if self.signed.chars().count() > 100 {
            faults.add("signed", "最多 100 个字");
        }
        faults.or(())
    }
}

/// Uses the link up and registers the opinion, in one act.
///
/// # Errors
/// As [`found`]; [`Error::Invalid`] with every fault at its field.
pub(super) async fn give(tx: &mut Tx, link: &str, typed: &Opinion) -> kernel::Result<()> {
    let case = found(tx, link).await?;
    let used = "UPDATE proposal_link SET used_at = $1 WHERE token = $2 AND used_at IS NULL";
    if tx.run((used, args![tx.now(), digest(link)])).await? == 0 {
        return Err(Error::Conflict("链接刚刚用过，意见已经收到".into()));
    }
    let values = [
        ("effect", typed.effect.clone()),
        ("evaluation", typed.evaluation.clone()),
        ("publish", typed.publish.clone()),
        ("opinion", typed.opinion.clone()),
        ("opinion_on", tx.today().to_string()),
    ];
    let values: Values = values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
    let (note, remarks) = (format!("提案人通过一次性链接填写，签名：{}", typed.signed.trim()), Values::new());
    let doing = Doing { action: "opinion", revision: case.revision, values: &values, note: &note, remarks: &remarks };
    case::act(tx, case.id, doing).await.map(drop)
}

#[derive(Template)]
#[template(path = "proposals/templates/proposer.html")]
struct Page {
    cx: Frame,
    link: String,
    proposal: Option<Proposal>,
    text: String,
    marks: Vec<(&'static str, &'static str)>,
    evaluations: Vec<(&'static str, &'static str)>,
    typed: Opinion,
    faults: Faults,
}

impl Page {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn page(ui: &Ui, link: &str, typed: Opinion, faults: Faults) -> Result<Page> {
    let read = ui.read().await?;
    let case = found(&read, link).await?;
    let text = match queries::issued(&read, case.id).await?.into_iter().next() {
        Some(issued) => {
            let publication = kernel::publication::find(&read, &Scope::All, PublicationId(issued.publication)).await?;
            documents::html(&serde_json::from_str::<Document>(&publication.body).unwrap_or_default())
        }
        None => String::new(),
    };
    let pairs = |classes: &'static [kernel::ledger::Class]| classes.iter().map(|c| (c.code, c.label)).collect();
    Ok(Page {
        cx: ui.frame(&read).await?,
        link: link.to_owned(),
        proposal: Some(Proposal::of(&case)),
        text,
        marks: pairs(MARKS),
        evaluations: pairs(EVALUATIONS),
        typed,
        faults,
    })
}

pub(super) async fn form(ui: Ui, Path(link): Path<String>) -> Result<Response> {
    ui.page(&page(&ui, &link, Opinion::default(), Faults::new()).await?)
}

pub(super) async fn answer(ui: Ui, Path(link): Path<String>, Posted(typed): Posted<Opinion>) -> Result<Response> {
    let given = match typed.check() {
        Ok(()) => ui.store().write(&proposer(ui.actor()), async |tx| give(tx, &link, &typed).await).await,
        Err(error) => Err(error),
    };
    match given {
        Ok(()) => {
            let read = ui.read().await?;
            let cx = ui.frame(&read).await?;
            let (link, text, faults) = (String::new(), String::new(), Faults::new());
            let (marks, evaluations) = (Vec::new(), Vec::new());
            ui.page(&Page { cx, link, proposal: None, text, marks, evaluations, typed, faults })
        }
        Err(Error::Invalid(faults)) => ui.refused(&page(&ui, &link, typed, faults).await?),
        Err(other) => Err(other.into()),
    }
}

/// Makes a link and shows it, once.
pub(super) async fn link(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let id: CaseId = id.parse().map_err(|_| Error::NotFound)?;
    let made = ui.write(async |tx| make(tx, id).await).await?;
    let days = office().link_days;
    let told =
        format!("链接只显示这一次，{days} 天内可用一次，请交给提案人：{}", ui.whole(&format!("/open/opinion/{made}")));
    ui.done(&format!("/proposals/{id}"), &told).await
}
