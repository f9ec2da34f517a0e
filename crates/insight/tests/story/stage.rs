//! The stage: the sample city on each database, with facts, a target, a declared figure and people.

use chrono::{DateTime, Utc};
use insight::reply::citation::{CitationDef, City, Letter};
use kernel::access::{NewAccount, create_account};
use kernel::id::{OrgId, RecordId, UnitId};
use kernel::indicator::{declare, set_target};
use kernel::ledger::NewFact;
use kernel::module::Module;
use kernel::store::Tx;
use kernel::value::money::Fen;
use testkit::sample::{self, day};
use testkit::{Client, Dice, TestApp, TestStore};
use web::Slice;

pub const PASSWORD: &str = "a-password-for-tests";

pub struct Stage {
    pub on: &'static str,
    pub app: TestApp,
    pub orgs: Vec<OrgId>,
    pub record: RecordId,
    pub store: TestStore,
}

impl Stage {
    /// The store behind the application.
    pub fn store(&self) -> &kernel::store::Store {
        &self.store
    }

    pub async fn client(&self, login: &str) -> Client {
        self.app.signed_in(login, PASSWORD).await
    }

    /// Does something to the store that no page does.
    pub async fn act(&self, act: impl AsyncFnOnce(&mut Tx) -> kernel::Result<()>) {
        self.store.write(&sample::actor(), act).await.unwrap();
    }

    /// Runs one statement.
    pub async fn run(&self, sql: &str, args: Vec<kernel::store::Value>) {
        self.act(async |tx| tx.run((sql, args)).await.map(drop)).await;
    }

    /// When each session ends, in order.
    pub async fn session_ends(&self) -> Vec<DateTime<Utc>> {
        let rows = self.store.read().await.unwrap().all("SELECT expires_at FROM session ORDER BY expires_at").await;
        rows.unwrap().iter().map(|row| row.get("expires_at").unwrap()).collect()
    }
}

fn slices(city: Option<&'static City>) -> Vec<Slice> {
    let mut slices = insight::slices(city);
    slices.push(Slice::without_pages(sample::MODULE));
    slices
}

/// A letter that cites a value, a floor that holds and one that does not.
fn city() -> &'static City {
    let def = |id: &str, over| CitationDef {
        id: id.into(),
        indicators: vec!["sample.visits".into()],
        about: day(2021, 6, 30),
        over,
        floor_phrase: None,
        printed: None,
        form: None,
        unit: "次".into(),
        as_of: "2021-06-30".into(),
    };
    let text = "---\ntitle: 回复\nsender: 某局\naddressee: 某会\n---\n\n共{{A01}}，{{A02|超过}}，{{A03|超过}}。\n";
    let reply = Letter::parse(text).unwrap();
    Box::leak(Box::new(City { figures: vec![def("A01", None), def("A02", Some(2)), def("A03", Some(9999))], reply }))
}

/// The application over the sample city on each database.
pub async fn stages() -> Vec<Stage> {
    let modules: Vec<Module> = slices(None).iter().map(|slice| slice.module).collect();
    let mut stages = Vec::new();
    for store in testkit::stores(&modules).await {
        let (orgs, record) = sample::city(&store, 40).await;
        facts(&store, &orgs, record).await;
        people(&store, &orgs).await;
        let app = TestApp::new(&store, slices(Some(city()))).await;
        stages.push(Stage { on: store.on, app, orgs, record, store });
    }
    stages
}

/// 200 facts in no order, some with a counterparty, some without a class.
async fn facts(store: &TestStore, orgs: &[OrgId], record: RecordId) {
    let actor = sample::actor();
    let write = store.write(&actor, async |tx| {
        let mut dice = Dice(82);
        for _ in 0..200 {
            let org = *dice.pick(orgs);
            let on = day(2021, dice.below(8) as u32 + 1, dice.below(28) as u32 + 1);
            let fact = match dice.below(3) {
                0 => NewFact::new("sample.visited", org, on, record).with(*dice.pick(&orgs[..3])),
                1 => {
                    let class = *dice.pick(&["a", "b", ""]);
                    NewFact::new("sample.paid", org, on, record).class(class).amount(Fen(dice.below(1_000_000) as i64))
                }
                _ => NewFact::new("sample.joined", org, on, record).amount(Fen(dice.below(1_000_000) as i64)),
            };
            tx.record(fact).await?;
        }
        set_target(tx, "sample.visits", "2021", 1, 20, "文件一").await?;
        set_target(tx, "sample.visits", "2021", 2, 30, "文件一").await?;
        declare(tx, "sample.declared", "4", day(2021, 6, 1), "通报", "责任人").await?;
        tx.run(("INSERT INTO setting (name, value) VALUES ($1, $2)", kernel::args!["about.default", "2021-08-11"]))
            .await?;
        Ok(())
    });
    write.await.unwrap();
}

async fn people(store: &TestStore, orgs: &[OrgId]) {
    let people: [(&str, &str, Option<UnitId>, Option<OrgId>); 5] = [
        ("officer", "bureau_officer", None, None),
        ("east", "county_officer", Some(UnitId(1)), None),
        ("west", "county_officer", Some(UnitId(2)), None),
        ("firm", "enterprise", None, Some(orgs[4])),
        ("auditor", "auditor", None, None),
    ];
    for (login, role, unit, org) in people {
        let new = NewAccount { login, name: login, role, password: PASSWORD, unit, org };
        store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
    }
}
