//! What an auditor does with the log: every act is in it, nothing in it can be changed, and what is old leaves with proof.

use chrono::{DateTime, Months, TimeDelta, Utc};
use kernel::access::{Actor, Scope, role};
use kernel::audit::{self, Note, Origin, Query, Verb};
use kernel::id::{AccountId, OrgId};
use kernel::org::{self, YearFigures};
use kernel::seal::{Fault, Finding, SealKey, Trust};
use kernel::value::money::Fen;
use kernel::{Error, seal};
use testkit::sample::{self, ALL, actor, day, visit};
use testkit::{TestStore, stores};

fn key() -> SealKey {
    SealKey::from_bytes(&[7; 32]).unwrap()
}

fn trust() -> Trust {
    Trust { keys: [key().public()].into(), head: None }
}

fn officer() -> Actor {
    Actor::in_role(AccountId(7), "经办甲", role("bureau_officer").unwrap(), vec![], None)
}

async fn entries(store: &TestStore, query: Query) -> Vec<audit::Entry> {
    audit::list(&store.read().await.unwrap(), &ALL, &Query { limit: 1000, ..query }).await.unwrap()
}

async fn findings(store: &TestStore) -> Vec<Finding> {
    audit::verify(store, &trust(), &|_, _| {}).await.unwrap().findings
}

async fn run(store: &TestStore, sql: &str) {
    store.upkeep("测试", async |tx| tx.run(sql).await).await.unwrap_or_else(|e| panic!("{sql}: {}", e.detail()));
}

#[tokio::test]
async fn a_trail_tells_an_organisation_nothing_of_the_others_in_the_same_act() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 4).await;
        store
            .write(&officer(), async |tx| {
                let ours = kernel::ledger::record::enter(tx, "sample", "甲厂贷款合同", "", "").await?;
                let theirs = kernel::ledger::record::enter(tx, "sample", "乙厂贷款合同", "", "").await?;
                tx.purpose("为乙厂办理担保");
                tx.record(visit(orgs[0], day(2021, 3, 1), ours)).await?;
                tx.record(visit(orgs[1], day(2021, 3, 1), theirs)).await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let own = audit::trail(&read, &Scope::Own(orgs[0]), orgs[0], None, 1).await.unwrap().remove(0);
        let told = format!("{own:?}");
        assert!(!told.contains("乙厂") && !told.contains("甲厂") && own.orgs == [orgs[0]], "{}: {told}", store.on);
        assert_eq!(own.person, "经办甲", "that somebody did something is told");
        let whole = audit::trail(&read, &ALL, orgs[0], None, 1).await.unwrap().remove(0);
        assert!(format!("{whole:?}").contains("乙厂"), "{}: who reads all of it reads all of it", store.on);
    }
}

#[tokio::test]
async fn an_act_leaves_its_entry_with_old_and_new_values_in_words() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 3).await;
        let origin = Origin { address: "203.0.113.9".into(), session: "abcd".into(), request: "r1".into() };
        origin
            .around(async {
                let named = async |tx: &mut kernel::store::Tx| {
                    org::assert(tx, orgs[0], "name", "改名后的企业", day(2021, 3, 1), None, "变更通知").await?;
                    org::assert(tx, orgs[0], "unit", "2", day(2021, 3, 1), None, "迁入").await
                };
                store.write(&officer(), named).await.unwrap();
            })
            .await;
        let entry = entries(&store, Query { org: Some(orgs[0]), ..Query::default() }).await.remove(0);
        assert_eq!((entry.verb_label(), entry.object_label()), ("修改主体属性", "主体"), "{}", store.on);
        assert_eq!((entry.person.as_str(), entry.role_label(), entry.account), ("经办甲", "市局经办", 7));
        assert_eq!(
            (entry.address.as_str(), entry.session.as_str(), entry.request.as_str()),
            ("203.0.113.9", "abcd", "r1")
        );
        let told: Vec<_> = entry.changes.iter().map(|c| (c.label(), c.before(), c.after())).collect();
        assert_eq!(
            told,
            [("名称", "样例企业0000有限公司", "改名后的企业"), ("填报单元", "东区", "西区")],
            "{}",
            store.on
        );

        let year = YearFigures {
            year: 2020,
            employees: Some(12),
            revenue: Some(Fen(5_000_000)),
            assets: None,
            source: "年报".into(),
        };
        store.write(&officer(), async |tx| org::record_year(tx, orgs[1], &year).await).await.unwrap();
        store.write(&officer(), async |tx| tx.record(visit(orgs[1], day(2021, 1, 2), record)).await).await.unwrap();
        let fact = store.read().await.unwrap().head().unwrap();
        store.write(&officer(), async |tx| tx.reverse(fact, "登记错").await).await.unwrap();
        let scope = Scope::Own(orgs[1]);
        let trail = audit::trail(&store.read().await.unwrap(), &scope, orgs[1], None, 3).await.unwrap();
        let verbs: Vec<&str> = trail.iter().map(audit::Entry::verb_label).collect();
        assert_eq!(verbs, ["冲销事实", "登记事实", "登记年度数据"], "{}", store.on);
        assert_eq!((trail[0].purpose.as_str(), trail[0].changes[0].label()), ("登记错", "冲销：走访"));
        assert_eq!(trail[2].changes[1].after(), "5 万元");
        let foreign = audit::trail(&store.read().await.unwrap(), &scope, orgs[0], None, 3).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{}: the trail of another is not found", store.on);
        let all = entries(&store, Query { verb: "unnamed".into(), ..Query::default() }).await;
        assert!(all.is_empty(), "{}: every act has a name", store.on);
    }
}

#[tokio::test]
async fn what_fails_leaves_nothing_and_upkeep_is_no_way_around_the_log() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let before = entries(&store, Query::default()).await.len();
        let failed: kernel::Result<()> = store
            .write(&officer(), async |tx| {
                tx.record(visit(orgs[0], day(2021, 1, 2), record)).await?;
                Err(Error::Conflict("不办了".into()))
            })
            .await;
        assert!(failed.is_err());
        let around = store.upkeep("绕行", async |tx| tx.record(visit(orgs[0], day(2021, 1, 2), record)).await).await;
        assert!(matches!(around, Err(Error::Internal(_))), "{}", store.on);
        assert_eq!(entries(&store, Query::default()).await.len(), before, "{}", store.on);
        let facts = store.read().await.unwrap().one("SELECT COUNT(*) AS n FROM fact").await.unwrap();
        assert_eq!(facts.int("n").unwrap(), 0, "{}: nor is there a fact", store.on);
        for sql in [
            "UPDATE audit SET person = 'x'",
            "DELETE FROM audit",
            "DELETE FROM audit_org",
            "UPDATE audit_org SET org_id = 9",
        ] {
            assert!(store.upkeep("测试", async |tx| tx.run(sql).await).await.is_err(), "{}: {sql}", store.on);
        }
        // A note without an act, refused.
        let note =
            Note::of(Verb::REFUSED, "route", None).about([orgs[0]]).detail("请求", "GET /x").purpose("").refused();
        audit::note(&store, &officer(), note).await.unwrap();
        let refused = entries(&store, Query { refused: Some(true), ..Query::default() }).await;
        assert_eq!((refused.len(), refused[0].changes[0].after()), (1, "GET /x"), "{}", store.on);
        assert!(
            audit::list(&store.read().await.unwrap(), &Scope::Own(orgs[0]), &Query { limit: 9, ..Query::default() })
                .await
                .unwrap()
                .is_empty()
        );
    }
}

/// A log of ten entries and more, sealed; returns the number of one that concerns an organisation.
async fn sealed(store: &TestStore) -> (i64, Vec<OrgId>) {
    let (orgs, _) = sample::city(store, 2).await;
    for n in 0..10 {
        let note = Note::of(Verb::DOSSIER_READ, "org", orgs[0].0).about([orgs[0]]).purpose(&format!("第 {n} 次"));
        Origin { address: "::1".into(), session: "s".into(), request: n.to_string() }
            .around(audit::note(store, &officer(), note))
            .await
            .unwrap();
    }
    assert_eq!(audit::seal_ripe(store, &key()).await.unwrap(), 0, "what was begun a moment ago waits");
    assert_eq!(audit::seal_all(store, &key()).await.unwrap(), 1);
    assert_eq!(audit::seal_all(store, &key()).await.unwrap(), 0);
    let last = entries(store, Query { org: Some(orgs[0]), ..Query::default() }).await[3].number;
    (last, orgs)
}

/// Takes the triggers away, as one who owns the database can, and keeps a copy to put things back from.
async fn unguarded(store: &TestStore) {
    let triggers: &[&str] = match store.on {
        "SQLite" => &[
            "audit_is_never_updated",
            "audit_is_deleted_only_when_archived",
            "audit_org_is_never_updated",
            "audit_org_is_deleted_only_when_archived",
            "audit_seal_is_never_updated",
            "audit_seal_is_never_deleted",
        ],
        _ => &[
            "audit_is_never_changed ON audit",
            "audit_is_deleted_only_when_archived ON audit",
            "audit_org_is_never_changed ON audit_org",
            "audit_org_is_deleted_only_when_archived ON audit_org",
            "audit_seal_is_never_changed ON audit_seal",
        ],
    };
    for trigger in triggers {
        run(store, &format!("DROP TRIGGER {trigger}")).await;
    }
    for table in TABLES {
        run(store, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
}

const TABLES: [&str; 3] = ["audit", "audit_org", "audit_seal"];

async fn put_back(store: &TestStore) {
    for table in TABLES {
        run(store, &format!("DELETE FROM {table}")).await;
        run(store, &format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
    }
    assert_eq!(findings(store).await, [], "{}: whole again", store.on);
}

#[tokio::test]
async fn whatever_is_changed_taken_away_added_or_moved_is_found() {
    for store in stores(&[sample::MODULE]).await {
        let (number, orgs) = sealed(&store).await;
        assert_eq!(findings(&store).await, []);
        unguarded(&store).await;
        for (column, value) in [
            ("at", "'2020-01-01T00:00:00+00:00'"),
            ("account", "account + 1"),
            ("person", "'经办乙'"),
            ("role", "'auditor'"),
            ("behalf", "1"),
            ("address", "''"),
            ("session", "'t'"),
            ("request", "'99'"),
            ("verb", "'org.change'"),
            ("object", "'unit'"),
            ("object_id", "NULL"),
            ("unit_id", "unit_id + 1"),
            ("orgs", "''"),
            ("result", "'refused'"),
            ("changes", "'[ ]'"),
            ("purpose", "purpose || ' '"),
        ] {
            run(&store, &format!("UPDATE audit SET {column} = {value} WHERE number = {number}")).await;
            let found = findings(&store).await;
            let right = matches!(
                found.first().map(|f| &f.fault),
                Some(Fault::Changed(n) | Fault::Unreadable(n, _)) if *n == number
            );
            assert!(right, "{}: {column}: {found:?}", store.on);
            put_back(&store).await;
        }
        let other = orgs[1];
        for (what, sql) in [
            ("taken away", format!("DELETE FROM audit WHERE number = {number}")),
            ("moved", format!("UPDATE audit SET number = number + 100000 WHERE number = {number}")),
            ("out of a trail", format!("DELETE FROM audit_org WHERE number = {number}")),
            ("into a trail", format!("INSERT INTO audit_org (org_id, number) VALUES ({other}, {number})")),
            ("seal", "UPDATE audit_seal SET facts = facts - 1".to_owned()),
            ("all seals", "UPDATE audit_seal SET previous = root".to_owned()),
        ] {
            run(&store, &sql).await;
            assert!(!findings(&store).await.is_empty(), "{}: {what} is found", store.on);
            put_back(&store).await;
        }
        // Two entries change places.
        let swap = format!(
            "UPDATE audit SET number = CASE number WHEN {number} THEN -1 ELSE number END WHERE number = {number}"
        );
        run(&store, &swap).await;
        run(&store, &format!("UPDATE audit SET number = {number} WHERE number = {}", number - 1)).await;
        run(&store, &format!("UPDATE audit SET number = {} WHERE number = -1", number - 1)).await;
        let found = findings(&store).await;
        assert!(
            matches!(found.first().map(|f| &f.fault), Some(Fault::Moved(..) | Fault::Changed(_))),
            "{}: {found:?}",
            store.on
        );
        put_back(&store).await;
    }
}

#[tokio::test]
async fn an_exported_log_is_checked_without_the_platform() {
    for store in stores(&[sample::MODULE]).await {
        let (number, _) = sealed(&store).await;
        let mut file = Vec::new();
        let exported = audit::export(&store, &mut file, &|_, _| {}).await.unwrap();
        let known = verifier::Known { keys: vec![key().public().to_string()], head: None };
        let sound = verifier::check_audit(&mut &file[..], &known).unwrap();
        let digest = audit::digest(&store.read().await.unwrap()).await.unwrap().unwrap();
        assert_eq!(
            (sound.blocks, sound.facts, sound.head),
            (1, exported.facts, digest.head.to_string()),
            "{}",
            store.on
        );
        assert!(verifier::check_ledger(&mut &file[..], &known).is_err(), "a log is no ledger");
        let text = String::from_utf8(file).unwrap();
        let forged = text.replacen("经办甲", "经办乙", 1);
        assert!(verifier::check_audit(&mut forged.as_bytes(), &known).is_err());
        let line = format!("{{\"entry\":{{\"number\":{number},");
        let without: String = text.split_inclusive('\n').filter(|l| !l.starts_with(&line)).collect();
        assert_ne!(without, text);
        assert!(verifier::check_audit(&mut without.as_bytes(), &known).is_err());
    }
}

#[tokio::test]
async fn old_entries_leave_with_proof_and_only_so() {
    for store in stores(&[sample::MODULE]).await {
        sealed(&store).await;
        let dir = tempfile::tempdir().unwrap();
        let early = Utc::now() + TimeDelta::days(150);
        let kept = audit::archive(&store, &actor(), early, &dir.path().join("early")).await;
        assert!(matches!(kept, Err(Error::Conflict(m)) if m.contains("6 个月")), "{}: kept by rule", store.on);

        let later = Utc::now().checked_add_months(Months::new(6)).unwrap() + TimeDelta::days(1);
        let path = dir.path().join("audit-1");
        let done = audit::archive(&store, &actor(), later, &path).await.unwrap();
        let left = entries(&store, Query::default()).await;
        assert_eq!((left.len(), left[0].verb.as_str()), (1, "audit.archive"), "{}", store.on);
        assert_eq!(left[0].purpose, done.digest.to_string(), "the log says which file");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(seal::Hash::of(&bytes), done.digest);
        let known = verifier::Known { keys: vec![key().public().to_string()], head: Some(done.head.to_string()) };
        assert_eq!(verifier::check_audit(&mut &bytes[..], &known).unwrap().facts, done.entries, "{}", store.on);
        assert_eq!(findings(&store).await, [], "{}: the chain goes on", store.on);

        // The next stretch has the headers of the first before it.
        audit::note(&store, &officer(), Note::of(Verb::SIGNED_IN, "account", 7)).await.unwrap();
        audit::seal_all(&store, &key()).await.unwrap();
        assert_eq!(findings(&store).await, [], "{}", store.on);
        let mut file = Vec::new();
        audit::export(&store, &mut file, &|_, _| {}).await.unwrap();
        assert!(file.starts_with(b"{\"qishu_audit\":1}\n{\"past\":"), "{}", store.on);
        assert_eq!(verifier::check_audit(&mut &file[..], &known).unwrap().facts, 2, "{}", store.on);
        assert!(seal::check_log::<audit::SealedEntry>(&mut &file[..], &trust()).unwrap().is_whole());
        assert!(store.upkeep("测试", async |tx| tx.run("DELETE FROM audit").await).await.is_err(), "{}", store.on);

        // Somebody claims an archive that nobody made, to take the rest away.
        let claim = "INSERT INTO audit_archive (last_number, first_number, blocks, entries, head, file, digest, archived_at, archived_by) \
             SELECT MAX(number), 1, 1, 1, '', '', '', '2021-01-01T00:00:00+00:00', '' FROM audit";
        run(&store, claim).await;
        run(&store, "DELETE FROM audit_org").await;
        run(&store, "DELETE FROM audit").await;
        assert!(!findings(&store).await.is_empty(), "{}: a claimed archive is found", store.on);
    }
}

#[tokio::test]
async fn writers_do_not_wait_for_the_chain_and_a_seal_misses_none() {
    for store in stores(&[sample::MODULE]).await {
        sample::city(&store, 1).await;
        let before = entries(&store, Query::default()).await.len();
        let writers: Vec<_> = (0..16)
            .map(|n| {
                let store = store.store.clone();
                tokio::spawn(async move {
                    for i in 0..10 {
                        let at: DateTime<Utc> = Utc::now() - TimeDelta::hours(n * i);
                        let act = async |tx: &mut kernel::store::Tx| {
                            tx.act(Verb::SIGNED_IN, "account", n);
                            Ok(())
                        };
                        store.write_at(at, &officer(), act).await.unwrap();
                    }
                })
            })
            .collect();
        // Sealing goes on all the while, and clocks run backwards.
        let mut blocks = 0;
        while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
            blocks += audit::seal_all(&store, &key()).await.unwrap();
            tokio::task::yield_now().await;
        }
        for writer in writers {
            writer.await.unwrap();
        }
        blocks += audit::seal_all(&store, &key()).await.unwrap();
        let report = audit::verify(&store, &trust(), &|_, _| {}).await.unwrap();
        assert_eq!((report.findings.as_slice(), report.unsealed), (&[][..], 0), "{}", store.on);
        assert_eq!((report.blocks as u64, report.facts as usize), (blocks, before + 160), "{}", store.on);
    }
}
