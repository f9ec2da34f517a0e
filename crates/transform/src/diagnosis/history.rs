//! Papers of orders out of a history that is loaded in its own order of time: the same acts as the pages do.

use std::collections::BTreeMap;

use kernel::id::{CaseId, OrgId};
use kernel::store::Tx;
use kernel::value::money::MoneyUnit;
use kernel::{Error, Result};

use super::assessment::{self, Filling};
use super::report::{self, Item, Report};
use super::{actions, order};

/// A filled questionnaire, and a report with it.
#[derive(Debug, Clone)]
pub struct Papers {
    /// Code of the questionnaire; its edition is the one in force on the day.
    pub instrument: &'static str,
    /// What was filled in, by item.
    pub answers: BTreeMap<String, Vec<String>>,
    /// The report; nothing for a repetition.
    pub report: Option<Written>,
}

/// A report.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its six parts.
    pub parts: [String; 6],
    /// What it recommends.
    pub items: Vec<Recommended>,
}

/// A recommendation.
#[derive(Debug, Clone)]
pub struct Recommended {
    /// What is wrong.
    pub problem: &'static str,
    /// What to do.
    pub measure: &'static str,
    /// The least and the most it costs, in 万元.
    pub cost_wan: (i64, i64),
    /// What it brings.
    pub effect: &'static str,
    /// `high`, `middle` or `low`.
    pub priority: &'static str,
}

/// Submits the questionnaire of an order, and keeps its report.
///
/// # Errors
/// As the pages: [`Error::Conflict`] when it is not the time, [`Error::Invalid`] for what cannot be.
pub async fn enter_papers(tx: &Tx, case: CaseId, papers: &Papers) -> Result<()> {
    let order = order::hold(tx, case).await?;
    let all = assessment::instruments(tx).await?;
    let open = assessment::in_force(&all, tx.today());
    let instrument = *open.iter().find(|one| one.code == papers.instrument).ok_or(Error::NotFound)?;
    let done = assessment::latest(tx, case).await?;
    let stage = assessment::stage_to_fill(&order, &done, tx.today());
    let filling = Filling { stage, instrument, answers: &papers.answers, revision: 0 };
    assessment::submit(tx, &order, &filling).await?;
    let Some(written) = &papers.report else { return Ok(()) };
    let revision = report::find(tx, case).await?.revision;
    let items = written.items.iter().map(item).collect();
    report::save(tx, &order, &Report { parts: written.parts.clone(), items, revision, saved: None }).await
}

fn item(told: &Recommended) -> Item {
    let fen = |wan: i64| kernel::value::money::Fen(wan * MoneyUnit::Wan.fen());
    Item {
        problem: told.problem.to_owned(),
        measure: told.measure.to_owned(),
        cost_low: Some(fen(told.cost_wan.0)),
        cost_high: Some(fen(told.cost_wan.1)),
        effect: told.effect.to_owned(),
        priority: told.priority.to_owned(),
        ..Item::default()
    }
}

/// Rates the institution of an order, as its enterprise does.
///
/// # Errors
/// As the page.
pub async fn rate(tx: &Tx, case: CaseId, stars: i64, words: &str) -> Result<()> {
    let order = order::hold(tx, case).await?;
    report::rate(tx, &order, &stars.to_string(), words).await
}

/// Settles the accepted orders of an institution of a plan year at what the rule gives, and says how many.
///
/// # Errors
/// As the page.
pub async fn settle(tx: &mut Tx, institution: OrgId, year: i32) -> Result<usize> {
    actions::settle_all(tx, institution, year).await
}
