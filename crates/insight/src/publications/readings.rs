//! Three readings of every published figure: as published, as known on a day, as known now; and its change in parts.
//! Exact; nothing of it is printed here.

use kernel::id::Position;
use kernel::indicator::{Figure, Number, Question, evaluate};
use kernel::publication::{Alarm, Drift, Publication, PublishedFigure, answers, current, rederive_one};
use kernel::store::Read;
use kernel::{Error, Result};

/// One figure in three readings; as published it says itself.
pub(super) struct Three<'a> {
    /// As published.
    pub figure: &'a PublishedFigure,
    /// As known on the day asked, by the published definition.
    pub then: Number,
    /// As known now, by the definition of now.
    pub now: Number,
    /// Whether its definition counts something else now.
    pub is_redefined: bool,
}

/// The readings of all figures; one that cannot be derived any more says nothing.
///
/// # Errors
/// As the database says.
pub(super) async fn three<'a>(read: &Read, publication: &'a Publication, on: Position) -> Result<Vec<Three<'a>>> {
    let head = read.head()?;
    let then = derived(read, &publication.figures, on).await?;
    let frozen_now = derived(read, &publication.figures, head).await?;
    let number = |figures: &[Figure], at: usize| figures.get(at).map_or(Number::None, |f| f.number.clone());
    let mut found = Vec::with_capacity(publication.figures.len());
    for (at, figure) in publication.figures.iter().enumerate() {
        let is_redefined = current(read, &figure.definition)?.is_some();
        let now = match is_redefined {
            false => number(&frozen_now, at),
            true => by_definition_of_now(read, figure, head).await?,
        };
        found.push(Three { figure, then: number(&then, at), now, is_redefined });
    }
    Ok(found)
}

/// What the frozen figures answer at a position; those that cannot be derived any more have no answer.
async fn derived(read: &Read, figures: &[PublishedFigure], known: Position) -> Result<Vec<Figure>> {
    match answers(read, figures, known).await {
        Err(Error::Conflict(_)) => Ok(Vec::new()),
        other => other,
    }
}

async fn by_definition_of_now(read: &Read, figure: &PublishedFigure, head: Position) -> Result<Number> {
    let Some(indicator) = read.catalog().indicator(&figure.definition.code) else { return Ok(Number::None) };
    let scope = figure.filter.scope();
    let q = Question { about: figure.about, known: head, scope: &scope };
    Ok(evaluate(read, &[indicator], &q).await?.into_iter().next().map_or(Number::None, |f| f.number))
}

/// The change of a figure; what cannot be derived any more is an alarm.
///
/// # Errors
/// As the database says.
pub(super) async fn drift(
    read: &Read,
    of: &Publication,
    figure: &PublishedFigure,
) -> Result<(Option<Drift>, Vec<Alarm>)> {
    match rederive_one(read, of, figure, read.head()?).await {
        Err(Error::Conflict(what)) => Ok((None, vec![Alarm { seq: Some(figure.seq), what }])),
        other => other,
    }
}
