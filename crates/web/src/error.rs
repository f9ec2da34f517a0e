//! Errors at the edge: a page with a way back, or problem+json under `/api`.

use std::sync::atomic::{AtomicU64, Ordering};

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use kernel::Error;

/// What handlers return.
pub type Result<T> = std::result::Result<T, Failure>;

/// An error on its way to a person or a program.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    api: bool,
    unauthorised: bool,
}

impl Failure {
    /// An error of a page, or of the API.
    pub fn new(error: Error, api: bool) -> Self {
        Self { error, api, unauthorised: false }
    }

    pub(crate) fn unauthorised() -> Self {
        Self { error: Error::Forbidden("sign_in"), api: true, unauthorised: true }
    }

    /// The same error, answered as problem+json.
    #[must_use]
    pub fn api(mut self) -> Self {
        self.api = true;
        self
    }

    fn status(&self) -> StatusCode {
        if self.unauthorised {
            return StatusCode::UNAUTHORIZED;
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
            _ if self.unauthorised => "not_signed_in",
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
            _ if self.unauthorised => "请先登录",
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

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    cx: crate::Frame,
    status: u16,
    title: &'static str,
    advice: String,
    incident: String,
    back_href: String,
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
            back_href: String::new(),
        };
        match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
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
        let body = serde_json::json!({
            "type": "about:blank", "title": self.title(), "status": status.as_u16(), "code": self.code(),
            "detail": self.what_to_do(), "errors": faults, "incident": incident,
        });
        let mut response = (status, body.to_string()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
