//! The project library: 10,000 projects with 36 monthly reports each, in a database of their own beside the others.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{Datelike, Months};
use kernel::access::{Actor, At, Grant, Role, Scope};
use kernel::case::{self, Doing, Values};
use kernel::id::{AccountId, CaseId, OrgId, UnitId};
use kernel::indicator::Question;
use kernel::module::Module;
use kernel::org::{self, NewOrg};
use kernel::store::{Limits, Place, Store, Tx};
use kernel::value::credit_code::CreditCode;
use kernel::value::day::Day;
use kernel::value::money::{Fen, MoneyUnit};
use kernel::{Error, Result};
use sheets::{Column, Filled, Issued, Kind, Template, Value};
use transform::projects::{self, Filters};

use super::timing::{Spread, repeat};

/// Counties, firms of each, projects of each firm: 500 projects a county.
const COUNTIES: i64 = 20;
const FIRMS: i64 = 25;
const EACH: i64 = 20;
/// Months reported of each.
const MONTHS: u32 = 36;

/// What was measured.
pub(super) struct Measured {
    /// How many projects there are.
    pub projects: i64,
    /// Filing, checking, starting and taking over the months of one.
    pub load: Duration,
    /// A page of the library with its sums; red ones of a county among them.
    pub library: Spread,
    /// The totals.
    pub totals: Spread,
    /// Writing the workbook of a county.
    pub written: Spread,
    /// Reading it back: looked through and all of it saved.
    pub read_back: Duration,
}

/// Fills a database with projects, unless it holds them, and asks.
pub(super) async fn measure(dir: &Path, modules: &[Module], times: usize) -> Result<Measured> {
    std::fs::create_dir_all(dir).map_err(|e| super::file_error(dir, &e))?;
    let place = Place::Dir(dir.to_owned());
    let store = Store::open(&place, modules, Limits::LOAD).await?;
    let started = Instant::now();
    fill(&store).await?;
    let load = started.elapsed();
    store.close().await?;
    let store = Store::open(&place, modules, Limits::default()).await?;
    let projects = store.read().await?.one("SELECT COUNT(*) AS n FROM project").await?.int("n")?;
    let library = repeat(10, times, async |i| page(&store, i).await).await?.spread();
    let totals = repeat(5, times, async |_| totals(&store).await).await?.spread();
    let officer = officer(1);
    let county = async |_| projects::county_workbook(&store, &officer).await.map(drop);
    let written = repeat(1, times.min(10), county).await?.spread();
    let read_back = read_back(&store, &officer).await?;
    store.close().await?;
    Ok(Measured { projects, load, library, totals, written, read_back })
}

/// Somebody who files for firms; checks are for another.
fn filer() -> Actor {
    Actor::system("性能测试")
}

fn officer(unit: i64) -> Actor {
    let permissions = ["projects.read", "projects.file", "projects.report", "projects.check"];
    let grants = permissions.iter().filter_map(|permission| Grant::parse(permission, "units").ok()).collect();
    let role = Role { code: "county".into(), label: "县区".into(), at: At::Unit, grants };
    let units = vec![UnitId(unit)];
    Actor::in_role(AccountId(unit), "县区经办", role.into(), units, None)
}

async fn fill(store: &Store) -> Result<()> {
    let held = store.read().await?.one("SELECT COUNT(*) AS n FROM project").await?.int("n")?;
    if held > 0 {
        return Ok(());
    }
    let bar = super::progress("projects", (COUNTIES * FIRMS * EACH).unsigned_abs());
    for unit in 1..=COUNTIES {
        let code = format!("C{unit:02}");
        store
            .write(&filer(), async |tx| org::create_unit(tx, UnitId(unit), &code, &format!("县区{unit:02}")).await)
            .await?;
        for n in 0..FIRMS {
            let (firm, filed) = store.write(&filer(), async |tx| file(tx, unit, unit * 100 + n).await).await?;
            store.write(&officer(unit), async |tx| build(tx, firm, &filed).await).await?;
            bar.inc(EACH.unsigned_abs());
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// A firm with its projects.
async fn file(tx: &mut Tx, unit: i64, number: i64) -> Result<(OrgId, Vec<CaseId>)> {
    let code = CreditCode::compose("91420299", &format!("MAPJ{number:04}"));
    let code = code.map_err(|e| Error::Internal(e.to_string()))?.to_string();
    let text = |code: &str, value: String| (code.to_owned(), value);
    let industry = ["3451", "1512", "3130", "3972"][usize::try_from(number % 4).unwrap_or(0)];
    let attributes = vec![
        text("name", format!("测试企业{number:05}有限公司")),
        text("unit", unit.to_string()),
        text("industry", industry.to_owned()),
        text("above_scale", "1".to_owned()),
        text("status", "存续".to_owned()),
    ];
    let since = Day::from_ymd_opt(2015, 1, 1).unwrap_or_default();
    let new = NewOrg {
        kind: "enterprise".into(),
        credit_code: Some(code),
        local_code: None,
        since,
        attributes,
        source: "性能测试".into(),
    };
    let firm = org::register(tx, new).await?;
    let (start, end) = (tx.today() - Months::new(MONTHS + 1), tx.today() + Months::new(12));
    let mut filed = Vec::new();
    for n in 0..EACH {
        let class = ["factory", "workshop", "line", "cell", ""][usize::try_from((number + n) % 5).unwrap_or(0)];
        let values = [
            ("name", format!("改造项目{n:02}")),
            ("type", class.to_owned()),
            ("invest", format!("{}", 500 + (number * 37 + n * 11) % 4000)),
            ("start_on", start.to_string()),
            ("end_on", end.to_string()),
            (
                "milestones",
                format!("设备采购 {}\n设备安装 {}\n联调试产 {end}", start + Months::new(9), start + Months::new(30)),
            ),
            ("source", "own".to_owned()),
            ("contact", "测试".to_owned()),
        ];
        let values: Values = values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        filed.push(case::open(tx, "projects.project", firm, &values, "").await?);
    }
    Ok((firm, filed))
}

/// Checks and starts projects, and takes their months over.
async fn build(tx: &mut Tx, firm: OrgId, filed: &[CaseId]) -> Result<()> {
    let began = tx.today() - Months::new(MONTHS);
    for (n, id) in (0_i64..).zip(filed) {
        for (revision, action, field) in [(1, "enter", "entered_on"), (2, "start", "began_on")] {
            let values = Values::from([(field.to_owned(), began.to_string())]);
            let remarks = Values::new();
            case::act(tx, *id, Doing { action, revision, values: &values, note: "", remarks: &remarks }).await?;
        }
        let first = began.with_day(1).unwrap_or(began);
        // Some stopped reporting a while ago.
        let reported = if (firm.0 + n) % 7 == 0 { MONTHS - 4 } else { MONTHS };
        let months: Vec<(Day, Fen)> =
            (0..reported).map(|m| (first + Months::new(m), Fen(8_000_000 + i64::from(m) * 10_000))).collect();
        projects::take_over(tx, *id, &months).await?;
    }
    Ok(())
}

/// A page of the library, of all counties or of one, with and without a light.
async fn page(store: &Store, i: usize) -> Result<()> {
    let read = store.read().await?;
    let unit = if i.is_multiple_of(2) { None } else { Some(UnitId(1 + (i as i64) % COUNTIES)) };
    let light = ["", "red", "yellow", "green"][i % 4].to_owned();
    let filters = Filters { unit, light, on: read.today(), limit: 51, ..Filters::default() };
    let found = projects::list(&read, &Scope::All, &filters).await?;
    let (n, _, _) = projects::sum(&read, &Scope::All, &filters).await?;
    match i64::try_from(found.len()).is_ok_and(|rows| rows == n.min(51)) {
        true => Ok(()),
        false => Err(Error::Internal(format!("{} rows of {n}", found.len()))),
    }
}

async fn totals(store: &Store) -> Result<()> {
    let read = store.read().await?;
    let question = Question { about: read.today(), known: read.head()?, scope: &Scope::All };
    let found = projects::totals(&read, &question).await?;
    match found.by_unit.sums.1 == found.by_industry.sums.1 && found.by_unit.sums.1 > 0 {
        true => Ok(()),
        false => Err(Error::Internal("the totals do not add up".into())),
    }
}

/// A month for every project of a county, sent back as one workbook.
async fn read_back(store: &Store, officer: &Actor) -> Result<Duration> {
    let read = store.read().await?;
    let filters = Filters { on: read.today(), limit: 10_000, ..Filters::default() };
    let all = projects::list(&read, &officer.scope(projects::REPORT), &filters).await?;
    let today = read.today();
    // Another run says something else, or nothing of it would be new.
    let sent = read.one("SELECT COUNT(*) AS n FROM project_upload").await?.int("n")?;
    drop(read);
    let month = format!("{}-{:02}", today.year(), today.month());
    let text = |value: &str| Value::Text(value.to_owned());
    let row = |project: &projects::Project| Filled {
        key: format!("p{}", project.id),
        values: [
            ("number", text(&project.id.to_string())),
            ("credit_code", text(&project.code)),
            ("project", text(&project.name)),
            ("month", text(&month)),
            ("invested", Value::Money(Fen(1_230_000 + sent * 10_000))),
            // The bench may be run again on the same database.
            ("reason", text("性能测试")),
        ]
        .into(),
    };
    let rows: Vec<Filled> = all.iter().map(row).collect();
    let columns = vec![
        Column::new("number", "项目编号", Kind::Code),
        Column::new("credit_code", "统一社会信用代码", Kind::CreditCode),
        Column::new("project", "改造项目", Kind::Text),
        Column::new("month", "报送月份", Kind::Text),
        Column::new("invested", "本月完成投资", Kind::Money(MoneyUnit::Wan)),
        Column::new("reason", "情况说明", Kind::Text),
    ];
    let template = Template { code: "projects.county", label: "改造项目月报", version: 1, note: "", columns };
    let issued = Issued { owner: "性能测试".into(), at: month.clone() };
    let bytes = sheets::write(&template, &rows, &issued)?;
    let id = projects::receive_workbook(store, officer, "county.xlsx", bytes).await?;
    let started = Instant::now();
    projects::save_workbook(store, officer, id).await?;
    Ok(started.elapsed())
}
