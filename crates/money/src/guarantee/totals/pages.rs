//! Pages of totals and of the monthly bulletin.

use askama::Template;
use axum::response::Response;
use chrono::Datelike;
use kernel::access::Permission;
use kernel::audit::{Note, Verb};
use kernel::id::OrgId;
use kernel::indicator::{By, breakdown};
use kernel::indicator::{Figure, Number, Question, evaluate, shown};
use kernel::store::Read;
use kernel::value::day::{Day, days_in_month};
use kernel::value::money::Fen;
use kernel::value::thousands;
use kernel::{Error, org};
use sheets::Issued;
use web::{Frame, Result, Ui, download};

use super::queries::{self, Balance, Line, Portfolio};
use super::sheet;
use crate::guarantee::TOTALS;
use crate::guarantee::agreements;
use crate::guarantee::flows::ACCOUNTS;
use crate::guarantee::link::{asked, link, wan};
use crate::guarantee::rules::{
    Ledger, limit_on, mean_rate, percent, reserve_provision, unearned_reserve, weighted_rate,
};
use crate::guarantee::tabs::{Tab, choices, tabs};

/// Whose right it is to see figures: indicators are shown to them, with their scope.
const FIGURES: Permission = Permission("figure.read");

const SHOWN: [&str; 13] = [
    "guarantee.services_total",
    "guarantee.loan_amount",
    "guarantee.startup_amount",
    "guarantee.bridge_amount",
    "guarantee.served",
    "guarantee.in_force",
    "guarantee.in_force_loans",
    "guarantee.income",
    "guarantee.compensation_rate_year",
    "guarantee.compensation_rate",
    "guarantee.claim",
    "guarantee.loss_rate",
    "guarantee.bridge_outstanding",
];

struct Shown {
    name: &'static str,
    value: String,
    unit: &'static str,
    href: String,
    definition: &'static str,
}

#[derive(Template)]
#[template(path = "guarantee/totals/templates/totals.html")]
struct TotalsPage {
    cx: Frame,
    tabs: Vec<Tab>,
    about: Day,
    figures: Vec<Shown>,
    /// Heads of the cross table, and its rows with their sum.
    operators: Vec<String>,
    units: Vec<(String, Vec<String>, String)>,
    sum: String,
    /// What the ledger of contracts and the ledger of facts say of the same balance.
    tie: Option<(String, String, bool)>,
    income: Vec<Income>,
    income_from: String,
    rates: (String, String),
    late: (String, String),
    reserves: Vec<(String, String, String, String, String)>,
}

/// Income of an account: what facts say, what fee events of contracts say, and the difference.
struct Income {
    label: &'static str,
    facts: String,
    fees: String,
    rest: String,
}

pub(in crate::guarantee) async fn totals(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let scope = ui.scope(TOTALS);
    let found = queries::balances(&read, &scope, Ledger::Guarantee, about).await?;
    let figures = match ui.actor().may(FIGURES) {
        true => figures(&read, &Question { about, known, scope: &ui.scope(FIGURES) }).await?,
        false => Vec::new(),
    };
    let (operators, units, sum) = crossed(&read, &found).await?;
    let portfolio = queries::portfolio(&read, &scope, about).await?;
    let page = TotalsPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/guarantee/totals"),
        tie: tie(&figures, sum),
        income: income(&read, &ui, &figures, about).await?,
        income_from: half_start(about).to_string(),
        figures: figures.iter().map(Shown::of).collect(),
        reserves: reserves(&read, &ui, &found, about).await?,
        rates: means(&portfolio),
        late: (wan(portfolio.overdue), wan(portfolio.long_overdue)),
        sum: wan(sum),
        operators,
        units,
        about,
    };
    ui.page(&page)
}

impl Shown {
    fn of(figure: &Figure) -> Self {
        let indicator = figure.indicator;
        let (about, known) = (figure.about.to_string(), figure.known.to_string());
        Self {
            name: indicator.name,
            value: shown(figure),
            unit: if matches!(figure.number, Number::None | Number::Ratio { den: 0, .. }) {
                ""
            } else {
                indicator.unit
            },
            href: link(&format!("/indicators/{}", indicator.code), &[("about", &about), ("known", &known)]),
            definition: indicator.definition,
        }
    }
}

async fn figures(read: &Read, q: &Question<'_>) -> kernel::Result<Vec<Figure>> {
    let known = |code: &&str| read.catalog().indicator(code);
    let indicators: Vec<_> = SHOWN.iter().filter_map(known).collect();
    evaluate(read, &indicators, q).await
}

fn means(portfolio: &Portfolio) -> (String, String) {
    let Portfolio { contracts, weighted, .. } = portfolio;
    (mean_rate(contracts.1, contracts.0), weighted_rate(weighted.1, weighted.0))
}

/// Balances by unit and guarantor, with their sums.
type Crossed = (Vec<String>, Vec<(String, Vec<String>, String)>, Fen);

async fn crossed(read: &Read, found: &[Balance]) -> kernel::Result<Crossed> {
    let mut operators: Vec<OrgId> = found.iter().map(|b| b.operator).collect();
    operators.sort_unstable();
    operators.dedup();
    let units = org::units(read).await?;
    let mut rows = Vec::new();
    for cells in found.chunk_by(|a, b| a.unit == b.unit) {
        let of = |operator: &OrgId| cells.iter().find(|b| b.operator == *operator).map_or(Fen(0), |b| b.amount);
        let unit = cells.first().and_then(|b| units.iter().find(|unit| unit.id == b.unit));
        let name = unit.map_or_else(|| "没有单元".to_owned(), |unit| unit.name.clone());
        let sum = Fen(cells.iter().map(|b| b.amount.0).sum());
        rows.push((name, operators.iter().map(|o| wan(of(o))).collect(), wan(sum)));
    }
    let mut names = Vec::new();
    for operator in operators {
        names.push(org::find(read, operator).await?.name);
    }
    Ok((names, rows, Fen(found.iter().map(|b| b.amount.0).sum())))
}

fn money(figures: &[Figure], code: &str) -> Option<Fen> {
    match figures.iter().find(|figure| figure.indicator.code == code)?.number {
        Number::Money(fen) => Some(fen),
        _ => None,
    }
}

/// Contracts and facts tell the same balance; units are those of the signing there and of each day here.
fn tie(figures: &[Figure], kept: Fen) -> Option<(String, String, bool)> {
    let facts = money(figures, "guarantee.in_force")?;
    Some((wan(kept), wan(facts), kept == facts))
}

fn half_start(about: Day) -> Day {
    Day::from_ymd_opt(about.year(), if about.month() <= 6 { 1 } else { 7 }, 1).unwrap_or(about)
}

/// Income of the half-year by account, facts beside fee events; the rest belongs to no contract.
async fn income(read: &Read, ui: &Ui, figures: &[Figure], about: Day) -> kernel::Result<Vec<Income>> {
    let fees = queries::fees(read, &ui.scope(TOTALS), (half_start(about), about)).await?;
    let found = figures.iter().find(|figure| figure.indicator.code == "guarantee.income");
    let cells = match found {
        Some(figure) => {
            let q = Question { about, known: figure.known, scope: &ui.scope(FIGURES) };
            breakdown(read, figure.indicator, &[By::Class], &q).await?
        }
        None => Vec::new(),
    };
    let of_facts = |code: &str| {
        let cell = cells.iter().find(|cell| cell.keys.first().is_some_and(|key| key == code));
        cell.map_or(Fen(0), |cell| if let Number::Money(fen) = cell.number { fen } else { Fen(0) })
    };
    let of_fees = |code: &str| fees.iter().find(|(account, _)| account == code).map_or(Fen(0), |(_, fen)| *fen);
    let line = |class: &kernel::ledger::Class| {
        let (facts, fees) = (of_facts(class.code), of_fees(class.code));
        let (facts_text, rest) = match found {
            Some(_) => (wan(facts), wan(Fen(facts.0 - fees.0))),
            None => (String::new(), String::new()),
        };
        Income { label: class.label, facts: facts_text, fees: wan(fees), rest }
    };
    Ok(ACCOUNTS.iter().map(line).collect())
}

/// Reserves of every guarantor: held, 未到期 and 担保赔偿 to be set aside by the rules, and what covers how much.
async fn reserves(
    read: &Read,
    ui: &Ui,
    found: &[Balance],
    about: Day,
) -> kernel::Result<Vec<(String, String, String, String, String)>> {
    let year = Day::from_ymd_opt(about.year(), 1, 1).unwrap_or(about);
    let mut rows = Vec::new();
    if ui.actor().org.is_none() && !ui.actor().may(FIGURES) {
        return Ok(rows);
    }
    for (operator, name) in agreements::operators(read, &ui.scope(crate::guarantee::CASE)).await? {
        let Some(standing) = agreements::standing(read, operator, about).await? else { continue };
        let balance = Fen(found.iter().filter(|b| b.operator == operator).map(|b| b.amount.0).sum());
        let fees = queries::fees(read, &kernel::access::Scope::Own(operator), (year, about)).await?;
        let earned = fees.iter().find(|(account, _)| account == "guarantee_fee").map_or(Fen(0), |(_, fen)| *fen);
        rows.push((
            name,
            wan(standing.reserve),
            wan(unearned_reserve(earned)),
            wan(reserve_provision(balance, standing.reserve)),
            percent(standing.reserve.0, balance.0),
        ));
    }
    Ok(rows)
}

#[derive(Template)]
#[template(path = "guarantee/totals/templates/bulletin.html")]
struct BulletinPage {
    cx: Frame,
    tabs: Vec<Tab>,
    ledgers: Vec<(String, String, bool)>,
    month: String,
    last: Day,
    fault: String,
    groups: Vec<(&'static str, Vec<LineRow>)>,
    /// Households: how many, share of those with at most 500 万元.
    households: (String, String),
    file: String,
}

struct LineRow {
    name: String,
    issued_n: String,
    issued: String,
    in_force_n: String,
    in_force: String,
    share: String,
}

impl LineRow {
    fn of(line: &Line, total: Fen) -> Self {
        Self {
            name: line.name.clone(),
            issued_n: thousands(line.issued.0),
            issued: wan(line.issued.1),
            in_force_n: thousands(line.in_force.0),
            in_force: wan(line.in_force.1),
            share: percent(line.in_force.1.0, total.0),
        }
    }
}

/// The last day of the month an address names; without one, of the last month that ended before the day asked about.
fn month_of(typed: &str, about: Day) -> kernel::Result<Day> {
    let month = match typed.split_once('-') {
        None if typed.is_empty() => about + chrono::Days::new(1),
        None => return Err(Error::invalid("month", "月份请写成 2021-06 的样子")),
        Some((year, month)) => {
            let (year, month) = (year.parse().unwrap_or(0), month.parse().unwrap_or(0));
            let first = Day::from_ymd_opt(year, month, 1).filter(|_| (2000..=2100).contains(&year));
            let first = first.ok_or_else(|| Error::invalid("month", "没有这个月份，请写成 2021-06 的样子"))?;
            let days = days_in_month(first.year(), first.month()).unwrap_or(28);
            first + chrono::Days::new(u64::from(days))
        }
    };
    Ok(month.with_day(1).unwrap_or(month) - chrono::Days::new(1))
}

pub(in crate::guarantee) async fn bulletin(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, _) = ui.clocks(&read).await?;
    let ledger = Ledger::parse(asked(ui.query(), "ledger")).unwrap_or(Ledger::Guarantee);
    let (last, fault) = match month_of(asked(ui.query(), "month"), about) {
        Ok(last) => (last, String::new()),
        Err(Error::Invalid(faults)) => (month_of("", about)?, faults.at("month").unwrap_or_default().to_owned()),
        Err(other) => return Err(other.into()),
    };
    let month = last.format("%Y-%m").to_string();
    let lines = queries::bulletin(&read, &ui.scope(TOTALS), ledger, last).await?;
    ui.page(&BulletinPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/guarantee/bulletin"),
        ledgers: choices(Ledger::ALL.map(|l| (l.code(), l.label())), ledger.code()),
        groups: grouped(&lines),
        households: of_households(&read, &ui, ledger, last).await?,
        file: link("/guarantee/bulletin.xlsx", &[("ledger", ledger.code()), ("month", &month)]),
        month,
        last,
        fault,
    })
}

async fn of_households(read: &Read, ui: &Ui, ledger: Ledger, last: Day) -> kernel::Result<(String, String)> {
    let small = limit_on(last).map_or(Fen(0), |edition| edition.small);
    let (n, all, of_small) = queries::households(read, &ui.scope(TOTALS), ledger, last, small).await?;
    Ok((thousands(n), percent(of_small.0, all.0)))
}

fn grouped(lines: &[Line]) -> Vec<(&'static str, Vec<LineRow>)> {
    let total = lines.iter().find(|line| line.group == "全部").map_or(Fen(0), |line| line.in_force.1);
    let group = |lines: &[Line]| (lines[0].group, lines.iter().map(|line| LineRow::of(line, total)).collect());
    lines.chunk_by(|a, b| a.group == b.group).map(group).collect()
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(in crate::guarantee) async fn bulletin_file(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, _) = ui.clocks(&read).await?;
    let ledger = Ledger::parse(asked(ui.query(), "ledger")).unwrap_or(Ledger::Guarantee);
    let last = month_of(asked(ui.query(), "month"), about)?;
    let lines = queries::bulletin(&read, &ui.scope(TOTALS), ledger, last).await?;
    let frame = ui.frame(&read).await?;
    let name = format!("政银担月报-{}-{}.xlsx", ledger.label(), last.format("%Y-%m"));
    let at = format!("{}，统计至 {last}", kernel::value::day::minute(read.now()));
    let owner = format!("{}　{}　{}", frame.city, ledger.label(), last.format("%Y 年 %m 月"));
    let bytes = sheet::workbook(&lines, &Issued { owner, at })?;
    drop(read);
    ui.note(Note::of(Verb::FILE_EXPORTED, "bulletin", None).detail("文件", name.clone())).await?;
    Ok(download(&name, XLSX, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        kernel::value::day::parse_day(text).expect("a day")
    }

    #[test]
    fn a_bulletin_is_of_a_whole_month() {
        assert_eq!(month_of("2021-02", day("2021-08-11")).expect("a month"), day("2021-02-28"));
        assert_eq!(month_of("", day("2021-08-11")).expect("a month"), day("2021-07-31"), "the last whole one");
        assert_eq!(month_of("", day("2021-06-30")).expect("a month"), day("2021-06-30"));
        for typed in ["2021", "2021-13", "0000-01", "x-y"] {
            assert!(month_of(typed, day("2021-08-11")).is_err(), "{typed}");
        }
    }
}
