//! A guarantor with net assets and an agreement, banks, firms, and people who act.

use kernel::access::{Actor, Scope, role};
use kernel::id::{AccountId, OrgId};
use kernel::org::{self, NewOrg};
use kernel::store::{Store, Tx};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result};
use testkit::sample::{self, day};
use testkit::{TestStore, stores};

use crate::guarantee::agreements::{self, NewAgreement, NewStanding, Standing};
use crate::guarantee::contracts::{self, Contract, Entry, NewContract};
use crate::guarantee::id::{AgreementId, ContractId, EventId};
use crate::guarantee::rules::{Event, Ledger, Step, split_on};

pub const WAN: i64 = 1_000_000;

/// A city with what the ledgers need.
pub struct City {
    pub store: TestStore,
    pub firms: Vec<OrgId>,
    pub guarantor: OrgId,
    pub other_guarantor: OrgId,
    pub bank: OrgId,
    pub other_bank: OrgId,
    pub agreement: AgreementId,
}

/// A city on each database; the guarantor has 2 亿元, so that one firm may have 2000 万元 in force.
pub async fn cities() -> Vec<City> {
    let mut cities = Vec::new();
    for store in stores(&[crate::guarantee::module()]).await {
        let (firms, _) = sample::city(&store, 6).await;
        let (mut bodies, mut agreement) = (Vec::new(), AgreementId(0));
        store
            .write(&sample::actor(), async |tx| {
                for (kind, code, name) in [
                    ("guarantor", "G1", "样例融资担保有限公司"),
                    ("guarantor", "G2", "另一融资担保有限公司"),
                    ("financial_institution", "B1", "样例银行"),
                    ("financial_institution", "B2", "另一银行"),
                ] {
                    bodies.push(body(tx, kind, code, name).await?);
                }
                stand(tx, bodies[0], 20_000 * WAN).await?;
                agreement = agree(tx, bodies[0], bodies[2], "协议一", Some(5_000 * WAN)).await?;
                Ok(())
            })
            .await
            .unwrap();
        let [guarantor, other_guarantor, bank, other_bank] = bodies[..] else { panic!("four bodies") };
        cities.push(City { store, firms, guarantor, other_guarantor, bank, other_bank, agreement });
    }
    cities
}

async fn body(tx: &Tx, kind: &str, code: &str, name: &str) -> Result<OrgId> {
    let new = NewOrg {
        kind: kind.into(),
        credit_code: None,
        local_code: Some(code.into()),
        since: day(2018, 1, 1),
        attributes: vec![("name".into(), name.into()), ("unit".into(), "3".into())],
        source: "测试".into(),
    };
    org::register(tx, new).await
}

pub async fn stand(tx: &Tx, operator: OrgId, fen: i64) -> Result<()> {
    let standing = Standing {
        as_on: day(2018, 12, 31),
        net_assets: Fen(fen),
        reserve: Fen(0),
        mainly_small: false,
        source: "审计报告".into(),
    };
    agreements::stand(tx, &Scope::All, &NewStanding { operator, standing }).await
}

pub async fn agree(tx: &Tx, operator: OrgId, bank: OrgId, number: &str, cap: Option<i64>) -> Result<AgreementId> {
    let new = NewAgreement {
        operator,
        bank,
        number: number.into(),
        signed_on: day(2019, 1, 1),
        valid_to: day(2023, 12, 31),
        edition: "hubei-2019".into(),
        split: split_on(day(2019, 1, 1)).unwrap().shares.clone(),
        cap: cap.map(Fen),
        payout_days: 60,
        source: "协议文本".into(),
    };
    agreements::agree(tx, &Scope::All, &new).await
}

impl City {
    /// Somebody of the guarantor.
    pub fn clerk(&self, account: i64) -> Actor {
        Actor {
            account: AccountId(account),
            role: role("guarantor").unwrap(),
            org: Some(self.guarantor),
            ..Actor::system(&format!("担保经办{account}"))
        }
    }

    /// Somebody of another body, in a role.
    pub fn somebody(&self, code: &str, org: OrgId) -> Actor {
        let role = role(code).unwrap();
        Actor { account: AccountId(90), role, org: Some(org), ..Actor::system("外人") }
    }

    pub fn contract(&self, firm: usize, number: &str, wan: i64) -> NewContract {
        NewContract {
            ledger: Ledger::Guarantee,
            operator: self.guarantor,
            subject: self.firms[firm],
            bank: self.bank,
            agreement: Some(self.agreement),
            number: number.into(),
            product: "ordinary".into(),
            principal: Fen(wan * WAN),
            rate_bp: 435,
            fee_bp: 80,
            lpr_bp: None,
            signed_on: day(2021, 1, 4),
            matures_on: day(2022, 1, 3),
            person_tail: String::new(),
            underlying: String::new(),
            renewal: String::new(),
            renewal_amount: None,
        }
    }

    /// Registers a contract, as a load would.
    pub async fn signed(&self, new: &NewContract) -> Result<ContractId> {
        self.store.write(&sample::actor(), async |tx| contracts::register(tx, &Scope::All, new).await).await
    }

    /// Posts an event without a second person.
    pub async fn posts(&self, entry: &Entry) -> Result<EventId> {
        posts(&self.store, entry).await
    }

    /// A contract that was paid out.
    pub async fn paid_out(&self, firm: usize, number: &str, wan: i64) -> ContractId {
        let id = self.signed(&self.contract(firm, number, wan)).await.unwrap();
        self.posts(&entry(id, Event::Issued, day(2021, 1, 5), wan * WAN)).await.unwrap();
        id
    }

    pub async fn found(&self, id: ContractId) -> Contract {
        contracts::find(&self.store.read().await.unwrap(), &Scope::All, id).await.unwrap()
    }
}

pub async fn posts(store: &Store, entry: &Entry) -> Result<EventId> {
    store.write(&sample::actor(), async |tx| contracts::post(tx, &Scope::All, entry).await).await
}

pub fn entry(contract: ContractId, event: Event, on: Day, fen: i64) -> Entry {
    let amount = Fen(fen);
    Entry {
        contract,
        seen: None,
        step: Step { event, on, amount, interest: Fen(0), due_on: None },
        account: if event == Event::Fee { "guarantee_fee".into() } else { String::new() },
        document: "凭证".into(),
        note: String::new(),
        maker: None,
    }
}

/// What was refused, as a person reads it.
pub fn told<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::Invalid(faults)) => faults.to_string(),
        Err(other) => other.to_string(),
        Ok(done) => panic!("was not refused: {done:?}"),
    }
}
