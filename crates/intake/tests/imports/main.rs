//! What offices do with imports, on both databases.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use intake::imports::{Done, Mode, What, blank, carry_out, dry_run, receive, returned, take_back, work_once};
use kernel::access::{Actor, NewAccount, Scope, create_account, role};
use kernel::id::{AccountId, OrgId, UnitId};
use kernel::indicator::{Number, Question, figure, target_value};
use kernel::org;
use kernel::store::Store;
use kernel::value::money::Fen;
use kernel::{Error, args};
use rust_xlsxwriter::Workbook;
use sheets::{Level, Limits};
use testkit::sample::{self, ALL, day};
use testkit::{TestApp, TestStore};
use web::Slice;

mod columns;
mod known;
mod ledger;
mod long;
mod meanwhile;
mod merged;
mod numbers;
mod slips;
mod taking_back;

const PASSWORD: &str = "a-password-for-tests";

fn slices() -> Vec<Slice> {
    let mut slices = registry::slices();
    slices.extend(intake::slices());
    slices.push(Slice::without_pages(sample::MODULE));
    slices
}

async fn cities() -> Vec<(TestStore, Vec<OrgId>)> {
    let modules: Vec<_> = slices().iter().map(|s| s.module).collect();
    let mut cities = Vec::new();
    for store in testkit::stores(&modules).await {
        let (orgs, _) = sample::city(&store, 6).await;
        cities.push((store, orgs));
    }
    cities
}

fn bureau() -> Actor {
    Actor::in_role(AccountId(1), "市局", role("bureau_officer").unwrap(), vec![], None)
}

fn county(unit: i64) -> Actor {
    let role = role("county_officer").unwrap();
    Actor::in_role(AccountId(2), "县局", role, vec![UnitId(unit)], None)
}

async fn code(store: &Store, id: OrgId) -> String {
    org::find(&store.read().await.unwrap(), id).await.unwrap().code().to_owned()
}

fn csv(lines: &[String]) -> Vec<u8> {
    lines.join("\n").into_bytes()
}

async fn sent(store: &Store, actor: &Actor, what: What, bytes: Vec<u8>) -> i64 {
    receive(store, actor, what, "报表.csv", bytes).await.unwrap()
}

async fn faults(store: &Store, actor: &Actor, id: i64) -> Vec<(String, String)> {
    told(store, actor, id, Level::Fault).await
}

async fn told(store: &Store, actor: &Actor, id: i64, level: Level) -> Vec<(String, String)> {
    let report = dry_run(store, actor, id, false).await.unwrap();
    report.reading.findings.iter().filter(|f| f.level == level).map(|f| (f.place(), f.message.clone())).collect()
}

async fn visits(store: &Store) -> Number {
    let read = store.read().await.unwrap();
    let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
    figure(&read, "sample.visits", &q).await.unwrap().number
}

async fn attribute(store: &Store, org: OrgId, code: &str) -> String {
    let read = store.read().await.unwrap();
    let history = org::history(&read, org, None).await.unwrap();
    org::value_on(&history, code, read.today()).map(|a| a.value.clone()).unwrap_or_default()
}

/// A template as downloaded, with some cells filled in otherwise.
fn edited(bytes: &[u8], what: &str, cells: &[(&str, &str, &str)]) -> Vec<u8> {
    let book = sheets::open(bytes, &Limits::UPLOAD).unwrap();
    let mut out = Workbook::new();
    for page in &book.pages {
        let sheet = out.add_worksheet().set_name(&page.name).unwrap();
        sheet.set_hidden(page.name != what);
        for row in &page.rows {
            for (col, cell) in &row.cells {
                sheet.write_string(row.number - 1, *col, cell.shown()).unwrap();
            }
        }
        let head = page.rows.get(2).filter(|_| page.name == what);
        let col =
            |name: &str| head.and_then(|h| h.cells.iter().find(|(_, c)| c.shown() == name)).map(|(c, _)| *c).unwrap();
        for (key, name, text) in cells.iter().filter(|_| page.name == what) {
            let row = page.rows.iter().find(|r| r.at(0).is_some_and(|c| c.shown() == *key)).unwrap();
            sheet.write_string(row.number - 1, col(name), *text).unwrap();
        }
    }
    out.save_to_buffer().unwrap()
}

#[tokio::test]
async fn a_register_is_read_saved_and_taken_back() {
    for (store, orgs) in cities().await {
        let known = code(&store, orgs[0]).await;
        let lines = [
            "企业名称,信用代码,本地编号,所属县市区,行业,规上,起始日期,依据".to_owned(),
            format!("新名称有限公司,{known},,东区,3451,是,2021年3月5日,换照"),
            "新团队,,TD-01,西区,,,2021-01-01,批文".to_owned(),
        ];
        let (store, actor) = (&store.store, bureau());
        let id = sent(store, &actor, What::Orgs, csv(&lines)).await;
        assert_eq!(faults(store, &actor, id).await, []);
        let done = carry_out(store, &actor, id, Mode::Whole, "").await.unwrap();
        assert_eq!(done, Done { saved: 2, unchanged: 0, refused: 0 });
        assert_eq!(attribute(store, orgs[0], "name").await, "新名称有限公司");
        let read = store.read().await.unwrap();
        let history = org::history(&read, orgs[0], None).await.unwrap();
        let source = &org::value_on(&history, "name", read.today()).unwrap().source;
        assert_eq!(source, "换照", "the source stays as it was typed; the cell stands in the trace");
        let team = org::find_by_code(&read, &Scope::All, "TD-01").await.unwrap();
        assert_eq!((team.name.as_str(), team.unit), ("新团队", 2));
        drop(read);
        // The same file again: nothing to do. Saved twice: told.
        let again = sent(store, &actor, What::Orgs, csv(&lines)).await;
        assert_eq!(dry_run(store, &actor, again, false).await.unwrap().unchanged, 2);
        assert!(matches!(carry_out(store, &actor, id, Mode::Whole, "").await, Err(Error::Conflict(_))));
        // Taken back: the old name, the team struck off.
        assert!(matches!(take_back(store, &actor, id, " ").await, Err(Error::Invalid(_))));
        let left = take_back(store, &actor, id, "传错了文件").await.unwrap();
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(attribute(store, orgs[0], "name").await, "样例企业0000有限公司");
        assert_eq!(attribute(store, team.id, "status").await, "撤销");
        assert!(matches!(take_back(store, &actor, id, "再来").await, Err(Error::Conflict(_))));
    }
}

#[tokio::test]
async fn what_others_changed_meanwhile_is_never_overwritten_unasked() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, county(1));
        let (_, template) = blank(store, &actor, What::Orgs).await.unwrap();
        // The bureau moves two firms' industries while the county has the template.
        store
            .write(&bureau(), async |tx| {
                org::assert(tx, orgs[0], "industry", "3130", day(2021, 1, 1), None, "核定").await?;
                org::assert(tx, orgs[3], "industry", "3130", day(2021, 1, 1), None, "核定").await
            })
            .await
            .unwrap();
        let (first, other) = (format!("o{}", orgs[0]), format!("o{}", orgs[3]));
        let cells = [
            (first.as_str(), "经营状态", "停业"),
            (first.as_str(), "起始日期", "2021-06-01"),
            (first.as_str(), "依据", "公告"),
            (other.as_str(), "行业", "1512"),
            (other.as_str(), "起始日期", "2021-06-01"),
            (other.as_str(), "依据", "公告"),
        ];
        // Untouched cells of the first firm: its new industry stays. The second firm's cell was touched by both.
        let cells: Vec<_> = cells.iter().map(|(k, n, t)| (*k, *n, if *t == "1512" { "1511" } else { *t })).collect();
        let bytes = edited(&template, "主体名录", &cells);
        let id = receive(store, &actor, What::Orgs, "县.xlsx", bytes).await.unwrap();
        assert_eq!(faults(store, &actor, id).await, []);
        let conflicts = told(store, &actor, id, Level::Conflict).await;
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        assert!(
            conflicts[0].1.contains("市局改为“3130”") && conflicts[0].1.contains("表中改为“1511”"),
            "{conflicts:?}"
        );
        assert!(matches!(carry_out(store, &actor, id, Mode::Whole, "").await, Err(Error::Invalid(_))));
        assert_eq!(attribute(store, orgs[0], "status").await, "存续", "nothing is half saved");
        let done = carry_out(store, &actor, id, Mode::Good, "").await.unwrap();
        assert_eq!((done.saved, done.refused), (1, 1));
        assert_eq!(attribute(store, orgs[0], "status").await, "停业");
        assert_eq!(attribute(store, orgs[0], "industry").await, "3130");
        assert_eq!(attribute(store, orgs[3], "industry").await, "3130");
        let bytes = edited(&template, "主体名录", &cells);
        let id = receive(store, &actor, What::Orgs, "县.xlsx", bytes).await.unwrap();
        let seen = dry_run(store, &actor, id, false).await.unwrap().conflicts();
        let other = carry_out(store, &actor, id, Mode::Whole, "others").await;
        assert!(matches!(other, Err(Error::Conflict(_))), "only conflicts that were seen are overruled: {other:?}");
        carry_out(store, &actor, id, Mode::Whole, &seen).await.unwrap();
        assert_eq!(attribute(store, orgs[3], "industry").await, "1511", "asked for, the sheet wins");
        // Somebody changes it after the import: taking back leaves it, and says so.
        store
            .write(&bureau(), async |tx| {
                org::assert(tx, orgs[3], "industry", "3451", day(2021, 6, 1), None, "核定").await
            })
            .await
            .unwrap();
        let left = take_back(store, &actor, id, "重核").await.unwrap();
        assert!(left.len() == 1 && left[0].contains("又有人改动，请在档案里核对：行业"), "{left:?}");
        assert_eq!(attribute(store, orgs[3], "industry").await, "3451");
    }
}

#[tokio::test]
async fn a_historical_ledger_becomes_facts_once() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let (a, b) = (code(store, orgs[0]).await, code(store, orgs[1]).await);
        let lines = [
            "编号,事实种类,分类,信用代码,发生日期,金额（万元）,事由".to_owned(),
            format!("001,走访,,{a},2021.3.5,,春季走访"),
            format!(",走访,,{b},2021-04-01,,回访"),
            format!("003,拨付,甲类,{b},2021-04-02,12.5,贴息"),
            format!("004,走访,,{b},2091-04-02,,回访"),
            format!("005,走访,丙类,{b},2021-04-02,3,回访"),
            format!(",走访,,{b},2021年4月1日,,回访"),
            "006,走访,,JG-404,2021-04-02,,回访".to_owned(),
        ];
        let id = sent(store, &actor, What::Facts, csv(&lines)).await;
        let faults = faults(store, &actor, id).await;
        let places: Vec<&str> = faults.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["E5", "C6", "F6", "A7", "D8"], "{faults:?}");
        for ((_, message), said) in
            faults.iter().zip(["在今天", "没有“丙类”", "不记金额", "与工作表“CSV”第 3 行重复", "没有代码为“JG-404”"])
        {
            assert!(message.contains(said), "{said}: {message}");
        }
        assert!(matches!(carry_out(store, &actor, id, Mode::Whole, "").await, Err(Error::Invalid(_))));
        assert_eq!(visits(store).await, Number::Count(0));
        let done = carry_out(store, &actor, id, Mode::Good, "").await.unwrap();
        assert_eq!(done, Done { saved: 3, unchanged: 0, refused: 4 });
        assert_eq!(visits(store).await, Number::Count(2));
        // Rows that are stored are stored once, also out of another file.
        let again = sent(store, &actor, What::Facts, csv(&[&lines[0..1], &lines[1..4]].concat())).await;
        let report = dry_run(store, &actor, again, false).await.unwrap();
        assert_eq!((report.to_save(), report.unchanged), (0, 3));
        let read = store.read().await.unwrap();
        let detail =
            read.one("SELECT detail FROM record WHERE title = '春季走访'").await.unwrap().text("detail").unwrap();
        assert!(detail.starts_with("导入自 报表.csv，工作表“CSV”A2:G2（第 1 次导入"), "{detail}");
        drop(read);
        assert_eq!(take_back(store, &actor, id, "重复").await.unwrap(), Vec::<String>::new());
        assert_eq!(visits(store).await, Number::Count(0));
        assert_eq!(dry_run(store, &actor, again, false).await.unwrap().to_save(), 3);
        assert!(kernel::ledger::rebuild::compare(store).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn of_two_who_save_at_once_one_is_told() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        let bytes = csv(&["编号,事实种类,信用代码,发生日期,事由".to_owned(), format!("9,走访,{a},2021-03-05,走访")]);
        let (one, two) =
            (sent(store, &actor, What::Facts, bytes.clone()).await, sent(store, &actor, What::Facts, bytes).await);
        let (first, second) = tokio::join!(
            carry_out(store, &actor, one, Mode::Whole, ""),
            carry_out(store, &actor, two, Mode::Whole, "")
        );
        assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "{first:?} {second:?}");
        assert_eq!(visits(store).await, Number::Count(1));
    }
}

#[tokio::test]
async fn a_county_sees_and_touches_its_own_rows_only() {
    for (store, orgs) in cities().await {
        let (store, east) = (&store.store, county(1));
        let west = code(store, orgs[1]).await;
        let lines = ["企业名称,信用代码,起始日期,依据,行业".to_owned(), format!("改名,{west},2021-01-01,换照,3130")];
        let id = sent(store, &east, What::Orgs, csv(&lines)).await;
        let told = faults(store, &east, id).await;
        assert!(told.len() == 1 && told[0].0 == "B2" && told[0].1.contains("其他填报单元"), "{told:?}");
        let lines = ["事实种类,信用代码,发生日期,事由".to_owned(), format!("走访,{west},2021-01-01,走访")];
        let id = sent(store, &east, What::Facts, csv(&lines)).await;
        assert!(faults(store, &east, id).await[0].1.contains("不在您的管理范围内"));
        let (_, template) = blank(store, &east, What::Orgs).await.unwrap();
        let book = sheets::open(&template, &Limits::UPLOAD).unwrap();
        let shown: Vec<String> =
            book.pages.iter().flat_map(|p| &p.rows).flat_map(|r| &r.cells).map(|(_, c)| c.shown()).collect();
        assert!(!shown.contains(&west) && shown.contains(&code(store, orgs[0]).await));
        assert!(matches!(dry_run(store, &county(2), id, false).await, Err(Error::NotFound)));
        assert!(matches!(returned(store, &county(2), id).await, Err(Error::NotFound)));
        assert!(matches!(blank(store, &east, What::Targets).await, Err(Error::Forbidden(_))));
    }
}

#[tokio::test]
async fn yearly_figures_are_merged_and_slips_of_unit_are_told() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        let head = "信用代码,年度,从业人员,营业收入（万元）,资产总额（万元）,依据".to_owned();
        let first =
            sent(store, &actor, What::Years, csv(&[head.clone(), format!("{a},2019,120,5000,6000,年报")])).await;
        carry_out(store, &actor, first, Mode::Whole, "").await.unwrap();
        let id = sent(store, &actor, What::Years, csv(&[head.clone(), format!("{a},2020年,,52000000,,年报")])).await;
        let slips = told(store, &actor, id, Level::Warning).await;
        assert!(slips.len() == 1 && slips[0].0 == "D2" && slips[0].1.contains("1 万倍"), "{slips:?}");
        // An empty cell keeps what is on record.
        let id = sent(store, &actor, What::Years, csv(&[head, format!("{a},2019,,5100万元,,更正")])).await;
        carry_out(store, &actor, id, Mode::Whole, "").await.unwrap();
        let years = org::years(&store.read().await.unwrap(), orgs[0], None).await.unwrap();
        assert_eq!(
            (years[0].employees, years[0].revenue, years[0].assets),
            (Some(120), Some(Fen(5_100_000_000)), Some(Fen(6_000_000_000)))
        );
        assert_eq!(take_back(store, &actor, id, "重核").await.unwrap(), Vec::<String>::new());
        assert_eq!(take_back(store, &actor, first, "重核").await.unwrap(), Vec::<String>::new());
        let years = org::years(&store.read().await.unwrap(), orgs[0], None).await.unwrap();
        assert_eq!((years[0].employees, years[0].revenue), (None, None));
        assert_eq!(attribute(store, orgs[0], "size").await, "", "the size class that followed is gone too");
    }
}

#[tokio::test]
async fn marks_targets_and_declared_figures_come_in_and_go_out() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        let marks =
            ["信用代码,标记,起始日期,截止日期,依据".to_owned(), format!("{a},专精特新,2020-11-01,2023-10-31,公告")];
        let targets = ["指标,时期,填报单元,目标值,依据".to_owned(), "sample.visits,2021年,,120,计划".to_owned()];
        let declared =
            ["指标,数值,截至日期,依据,责任人".to_owned(), "sample.declared,4,2021-06-01,通报,某科".to_owned()];
        let mut ids = Vec::new();
        for (what, lines) in [(What::Marks, marks), (What::Targets, targets), (What::Declared, declared)] {
            let id = sent(store, &actor, what, csv(&lines)).await;
            assert_eq!(faults(store, &actor, id).await, [], "{what:?}");
            assert_eq!(carry_out(store, &actor, id, Mode::Whole, "").await.unwrap().saved, 1);
            ids.push(id);
        }
        let held = async || {
            let read = store.read().await.unwrap();
            let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
            let history = org::history(&read, orgs[0], None).await.unwrap();
            let mark = org::value_on(&history, "mark.specialised", day(2021, 1, 1))
                .map(|a| a.value.clone())
                .unwrap_or_default();
            let target = target_value(&read, "sample.visits", "2021", &q).await.unwrap();
            (mark, target, figure(&read, "sample.declared", &q).await.unwrap().number)
        };
        assert_eq!(held().await, ("是".into(), Some(120), Number::Count(4)));
        for id in ids {
            assert_eq!(take_back(store, &actor, id, "重核").await.unwrap(), Vec::<String>::new());
        }
        assert_eq!(held().await, (String::new(), None, Number::None));
    }
}

#[tokio::test]
async fn a_merged_firm_takes_no_rows_and_names_its_survivor() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let (gone, stays) = (code(store, orgs[0]).await, code(store, orgs[3]).await);
        let id = sent(
            store,
            &actor,
            What::Facts,
            csv(&["事实种类,信用代码,发生日期,事由".to_owned(), format!("走访,{gone},2021-01-01,走访")]),
        )
        .await;
        store.write(&actor, async |tx| org::merge(tx, orgs[0], orgs[3], "重复登记").await).await.unwrap();
        let told = faults(store, &actor, id).await;
        assert!(told.len() == 1 && told[0].1.contains("已并入") && told[0].1.contains(&stays), "{told:?}");
        // The one that stays is another county's: its name and code are not told.
        let (west, gone, foreign) = (county(3), code(store, orgs[2]).await, code(store, orgs[1]).await);
        store.write(&actor, async |tx| org::merge(tx, orgs[2], orgs[1], "重复登记").await).await.unwrap();
        let lines = csv(&["事实种类,信用代码,发生日期,事由".to_owned(), format!("走访,{gone},2021-01-01,走访")]);
        let id = sent(store, &west, What::Facts, lines).await;
        let told = faults(store, &west, id).await;
        assert!(told.len() == 1 && told[0].1.contains("其他填报单元") && !told[0].1.contains(&foreign), "{told:?}");
    }
}

#[tokio::test]
async fn the_pages_lead_from_upload_to_undo() {
    for (store, orgs) in cities().await {
        for (login, role, unit) in
            [("ju", "bureau_officer", None), ("xian", "county_officer", Some(UnitId(2))), ("shen", "auditor", None)]
        {
            let new = NewAccount { login, name: login, role, password: PASSWORD, unit, org: None };
            store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
        }
        let a = code(&store, orgs[0]).await;
        let app = TestApp::new(&store, slices()).await;
        let bureau = app.signed_in("ju", PASSWORD).await;
        bureau.get("/imports").await;
        let refused = bureau.upload("/imports", &[("what", "facts")], "空.xlsx", b"").await;
        assert_eq!(refused.status.as_u16(), 422);
        assert!(refused.texts("[role=alert]")[0].contains("空的"));
        let old = bureau.upload("/imports", &[("what", "facts")], "旧.xls", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1]).await;
        assert!(old.status.as_u16() == 422 && old.texts("[role=alert]")[0].contains("请另存为 .xlsx 再上传"));
        let bytes = csv(&[
            "事实种类,信用代码,发生日期,事由".to_owned(),
            format!("走访,{a},2021年3月5日,走访"),
            format!("走访,{a},很早,走访"),
        ]);
        let answer = bureau.upload("/imports", &[("what", "facts")], "台账.csv", &bytes).await;
        assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
        let here = answer.location.unwrap();
        let page = bureau.get(&here).await;
        assert!(page.body.contains("看不懂日期") && page.texts("#repairs").len() == 1, "{}", page.body);
        assert_eq!(page.attributes("button[name=mode]", "value"), ["good"]);
        let (status, marked) = bureau.download(&format!("{here}/returned")).await;
        let book = sheets::open(&marked, &Limits::UPLOAD).unwrap();
        assert!(status.is_success() && book.pages[0].rows[2].cells.last().unwrap().1.shown().contains("发生日期"));
        let answer = bureau.post(&format!("{here}/save"), &[("mode", "good")]).await;
        assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
        assert_eq!(visits(&store).await, Number::Count(1));
        let page = bureau.get(&here).await;
        assert!(page.texts("#traces + div td")[2].ends_with("A2:D2"), "{:?}", page.texts("#traces + div td"));
        for login in ["xian", "shen"] {
            let other = app.signed_in(login, PASSWORD).await;
            let status = other.get(&here).await.status.as_u16();
            assert_eq!(status, if login == "xian" { 404 } else { 403 }, "{login}");
        }
        let answer = bureau.post(&format!("{here}/undo"), &[("reason", "")]).await;
        assert_eq!(answer.status.as_u16(), 422);
        let answer = bureau.post(&format!("{here}/undo"), &[("reason", "传错")]).await;
        assert_eq!(answer.status.as_u16(), 303);
        assert_eq!(visits(&store).await, Number::Count(0));
        let (_, kept) = bureau.download(&format!("{here}/file")).await;
        assert_eq!(kept, bytes);
        let (status, template) = bureau.download("/imports/templates/years").await;
        assert!(status.is_success() && sheets::open(&template, &Limits::UPLOAD).is_ok());
        let large = [bytes.clone(), vec![b'\n'; 3 << 20]].concat();
        let answer = bureau.upload("/imports", &[("what", "facts")], "大.csv", &large).await;
        assert_eq!(answer.status.as_u16(), 303, "a file may be larger than a form: {}", answer.body);
        let forged = bureau.upload("/imports", &[("what", "facts"), ("csrf", "x")], "台账.csv", &bytes).await;
        assert_eq!(forged.status.as_u16(), 409);
    }
}

#[tokio::test]
async fn the_kept_file_is_kept_once_with_its_digest() {
    for (store, _) in cities().await {
        let bytes = csv(&["信用代码,年度,依据".to_owned()]);
        sent(&store, &bureau(), What::Years, bytes.clone()).await;
        sent(&store, &bureau(), What::Years, bytes).await;
        let read = store.read().await.unwrap();
        let files = read.one("SELECT COUNT(*) AS n FROM import_file").await.unwrap().int("n").unwrap();
        let uploads = read.all(("SELECT digest FROM import WHERE size > $1", args![0_i64])).await.unwrap();
        assert_eq!((files, uploads.len()), (1, 2));
        assert_eq!(uploads[0].text("digest").unwrap().len(), 64);
    }
}
