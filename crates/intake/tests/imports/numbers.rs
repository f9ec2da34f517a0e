//! Targets and declared figures out of workbooks: by the rules of their forms, and never over what is newer.

use super::*;
use kernel::indicator::{set_target, withdraw_target};

async fn target(store: &Store, indicator: &str) -> Option<i64> {
    let read = store.read().await.unwrap();
    let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
    target_value(&read, indicator, "2021", &q).await.unwrap()
}

#[tokio::test]
async fn a_target_set_meanwhile_is_never_overwritten_unasked() {
    for (store, _) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let set = async |indicator: &str, value: i64| {
            let other = Actor { name: "另一人".into(), ..bureau() };
            let put = async |tx: &mut kernel::store::Tx| set_target(tx, indicator, "2021", 0, value, "计划").await;
            store.write(&other, put).await.unwrap()
        };
        set("sample.visits", 100).await;
        set("sample.visited_above", 10).await;
        set("sample.visited_half", 5).await;
        let (_, template) = blank(store, &actor, What::Targets).await.unwrap();
        set("sample.visits", 200).await;
        set("sample.visited_above", 20).await;
        store
            .write(&actor, async |tx| withdraw_target(tx, "sample.visited_half", "2021", 0, "计划取消").await)
            .await
            .unwrap();
        // One cell is filled in otherwise, the other is as it was sent out.
        let bytes = edited(&template, "目标", &[("sample.visited_above|2021|0", "目标值", "30")]);
        let id = receive(store, &actor, What::Targets, "目标.xlsx", bytes).await.unwrap();
        let conflicts = told(store, &actor, id, Level::Conflict).await;
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        assert!(conflicts[0].1.contains("由另一人改为“20”") && conflicts[0].1.contains("“30”"), "{conflicts:?}");
        assert!(carry_out(store, &actor, id, Mode::Whole, "").await.is_err());
        let seen = dry_run(store, &actor, id, false).await.unwrap().conflicts();
        assert_eq!(carry_out(store, &actor, id, Mode::Whole, &seen).await.unwrap().saved, 1);
        assert_eq!(target(store, "sample.visited_half").await, None, "what was withdrawn stays withdrawn");
        assert_eq!(
            (target(store, "sample.visits").await, target(store, "sample.visited_above").await),
            (Some(200), Some(30))
        );
    }
}

#[tokio::test]
async fn a_target_is_what_the_form_would_take() {
    for (store, _) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let look = async |head: &str, rows: &[&str]| {
            let lines = [
                &[format!("指标,时期,填报单元,{head},依据")],
                rows.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>().as_slice(),
            ]
            .concat();
            sent(store, &actor, What::Targets, csv(&lines)).await
        };
        let id = look(
            "目标值",
            &[
                "sample.share,2021,,3,计划",
                "sample.visited_plan,2021,,3,计划",
                "sample.visits,今年,,3,计划",
                "sample.visits,2021,,-3,计划",
                &format!("sample.visits,2022,,3,{}", "文".repeat(201)),
                "sample.paid_all,2021,,3,计划",
            ],
        )
        .await;
        let told_at = faults(store, &actor, id).await;
        let places: Vec<&str> = told_at.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["A2", "B3", "B4", "D5", "E6"], "{told_at:?}");
        let warned = told(store, &actor, id, Level::Warning).await;
        assert!(warned.len() == 1 && warned[0].0 == "D7" && warned[0].1.contains("按万元读取"), "{warned:?}");
        // The head says in what the money is.
        let id = look("目标值（亿元）", &["sample.paid_all,2021,,3,计划"]).await;
        carry_out(store, &actor, id, Mode::Whole, "").await.unwrap();
        assert_eq!(target(store, "sample.paid_all").await, Some(30_000_000_000));
        let id = look("目标值（千元）", &["sample.paid_all,2021,,3,计划"]).await;
        assert!(faults(store, &actor, id).await[0].1.contains("不认识单位“千元”"));
        // The template says it in the cell, and comes back as it went out.
        let (_, template) = blank(store, &actor, What::Targets).await.unwrap();
        let id = receive(store, &actor, What::Targets, "目标.xlsx", template).await.unwrap();
        let report = dry_run(store, &actor, id, false).await.unwrap();
        assert_eq!((report.to_save(), report.unchanged, report.refused), (0, 1, 0), "{report:?}");
    }
}

#[tokio::test]
async fn a_declared_figure_is_kept_once_in_its_plain_form() {
    for (store, _) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let head = "指标,数值,截至日期,依据,责任人".to_owned();
        let row = "sample.declared,\"1,040\",2021-06-01,通报,某科".to_owned();
        let id = sent(store, &actor, What::Declared, csv(&[head.clone(), row.clone()])).await;
        carry_out(store, &actor, id, Mode::Whole, "").await.unwrap();
        let again = sent(store, &actor, What::Declared, csv(&[head.clone(), row])).await;
        assert_eq!(dry_run(store, &actor, again, false).await.unwrap().unchanged, 1);
        let late =
            sent(store, &actor, What::Declared, csv(&[head, "sample.declared,4,2091-06-01,通报,某科".into()])).await;
        assert!(faults(store, &actor, late).await[0].1.contains("在今天之后"));
        let read = store.read().await.unwrap();
        let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
        assert_eq!(figure(&read, "sample.declared", &q).await.unwrap().number, Number::Count(1040));
    }
}
