//! What is known is not typed again: templates come filled in, and every stored value says from which cell it came.

use kernel::indicator::declare;

use super::*;

async fn filled(store: &Store, actor: &Actor, what: What) -> Vec<Vec<String>> {
    let (_, bytes) = blank(store, actor, what).await.unwrap();
    rows(&bytes)
}

fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let book = sheets::open(bytes, &Limits::UPLOAD).unwrap();
    let below = book.pages[0].rows.iter().filter(|row| row.number > 3);
    below.map(|row| row.cells.iter().map(|(_, cell)| cell.shown()).collect()).collect()
}

#[tokio::test]
async fn yearly_figures_come_with_the_last_year_that_has_any() {
    for (store, orgs) in cities().await {
        let store = &store.store;
        let recorded = org::YearFigures {
            year: 2019,
            employees: Some(61),
            revenue: Some(Fen(5_000_000)),
            assets: None,
            source: "年报".into(),
        };
        store.write(&bureau(), async |tx| org::record_year(tx, orgs[0], &recorded).await).await.unwrap();
        let county = filled(store, &county(1), What::Years).await;
        assert!(county.iter().all(|row| row[3] == "2019"), "{county:?}");
        let own = code(store, orgs[0]).await;
        let row = county.iter().find(|row| row[1] == own).unwrap();
        assert_eq!(row[4..], ["61", "5", "年报"].map(str::to_owned));
        // The west has no figures of its own: its template is of the last year that is over.
        let over = chrono::Datelike::year(&store.read().await.unwrap().today()) - 1;
        let west = filled(store, &super::county(2), What::Years).await;
        assert!(!west.is_empty() && west.iter().all(|row| row[3] == over.to_string()), "{west:?}");
        let (_, asked) = intake::imports::blank_for(store, &bureau(), What::Years, Some(2018)).await.unwrap();
        assert!(rows(&asked).iter().all(|row| row[3] == "2018" && row.len() == 4), "a year may be asked for");
    }
}

#[tokio::test]
async fn declared_figures_come_with_what_was_said_last() {
    for (store, _) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let indicator =
            store.catalog().indicators().iter().find(|i| matches!(i.measure, kernel::indicator::Measure::Declared));
        let code = indicator.unwrap().code;
        store
            .write(&actor, async |tx| declare(tx, code, "12", day(2021, 6, 30), "统计月报", "张三").await)
            .await
            .unwrap();
        let (_, template) = blank(store, &actor, What::Declared).await.unwrap();
        let id = receive(store, &actor, What::Declared, "申明.xlsx", template.clone()).await.unwrap();
        assert_eq!(dry_run(store, &actor, id, false).await.unwrap().unchanged, 1);
        let key = format!("d|{code}");
        let next = [(key.as_str(), "数值", "15"), (key.as_str(), "截至日期", "2021-07-31")];
        let id =
            receive(store, &actor, What::Declared, "申明.xlsx", edited(&template, "申明数字", &next)).await.unwrap();
        assert_eq!(carry_out(store, &actor, id, Mode::Whole, "").await.unwrap().saved, 1);
        let read = store.read().await.unwrap();
        let sql = "SELECT value FROM declared ORDER BY position DESC LIMIT 1";
        assert_eq!(read.one(sql).await.unwrap().text("value").unwrap(), "15");
    }
}

#[tokio::test]
async fn attributes_and_yearly_figures_say_from_which_cell_they_came() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let known = code(store, orgs[0]).await;
        let lines = [
            "信用代码,本地编号,名称,填报单元,行业,起始日期,依据".to_owned(),
            format!("{known},,改过名的公司,,,2021-03-05,换照"),
            ",TD-07,新团队,西区,3451,2021-01-01,批文".to_owned(),
        ];
        let id = sent(store, &actor, What::Orgs, csv(&lines)).await;
        carry_out(store, &actor, id, Mode::Whole, "").await.unwrap();
        let years = csv(&[
            "信用代码,年度,从业人员（人）,营业收入（万元）,资产总额（万元）,依据".to_owned(),
            format!("{known},2020,60,5000,8000,年报"),
        ]);
        let second = sent(store, &actor, What::Years, years).await;
        carry_out(store, &actor, second, Mode::Whole, "").await.unwrap();
        let read = store.read().await.unwrap();
        let said = async |org: OrgId, attribute: &str| {
            let history = org::history(&read, org, None).await.unwrap();
            let position = org::value_on(&history, attribute, read.today()).unwrap().position;
            org::origins(&read, org).await.unwrap().get(&position).cloned().unwrap_or_default()
        };
        assert_eq!(said(orgs[0], "name").await, format!("导入自 报表.csv，工作表“CSV”C2（第 {id} 次导入）"));
        assert_eq!(said(orgs[0], "unit").await, "", "what was there before came from nowhere");
        let team = org::find_by_code(&read, &Scope::All, "TD-07").await.unwrap().id;
        assert!(said(team, "industry").await.contains("E3（"), "{}", said(team, "industry").await);
        let of_year = org::year_origins(&read, orgs[0], read.head().unwrap()).await.unwrap();
        assert!(of_year[&2020].contains(&format!("B2（第 {second} 次导入）")), "{of_year:?}");
    }
}
