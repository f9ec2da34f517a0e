//! The workbook of a county, there and back.

use kernel::value::day::parse_day;
use sheets::{Filled, Issued, Value};

use super::super::uploads::{receive, returned, save};
use super::super::workbook::{county_workbook, look_through, opened};
use super::super::{months::Month, sheet};
use super::*;

/// A workbook of a project as downloaded, with more filled in, and rows of one's own.
async fn workbook(
    store: &Store,
    by: &Actor,
    id: CaseId,
    more: &[(&'static str, &str)],
    own: &[&[(&'static str, &str)]],
) -> Vec<u8> {
    let read = store.read().await.unwrap();
    let held = Month::load(&read, &by.scope(super::super::REPORT), id, by).await.unwrap();
    let code = kernel::org::find(&read, held.case.subject).await.unwrap().code().to_owned();
    let mut row = sheet::filled(&held, &code, read.today());
    // What a person types stands in no held value: the row is written anew over it.
    row.values.extend(more.iter().map(|(column, text)| (*column, typed(column, text))));
    let mut rows = vec![row];
    for (at, cells) in own.iter().enumerate() {
        rows.push(Filled { key: format!("n{at}"), values: cells.iter().map(|(c, t)| (*c, typed(c, t))).collect() });
    }
    let issued = Issued { owner: "测试".into(), at: "测试".into() };
    sheets::write(&sheet::template(), &rows, &issued).unwrap()
}

fn typed(column: &str, text: &str) -> Value {
    match column {
        "start_on" | "end_on" => Value::Day(parse_day(text).unwrap()),
        _ => Value::Text(text.to_owned()),
    }
}

const NEW: &[(&str, &str)] = &[
    ("credit_code", "91420299MADT0000XX"),
    ("project", "焊接单元改造"),
    ("type", "智能单元"),
    ("invest", "300"),
    ("start_on", "2021-08-01"),
    ("end_on", "2021-12-31"),
    ("from", "企业自主"),
    ("contact", "李四"),
];

async fn code(store: &Store, org: OrgId) -> String {
    kernel::org::find(&store.read().await.unwrap(), org).await.unwrap().code().to_owned()
}

#[tokio::test]
async fn a_county_reports_and_files_with_one_workbook() {
    for (store, orgs) in cities().await {
        let (id, _, officer) = building(&store, orgs[0]).await;
        let (name, blank) = county_workbook(&store, &officer).await.unwrap();
        assert!(name.ends_with(".xlsx") && blank.len() > 2000, "{}", store.on);
        let own = code(&store, orgs[0]).await;
        let mut new: Vec<(&str, &str)> = NEW.to_vec();
        new[0].1 = &own;
        let month = [("month", "2021-03"), ("invested", "88.5"), ("reached", "设备采购 2021-03-20")];
        let bytes = workbook(&store, &officer, id, &month, &[&new]).await;
        let sent = receive(&store, &officer, "三月.xlsx", bytes.clone()).await.unwrap();
        assert_eq!(save(&store, &officer, sent).await.unwrap(), 2, "{}", store.on);
        let twice = conflict(save(&store, &officer, sent).await.unwrap_err());
        assert!(twice.contains("保存过"), "{twice}");
        consistent(&store, id).await;
        let read = store.read().await.unwrap();
        let reports = super::super::queries::reports(&read, &[id]).await.unwrap().remove(&id).unwrap();
        assert_eq!((reports.len(), reports[0].invested.0), (1, 88_500_000), "{}", store.on);
        let filed = case::list(&read, &ALL, FLOW.code, Some("filed"), None, 5).await.unwrap();
        assert_eq!(filed.len(), 1, "{}", store.on);
        // The same workbook again says nothing new of the month; the new project stands already.
        let (_, reading) = opened(bytes).await.unwrap();
        let looked = look_through(&read, &officer, reading).await.unwrap();
        assert_eq!((looked.reports(), looked.filings(), looked.faults()), (0, 0, 1), "{}", store.on);
    }
}

#[tokio::test]
async fn one_wrong_cell_keeps_the_whole_workbook_out_and_is_marked() {
    for (store, orgs) in cities().await {
        let (id, firm, officer) = building(&store, orgs[0]).await;
        report(&store, &firm, id, "2021-02", "500", &[]).await.unwrap();
        let (foreign, own) = (code(&store, orgs[1]).await, code(&store, orgs[0]).await);
        let with = |changes: &[(&'static str, &'static str)]| {
            let mut row: Vec<(&'static str, String)> = NEW.iter().map(|(c, t)| (*c, (*t).to_owned())).collect();
            row[0].1.clone_from(&own);
            for (column, text) in changes {
                row.iter_mut().find(|(c, _)| c == column).unwrap().1 = (*text).to_owned();
            }
            row
        };
        let mut other = with(&[]);
        other[0].1 = foreign;
        let rows = [
            other,
            with(&[("type", "无人工厂"), ("project", "二")]),
            with(&[("credit_code", "91420299MADT00001X"), ("project", "三")]),
        ];
        let rows: Vec<Vec<(&'static str, &str)>> =
            rows.iter().map(|row| row.iter().map(|(c, t)| (*c, t.as_str())).collect()).collect();
        let rows: Vec<&[(&'static str, &str)]> = rows.iter().map(Vec::as_slice).collect();
        let less = [("month", "2021-03"), ("invested", "-20")];
        let bytes = workbook(&store, &officer, id, &less, &rows).await;
        let sent = receive(&store, &officer, "错.xlsx", bytes.clone()).await.unwrap();
        let refused = conflict(save(&store, &officer, sent).await.unwrap_err());
        assert!(refused.contains("什么都没有保存"), "{}: {refused}", store.on);
        let read = store.read().await.unwrap();
        let (_, reading) = opened(bytes).await.unwrap();
        let looked = look_through(&read, &officer, reading).await.unwrap();
        let found = |head: &str, part: &str| {
            let at = |f: &&sheets::Finding| f.head.starts_with(head) && f.message.contains(part);
            assert!(
                looked.reading.findings.iter().any(|f| at(&f)),
                "{}: {head} {part}: {:#?}",
                store.on,
                looked.reading.findings
            );
        };
        found("情况说明", "减少");
        found("统一社会信用代码", "不在您的范围内");
        found("项目类型", "无人工厂");
        found("统一社会信用代码", "");
        assert!(looked.faults() >= 4, "{}", store.on);
        assert!(case::list(&read, &ALL, FLOW.code, Some("filed"), None, 5).await.unwrap().is_empty(), "{}", store.on);
        drop(read);
        let (name, marked) = returned(&store, &officer, sent).await.unwrap();
        assert!(name.contains("核对") && marked.own, "{}", store.on);
        assert!(returned(&store, &county(23, 2), sent).await.is_err(), "{}: nobody else opens it", store.on);
    }
}

#[tokio::test]
async fn what_others_reported_since_the_download_is_a_conflict() {
    for (store, orgs) in cities().await {
        let (id, firm, officer) = building(&store, orgs[0]).await;
        let bytes = workbook(&store, &officer, id, &[("month", "2021-03"), ("invested", "10")], &[]).await;
        report(&store, &firm, id, "2021-02", "500", &[]).await.unwrap();
        let read = store.read().await.unwrap();
        let (_, reading) = opened(bytes).await.unwrap();
        let looked = look_through(&read, &officer, reading).await.unwrap();
        assert_eq!((looked.reports(), looked.faults()), (0, 1), "{}", store.on);
        let told = |f: &sheets::Finding| f.level == sheets::Level::Conflict && f.message.contains("企业11 已于");
        assert!(looked.reading.findings.iter().any(told), "{}: {:?}", store.on, looked.reading.findings);
    }
}
