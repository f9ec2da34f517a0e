//! Writing a report: six parts, and recommendations one by one.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::CaseId;
use kernel::store::Read;
use kernel::value::money::Fen;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::super::order as orders;
use super::super::report::{self, Item, PARTS, PRIORITIES};
use super::id;

/// Empty rows for recommendations below those that are filled in.
const SPARE: usize = 2;

/// A row for a recommendation.
struct Row {
    place: usize,
    id: i64,
    /// Became something already: it stays as it is.
    fixed: bool,
    fields: Vec<(String, &'static str, String, String)>,
    priority: String,
    priority_fault: String,
}

#[derive(Template)]
#[template(path = "diagnosis/templates/report.html")]
struct Form {
    cx: Frame,
    id: CaseId,
    firm: String,
    revision: i64,
    /// Field, title, hint, text, fault.
    parts: Vec<(&'static str, &'static str, &'static str, String, String)>,
    rows: Vec<Row>,
    saved: String,
    missing: String,
    conflict: String,
}

impl Form {
    fn priorities(&self) -> &'static [kernel::ledger::Class] {
        &PRIORITIES
    }
}

/// What stands in the form: fields as typed, or what is kept.
struct Shown<'a> {
    typed: Option<&'a [(String, String)]>,
    faults: &'a Faults,
}

impl Shown<'_> {
    fn text(&self, name: &str, kept: &str) -> String {
        match self.typed {
            Some(fields) => super::asked(fields, name).to_owned(),
            None => kept.to_owned(),
        }
    }

    fn fault(&self, name: &str) -> String {
        self.faults.at(name).unwrap_or_default().to_owned()
    }
}

async fn page(ui: &Ui, read: &Read, case: CaseId, shown: &Shown<'_>) -> Result<Form> {
    let order = orders::find(read, ui.actor(), case).await?;
    if !order.may_write() {
        return Err(Error::Conflict("现在不能由您编写这份报告；办理情况请看诊断单".into()).into());
    }
    let report = report::find(read, case).await?;
    let revision = shown.text("revision", &report.revision.to_string()).parse().unwrap_or(report.revision);
    let posted = shown.typed.map_or(0, report::rows);
    let rows = posted.max(report.items.len() + SPARE);
    let parts = PARTS.iter().zip(&report.parts);
    Ok(Form {
        cx: ui.frame(read).await?,
        id: case,
        firm: order.case.subject_name.clone(),
        revision,
        parts: parts.map(|((f, t, h), kept)| (*f, *t, *h, shown.text(f, kept), shown.fault(f))).collect(),
        rows: (0..rows).map(|place| row(place, report.items.get(place), shown)).collect(),
        saved: report
            .saved
            .map(|(at, by)| format!("{} 由 {by} 保存", kernel::value::day::minute(at)))
            .unwrap_or_default(),
        missing: report::missing(read, case).await?.join("、"),
        conflict: String::new(),
    })
}

fn row(place: usize, kept: Option<&Item>, shown: &Shown<'_>) -> Row {
    let none = Item::default();
    let kept = kept.unwrap_or(&none);
    let money = |fen: Option<Fen>| fen.map(Fen::exact_wan).unwrap_or_default();
    let name = |field: &str| format!("i.{place}.{field}");
    let field = |field: &str, label: &'static str, kept: String| {
        (name(field), label, shown.text(&name(field), &kept), shown.fault(&name(field)))
    };
    Row {
        place,
        id: shown.text(&name("id"), &kept.id.to_string()).parse().unwrap_or(0),
        fixed: !kept.became.is_empty(),
        fields: vec![
            field("problem", "问题", kept.problem.clone()),
            field("measure", "措施", kept.measure.clone()),
            field("cost_low", "费用不少于（万元）", money(kept.cost_low)),
            field("cost_high", "费用不超过（万元）", money(kept.cost_high)),
            field("effect", "预期效果", kept.effect.clone()),
        ],
        priority: shown.text(&name("priority"), &kept.priority),
        priority_fault: shown.fault(&name("priority")),
    }
}

pub(in super::super) async fn form(ui: Ui, Path(case): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&page(&ui, &read, id(&case)?, &Shown { typed: None, faults: &Faults::new() }).await?)
}

pub(in super::super) async fn save(
    ui: Ui,
    Path(case): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let case = id::<CaseId>(&case)?;
    let (report, faults) = report::typed(&fields);
    let done = match faults.0.is_empty() {
        false => Err(Error::Invalid(faults)),
        true => {
            ui.write(async |tx| {
                let order = orders::hold(tx, case).await?;
                report::save(tx, &order, &report).await
            })
            .await
        }
    };
    let (faults, conflict) = match done {
        Ok(()) => return ui.done(&format!("/diagnosis/orders/{case}/report"), "报告已保存").await,
        Err(Error::Invalid(faults)) => (faults, String::new()),
        Err(Error::Conflict(told)) => (Faults::new(), told),
        Err(other) => return Err(other.into()),
    };
    let read = ui.read().await?;
    let page = page(&ui, &read, case, &Shown { typed: Some(&fields), faults: &faults }).await?;
    // After a conflict what was typed stands over the report as it is now, so that it can be saved after a look.
    let revision = if conflict.is_empty() { page.revision } else { report::find(&read, case).await?.revision };
    ui.refused(&Form { conflict, revision, ..page })
}
