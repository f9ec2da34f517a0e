//! Who can see a record, and by which rule; and what has been asked and viewed.

use askama::Template;
use axum::response::Response;
use kernel::access::{self, Permission, Roles, Scope, Seen};
use kernel::audit::Verb;
use kernel::id::Position;
use kernel::org;
use kernel::store::Read;
use kernel::value::day::minute;
use kernel::value::text::too_long;
use kernel::{Error, Faults, Result as KernelResult};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use crate::people::{place, term};

/// Reading facts; the ledger's own permission, asked about here.
const FACTS: Permission = Permission("ledger.read");

/// Which record is asked about, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Credit or local code of an organisation, or the number of a fact.
    record: String,
    purpose: String,
}

struct Row {
    account: i64,
    who: String,
    role: String,
    place: String,
    term: String,
    rule: String,
}

struct Answer {
    name: String,
    what: &'static str,
    unit: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "roles/templates/who.html")]
struct WhoPage {
    cx: Frame,
    asked: Asked,
    faults: Faults,
    answer: Option<Answer>,
}

impl WhoPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

pub(super) async fn ask(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let cx = ui.frame(&read).await?;
    ui.page(&WhoPage { cx, asked: Asked::default(), faults: Faults::new(), answer: None })
}

pub(super) async fn answer(ui: Ui, Posted(asked): Posted<Asked>) -> Result<Response> {
    let read = ui.read().await?;
    let cx = ui.frame(&read).await?;
    match found(&read, &asked).await {
        Ok(answer) => {
            drop(read);
            let (about, detail) = (answer.name.clone(), format!("{}；{} 人", asked.purpose.trim(), answer.rows.len()));
            ui.write(async |tx| access::note(tx, Verb::SIGHT_ASKED, &about, &detail).await).await?;
            ui.page(&WhoPage { cx, asked, faults: Faults::new(), answer: Some(answer) })
        }
        Err(Error::Invalid(faults)) => ui.refused(&WhoPage { cx, asked, faults, answer: None }),
        Err(other) => Err(other.into()),
    }
}

async fn found(read: &Read, asked: &Asked) -> KernelResult<Answer> {
    let mut faults = Faults::new();
    if asked.purpose.trim().is_empty() {
        faults.add("purpose", "请写明核查的目的");
    } else if let Some(said) = too_long(&asked.purpose) {
        faults.add("purpose", said);
    }
    let (seen, what, permission) = match record(read, asked.record.trim()).await {
        Ok(record) => record,
        Err(Error::NotFound) => {
            faults.add("record", "没有这个信用代码、本地编号或事实序号，请核对");
            faults.or(())?;
            return Err(Error::NotFound);
        }
        Err(other) => return Err(other),
    };
    faults.or(())?;
    let (roles, units) = (Roles::read(read).await?, org::units(read).await?);
    let found = access::who_sees(read, permission, &seen).await?;
    let rows = found.iter().map(|(m, by)| Row {
        account: m.account.0,
        who: format!("{}（{}）", m.person, m.login),
        role: roles.find(&m.role).map_or_else(|| m.role.clone(), |r| r.label.clone()),
        place: place(m, &units),
        term: term(m),
        rule: by.iter().map(|g| g.label()).collect::<Vec<_>>().join("，或"),
    });
    let unit = units.iter().find(|u| u.id == seen.unit).map_or_else(String::new, |u| u.name.clone());
    Ok(Answer { what, unit, rows: rows.collect(), name: seen.name })
}

async fn record(read: &Read, typed: &str) -> KernelResult<(Seen, &'static str, Permission)> {
    // A fact is asked for by its number; no code is that short.
    if let Some(position) = Some(typed).filter(|t| t.len() < 15).and_then(|t| t.parse().ok()) {
        return Ok((access::seen_fact(read, Position(position)).await?, "事实", FACTS));
    }
    let org = org::find_by_code(read, &Scope::All, &crate::orgs::code(typed)).await?;
    Ok((access::seen_org(read, org.id).await?, "主体", crate::orgs::READ))
}

struct Event {
    at: String,
    who: String,
    verb: String,
    about: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "roles/templates/log.html")]
struct LogPage {
    cx: Frame,
    rows: Vec<Event>,
}

pub(super) async fn log(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let rows = access::list_events(&read, 200).await?;
    let row = |e: access::Event| Event { at: minute(e.at), who: e.who, verb: e.verb, about: e.about, detail: e.detail };
    ui.page(&LogPage { cx: ui.frame(&read).await?, rows: rows.into_iter().map(row).collect() })
}
