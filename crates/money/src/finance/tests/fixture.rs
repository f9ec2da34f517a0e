//! Firms, two institutions that take part, and people who act.

use kernel::access::{Actor, role};
use kernel::case::{self, Doing, Values};
use kernel::id::{AccountId, CaseId, OrgId};
use kernel::org::{self, NewOrg};
use kernel::store::{Store, Tx};
use kernel::{Error, Result};
use testkit::sample::{self, day};
use testkit::{TestStore, stores};

/// A city with what the marketplace needs.
pub struct City {
    pub store: TestStore,
    pub firms: Vec<OrgId>,
    pub bank: OrgId,
    pub other_bank: OrgId,
}

/// A city on each database: two banks have joined, the first two firms are registered.
pub async fn cities() -> Vec<City> {
    let mut cities = Vec::new();
    for store in stores(&[crate::finance::module()]).await {
        let (firms, _) = sample::city(&store, 4).await;
        let mut banks = Vec::new();
        store
            .write(&sample::actor(), async |tx| {
                for (code, name) in [("B1", "样例银行"), ("B2", "另一银行")] {
                    banks.push(bank(tx, code, name).await?);
                }
                Ok(())
            })
            .await
            .unwrap();
        let [bank, other_bank] = banks[..] else { panic!("two banks") };
        let city = City { store, firms, bank, other_bank };
        for bank in [bank, other_bank] {
            let id = city.opens(&city.banker(bank), "finance.admission", bank, &[("contact", "公司部")]).await.unwrap();
            city.acts(&city.bureau(), id, "admit", &[]).await.unwrap();
        }
        for firm in &city.firms[..2] {
            city.opens(&city.owner(*firm), "finance.registration", *firm, &[]).await.unwrap();
        }
        cities.push(city);
    }
    cities
}

async fn bank(tx: &Tx, code: &str, name: &str) -> Result<OrgId> {
    let new = NewOrg {
        kind: "financial_institution".into(),
        credit_code: None,
        local_code: Some(code.into()),
        since: day(2018, 1, 1),
        attributes: vec![("name".into(), name.into()), ("unit".into(), "3".into())],
        source: "测试".into(),
    };
    org::register(tx, new).await
}

fn values(typed: &[(&str, &str)]) -> Values {
    typed.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect()
}

/// A product that fits most demands.
pub const PRODUCT: &[(&str, &str)] = &[
    ("name", "样例贷"),
    ("least", "10"),
    ("most", "500"),
    ("months", "24"),
    ("least_rate", "400"),
    ("most_rate", "600"),
    ("repayment", "end"),
    ("way", "credit"),
    ("materials", "营业执照、近两年报表"),
    ("accept_days", "2"),
    ("decide_days", "7"),
];

impl City {
    fn somebody(&self, account: i64, code: &str, org: Option<OrgId>) -> Actor {
        Actor { account: AccountId(account), role: role(code).unwrap(), org, ..Actor::system(code) }
    }

    /// Somebody of an institution.
    pub fn banker(&self, bank: OrgId) -> Actor {
        self.somebody(100 + bank.0, "bank", Some(bank))
    }

    /// Somebody of a firm.
    pub fn owner(&self, firm: OrgId) -> Actor {
        self.somebody(200 + firm.0, "enterprise", Some(firm))
    }

    /// Somebody of the bureau.
    pub fn bureau(&self) -> Actor {
        self.somebody(300, "bureau_officer", None)
    }

    pub async fn opens(&self, actor: &Actor, flow: &str, subject: OrgId, typed: &[(&str, &str)]) -> Result<CaseId> {
        let values = values(typed);
        self.store.write(actor, async |tx| case::open(tx, flow, subject, &values, "").await).await
    }

    /// Does an action on a case as it is now.
    pub async fn acts(&self, actor: &Actor, id: CaseId, action: &str, typed: &[(&str, &str)]) -> Result<String> {
        let revision = case::find(&self.store.read().await?, actor, id).await?.revision;
        acts_on(&self.store, actor, (id, revision), action, typed).await
    }

    /// A demand of the first firm over 100 万元.
    pub async fn demand(&self) -> CaseId {
        let firm = self.firms[0];
        let typed = [("amount", "100"), ("months", "12"), ("way", "credit"), ("purpose", "购买原料")];
        self.opens(&self.owner(firm), "finance.demand", firm, &typed).await.unwrap()
    }

    /// The first firm asks an institution.
    pub async fn asks(&self, demand: CaseId, bank: OrgId, wan: &str) -> Result<CaseId> {
        let (firm, demand, bank) = (self.firms[0], demand.to_string(), bank.to_string());
        let typed = [
            ("demand", demand.as_str()),
            ("bank", bank.as_str()),
            ("amount", wan),
            ("months", "12"),
            ("purpose", "购买原料"),
        ];
        self.opens(&self.owner(firm), "finance.offer", firm, &typed).await
    }

    /// An answer over 100 万元 that was offered, chosen, granted and signed today.
    pub async fn signed(&self) -> (CaseId, Actor) {
        let (bank, firm) = (self.banker(self.bank), self.owner(self.firms[0]));
        let demand = self.demand().await;
        let id = self.asks(demand, self.bank, "100").await.unwrap();
        let today = self.today().await;
        self.acts(&bank, id, "accept", &[]).await.unwrap();
        let offer = [("offered", "100"), ("term", "12"), ("rate", "480"), ("repayment", "end")];
        self.acts(&bank, id, "offer", &offer).await.unwrap();
        self.acts(&firm, id, "choose", &[]).await.unwrap();
        self.acts(&bank, id, "grant", &[("granted", "100"), ("granted_on", today.as_str())]).await.unwrap();
        self.acts(&bank, id, "sign", &[("contract", "样例〔1〕号"), ("signed_on", today.as_str())]).await.unwrap();
        (id, bank)
    }

    /// Today, as typed.
    pub async fn today(&self) -> String {
        self.store.read().await.unwrap().today().to_string()
    }
}

/// Does an action on a case as it was at a revision; the state after it.
pub async fn acts_on(
    store: &Store,
    actor: &Actor,
    (id, revision): (CaseId, i64),
    action: &str,
    typed: &[(&str, &str)],
) -> Result<String> {
    let (values, remarks) = (values(typed), Values::new());
    let doing = Doing { action, revision, values: &values, note: "按规定办理", remarks: &remarks };
    store.write(actor, async |tx| case::act(tx, id, doing).await.map(|case| case.state)).await
}

/// What was refused, as a person reads it.
pub fn told<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::Invalid(faults)) => faults.to_string(),
        Err(other) => other.to_string(),
        Ok(done) => panic!("was not refused: {done:?}"),
    }
}
