//! Proposal 82 from receipt to the opinion about its answer, by the same acts as its pages, on the last day of the
//! demonstration. It waits for the receipt, as the form of 2021 did. Days before the answer are made up.

use chrono::{DateTime, TimeDelta, Utc};
use govern::proposals::{self, Contact, FLOW, Issue, Promised};
use kernel::access::Actor;
use kernel::case::{self, Doing, Values};
use kernel::id::CaseId;
use kernel::store::Store;
use kernel::{Error, Result, args};

use super::cases::{actor, values};

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/huangshi-2021/proposal-82.md"));

const REGISTERED: [(&str, &str); 9] = [
    ("kind", "cppcc"),
    ("year", "2021"),
    ("number", "82"),
    ("title", "关于加快我市中小企业信息化平台建设的提案"),
    ("proposer", "农工党黄石市委会"),
    ("category", "digital"),
    ("is_key", "no"),
    ("suggested", "市经信局"),
    ("received_on", "2021-05-12"),
];

/// The means that the form of 2021 ticks.
const CONTACTS: [(&str, &str, &str); 4] = [
    ("letter", "2021-05-24", "函送办理方案，征求意见"),
    ("phone", "2021-06-15", "电话说明诊断服务进展"),
    ("visit", "2021-07-08", "上门走访，面商答复要点"),
    ("appointment", "2021-07-29", "约见提案人，核对平台建设时间安排"),
];

/// Promises of the reply: what is promised, by whom, until when, the figure that tells, what it must reach.
const PROMISES: [[&str; 5]; 2] = [
    ["智能化诊断服务覆盖规上企业500家以上", "市经信局技改科", "2023-12-31", "diagnosis.plan_coverage", "500"],
    ["每月召开一次项目推进调度会", "市经信局办公室", "2021-12-31", "meetings.dispatches", "12"],
];

/// The steps of one case, a minute apart.
struct Steps<'s> {
    store: &'s Store,
    at: DateTime<Utc>,
}

impl Steps<'_> {
    fn next(&mut self) -> DateTime<Utc> {
        self.at += TimeDelta::minutes(1);
        self.at
    }

    async fn act(&mut self, by: &Actor, id: CaseId, action: &str, pairs: &[(&str, &str)]) -> Result<()> {
        let revision = case::find(&self.store.read().await?, by, id).await?.revision;
        let (typed, nothing) = (values(pairs), Values::new());
        let doing = Doing { action, revision, values: &typed, note: "", remarks: &nothing };
        let at = self.next();
        self.store.write_at(at, by, async |tx| case::act(tx, id, doing).await).await.map(drop)
    }
}

/// Registers, answers and issues proposal 82, and writes down what its proposer said.
pub(super) async fn answer(store: &Store, from: DateTime<Utc>) -> Result<()> {
    let (officer, leader) = (actor(store, "jingban").await?, actor(store, "lingdao").await?);
    let mut steps = Steps { store, at: from };
    let sql = "SELECT id FROM organisation WHERE local_code = $1";
    let bureau = store.read().await?.one((sql, args!["HS-GOV-001"])).await?.get("id").map(kernel::id::OrgId)?;
    let (at, typed) = (steps.next(), values(&REGISTERED));
    let id = store.write_at(at, &officer, async |tx| case::open(tx, FLOW.code, bureau, &typed, "").await).await?;
    steps.act(&officer, id, "assign", &[("lead", "市经信局"), ("assigned_on", "2021-05-18")]).await?;
    steps.act(&officer, id, "accept", &[]).await?;
    for (means, on, body) in CONTACTS {
        let contact = Contact { means: means.into(), on: on.into(), body: body.into() };
        let at = steps.next();
        store.write_at(at, &officer, async |tx| proposals::log_contact(tx, id, &contact).await).await?;
    }
    for [body, owner, due_on, indicator, floor] in PROMISES.map(|p| p.map(str::to_owned)) {
        let promised = Promised { body, owner, due_on, indicator, floor };
        let at = steps.next();
        store.write_at(at, &officer, async |tx| proposals::keep_promise(tx, id, &promised).await).await?;
    }
    for text in [proposals::BEGINNING, TEXT] {
        let at = steps.next();
        store.write_at(at, &officer, async |tx| proposals::save_draft(tx, id, "2021-08-11", text).await).await?;
    }
    steps.act(&officer, id, "draft", &[("mark", "b")]).await?;
    steps.act(&leader, id, "countersign", &[]).await?;
    steps.act(&leader, id, "approve", &[]).await?;
    let reason = "两个在库项目的类型待核，核定后归类；清单所列企业已完成诊断，列入下一批资金支持";
    let issue = Issue { signed_on: "2021-08-11".into(), reason: reason.into() };
    let ready = proposals::prepare(&store.read().await?, &officer, id, &issue).await?;
    let at = steps.next();
    store.write_at(at, &officer, async |tx| proposals::issue(tx, ready).await).await?;
    steps.act(&officer, id, "deliver", &[("delivered_on", "2021-08-11")]).await?;
    let given = [("effect", "b"), ("evaluation", "satisfied"), ("publish", "yes"), ("opinion_on", "2021-08-11")];
    steps.act(&officer, id, "opinion", &given).await.map_err(|e| Error::Internal(e.detail()))
}
