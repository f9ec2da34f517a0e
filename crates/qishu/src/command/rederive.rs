//! `qishu verify N` and `--all`: what was published.

use kernel::access::{Actor, Scope};
use kernel::id::PublicationId;
use kernel::indicator::number_text;
use kernel::publication::{self, Publication, Verification};
use kernel::store::Store;
use kernel::{Error, Result};
use serde::Serialize;

use crate::Cli;
use crate::output::table;

/// A part of a change, an alarm, or that there is neither.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    publication: i64,
    citation: String,
    indicator: String,
    what: String,
    published: String,
    change: String,
    now: String,
    rows: usize,
}

/// Re-derives, writes down what was found and prints it; the answer is whether everything published came out again.
///
/// # Errors
/// [`Error::NotFound`] for a publication that does not exist.
pub async fn run(cli: &Cli, publication: Option<PublicationId>) -> Result<bool> {
    let store = cli.open_existing().await?;
    let actor = Actor::system("命令行复核");
    let read = store.read().await?;
    let ids = match publication {
        Some(id) => vec![id],
        None => publication::ids(&read, &Scope::All).await?,
    };
    drop(read);
    let mut lines = Vec::new();
    let mut alarms = 0;
    for id in ids {
        let (published, found) = rederived(&store, &actor, id).await?;
        alarms += found.alarms.len();
        lines.extend(told(&published, &found));
    }
    let columns = ["publication", "citation", "indicator", "what", "published", "change", "now", "rows"];
    let rows: Vec<Vec<String>> = lines.iter().map(cells).collect();
    table(cli.format, &columns, &rows, &lines);
    store.close().await?;
    Ok(alarms == 0)
}

/// Re-derives a publication and writes down what was found.
pub(super) async fn rederived(store: &Store, actor: &Actor, id: PublicationId) -> Result<(Publication, Verification)> {
    let read = store.read().await?;
    let published = publication::find(&read, &Scope::All, id).await.map_err(|error| match error {
        Error::NotFound => Error::invalid("publication", format!("没有第 {id} 号发布；qishu verify --all 复核全部")),
        other => other,
    })?;
    let found = publication::rederive(&read, &published, read.head()?).await?;
    drop(read);
    store.write(actor, async |tx| publication::record_verification(tx, id, &found).await).await?;
    Ok((published, found))
}

/// As [`told`], with a line for every figure that has not changed.
pub(super) fn told_each(published: &Publication, found: &Verification) -> Vec<Line> {
    let touched =
        |seq: i64| found.drifts.iter().any(|d| d.seq == seq) || found.alarms.iter().any(|a| a.seq == Some(seq));
    let unchanged = published.figures.iter().filter(|f| !touched(f.seq)).map(|f| {
        let number = number_text(&f.number, f.definition.display);
        Line {
            publication: published.id.0,
            citation: f.citation.clone(),
            indicator: f.definition.name.clone(),
            what: "未变".to_owned(),
            published: number.clone(),
            change: String::new(),
            now: number,
            rows: usize::try_from(f.rows).unwrap_or_default(),
        }
    });
    let moved = if found.drifts.is_empty() && found.alarms.is_empty() { Vec::new() } else { told(published, found) };
    moved.into_iter().chain(unchanged).collect()
}

/// One line for every part of every change and for every alarm; one that says so when there is neither.
fn told(published: &Publication, found: &Verification) -> Vec<Line> {
    let blank = |citation: &str, what: String| Line {
        publication: published.id.0,
        citation: citation.to_owned(),
        indicator: String::new(),
        what,
        published: String::new(),
        change: String::new(),
        now: String::new(),
        rows: 0,
    };
    let figure = |seq: i64| published.figures.iter().find(|f| f.seq == seq);
    let mut lines = Vec::new();
    for alarm in &found.alarms {
        let citation = alarm.seq.and_then(figure).map_or("", |f| f.citation.as_str());
        lines.push(blank(citation, format!("警报：{}", alarm.what)));
    }
    for drift in &found.drifts {
        let Some(figure) = figure(drift.seq) else { continue };
        let text = |number| number_text(number, figure.definition.display);
        lines.extend(drift.steps.iter().map(|step| Line {
            indicator: figure.definition.name.clone(),
            published: text(&drift.published),
            change: format!("{} → {}", text(&step.before), text(&step.after)),
            now: text(&drift.now),
            rows: step.count,
            ..blank(&figure.citation, step.cause.label().to_owned())
        }));
    }
    if lines.is_empty() {
        lines.push(blank("", format!("{} 个数字全部重现，没有变化", published.figures.len())));
    }
    lines
}

pub(super) fn cells(line: &Line) -> Vec<String> {
    vec![
        line.publication.to_string(),
        line.citation.clone(),
        line.indicator.clone(),
        line.what.clone(),
        line.published.clone(),
        line.change.clone(),
        line.now.clone(),
        line.rows.to_string(),
    ]
}
