//! What was published, on pages: taken back by two, turned page by page, and warned about before it is signed.

use std::collections::HashMap;

use kernel::id::{Position, PublicationId};
use kernel::indicator::Filter;
use kernel::publication::{Cited, Draft, enter, freeze, reconciled};
use testkit::sample::{actor, day, visit};

use super::stage::{Stage, stages};

/// Publishes indicators about the middle of the year, as known now.
pub async fn publish(stage: &Stage, title: &str, indicators: &[&str]) -> PublicationId {
    let read = stage.store.read().await.unwrap();
    let cited = |(at, code): (usize, &&str)| Cited {
        citation: format!("A{:02}", at + 1),
        printed: String::new(),
        indicator: (*code).to_owned(),
        about: day(2021, 6, 30),
        filter: Filter::default(),
    };
    let figures = indicators.iter().enumerate().map(cited).collect();
    let known = read.head().unwrap();
    let draft = Draft { title: title.into(), published_on: day(2021, 8, 11), known, body: "{}".into(), figures };
    let (figures, notes) = (freeze(&read, &draft).await.unwrap(), reconciled(&read, &draft).await.unwrap());
    drop(read);
    let act = async |tx: &mut kernel::store::Tx| enter(tx, &draft, figures, notes, &HashMap::new()).await;
    stage.store.write(&actor(), act).await.unwrap()
}

/// Records visits late, about days before the publication; returns the first of their positions.
pub async fn visits(stage: &Stage, how_many: u64) -> Position {
    let first = stage.store.read().await.unwrap().head().unwrap().0 + 1;
    stage
        .act(async |tx| {
            for n in 0..how_many {
                let org = stage.orgs[usize::try_from(n).unwrap() % 7];
                tx.record(visit(org, day(2021, 5, 1 + (n % 28) as u32), stage.record)).await?;
            }
            Ok(())
        })
        .await;
    Position(first)
}

#[tokio::test]
async fn a_part_with_many_rows_is_turned_page_by_page() {
    for stage in stages().await {
        let id = publish(&stage, "答复", &["sample.visits"]).await;
        visits(&stage, 450).await;
        let officer = stage.client("officer").await;
        let (mut path, mut seen) = (format!("/publications/{id}/figures/1"), Vec::new());
        for _ in 0..3 {
            let page = officer.get(&path).await;
            assert_eq!(page.status, 200, "{}: {path}", stage.on);
            assert_eq!(page.texts("#late ~ .table-list caption"), ["共 450 行"], "{}", stage.on);
            seen.extend(page.attributes("#late ~ .table-list tbody a", "href"));
            path = page.attributes("#late ~ nav a[rel=next]", "href").first().cloned().unwrap_or_default();
        }
        assert_eq!(path, "", "{}: the third page is the last", stage.on);
        let different: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), different.len()), (450, 450), "{}: each row once", stage.on);
        let strange = officer.get(&format!("/publications/{id}/figures/1?part=late&after=fact:1")).await;
        assert_eq!(strange.status, 422, "{}: a cursor that no page gave", stage.on);
        assert_eq!(officer.get("/publications?after=999").await.status, 422, "{}", stage.on);
        assert_eq!(officer.get("/amendments?after=999").await.status, 422, "{}", stage.on);
    }
}

#[tokio::test]
async fn a_ratio_and_a_total_are_drawn_and_a_day_says_why_not() {
    for stage in stages().await {
        let id = publish(&stage, "答复", &["sample.share", "sample.total", "sample.first"]).await;
        stage
            .act(async |tx| {
                // Before every other visit, so that the first day moves too.
                tx.record(visit(stage.orgs[0], day(2020, 1, 2), stage.record)).await?;
                tx.record(visit(stage.orgs[0], day(2021, 2, 1), stage.record)).await?;
                let paid = kernel::ledger::NewFact::new("sample.paid", stage.orgs[0], day(2021, 2, 1), stage.record);
                tx.record(paid.class("a").amount(kernel::value::money::Fen(7_000_000))).await
            })
            .await;
        let officer = stage.client("officer").await;
        for (seq, is_drawn) in [(1, true), (2, true), (3, false)] {
            let page = officer.get(&format!("/publications/{id}/figures/{seq}")).await;
            let charts = page.attributes("[data-chart]", "data-chart");
            assert_eq!(charts.len(), usize::from(is_drawn), "{}: figure {seq}", stage.on);
            assert_eq!(page.body.contains("没有画图"), !is_drawn, "{}: figure {seq}", stage.on);
            assert!(page.texts(".waterfall tbody tr").concat().contains("补登"), "{}: figure {seq}", stage.on);
        }
    }
}

#[tokio::test]
async fn a_fact_behind_a_published_figure_is_taken_back_by_two() {
    for stage in stages().await {
        let free = visits(&stage, 1).await;
        publish(&stage, "答复", &["sample.paid_all"]).await;
        let officer = stage.client("officer").await;
        let reverse = async |position: Position| {
            officer.get(&format!("/facts/{position}")).await;
            officer.post(&format!("/facts/{position}/reverse"), &[("reason", "重复登记")]).await
        };
        assert_eq!(reverse(free).await.status, 303, "{}: behind nothing published, as always", stage.on);
        let paid = officer.get("/api/v1/indicators/sample.paid_all/rows?about=2021-06-30&limit=1").await.json();
        let fact = Position(paid["items"][0]["position"].as_i64().unwrap());
        let refused = reverse(fact).await;
        assert_eq!(refused.status, 409, "{}", stage.on);
        assert!(refused.texts("[role=alert]").concat().contains("由另一人审核"), "{}", stage.on);
        let way = refused.attributes("#reverse ~ .panel a", "href");
        assert_eq!(way, [format!("/facts/{fact}/amend")], "{}", stage.on);
        assert!(refused.texts("form[data-confirm]").is_empty(), "{}", stage.on);

        // A visit that came after the document is taken back by one person, who has seen what that moves.
        publish(&stage, "第二份", &["sample.visits"]).await;
        let late = visits(&stage, 1).await;
        let path = format!("/facts/{late}/reverse");
        let page = officer.get(&format!("/facts/{late}")).await;
        assert!(page.texts(".notice-warn").concat().contains("发布以后登记的"), "{}", stage.on);
        let unseen = officer.post(&path, &[("reason", "重复登记")]).await;
        assert_eq!(unseen.status, 422, "{}: what it moves is shown first", stage.on);
        let seen = unseen.value_of("seen").unwrap();
        let done = officer.post(&path, &[("reason", "重复登记"), ("seen", &seen)]).await;
        assert_eq!(done.status, 303, "{}: {}", stage.on, done.body);
    }
}
