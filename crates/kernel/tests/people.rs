//! Stories of accounts, roles and what follows from them, on both databases.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use chrono::TimeDelta;
use kernel::access::{self, *};
use kernel::id::{AccountId, OrgId, UnitId};
use kernel::store::Sql;
use kernel::value::day::Day;
use kernel::{Error, Result, args};
use testkit::sample::{self, MODULE, actor};
use testkit::{TestStore, stores};

const PASSWORD: &str = "a harbour for boats";

async fn account(store: &TestStore, login: &str, role: &str, unit: Option<i64>, org: Option<OrgId>) -> AccountId {
    let new = NewAccount { login, name: login, role, password: PASSWORD, unit: unit.map(UnitId), org };
    store.write(&actor(), async |tx| create_account(tx, new).await).await.unwrap()
}

async fn granted(store: &TestStore, to: AccountId, new: NewMembership) -> Result<i64> {
    store.write(&actor(), async |tx| access::grant(tx, to, &new).await).await
}

fn role_in(role: &str, from: Day) -> NewMembership {
    NewMembership { role: role.into(), reason: "任职文件".into(), ..NewMembership::from(from) }
}

async fn person(store: &TestStore, id: AccountId, seat: &str) -> Person {
    find_person(&store.read().await.unwrap(), id, seat).await.unwrap()
}

fn fields(result: Result<impl std::fmt::Debug>) -> Vec<String> {
    match result {
        Err(Error::Invalid(faults)) => faults.0.into_iter().map(|f| f.field).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

#[tokio::test]
async fn three_duties_are_never_in_one_hand() {
    for store in stores(&[MODULE]).await {
        sample::city(&store, 1).await;
        let today = store.read().await.unwrap().today();
        let admins = ["system_admin", "security_admin", "audit_admin"];
        for held in admins {
            let id = account(&store, held, held, None, None).await;
            for added in admins.into_iter().chain(["bureau_officer"]).filter(|a| *a != held) {
                assert_eq!(
                    fields(granted(&store, id, role_in(added, today)).await),
                    ["role"],
                    "{} {held} {added}",
                    store.on
                );
                let later = NewMembership { valid_from: today + TimeDelta::days(30), ..role_in(added, today) };
                assert_eq!(fields(granted(&store, id, later).await), ["role"], "{}: not later either", store.on);
            }
            assert_eq!(list_memberships(&store.read().await.unwrap(), id).await.unwrap().len(), 1);
        }
        let officer = account(&store, "officer", "bureau_officer", None, None).await;
        assert_eq!(fields(granted(&store, officer, role_in("audit_admin", today)).await), ["role"], "{}", store.on);
        // Nor by editing a role: neither a mixture, nor another duty for a role that somebody holds.
        let grant = |permission: &str| Grant::parse(permission, "all").unwrap();
        for grants in [vec![grant("registry.read"), grant("audit.read")], vec![grant("audit.read")], vec![]] {
            let is_plain = grants.is_empty();
            let set = store.write(&actor(), async |tx| set_role(tx, "bureau_officer", "市局经办", grants).await).await;
            assert_eq!(set.is_ok(), is_plain, "{}", store.on);
        }
        assert!(list_conflicts(&store.read().await.unwrap()).await.unwrap().is_empty(), "{}", store.on);
        // Rows written past the rule are found.
        let sql = "INSERT INTO membership (account_id, role, valid_from, reason, granted_at, granted_by) VALUES ($1, 'audit_admin', $2, '', $3, '')";
        store.write(&actor(), async |tx| tx.run((sql, args![officer, today, tx.now()])).await).await.unwrap();
        let found = list_conflicts(&store.read().await.unwrap()).await.unwrap();
        assert_eq!(found.len(), 1, "{}: {found:?}", store.on);
    }
}

#[tokio::test]
async fn a_grant_for_a_time_ends_by_itself_and_a_place_is_taken_at_a_time() {
    for store in stores(&[MODULE]).await {
        let (orgs, _) = sample::city(&store, 4).await;
        let read = Permission("registry.read");
        let id = account(&store, "li", "county_officer", Some(1), None).await;
        let today = store.read().await.unwrap().today();
        let firm = NewMembership { org: Some(orgs[1]), ..role_in("enterprise", today) };
        granted(&store, id, firm.clone()).await.unwrap();
        assert_eq!(fields(granted(&store, id, firm).await), ["role"], "{}: not twice", store.on);
        let past = NewMembership { unit: Some(UnitId(2)), ..role_in("county_officer", today - TimeDelta::days(9)) };
        let ended = NewMembership { valid_to: Some(today - TimeDelta::days(1)), ..past.clone() };
        assert_eq!(fields(granted(&store, id, ended).await), ["valid_to"], "{}", store.on);
        let last_day = NewMembership { valid_to: Some(today), ..past };
        let boxed = granted(&store, id, last_day).await.unwrap();
        let here = person(&store, id, "").await;
        let keys: Vec<&str> = here.seats.iter().map(|s| s.key.as_str()).collect();
        assert_eq!(keys, ["unit-1", &format!("org-{}", orgs[1]), "unit-2"], "{}", store.on);
        assert_eq!(here.actor().scope(read), Scope::Units(vec![UnitId(1)]), "{}: one place at once", store.on);
        assert_eq!(person(&store, id, "unit-2").await.actor().scope(read), Scope::Units(vec![UnitId(2)]));
        assert_eq!(person(&store, id, &format!("org-{}", orgs[1])).await.actor().scope(read), Scope::Own(orgs[1]));
        assert_eq!(
            person(&store, id, "city").await.actor().scope(read),
            Scope::Units(vec![UnitId(1)]),
            "a place not held"
        );
        // The day after the last, the place is gone without anybody doing anything.
        let sql = "UPDATE membership SET valid_to = $1 WHERE id = $2";
        let yesterday = today - TimeDelta::days(1);
        store.write(&actor(), async |tx| tx.run((sql, args![yesterday, boxed])).await).await.unwrap();
        assert_eq!(
            person(&store, id, "unit-2").await.actor().scope(read),
            Scope::Units(vec![UnitId(1)]),
            "{}",
            store.on
        );
        let wrong =
            NewMembership { org: Some(orgs[0]), industries: vec!["34".into()], ..role_in("county_officer", today) };
        assert_eq!(fields(granted(&store, id, wrong).await), ["unit", "industries"], "{}", store.on);
    }
}

#[tokio::test]
async fn who_stands_in_acts_in_the_others_name_and_never_as_administrator() {
    for store in stores(&[MODULE]).await {
        sample::city(&store, 1).await;
        let absent = account(&store, "zhang", "county_officer", Some(1), None).await;
        let deputy = account(&store, "wang", "county_officer", Some(2), None).await;
        let admin = account(&store, "admin", "system_admin", None, None).await;
        let today = store.read().await.unwrap().today();
        let term = (today, today + TimeDelta::days(7));
        let as_of = async |id| person(&store, id, "").await.actor();
        let set = async |who: Actor, login: &str, term| {
            store.write(&who, async |tx| substitute(tx, login, term, "休假").await).await
        };
        set(as_of(absent).await, "wang", term).await.unwrap();
        let key = format!("for-{absent}-unit-1");
        let standing_in = person(&store, deputy, &key).await.actor();
        assert_eq!((standing_in.name.as_str(), standing_in.behalf), ("wang（代zhang）", Some(absent)), "{}", store.on);
        assert_eq!(standing_in.scope(Permission("registry.edit")), Scope::Units(vec![UnitId(1)]));
        assert_eq!(
            as_of(deputy).await.scope(Permission("registry.edit")),
            Scope::Units(vec![UnitId(2)]),
            "own place first"
        );
        for (who, login, term) in [
            (as_of(absent).await, "zhang", term),
            (as_of(absent).await, "admin", term),
            (as_of(absent).await, "nobody", term),
            (as_of(admin).await, "wang", term),
        ] {
            assert!(fields(set(who, login, term).await).contains(&"deputy".to_owned()), "{} {login}", store.on);
        }
        let long = (today, today + TimeDelta::days(91));
        assert_eq!(fields(set(as_of(absent).await, "wang", long).await), ["valid_to"], "{}", store.on);
        // Who is out of use lends nobody a place.
        store.write(&as_of(admin).await, async |tx| disable(tx, absent).await).await.unwrap();
        assert_eq!(person(&store, deputy, &key).await.seats.len(), 1, "{}", store.on);
        assert!(matches!(find_person(&store.read().await.unwrap(), absent, "").await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn who_sees_a_row_is_what_the_database_answers() {
    for store in stores(&[MODULE]).await {
        let (orgs, record) = sample::city(&store, 12).await;
        let facts = orgs.iter().map(|org| sample::visit(*org, sample::day(2021, 3, 1), record));
        let facts: Vec<_> = facts.collect();
        store
            .write(&actor(), async |tx| {
                for fact in facts {
                    tx.record(fact).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
        let today = store.read().await.unwrap().today();
        account(&store, "bureau", "bureau_officer", None, None).await;
        account(&store, "east", "county_officer", Some(1), None).await;
        account(&store, "firm", "enterprise", None, Some(orgs[1])).await;
        account(&store, "expert", "expert", None, None).await;
        let line = account(&store, "line", "expert", None, None).await;
        let industries = vec!["15".to_owned()];
        granted(&store, line, NewMembership { industries, ..role_in("industry_officer", today) }).await.unwrap();
        let (read_orgs, read_facts) = (Permission("registry.read"), Permission("ledger.read"));
        let read = store.read().await.unwrap();
        let mut told = 0;
        for org in &orgs {
            let seen = seen_org(&read, *org).await.unwrap();
            let mut by_rule: Vec<String> =
                who_sees(&read, read_orgs, &seen).await.unwrap().into_iter().map(|(m, _)| m.login).collect();
            let mut by_query = Vec::new();
            for login in ["bureau", "east", "firm", "expert", "line"] {
                let row = read.one(("SELECT id FROM account WHERE login = $1", args![login])).await.unwrap();
                let who = find_person(&read, AccountId(row.get("id").unwrap()), "").await.unwrap().actor();
                let mut sql = Sql::new("SELECT o.id FROM organisation o WHERE o.id = ");
                sql.bind(*org).push(" AND ");
                who.scope(read_orgs).on_orgs(&mut sql, "o");
                if read.opt(sql).await.unwrap().is_some() {
                    by_query.push(login.to_owned());
                }
            }
            by_rule.sort();
            by_query.sort();
            assert_eq!(by_rule, by_query, "{}: {}", store.on, seen.name);
            told += by_rule.len();
        }
        assert!(told > 20, "somebody sees something");
        let first =
            read.one("SELECT min(position) AS p FROM fact").await.unwrap().get("p").map(kernel::id::Position).unwrap();
        let seen = seen_fact(&read, first).await.unwrap();
        let found = who_sees(&read, read_facts, &seen).await.unwrap();
        let rules: Vec<(String, String)> = found.into_iter().map(|(m, by)| (m.login, by[0].label())).collect();
        let wanted = [("bureau", "全部"), ("east", "本填报单元")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(rules, wanted, "{}", store.on);
    }
}

#[tokio::test]
async fn a_password_is_new_hard_to_guess_and_set_by_a_link_that_counts_once() {
    for store in stores(&[MODULE]).await {
        let open = async |login: &str| {
            store
                .write(&actor(), async |tx| {
                    let id = open_account(tx, login, "李四").await?;
                    Ok((id, invite(tx, id).await?))
                })
                .await
        };
        let (id, link) = open("lisi").await.unwrap();
        assert_eq!(fields(open("lisi").await), ["login"], "{}", store.on);
        assert_eq!(fields(open("li si\u{0}").await), ["login"], "{}", store.on);
        let read = store.read().await.unwrap();
        assert_eq!(find_link(&read, &link).await.unwrap().0, id);
        for weak in ["short", "lisi-lisi-2024", "Password123456"] {
            assert_eq!(fields(prepare_password(&read, id, weak).await.map(drop)), ["password"], "{}: {weak}", store.on);
        }
        let new = prepare_password(&read, id, PASSWORD).await.unwrap();
        let again = prepare_password(&read, id, PASSWORD).await.unwrap();
        store.write(&actor(), async |tx| use_link(tx, &link, new).await).await.unwrap();
        let twice = store.write(&actor(), async |tx| use_link(tx, &link, again).await).await;
        assert!(matches!(twice, Err(Error::NotFound)), "{}: once", store.on);
        let read = store.read().await.unwrap();
        assert_eq!(
            fields(prepare_password(&read, id, PASSWORD).await.map(drop)),
            ["password"],
            "{}: used before",
            store.on
        );
        // Five more, and the first may come back; the last ones may not.
        let more =
            ["two green bottles", "three open doors", "four cold rivers", "five slow trains", "six bright lamps"];
        for password in more {
            let new = prepare_password(&store.read().await.unwrap(), id, password).await.unwrap();
            store.write(&actor(), async |tx| set_password(tx, new, None).await).await.unwrap();
        }
        let read = store.read().await.unwrap();
        assert!(prepare_password(&read, id, PASSWORD).await.is_ok(), "{}", store.on);
        assert_eq!(fields(prepare_password(&read, id, more[0]).await.map(drop)), ["password"], "{}", store.on);
        // An operator's list of known passwords.
        let known =
            store.write(&actor(), async |tx| know_weak(tx, "Seven Old Stones\n\nseven old stones\n").await).await;
        assert_eq!(known.unwrap(), 1, "{}", store.on);
        let read = store.read().await.unwrap();
        assert_eq!(
            fields(prepare_password(&read, id, "seven old STONES").await.map(drop)),
            ["password"],
            "{}",
            store.on
        );
        // A reset ends what there was: password, and the link before it.
        let first = store.write(&actor(), async |tx| invite(tx, id).await).await.unwrap();
        store.write(&actor(), async |tx| reset(tx, id).await).await.unwrap();
        let read = store.read().await.unwrap();
        assert!(matches!(find_link(&read, &first).await, Err(Error::NotFound)), "{}", store.on);
        let claim = find_login(&read, "lisi").await.unwrap();
        assert!(check_password(claim, more[4].into()).await.unwrap().is_none(), "{}", store.on);
    }
}

#[tokio::test]
async fn too_many_failures_rest_whoever_is_tried_known_or_not() {
    for store in stores(&[MODULE]).await {
        let id = account(&store, "zhao", "bureau_officer", None, None).await;
        for login in ["zhao", "nobody-at-all"] {
            let attempt = door::Attempt::new(login, "");
            for n in 1..=5 {
                assert!(
                    !door::rests(&store.read().await.unwrap(), &attempt).await.unwrap(),
                    "{} {login} {n}",
                    store.on
                );
                store.write(&actor(), async |tx| door::failed(tx, &attempt).await).await.unwrap();
            }
            assert!(door::rests(&store.read().await.unwrap(), &attempt).await.unwrap(), "{} {login}", store.on);
        }
        let same = door::Attempt::new(" ZHAO ", "");
        assert!(door::rests(&store.read().await.unwrap(), &same).await.unwrap(), "{}: however it is written", store.on);
        store.write(&actor(), async |tx| door::came_in(tx, &same, id).await).await.unwrap();
        assert!(!door::rests(&store.read().await.unwrap(), &same).await.unwrap(), "{}", store.on);
        // From one address many logins are tried: the address rests, and with it only what comes from there.
        for n in 0..20 {
            let attempt = door::Attempt::new(&format!("guess-{n}"), "192.0.2.7");
            store.write(&actor(), async |tx| door::failed(tx, &attempt).await).await.unwrap();
        }
        let from = async |address| {
            door::rests(&store.read().await.unwrap(), &door::Attempt::new("zhao", address)).await.unwrap()
        };
        assert_eq!((from("192.0.2.7").await, from("192.0.2.8").await), (true, false), "{}", store.on);
        let kept = store.read().await.unwrap().all("SELECT subject FROM sign_in_failure").await.unwrap();
        let plain = |s: &String| s.contains("guess") || s.contains("192");
        assert!(
            !kept.iter().map(|r| r.get("subject").unwrap()).any(|s: String| plain(&s)),
            "{}: hashes only",
            store.on
        );
    }
}

#[tokio::test]
async fn a_token_does_no_more_than_its_owner_may_do_there_now() {
    for store in stores(&[MODULE]).await {
        sample::city(&store, 2).await;
        let id = account(&store, "qian", "county_officer", Some(1), None).await;
        let who = person(&store, id, "").await.actor();
        let until = Some(store.read().await.unwrap().today() + TimeDelta::days(30));
        let make = async |permissions: &[&str], until| {
            let permissions: Vec<String> = permissions.iter().map(|p| (*p).to_owned()).collect();
            store.write(&who, async |tx| make_token(tx, "取数", "unit-1", &permissions, until).await).await
        };
        assert_eq!(fields(make(&["publication.publish"], until).await), ["permissions"], "{}: not held", store.on);
        assert_eq!(fields(make(&["registry.read"], None).await), ["expires_on"], "{}", store.on);
        let token = make(&["registry.read", "ledger.read"], until).await.unwrap();
        let bearer = async || find_bearer(&store.read().await.unwrap(), &token).await;
        let (program, to_note) = bearer().await.unwrap();
        let may = |p| program.scope(Permission(p));
        assert_eq!(may("registry.read"), Scope::Units(vec![UnitId(1)]), "{}", store.on);
        assert_eq!((may("registry.edit"), program.may(Permission("registry.edit"))), (Scope::Nothing, false));
        assert!(program.name.contains("取数"), "{}", program.name);
        store.write(&who, async |tx| note_use(tx, to_note.unwrap()).await).await.unwrap();
        assert_eq!(bearer().await.unwrap().1, None, "{}: noted once a minute", store.on);
        let kept = store.read().await.unwrap().one("SELECT token FROM api_token").await.unwrap();
        assert_ne!(kept.get::<String>("token").unwrap(), token, "{}: only its hash is kept", store.on);
        // When the place is taken back, the token is good for nothing, also where the owner has another place.
        let today = store.read().await.unwrap().today();
        granted(&store, id, NewMembership { unit: Some(UnitId(2)), ..role_in("county_officer", today) }).await.unwrap();
        let first = list_memberships(&store.read().await.unwrap(), id).await.unwrap().pop().unwrap().id;
        store.write(&actor(), async |tx| end_membership(tx, id, first).await).await.unwrap();
        assert!(matches!(bearer().await, Err(Error::NotFound)), "{}", store.on);
    }
}

#[tokio::test]
async fn a_changed_role_holds_with_the_next_request_and_survives_a_start() {
    for store in stores(&[MODULE]).await {
        sample::city(&store, 1).await;
        let id = account(&store, "sun", "county_officer", Some(1), None).await;
        let edit = Permission("registry.edit");
        assert!(person(&store, id, "").await.actor().may(edit));
        let grants = vec![Grant::parse("registry.read", "units").unwrap()];
        store.write(&actor(), async |tx| set_role(tx, "county_officer", "县市区查阅", grants).await).await.unwrap();
        let now = person(&store, id, "").await.actor();
        assert_eq!((now.may(edit), now.role.label.as_str()), (false, "县市区查阅"), "{}", store.on);
        // A later version brings a permission that the database has not seen; edits of the others stay.
        store
            .write(&actor(), async |tx| {
                tx.run("DELETE FROM access_permission WHERE code = 'intake.import'").await?;
                tx.run("DELETE FROM access_grant WHERE permission = 'intake.import'").await
            })
            .await
            .unwrap();
        let again =
            kernel::store::Store::open(store.place(), &[MODULE], kernel::store::Limits::default()).await.unwrap();
        let role = again.roles().find("county_officer").unwrap().clone();
        let held: Vec<&str> = role.grants.iter().map(|g| g.permission.as_str()).collect();
        assert_eq!((held, role.label.as_str()), (vec!["intake.import", "registry.read"], "县市区查阅"), "{}", store.on);
        again.close().await.unwrap();
    }
}
