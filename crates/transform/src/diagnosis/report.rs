//! The report of an order: six parts, recommendations by themselves, and the enterprise's rating.

use chrono::{DateTime, Utc};
use kernel::audit::Verb;
use kernel::id::CaseId;
use kernel::ledger::Class;
use kernel::store::{Read, Row, Tx};
use kernel::value::day;
use kernel::value::money::{Fen, MoneyUnit};
use kernel::{Error, Faults, Result, args};

use super::order::Order;

/// The parts of a report: field, title, what belongs into it. The fifth is drawn from the assessment.
pub(super) const PARTS: [(&str, &str, &str); 6] = [
    ("present", "企业现状", "主要产品、工艺、设备、信息系统和人员"),
    ("examples", "行业案例", "同行业可以参照的改造做法和效果"),
    ("findings", "调研发现", "现场看到的问题，按环节写"),
    ("cloud", "上云分析", "哪些业务和设备适合上云，条件和费用"),
    ("assessment", "能力测评", "对测评结果的说明；得分、等级和雷达图由平台按问卷生成"),
    ("advice", "方案建议", "总体思路和步骤；具体措施逐条列在下面"),
];

/// How urgent a recommendation is.
pub(super) const PRIORITIES: [Class; 3] = [
    Class { code: "high", label: "优先实施" },
    Class { code: "middle", label: "条件具备时实施" },
    Class { code: "low", label: "远期考虑" },
];

/// Longest part, in characters.
const LONGEST_PART: usize = 20_000;
/// Longest text of a recommendation, in characters.
const LONGEST_ITEM: usize = 500;

/// A report.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    /// Its parts, in the order of [`PARTS`].
    pub parts: [String; 6],
    /// Its recommendations.
    pub items: Vec<Item>,
    /// How often it was saved.
    pub revision: i64,
    /// When, and by whom.
    pub saved: Option<(DateTime<Utc>, String)>,
}

/// A recommendation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Item {
    /// Number; 0 before it is saved.
    pub id: i64,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub measure: String,
    /// The least it costs.
    pub cost_low: Option<Fen>,
    /// The most it costs.
    pub cost_high: Option<Fen>,
    /// What it brings.
    pub effect: String,
    /// Code of its priority.
    pub priority: String,
    /// Empty while open; then `project` or `dropped`.
    pub became: String,
    /// What was said with that.
    pub became_note: String,
}

impl Item {
    /// The range of costs in words; empty when nothing is known.
    pub(super) fn cost(&self) -> String {
        match (self.cost_low, self.cost_high) {
            (Some(low), Some(high)) if low != high => format!("{} 至 {} 万元", low.exact_wan(), high.exact_wan()),
            (Some(one), _) | (None, Some(one)) => format!("约 {} 万元", one.exact_wan()),
            (None, None) => String::new(),
        }
    }

    /// Its priority in words.
    pub(super) fn priority_label(&self) -> &str {
        PRIORITIES.iter().find(|one| one.code == self.priority).map_or("", |one| one.label)
    }

    /// What became of it, in words.
    pub(super) fn became_label(&self) -> &'static str {
        match self.became.as_str() {
            "" => "未启动",
            "project" => "已转为项目",
            _ => "不采纳",
        }
    }

    /// Out of a row with the columns of an item.
    pub(super) fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            problem: row.get("problem")?,
            measure: row.get("measure")?,
            cost_low: row.get::<Option<i64>>("cost_low_fen")?.map(Fen),
            cost_high: row.get::<Option<i64>>("cost_high_fen")?.map(Fen),
            effect: row.get("effect")?,
            priority: row.get("priority")?,
            became: row.get("became")?,
            became_note: row.get("became_note")?,
        })
    }
}

/// Columns of an item.
pub(super) const ITEM_COLUMNS: &str =
    "i.id, i.problem, i.measure, i.cost_low_fen, i.cost_high_fen, i.effect, i.priority, i.became, i.became_note";

/// The report of an order that was found within a scope; empty before anything is written.
///
/// # Errors
/// As the database says.
pub(super) async fn find(read: &Read, case: CaseId) -> Result<Report> {
    let sql = format!("SELECT {ITEM_COLUMNS} FROM diagnosis_item i WHERE i.case_id = $1 ORDER BY i.place, i.id");
    let items = read.all((&*sql, args![case])).await?.iter().map(Item::of).collect::<Result<_>>()?;
    let sql = "SELECT present, examples, findings, cloud, assessment, advice, revision, saved_at, saved_by \
               FROM diagnosis_report WHERE case_id = $1";
    let Some(row) = read.opt((sql, args![case])).await? else { return Ok(Report { items, ..Report::default() }) };
    let mut parts: [String; 6] = Default::default();
    for (part, (field, ..)) in parts.iter_mut().zip(PARTS) {
        *part = row.get(field)?;
    }
    let saved = Some((row.get("saved_at")?, row.get("saved_by")?));
    Ok(Report { parts, items, revision: row.get("revision")?, saved })
}

/// What a report of an order still lacks, in words.
///
/// # Errors
/// As the database says.
pub(super) async fn missing(read: &Read, case: CaseId) -> Result<Vec<String>> {
    let report = find(read, case).await?;
    let empty = PARTS.iter().zip(&report.parts).filter(|(_, text)| text.is_empty());
    let mut missing: Vec<String> = empty.map(|((_, title, _), _)| (*title).to_owned()).collect();
    if report.items.is_empty() {
        missing.push("至少一条改造建议".to_owned());
    }
    Ok(missing)
}

/// A report as typed: fields by name, `i.0.problem` for those of the first recommendation.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field; nothing is kept then.
pub(super) fn typed(fields: &[(String, String)]) -> (Report, Faults) {
    let (mut report, mut faults) = (Report::default(), Faults::new());
    let get = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim());
    report.revision = get("revision").parse().unwrap_or(-1);
    for (part, (field, ..)) in report.parts.iter_mut().zip(PARTS) {
        *part = get(field).replace("\r\n", "\n");
        if part.chars().count() > LONGEST_PART {
            faults.add(field, format!("最多 {LONGEST_PART} 个字"));
        }
    }
    for place in 0..rows(fields) {
        if let Some(item) = typed_item(place, &get, &mut faults) {
            report.items.push(item);
        }
    }
    (report, faults)
}

/// How many rows for recommendations were posted.
pub(super) fn rows(fields: &[(String, String)]) -> usize {
    let places =
        fields.iter().filter_map(|(name, _)| name.strip_prefix("i.")?.split('.').next()?.parse::<usize>().ok());
    places.max().map_or(0, |most| (most + 1).min(50))
}

/// A recommendation of a form; nothing for a row that was left empty.
fn typed_item<'a>(place: usize, get: &dyn Fn(&str) -> &'a str, faults: &mut Faults) -> Option<Item> {
    let name = |field: &str| format!("i.{place}.{field}");
    let text = |field: &str| get(&name(field)).to_owned();
    let fields = ["problem", "measure", "effect", "cost_low", "cost_high"];
    if fields.iter().all(|field| text(field).is_empty()) {
        return None;
    }
    for (field, label) in [("problem", "问题"), ("measure", "措施")] {
        if text(field).is_empty() {
            faults.add(&name(field), format!("请填写{label}，不要这一条就清空整行"));
        }
    }
    for field in ["problem", "measure", "effect"] {
        if text(field).chars().count() > LONGEST_ITEM {
            faults.add(&name(field), format!("最多 {LONGEST_ITEM} 个字"));
        }
    }
    let mut money = |field: &str| match text(field).as_str() {
        "" => None,
        typed => match Fen::parse(typed, MoneyUnit::Wan) {
            Ok(fen) if fen.0 >= 0 => Some(fen),
            Ok(_) => {
                faults.add(&name(field), "金额不能为负");
                None
            }
            Err(error) => {
                faults.add(&name(field), error.to_string());
                None
            }
        },
    };
    let (cost_low, cost_high) = (money("cost_low"), money("cost_high"));
    if let (Some(low), Some(high)) = (cost_low, cost_high)
        && low > high
    {
        faults.add(&name("cost_high"), "低于前面的金额，请核对");
    }
    let priority = text("priority");
    if PRIORITIES.iter().all(|one| one.code != priority) {
        faults.add(&name("priority"), "请选择优先程度");
    }
    let (problem, measure, effect) = (text("problem"), text("measure"), text("effect"));
    let id = text("id").parse().unwrap_or(0);
    Some(Item { id, problem, measure, cost_low, cost_high, effect, priority, ..Item::default() })
}

/// Keeps a report, whole or not. Recommendations of which something became stay as they are.
///
/// # Errors
/// [`Error::Conflict`] when it cannot be written now, or somebody saved it meanwhile.
pub(super) async fn save(tx: &Tx, order: &Order, report: &Report) -> Result<()> {
    tx.act(Verb::DIAGNOSIS_REPORTED, "case", order.case.id.0);
    tx.concerns(order.case.subject);
    if !order.may_write() {
        let state = order.case.flow.state_label(&order.case.state);
        return Err(Error::Conflict(format!("本件现为“{state}”，现在不能由您编写报告")));
    }
    let case = order.case.id;
    let standing = find(tx, case).await?;
    if standing.revision != report.revision {
        let (at, by) = standing.saved.map_or_else(Default::default, |(at, by)| (day::minute(at), by));
        return Err(Error::Conflict(format!("{by} 已于 {at} 保存过这份报告；请核对后再保存")));
    }
    let [present, examples, findings, cloud, assessment, advice] = report.parts.clone();
    tx.run((
        "INSERT INTO diagnosis_report (case_id, present, examples, findings, cloud, assessment, advice, revision, saved_at, saved_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (case_id) DO UPDATE SET present = excluded.present, examples = excluded.examples, \
         findings = excluded.findings, cloud = excluded.cloud, assessment = excluded.assessment, advice = excluded.advice, \
         revision = excluded.revision, saved_at = excluded.saved_at, saved_by = excluded.saved_by",
        args![
            case, present, examples, findings, cloud, assessment, advice, report.revision + 1, tx.now(), tx.actor().name.clone()
        ],
    ))
    .await?;
    tx.run(("DELETE FROM diagnosis_item WHERE case_id = $1 AND became = ''", args![case])).await?;
    let kept: Vec<i64> = standing.items.iter().filter(|item| !item.became.is_empty()).map(|item| item.id).collect();
    for (place, item) in (0_i64..).zip(report.items.iter().filter(|item| !kept.contains(&item.id))) {
        insert_item(tx, order, place, item).await?;
    }
    Ok(())
}

async fn insert_item(tx: &Tx, order: &Order, place: i64, item: &Item) -> Result<()> {
    tx.run((
        "INSERT INTO diagnosis_item (case_id, org_id, place, problem, measure, cost_low_fen, cost_high_fen, effect, priority, \
         became, became_note, became_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', '')",
        args![
            order.case.id,
            order.case.subject,
            place,
            item.problem.clone(),
            item.measure.clone(),
            item.cost_low.map(|fen| fen.0),
            item.cost_high.map(|fen| fen.0),
            item.effect.clone(),
            item.priority.clone()
        ],
    ))
    .await?;
    Ok(())
}

/// Says what became of a recommendation: a project, or nothing with a reason.
///
/// # Errors
/// [`Error::NotFound`] for a recommendation of another order; [`Error::Conflict`] when it is not the time or not the
/// enterprise, or somebody said it already; [`Error::Invalid`] without a reason.
pub(super) async fn take_up(tx: &Tx, order: &Order, item: i64, became: &str, note: &str) -> Result<Item> {
    tx.act(Verb::DIAGNOSIS_ITEM, "case", order.case.id.0);
    tx.concerns(order.case.subject);
    let found = find(tx, order.case.id).await?.items.into_iter().find(|one| one.id == item).ok_or(Error::NotFound)?;
    if !order.may_take_up() {
        return Err(Error::Conflict("建议在验收以后由企业处理".into()));
    }
    let note = note.trim();
    if !matches!(became, "project" | "dropped") || (became == "dropped" && note.is_empty()) {
        return Err(Error::invalid("note", "请写明不采纳的理由"));
    }
    if note.chars().count() > LONGEST_ITEM {
        return Err(Error::invalid("note", format!("最多 {LONGEST_ITEM} 个字")));
    }
    let sql = "UPDATE diagnosis_item SET became = $1, became_note = $2, became_at = $3, became_by = $4 WHERE id = $5 AND became = ''";
    let by = tx.actor().name.clone();
    match tx.run((sql, args![became, note, tx.now(), by, item])).await? {
        1 => {
            tx.changes("建议", &found.measure, if became == "project" { "转为项目" } else { "不采纳" });
            Ok(found)
        }
        _ => Err(Error::Conflict(format!("这条建议已经处理过：{}", found.became_label()))),
    }
}

/// A rating of an institution by the enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rating {
    /// One to five.
    pub stars: i64,
    /// What was said.
    pub words: String,
}

/// The rating of an order that was found within a scope.
///
/// # Errors
/// As the database says.
pub(super) async fn rating(read: &Read, case: CaseId) -> Result<Option<Rating>> {
    let row = read.opt(("SELECT stars, words FROM diagnosis_rating WHERE case_id = $1", args![case])).await?;
    row.map(|row| Ok(Rating { stars: row.get("stars")?, words: row.get("words")? })).transpose()
}

/// Rates the institution; once, since it is counted.
///
/// # Errors
/// [`Error::Invalid`] at the field; [`Error::Conflict`] when it is not the time, not the enterprise, or done already.
pub(super) async fn rate(tx: &Tx, order: &Order, stars: &str, words: &str) -> Result<()> {
    tx.act(Verb::DIAGNOSIS_RATED, "case", order.case.id.0);
    tx.concerns(order.case.subject);
    if !order.may_rate() {
        return Err(Error::Conflict("验收以后由企业评价".into()));
    }
    let mut faults = Faults::new();
    let stars = stars.trim().parse::<i64>().ok().filter(|stars| (1..=5).contains(stars));
    if stars.is_none() {
        faults.add("stars", "请选择 1 至 5 分");
    }
    if words.trim().chars().count() > LONGEST_ITEM {
        faults.add("words", format!("最多 {LONGEST_ITEM} 个字"));
    }
    faults.or(())?;
    if rating(tx, order.case.id).await?.is_some() {
        return Err(Error::Conflict("本件已经评价过".into()));
    }
    let by = tx.actor().name.clone();
    let sql = "INSERT INTO diagnosis_rating (case_id, stars, words, rated_at, rated_by) VALUES ($1, $2, $3, $4, $5)";
    tx.run((sql, args![order.case.id, stars, words.trim(), tx.now(), by])).await?;
    Ok(())
}
