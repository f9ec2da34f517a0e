//! Errors at the edge: a page with a way back, or problem+json under `/api`.

use std::sync::atomic::{AtomicU64, Ordering};

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use kernel::Error;

use crate::dress::Undressed;
use crate::lost::Kept;

/// What handlers return.
pub type Result<T> = std::result::Result<T, Failure>;

/// An error on its way to a person or a program.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    api: bool,
    kind: Kind,
    /// Where to go on, and what that is called.
    way: Option<(String, &'static str)>,
    /// A form to be sent again.
    kept: Option<Box<Kept>>,
    /// What a program reads beside the usual members.
    more: Vec<(&'static str, String)>,
}

/// What the kernel's errors do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    NotSignedIn,
    WrongMethod,
    TooMany,
    /// It is not as the program saw it any more.
    Stale,
    /// The program does not say what it saw.
    Unseen,
    /// A key that stands for something else.
    KeyUsed,
}

impl Failure {
    /// An error of a page, or of the API.
    pub fn new(error: Error, api: bool) -> Self {
        Self { error, api, kind: Kind::Plain, way: None, kept: None, more: Vec::new() }
    }

    pub(crate) fn unauthorised() -> Self {
        Self { kind: Kind::NotSignedIn, ..Self::new(Error::Forbidden("sign_in"), true) }
    }

    pub(crate) fn wrong_method(api: bool) -> Self {
        Self { kind: Kind::WrongMethod, ..Self::new(Error::Forbidden("method"), api) }
    }

    /// More requests than are taken; the caller may come again after so many seconds.
    pub(crate) fn too_many(seconds: u64, api: bool) -> Self {
        let message = format!("请求过于频繁，请 {seconds} 秒后再试；没有保存任何内容。");
        Self { kind: Kind::TooMany, ..Self::new(Error::Unavailable(message), api) }
    }

    /// The page of a form came from an earlier session: the form is kept to be looked at and sent again.
    pub(crate) fn stale(kept: Option<Kept>) -> Self {
        let error = Error::Conflict("页面已过期，请刷新后重新提交".into());
        Self { kept: kept.map(Box::new), ..Self::new(error, false) }
    }

    /// Somebody changed it since the program looked: who and when.
    pub fn changed_since(by: &str, at: &str, detail: String) -> Self {
        let more = vec![("changed_by", by.to_owned()), ("changed_at", at.to_owned())];
        Self { kind: Kind::Stale, more, ..Self::new(Error::Conflict(detail), true) }
    }

    /// The program must say which state it saw.
    pub fn must_say_what_it_saw() -> Self {
        let detail = "请在 If-Match 中写明您看到的 ETag，例如 If-Match: \"3\"".to_owned();
        Self { kind: Kind::Unseen, ..Self::new(Error::Conflict(detail), true) }
    }

    pub(crate) fn key_used() -> Self {
        let detail = "这个 Idempotency-Key 已用于另一次请求，内容不同；请换一个".to_owned();
        Self { kind: Kind::KeyUsed, ..Self::new(Error::Conflict(detail), true) }
    }

    /// The same error with a way to go on.
    #[must_use]
    pub fn way(mut self, href: impl Into<String>, label: &'static str) -> Self {
        self.way = Some((href.into(), label));
        self
    }

    /// The same error, with the way to a list's first page where its cursor is at fault.
    #[must_use]
    pub fn from_the_start(self, href: impl Into<String>) -> Self {
        let at_cursor = |faults: &kernel::Faults| ["after", "before", "seen"].iter().any(|at| faults.at(at).is_some());
        match &self.error {
            Error::Invalid(faults) if at_cursor(faults) => self.way(href, "回到第一页"),
            _ => self,
        }
    }

    /// The same error, answered as problem+json.
    #[must_use]
    pub fn api(mut self) -> Self {
        self.api = true;
        self
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            Kind::NotSignedIn => return StatusCode::UNAUTHORIZED,
            Kind::WrongMethod => return StatusCode::METHOD_NOT_ALLOWED,
            Kind::TooMany => return StatusCode::TOO_MANY_REQUESTS,
            Kind::Stale => return StatusCode::PRECONDITION_FAILED,
            Kind::Unseen => return StatusCode::PRECONDITION_REQUIRED,
            Kind::KeyUsed => return StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Plain => {}
        }
        match &self.error {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match &self.error {
            _ if self.kind == Kind::NotSignedIn => "not_signed_in",
            _ if self.kind == Kind::WrongMethod => "method_not_allowed",
            _ if self.kind == Kind::TooMany => "too_many_requests",
            _ if self.kind == Kind::Stale => "stale",
            _ if self.kind == Kind::Unseen => "precondition_required",
            _ if self.kind == Kind::KeyUsed => "key_used",
            Error::NotFound => "not_found",
            Error::Forbidden(_) => "forbidden",
            Error::Invalid(_) => "invalid",
            Error::Conflict(_) => "conflict",
            Error::Unavailable(_) => "unavailable",
            Error::Internal(_) => "internal",
        }
    }

    fn title(&self) -> &'static str {
        match &self.error {
            _ if self.kind == Kind::NotSignedIn => "请先登录",
            _ if self.kind == Kind::WrongMethod => "不能这样打开",
            _ if self.kind == Kind::TooMany => "请求过多",
            Error::NotFound => "没有找到",
            Error::Forbidden(_) => "没有权限",
            Error::Invalid(_) => "填写有误",
            Error::Conflict(_) => "与现有内容冲突",
            Error::Unavailable(_) => "暂时无法使用",
            Error::Internal(_) => "系统出错",
        }
    }

    fn what_to_do(&self) -> String {
        match &self.error {
            _ if self.kind == Kind::WrongMethod && self.api => {
                "这个地址不接受这种请求方式，可用的方式见 Allow。".into()
            }
            _ if self.kind == Kind::WrongMethod => {
                "这个地址只在提交表单时使用，或不接受提交。没有保存任何内容，请从相关页面重新进入。".into()
            }
            _ if self.kind == Kind::NotSignedIn => "登录已失效或尚未登录，请登录后再试。".into(),
            Error::NotFound => {
                "地址可能已改变，或您无权查看这条记录。请从菜单重新进入，或请管理员核对您的权限。".into()
            }
            Error::Forbidden(_) => "您的角色不包含这项操作。如工作需要，请联系本单位管理员。".into(),
            Error::Invalid(faults) => faults.0.iter().map(|f| f.message.clone()).collect::<Vec<_>>().join("；"),
            Error::Conflict(message) | Error::Unavailable(message) => message.clone(),
            Error::Internal(_) => "没有保存任何内容。请稍后重试；若仍然出错，请把下面的编号告诉管理员。".into(),
        }
    }
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.into(), false)
    }
}

/// Numbers incidents of this process; the log line carries the same number.
fn incident(error: &Error) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:x}-{number}", std::process::id());
    tracing::error!(incident = %id, detail = %error.detail(), "request failed");
    id
}

#[derive(Clone, Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    cx: crate::Frame,
    status: u16,
    title: &'static str,
    advice: String,
    incident: String,
    /// Where to go on, and what that is called; empty when nowhere.
    way: (String, &'static str),
}

impl ErrorPage {
    /// The same page in the frame of whoever sees it.
    pub(crate) fn dressed(self, cx: crate::Frame) -> Self {
        Self { cx, ..self }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        let incident = status.is_server_error().then(|| incident(&self.error));
        if self.api {
            return self.problem(status, incident);
        }
        let page = ErrorPage {
            cx: crate::Frame::bare(),
            status: status.as_u16(),
            title: self.title(),
            advice: self.what_to_do(),
            incident: incident.unwrap_or_default(),
            way: self.way.clone().unwrap_or_default(),
        };
        match page.render() {
            Ok(html) => {
                let mut response = (status, Html(html)).into_response();
                // The frame is put around it where the visitor is known.
                let undressed = match self.kept {
                    Some(kept) => Undressed::Resend(*kept),
                    None => Undressed::Error(Box::new(page)),
                };
                response.extensions_mut().insert(undressed);
                response
            }
            Err(error) => {
                tracing::error!(%error, "the error page does not render");
                (status, self.title()).into_response()
            }
        }
    }
}

impl Failure {
    fn problem(&self, status: StatusCode, incident: Option<String>) -> Response {
        let faults = match &self.error {
            Error::Invalid(faults) => faults.0.clone(),
            _ => Vec::new(),
        };
        let mut body = serde_json::json!({
            "type": "about:blank", "title": self.title(), "status": status.as_u16(), "code": self.code(),
            "detail": self.what_to_do(), "errors": faults, "incident": incident,
        });
        for (name, text) in &self.more {
            body[*name] = text.clone().into();
        }
        let mut response = (status, body.to_string()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
