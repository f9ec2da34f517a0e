//! Entering a fact by hand: choose its kind, fill it in, look at what it would move, record it.

use askama::Template;
use axum::response::Response;
use kernel::access::Scope;
use kernel::id::{Position, RecordId};
use kernel::indicator::would_move;
use kernel::ledger::browse::{self, Query};
use kernel::ledger::{Class, FactKind};
use kernel::org;
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::pages::kinds;
use super::rules::EntryForm;
use super::view::{Use, uses};
use super::{LEDGER_ENTER, actions};
use crate::indicators::{FIGURE_READ, orgs};
use crate::link;
use crate::units::Units;

#[derive(Template)]
#[template(path = "ledger/templates/enter.html")]
struct EnterPage {
    cx: Frame,
    kinds: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
    /// The kind that is entered; none before one is chosen.
    kind: Option<FactKind>,
    form: EntryForm,
    faults: Faults,
    subjects: Vec<Choice>,
    counterparties: Vec<Choice>,
    preview: Option<Preview>,
}

impl EnterPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    fn is_class(&self, class: &Class) -> bool {
        self.form.class == class.code
    }
}

/// A body that may be meant.
struct Choice {
    name: String,
    code: String,
}

/// What would be recorded.
struct Preview {
    subject: String,
    subject_code: String,
    counterparty: String,
    /// Reporting unit of the subject on the day.
    unit: String,
    uses: Vec<Use>,
    /// The facts that say the same already.
    same: Vec<Position>,
}

pub(super) async fn form(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let asked = |name: &str| link::asked(ui.query(), name).to_owned();
    let form = EntryForm {
        kind: asked("kind"),
        subject: asked("subject"),
        quantity: "1".into(),
        occurred_on: ui.clocks(&read).await?.0.min(read.today()).to_string(),
        ..EntryForm::default()
    };
    let page = page(&ui, &read, form, Faults::new()).await?;
    ui.page(&page)
}

pub(super) async fn enter(ui: Ui, Posted(form): Posted<EntryForm>) -> Result<Response> {
    let (form, scope) = (form.picked(), ui.scope(LEDGER_ENTER));
    if form.is_saved() {
        match ui.write(async |tx| actions::enter(tx, &scope, &form).await).await {
            Ok(record) => return to_its_fact(&ui, &scope, record).await,
            // What is entered twice is looked at once more, beside what stands.
            Err(Error::Invalid(faults)) if faults.at("again").is_some() => {
                return look(&ui, &scope, form, faults).await;
            }
            Err(Error::Invalid(faults)) => return refused(&ui, form, faults).await,
            Err(other) => return Err(other.into()),
        }
    }
    look(&ui, &scope, form, Faults::new()).await
}

/// What would be entered, and what that would move; `faults` are of an act that came before.
async fn look(ui: &Ui, scope: &Scope, form: EntryForm, faults: Faults) -> Result<Response> {
    let read = ui.read().await?;
    match actions::prepare(&read, scope, &form).await {
        Ok(entry) => {
            let preview = Some(preview(ui, &read, &entry).await?);
            let is_refused = !faults.0.is_empty();
            let page = EnterPage { preview, ..page(ui, &read, form, faults).await? };
            if is_refused { ui.refused(&page) } else { ui.page(&page) }
        }
        Err(Error::Invalid(faults)) => refused(ui, form, faults).await,
        Err(other) => Err(other.into()),
    }
}

async fn refused(ui: &Ui, form: EntryForm, faults: Faults) -> Result<Response> {
    let read = ui.read().await?;
    let page = page(ui, &read, form, faults).await?;
    ui.refused(&page)
}

/// A record that was just entered is cited by its one fact.
async fn to_its_fact(ui: &Ui, scope: &Scope, record: RecordId) -> Result<Response> {
    let query = Query { record: Some(record), limit: 1, ..Query::default() };
    let found = browse::list(&ui.read().await?, scope, &query).await?;
    let position = found.first().map(|fact| fact.position).ok_or(Error::NotFound)?;
    ui.done(&format!("/facts/{position}"), "已登记到事实账；用于哪些数字见下").await
}

async fn page(ui: &Ui, read: &Read, form: EntryForm, faults: Faults) -> Result<EnterPage> {
    let scope = ui.scope(LEDGER_ENTER);
    let candidates = async |field: &str, typed: &str| match faults.at(field) {
        Some(_) if !typed.trim().is_empty() => orgs(read, &scope, typed).await,
        _ => Ok(Vec::new()),
    };
    let choices = |found: Vec<org::Organisation>| match found.len() {
        0 | 1 => Vec::new(),
        _ => found.iter().map(|org| Choice { name: org.name.clone(), code: org.code().to_owned() }).collect(),
    };
    let (subjects, counterparties) =
        (candidates("subject", &form.subject).await?, candidates("counterparty", &form.counterparty).await?);
    Ok(EnterPage {
        cx: ui.frame(read).await?,
        kinds: kinds(read.catalog()),
        kind: read.catalog().kind(&form.kind).map(|kind| kind.decl),
        subjects: choices(subjects),
        counterparties: choices(counterparties),
        preview: None,
        form,
        faults,
    })
}

async fn preview(ui: &Ui, read: &Read, entry: &actions::Entry) -> Result<Preview> {
    let fact = entry.fact(RecordId(0));
    let moved = would_move(read, &fact).await?;
    let dims = org::dims_on(read, fact.subject(), fact.on()).await?;
    Ok(Preview {
        same: kernel::ledger::entry::same(read, &ui.scope(LEDGER_ENTER), &fact).await?,
        subject: entry.subject.name.clone(),
        subject_code: entry.subject.code().to_owned(),
        counterparty: entry.counterparty.as_ref().map(|other| other.name.clone()).unwrap_or_default(),
        unit: Units::load(read).await?.name(dims.unit),
        uses: uses(&moved, (fact.on(), read.head()?), ui.actor().may(FIGURE_READ)),
    })
}
