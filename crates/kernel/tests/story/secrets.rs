//! Sensitive fields: sealed at rest, masked, told for a purpose; keys that are changed, wrong or gone.

use kernel::Error;
use kernel::access::{NewAccount, create_account, second};
use kernel::cipher::{KeyRing, count_unsealed, reseal};
use kernel::id::OrgId;
use kernel::org::{self, Assertion};
use kernel::{args, audit};
use testkit::sample::{self, ALL, MODULE, actor, day};
use testkit::{FIELD_KEY, TestStore, stores};

const PHONE: &str = "13800138000";
const NEW_KEY: [u8; 16] = [77; 16];

async fn with_phone(store: &TestStore) -> (OrgId, OrgId) {
    let (orgs, _) = sample::city(store, 2).await;
    for (org, phone) in [(orgs[0], PHONE), (orgs[1], "0714-5550100")] {
        let told = async |tx: &mut kernel::store::Tx| {
            org::assert(tx, org, "contact_phone", phone, day(2021, 1, 1), None, "企业来函").await
        };
        store.write(&actor(), told).await.unwrap();
    }
    (orgs[0], orgs[1])
}

async fn phone(store: &TestStore, org: OrgId) -> Assertion {
    let history = org::history(&store.read().await.unwrap(), org, None).await.unwrap();
    org::value_on(&history, "contact_phone", day(2021, 8, 11)).unwrap().clone()
}

/// Every text of a table, as somebody with the file would read it.
async fn dumped(store: &TestStore, sql: &str) -> String {
    let rows = store.read().await.unwrap().all(sql).await.unwrap();
    rows.iter().map(|row| row.get::<String>("text").unwrap()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_telephone_is_sealed_at_rest_and_masked_until_somebody_asks() {
    for store in stores(&[MODULE]).await {
        let on = store.on;
        let (org, _) = with_phone(&store).await;
        let held = phone(&store, org).await;
        for sql in [
            "SELECT value AS text FROM org_attribute",
            "SELECT sealed AS text FROM secret",
            "SELECT changes AS text FROM audit",
            "SELECT purpose AS text FROM audit",
        ] {
            let text = dumped(&store, sql).await;
            assert!(!text.contains(PHONE) && !text.contains("138001"), "{on}: {sql}: {text}");
        }
        let read = store.read().await.unwrap();
        assert_eq!(org::display("contact_phone", &held.value, |_| String::new()), "（已加密）", "{on}");
        assert_eq!(org::masked(&read, org, &held).await, "138****8000", "{on}");
        assert_eq!(org::reveal(&read, org, &held).await.unwrap(), PHONE, "{on}");
        // The log says that it was changed, not to what.
        let entries = audit::list(&read, &ALL, &audit::Query { limit: 50, ..Default::default() }).await.unwrap();
        let told: Vec<_> = entries.iter().flat_map(|e| &e.changes).filter(|c| c.label() == "联系电话").collect();
        assert_eq!(told[0].after(), "（已加密）新的内容", "{on}");
        drop(read);
        let wrong = async |tx: &mut kernel::store::Tx| {
            org::assert(tx, org, "contact_phone", "没有电话", day(2021, 2, 1), None, "来函").await
        };
        assert!(matches!(store.write(&actor(), wrong).await, Err(Error::Invalid(_))), "{on}");
    }
}

#[tokio::test]
async fn with_a_wrong_key_or_a_moved_value_nothing_is_shown_and_all_else_works() {
    for store in stores(&[MODULE]).await {
        let on = store.on;
        let (org, other) = with_phone(&store).await;
        let held = phone(&store, org).await;
        store.use_field_keys(KeyRing::of(&[NEW_KEY]));
        let read = store.read().await.unwrap();
        let Err(Error::Unavailable(told)) = org::reveal(&read, org, &held).await else { panic!("{on}: it was opened") };
        assert!(told.contains("密钥") && !told.contains("138") && !told.contains("sm4"), "{on}: {told}");
        assert!(org::masked(&read, org, &held).await.contains("暂时不能读取"), "{on}");
        assert!(org::find_within(&read, &ALL, org).await.is_ok(), "{on}: all else works");
        drop(read);
        // Somebody with the database puts the other firm's number in place.
        store.use_field_keys(KeyRing::of(&[FIELD_KEY]));
        let others = phone(&store, other).await.value.parse::<i64>().unwrap();
        let ours = held.value.parse::<i64>().unwrap();
        let moved = "UPDATE secret SET sealed = (SELECT s.sealed FROM secret s WHERE s.id = $1) WHERE id = $2";
        store.upkeep("测试", async |tx| tx.run((moved, args![others, ours])).await).await.unwrap();
        let read = store.read().await.unwrap();
        assert!(matches!(org::reveal(&read, org, &held).await, Err(Error::Unavailable(_))), "{on}: moved");
        let borrowed = Assertion { value: others.to_string(), ..held };
        assert!(matches!(org::reveal(&read, org, &borrowed).await, Err(Error::NotFound)), "{on}: another's number");
    }
}

#[tokio::test]
async fn a_key_is_changed_and_the_old_one_forgotten() {
    for store in stores(&[MODULE]).await {
        let on = store.on;
        let (org, _) = with_phone(&store).await;
        let held = phone(&store, org).await;
        let new = NewAccount {
            login: "officer",
            name: "经办",
            role: "bureau_officer",
            password: "a harbour for boats",
            unit: None,
            org: None,
        };
        let id = store.write(&actor(), async |tx| create_account(tx, new).await).await.unwrap();
        let secret = second::new_secret().unwrap();
        let now = || chrono::Utc::now().timestamp();
        let code = second::shown(&secret, now()).unwrap();
        let codes = store.write(&actor(), async |tx| second::bind(tx, id, &secret, &code).await).await.unwrap();
        let stored = "SELECT totp_secret AS text FROM account WHERE totp_secret IS NOT NULL";
        assert!(!dumped(&store, stored).await.contains(&secret), "{on}: the secret of the authenticator is sealed");
        store.use_field_keys(KeyRing::of(&[NEW_KEY, FIELD_KEY]));
        assert_eq!(count_unsealed(&store.read().await.unwrap()).await.unwrap(), 3, "{on}");
        assert_eq!(reseal(&store).await.unwrap(), 3, "{on}");
        store.use_field_keys(KeyRing::of(&[NEW_KEY]));
        let read = store.read().await.unwrap();
        assert_eq!(count_unsealed(&read).await.unwrap(), 0, "{on}");
        assert_eq!(org::reveal(&read, org, &held).await.unwrap(), PHONE, "{on}: by the new key alone");
        drop(read);
        // Without the key an authenticator lets nobody in, and the recovery codes still do.
        let check = async |typed: &str| store.upkeep("测试", async |tx| second::check(tx, id, typed).await).await;
        store.use_field_keys(KeyRing::of(&[[5; 16]]));
        let next = second::shown(&secret, now() + 30).unwrap();
        assert!(matches!(check(&next).await, Err(Error::Unavailable(_))), "{on}");
        assert!(check(&codes[0]).await.unwrap(), "{on}: a recovery code");
        store.use_field_keys(KeyRing::of(&[NEW_KEY]));
        assert!(check(&next).await.unwrap(), "{on}: the authenticator again");
        // What stands there from before there were keys is sealed.
        let plain = "UPDATE account SET totp_secret = $1 WHERE id = $2";
        store.upkeep("测试", async |tx| tx.run((plain, args![secret.clone(), id])).await).await.unwrap();
        assert_eq!(reseal(&store).await.unwrap(), 1, "{on}");
        assert!(!dumped(&store, stored).await.contains(&secret), "{on}");
    }
}
