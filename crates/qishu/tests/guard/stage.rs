//! The stage: two enterprises of two units, each with one of everything, and an account for every role.

use std::collections::HashMap;
use std::sync::Arc;

use intake::imports::{What, blank, receive};
use kernel::access::{
    Actor, At, NewMembership, Policy, Reach, Role, Scope, grant, open_account, prepare_password, role, set_password,
    starter_roles,
};
use kernel::case::{self, NewFile, Scanned, Values};
use kernel::consent::{self, Edition, NewConsent};
use kernel::id::{AccountId, AmendmentId, CaseId, ConsentId, OrgId, Position, PublicationId, UnitId};
use kernel::indicator::Filter;
use kernel::ledger::{NewFact, record};
use kernel::org::{self, NewOrg};
use kernel::publication::{self, Cited, Draft, Proposal};
use kernel::seal::{SealKey, seal_all};
use kernel::store::Tx;
use kernel::value::credit_code::CreditCode;
use kernel::value::day::Day;
use kernel::value::money::Fen;
use money::guarantee::contracts::{self, Entry, NewContract};
use money::guarantee::rules::{Event, Ledger, Step};
use testkit::{Client, TestApp, TestStore};
use web::{App, Edges};

pub const PASSWORD: &str = "rain on three roofs";
pub const UNITS: [&str; 2] = ["甲县", "乙县"];
/// Classes of GB/T 4754 of the two enterprises, of different divisions.
const INDUSTRIES: [&str; 2] = ["3451", "1711"];

/// One of everything that belongs to one enterprise.
#[derive(Debug, Clone)]
pub struct Owned {
    pub unit: UnitId,
    pub industry: &'static str,
    pub org: OrgId,
    pub name: String,
    pub code: String,
    pub fact: Position,
    pub record: i64,
    pub amendment: AmendmentId,
    pub import: i64,
    pub case: CaseId,
    /// A file of the case.
    pub file: i64,
    pub project: CaseId,
    /// A contract with an event, of which it is operator, firm and bank in one.
    pub contract: (i64, i64),
    /// An order for a diagnosis.
    pub order: CaseId,
    /// A demand for credit.
    pub demand: CaseId,
    /// What somebody asked who says to be of the enterprise.
    pub claim: i64,
    /// What it consented to.
    pub consent: ConsentId,
}

pub struct Stage {
    pub store: TestStore,
    pub app: TestApp,
    /// What accounts with a unit or an organisation own, and what belongs to another.
    pub own: Owned,
    pub foreign: Owned,
    pub publication: PublicationId,
    pub proposal: CaseId,
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
    let proposal = proposed(&store).await;
    seal_all(&store, &SealKey::from_bytes(&[7; 32]).unwrap(), 100).await.unwrap();
    for role in held() {
        account(&store, &role.code, &role, &own).await;
    }
    // Somebody who holds a consent of both, and has no account of those that the table tells of.
    let receiver = bank(&store, "样例银行", "MADT0077").await;
    account(&store, "receiver", &role("bank").unwrap(), &Owned { org: receiver, ..own.clone() }).await;
    for owned in [&mut own, &mut foreign] {
        owned.consent = consented(&store, owned.org, receiver).await;
    }
    let app = TestApp::new(&store, qishu::city::slices()).await;
    for owned in [&mut own, &mut foreign] {
        owned.claim = claimed(&app, &store, owned).await;
    }
    Stage { store, app, own, foreign, publication, proposal }
}

/// Every role that an account can hold at the start.
pub fn held() -> Vec<Arc<Role>> {
    starter_roles().cloned().collect()
}

/// An account in a role that owns what `owned` is, as far as its grants reach.
pub async fn account(store: &TestStore, login: &str, role: &Role, owned: &Owned) {
    let by_industry = role.grants.iter().any(|grant| grant.reach.contains(&Reach::Industry));
    let industries = if by_industry { vec![owned.industry[..2].to_owned()] } else { Vec::new() };
    let (unit, org) = ((role.at == At::Unit).then_some(owned.unit), (role.at == At::Organisation).then_some(owned.org));
    let opened = async |tx: &mut Tx| {
        let id = open_account(tx, login, &role.label).await?;
        let member = NewMembership {
            role: role.code.clone(),
            unit,
            org,
            industries,
            reason: "开通账号".into(),
            ..NewMembership::from(tx.today())
        };
        grant(tx, id, &member).await?;
        Ok(id)
    };
    let id = store.write(&actor(), opened).await.unwrap();
    let password = prepare_password(store, id, PASSWORD).await.unwrap();
    store.write(&actor(), async |tx| set_password(tx, password, None).await).await.unwrap();
}

async fn register(tx: &Tx, unit: i64) -> kernel::Result<(OrgId, String, String)> {
    let code = CreditCode::compose("91420200", &format!("MADT{unit:04}"))
        .map_err(|e| kernel::Error::Internal(e.to_string()))?
        .to_string();
    let name = format!("{}的秘密企业", UNITS[unit as usize - 1]);
    let attributes = [
        ("name", name.clone()),
        ("unit", unit.to_string()),
        ("industry", INDUSTRIES[unit as usize - 1].into()),
        ("above_scale", "1".into()),
    ];
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
    let attached = NewFile { name: "材料.pdf", bytes: b"%PDF-1.7", scanned: Scanned::Not };
    let file = store.write(&actor(), async |tx| case::attach(tx, case, attached).await).await.unwrap();
    let project = project(store, org).await;
    let contract = signed(store, org, unit).await;
    let asked: Values = [("plan_year".to_owned(), chrono::Utc::now().format("%Y").to_string())].into();
    let flow = transform::diagnosis::ORDER.code;
    let order = store.write(&actor(), async |tx| case::open(tx, flow, org, &asked, "").await).await.unwrap();
    let demand = demand(store, org).await;
    Owned {
        unit: UnitId(unit),
        industry: INDUSTRIES[unit as usize - 1],
        org,
        name,
        code,
        fact,
        record: record.0,
        amendment,
        import,
        case,
        file,
        project,
        contract,
        order,
        demand,
        claim: 0,
        consent: ConsentId(0),
    }
}

/// A demand of a firm that is registered on the financing platform.
async fn demand(store: &TestStore, org: OrgId) -> CaseId {
    let asked = [("amount", "100"), ("months", "12"), ("way", "credit"), ("purpose", "周转")];
    let asked: Values = asked.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    let firm = Actor::in_role(AccountId(0), "企业", role("enterprise").unwrap(), Vec::new(), Some(org));
    let flows = (money::finance::REGISTRATION.code, money::finance::DEMANDS.code);
    // What is registered counts from the end of its act on.
    store.write(&firm, async |tx| case::open(tx, flows.0, org, &Values::new(), "").await).await.unwrap();
    store.write(&firm, async |tx| case::open(tx, flows.1, org, &asked, "").await).await.unwrap()
}

/// A bank of no unit.
pub async fn bank(store: &TestStore, name: &str, number: &str) -> OrgId {
    let new = NewOrg {
        kind: "financial_institution".into(),
        credit_code: Some(CreditCode::compose("91420200", number).unwrap().to_string()),
        local_code: None,
        since: day(1, 1),
        attributes: vec![("name".to_owned(), name.to_owned())],
        source: "登记".into(),
    };
    store.write(&actor(), async |tx| org::register(tx, new).await).await.unwrap()
}

async fn consented(store: &TestStore, org: OrgId, to: OrgId) -> ConsentId {
    let giver = Actor::in_role(AccountId(0), "企业", role("enterprise").unwrap(), Vec::new(), Some(org));
    store
        .write(&giver, async |tx| {
            let on = tx.today();
            let text = Edition::on(on).map(Edition::digest).unwrap_or_default();
            let (recipient, items, purpose) = (Some(to), vec!["diagnosis".to_owned()], "贷款".to_owned());
            consent::give(tx, &NewConsent { recipient, items, purpose, valid_from: on, valid_to: on, text }).await
        })
        .await
        .unwrap()
}

/// A project that waits to be checked.
async fn project(store: &TestStore, org: OrgId) -> CaseId {
    let plan = [
        ("name", "冲压车间改造"),
        ("invest", "1000"),
        ("start_on", "2021-01-01"),
        ("end_on", "2021-12-31"),
        ("source", "own"),
        ("contact", "联系人"),
    ];
    let plan: Values = plan.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    store.write(&actor(), async |tx| case::open(tx, "projects.project", org, &plan, "").await).await.unwrap()
}

/// A start-up loan, so that no limits have to be set up.
async fn signed(store: &TestStore, org: OrgId, unit: i64) -> (i64, i64) {
    let amount = Fen(1_000_000);
    let sign = async |tx: &mut Tx| {
        let bank = NewOrg {
            kind: "financial_institution".into(),
            credit_code: None,
            local_code: Some(format!("BANK{unit}")),
            since: day(1, 1),
            attributes: vec![("name".into(), format!("{}的银行", UNITS[unit as usize - 1]))],
            source: "登记".into(),
        };
        let new = NewContract {
            ledger: Ledger::Startup,
            operator: org,
            subject: org,
            bank: org::register(tx, bank).await?,
            agreement: None,
            number: format!("合同{unit}"),
            product: "startup".into(),
            principal: amount,
            rate_bp: 435,
            fee_bp: 0,
            lpr_bp: None,
            signed_on: day(1, 4),
            matures_on: day(12, 31),
            person_tail: String::new(),
            underlying: String::new(),
            renewal: String::new(),
            renewal_amount: None,
        };
        let contract = contracts::register(tx, &Scope::All, &new).await?;
        let step = Step { event: Event::Issued, on: day(1, 5), amount, interest: Fen(0), due_on: None };
        let text = String::new;
        let entry = Entry { contract, seen: None, step, account: text(), document: text(), note: text(), maker: None };
        Ok((contract.0, contracts::post(tx, &Scope::All, &entry).await?.0))
    };
    store.write(&actor(), sign).await.unwrap()
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

/// A proposal that the bureau answers.
async fn proposed(store: &TestStore) -> CaseId {
    let new = NewOrg {
        kind: "government".into(),
        credit_code: None,
        local_code: Some("GOV-1".into()),
        since: day(1, 1),
        attributes: vec![("name".into(), "样例市经信局".into())],
        source: "登记".into(),
    };
    let registered = [
        ("kind", "cppcc"),
        ("year", "2021"),
        ("number", "7"),
        ("title", "关于样例的提案"),
        ("proposer", "某委员会"),
        ("category", "other"),
        ("received_on", "2021-03-01"),
    ];
    let registered: Values = registered.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    store
        .write(&actor(), async |tx| {
            let bureau = org::register(tx, new).await?;
            case::open(tx, govern::proposals::FLOW.code, bureau, &registered, "").await
        })
        .await
        .unwrap()
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
            Some("proposals") => self.proposal.0,
            Some("cases") => owned.case.0,
            Some("projects") => owned.project.0,
            Some("claims") => owned.claim,
            Some("consents") => owned.consent.0,
            Some("guarantee") if pattern.contains("/contracts/") => owned.contract.0,
            Some("diagnosis") if pattern.starts_with("/diagnosis/orders/") => owned.order.0,
            Some("finance") if pattern.contains("/demands/") => owned.demand.0,
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
            .replace("{file}", &owned.file.to_string())
            .replace("{event}", &owned.contract.1.to_string())
            .replace("{seq}", "1")
            .replace("{what}", "orgs")
            .replace("{role}", "county_officer")
            .replace("{link}", "no-such-link")
            .replace("{number}", "1")
    }
}
