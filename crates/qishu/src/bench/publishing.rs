//! Publications: sixty figures of an old day are published at an old position, with all that was recorded since still
//! to come, and asked again.

use std::collections::HashMap;

use chrono::{Datelike, Months};
use kernel::access::{Actor, Scope};
use kernel::id::PublicationId;
use kernel::indicator::{Filter, Number};
use kernel::ledger::browse;
use kernel::publication::{self, Cited, Draft, Publication, answers, rederive};
use kernel::store::{Read, Store};
use kernel::value::day::Day;
use kernel::{Error, Result};
use serde_json::{Value, json};

use super::load::{DAYS, day_at};
use super::timing::{Spread, repeat};

/// Figures of the document.
pub(super) const FIGURES: usize = 60;
/// A re-derivation reads every row behind the document, so it is repeated less often.
const REDERIVED: usize = 10;

/// What one publication measured.
#[derive(Debug)]
pub(super) struct Measured {
    /// All its numbers as known then, again.
    pub then: Spread,
    /// The whole re-derivation: numbers and rows as known then, and what has changed since.
    pub rederived: Spread,
    /// How many facts were recorded since it was published.
    pub since: i64,
    /// How many of its figures have moved.
    pub moved: usize,
}

/// Publishes as on the day `back` days before the last, and asks again; with `since` and `moved` it can be told how
/// much there was to explain.
pub(super) async fn measure(store: &Store, back: u64, times: usize) -> Result<Measured> {
    let published = published(store, day_at(DAYS.saturating_sub(1 + back))).await?;
    let numbers: Vec<&Number> = published.figures.iter().map(|f| &f.number).collect();
    let then = repeat(3, times, async |_| {
        let read = store.read().await?;
        let again = answers(&read, &published.figures, published.known).await?;
        if again.iter().map(|f| &f.number).eq(numbers.iter().copied()) {
            Ok(())
        } else {
            Err(Error::Internal("a published number did not come out again".into()))
        }
    });
    let then = then.await?.spread();
    let mut moved = 0;
    let rederived = repeat(1, times.min(REDERIVED), async |_| {
        let read = store.read().await?;
        let found = rederive(&read, &published, read.head()?).await?;
        moved = found.drifts.len();
        match found.alarms.first() {
            None => Ok(()),
            Some(alarm) => Err(Error::Internal(format!("an alarm without a cause: {}", alarm.what))),
        }
    });
    let rederived = rederived.await?.spread();
    let since = store.read().await?.head()?.0 - published.known.0;
    Ok(Measured { then, rederived, since, moved })
}

impl Measured {
    /// As it is kept.
    pub(super) fn json(&self) -> Value {
        json!({ "then": self.then, "rederived": self.rederived, "since": self.since, "moved": self.moved })
    }
}

/// The publication about a day as it was known then; one of an earlier run is taken again.
async fn published(store: &Store, on: Day) -> Result<Publication> {
    let read = store.read().await?;
    let title = format!("性能测试：{on} 的六十个数字");
    for id in publication::ids(&read, &Scope::All).await? {
        let found = publication::find(&read, &Scope::All, id).await?;
        if found.title == title {
            return Ok(found);
        }
    }
    let draft = draft(&read, title, on).await?;
    let figures = publication::freeze(&read, &draft).await?;
    drop(read);
    let id: PublicationId = store
        .write(&Actor::system("性能测试"), async |tx| {
            publication::enter(tx, &draft, figures, Vec::new(), &HashMap::new()).await
        })
        .await?;
    publication::find(&store.read().await?, &Scope::All, id).await
}

/// The first indicators of the catalogue about the day, the end of the month before, and the end of the half-year
/// before: a letter cites each figure as of its own day.
async fn draft(read: &Read, title: String, on: Day) -> Result<Draft> {
    let first = on.with_day(1).unwrap_or(on);
    let half = first.checked_sub_months(Months::new(on.month0() % 6)).unwrap_or(first);
    let days = [on, first.pred_opt().unwrap_or(on), half.pred_opt().unwrap_or(on)];
    let cited = |(at, indicator): (usize, &&'static kernel::indicator::Indicator)| Cited {
        citation: format!("A{:02}", at + 1),
        printed: String::new(),
        indicator: indicator.code.to_owned(),
        about: days[at % days.len()],
        filter: Filter::default(),
    };
    let figures = read.catalog().indicators().iter().cycle().take(FIGURES).enumerate().map(cited).collect();
    Ok(Draft { title, published_on: on, known: browse::position_on(read, on).await?, body: String::new(), figures })
}
