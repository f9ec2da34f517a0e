//! The stage: two enterprises of two units, each with one of everything, and an account for every role.

use std::collections::HashMap;
use std::sync::Arc;

use intake::imports::{What, blank, receive};
use kernel::access::{Actor, NewAccount, Policy, Reach, Role, create_account, role};
use kernel::case::{self, Values};
use kernel::id::{AmendmentId, CaseId, OrgId, Position, PublicationId, UnitId};
use kernel::indicator::Filter;
use kernel::ledger::{NewFact, record};
use kernel::org::{self, NewOrg};
use kernel::publication::{self, Cited, Draft, Proposal};
use kernel::seal::{SealKey, seal_all};
use kernel::store::Tx;
use kernel::value::credit_code::CreditCode;
use kernel::value::day::Day;
use testkit::{Client, TestApp, TestStore};
use web::{App, Edges};

pub const PASSWORD: &str = "a-password-for-tests";
pub const UNITS: [&str; 2] = ["甲县", "乙县"];

/// One of everything that belongs to one enterprise.
#[derive(Debug, Clone)]
pub struct Owned {
    pub unit: UnitId,
    pub org: OrgId,
    pub name: String,
    pub code: String,
    pub fact: Position,
    pub record: i64,
    pub amendment: AmendmentId,
    pub import: i64,
    pub case: CaseId,
    /// An order for a diagnosis.
    pub order: CaseId,
    /// What somebody asked who says to be of the enterprise.
    pub claim: i64,
}

pub struct Stage {
    pub store: TestStore,
    pub app: TestApp,
    /// What accounts with a unit or an organisation own, and what belongs to another.
    pub own: Owned,
    pub foreign: Owned,
    pub publication: PublicationId,
}

fn day(month: u32, day: u32) -> Day {
    Day::from_ymd_opt(2021, month, day).unwrap()
}

fn actor() -> Actor {
    Actor::system("准备")
}

/// The application on each database.
pub async fn stages() -> Vec<Stage> {
    let mut stages = Vec::new();
    for store in testkit::stores(&qishu::city::modules()).await {
        stages.push(set(store).await);
    }
    stages
}

async fn set(store: TestStore) -> Stage {
    store
        .write(&actor(), async |tx| {
            for (at, name) in UNITS.iter().enumerate() {
                org::create_unit(tx, UnitId(at as i64 + 1), &format!("unit{at}"), name).await?;
            }
            let settings =
                "INSERT INTO setting (name, value) VALUES ('city.name', '样例市'), ('about.default', '2021-08-11')";
            tx.run(settings).await?;
            // Administrators sign in without an authenticator here.
            Policy { second_factor: Vec::new(), ..Policy::default() }.set(tx).await
        })
        .await
        .unwrap();
    let mut own = owned(&store, 1).await;
    let mut foreign = owned(&store, 2).await;
    let publication = published(&store).await;
    seal_all(&store, &SealKey::from_bytes(&[7; 32]).unwrap(), 100).await.unwrap();
    for role in held() {
        account(&store, &role.code, &role, &own).await;
    }
    let app = TestApp::new(&store, qishu::city::slices()).await;
    for owned in [&mut own, &mut foreign] {
        owned.claim = claimed(&app, &store, owned).await;
    }
    Stage { store, app, own, foreign, publication }
}

/// The roles that have an account in the demonstration.
pub fn held() -> Vec<Arc<Role>> {
    let codes = [
        "bureau_leader",
        "bureau_officer",
        "county_officer",
        "enterprise",
        "institution",
        "bank",
        "auditor",
        "system_admin",
        "security_admin",
        "audit_admin",
    ];
    codes.iter().map(|code| role(code).unwrap()).collect()
}

/// An account in a role that owns what `owned` is, as far as its grants reach.
pub async fn account(store: &TestStore, login: &str, role: &Role, owned: &Owned) {
    let reaches = |reach: Reach| role.grants.iter().any(|grant| grant.reach.contains(&reach));
    let new = NewAccount {
        login,
        name: &role.label,
        role: &role.code,
        password: PASSWORD,
        unit: reaches(Reach::Units).then_some(owned.unit),
        org: reaches(Reach::Own).then_some(owned.org),
    };
    store.write(&actor(), async |tx| create_account(tx, new).await).await.unwrap();
}

async fn register(tx: &Tx, unit: i64) -> kernel::Result<(OrgId, String, String)> {
    let code = CreditCode::compose("91420200", &format!("MADT{unit:04}"))
        .map_err(|e| kernel::Error::Internal(e.to_string()))?
        .to_string();
    let name = format!("{}的秘密企业", UNITS[unit as usize - 1]);
    let attributes =
        [("name", name.clone()), ("unit", unit.to_string()), ("industry", "3451".into()), ("above_scale", "1".into())];
    let new = NewOrg {
        kind: "enterprise".into(),
        credit_code: Some(code.clone()),
        local_code: None,
        since: day(1, 1),
        attributes: attributes.map(|(code, value)| (code.to_owned(), value)).to_vec(),
        source: "登记".into(),
    };
    Ok((org::register(tx, new).await?, name, code))
}

async fn owned(store: &TestStore, unit: i64) -> Owned {
    let (org, name, code, record) = store
        .write(&actor(), async |tx| {
            let (org, name, code) = register(tx, unit).await?;
            let record = record::enter(tx, "diagnosis", &format!("{name}的台账"), "", "").await?;
            tx.record(NewFact::new("diagnosis.completed", org, day(3, 1), record)).await?;
            Ok((org, name, code, record))
        })
        .await
        .unwrap();
    let fact = store.read().await.unwrap().one("SELECT MAX(position) AS p FROM fact").await.unwrap();
    let fact = Position(fact.int("p").unwrap());
    let all = actor().scope(kernel::access::Permission("ledger.read"));
    let amendment = store
        .write(&actor(), async |tx| publication::request(tx, &all, fact, "登记错了", &Proposal::REVERSE, &[]).await)
        .await
        .unwrap();
    let officer = role("county_officer").unwrap();
    let sender = Actor { role: officer, units: vec![UnitId(unit)], ..Actor::system("经办") };
    let (file, bytes) = blank(store, &sender, What::Orgs).await.unwrap();
    let import = receive(store, &sender, What::Orgs, &file, bytes).await.unwrap();
    let asked = [("attribute", "park"), ("value", "园区"), ("valid_from", "2021-02-01"), ("source", "协议")];
    let asked: Values = asked.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    let flow = registry::changes::FLOW.code;
    let case = store.write(&actor(), async |tx| case::open(tx, flow, org, &asked, "").await).await.unwrap();
    let asked: Values = [("plan_year".to_owned(), chrono::Utc::now().format("%Y").to_string())].into();
    let flow = transform::diagnosis::ORDER.code;
    let order = store.write(&actor(), async |tx| case::open(tx, flow, org, &asked, "").await).await.unwrap();
    Owned { unit: UnitId(unit), org, name, code, fact, record: record.0, amendment, import, case, order, claim: 0 }
}

async fn claimed(app: &TestApp, store: &TestStore, owned: &Owned) -> i64 {
    let login = format!("apply{}", owned.unit);
    let form = [
        ("credit_code", &*owned.code),
        ("login", &login),
        ("name", "申请人"),
        ("statement", "会计，办理填报"),
        ("password", "rain on three roofs"),
        ("again", "rain on three roofs"),
    ];
    let answer = app.visitor().post("/register", &form).await;
    assert_eq!(answer.status, 200, "{:?}", answer.texts(".field-error"));
    store.read().await.unwrap().one("SELECT MAX(id) AS id FROM org_claim").await.unwrap().int("id").unwrap()
}

async fn published(store: &TestStore) -> PublicationId {
    let read = store.read().await.unwrap();
    let known = read.head().unwrap();
    let cited = Cited {
        citation: "A01".into(),
        printed: "2".into(),
        indicator: "diagnosis.completed".into(),
        about: day(8, 11),
        filter: Filter::default(),
    };
    let (published_on, body) = (day(8, 11), "{}".into());
    let draft = Draft { title: "答复".into(), published_on, known, body, figures: vec![cited] };
    let frozen = publication::freeze(&read, &draft).await.unwrap();
    drop(read);
    store
        .write(&actor(), async |tx| publication::enter(tx, &draft, frozen, vec![], &HashMap::new()).await)
        .await
        .unwrap()
}

impl Stage {
    pub async fn client(&self, login: &str) -> Client {
        self.app.signed_in(login, PASSWORD).await
    }

    /// The same city towards a network with these edges.
    pub async fn at_edges(&self, edges: Edges) -> axum::Router {
        let slices = qishu::city::slices();
        let app = App::at_edges(self.store.store.clone(), &slices, edges).await.unwrap();
        app.router(slices)
    }

    /// A pattern of the route table with the numbers of one owner in it.
    pub fn path(&self, pattern: &str, owned: &Owned) -> String {
        let id = match pattern.split('/').find(|part| !part.is_empty() && *part != "api" && *part != "v1") {
            Some("records") => owned.record,
            Some("amendments") => owned.amendment.0,
            Some("imports") => owned.import,
            Some("publications") => self.publication.0,
            Some("cases") => owned.case.0,
            Some("claims") => owned.claim,
            Some("diagnosis") if pattern.starts_with("/diagnosis/orders/") => owned.order.0,
            _ => owned.org.0,
        };
        let code = match pattern {
            _ if pattern.ends_with("/declared") => "finance.rank",
            _ if pattern.starts_with("/flows/") => "registry.change",
            _ => "diagnosis.completed",
        };
        pattern
            .replace("{id}", &id.to_string())
            .replace("{position}", &owned.fact.to_string())
            .replace("{code}", code)
            .replace("{seq}", "1")
            .replace("{what}", "orgs")
            .replace("{role}", "county_officer")
            .replace("{link}", "no-such-link")
            .replace("{number}", "1")
    }
}
