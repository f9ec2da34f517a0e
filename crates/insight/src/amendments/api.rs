//! The JSON side: requests in lists and one by one, requesting and deciding, with the same acts and words as the pages.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::id::{AmendmentId, Position};
use kernel::ledger::browse;
use kernel::publication::{self, Amendment, Asked, Moves, Proposal, seen};
use kernel::store::Read;
use kernel::value::money::Fen;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::{Page, Told, answer, created};

use super::model::Typed;
use super::{AMENDMENT_DECIDE, AMENDMENT_READ, AMENDMENT_REQUEST, queries};
use crate::indicators::api::Exact;
use crate::link;
use crate::publications::PUBLICATION_READ;

#[derive(OpenApi)]
#[openapi(paths(list, show, request, accept, refuse))]
struct Api;

/// This slice's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A published figure that a correction moves. The numbers are absent for who may not read publications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MoveAnswer {
    /// Number of the publication.
    pub publication: i64,
    pub title: String,
    /// The figure's place in it.
    pub seq: i64,
    /// The figure's number in the document.
    pub citation: String,
    pub name: String,
    pub unit: String,
    pub published: Option<Exact>,
    /// As known now, by the published definition.
    pub now: Option<Exact>,
    /// After the correction.
    pub after: Option<Exact>,
}

impl MoveAnswer {
    fn of(moves: &Moves, may_read: bool) -> Self {
        let told = |number| may_read.then(|| Exact::of(number));
        Self {
            publication: moves.publication.0,
            title: moves.title.clone(),
            seq: moves.seq,
            citation: moves.citation.clone(),
            name: moves.name.clone(),
            unit: moves.unit.clone(),
            published: told(&moves.published),
            now: told(&moves.now),
            after: told(&moves.after),
        }
    }
}

/// The fact that is recorded instead, by the same record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplacementAnswer {
    /// Number of the subject.
    pub subject: i64,
    /// Class code; empty when unclassified.
    pub class: String,
    pub on: NaiveDate,
    pub quantity: i64,
    pub amount_fen: i64,
}

/// A request to correct a fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AmendmentAnswer {
    pub id: i64,
    /// The fact.
    pub fact: i64,
    pub reason: String,
    /// Whether the fact is taken back.
    pub reverse: bool,
    pub replacement: Option<ReplacementAnswer>,
    pub requested_at: DateTime<Utc>,
    pub requested_by: String,
    /// `waiting`, `accepted` or `refused`.
    pub state: &'static str,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub note: Option<String>,
    /// The published figures it moves: as of now for one that waits; as requested in lists and once it is decided.
    pub moves: Vec<MoveAnswer>,
    /// Of the answer about one: give it back to accept, for what was seen is what is accepted.
    pub seen: String,
}

impl AmendmentAnswer {
    fn of(ui: &Ui, found: &Amendment, moves: &[Moves]) -> Result<Self> {
        let decision = found.decision.as_ref();
        let replacement = found.proposal.replacement.as_ref();
        Ok(Self {
            id: found.id.0,
            fact: found.fact.0,
            reason: found.reason.clone(),
            reverse: found.proposal.reverse,
            replacement: replacement.map(|new| ReplacementAnswer {
                subject: new.subject.0,
                class: new.class.clone(),
                on: new.on,
                quantity: new.quantity,
                amount_fen: new.amount,
            }),
            requested_at: found.requested_at,
            requested_by: found.requested_by.clone(),
            state: match decision {
                None => "waiting",
                Some(decision) if decision.accepted => "accepted",
                Some(_) => "refused",
            },
            decided_at: decision.map(|d| d.at),
            decided_by: decision.map(|d| d.by.clone()),
            note: decision.map(|d| d.note.clone()),
            moves: told(ui, moves),
            seen: seen(moves)?,
        })
    }
}

fn told(ui: &Ui, moves: &[Moves]) -> Vec<MoveAnswer> {
    moves.iter().map(|m| MoveAnswer::of(m, ui.actor().may(PUBLICATION_READ))).collect()
}

/// Requests, those that wait first.
#[utoipa::path(
    get, path = "/api/v1/amendments", tag = "更正申请", summary = "更正申请，待审核的在前，其余最新的在前",
    params(
        ("fact" = Option<i64>, Query, description = "只看这条事实的"),
        ("after" = Option<i64>, Query, description = "翻页位置：上一页的 `next`"),
        ("limit" = Option<i64>, Query, description = "每页份数 1 至 200，不填为 50"),
    ),
    responses((status = 200, body = Page<AmendmentAnswer>), (status = 422, description = "有参数填错")),
)]
pub(super) async fn list(ui: Ui) -> Response {
    answer(items(&ui).await)
}

async fn items(ui: &Ui) -> web::Result<Page<AmendmentAnswer>> {
    let read = ui.read().await?;
    let limit = link::number::<i64>(ui.query(), "limit", "每页份数")?.unwrap_or(50).clamp(1, 200);
    let after = link::number(ui.query(), "after", "翻页位置")?.map(AmendmentId);
    let fact = link::number(ui.query(), "fact", "事实")?;
    let asked = Asked { fact, after, limit: limit + 1 };
    let mut found = publication::list_amendments(&read, &ui.scope(AMENDMENT_READ), asked).await?;
    let next = link::cut(&mut found, limit).map(|last| last.id.to_string());
    // As of now each would be derived anew: that is for the answer about one.
    let items = found.iter().map(|one| AmendmentAnswer::of(ui, one, &one.moves)).collect::<Result<_>>()?;
    Ok(Page { items, next })
}

/// What waits is told as of now; what is decided as it was requested.
async fn moves(ui: &Ui, read: &Read, found: &Amendment) -> Result<Vec<Moves>> {
    match found.decision {
        Some(_) => Ok(found.moves.clone()),
        None => {
            let fact = browse::find(read, &ui.scope(AMENDMENT_READ), found.fact).await?;
            publication::impact(read, &fact, &found.proposal).await
        }
    }
}

/// One request.
#[utoipa::path(
    get, path = "/api/v1/amendments/{id}", tag = "更正申请", summary = "一份更正申请，和它会改变的已发布数字",
    params(("id" = i64, Path, description = "编号")),
    responses((status = 200, body = AmendmentAnswer), (status = 404, description = "您的范围内没有这份申请")),
)]
pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Response {
    answer(one(&ui, &id).await)
}

async fn one(ui: &Ui, id: &str) -> web::Result<AmendmentAnswer> {
    let read = ui.read().await?;
    let found = publication::find_amendment(&read, &ui.scope(AMENDMENT_READ), link::id(id)?).await?;
    Ok(AmendmentAnswer::of(ui, &found, &moves(ui, &read, &found).await?)?)
}

/// The fact that should stand instead.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewFactBody {
    /// Credit or local code of the subject.
    pub code: String,
    /// Class code; empty when unclassified.
    #[serde(default)]
    pub class: String,
    /// The day, ISO 8601.
    pub on: String,
    pub quantity: i64,
    /// Whole fen; 0 for a kind that carries no money.
    #[serde(default)]
    pub amount_fen: i64,
}

/// A request for a correction.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RequestBody {
    pub reason: String,
    /// Whether the fact is taken back.
    #[serde(default)]
    pub reverse: bool,
    /// The fact recorded by the same record.
    pub replacement: Option<NewFactBody>,
    /// What the first answer said; absent the first time.
    pub seen: Option<String>,
}

impl RequestBody {
    /// The same as a form.
    fn typed(&self) -> Typed {
        let tick = |ticked: bool| if ticked { "1".to_owned() } else { String::new() };
        let typed = Typed {
            reason: self.reason.clone(),
            reverse: tick(self.reverse),
            replace: tick(self.replacement.is_some()),
            ..Typed::default()
        };
        match &self.replacement {
            None => typed,
            Some(new) => Typed {
                code: new.code.clone(),
                class: new.class.clone(),
                on: new.on.clone(),
                quantity: new.quantity.to_string(),
                amount: format!("{}元", Fen(new.amount_fen).yuan()),
                ..typed
            },
        }
    }
}

/// What a correction would move, before it is requested.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookAnswer {
    /// The published figures it would move.
    pub moves: Vec<MoveAnswer>,
    /// Give it back, with the same body, to request the correction.
    pub seen: String,
}

/// Requests a correction: without `seen` it tells what would move and writes nothing, with it the request is made.
#[utoipa::path(
    post, path = "/api/v1/facts/{position}/amendments", tag = "更正申请",
    summary = "申请更正一条事实：第一次不带 seen，只看会改变哪些已发布数字；第二次带上它，才提出",
    params(("position" = i64, Path, description = "账上序号")),
    request_body = RequestBody,
    responses(
        (status = 200, body = LookAnswer, description = "没有写入：会改变的已发布数字"),
        (status = 201, body = AmendmentAnswer, description = "已提出，等另一人审核"),
        (status = 404, description = "您的范围内没有这条事实"),
        (status = 409, description = "已有申请在等待，事实已冲销，或会改变的与看到的不同"),
        (status = 422, description = "内容填错"),
    ),
)]
pub(super) async fn request(ui: Ui, Path(position): Path<String>, Told(body): Told<RequestBody>) -> Response {
    match asked(&ui, &position, &body).await {
        Ok((Some(made), _)) => created(one(&ui, &made.to_string()).await),
        Ok((None, look)) => (StatusCode::OK, axum::Json(look)).into_response(),
        Err(failure) => answer::<()>(Err(failure)),
    }
}

async fn asked(ui: &Ui, position: &str, body: &RequestBody) -> web::Result<(Option<AmendmentId>, LookAnswer)> {
    let (scope, read) = (ui.scope(AMENDMENT_REQUEST), ui.read().await?);
    let position: Position = link::id(position)?;
    let fact = browse::find(&read, &scope, position).await?;
    let typed = body.typed();
    let proposal: Proposal = queries::proposal_of(&read, &scope, &fact, &typed).await?;
    let moves = publication::impact(&read, &fact, &proposal).await?;
    drop(read);
    let look = LookAnswer { moves: told(ui, &moves), seen: seen(&moves)? };
    match &body.seen {
        None => return Ok((None, look)),
        Some(seen) if *seen != look.seen => return Err(changed().into()),
        Some(_) => {}
    }
    let request = async |tx: &mut kernel::store::Tx| {
        publication::request(tx, &scope, position, &body.reason, &proposal, &moves).await
    };
    Ok((Some(ui.write(request).await?), look))
}

fn changed() -> Error {
    Error::Conflict("它会改变的已发布数字与您看到的不同，请重新查看".into())
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DecisionBody {
    /// Why not, or a remark.
    #[serde(default)]
    pub note: String,
    /// As the request says it; needed to accept.
    #[serde(default)]
    pub seen: String,
}

/// Accepts what somebody else requested.
#[utoipa::path(
    post, path = "/api/v1/amendments/{id}/accept", tag = "更正申请", summary = "同意一份申请：冲销原事实、记入新事实",
    params(("id" = i64, Path, description = "编号")),
    request_body = DecisionBody,
    responses(
        (status = 200, body = AmendmentAnswer),
        (status = 404, description = "您的范围内没有这份申请"),
        (status = 409, description = "是自己的申请，已经审核过，或会改变的与看到的不同"),
        (status = 422, description = "内容填错"),
    ),
)]
pub(super) async fn accept(ui: Ui, Path(id): Path<String>, Told(body): Told<DecisionBody>) -> Response {
    answer(decided(&ui, &id, &body, true).await)
}

/// Refuses what somebody else requested.
#[utoipa::path(
    post, path = "/api/v1/amendments/{id}/refuse", tag = "更正申请", summary = "退回一份申请，写明理由",
    params(("id" = i64, Path, description = "编号")),
    request_body = DecisionBody,
    responses(
        (status = 200, body = AmendmentAnswer),
        (status = 404, description = "您的范围内没有这份申请"),
        (status = 409, description = "是自己的申请，或已经审核过"),
        (status = 422, description = "没有写退回理由"),
    ),
)]
pub(super) async fn refuse(ui: Ui, Path(id): Path<String>, Told(body): Told<DecisionBody>) -> Response {
    answer(decided(&ui, &id, &body, false).await)
}

async fn decided(ui: &Ui, id: &str, body: &DecisionBody, accepted: bool) -> web::Result<AmendmentAnswer> {
    let scope = ui.scope(AMENDMENT_DECIDE);
    let found = one(ui, id).await?;
    if accepted && found.decided_at.is_none() && body.seen != found.seen {
        return Err(changed().into());
    }
    let number = AmendmentId(found.id);
    ui.write(async |tx| match accepted {
        true => publication::accept(tx, &scope, number, &body.note).await,
        false => publication::refuse(tx, &scope, number, &body.note).await,
    })
    .await?;
    one(ui, id).await
}
