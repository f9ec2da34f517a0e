//! Cases for programs: listed, read, opened and acted on, by the same acts as the pages.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::case::{self, Doing, Values};
use kernel::id::{CaseId, OrgId};
use kernel::value::text::compact;
use kernel::{Error, list, org};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::api::{Page, Said, Told, Written, answer, once};
use web::{Failure, Ui};

use super::list::{chosen, list_of};
use super::queries::newest;
use super::told::{CaseAnswer, told};
use crate::link::{self, asked};

#[derive(OpenApi)]
#[openapi(paths(cases, show, open, act, comment), tags((name = "办件", description = "各类办件：列表、提交、办理")))]
struct Api;

/// This slice's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A case in a list: its columns by their codes, those of its flow among them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(super) struct CaseRow(BTreeMap<&'static str, serde_json::Value>);

/// Cases of a flow, as the list of the pages has them: the same filters, orders and scope.
#[utoipa::path(
    get, path = "/api/v1/cases", tag = "办件", summary = "一类办件的列表；筛选、排序的参数与页面相同",
    params(
        ("flow" = Option<String>, Query, description = "流程代码；不填为您能看的第一类"),
        ("q" = Option<String>, Query, description = "关键字、主体名称中的几个字或拼音首字母"),
        ("state" = Option<String>, Query, description = "状态代码"),
        ("unit" = Option<i64>, Query, description = "填报单元编号"),
        ("ended" = Option<i64>, Query, description = "1 已办结，0 在办"),
        ("due.from" = Option<String>, Query, description = "办理期限自，ISO 8601；due.to、opened.from、opened.to 同此"),
        ("sort" = Option<String>, Query, description = "id、due、opened；前面加 - 为从大到小"),
        ("after" = Option<String>, Query, description = "翻页位置：上一页的 `next`"),
        ("limit" = Option<i64>, Query, description = "每页条数 1 至 1000，不填为 50"),
    ),
    responses(
        (status = 200, description = "一页", body = Page<CaseRow>),
        (status = 401, description = "没有登录"),
        (status = 404, description = "没有这种办件，或您不能查看"),
        (status = 422, description = "有条件填错，`errors` 指明是哪一项"),
    ),
)]
pub(super) async fn cases(ui: Ui) -> Response {
    answer(listed(&ui).await)
}

async fn listed(ui: &Ui) -> web::Result<Page<CaseRow>> {
    let read = ui.read().await?;
    let wanted = asked(ui.query(), "flow");
    // Whoever reads no sort of case has none, and is no less welcome to ask.
    if wanted.is_empty() && !newest(&read).iter().any(|flow| ui.actor().may(flow.read)) {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let flow = chosen(ui, &read, wanted)?;
    let list = list_of(ui, &read, flow).await?;
    let may = |permission| ui.actor().may(permission);
    let found = list::page(&read, &list, &ui.scope(flow.read), &list.asked(ui.query(), &may)?, &may).await?;
    Ok(Page {
        items: web::list::objects(&list, &found.rows).into_iter().map(CaseRow).collect(),
        next: found.next.map(|edge| edge.text()),
    })
}

/// One case.
#[utoipa::path(
    get, path = "/api/v1/cases/{id}", tag = "办件", summary = "一件：内容、经过、您现在可办的动作；ETag 是它的办理次数",
    params(("id" = i64, Path, description = "编号")),
    responses((status = 200, body = CaseAnswer), (status = 404, description = "不存在，或不在您的范围内")),
)]
pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Response {
    match shown(&ui, &id).await {
        Ok(found) => found.tagged(),
        Err(failure) => answer::<()>(Err(failure)),
    }
}

async fn shown(ui: &Ui, id: &str) -> web::Result<Written> {
    let read = ui.read().await?;
    let case = case::find(&read, ui.actor(), link::id(id)?).await?;
    Ok(Written::of(&told(&read, ui.actor(), case).await?)?)
}

/// A case to be opened.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct OpenBody {
    /// Code of the flow.
    flow: String,
    /// Number of the organisation; or its code as `subject_code`.
    subject: Option<i64>,
    /// Credit or local code of the organisation.
    subject_code: Option<String>,
    /// Fields as they are typed into the form.
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    note: String,
}

/// Opens a case.
#[utoipa::path(
    post, path = "/api/v1/cases", tag = "办件", summary = "提交一件；带 Idempotency-Key 重发不会重复提交",
    params(("Idempotency-Key" = Option<String>, Header, description = "由调用方取的不重复的字符串")),
    request_body = OpenBody,
    responses(
        (status = 201, body = CaseAnswer),
        (status = 403, description = "没有提交的权限"),
        (status = 404, description = "没有这种办件，或主体不在您的范围内"),
        (status = 409, description = "已有同样的在办，或档案已合并"),
        (status = 422, description = "内容填错，`errors` 指明是哪一项；或同一个键用于了别的内容"),
    ),
)]
pub(super) async fn open(ui: Ui, said: Said, Told(body): Told<OpenBody>) -> Response {
    match opened(&ui, &said, &body).await {
        Ok(written) => written.tagged(),
        Err(failure) => answer::<()>(Err(failure)),
    }
}

async fn opened(ui: &Ui, said: &Said, body: &OpenBody) -> web::Result<Written> {
    let asked = asked_for("/api/v1/cases", body)?;
    once(ui, said, &asked, StatusCode::CREATED, async |tx| {
        let subject = subject(tx, body).await?;
        let id = case::open(tx, &body.flow, subject, &body.values, &body.note).await?;
        let actor = tx.actor().clone();
        told(tx, &actor, case::find(tx, &actor, id).await?).await
    })
    .await
}

/// What a key stands for: the address and what was sent to it.
fn asked_for(path: &str, body: &impl Serialize) -> kernel::Result<String> {
    let body = serde_json::to_string(body).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(format!("{path}\n{body}"))
}

/// The organisation that is named, as far as the actor may open such a case about it; the rest is not found.
async fn subject(read: &kernel::store::Tx, body: &OpenBody) -> kernel::Result<OrgId> {
    let flow = read.catalog().newest_flow(&body.flow).ok_or(Error::NotFound)?;
    match (body.subject, &body.subject_code, flow.opening().map(|action| action.by)) {
        (Some(number), _, _) => Ok(OrgId(number)),
        (None, Some(code), Some(case::By::May(permission))) => {
            let scope = read.actor().scope(permission);
            Ok(org::find_by_code(read, &scope, &compact(code).to_uppercase()).await?.id)
        }
        _ => Err(Error::invalid("subject", "请写明主体编号 subject，或代码 subject_code")),
    }
}

/// An action on a case.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct ActBody {
    /// Code of the action.
    #[serde(default)]
    action: String,
    /// Fields as they are typed into the form.
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    note: String,
    /// Remarks at fields.
    #[serde(default)]
    remarks: BTreeMap<String, String>,
}

/// Does an action, on the case as the caller saw it.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/actions", tag = "办件",
    summary = "办理一件：If-Match 写明看到的 ETag；别人先办过则为 412，写明谁、何时",
    params(
        ("id" = i64, Path, description = "编号"),
        ("If-Match" = String, Header, description = "看到的 ETag，如 \"3\""),
        ("Idempotency-Key" = Option<String>, Header, description = "由调用方取的不重复的字符串"),
    ),
    request_body = ActBody,
    responses(
        (status = 200, body = CaseAnswer),
        (status = 404, description = "不存在，或不在您的范围内"),
        (status = 409, description = "现在的状态或您的身份不能这样办，`detail` 说明可以办什么"),
        (status = 412, description = "别人先办过：`changed_by`、`changed_at`"),
        (status = 422, description = "内容填错，`errors` 指明是哪一项；或同一个键用于了别的内容"),
        (status = 428, description = "没有 If-Match"),
    ),
)]
pub(super) async fn act(ui: Ui, Path(id): Path<String>, said: Said, Told(body): Told<ActBody>) -> Response {
    match acted(&ui, &id, &said, &body).await {
        Ok(written) => written.tagged(),
        Err(failure) => answer::<()>(Err(failure)),
    }
}

async fn acted(ui: &Ui, id: &str, said: &Said, body: &ActBody) -> web::Result<Written> {
    let id: CaseId = link::id(id)?;
    // What is not found is not found, whatever else is missing.
    case::find(&ui.read().await?, ui.actor(), id).await?;
    let revision = said.seen()?;
    let asked = asked_for(&format!("/api/v1/cases/{id}/actions\n{revision}"), body)?;
    let (values, remarks): (&Values, &Values) = (&body.values, &body.remarks);
    let done = once(ui, said, &asked, StatusCode::OK, async |tx| {
        let doing = Doing { action: &body.action, revision, values, note: &body.note, remarks };
        let case = case::act(tx, id, doing).await?;
        let actor = tx.actor().clone();
        told(tx, &actor, case).await
    });
    match done.await {
        Ok(written) => Ok(written),
        Err(failure) => Err(stale(ui, id, revision).await?.unwrap_or(failure)),
    }
}

/// That somebody acted since the caller looked, if that is why.
async fn stale(ui: &Ui, id: CaseId, revision: i64) -> web::Result<Option<Failure>> {
    let read = ui.read().await?;
    let case = match case::find(&read, ui.actor(), id).await {
        Ok(case) => case,
        Err(Error::NotFound) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    let events = case::events(&read, id).await?;
    let last = events.last().filter(|_| (1..case.revision).contains(&revision));
    Ok(last.map(|event| {
        let what = case.flow.action(&event.action).map_or(event.action.as_str(), |action| action.label);
        let detail = format!("{} 已办理“{what}”，请重新读取本件后再办", event.by);
        Failure::changed_since(&event.by, &event.at.to_rfc3339(), detail)
    }))
}

/// A word beside the events.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct CommentBody {
    #[serde(default)]
    text: String,
}

/// Says something in a case.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/comments", tag = "办件", summary = "留言；看得到本件的人都能看到",
    params(
        ("id" = i64, Path, description = "编号"),
        ("Idempotency-Key" = Option<String>, Header, description = "由调用方取的不重复的字符串"),
    ),
    request_body = CommentBody,
    responses(
        (status = 201, body = CaseAnswer),
        (status = 404, description = "不存在，或不在您的范围内"),
        (status = 422, description = "没有写，或太长"),
    ),
)]
pub(super) async fn comment(ui: Ui, Path(id): Path<String>, said: Said, Told(body): Told<CommentBody>) -> Response {
    match commented(&ui, &id, &said, &body).await {
        Ok(written) => written.tagged(),
        Err(failure) => answer::<()>(Err(failure)),
    }
}

async fn commented(ui: &Ui, id: &str, said: &Said, body: &CommentBody) -> web::Result<Written> {
    let id: CaseId = link::id(id)?;
    let asked = asked_for(&format!("/api/v1/cases/{id}/comments"), body)?;
    once(ui, said, &asked, StatusCode::CREATED, async |tx| {
        case::comment(tx, id, &body.text).await?;
        let actor = tx.actor().clone();
        told(tx, &actor, case::find(tx, &actor, id).await?).await
    })
    .await
}
