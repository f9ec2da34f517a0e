//! Pages of the marketplace.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::Scope;
use kernel::case::{self, Case, Light, clock, light};
use kernel::id::CaseId;
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Error, consent};
use web::{Frame, Result, Ui};

use super::actions::{money, number, terms};
use super::flows::{ADMISSION, ANSWERS, DEMANDS, PRODUCT, REASONS, REGISTRATION};
use super::queries::{self, Product};
use super::rules::{cost, fit, percent, settings};
use super::{DEMAND, FUNNEL, INVITE, OFFER, READ};

/// Rows of a list at most.
const MOST: i64 = 200;

/// The first value of a parameter, trimmed; empty when it is absent.
fn asked<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    query.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
}

/// A tab: address, label, whether it is this page.
type Tab = (&'static str, &'static str, bool);

fn tabs(ui: &Ui, here: &str) -> Vec<Tab> {
    let mut found = vec![("/finance", "需求与对接"), ("/finance/products", "信贷产品")];
    if ui.actor().may(FUNNEL) {
        found.push(("/finance/funnel", "对接情况"));
    }
    found.into_iter().map(|(href, label)| (href, label, href == here)).collect()
}

/// A due day in words: day, light, class.
struct Due {
    on: String,
    label: &'static str,
    class: &'static str,
}

impl Due {
    fn of(case: &Case, today: Day) -> Self {
        let clock = case.flow.state(&case.state).and_then(|state| state.clock).and_then(clock);
        let (label, class) = match light(clock, case.due_on, today) {
            Light::None => ("", ""),
            Light::Green => ("在期限内", "state-ok"),
            Light::Yellow => ("即将到期", "state-warn"),
            Light::Red => ("已超期", "state-bad"),
        };
        Self { on: case.due_on.map(|on| on.to_string()).unwrap_or_default(), label, class }
    }
}

/// A demand or an answer in a list.
struct Line {
    href: String,
    firm: String,
    bank: String,
    amount: String,
    state: &'static str,
    class: &'static str,
    due: Due,
}

impl Line {
    fn of(case: &Case, href: String, today: Day) -> Self {
        let state = case.flow.state(&case.state);
        let class = match case.state.as_str() {
            "refused" | "dropped" | "withdrawn" | "expired" => "state-off",
            "settled" | "met" => "state-ok",
            "overdue" => "state-bad",
            _ => "state-info",
        };
        Self {
            href,
            firm: case.subject_name.clone(),
            bank: case.counterparty_name.clone(),
            amount: money(&case.values, "amount").exact_wan(),
            state: state.map_or("", |state| state.label),
            class,
            due: Due::of(case, today),
        }
    }
}

#[derive(Template)]
#[template(path = "finance/templates/list.html")]
struct ListPage {
    cx: Frame,
    tabs: Vec<Tab>,
    /// What the reader can open for his own body: address, label.
    open: Vec<(String, &'static str)>,
    demands: Vec<Line>,
    answers: Vec<Line>,
}

/// What somebody of a firm or an institution can open for it.
fn openings(ui: &Ui) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    let new = |flow: &str, org: kernel::id::OrgId| format!("/cases/new?flow={flow}&org={org}");
    if let Scope::Own(org) = ui.scope(DEMAND) {
        found.push((new(DEMANDS.code, org), "发布融资需求"));
        found.push((new(REGISTRATION.code, org), "实名注册"));
    }
    if let Scope::Own(org) = ui.scope(OFFER) {
        found.push((new(PRODUCT.code, org), "提交产品"));
        found.push((new(ADMISSION.code, org), "申请入驻"));
    }
    found
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (scope, today) = (ui.scope(READ), read.today());
    let demands = case::list(&read, &scope, DEMANDS.code, None, None, MOST).await?;
    let mut answers = case::list(&read, &scope, ANSWERS.code, None, None, MOST).await?;
    // What is due first comes first; what has no due day comes last.
    answers.sort_by_key(|answer| (answer.due_on.is_none(), answer.due_on, std::cmp::Reverse(answer.id)));
    ui.page(&ListPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/finance"),
        open: openings(&ui),
        demands: demands.iter().map(|d| Line::of(d, format!("/finance/demands/{}", d.id), today)).collect(),
        answers: answers.iter().map(|a| Line::of(a, format!("/cases/{}", a.id), today)).collect(),
    })
}

#[derive(Template)]
#[template(path = "finance/templates/products.html")]
struct ProductsPage {
    cx: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Product>,
    /// Whether this is the page everybody sees.
    public: bool,
    /// Whether the reader may open the cases of the products.
    linked: bool,
    amount: String,
    way: String,
    ways: Vec<(&'static str, &'static str)>,
    fault: String,
}

/// Ways of security to choose from.
fn ways() -> Vec<(&'static str, &'static str)> {
    match PRODUCT.field("way").map(|field| field.kind) {
        Some(case::FieldKind::Choice(classes)) => classes.iter().map(|class| (class.code, class.label)).collect(),
        _ => Vec::new(),
    }
}

/// Narrows products to what was typed.
async fn products_page(ui: &Ui, read: &Read, public: bool, mut rows: Vec<Product>) -> Result<ProductsPage> {
    let (amount, way) = (asked(ui.query(), "amount").to_owned(), asked(ui.query(), "way").to_owned());
    let mut fault = String::new();
    if !way.is_empty() {
        rows.retain(|product| product.way == way);
    }
    if !amount.is_empty() {
        match kernel::value::money::Fen::parse(&amount, kernel::value::money::MoneyUnit::Wan) {
            Ok(fen) => rows.retain(|product| (product.limits.amount.0..=product.limits.amount.1).contains(&fen)),
            Err(wrong) => fault = wrong.to_string(),
        }
    }
    Ok(ProductsPage {
        cx: ui.frame(read).await?,
        tabs: if public { Vec::new() } else { tabs(ui, "/finance/products") },
        rows,
        public,
        linked: false,
        amount,
        way,
        ways: ways(),
        fault,
    })
}

pub(super) async fn products(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    // Who has no product of his own and does not oversee them sees what is on sale.
    let own = ui.actor().may(OFFER) || ui.actor().may(FUNNEL);
    let rows = match own {
        true => queries::products(&read, &ui.scope(READ)).await?,
        false => queries::on_sale(&read).await?,
    };
    ui.page(&ProductsPage { linked: own, ..products_page(&ui, &read, false, rows).await? })
}

pub(super) async fn on_sale(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let rows = queries::on_sale(&read).await?;
    ui.page(&products_page(&ui, &read, true, rows).await?)
}

/// An answer beside the others.
struct Compared {
    id: CaseId,
    bank: String,
    state: &'static str,
    /// Sum, term and headline rate that are offered.
    offered: String,
    /// Interest, fee, guarantee fee, all of it, and as a yearly rate; empty before there is an offer.
    cost: Option<[String; 5]>,
    /// Whether it is the cheapest of those that stand.
    cheapest: bool,
    consent: String,
}

/// A product against the demand.
struct Suited {
    product: Product,
    label: &'static str,
    class: &'static str,
    reasons: String,
}

#[derive(Template)]
#[template(path = "finance/templates/demand.html")]
struct DemandPage {
    cx: Frame,
    id: CaseId,
    title: String,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    answers: Vec<Compared>,
    suited: Vec<Suited>,
    near_percent: i64,
    origin: String,
    /// Where an institution is asked; empty when the reader cannot or the demand has ended.
    ask: String,
}

async fn compared(read: &Read, answers: Vec<Case>) -> Result<Vec<Compared>> {
    let standing = |case: &Case| !matches!(case.state.as_str(), "refused" | "dropped");
    let yearly = |case: &Case| cost(&terms(&case.values)).map(|cost| cost.yearly_bp);
    let least = answers.iter().filter(|case| standing(case)).filter_map(yearly).min();
    let mut found = Vec::new();
    for case in answers {
        let until = match case.counterparty {
            Some(bank) => consent::live_until(read, case.subject, bank).await?,
            None => None,
        };
        let (terms, cost) = (terms(&case.values), cost(&terms(&case.values)));
        found.push(Compared {
            id: case.id,
            cheapest: standing(&case) && least.is_some() && yearly(&case) == least,
            state: ANSWERS.state(&case.state).map_or("", |state| state.label),
            offered: match cost {
                Some(_) => format!(
                    "{} 万元，{} 个月，年利率 {}",
                    terms.amount.exact_wan(),
                    terms.months,
                    percent(terms.rate_bp)
                ),
                None => String::new(),
            },
            cost: cost.map(|cost| {
                [
                    cost.interest.exact_wan(),
                    cost.fee.exact_wan(),
                    cost.guarantee.exact_wan(),
                    cost.total.exact_wan(),
                    percent(cost.yearly_bp),
                ]
            }),
            consent: until.map_or_else(|| "未授权".to_owned(), |until| format!("至 {until}")),
            bank: case.counterparty_name,
        });
    }
    Ok(found)
}

/// Products on sale against a demand, those that fit first.
async fn suited(read: &Read, demand: &Case) -> Result<Vec<Suited>> {
    let wanted = queries::asked(read, demand).await?;
    let mut found: Vec<_> = queries::on_sale(read)
        .await?
        .into_iter()
        .map(|product| (fit(&product.limits, &wanted, settings().near_percent), product))
        .collect();
    found.sort_by(|a, b| (&a.0, a.1.id).cmp(&(&b.0, b.1.id)));
    let suited = |(fit, product): (super::rules::Fit, Product)| {
        let (label, class) = fit.label();
        Suited { reasons: fit.reasons(), product, label, class }
    };
    Ok(found.into_iter().map(suited).collect())
}

/// Where an institution is asked for a demand, with what the demand says.
fn ask_href(ui: &Ui, demand: &Case) -> Result<String> {
    let may = ui.scope(INVITE).holds_case(demand.unit, demand.subject);
    if !may || !queries::is_open(demand) {
        return Ok(String::new());
    }
    let months = number(&demand.values, "months").unwrap_or(0);
    let query = [
        ("flow", ANSWERS.code.to_owned()),
        ("org", demand.subject.to_string()),
        ("f.demand", demand.id.to_string()),
        ("f.amount", format!("{}万元", money(&demand.values, "amount").exact_wan())),
        ("f.months", months.to_string()),
        ("f.purpose", demand.values.get("purpose").cloned().unwrap_or_default()),
    ];
    let query = serde_html_form::to_string(query).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(format!("/cases/new?{query}"))
}

pub(super) async fn demand(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let id: CaseId = id.parse().map_err(|_| Error::NotFound)?;
    let read = ui.read().await?;
    let demand = case::find(&read, ui.actor(), id).await?;
    if demand.flow.code != DEMANDS.code {
        return Err(Error::NotFound.into());
    }
    let answers = queries::answers(&read, &ui.scope(READ), &demand).await?;
    let facts = DEMANDS.fields.iter().filter_map(|field| {
        let kept = demand.values.get(field.code)?;
        Some((field.label, case::show(&field.kind, kept)))
    });
    ui.page(&DemandPage {
        cx: ui.frame(&read).await?,
        id,
        title: demand.title.clone(),
        state: DEMANDS.state(&demand.state).map_or("", |state| state.label),
        facts: facts.collect(),
        answers: compared(&read, answers).await?,
        suited: suited(&read, &demand).await?,
        near_percent: settings().near_percent,
        origin: settings().origin(),
        ask: ask_href(&ui, &demand)?,
    })
}

/// An institution in the funnel, in words.
struct FunnelRow {
    name: String,
    counts: Vec<usize>,
    accept_days: String,
    decide_days: String,
    refused: String,
}

#[derive(Template)]
#[template(path = "finance/templates/funnel.html")]
struct FunnelPage {
    cx: Frame,
    tabs: Vec<Tab>,
    rows: Vec<FunnelRow>,
}

/// Refusals by reason, in words.
fn refusals(counted: &BTreeMap<String, usize>) -> String {
    let label = |code: &str| REASONS.iter().find(|reason| reason.code == code).map_or("其他", |reason| reason.label);
    let parts: Vec<String> = counted.iter().map(|(code, n)| format!("{} {n} 件", label(code))).collect();
    parts.join("；")
}

pub(super) async fn funnel(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let row = |one: queries::Funnel| FunnelRow {
        counts: std::iter::once(one.asked).chain(one.reached).collect(),
        accept_days: queries::median(&one.accept_days),
        decide_days: queries::median(&one.decide_days),
        refused: refusals(&one.refused),
        name: one.name,
    };
    let rows = queries::funnel(&read, &ui.scope(FUNNEL)).await?.into_iter().map(row).collect();
    ui.page(&FunnelPage { cx: ui.frame(&read).await?, tabs: tabs(&ui, "/finance/funnel"), rows })
}
