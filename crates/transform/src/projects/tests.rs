//! What enterprises and counties do with projects.

#![allow(clippy::unwrap_used, reason = "tests")]

mod county;
mod months;
mod screens;
mod steps;

use kernel::access::{Actor, At, Grant, Role};
use kernel::case::{self, Case, Doing, FactShape, Values};
use kernel::id::{AccountId, CaseId, OrgId, UnitId};
use kernel::indicator::{Number, Question, figure};
use kernel::store::Store;
use kernel::{Error, Result};
use testkit::sample::{ALL, day};
use testkit::{TestStore, stores};

use super::{FLOW, ReportForm, file_report};

/// Stores that know projects, with three firms in three units.
async fn cities() -> Vec<(TestStore, Vec<OrgId>)> {
    let mut found = Vec::new();
    for store in stores(&[super::module()]).await {
        let orgs = store
            .write(&Actor::system("测试"), async |tx| {
                for (id, code, name) in [(1, "east", "东区"), (2, "west", "西区"), (3, "north", "北区")] {
                    kernel::org::create_unit(tx, UnitId(id), code, name).await?;
                }
                let mut orgs = Vec::new();
                for i in 0..3 {
                    orgs.push(testkit::sample::enterprise(tx, i, i + 1, true).await?);
                }
                Ok(orgs)
            })
            .await
            .unwrap();
        found.push((store, orgs));
    }
    found
}

fn person(account: i64, name: &str, at: At, reach: &str, permissions: &[&str]) -> Actor {
    let grants = permissions.iter().map(|permission| Grant::parse(permission, reach).unwrap()).collect();
    let role = Role { code: name.into(), label: name.into(), at, grants };
    Actor::in_role(AccountId(account), &format!("{name}{account}"), role.into(), vec![], None)
}

/// Somebody of a firm.
fn firm(account: i64, org: OrgId) -> Actor {
    let permissions = ["projects.read", "projects.file", "projects.report"];
    Actor { org: Some(org), ..person(account, "企业", At::Organisation, "own", &permissions) }
}

/// An officer of a county.
fn county(account: i64, unit: i64) -> Actor {
    let permissions = ["projects.read", "projects.file", "projects.report", "projects.check"];
    Actor { units: vec![UnitId(unit)], ..person(account, "县区", At::Unit, "units", &permissions) }
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

const PLAN: &[(&str, &str)] = &[
    ("name", "冲压车间改造"),
    ("type", "智能车间"),
    ("invest", "1000"),
    ("start_on", "2021-01-01"),
    ("end_on", "2021-12-31"),
    ("milestones", "设备采购 2021-03-31\n设备安装 2021-06-30"),
    ("equipment", "机器人 2 300"),
    ("source", "企业自主"),
    ("contact", "张三"),
];

async fn filed(store: &Store, by: &Actor, org: OrgId) -> CaseId {
    store.write(by, async |tx| case::open(tx, FLOW.code, org, &values(PLAN), "").await).await.unwrap()
}

async fn act(store: &Store, by: &Actor, id: CaseId, action: &str, typed: &[(&str, &str)]) -> Result<Case> {
    let revision = case::find(&store.read().await?, &Actor::system("测试"), id).await?.revision;
    let (values, remarks) = (values(typed), Values::new());
    let doing = Doing { action, revision, values: &values, note: "按会议纪要", remarks: &remarks };
    store.write(by, async |tx| case::act(tx, id, doing).await).await
}

/// A project of the first firm that is being built, with the firm and its officer.
async fn building(store: &Store, org: OrgId) -> (CaseId, Actor, Actor) {
    let (firm, officer) = (firm(11, org), county(21, 1));
    let id = filed(store, &firm, org).await;
    act(store, &officer, id, "enter", &[("entered_on", "2021-02-01")]).await.unwrap();
    act(store, &firm, id, "start", &[("began_on", "2021-02-10")]).await.unwrap();
    (id, firm, officer)
}

async fn report(
    store: &Store,
    by: &Actor,
    id: CaseId,
    month: &str,
    invested: &str,
    more: &[(&str, &str)],
) -> Result<()> {
    let reports = super::queries::reports(&store.read().await?, &[id]).await?.remove(&id).unwrap_or_default();
    let seen = reports.iter().map(|report| report.id).max().unwrap_or(0).to_string();
    let mut fields = vec![("month", month), ("invested", invested), ("seen", seen.as_str())];
    fields.extend_from_slice(more);
    let fields: Vec<(String, String)> = fields.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let form = ReportForm::of(&fields);
    store.write(by, async |tx| file_report(tx, id, &form).await).await
}

async fn number(store: &Store, code: &str) -> Number {
    let read = store.read().await.unwrap();
    let question = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
    figure(&read, code, &question).await.unwrap().number
}

/// Facts that cite a record and stand.
async fn standing(store: &Store, record: kernel::id::RecordId) -> Vec<FactShape> {
    let read = store.read().await.unwrap();
    let mut found = Vec::new();
    for position in case::facts_of(&read, record).await.unwrap() {
        let fact = kernel::ledger::browse::find(&read, &ALL, position).await.unwrap();
        let kind = read.catalog().kind(&fact.kind).unwrap().decl.code;
        found.push(FactShape {
            kind,
            class: fact.class,
            on: fact.occurred_on,
            quantity: fact.quantity,
            amount: fact.amount.0,
        });
    }
    found.sort();
    found
}

/// Events, row, ledger, reports and what the library keeps tell the same story.
async fn consistent(store: &Store, id: CaseId) {
    let read = store.read().await.unwrap();
    let held = case::find(&read, &Actor::system("测试"), id).await.unwrap();
    let replayed = case::replay(held.flow, &case::events(&read, id).await.unwrap())
        .unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
    assert_eq!((&replayed.state, &replayed.values), (&held.state, &held.values), "case {id}");
    let mut told = replayed.facts;
    told.sort();
    assert_eq!(told, standing(store, held.record).await, "case {id}");
    let project = super::queries::find(&read, &ALL, id).await.unwrap();
    assert_eq!(project.name, held.values["name"], "case {id}");
    assert_eq!(project.planned.0.to_string(), held.values["invest"], "case {id}");
    assert_eq!(project.class, held.values.get("type").cloned().unwrap_or_default(), "case {id}");
    let reports = super::queries::reports(&read, &[id]).await.unwrap().remove(&id).unwrap_or_default();
    let counted = super::model::standing(&reports);
    assert_eq!(project.invested.0, counted.iter().map(|report| report.invested.0).sum::<i64>(), "case {id}");
    for report in &reports {
        let stands = counted.iter().any(|one| one.id == report.id) && report.invested.0 != 0;
        let facts = standing(store, report.record).await;
        assert_eq!(
            facts.iter().map(|fact| fact.amount).collect::<Vec<_>>(),
            if stands { vec![report.invested.0] } else { vec![] }
        );
    }
    assert_eq!(project.marks.next_due.is_some(), held.state == "building", "lights are for what is being built");
}

fn conflict(error: Error) -> String {
    match error {
        Error::Conflict(message) => message,
        other => panic!("{other:?}"),
    }
}

fn fault(error: Error, field: &str) -> String {
    match error {
        Error::Invalid(faults) => faults.at(field).unwrap_or_else(|| panic!("{faults:?}")).to_owned(),
        other => panic!("{other:?}"),
    }
}
