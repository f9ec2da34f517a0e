//! A page that lists what programs may ask for, drawn from the description the slices give.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kernel::module::Module;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr, Required};
use web::{App, Frame, Need, Result, Routes, Slice, Ui};

/// The slice.
pub fn slice() -> Slice {
    let routes = Routes::new().get("/api/docs", Need::Open, show);
    Slice { module: Module::new("api", "接口"), routes, menu: &[], api: None }
}

/// One operation.
struct Call {
    method: &'static str,
    path: String,
    summary: String,
    parameters: Vec<Argument>,
}

/// One parameter of an operation.
struct Argument {
    name: String,
    place: &'static str,
    is_required: bool,
    description: String,
}

#[derive(Template)]
#[template(path = "api_docs/templates/docs.html")]
struct Docs {
    cx: Frame,
    title: String,
    groups: Vec<(String, Vec<Call>)>,
}

async fn show(State(app): State<App>, ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let api = app.openapi();
    ui.page(&Docs { cx: ui.frame(&read).await?, title: api.info.title.clone(), groups: groups(api) })
}

/// Operations by their first tag, in the order of their paths.
fn groups(api: &OpenApi) -> Vec<(String, Vec<Call>)> {
    let mut groups: Vec<(String, Vec<Call>)> = Vec::new();
    for (path, item) in &api.paths.paths {
        for (method, operation) in operations(item) {
            let tag =
                operation.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_else(|| "其他".to_owned());
            let call = call(method, path, operation);
            match groups.iter_mut().find(|(label, _)| *label == tag) {
                Some((_, calls)) => calls.push(call),
                None => groups.push((tag, vec![call])),
            }
        }
    }
    groups
}

fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn call(method: &'static str, path: &str, operation: &Operation) -> Call {
    let parameters = operation.parameters.iter().flatten();
    let arguments = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(Argument {
            name: parameter.name.clone(),
            place: if matches!(parameter.parameter_in, ParameterIn::Path) { "路径" } else { "参数" },
            is_required: matches!(parameter.required, Required::True),
            description: parameter.description.clone().unwrap_or_default(),
        }),
        RefOr::Ref(_) => None,
    });
    Call {
        method,
        path: path.to_owned(),
        summary: operation.summary.clone().or_else(|| operation.description.clone()).unwrap_or_default(),
        parameters: arguments.collect(),
    }
}
