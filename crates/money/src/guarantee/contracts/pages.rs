//! Pages of contracts: the portfolio, what is due soon, one contract with its events, registering one.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::OrgId;
use kernel::org;
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::actions::{self, Entered};
use super::form::{ContractForm, EventForm, ReverseForm};
use super::model::Contract;
use super::queries::{self, Filters};
use super::view::{self, EventRow, Row};
use super::{register, reverse};
use crate::guarantee::agreements;
use crate::guarantee::flows::{ACCOUNTS, COMPENSATION_FLOW};
use crate::guarantee::id::{ContractId, EventId};
use crate::guarantee::link::{asked, id, link, wan};
use crate::guarantee::rules::{Event, Ledger, entry_rules, lpr_on, products};
use crate::guarantee::tabs::{Tab, choices, tabs};
use crate::guarantee::{ENTER, READ};

type Choices = Vec<(String, String, bool)>;

/// Contracts of a page.
const PAGE: i64 = 50;
const STATES: [(&str, &str); 4] =
    [("in_force", "有余额"), ("overdue", "逾期"), ("claim", "代偿未收回"), ("ended", "已结清")];

#[derive(Template)]
#[template(path = "guarantee/contracts/templates/list.html")]
struct ListPage {
    cx: Frame,
    tabs: Vec<Tab>,
    ledgers: Choices,
    states: Choices,
    number: String,
    code: String,
    fault: String,
    narrowed: bool,
    rows: Vec<Row>,
    next: String,
    may_enter: bool,
}

pub(in crate::guarantee) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, _) = ui.clocks(&read).await?;
    let query = ui.query();
    let (ledger, state, number, code) =
        (asked(query, "ledger"), asked(query, "state"), asked(query, "number"), asked(query, "q"));
    let (filters, fault) = filters(&read, query).await?;
    let mut found = if fault.is_empty() { queries::list(&read, &ui.scope(READ), &filters).await? } else { Vec::new() };
    let next = more(&mut found).map(|last| {
        let after = last.id.to_string();
        link("/guarantee", &[("ledger", ledger), ("state", state), ("number", number), ("q", code), ("after", &after)])
    });
    ui.page(&ListPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/guarantee"),
        ledgers: choices(Ledger::ALL.map(|l| (l.code(), l.label())), ledger),
        states: choices(STATES, state),
        narrowed: ![ledger, state, number, code].iter().all(|text| text.is_empty()),
        number: number.to_owned(),
        code: code.to_owned(),
        rows: found.iter().map(|contract| Row::of(contract, about)).collect(),
        next: next.unwrap_or_default(),
        may_enter: ui.actor().may(ENTER),
        fault,
    })
}

/// What the address narrows the list to, and what is wrong with the code of the firm.
async fn filters(read: &Read, query: &[(String, String)]) -> kernel::Result<(Filters, String)> {
    let mut filters = Filters {
        ledger: Ledger::parse(asked(query, "ledger")),
        state: asked(query, "state").to_owned(),
        number: asked(query, "number").to_owned(),
        after: asked(query, "after").parse().ok().map(|after| (None, after)),
        limit: PAGE + 1,
        ..Filters::default()
    };
    let code = asked(query, "q");
    if code.is_empty() {
        return Ok((filters, String::new()));
    }
    match org::find_by_code(read, &kernel::access::Scope::All, &code.to_uppercase()).await {
        Ok(firm) => filters.subject = Some(firm.id),
        Err(Error::NotFound) => return Ok((filters, "没有这个代码，请填完整的信用代码或本地编号".into())),
        Err(other) => return Err(other),
    }
    Ok((filters, String::new()))
}

/// Cuts one page out of rows that hold one more where there is another page; then its last row is where that begins.
fn more(rows: &mut Vec<Contract>) -> Option<&Contract> {
    let limit = usize::try_from(PAGE).unwrap_or(0);
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| more)
}

#[derive(Template)]
#[template(path = "guarantee/contracts/templates/due.html")]
struct DuePage {
    cx: Frame,
    tabs: Vec<Tab>,
    by: Day,
    days: i64,
    rows: Vec<Row>,
    next: String,
}

pub(in crate::guarantee) async fn due(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, _) = ui.clocks(&read).await?;
    let days = entry_rules().soon_days;
    let by = about + chrono::Days::new(days.unsigned_abs());
    let (day, after) = (asked(ui.query(), "day").parse().ok(), asked(ui.query(), "after").parse().ok());
    let filters = Filters {
        due_by: Some(by),
        after: day.zip(after).map(|(day, id)| (Some(day), id)),
        limit: PAGE + 1,
        ..Filters::default()
    };
    let mut found = queries::list(&read, &ui.scope(READ), &filters).await?;
    let next = more(&mut found).map(|last| {
        let day = last.book.due_on.unwrap_or(last.matures_on).to_string();
        link("/guarantee/due", &[("day", &day), ("after", &last.id.to_string())])
    });
    ui.page(&DuePage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/guarantee/due"),
        rows: found.iter().map(|contract| Row::of(contract, about)).collect(),
        next: next.unwrap_or_default(),
        by,
        days,
    })
}

#[derive(Template)]
#[template(path = "guarantee/contracts/templates/show.html")]
struct ShowPage {
    cx: Frame,
    contract: Contract,
    state: (&'static str, &'static str),
    outstanding: String,
    claim: String,
    overdue: String,
    fees: String,
    due_on: String,
    terms: Vec<(&'static str, String)>,
    reckoned: Vec<String>,
    alarms: Vec<String>,
    chain: Vec<Row>,
    cases: Vec<(String, String)>,
    events: Vec<EventRow>,
    /// Where a compensation is opened; empty when it cannot be.
    compensate: String,
    may_enter: bool,
    /// Whether the reader may open the firm's dossier and its facts: a guarantor's own rows are others.
    opens: bool,
    form: EventForm,
    kinds: Choices,
    accounts: Choices,
    check_from: String,
    faults: Faults,
    /// The event whose taking back was refused, and what was typed.
    refused: (String, String),
    conflict: String,
}

impl ShowPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    fn is_refused(&self, event: &EventRow) -> bool {
        self.refused.0 == event.id
    }
}

/// What came back with a refused form.
#[derive(Default)]
struct Back {
    form: Option<EventForm>,
    faults: Faults,
    refused: (String, String),
    conflict: String,
}

pub(in crate::guarantee) async fn show(ui: Ui, Path(contract): Path<String>) -> Result<Response> {
    ui.page(&show_page(&ui, id(&contract)?, Back::default()).await?)
}

async fn show_page(ui: &Ui, id: ContractId, back: Back) -> Result<ShowPage> {
    let read = ui.read().await?;
    let (about, _) = ui.clocks(&read).await?;
    let contract = queries::find(&read, &ui.scope(READ), id).await?;
    let events = queries::events(&read, &contract).await?;
    let shares = queries::shares(&read, &contract).await?;
    let chain = queries::chain(&read, &contract).await?;
    let may_enter = queries::find_operated(&read, &ui.scope(ENTER), id).await.is_ok();
    let unit = org::units(&read).await?.into_iter().find(|unit| unit.id == contract.unit).map(|unit| unit.name);
    let form = back.form.unwrap_or_else(|| EventForm::of(&contract));
    let possible = contract.ledger.events().iter().filter(|event| **event != Event::Compensated);
    let compensates =
        may_enter && contract.book.overdue.0 > 0 && contract.ledger.events().contains(&Event::Compensated);
    let (flow, operator) = (COMPENSATION_FLOW.code, contract.operator.to_string());
    let shown = |fen| format!("{} 万元", wan(fen));
    Ok(ShowPage {
        cx: ui.frame(&read).await?,
        state: view::state(&contract, about),
        outstanding: wan(contract.book.outstanding()),
        claim: if contract.book.claim().0 > 0 { shown(contract.book.claim()) } else { String::new() },
        overdue: if contract.book.overdue.0 > 0 { shown(contract.book.overdue) } else { String::new() },
        fees: if contract.book.fees.0 > 0 { shown(contract.book.fees) } else { String::new() },
        due_on: contract.book.due_on.unwrap_or(contract.matures_on).to_string(),
        terms: view::terms(&contract, unit.unwrap_or_default()),
        reckoned: view::reckoned(&contract, about),
        alarms: view::alarms(&read, &contract, &chain).await?,
        chain: if chain.len() > 1 { chain.iter().map(|c| Row::of(c, about)).collect() } else { Vec::new() },
        cases: if ui.actor().may(crate::guarantee::CASE) { view::cases(&read, &contract).await? } else { Vec::new() },
        events: view::rows(&events, &shares),
        compensate: if compensates { link("/cases/new", &[("flow", flow), ("org", &operator)]) } else { String::new() },
        may_enter,
        opens: ui.actor().org.is_none_or(|own| own == contract.subject),
        kinds: choices(possible.map(|event| (event.code(), event.label())), &form.event),
        accounts: choices(ACCOUNTS.iter().map(|c| (c.code, c.label)), &form.account),
        check_from: wan(entry_rules().check_from),
        form,
        faults: back.faults,
        refused: back.refused,
        conflict: back.conflict,
        contract,
    })
}

pub(in crate::guarantee) async fn enter(
    ui: Ui,
    Path(contract): Path<String>,
    Posted(form): Posted<EventForm>,
) -> Result<Response> {
    let id: ContractId = id(&contract)?;
    let scope = ui.scope(ENTER);
    let entry = async |tx: &mut kernel::store::Tx| {
        queries::find_operated(tx, &scope, id).await?;
        actions::enter(tx, &scope, &form.read(id)?).await
    };
    let back = match ui.write(entry).await {
        Ok(Entered::Posted(_)) => return ui.done(&format!("/guarantee/contracts/{id}"), "已登记").await,
        Ok(Entered::Waits(case)) => {
            return ui.done(&format!("/cases/{case}"), "金额达到复核标准，已提交另一人复核，复核后才登记").await;
        }
        Err(Error::Invalid(faults)) => Back { form: Some(form), faults, ..Back::default() },
        Err(Error::Conflict(conflict)) => Back { form: Some(form), conflict, ..Back::default() },
        Err(other) => return Err(other.into()),
    };
    ui.refused(&show_page(&ui, id, back).await?)
}

pub(in crate::guarantee) async fn take_back(
    ui: Ui,
    Path((contract, event)): Path<(String, String)>,
    Posted(form): Posted<ReverseForm>,
) -> Result<Response> {
    let target: (ContractId, EventId) = (id(&contract)?, id(&event)?);
    let scope = ui.scope(ENTER);
    let back = match ui.write(async |tx| reverse(tx, &scope, target, &form.reason).await).await {
        Ok(()) => return ui.done(&format!("/guarantee/contracts/{}", target.0), "已冲销").await,
        Err(Error::Invalid(faults)) => Back { faults, refused: (event, form.reason), ..Back::default() },
        Err(Error::Conflict(conflict)) => Back { conflict, ..Back::default() },
        Err(other) => return Err(other.into()),
    };
    ui.refused(&show_page(&ui, target.0, back).await?)
}

#[derive(Template)]
#[template(path = "guarantee/contracts/templates/new.html")]
struct NewPage {
    cx: Frame,
    ledger: Ledger,
    ledgers: Choices,
    operators: Choices,
    banks: Choices,
    agreements: Choices,
    products: Choices,
    lpr: String,
    form: ContractForm,
    faults: Faults,
}

impl NewPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    fn known_lpr(&self) -> String {
        if self.lpr.is_empty() { String::new() } else { format!("，今天为 {}", self.lpr) }
    }

    fn is(&self, ledger: &str) -> bool {
        self.ledger.code() == ledger
    }
}

pub(in crate::guarantee) async fn new(ui: Ui) -> Result<Response> {
    let form = ContractForm { ledger: asked(ui.query(), "ledger").to_owned(), ..ContractForm::default() };
    ui.page(&new_page(&ui, form, Faults::new()).await?)
}

async fn new_page(ui: &Ui, form: ContractForm, faults: Faults) -> Result<NewPage> {
    let read = ui.read().await?;
    let ledger = Ledger::parse(&form.ledger).unwrap_or(Ledger::Guarantee);
    let operators = agreements::operators(&read, &ui.scope(ENTER)).await?;
    let only: Option<OrgId> = operators.first().map(|(id, _)| *id).filter(|_| operators.len() == 1);
    let agreed = match only.or_else(|| form.operator.parse().ok()) {
        Some(operator) => agreements::of_operator(&read, operator).await?,
        None => Vec::new(),
    };
    let agreed =
        agreed.iter().map(|a| (a.id, format!("{}（{}，{} 至 {}）", a.number, a.bank_name, a.signed_on, a.valid_to)));
    Ok(NewPage {
        cx: ui.frame(&read).await?,
        ledgers: choices(Ledger::ALL.map(|l| (l.code(), l.label())), ledger.code()),
        operators: if only.is_some() { Vec::new() } else { choices(operators, &form.operator) },
        banks: choices(agreements::banks(&read).await?, &form.bank),
        agreements: choices(agreed, &form.agreement),
        products: choices(products(ledger).map(|p| (&p.code, &p.label)), &form.product),
        lpr: lpr_on(read.today()).map(|bp| kernel::value::rate::Bp(bp).exact_percent()).unwrap_or_default(),
        ledger,
        form,
        faults,
    })
}

pub(in crate::guarantee) async fn sign(ui: Ui, Posted(form): Posted<ContractForm>) -> Result<Response> {
    let scope = ui.scope(ENTER);
    let own = ui.actor().org;
    let signing = async |tx: &mut kernel::store::Tx| register(tx, &scope, &form.read(tx, own).await?).await;
    match ui.write(signing).await {
        Ok(id) => ui.done(&format!("/guarantee/contracts/{id}"), "合同已登记；放款后请登记放款").await,
        Err(Error::Invalid(faults)) => ui.refused(&new_page(&ui, form, faults).await?),
        Err(other) => Err(other.into()),
    }
}
