//! What the pages ask.

use kernel::access::Actor;
use kernel::case::{self, By, Flow, Waiting};
use kernel::id::{CaseId, OrgId};
use kernel::store::Read;
use kernel::value::day::parse_day;
use kernel::{Error, Result, org};

use super::view::DeskLine;
use crate::link::Link;

/// Rows of a page.
pub(super) const PAGE: i64 = 50;

/// What waits for an actor, and where the next page begins; nothing when this is the last.
///
/// # Errors
/// As the database says.
pub(super) async fn waiting(read: &Read, actor: &Actor, after: Option<Waiting>) -> Result<(Vec<DeskLine>, String)> {
    let mut found = case::desk(read, actor, after, PAGE + 1).await?;
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let next = match found.last().filter(|_| more) {
        Some(last) => {
            let due = last.due_on.map_or_else(|| "-".to_owned(), |on| on.to_string());
            Link::to("/desk").with("due", due).with("after", last.id).to_string()
        }
        None => String::new(),
    };
    Ok((found.iter().map(|case| DeskLine::of(case, read.today())).collect(), next))
}

/// Cases that an actor may open about an organisation: code and label of the flow.
///
/// # Errors
/// As the database says.
pub(crate) async fn openable(read: &Read, actor: &Actor, org: OrgId) -> Result<Vec<(&'static str, &'static str)>> {
    let mut found = Vec::new();
    for flow in newest(read) {
        let Some(By::May(permission)) = flow.opening().map(|action| action.by) else { continue };
        match org::find_within(read, &actor.scope(permission), org).await {
            Ok(_) => found.push((flow.code, flow.label)),
            Err(Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(found)
}

/// Flows as new cases go, in the order of the modules.
pub(crate) fn newest(read: &Read) -> Vec<&'static Flow> {
    let flows = read.catalog().flows().iter().copied();
    flows.filter(|flow| read.catalog().newest_flow(flow.code).is_some_and(|n| n.version == flow.version)).collect()
}

/// Where a page begins, out of its address; a broken one begins at the beginning.
pub(super) fn begins(due: &str, after: &str) -> Option<Waiting> {
    let id = after.parse::<CaseId>().ok()?;
    let due = if due == "-" { kernel::value::day::Day::from_ymd_opt(9999, 12, 31)? } else { parse_day(due).ok()? };
    Some((due, id))
}
