//! A small city with enterprises and institutions, and people who act in it.

use kernel::access::{Actor, role};
use kernel::case::{self, Case, Doing, Values};
use kernel::id::{AccountId, CaseId, OrgId, UnitId};
use kernel::org::{self, NewOrg};
use kernel::store::Store;
use kernel::value::credit_code::CreditCode;
use kernel::value::day::{self, Day};
use kernel::{Error, Result};
use testkit::sample::{self, day};

use super::super::assessment::{self, Filling};
use super::super::instrument::{Answers, shipped};
use super::super::report::{self, Report};
use super::super::{ORDER, SELECTION, order};

/// Everybody.
pub struct Stage {
    /// Enterprises: units 1, 2 and 3 in turn; the first is above scale.
    pub firms: Vec<OrgId>,
    /// Institutions.
    pub institutions: Vec<OrgId>,
}

/// A city with so many enterprises and institutions, none of them selected yet.
pub async fn city(store: &Store, firms: i64, institutions: i64) -> Stage {
    let (firms, _) = sample::city(store, firms).await;
    let institutions = store
        .write(&sample::actor(), async |tx| {
            let mut made = Vec::new();
            for n in 0..institutions {
                let code = CreditCode::compose("91420299", &format!("MACH{n:04}")).unwrap();
                let text = |code: &str, value: String| (code.to_owned(), value);
                let new = NewOrg {
                    kind: "diagnosis_institution".into(),
                    credit_code: Some(code.to_string()),
                    local_code: None,
                    since: day(2019, 1, 1),
                    attributes: vec![text("name", format!("样例诊断机构{n:02}有限公司")), text("unit", "1".into())],
                    source: "测试".into(),
                };
                made.push(org::register(tx, new).await?);
            }
            Ok(made)
        })
        .await
        .unwrap();
    Stage { firms, institutions }
}

fn actor(code: &str, account: i64, units: Vec<UnitId>, org: Option<OrgId>) -> Actor {
    Actor::in_role(AccountId(account), &format!("{code}{account}"), role(code).unwrap(), units, org)
}

/// Somebody of the bureau.
pub fn bureau(account: i64) -> Actor {
    actor("bureau_officer", account, vec![], None)
}

/// Somebody of a county.
pub fn county(account: i64, unit: i64) -> Actor {
    actor("county_officer", account, vec![UnitId(unit)], None)
}

/// Somebody of an enterprise.
pub fn firm(org: OrgId) -> Actor {
    actor("enterprise", 1000 + org.0, vec![], Some(org))
}

/// Somebody of an institution.
pub fn institution(org: OrgId) -> Actor {
    actor("institution", 2000 + org.0, vec![], Some(org))
}

pub fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

/// Opens a case.
pub async fn open(store: &Store, by: &Actor, flow: &str, org: OrgId, typed: &[(&str, &str)]) -> Result<CaseId> {
    store.write(by, async |tx| case::open(tx, flow, org, &values(typed), "").await).await
}

/// Does an action on a case as it stands.
pub async fn act(store: &Store, by: &Actor, id: CaseId, action: &str, typed: &[(&str, &str)]) -> Result<Case> {
    act_on(store, by, (id, revision(store, id).await), action, typed).await
}

/// How many events a case has.
pub async fn revision(store: &Store, id: CaseId) -> i64 {
    case::events(&store.read().await.unwrap(), id).await.unwrap().len() as i64
}

/// Does an action on a case as it was at a revision.
pub async fn act_on(
    store: &Store,
    by: &Actor,
    (id, revision): (CaseId, i64),
    action: &str,
    typed: &[(&str, &str)],
) -> Result<Case> {
    let (typed, remarks) = (values(typed), Values::new());
    let doing = Doing { action, revision, values: &typed, note: "测试理由", remarks: &remarks };
    store.write(by, async |tx| case::act(tx, id, doing).await).await
}

/// Today, as the office writes it.
pub fn today() -> String {
    day::today(chrono::Utc::now()).to_string()
}

/// The plan year that is ordered for.
pub fn this_year() -> String {
    today()[..4].to_owned()
}

/// Selects an institution until a day, with so many places a year.
pub async fn select(store: &Store, org: OrgId, until: Day, quota: &str) -> CaseId {
    let application = [("round", "样例遴选"), ("qualification", "样例资质")];
    let id = open(store, &institution(org), SELECTION.code, org, &application).await.unwrap();
    act(store, &bureau(1), id, "notice", &[("score", "90")]).await.unwrap();
    let result = [
        ("document", "样例公告〔2021〕1号"),
        ("selected_on", "2021-02-26"),
        ("valid_from", "2021-03-01"),
        ("valid_to", &until.to_string()),
        ("quota", quota),
    ];
    act(store, &bureau(1), id, "select", &result).await.unwrap();
    id
}

/// A day that has not come in any test.
pub fn far() -> Day {
    day(2999, 12, 31)
}

/// An order of an enterprise, sent to an institution.
pub async fn assigned(store: &Store, firm_org: OrgId, to: OrgId) -> CaseId {
    let id = open(store, &firm(firm_org), ORDER.code, firm_org, &[("plan_year", &this_year())]).await.unwrap();
    act(store, &bureau(1), id, "assign", &[("institution", &to.to_string())]).await.unwrap();
    id
}

/// The four steps, with the first so many signs of each ticked.
pub fn answers(signs: [usize; 4]) -> Answers {
    let steps = shipped().iter().find(|i| i.code == "four-steps").unwrap();
    let ticked = steps.items.iter().zip(signs).map(|(item, n)| {
        let from = usize::from(n > 0);
        let codes = item.options.iter().skip(from).take(n.max(1)).map(|o| o.code.clone()).collect();
        (item.code.clone(), codes)
    });
    ticked.collect()
}

/// Submits the four steps for an order.
pub async fn assess(store: &Store, by: &Actor, id: CaseId, signs: [usize; 4]) -> Result<()> {
    let steps = shipped().iter().find(|i| i.code == "four-steps").unwrap();
    store
        .write(by, async |tx| {
            let order = order::hold(tx, id).await?;
            let done = assessment::latest(tx, id).await?;
            let stage = assessment::stage_to_fill(&order, &done, tx.today());
            let answers = answers(signs);
            assessment::submit(tx, &order, &Filling { stage, instrument: steps, answers: &answers, revision: 0 }).await
        })
        .await
        .map(drop)
}

/// A report with all parts and one recommendation.
pub fn whole(revision: i64) -> Report {
    let item = report::Item {
        problem: "上下料靠人工".into(),
        measure: "加装自动上下料".into(),
        effect: "人均产出提高".into(),
        priority: "high".into(),
        ..report::Item::default()
    };
    Report {
        parts: ["现状", "案例", "发现", "上云", "测评", "建议"].map(str::to_owned),
        items: vec![item],
        revision,
        saved: None,
    }
}

/// Writes a report.
pub async fn write_report(store: &Store, by: &Actor, id: CaseId, report: &Report) -> Result<()> {
    store
        .write(by, async |tx| {
            let order = order::hold(tx, id).await?;
            report::save(tx, &order, report).await
        })
        .await
}

/// Brings an assigned order to the state in which it waits for acceptance.
pub async fn to_confirmed(store: &Store, id: CaseId, firm_org: OrgId, by: OrgId) {
    let (enterprise, institute) = (firm(firm_org), institution(by));
    act(store, &institute, id, "take", &[]).await.unwrap();
    act(store, &institute, id, "enter", &[("on_site_on", &today())]).await.unwrap();
    assess(store, &institute, id, [3, 2, 1, 0]).await.unwrap();
    write_report(store, &institute, id, &whole(0)).await.unwrap();
    act(store, &institute, id, "deliver", &[("report_no", "样例1号"), ("reported_on", &today())]).await.unwrap();
    act(store, &enterprise, id, "confirm", &[]).await.unwrap();
}

/// The message of a conflict.
pub fn conflict<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Conflict(message)) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it went through"),
    }
}
