//! What programs read and do: publications, rules, corrections, targets; the same acts and refusals as on pages.

use kernel::access::{NewAccount, create_account};
use kernel::id::UnitId;
use serde_json::{Value, json};
use testkit::Client;
use testkit::sample;

use super::published::{publish, visits};
use super::stage::{PASSWORD, Stage, stages};

async fn leader(stage: &Stage) -> Client {
    let new = NewAccount {
        login: "leader",
        name: "leader",
        role: "bureau_leader",
        password: PASSWORD,
        unit: None,
        org: None,
    };
    stage.store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
    stage.client("leader").await
}

#[tokio::test]
async fn a_program_reads_three_readings_and_every_part_of_a_change() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let before = officer.get("/api/v1/indicators/sample.visits/figure?about=2021-06-30").await.json();
        let before = before["exact"]["value"].as_i64().unwrap();
        let mut ids = Vec::new();
        for title in ["第一份", "第二份", "第三份"] {
            ids.push(publish(&stage, title, &["sample.visits", "sample.share"]).await.0);
        }
        visits(&stage, 3).await;
        let first = officer.get("/api/v1/publications?limit=2").await.json();
        let second =
            officer.get(&format!("/api/v1/publications?limit=2&after={}", first["next"].as_str().unwrap())).await;
        let second = second.json();
        let listed = |page: &Value| -> Vec<i64> {
            page["items"].as_array().unwrap().iter().map(|p| p["id"].as_i64().unwrap()).collect()
        };
        assert_eq!((listed(&first), listed(&second)), (vec![ids[2], ids[1]], vec![ids[0]]), "{}", stage.on);
        assert_eq!(second["next"], Value::Null, "{}", stage.on);

        let one = officer.get(&format!("/api/v1/publications/{}", ids[0])).await.json();
        let figure = &one["figures"][0];
        assert_eq!(figure["published"], json!({ "sort": "count", "value": before }), "{}", stage.on);
        assert_eq!(figure["now"], json!({ "sort": "count", "value": before + 3 }), "{}", stage.on);
        assert_eq!((&figure["moved"], &figure["redefined"]), (&json!(true), &json!(false)), "{}", stage.on);
        // The sample is all recorded today: on the day of the document nothing was known yet.
        assert_eq!(figure["then"]["value"], json!(0), "{}: as known on the day of the document", stage.on);
        let path = format!("/api/v1/publications/{}/figures/1", ids[0]);
        let told = officer.get(&path).await.json();
        assert_eq!(told["definition"]["code"], "sample.visits", "{}", stage.on);
        assert_eq!(told["alarms"], json!([]), "{}", stage.on);
        let step = &told["steps"][0];
        assert_eq!((&step["cause"], &step["count"]), (&json!("late"), &json!(3)), "{}", stage.on);
        assert_eq!(step["before"]["value"].as_i64().unwrap() + 3, step["after"]["value"].as_i64().unwrap());
        let page = officer.get(&format!("{path}?limit=2")).await.json();
        let next = page["steps"][0]["next"].as_str().unwrap().to_owned();
        let rest = officer.get(&format!("{path}?limit=2&part=late&after={next}")).await.json();
        let rows = |page: &Value| page["steps"][0]["rows"].as_array().unwrap().clone();
        assert_eq!(rows(&page).len() + rows(&rest).len(), 3, "{}", stage.on);
        assert_eq!(rest["steps"][0]["next"], Value::Null, "{}", stage.on);
        assert_eq!(officer.get("/api/v1/publications/999").await.status, 404, "{}", stage.on);
        assert_eq!(officer.get(&format!("/api/v1/publications/{}?on=x", ids[0])).await.status, 422, "{}", stage.on);
        let east = stage.client("east").await;
        assert_eq!(east.get("/api/v1/publications").await.status, 403, "{}: the city's", stage.on);
        assert_eq!(officer.get("/api/v1/rules").await.json(), json!([]), "{}: the sample declares none", stage.on);
    }
}

#[tokio::test]
async fn a_program_requests_a_correction_and_another_person_decides() {
    for stage in stages().await {
        let (officer, leader) = (stage.client("officer").await, leader(&stage).await);
        let fact = visits(&stage, 1).await;
        publish(&stage, "答复", &["sample.visits"]).await;
        let path = format!("/api/v1/facts/{fact}/amendments");
        let nameless = officer.tell(&path, &json!({ "reason": " ", "reverse": true })).await;
        assert_eq!((nameless.status.as_u16(), &nameless.json()["errors"][0]["field"]), (422, &json!("reason")));
        let body = json!({ "reason": "重复登记", "reverse": true });
        let look = officer.tell(&path, &body).await;
        assert_eq!(look.status, 200, "{}: {}", stage.on, look.body);
        let (moves, seen) = (look.json()["moves"].clone(), look.json()["seen"].clone());
        let by = |of: &str| moves[0][of]["value"].as_i64().unwrap();
        assert_eq!(by("after"), by("now") - 1, "{}", stage.on);
        assert_eq!(officer.get("/api/v1/amendments").await.json()["items"], json!([]), "{}: a look only", stage.on);
        let stale = officer.tell(&path, &json!({ "reason": "重复登记", "reverse": true, "seen": "0" })).await;
        assert_eq!(stale.status, 409, "{}", stage.on);
        let made = officer.tell(&path, &json!({ "reason": "重复登记", "reverse": true, "seen": seen })).await;
        assert_eq!(made.status, 201, "{}: {}", stage.on, made.body);
        let id = made.json()["id"].as_i64().unwrap();
        let accept = format!("/api/v1/amendments/{id}/accept");
        let own = officer.tell(&accept, &json!({ "seen": seen })).await;
        assert_eq!(own.status, 409, "{}: not one's own", stage.on);
        assert_eq!(leader.tell(&accept, &json!({})).await.status, 409, "{}: unseen", stage.on);
        let done = leader.tell(&accept, &json!({ "note": "属实", "seen": seen })).await;
        assert_eq!(done.status, 200, "{}: {}", stage.on, done.body);
        assert_eq!((&done.json()["state"], &done.json()["note"]), (&json!("accepted"), &json!("属实")));
        let reversed = officer.get(&format!("/api/v1/facts/{fact}")).await.json()["reversed_by"].clone();
        assert!(reversed.is_i64(), "{}", stage.on);
        let again = leader.tell(&format!("/api/v1/amendments/{id}/refuse"), &json!({ "note": "晚了" })).await;
        assert_eq!(again.status, 409, "{}: decided once", stage.on);
    }
}

#[tokio::test]
async fn a_county_learns_which_published_figures_move_and_not_how_much_they_are() {
    for stage in stages().await {
        publish(&stage, "答复", &["sample.visits"]).await;
        let east = stage.client("east").await;
        let own = east.get("/api/v1/facts?kind=sample.visited&to=2021-06-30&limit=1").await.json();
        let fact = own["items"][0]["position"].as_i64().unwrap();
        let look =
            east.tell(&format!("/api/v1/facts/{fact}/amendments"), &json!({ "reason": "重复", "reverse": true })).await;
        let moved = &look.json()["moves"][0];
        assert_eq!((&moved["citation"], &moved["now"]), (&json!("A01"), &Value::Null), "{}: {}", stage.on, look.body);
        let foreign = stage.client("west").await;
        let hidden = foreign.tell(&format!("/api/v1/facts/{fact}/amendments"), &json!({ "reason": "越权" })).await;
        assert_eq!(hidden.status, 404, "{}", stage.on);
    }
}

#[tokio::test]
async fn a_program_sets_targets_and_declares_within_its_units() {
    for stage in stages().await {
        let (officer, east) = (stage.client("officer").await, stage.client("east").await);
        let path = "/api/v1/indicators/sample.visits/targets";
        let body = |unit: i64| json!({ "period": "2021", "unit": unit, "value": "25", "source": "文件二" });
        let set = east.tell(path, &body(1)).await;
        assert_eq!(set.status, 201, "{}: {}", stage.on, set.body);
        assert_eq!((&set.json()[0]["value"], &set.json()[0]["unit"]), (&json!(25), &json!(1)), "{}", stage.on);
        let foreign = east.tell(path, &body(2)).await;
        assert_eq!((foreign.status.as_u16(), &foreign.json()["errors"][0]["field"]), (422, &json!("unit")));
        let listed = |found: Value| found.as_array().unwrap().iter().map(|t| t["unit"].as_i64().unwrap()).collect();
        let of_east: Vec<i64> = listed(east.get(path).await.json());
        assert_eq!(of_east, [1, 1], "{}: {}", stage.on, UnitId(1));
        assert_eq!(officer.get(path).await.json().as_array().unwrap().len(), 3, "{}", stage.on);
        assert_eq!(officer.get("/api/v1/indicators/no.such/targets").await.status, 404, "{}", stage.on);

        let path = "/api/v1/indicators/sample.declared/declared";
        let body = json!({ "value": "5", "as_on": "2021-07-01", "source": "通报", "person": "责任人" });
        assert_eq!(east.tell(path, &body).await.status, 403, "{}: the city's", stage.on);
        assert_eq!(officer.tell(path, &body).await.status, 201, "{}", stage.on);
        let values = officer.get(path).await.json();
        assert_eq!((&values[0]["value"], &values[1]["value"]), (&json!("5"), &json!("4")), "{}", stage.on);
        assert_eq!(officer.get("/api/v1/indicators/sample.visits/declared").await.status, 404, "{}", stage.on);
        let form = officer.post(path, &[("value", "6")]).await;
        assert_eq!(form.status, 422, "{}: another site's form is not JSON", stage.on);
        assert!(form.content_type.contains("problem+json"), "{}: {}", stage.on, form.content_type);
    }
}
