//! What a person typed before the session was lost: kept in the page, and sent again after a look at it.
//!
//! Nothing is kept on the server. Only forms of our own pages are kept, only for our own addresses, up to [`MOST`] bytes;
//! the person who signed in confirms with a fresh token, so that nobody else's form is sent in their name.

use askama::Template;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use crate::app::App;
use crate::dress::{Undressed, told_origin};
use crate::frame::Frame;

/// Bytes of a form that are kept at most.
pub(crate) const MOST: usize = 128 * 1024;

/// A form as it was posted, without its token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    /// Where it was posted to: a path of ours.
    pub action: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

impl Kept {
    /// The form of a request; nothing when it is not one of our pages' or too long.
    pub(crate) async fn of(request: Request) -> Option<Self> {
        let action = request.uri().path_and_query().map(|p| p.as_str().to_owned())?;
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("application/x-www-form-urlencoded")));
        // An old browser that does not say where a form comes from is not believed.
        if !is_form || told_origin(request.headers()) != Some(true) {
            return None;
        }
        let bytes = to_bytes(request.into_body(), MOST).await.ok()?;
        Self::read(action, std::str::from_utf8(&bytes).ok()?)
    }

    /// A form out of its encoded fields.
    pub(crate) fn read(action: String, encoded: &str) -> Option<Self> {
        if encoded.len() > MOST {
            return None;
        }
        let mut fields: Vec<(String, String)> = serde_html_form::from_str(encoded).ok()?;
        fields.retain(|(name, _)| name != "csrf");
        (!fields.is_empty()).then_some(Self { action, fields })
    }

    /// Its fields as one text, to stand in the sign-in page.
    pub(crate) fn encoded(&self) -> String {
        serde_html_form::to_string(&self.fields).unwrap_or_default()
    }

    /// What the person typed, for a look before it is sent; choices from lists are codes and say nothing,
    /// nor do digests that a page carries.
    fn values(&self) -> Vec<&str> {
        let is_digest = |value: &str| value.len() >= 32 && value.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
        let is_code = |value: &str| {
            let is_choice = value.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c));
            is_choice || is_digest(value) || (value.len() == 1 && !value.chars().all(|c| c.is_ascii_digit()))
        };
        self.fields.iter().map(|(_, value)| value.trim()).filter(|value| !is_code(value)).collect()
    }

    /// How many fields stand in the page without being shown.
    fn unshown(&self) -> usize {
        self.fields.iter().filter(|(_, value)| !value.trim().is_empty()).count() - self.values().len()
    }

    /// The page that asks to send it again; its frame is put around it on the way out.
    pub(crate) fn into_page(self, app: &App) -> Response {
        let page = ResendPage { cx: Frame::bare(), of: app.nearest_page(&self.action), kept: self };
        let html = page.render().unwrap_or_default();
        let mut response = Html(html).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        // Only an address that takes forms is answered with one.
        match app.takes_forms(&page.kept.action) {
            true => response.extensions_mut().insert(Undressed::Resend(page.kept)),
            false => return axum::response::Redirect::to("/").into_response(),
        };
        response
    }
}

#[derive(Template)]
#[template(path = "resend.html")]
pub(crate) struct ResendPage {
    pub cx: Frame,
    pub kept: Kept,
    /// The page that the form was on, or the nearest to it.
    pub of: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_kept_without_its_token_and_read_back() {
        let kept = Kept::read("/orgs".into(), "csrf=old&name=%E4%B8%9C%E8%B4%9D&mark=a&mark=b&note=&from=2021-08-01")
            .expect("a form");
        let fields = [("name", "东贝"), ("mark", "a"), ("mark", "b"), ("note", ""), ("from", "2021-08-01")];
        assert_eq!(kept.fields, fields.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!((kept.values(), kept.unshown()), (vec!["东贝", "2021-08-01"], 2));
        assert_eq!(Kept::read("/orgs".into(), &kept.encoded()).expect("a form").fields, kept.fields);
        assert!(Kept::read("/orgs".into(), "csrf=old").is_none());
        assert!(Kept::read("/orgs".into(), &format!("a={}", "x".repeat(MOST))).is_none());
    }
}
