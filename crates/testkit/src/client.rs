//! The application in process, and clients that keep a session as a browser does.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use scraper::{Html, Selector};
use tower::ServiceExt;
use web::{App, Slice};

use crate::TestStore;

/// The application over a test store.
pub struct TestApp {
    /// The application.
    pub app: App,
    router: Router,
}

/// Someone with a browser.
#[derive(Clone)]
pub struct Client {
    router: Router,
    cookies: Arc<Mutex<Vec<(String, String)>>>,
    csrf: Arc<Mutex<String>>,
}

/// What came back.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Where it redirects to.
    pub location: Option<String>,
    /// Methods that would be taken.
    pub allow: Option<String>,
    /// Content type.
    pub content_type: String,
    /// Body.
    pub body: String,
}

impl TestApp {
    /// Puts slices over a store.
    ///
    /// # Panics
    /// When the application cannot be made.
    pub async fn new(store: &TestStore, slices: Vec<Slice>) -> Self {
        let app = App::new(store.store.clone(), &slices).await.expect("an application");
        let router = app.router(slices);
        Self { app, router }
    }

    /// Someone who has not signed in.
    pub fn visitor(&self) -> Client {
        Client { router: self.router.clone(), cookies: Arc::default(), csrf: Arc::default() }
    }

    /// Someone signed in.
    ///
    /// # Panics
    /// When the login is refused.
    pub async fn signed_in(&self, login: &str, password: &str) -> Client {
        let client = self.visitor();
        let answer = client.post("/sign-in", &[("login", login), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{login} signs in: {}", answer.body);
        client
    }
}

impl Client {
    /// Opens an address.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.send(Request::get(path), Body::empty()).await;
        if let Some(token) = answer.value_of("csrf") {
            *self.csrf.lock().expect("not poisoned") = token;
        }
        answer
    }

    /// Opens an address as a program does, with a token.
    pub async fn bearer(&self, path: &str, token: &str) -> Answer {
        self.send(Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}")), Body::empty()).await
    }

    /// Submits a form with the token of the last page.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf.lock().expect("not poisoned").clone();
        let mut fields: Vec<(&str, &str)> = fields.to_vec();
        if !fields.iter().any(|(name, _)| *name == "csrf") {
            fields.push(("csrf", &token));
        }
        let body = serde_html_form::to_string(&fields).expect("a form");
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// Posts JSON, as a program does.
    pub async fn tell(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request, Body::from(body.to_string())).await
    }

    /// Submits a form with a file and the token of the last page.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file_name: &str, bytes: &[u8]) -> Answer {
        const EDGE: &str = "edge-of-a-part";
        let token = self.csrf.lock().expect("not poisoned").clone();
        let mut body = Vec::new();
        for (name, value) in fields.iter().copied().chain([("csrf", token.as_str())]) {
            let part = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{EDGE}--\r\n").as_bytes());
        let request = Request::post(path).header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"));
        self.send(request, Body::from(body)).await
    }

    /// Saves a file: its content as bytes.
    pub async fn download(&self, path: &str) -> (StatusCode, Vec<u8>) {
        let response = self.response(Request::get(path), Body::empty()).await;
        let status = response.status();
        (status, to_bytes(response.into_body(), 64 << 20).await.expect("a body").to_vec())
    }

    /// The value of a cookie; empty without it.
    ///
    /// # Panics
    /// Never: the lock is not held across a panic.
    pub fn cookie(&self, name: &str) -> String {
        let held = self.cookies.lock().expect("not poisoned");
        held.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    }

    /// The headers of an answer.
    pub async fn headers(&self, path: &str) -> axum::http::HeaderMap {
        self.response(Request::get(path), Body::empty()).await.headers().clone()
    }

    async fn response(&self, request: axum::http::request::Builder, body: Body) -> axum::response::Response {
        let cookies: Vec<String> =
            self.cookies.lock().expect("not poisoned").iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = request
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookies.join("; "))
            .body(body)
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap_or("").split(';').next().unwrap_or("");
            if let Some((name, value)) = pair.split_once('=') {
                let mut kept = self.cookies.lock().expect("not poisoned");
                kept.retain(|(n, _)| n != name);
                kept.push((name.to_owned(), value.to_owned()));
            }
        }
        response
    }

    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Answer {
        let response = self.response(request, body).await;
        let headers = response.headers().clone();
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let allow = text(header::ALLOW);
        let (status, location) = (response.status(), text(header::LOCATION));
        let content_type = text(header::CONTENT_TYPE).unwrap_or_default();
        let bytes = to_bytes(response.into_body(), 64 << 20).await.expect("a body");
        Answer { status, location, allow, content_type, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

impl Answer {
    /// The texts of all elements that a selector finds.
    ///
    /// # Panics
    /// When the selector is malformed.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        Html::parse_document(&self.body)
            .select(&selector)
            .map(|e| e.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// An attribute of all elements that a selector finds.
    ///
    /// # Panics
    /// When the selector is malformed.
    pub fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        Html::parse_document(&self.body)
            .select(&selector)
            .filter_map(|e| e.value().attr(attribute).map(str::to_owned))
            .collect()
    }

    /// The value of the first input with this name.
    pub fn value_of(&self, name: &str) -> Option<String> {
        self.attributes(&format!("input[name=\"{name}\"]"), "value").into_iter().next()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it leads.
    pub action: String,
    /// Whether it is posted.
    pub is_post: bool,
    /// Names and values of its fields.
    pub fields: Vec<(String, String)>,
    /// Names of the fields into which anything can be typed.
    pub texts: Vec<String>,
}

impl Answer {
    /// The forms of the main part of a page, with what stands in them.
    ///
    /// # Panics
    /// Never: the selectors are well formed.
    pub fn forms(&self) -> Vec<Form> {
        let selector = |text| Selector::parse(text).expect("a selector");
        let (form, field) = (selector("main form, form.sign-in, form"), selector("input, select, textarea"));
        let chosen = selector("option[selected]");
        let page = Html::parse_document(&self.body);
        let forms = page.select(&form).map(|form| {
            let mut found = Form {
                action: form.value().attr("action").unwrap_or_default().to_owned(),
                is_post: form.value().attr("method").is_some_and(|m| m.eq_ignore_ascii_case("post")),
                fields: Vec::new(),
                texts: Vec::new(),
            };
            for field in form.select(&field) {
                let Some(name) = field.value().attr("name") else { continue };
                let kind = field.value().attr("type").unwrap_or("text");
                let value = match field.value().name() {
                    "select" => field.select(&chosen).next().and_then(|o| o.value().attr("value")).unwrap_or_default(),
                    _ => field.value().attr("value").unwrap_or_default(),
                };
                let is_typed = field.value().name() == "textarea"
                    || (field.value().name() == "input"
                        && !matches!(kind, "hidden" | "checkbox" | "radio" | "file" | "submit"));
                if is_typed {
                    found.texts.push(name.to_owned());
                }
                found.fields.push((name.to_owned(), value.to_owned()));
            }
            found
        });
        forms.collect()
    }
}
