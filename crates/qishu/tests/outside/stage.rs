//! A firm and an officer who wants to be told by mail and telephone.

use chrono::{DateTime, Utc};
use kernel::access::{Actor, NewAccount, create_account, role};
use kernel::case::{self, Values};
use kernel::id::{AccountId, CaseId, OrgId, UnitId};
use kernel::notice::{self, Choice, DeliveryState};
use kernel::org::{self, NewOrg};
use kernel::store::{Store, Tx};
use kernel::value::day::Day;
use kernel::{Result, args};

pub const PASSWORD: &str = "a long password";

/// Who is on the stage.
pub struct People {
    pub firm: OrgId,
    pub own: Actor,
    pub officer: Actor,
}

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}+08:00")).unwrap().with_timezone(&Utc)
}

async fn account(store: &Store, login: &str, code: &str, (unit, org): (Option<UnitId>, Option<OrgId>)) -> Actor {
    let new = NewAccount { login, name: login, role: code, password: PASSWORD, unit, org };
    let act = async |tx: &mut Tx| create_account(tx, new).await;
    let id: AccountId = store.write_at(at("2021-01-04T09:00:00"), &Actor::system("测试"), act).await.unwrap();
    Actor::in_role(id, login, role(code).unwrap(), unit.into_iter().collect(), org)
}

/// One unit, one firm with an account, one officer reached at `mail`, or by telephone without it.
pub async fn people(store: &Store, mail: &str) -> People {
    let new = NewOrg {
        kind: "enterprise".into(),
        credit_code: None,
        local_code: Some("OUT-1".into()),
        since: Day::from_ymd_opt(2019, 1, 1).unwrap(),
        attributes: vec![("name".into(), "样例企业有限公司".into()), ("unit".into(), "1".into())],
        source: "测试".into(),
    };
    let found = async |tx: &mut Tx| {
        org::create_unit(tx, UnitId(1), "u1", "第一单元").await?;
        org::register(tx, new).await
    };
    let firm = store.write_at(at("2021-01-04T09:00:00"), &Actor::system("测试"), found).await.unwrap();
    let own = account(store, "企业", "enterprise", (None, Some(firm))).await;
    let officer = account(store, "县局", "county_officer", (Some(UnitId(1)), None)).await;
    let phone = if mail.is_empty() { "13800000000" } else { "" };
    let chosen = Choice { mail: mail.into(), phone: phone.into(), daily: false };
    store.write(&officer, async |tx| notice::choose(tx, &chosen).await).await.unwrap();
    People { firm, own, officer }
}

/// The firm asks for a change, of which the officer is told.
pub async fn ask(store: &Store, people: &People, now: DateTime<Utc>) -> CaseId {
    let typed = [("attribute", "park"), ("value", "开发园"), ("valid_from", "2021-02-01"), ("source", "入园协议")];
    let typed: Values = typed.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    let act = async |tx: &mut Tx| case::open(tx, "registry.change", people.firm, &typed, "").await;
    store.write_at(now, &people.own, act).await.unwrap()
}

/// How many deliveries stand where.
pub async fn counted(store: &Store, state: DeliveryState) -> i64 {
    let counted = notice::counted(&store.read().await.unwrap()).await.unwrap();
    counted.iter().find(|(each, _)| *each == state).unwrap().1
}

/// What the receiver of the last delivery that ended or waits said.
pub async fn answer(store: &Store, channel: &str) -> Result<String> {
    let sql = "SELECT answer FROM delivery WHERE channel = $1 ORDER BY id DESC LIMIT 1";
    store.read().await?.one((sql, args![channel])).await?.get("answer")
}
