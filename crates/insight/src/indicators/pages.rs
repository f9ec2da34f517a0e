//! Pages of the indicators: the list, one card, its rows, the download.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::audit::{Note, Verb};
use kernel::indicator::Measure;
use web::{Failure, Frame, Result, Ui, download as saved};

use super::breakdown::{self, Breakdown};
use super::definition::{self, Definition};
use super::rows::{self, Rows};
use super::targets::{self, UnitTarget};
use super::trend::{self, Trend};
use super::why::{self, Why};
use super::{Asked, FIGURE_DECLARE, FigureView, Progress, TARGET_EDIT, csv, rules};
use crate::link;

#[derive(Template)]
#[template(path = "indicators/templates/list.html")]
struct List {
    cx: Frame,
    typed: String,
    kept: Vec<(String, String)>,
    groups: Vec<(&'static str, Vec<Definition>)>,
    total: usize,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let typed = link::asked(ui.query(), "q").to_owned();
    let found =
        read.catalog().indicators().iter().map(|i| Definition::of(i, read.catalog())).filter(|d| d.matches(&typed));
    let mut groups: Vec<(&'static str, Vec<Definition>)> = Vec::new();
    for one in found {
        match groups.iter_mut().find(|(module, _)| *module == one.module) {
            Some((_, members)) => members.push(one),
            None => groups.push((one.module, vec![one])),
        }
    }
    let total = groups.iter().map(|(_, members)| members.len()).sum();
    ui.page(&List {
        cx: ui.frame(&read).await?,
        kept: link::kept(ui.query(), &["about", "known"]),
        typed,
        groups,
        total,
    })
}

#[derive(Template)]
#[template(path = "indicators/templates/card.html")]
struct Card {
    cx: Frame,
    kept: Vec<(String, String)>,
    definition: Definition,
    days: String,
    unit: String,
    figure: FigureView,
    progress: Option<Progress>,
    targets: Vec<UnitTarget>,
    trend: Trend,
    breakdown: Breakdown,
    why: Why,
    may_target: bool,
    may_declare: bool,
}

pub(super) async fn card(ui: Ui, Path(code): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let asked = Asked::of(&ui, &read, &code).await?;
    let figure = asked.figure(&read).await?;
    let page = Card {
        cx: ui.frame(&read).await?,
        kept: link::kept(ui.query(), &["about", "known", "unit"]),
        definition: Definition::of(asked.indicator, read.catalog()),
        days: definition::days(asked.indicator, asked.about),
        unit: asked.unit.map(|unit| asked.units.name(unit.0)).unwrap_or_default(),
        progress: targets::progress(&read, &figure, &asked.question()).await?,
        targets: targets::unit_targets(&read, &asked).await?,
        trend: trend::trend(&read, &asked).await?,
        breakdown: breakdown::view(&read, &asked, &figure, ui.query()).await?,
        why: why::view(&read, &asked, link::asked(ui.query(), "org")).await?,
        figure: FigureView::of(&figure, asked.unit),
        may_target: ui.actor().may(TARGET_EDIT) && rules::sort(asked.indicator, read.catalog()).is_some(),
        may_declare: ui.actor().may(FIGURE_DECLARE) && matches!(asked.indicator.measure, Measure::Declared),
    };
    if page.breakdown.fault.is_empty() { ui.page(&page) } else { ui.refused(&page) }
}

#[derive(Template)]
#[template(path = "indicators/templates/rows.html")]
struct RowsPage {
    cx: Frame,
    days: String,
    rows: Rows,
}

pub(super) async fn rows(ui: Ui, Path(code): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let asked = Asked::of(&ui, &read, &code).await?;
    let mut cx = ui.frame(&read).await?;
    // Another clock means another list, which begins at its beginning.
    cx.keep.retain(|(name, _)| name != "after" && name != "seen");
    let days = definition::days(asked.indicator, asked.about);
    let first = asked.cell_link("/rows").to_string();
    let rows = rows::view(&read, &asked, ui.query()).await.map_err(|e| Failure::from(e).from_the_start(first))?;
    ui.page(&RowsPage { cx, days, rows })
}

pub(super) async fn download(ui: Ui, Path(code): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let asked = Asked::of(&ui, &read, &code).await?;
    let taken = csv::text(&read, &asked).await?;
    // Nothing of the database is held while the note is written.
    drop(read);
    let note = Note::of(Verb::ROWS_EXPORTED, "indicator", None)
        .about(taken.orgs)
        .detail("指标", asked.indicator.name)
        .detail("行数", taken.rows.to_string())
        .purpose(link::asked(ui.query(), "purpose"));
    ui.note(note).await?;
    Ok(saved(&format!("{code}_{}_{}.csv", asked.about, asked.known), "text/csv; charset=utf-8", taken.text))
}
