//! Reporting month by month.

use kernel::indicator::Number;
use kernel::value::money::Fen;

use super::*;

#[tokio::test]
async fn a_month_is_corrected_with_a_reason_and_the_ledger_follows() {
    for (store, orgs) in cities().await {
        let (id, firm, _) = building(&store, orgs[0]).await;
        let done = [("m.0", "done"), ("d.0", "2021-03-20"), ("m.1", "todo")];
        report(&store, &firm, id, "2021-02", "100", &done).await.unwrap();
        report(&store, &firm, id, "2021-03", "250", &[]).await.unwrap();
        let silent = report(&store, &firm, id, "2021-02", "120", &[]).await.unwrap_err();
        assert!(fault(silent, "reason").contains("更正要写明原因"), "{}", store.on);
        report(&store, &firm, id, "2021-02", "120", &[("reason", "漏报设备款")]).await.unwrap();
        assert_eq!(number(&store, "projects.invested").await, Number::Money(Fen(370_000_000)), "{}", store.on);
        let less = report(&store, &firm, id, "2021-04", "-30", &[]).await.unwrap_err();
        assert!(fault(less, "reason").contains("减少"), "{}", store.on);
        let over = report(&store, &firm, id, "2021-04", "831", &[]).await.unwrap_err();
        assert!(fault(over, "reason").contains("超过计划总投资"), "{}", store.on);
        report(&store, &firm, id, "2021-04", "-30", &[("reason", "退货冲减")]).await.unwrap();
        assert_eq!(number(&store, "projects.invested").await, Number::Money(Fen(340_000_000)), "{}", store.on);
        let read = store.read().await.unwrap();
        let milestones = super::super::queries::milestones(&read, &[id]).await.unwrap().remove(&id).unwrap();
        let states: Vec<&str> = milestones.iter().map(|one| one.state.as_str()).collect();
        assert_eq!(states, ["done", "todo"], "{}", store.on);
        drop(read);
        consistent(&store, id).await;
    }
}

#[tokio::test]
async fn of_two_officers_who_report_at_once_one_wins_and_the_other_is_told() {
    for (store, orgs) in cities().await {
        let (id, _, _) = building(&store, orgs[0]).await;
        let (one, two) = (county(31, 1), county(32, 1));
        let form = |invested: &str| ReportForm {
            month: "2021-02".into(),
            seen: "0".into(),
            invested: invested.into(),
            reason: "两人同时".into(),
            ..ReportForm::default()
        };
        let (a, b) = (form("10"), form("20"));
        let (first, second) = tokio::join!(
            store.write(&one, async |tx| file_report(tx, id, &a).await),
            store.write(&two, async |tx| file_report(tx, id, &b).await)
        );
        let lost = first.err().or(second.err()).unwrap();
        let told = conflict(lost);
        assert!(told.contains("已于") && told.contains("2021 年 2 月"), "{}: {told}", store.on);
        let read = store.read().await.unwrap();
        assert_eq!(super::super::queries::reports(&read, &[id]).await.unwrap()[&id].len(), 1, "{}", store.on);
        drop(read);
        consistent(&store, id).await;
    }
}

#[tokio::test]
async fn what_changed_between_two_days_is_told() {
    for (store, orgs) in cities().await {
        let (id, firm, _) = building(&store, orgs[0]).await;
        report(&store, &firm, id, "2021-02", "100", &[("m.0", "done"), ("d.0", "2021-03-20")]).await.unwrap();
        let read = store.read().await.unwrap();
        let today = read.today();
        let before = today - chrono::TimeDelta::days(3);
        let found = super::super::changes::changes(&read, &ALL, before, today).await.unwrap();
        let row = &found.rows[0];
        assert_eq!(row.states, Some((String::new(), "building".to_owned())), "{}", store.on);
        assert_eq!((row.invested, row.reached.as_slice()), ((Fen(0), Fen(100_000_000)), &["设备采购".to_owned()][..]));
        assert_eq!((found.came_to["library"], found.invested), (1, Fen(100_000_000)), "{}", store.on);
        let other = county(23, 2).scope(super::super::READ);
        assert!(
            super::super::changes::changes(&read, &other, before, today).await.unwrap().rows.is_empty(),
            "{}",
            store.on
        );
        let earlier = super::super::changes::changes(&read, &ALL, day(2020, 1, 1), day(2020, 2, 1)).await.unwrap();
        assert!(earlier.rows.is_empty(), "{}", store.on);
    }
}
