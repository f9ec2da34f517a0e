//! The institutions: how long they are valid, how many places they have, how they do; and what is settled with one.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::Scope;
use kernel::audit::{Note, Verb};
use kernel::case::clock;
use kernel::id::OrgId;
use kernel::store::Read;
use kernel::value::industry;
use kernel::value::money::{Fen, MoneyUnit};
use kernel::{Error, org};
use sheets::{Column, Filled, Issued, Kind, Template as Sheet, Value};
use web::{Frame, Posted, Result, Ui, download};

use super::super::queries::{self, Placed};
use super::super::ranking::{Means, mean, ranked, records, share};
use super::super::rules::Institution;
use super::super::{READ, SELECT, SETTLE, actions, institutions, subsidy};
use super::{Tab, asked, id, tabs, unit_names, year};

/// How an institution did.
struct Ranked {
    org: OrgId,
    name: String,
    orders: i64,
    in_time: String,
    reworked: String,
    accepted: String,
    rated: String,
    gained: String,
}

/// Means of a group: name, T0, T1, T2.
type Mean = (String, String, String, String);

#[derive(Template)]
#[template(path = "diagnosis/templates/institutions.html")]
struct List {
    cx: Frame,
    tabs: Vec<Tab>,
    year: i32,
    selected: Vec<Institution>,
    today: kernel::value::day::Day,
    ranked: Vec<Ranked>,
    /// What is averaged, the head of its first column, its rows.
    means: Vec<(&'static str, &'static str, Vec<Mean>)>,
    may_select: bool,
}

impl List {
    fn state(&self, one: &Institution) -> (&'static str, &'static str) {
        match (one.is_valid(self.today), one.valid_from > self.today) {
            (true, _) => ("有效", "state-ok"),
            (false, true) => ("未到有效期", "state-info"),
            (false, false) => ("已过有效期", "state-off"),
        }
    }
}

pub(in super::super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let year = year(&ui, &read).await?;
    let scope = ui.scope(READ);
    let orders = queries::placed(&read, &scope, year, None).await?;
    // An institution or a firm sees how itself did, never how the others do.
    let orders: Vec<Placed> = match scope {
        Scope::Own(own) => orders.into_iter().filter(|order| order.institution == own).collect(),
        _ => orders,
    };
    let steps = queries::steps(&read, &scope).await?;
    let (stars, scores) = (queries::ratings(&read, &scope).await?, queries::scores(&read, &scope).await?);
    let days = clock("diagnosis.report").map_or(20, |clock| clock.working_days);
    let told = orders.iter().map(|order| {
        let done = steps.get(&order.id).map_or(&[][..], Vec::as_slice);
        (order, done, stars.get(&order.id).copied(), scores.get(&order.id))
    });
    let counted = records(told, days);
    let mut selected = institutions::selected(&read, year).await?;
    selected.sort_by_key(|one| (std::cmp::Reverse(one.valid_to), one.org));
    let (by_institution, by_industry) = means(&orders, &scores);
    ui.page(&List {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/diagnosis/institutions"),
        year,
        selected,
        today: read.today(),
        ranked: ranked(counted).into_iter().map(|(org, record)| row(org, record)).collect(),
        means: vec![("按机构平均得分", "机构", by_institution), ("按行业平均得分", "行业", by_industry)],
        may_select: ui.actor().may(SELECT),
    })
}

fn row(org: OrgId, record: super::super::ranking::Record) -> Ranked {
    Ranked {
        org,
        name: record.name,
        orders: record.orders,
        in_time: share(record.in_time, record.delivered, 1),
        reworked: share(record.reworked, record.delivered, 1),
        accepted: format!("{} / {}", record.accepted, record.orders),
        rated: match record.rated {
            0 => "—".to_owned(),
            n => format!("{}（{n} 家）", mean(rust_decimal::Decimal::from(record.stars), n, 1)),
        },
        gained: match record.again {
            0 => "—".to_owned(),
            n => format!("{} 分（{n} 家）", mean(record.gained, n, 1)),
        },
    }
}

fn means(
    orders: &[Placed],
    scores: &BTreeMap<kernel::id::CaseId, BTreeMap<i64, rust_decimal::Decimal>>,
) -> (Vec<Mean>, Vec<Mean>) {
    let (mut by_institution, mut by_industry) = (BTreeMap::<&str, Means>::new(), BTreeMap::<&str, Means>::new());
    for order in orders {
        if let Some(scores) = scores.get(&order.id) {
            by_institution.entry(&order.institution_name).or_default().add(scores);
            by_industry.entry(&order.division).or_default().add(scores);
        }
    }
    let told = |name: String, means: &Means| (name, means.of(0), means.of(1), means.of(2));
    let division =
        |code: &str| industry::find(code).map_or_else(|| "行业未知".to_owned(), |found| found.name.to_string());
    (
        by_institution.iter().map(|(name, means)| told((*name).to_owned(), means)).collect(),
        by_industry.iter().map(|(code, means)| told(division(code), means)).collect(),
    )
}

/// An order on a settlement sheet.
struct Settled {
    order: Placed,
    unit: String,
    tier: String,
    granted: Option<Fen>,
    settled: Option<Fen>,
}

#[derive(Template)]
#[template(path = "diagnosis/templates/settlement.html")]
struct Settlement {
    cx: Frame,
    year: i32,
    org: OrgId,
    name: String,
    rows: Vec<Settled>,
    settled: Fen,
    open: usize,
    may_settle: bool,
    unconfirmed: String,
}

impl Settlement {
    fn wan(&self, fen: &Fen) -> String {
        fen.exact_wan()
    }
}

/// The settlement of an institution, if the reader may see it: its own, or that of orders in his reach.
async fn sheet(ui: &Ui, read: &Read, org: OrgId) -> Result<Settlement> {
    let (scope, year) = (ui.scope(READ), year(ui, read).await?);
    if matches!(scope, Scope::Own(own) if own != org) {
        return Err(Error::NotFound.into());
    }
    let orders = queries::placed(read, &scope, year, Some(org)).await?;
    // An institution of another unit is seen by its orders in the reader's reach.
    let body = match orders.is_empty() {
        true => org::find_within(read, &scope, org).await?,
        false => org::find(read, org).await?,
    };
    let units = unit_names(read).await?;
    let (mut rows, mut unconfirmed) = (Vec::new(), String::new());
    for order in orders.into_iter().filter(|o| matches!(o.state.as_str(), "accepted" | "settled")) {
        let granted = subsidy::granted(read, order.firm, &order.values).await?;
        if let Some(granted) = &granted {
            unconfirmed.clone_from(&granted.unconfirmed);
        }
        rows.push(Settled {
            unit: units.get(&order.unit.0).cloned().unwrap_or_default(),
            tier: granted.as_ref().map(|g| g.tier.clone()).unwrap_or_default(),
            granted: granted.map(|g| g.amount),
            settled: order.settled(),
            order,
        });
    }
    Ok(Settlement {
        cx: ui.frame(read).await?,
        year,
        org,
        name: body.name,
        settled: Fen::checked_sum(rows.iter().filter_map(|row| row.settled)).unwrap_or(Fen::ZERO),
        open: rows.iter().filter(|row| row.settled.is_none()).count(),
        rows,
        may_settle: ui.actor().may(SETTLE),
        unconfirmed,
    })
}

pub(in super::super) async fn settlement(ui: Ui, Path(org): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&sheet(&ui, &read, id(&org)?).await?)
}

pub(in super::super) async fn settle(
    ui: Ui,
    Path(org): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let org = id::<OrgId>(&org)?;
    let year = asked(&fields, "year").parse().map_err(|_| Error::invalid("year", "请从结算页面上办理"))?;
    let here = format!("/diagnosis/institutions/{org}/settlement?year={year}");
    match ui.write(async |tx| actions::settle_all(tx, org, year).await).await {
        Ok(n) => ui.done(&here, &format!("已结算 {n} 件")).await,
        Err(Error::Conflict(told)) => ui.done(&here, &told).await,
        Err(other) => Err(other.into()),
    }
}

/// The columns of a settlement sheet.
fn template() -> Sheet {
    let wan = || Kind::Money(MoneyUnit::Wan);
    Sheet {
        code: "diagnosis.settlement",
        label: "诊断补助结算表",
        version: 1,
        note: "一行一件已验收的诊断；标准金额按企业所属计划年度的补助标准。",
        columns: vec![
            Column::new("number", "诊断单号", Kind::Code),
            Column::new("name", "企业名称", Kind::Text),
            Column::new("credit_code", "统一社会信用代码", Kind::CreditCode),
            Column::new("unit", "填报单元", Kind::Text),
            Column::new("report_no", "报告编号", Kind::Text),
            Column::new("completed_on", "完成日期", Kind::Day),
            Column::new("tier", "补助档次", Kind::Text),
            Column::new("granted", "标准金额", wan()),
            Column::new("settled", "结算金额", wan()),
            Column::new("settled_on", "结算日期", Kind::Day),
            Column::new("state", "状态", Kind::Text),
        ],
    }
}

fn filled(row: &Settled) -> Filled {
    let order = &row.order;
    let text = |text: &str| Value::Text(text.to_owned());
    let mut values = BTreeMap::from([
        ("number", text(&order.id.to_string())),
        ("name", text(&order.firm_name)),
        ("credit_code", text(&order.firm_code)),
        ("unit", text(&row.unit)),
        ("report_no", text(order.values.get("report_no").map_or("", String::as_str))),
        ("tier", text(&row.tier)),
        ("state", text(super::ORDER.state_label(&order.state))),
    ]);
    let days = [("completed_on", order.day("completed_on")), ("settled_on", order.day("settled_on"))];
    values.extend(days.into_iter().filter_map(|(key, day)| Some((key, Value::Day(day?)))));
    let money = [("granted", row.granted), ("settled", row.settled)];
    values.extend(money.into_iter().filter_map(|(key, fen)| Some((key, Value::Money(fen?)))));
    Filled { key: order.id.to_string(), values }
}

pub(in super::super) async fn settlement_sheet(ui: Ui, Path(org): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let page = sheet(&ui, &read, id(&org)?).await?;
    let issued = Issued { owner: format!("{}（{} 年度）", page.name, page.year), at: read.today().to_string() };
    let rows: Vec<Filled> = page.rows.iter().map(filled).collect();
    let bytes = sheets::write(&template(), &rows, &issued)?;
    let name = format!("诊断补助结算表-{}-{}.xlsx", page.name, page.year);
    let entry = Note::of(Verb::FILE_EXPORTED, "org", Some(page.org.0)).detail("文件", name.clone());
    ui.note(entry).await?;
    Ok(download(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes))
}
