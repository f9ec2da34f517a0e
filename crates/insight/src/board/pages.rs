//! The front door and the board.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Error;
use kernel::case;
use kernel::indicator::Question;
use kernel::org::Unit;
use web::{Frame, Result, Ui};

use super::view::{Bar, Group, bars, chart, groups, modules};
use crate::indicators::FIGURE_READ;
use crate::link;
use crate::units::Units;

#[derive(Template)]
#[template(path = "board/templates/home.html")]
struct Home {
    cx: Frame,
}

/// Everyone's first page is the one they came for.
pub(super) async fn home(ui: Ui) -> Result<Response> {
    let actor = ui.actor();
    if case::anything_waits(&ui.read().await?, actor).await? {
        return Ok(Redirect::to("/desk").into_response());
    }
    match actor.org {
        _ if actor.may(FIGURE_READ) => Ok(Redirect::to("/board").into_response()),
        Some(org) => Ok(Redirect::to(&format!("/orgs/{org}")).into_response()),
        None => {
            let read = ui.read().await?;
            ui.page(&Home { cx: ui.frame(&read).await? })
        }
    }
}

#[derive(Template)]
#[template(path = "board/templates/board.html")]
struct Board {
    cx: Frame,
    kept: Vec<(String, String)>,
    modules: Vec<(&'static str, &'static str)>,
    module: String,
    units: Vec<Unit>,
    unit: String,
    groups: Vec<Group>,
    bars: Vec<Bar>,
    chart: String,
}

impl Board {
    fn is_unit(&self, unit: &Unit) -> bool {
        self.unit == unit.id.to_string()
    }

    fn is_filtered(&self) -> bool {
        !self.module.is_empty() || !self.unit.is_empty()
    }
}

pub(super) async fn board(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let units = Units::load(&read).await?;
    let choices = units.choices(&ui.scope(FIGURE_READ)).into_iter().cloned().collect();
    let (scope, unit) = units.asked(ui.scope(FIGURE_READ), ui.query())?;
    let (modules, module) = (modules(&read), link::asked(ui.query(), "module").to_owned());
    if !module.is_empty() && !modules.iter().any(|(code, _)| *code == module) {
        return Err(Error::invalid("module", format!("没有“{module}”这个业务模块")).into());
    }
    let groups = groups(&read, &Question { about, known, scope: &scope }, &module, unit).await?;
    let bars = bars(&groups);
    ui.page(&Board {
        cx: ui.frame(&read).await?,
        kept: link::kept(ui.query(), &["about", "known"]),
        unit: unit.map(|unit| unit.to_string()).unwrap_or_default(),
        units: choices,
        chart: chart(&bars),
        modules,
        module,
        groups,
        bars,
    })
}
