//! The questionnaires there are, and adding an edition out of a file.

use askama::Template;
use axum::response::Response;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::super::INSTRUMENT;
use super::super::assessment;
use super::super::instrument::{Instrument, show as decimal};
use super::{Tab, asked, tabs};

#[derive(Template)]
#[template(path = "diagnosis/templates/instruments.html")]
struct List {
    cx: Frame,
    tabs: Vec<Tab>,
    all: Vec<Instrument>,
    /// Code and edition of those in force.
    in_force: Vec<(String, String)>,
    may_add: bool,
    file: String,
    body: String,
    /// One for each fault of the file.
    faults: Vec<String>,
}

impl List {
    fn is_in_force(&self, one: &Instrument) -> bool {
        self.in_force.iter().any(|(code, edition)| *code == one.code && *edition == one.edition)
    }

    fn parts(&self, one: &Instrument) -> String {
        let tops =
            one.within("").map(|part| format!("{} {}", part.label, decimal(part.weight.unwrap_or(part.points), 4)));
        let scenes = match one.scenes.len() {
            0 => String::new(),
            n => format!("；{n} 个场景，其中约束场景 {} 个", one.scenes.iter().filter(|s| s.constraint).count()),
        };
        format!("{}{scenes}", tops.collect::<Vec<_>>().join("、"))
    }

    fn levels(&self, one: &Instrument) -> String {
        one.levels.iter().map(|level| level.label.as_str()).collect::<Vec<_>>().join("、")
    }
}

async fn page(ui: &Ui, file: &str, body: &str, faults: &Faults) -> Result<List> {
    let read = ui.read().await?;
    let all = assessment::instruments(&read).await?;
    let in_force = assessment::in_force(&all, read.today());
    Ok(List {
        cx: ui.frame(&read).await?,
        tabs: tabs(ui, "/diagnosis/instruments"),
        in_force: in_force.iter().map(|one| (one.code.clone(), one.edition.clone())).collect(),
        all,
        may_add: ui.actor().may(INSTRUMENT),
        file: file.to_owned(),
        body: body.to_owned(),
        faults: faults.0.iter().flat_map(|fault| fault.message.split('；').map(str::to_owned)).collect(),
    })
}

pub(in super::super) async fn list(ui: Ui) -> Result<Response> {
    ui.page(&page(&ui, "", "", &Faults::new()).await?)
}

pub(in super::super) async fn add(ui: Ui, Posted(fields): Posted<Vec<(String, String)>>) -> Result<Response> {
    let (file, body) = (asked(&fields, "file"), asked(&fields, "body"));
    let named = if file.is_empty() { "问卷文件" } else { file };
    match ui.write(async |tx| assessment::add_instrument(tx, named, body).await).await {
        Ok(()) => ui.done("/diagnosis/instruments", "问卷已加入，从它的施行日期起可以填写").await,
        Err(Error::Invalid(faults)) => ui.refused(&page(&ui, file, body, &faults).await?),
        Err(other) => Err(other.into()),
    }
}
