//! The library as a list, by state, and over time.

use askama::Template;
use axum::response::Response;
use kernel::audit::{Note, Verb};
use kernel::id::CaseId;
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::value::industry::{self, Level};
use kernel::{Error, access::Scope};
use sheets::{Column, Filled, Issued, Kind, Template as Sheet, Value};
use web::link::{Link, asked, cut, kept, number};
use web::{Frame, Result, Ui, download};

use super::super::flow::{FLOW, LIBRARY};
use super::super::gantt::{self, Gantt};
use super::super::kinds::TYPES;
use super::super::queries::{self, Filters};
use super::super::workbook::off_thread;
use super::super::{FILE, READ, REPORT, rules};
use super::{Choice, FILTERS, Line, Units, tabs};

/// Rows of a page, and of a picture.
const PAGE: i64 = 50;
/// Cards of a column of the board.
const CARDS: i64 = 12;
/// Rows of an exported list.
const EXPORTED: i64 = 20_000;

/// What a view is narrowed to, out of its address.
fn filters(ui: &Ui, on: Day, limit: i64) -> Result<Filters> {
    let query = ui.query();
    let text = |name: &str| asked(query, name).to_owned();
    let light = text("light");
    if !["", "red", "yellow", "green"].contains(&light.as_str()) {
        return Err(Error::invalid("light", "灯只有 red、yellow、green").into());
    }
    Ok(Filters {
        text: text("q"),
        unit: number(query, "unit", "填报单元编号")?,
        class: text("class"),
        state: text("state"),
        light,
        industry: text("industry"),
        on,
        before: number::<CaseId>(query, "before", "编号")?,
        limit,
    })
}

/// The head of every view: tabs and filters.
pub(super) struct Head {
    pub tabs: Vec<(String, &'static str, bool)>,
    pub path: &'static str,
    pub text: String,
    pub units: Vec<Choice>,
    pub classes: Vec<Choice>,
    pub states: Vec<Choice>,
    pub lights: Vec<Choice>,
    pub industries: Vec<Choice>,
    /// Rules of the lights, and where they come from.
    pub rules: Vec<String>,
    pub source: String,
    pub may_file: bool,
    pub narrowed: bool,
}

fn choices<'a>(of: impl Iterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    of.map(|(code, label)| (code.to_owned(), label.to_owned(), code == chosen)).collect()
}

impl Head {
    fn of(ui: &Ui, filters: &Filters, units: &Units, (path, shown): (&'static str, &str)) -> Self {
        let scope = ui.scope(READ);
        let unit = filters.unit.map(|unit| unit.to_string()).unwrap_or_default();
        let held = units.0.iter().filter(|u| matches!(scope, Scope::Own(_)) || scope.holds(u.id));
        let held: Vec<(String, &str)> = held.map(|u| (u.id.to_string(), u.name.as_str())).collect();
        let lights = &rules::rules().lights;
        let types = TYPES.iter().map(|class| (class.code, class.label)).chain([("none", "未分类")]);
        let states = [("all", "全部（含未入库和已退库）")];
        let states = states.into_iter().chain(FLOW.states.iter().map(|state| (state.code, state.label)));
        let manufacturing = industry::industries().iter().filter(|i| i.level == Level::Division);
        Self {
            tabs: tabs(ui.query(), shown, ui.actor().may(REPORT)),
            path,
            text: filters.text.clone(),
            units: choices(held.iter().map(|(code, name)| (code.as_str(), *name)), &unit),
            classes: choices(types, &filters.class),
            states: choices(states, &filters.state),
            lights: choices([("red", "红灯"), ("yellow", "黄灯"), ("green", "绿灯")].into_iter(), &filters.light),
            industries: choices(
                manufacturing.map(|i| (i.code, i.name)).chain([("none", "未登记行业")]),
                &filters.industry,
            ),
            rules: lights.told(),
            source: format!("{}{}", lights.source, if lights.confirmed { "" } else { "，待确认" }),
            may_file: ui.actor().may(FILE) && matches!(ui.scope(FILE), Scope::Own(_)),
            narrowed: !kept(ui.query(), FILTERS).is_empty(),
        }
    }
}

#[derive(Template)]
#[template(path = "projects/templates/list.html")]
struct ListPage {
    cx: Frame,
    head: Head,
    rows: Vec<Line>,
    count: String,
    next: String,
    export: String,
}

pub(in super::super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (on, _) = ui.clocks(&read).await?;
    let filters = filters(&ui, on, PAGE + 1)?;
    let units = Units::load(&read).await?;
    let scope = ui.scope(READ);
    let mut found = queries::list(&read, &scope, &filters).await?;
    let narrowed = |path: &str| kept(ui.query(), FILTERS).iter().fold(Link::to(path), |l, (n, v)| l.with(n, v));
    let next = cut(&mut found, PAGE).map(|last| narrowed("/projects").with("before", last.id).to_string());
    let (n, planned, done) = queries::sum(&read, &scope, &filters).await?;
    let count = format!("共 {n} 个，计划总投资 {} 亿元，累计完成 {} 亿元", planned.yi(4), done.yi(4));
    ui.page(&ListPage {
        cx: ui.frame(&read).await?,
        head: Head::of(&ui, &filters, &units, ("/projects", "list")),
        rows: found.iter().map(|project| Line::of(project, &units, on)).collect(),
        count,
        next: next.unwrap_or_default(),
        export: narrowed("/projects/export").to_string(),
    })
}

/// The list as a workbook.
pub(in super::super) async fn export(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (on, _) = ui.clocks(&read).await?;
    let filters = filters(&ui, on, EXPORTED)?;
    let units = Units::load(&read).await?;
    let rows = queries::list(&read, &ui.scope(READ), &filters).await?;
    let rows: Vec<Filled> = rows.iter().map(|project| exported(project, &Line::of(project, &units, on))).collect();
    let issued = Issued { owner: ui.actor().name.clone(), at: format!("{on}，第 {} 号", read.head()?) };
    let name = format!("改造项目库-{on}.xlsx");
    drop(read);
    let bytes = off_thread(move || sheets::write(&exported_sheet(), &rows, &issued)).await?;
    ui.note(Note::of(Verb::FILE_EXPORTED, "projects", None).detail("文件", name.as_str())).await?;
    Ok(download(&name, XLSX, bytes))
}

/// What a workbook is to a browser.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn exported_sheet() -> Sheet {
    let wan = || Kind::Money(kernel::value::money::MoneyUnit::Wan);
    let text = |key, head| Column::new(key, head, Kind::Text);
    Sheet {
        code: "projects.list",
        label: "改造项目库",
        version: 1,
        note: "项目库当前筛选的内容，只供查阅。",
        columns: vec![
            text("number", "项目编号"),
            text("code", "统一社会信用代码"),
            text("name", "企业名称"),
            text("project", "改造项目"),
            text("type", "项目类型"),
            text("unit", "填报单元"),
            text("industry", "行业大类"),
            Column::new("planned", "计划总投资", wan()),
            Column::new("invested", "累计完成投资", wan()),
            Column::new("start_on", "计划开工", Kind::Day),
            Column::new("end_on", "计划竣工", Kind::Day),
            text("state", "项目状态"),
            text("last", "最近月报"),
            text("light", "灯"),
            text("why", "亮灯规则"),
            text("problem", "存在问题"),
        ],
    }
}

fn exported(project: &super::super::model::Project, line: &Line) -> Filled {
    let text = |value: &str| Value::Text(value.to_owned());
    let values = [
        ("number", text(&project.id.to_string())),
        ("code", text(&project.code)),
        ("name", text(&project.firm)),
        ("project", text(&project.name)),
        ("type", text(line.class)),
        ("unit", text(&line.unit)),
        ("industry", text(&line.industry)),
        ("planned", Value::Money(project.planned)),
        ("invested", Value::Money(project.invested)),
        ("start_on", Value::Day(project.start_on)),
        ("end_on", Value::Day(project.end_on)),
        ("state", text(line.state)),
        ("last", text(&line.last_month)),
        ("light", text(line.light)),
        ("why", text(&line.why.join("；"))),
        ("problem", text(&line.problem)),
    ];
    Filled { key: format!("p{}", project.id), values: values.into_iter().collect() }
}

/// A column of the board.
struct Lane {
    label: &'static str,
    count: i64,
    cards: Vec<Line>,
    /// Where all of them are.
    href: String,
}

#[derive(Template)]
#[template(path = "projects/templates/board.html")]
struct BoardPage {
    cx: Frame,
    head: Head,
    lanes: Vec<Lane>,
}

pub(in super::super) async fn board(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (on, _) = ui.clocks(&read).await?;
    let filters = Filters { before: None, ..filters(&ui, on, CARDS)? };
    let units = Units::load(&read).await?;
    let all =
        if filters.state.is_empty() { Filters { state: "all".into(), ..filters.clone() } } else { filters.clone() };
    let counts = queries::by_state(&read, &ui.scope(READ), &all).await?;
    let shown = ["filed", "mending"].iter().chain(LIBRARY).filter_map(|code| FLOW.state(code));
    let mut lanes = Vec::new();
    for state in shown.filter(|state| filters.state.is_empty() || filters.state == "all" || filters.state == state.code)
    {
        let of = Filters { state: state.code.to_owned(), ..filters.clone() };
        let count = counts.get(state.code).copied().unwrap_or(0);
        let found = if count > 0 { queries::list(&read, &ui.scope(READ), &of).await? } else { Vec::new() };
        let kept = kept(ui.query(), FILTERS).into_iter().filter(|(name, _)| name != "state");
        let link = kept.fold(Link::to("/projects"), |link, (name, value)| link.with(&name, value));
        let cards = found.iter().map(|project| Line::of(project, &units, on)).collect();
        lanes.push(Lane { label: state.label, count, cards, href: link.with("state", state.code).to_string() });
    }
    let head = Head::of(&ui, &filters, &units, ("/projects/board", "board"));
    ui.page(&BoardPage { cx: ui.frame(&read).await?, head, lanes })
}

#[derive(Template)]
#[template(path = "projects/templates/gantt.html")]
struct GanttPage {
    cx: Frame,
    head: Head,
    on: Day,
    gantt: Option<Gantt>,
    next: String,
}

pub(in super::super) async fn gantt(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (on, _) = ui.clocks(&read).await?;
    let filters = filters(&ui, on, PAGE + 1)?;
    let units = Units::load(&read).await?;
    let (mut found, milestones) = drawn(&read, &ui, &filters).await?;
    let narrowed = kept(ui.query(), FILTERS).iter().fold(Link::to("/projects/gantt"), |l, (n, v)| l.with(n, v));
    let next = cut(&mut found, PAGE).map(|last| narrowed.with("before", last.id).to_string());
    ui.page(&GanttPage {
        cx: ui.frame(&read).await?,
        head: Head::of(&ui, &filters, &units, ("/projects/gantt", "gantt")),
        on,
        gantt: gantt::gantt(&found, &milestones, on),
        next: next.unwrap_or_default(),
    })
}

type Drawn =
    (Vec<super::super::model::Project>, std::collections::BTreeMap<CaseId, Vec<super::super::model::Milestone>>);

async fn drawn(read: &Read, ui: &Ui, filters: &Filters) -> Result<Drawn> {
    let found = queries::list(read, &ui.scope(READ), filters).await?;
    let ids: Vec<CaseId> = found.iter().map(|project| project.id).collect();
    Ok((found, queries::milestones(read, &ids).await?))
}
