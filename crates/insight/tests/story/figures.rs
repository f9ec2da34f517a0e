//! Rows = figure, for every indicator and every cell, through the addresses that people click.

use super::stage::stages;
use serde_json::Value;
use testkit::Client;
use testkit::sample::INDICATORS;

/// Counts the rows behind an address, page by page.
async fn listed(client: &Client, address: &str) -> (usize, String) {
    let join = if address.contains('?') { '&' } else { '?' };
    let mut after = String::new();
    let mut count = 0;
    loop {
        let page = client.get(&format!("{address}{join}limit=7{after}")).await.json();
        count += page["items"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return (count, page["sort"].as_str().unwrap().to_owned()),
        }
    }
}

#[tokio::test]
async fn every_figure_has_exactly_its_rows() {
    for stage in stages().await {
        for login in ["officer", "east"] {
            let client = stage.client(login).await;
            for indicator in INDICATORS {
                let figure = client.get(&format!("/api/v1/indicators/{}/figure", indicator.code)).await.json();
                let (rows, sort) = listed(&client, &format!("/api/v1/indicators/{}/rows", indicator.code)).await;
                if sort != "parts" {
                    assert_eq!(figure["rows"], Value::from(rows), "{} {login} {}", stage.on, indicator.code);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_cell_has_exactly_its_rows() {
    const BY: [&[&str]; 8] = [
        &["unit"],
        &["month"],
        &["industry"],
        &["size"],
        &["class"],
        &["counterparty"],
        &["unit", "month"],
        &["month", "industry"],
    ];
    for stage in stages().await {
        let client = stage.client("officer").await;
        let mut cells = 0;
        for indicator in INDICATORS.iter().filter(|i| i.select().is_some()) {
            for by in BY {
                let asked = by.iter().map(|by| format!("by={by}")).collect::<Vec<_>>().join("&");
                let answer = client.get(&format!("/api/v1/indicators/{}/figure?{asked}", indicator.code)).await;
                if answer.status == 422 {
                    continue;
                }
                for cell in answer.json()["breakdown"].as_array().unwrap() {
                    let keys = cell["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
                    let pairs = by
                        .iter()
                        .zip(keys)
                        .map(|(by, key)| format!("{by}={}", if key.is_empty() { "none" } else { key }));
                    let address =
                        format!("/api/v1/indicators/{}/rows?{}", indicator.code, pairs.collect::<Vec<_>>().join("&"));
                    let (rows, _) = listed(&client, &address).await;
                    assert_eq!(cell["rows"], Value::from(rows), "{} {address}", stage.on);
                    cells += 1;
                }
            }
        }
        assert!(cells > 300, "{}: only {cells} cells were compared", stage.on);
    }
}

#[tokio::test]
async fn the_links_of_a_breakdown_open_its_cells() {
    for stage in stages().await {
        let client = stage.client("officer").await;
        let card = client.get("/indicators/sample.paid_quantity?by=unit&by=class").await;
        let (links, values) = (
            card.attributes("#breakdown ~ .table-responsive a.figure", "href"),
            card.texts("#breakdown ~ .table-responsive a.figure"),
        );
        assert!(links.len() >= 6, "{}: {links:?}", stage.on);
        for (link, value) in links.iter().zip(values) {
            let rows = client.get(link).await;
            assert_eq!(rows.texts("tbody tr").len().to_string(), value, "{} {link}", stage.on);
        }
    }
}

#[tokio::test]
async fn a_page_of_rows_repeats_the_figure_and_leads_on() {
    for stage in stages().await {
        let client = stage.client("officer").await;
        let first = client.get("/indicators/sample.visits/rows").await;
        let total: usize = first.texts(".headline-value").concat().trim_end_matches('次').trim().parse().unwrap();
        assert!(total > 50, "{}", stage.on);
        let next = first.attributes("a[rel=next]", "href").concat();
        let second = client.get(&next).await;
        assert_eq!(first.texts("tbody tr").len() + second.texts("tbody tr").len(), total, "{}", stage.on);
        assert_eq!(second.texts("caption"), [format!("第 51—{total} 行，共 {total} 行，到此为止")]);
    }
}

#[tokio::test]
async fn the_download_holds_every_row_once() {
    for stage in stages().await {
        let client = stage.client("officer").await;
        let figure = client.get("/api/v1/indicators/sample.visits/figure").await.json();
        let file = client.get("/indicators/sample.visits/rows.csv").await;
        assert_eq!(file.content_type, "text/csv; charset=utf-8");
        assert!(file.body.starts_with("\u{feff}\"主体\","), "{}", stage.on);
        assert_eq!(Value::from(file.body.lines().count() - 1), figure["rows"], "{}", stage.on);
    }
}

#[tokio::test]
async fn every_page_of_every_indicator_opens() {
    for stage in stages().await {
        let client = stage.client("officer").await;
        for indicator in INDICATORS {
            for page in ["", "/rows", "/rows.csv", "?by=unit", "?org=样例", "?unit=1", "/rows?unit=0"] {
                let answer = client.get(&format!("/indicators/{}{page}", indicator.code)).await;
                let refused = page == "?by=unit" && answer.status == 422;
                assert!(answer.status == 200 || refused, "{} {}{page}: {}", stage.on, indicator.code, answer.status);
            }
        }
    }
}

#[tokio::test]
async fn the_board_shows_target_and_both_sides_of_a_ratio() {
    for stage in stages().await {
        let client = stage.client("officer").await;
        let board = client.get("/board").await;
        let bar = board.texts(".stat .progress-text").concat();
        assert!(bar.contains("目标 50 次"), "{}: {bar}", stage.on);
        let ratio = board.texts(".stat-sub").into_iter().find(|text| text.contains('÷')).unwrap();
        assert!(ratio.contains("sample.visited_above") && ratio.contains("sample.visits"), "{}: {ratio}", stage.on);
        let east = client.get("/board?unit=1").await.texts(".stat .progress-text").concat();
        assert!(east.contains("目标 20 次"), "{}: {east}", stage.on);
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_at_its_name() {
    for stage in stages().await {
        let client = stage.client("officer").await;
        for (address, field) in [
            ("/api/v1/indicators/sample.visits/rows?month=202113", "month"),
            ("/api/v1/indicators/sample.visits/rows?unit=99", "unit"),
            ("/api/v1/indicators/sample.visits/rows?limit=many", "limit"),
            ("/api/v1/indicators/sample.visits/figure?by=colour", "by"),
            ("/api/v1/indicators/sample.visits/figure?about=2021-02-30", "about"),
            ("/api/v1/facts?kind=nothing", "kind"),
            ("/api/v1/facts?from=2021-06-30&to=2021-01-01", "to"),
            ("/api/v1/facts?before=x", "before"),
            ("/api/v1/facts?q=nobody", "q"),
        ] {
            let answer = client.get(address).await;
            assert_eq!(answer.status, 422, "{} {address}", stage.on);
            assert_eq!(answer.content_type, "application/problem+json");
            assert_eq!(answer.json()["errors"][0]["field"], field, "{} {address}", stage.on);
        }
        for address in [
            "/api/v1/facts/abc",
            "/api/v1/facts/0",
            "/facts/-1",
            "/records/x",
            "/indicators/none",
            "/indicators/none/rows",
        ] {
            assert_eq!(client.get(address).await.status, 404, "{} {address}", stage.on);
        }
    }
}

#[tokio::test]
async fn the_reply_prints_its_figures_and_warns_of_a_floor_that_does_not_hold() {
    for stage in stages().await {
        let client = stage.client("officer").await;
        let visits = client.get("/api/v1/indicators/sample.visits/figure?about=2021-06-30").await.json()["value"]
            .as_str()
            .unwrap()
            .to_owned();
        let reply = client.get("/reply").await;
        let letter = reply.texts(".letter p").concat();
        assert!(letter.contains(&format!("共{visits}次")) && letter.contains("超过2次"), "{}: {letter}", stage.on);
        assert!(!letter.contains("超过9999次"), "{}: {letter}", stage.on);
        assert_eq!(reply.texts("[role=alert] li").len(), 1, "{}", stage.on);
        for link in reply.attributes(".letter a.figure", "href") {
            assert!(link.contains("about=2021-06-30"), "{link}");
            assert_eq!(
                client.get(&link).await.texts(".headline-value").concat(),
                format!("{visits}次"),
                "{}",
                stage.on
            );
        }
        assert_eq!(client.get("/api/v1/figures").await.json().as_array().unwrap().len(), 3);
    }
}
