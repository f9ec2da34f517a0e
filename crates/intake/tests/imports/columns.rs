//! A department sends its own list, whose heads are nobody's, month after month.

use super::*;

const HEADS: &str = "顺号,户名,登记号,办理日,补助,缘由";

fn list(rows: &[String]) -> Vec<u8> {
    csv(&[&["某局拨付清单,,,,,".to_owned(), HEADS.to_owned()], rows].concat())
}

/// What the form of the columns sends: head, what it is, unit.
fn form(said: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    let fields = said.iter().enumerate().flat_map(|(n, (head, is, unit))| {
        [(format!("head_{n}"), *head), (format!("is_{n}"), *is), (format!("unit_{n}"), *unit)]
    });
    fields.map(|(name, value)| (name, value.to_owned())).collect()
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_list_with_heads_of_its_own_is_described_once_and_known_from_then_on() {
    for (store, orgs) in cities().await {
        for (login, role) in [("ju", "bureau_officer"), ("ta", "bureau_officer")] {
            let new = NewAccount { login, name: login, role, password: PASSWORD, unit: None, org: None };
            store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
        }
        let a = code(&store, orgs[0]).await;
        let app = TestApp::new(&store, slices()).await;
        let bureau = app.signed_in("ju", PASSWORD).await;
        bureau.get("/imports").await;
        let march = list(&[format!("1,甲,{a},2021-03-05,125000,技改贴息")]);
        let answer = bureau.upload("/imports", &[("what", "facts")], "三月.csv", &march).await;
        let here = answer.location.unwrap_or_default();
        assert!(here.ends_with("/columns"), "{here} {}", answer.body);
        let page = bureau.get(&here).await;
        let heads = page.attributes("input[name^=head_]", "value");
        assert_eq!(heads, ["顺号", "户名", "登记号", "办理日", "补助", "缘由"]);
        assert!(page.body.contains("技改贴息") && page.body.contains("表头在第几行"), "samples stand beside the heads");
        // The plain page of the import leads here as well, since nobody can read it yet.
        let show = bureau.get(here.trim_end_matches("/columns")).await;
        assert_eq!(show.location.as_deref(), Some(here.as_str()));
        // What is said twice or left out is told at its place, and what was chosen stays.
        let wrong = form(&[("顺号", "number", ""), ("户名", "title", ""), ("缘由", "title", "万元")]);
        let answer = bureau.post(&here, &pairs(&wrong)).await;
        assert_eq!(answer.status.as_u16(), 422);
        assert!(answer.texts("[role=alert]")[0].contains("还没有指明"), "{}", answer.body);
        assert!(answer.texts(".field-error")[0].contains("选了不止一次"), "{}", answer.body);
        let said = [
            ("顺号", "", ""),
            ("户名", "", ""),
            ("登记号", "credit_code", ""),
            ("办理日", "on", ""),
            ("补助", "amount", "元"),
            ("缘由", "title", ""),
        ];
        let missing = bureau.post(&here, &pairs(&form(&said))).await;
        assert!(missing.texts("[role=alert]")[0].contains("事实种类"), "{}", missing.body);
        // The office adds the kind in its list.
        let heads = format!("{HEADS},何事");
        let month = |rows: &str| format!("{heads}\n{rows}").into_bytes();
        let april = month(&format!("1,甲,{a},2021-04-05,125000,技改贴息,拨付"));
        let answer = bureau.upload("/imports", &[("what", "facts")], "四月.csv", &april).await;
        let here = answer.location.unwrap();
        let page = bureau.get(&here).await;
        assert_eq!(page.attributes("select[name=is_6] option[selected]", "value"), ["fact"], "guessed by its content");
        let said = form(&[said.as_slice(), &[("何事", "fact", "")]].concat());
        let answer = bureau.post(&here, &pairs(&said)).await;
        assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
        let here = here.trim_end_matches("/columns").to_owned();
        let page = bureau.get(&here).await;
        assert!(page.body.contains("7 列中读 5 列") && page.body.contains("以元为单位"), "{}", page.body);
        let answer = bureau.post(&format!("{here}/save"), &[("mode", "whole")]).await;
        assert_eq!(
            answer.status.as_u16(),
            303,
            "{:?} {}",
            answer.texts("[role=alert]"),
            page.texts("#grave + p + div").join(" ")
        );
        assert_eq!(paid(&store).await, [(12_500_000, "技改贴息".to_owned())]);
        // Next month the same heads, in another order: known, and said so.
        let may = format!("何事,{HEADS}\n拨付,2,甲,{a},2021-05-05,30000,技改贴息").into_bytes();
        let answer = bureau.upload("/imports", &[("what", "facts")], "五月.csv", &may).await;
        let next = answer.location.unwrap();
        let page = bureau.get(&next).await;
        assert!(page.body.contains("记住的认列读取"), "{}", page.body);
        assert_eq!(page.attributes("button[name=mode]", "value"), ["whole"]);
        // Another sender is asked: what one office says of its heads says nothing of another's.
        let other = app.signed_in("ta", PASSWORD).await;
        other.get("/imports").await;
        let answer = other.upload("/imports", &[("what", "facts")], "五月.csv", &may).await;
        assert!(answer.location.unwrap().ends_with("/columns"));
        let list = bureau.get("/imports").await;
        let saved = list.attributes("a[href^='/imports/mappings/']", "href");
        assert_eq!(saved.len(), 1, "{}", list.body);
        assert_eq!(other.get(&saved[0]).await.status.as_u16(), 404);
        // Changed: the amounts are in 万元 after all; then forgotten.
        let page = bureau.get(&saved[0]).await;
        assert_eq!(page.attributes("input[name^=head_]", "value").len(), 7);
        let mut changed = said.clone();
        changed.iter_mut().filter(|(_, value)| value == "元").for_each(|(_, value)| *value = "万元".into());
        assert_eq!(bureau.post(&saved[0], &pairs(&changed)).await.status.as_u16(), 303);
        assert!(bureau.get(&next).await.body.contains("以元为单位"), "an import keeps what it is read by");
        let answer = bureau.upload("/imports", &[("what", "facts")], "五月.csv", &may).await;
        assert!(!bureau.get(&answer.location.unwrap()).await.body.contains("以元为单位"));
        assert_eq!(bureau.post(&format!("{}/forget", saved[0]), &[]).await.status.as_u16(), 303);
        let answer = bureau.upload("/imports", &[("what", "facts")], "五月.csv", &may).await;
        assert!(answer.location.unwrap().ends_with("/columns"));
    }
}

async fn paid(store: &Store) -> Vec<(i64, String)> {
    let read = store.read().await.unwrap();
    let sql = "SELECT f.amount_fen, r.title FROM fact f JOIN record r ON r.id = f.record_id";
    let rows = read.all(sql).await.unwrap();
    rows.iter().map(|row| (row.int("amount_fen").unwrap(), row.text("title").unwrap().to_owned())).collect()
}

#[tokio::test]
async fn a_file_says_the_same_for_the_command_line() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, Actor::system("命令行导入"));
        let a = code(store, orgs[0]).await;
        let text = "[[column]]\nhead = \"登记号\"\nis = \"统一社会信用代码\"\n\n[[column]]\nhead = \"何 事\"\nis = \"fact\"\n\n\
                    [[column]]\nhead = \"办理日\"\nis = \"发生日期\"\n\n[[column]]\nhead = \"缘由\"\nis = \"title\"\n";
        let said = intake::imports::described(store, &actor, What::Facts, text).await.unwrap();
        let bytes = csv(&["登记号,何事,办理日,缘由".to_owned(), format!("{a},走访,2021-03-05,走访")]);
        assert!(receive(store, &actor, What::Facts, "表.csv", bytes.clone()).await.is_err(), "not known yet");
        let file = ("表.csv", bytes.clone());
        let id = intake::imports::receive_mapped(store, &actor, What::Facts, file, &said).await.unwrap();
        assert_eq!(carry_out(store, &actor, id, Mode::Whole, "").await.unwrap().saved, 1);
        let again = receive(store, &actor, What::Facts, "表.csv", bytes).await.unwrap();
        assert_eq!(dry_run(store, &actor, again, false).await.unwrap().unchanged, 1, "remembered, and stored once");
        let broken =
            intake::imports::described(store, &actor, What::Facts, "[[column]]\nhead=\"x\"\nis=\"没有\"").await;
        assert!(matches!(broken, Err(Error::Invalid(_))));
    }
}
