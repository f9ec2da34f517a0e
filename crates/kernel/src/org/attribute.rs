//! Attributes with two clocks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Days, Utc};

use super::dims;
use super::sensitive::{is_sensitive, is_telephone, stored};
use crate::audit::Verb;
use crate::cipher::MASKED;
use crate::id::{OrgId, Position};
use crate::store::{Read, Row, Sql, Tx};
use crate::value::day::Day;
use crate::value::industry;
use crate::value::money::Fen;
use crate::value::thousands;
use crate::{Error, Result, args};

/// An attribute an organisation can have.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Stored code.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
}

/// All attributes, in the order of a dossier. Codes beginning with `mark.` are marks with validity.
pub const ATTRIBUTES: &[Attribute] = &[
    Attribute { code: "name", label: "名称" },
    Attribute { code: "alias", label: "简称" },
    Attribute { code: "status", label: "经营状态" },
    Attribute { code: "type", label: "主体类型" },
    Attribute { code: "founded_on", label: "成立日期" },
    Attribute { code: "capital_fen", label: "注册资本" },
    Attribute { code: "address", label: "住所" },
    Attribute { code: "region", label: "行政区划" },
    Attribute { code: "unit", label: "填报单元" },
    Attribute { code: "contact_phone", label: "联系电话" },
    Attribute { code: "park", label: "园区" },
    Attribute { code: "industry", label: "行业" },
    Attribute { code: "size", label: "划型（按年度数据计算）" },
    Attribute { code: "declared_size", label: "划型（申报）" },
    Attribute { code: "above_scale", label: "规模以上" },
    Attribute { code: "mark.specialised", label: "专精特新" },
    Attribute { code: "mark.high_tech", label: "高新技术企业" },
    Attribute { code: "mark.leading", label: "龙头企业" },
];

/// One assertion of the history.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// Its place among everything recorded.
    pub position: Position,
    /// Attribute code.
    pub attribute: String,
    /// Attribute label.
    pub label: &'static str,
    /// Stored value.
    pub value: String,
    /// First day it is true.
    pub valid_from: Day,
    /// Last day it is true; open when absent.
    pub valid_to: Option<Day>,
    /// Where it is from.
    pub source: String,
    /// When the platform learned it.
    pub recorded_at: DateTime<Utc>,
    /// From whom.
    pub recorded_by: String,
}

impl Assertion {
    fn of(row: &Row) -> Result<Self> {
        let attribute: String = row.get("attribute")?;
        Ok(Self {
            position: Position(row.get("position")?),
            label: label(&attribute),
            attribute,
            value: row.get("value")?,
            valid_from: row.get("valid_from")?,
            valid_to: row.get("valid_to")?,
            source: row.get("source")?,
            recorded_at: row.get("recorded_at")?,
            recorded_by: row.get("recorded_by")?,
        })
    }

    fn covers(&self, day: Day) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}

pub(super) fn label(code: &str) -> &'static str {
    ATTRIBUTES.iter().find(|a| a.code == code).map_or("其他", |a| a.label)
}

/// Characters that a name may have.
pub const LONGEST_NAME: usize = 120;

/// Checks a value and brings it into its stored form.
///
/// # Errors
/// [`Error::Invalid`] at the attribute.
pub(super) fn checked(attribute: &str, value: &str) -> Result<String> {
    // Names and addresses keep their full-width signs; codes and numbers lose them.
    let value = match attribute {
        "name" | "alias" | "address" | "park" => {
            value.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
        }
        _ => crate::value::text::normalise(value),
    };
    let bad = |message: String| Err(Error::invalid(attribute, message));
    if !ATTRIBUTES.iter().any(|a| a.code == attribute) {
        return bad(format!("没有“{attribute}”这个属性"));
    }
    if value.is_empty() {
        return bad(format!("请填写{}", label(attribute)));
    }
    match attribute {
        "industry" if industry::find(&value).is_none_or(|i| i.code.len() < 2) => {
            bad(format!("行业代码“{value}”不在 GB/T 4754-2017 中，请填 2 至 4 位数字代码"))
        }
        "above_scale" if value != "0" && value != "1" => bad("规模以上请填 1（是）或 0（否）".into()),
        "unit" | "region" | "capital_fen" if value.parse::<i64>().is_err() => {
            bad(format!("{}应为数字，填的是“{value}”", label(attribute)))
        }
        "size" | "declared_size" if !matches!(value.as_str(), "0" | "1" | "2" | "3" | "4") => {
            bad("划型应为 1 微型、2 小型、3 中型、4 大型，不适用填 0".into())
        }
        "contact_phone" if !is_telephone(&value) => bad("联系电话应为 7 至 20 位数字，可以有区号、分机和横线".into()),
        "name" if value.chars().count() > LONGEST_NAME => bad(format!("名称最多 {LONGEST_NAME} 个字")),
        _ => Ok(value),
    }
}

const COLUMNS: &str = "SELECT position, org_id, attribute, value, valid_from, valid_to, source, recorded_at, recorded_by FROM org_attribute";

/// All assertions about an organisation known at `known`, oldest first.
///
/// # Errors
/// As the database says.
pub async fn history(read: &Read, org: OrgId, known: Option<Position>) -> Result<Vec<Assertion>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE org_id = ").bind(org);
    if let Some(known) = known {
        sql.push(" AND position <= ").bind(known);
    }
    sql.push(" ORDER BY position");
    read.all(sql).await?.iter().map(Assertion::of).collect()
}

/// As [`history`] as known now, for many organisations at once; one without assertions is absent.
///
/// # Errors
/// As the database says.
pub async fn histories(read: &Read, orgs: &BTreeSet<OrgId>) -> Result<HashMap<OrgId, Vec<Assertion>>> {
    let ids: Vec<i64> = orgs.iter().map(|org| org.0).collect();
    let mut found: HashMap<OrgId, Vec<Assertion>> = HashMap::new();
    for ids in ids.chunks(500) {
        let mut sql = Sql::new(COLUMNS);
        sql.push(" WHERE org_id IN ").ints(ids.iter().copied()).push(" ORDER BY position");
        for row in read.all(sql).await? {
            found.entry(OrgId(row.get("org_id")?)).or_default().push(Assertion::of(&row)?);
        }
    }
    Ok(found)
}

/// Of the assertions that cover `day`, the one recorded last.
pub fn value_on<'a>(history: &'a [Assertion], attribute: &str, day: Day) -> Option<&'a Assertion> {
    history.iter().filter(|a| a.attribute == attribute && a.covers(day)).max_by_key(|a| a.position)
}

/// Everything an organisation was on `day`, as known at `known`.
///
/// # Errors
/// As the database says.
pub async fn attributes(read: &Read, org: OrgId, day: Day, known: Option<Position>) -> Result<Vec<Assertion>> {
    let history = history(read, org, known).await?;
    Ok(ATTRIBUTES.iter().filter_map(|a| value_on(&history, a.code, day).cloned()).collect())
}

/// The values that an attribute had on any day of `from..=to`, as known now; empty where nothing was known.
pub fn values_between(history: &[Assertion], attribute: &str, from: Day, to: Day) -> BTreeSet<String> {
    let first = value_on(history, attribute, from).map(|a| a.value.clone()).unwrap_or_default();
    let later = changes(history, attribute).into_iter().filter(|(day, _)| from < *day && *day <= to);
    later.map(|(_, value)| value).chain([first]).collect()
}

/// The days on which an attribute took the value it then had, as known now.
pub(super) fn changes(history: &[Assertion], attribute: &str) -> BTreeMap<Day, String> {
    let mut days: Vec<Day> = history
        .iter()
        .filter(|a| a.attribute == attribute)
        .flat_map(|a| [Some(a.valid_from), a.valid_to.and_then(|d| d.checked_add_days(Days::new(1)))])
        .flatten()
        .collect();
    days.sort_unstable();
    days.dedup();
    let mut changes: BTreeMap<Day, String> = BTreeMap::new();
    for day in days {
        let value = value_on(history, attribute, day).map(|a| a.value.clone()).unwrap_or_default();
        if changes.last_key_value().is_none_or(|(_, last)| *last != value) {
            changes.insert(day, value);
        }
    }
    changes
}

/// The next day after `after` on which an attribute changes, as known now.
/// An assertion without an end that begins on `after` holds to the day before.
pub fn next_change(history: &[Assertion], attribute: &str, after: Day) -> Option<Day> {
    changes(history, attribute).into_keys().find(|day| *day > after)
}

/// What became of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asserted {
    /// Its place among everything recorded.
    pub position: Position,
    /// The last day it holds, where nobody said so but a later assertion begins the day after.
    pub cut_to: Option<Day>,
}

/// Asserts that an attribute has a value from a day on.
/// Without an end it runs to the day before the next change already known, so that late knowledge of the past
/// does not wipe out the present.
///
/// # Errors
/// [`Error::Invalid`] for an unknown attribute, a value of the wrong form or a day in the future;
/// [`Error::NotFound`] for an unknown organisation.
pub async fn assert(
    tx: &Tx,
    org: OrgId,
    attribute: &str,
    value: &str,
    from: Day,
    to: Option<Day>,
    source: &str,
) -> Result<Asserted> {
    let value = checked(attribute, value)?;
    let value = stored(tx, org, attribute, &value).await?;
    put(tx, org, attribute, &value, from, to, source).await
}

/// Withdraws what was said of an attribute from a day on: nothing is known of it then.
///
/// # Errors
/// As [`assert`].
pub async fn withdraw(
    tx: &Tx,
    org: OrgId,
    attribute: &str,
    from: Day,
    to: Option<Day>,
    source: &str,
) -> Result<Position> {
    Ok(put(tx, org, attribute, "", from, to, source).await?.position)
}

async fn put(
    tx: &Tx,
    org: OrgId,
    attribute: &str,
    value: &str,
    from: Day,
    to: Option<Day>,
    source: &str,
) -> Result<Asserted> {
    if from > tx.today() {
        return Err(Error::invalid("valid_from", format!("生效日期 {from} 在今天之后，请到时再登记")));
    }
    if to.is_some_and(|to| to < from) {
        return Err(Error::invalid("valid_to", "截止日期早于生效日期"));
    }
    if source.trim().is_empty() {
        return Err(Error::invalid("source", "请写明依据或来源"));
    }
    tx.hold("organisation", &[org.0]).await?;
    super::find(tx, org).await?;
    let known = history(tx, org, None).await?;
    let next = next_change(&known, attribute, from);
    let cut_to = next.and_then(|day| day.pred_opt()).filter(|_| to.is_none());
    let to = to.or(cut_to);
    let position = *tx.draw_positions(1).await?.first().ok_or_else(|| Error::Internal("no position".into()))?;
    tx.run((
        "INSERT INTO org_attribute (position, org_id, attribute, value, valid_from, valid_to, source, recorded_at, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![position, org, attribute, value, from, to, source.trim(), tx.now(), tx.actor().name.clone()],
    ))
    .await?;
    project(tx, org).await?;
    tx.step(Verb::ORG_CHANGED, "org", org.0);
    tx.concerns(org);
    let old = value_on(&known, attribute, from).map(|a| a.value.clone()).unwrap_or_default();
    let new = told(tx, attribute, value).await?;
    // The log tells that a sealed value is another one, not which.
    let new = if is_sensitive(attribute) && !value.is_empty() { format!("{new}新的内容") } else { new };
    tx.changes(label(attribute), &told(tx, attribute, &old).await?, &new);
    Ok(Asserted { position, cut_to })
}

/// How the audit log tells a value; empty for none.
pub(super) async fn told(read: &Read, attribute: &str, value: &str) -> Result<String> {
    if value.is_empty() {
        return Ok(String::new());
    }
    let units = if attribute == "unit" { super::units(read).await? } else { Vec::new() };
    let name = |id: i64| units.iter().find(|u| u.id.0 == id).map_or_else(|| id.to_string(), |u| u.name.clone());
    Ok(display(attribute, value, name))
}

/// Brings organisations up to date whose attributes have ended since they were last looked at.
///
/// # Errors
/// As the database says.
pub(crate) async fn project_expired(tx: &Tx) -> Result<()> {
    let rows = tx.all(("SELECT id FROM organisation WHERE dims_until < $1 ORDER BY id", args![tx.today()])).await?;
    for row in &rows {
        project(tx, OrgId(row.get("id")?)).await?;
    }
    Ok(())
}

/// Brings the columns that lists read up to what the attributes say today.
async fn project(tx: &Tx, org: OrgId) -> Result<()> {
    let history = history(tx, org, None).await?;
    let today = tx.today();
    let text = |code: &str| value_on(&history, code, today).map(|a| a.value.clone()).unwrap_or_default();
    let number = |code: &str| text(code).parse::<i64>().unwrap_or(0);
    tx.run((
        "UPDATE organisation SET name = $1, unit_id = $2, region = $3, industry = $4, size = $5, above_scale = $6,
         status = $7, dims_since = $8, dims_until = $9 WHERE id = $10",
        args![
            text("name"),
            number("unit"),
            number("region"),
            text("industry"),
            number("size"),
            number("above_scale"),
            text("status"),
            dims::since(&history, today),
            dims::until(&history, today),
            org,
        ],
    ))
    .await?;
    let names: Vec<String> =
        history.iter().filter(|a| a.attribute == "name" || a.attribute == "alias").map(|a| a.value.clone()).collect();
    tx.index_names(org.0, &names, false).await
}

/// How a stored value reads: codes become names, amounts get their unit.
pub fn display(attribute: &str, value: &str, unit_name: impl Fn(i64) -> String) -> String {
    if value.is_empty() {
        return "（已撤回）".to_owned();
    }
    if is_sensitive(attribute) {
        return MASKED.to_owned();
    }
    match attribute {
        "industry" => industry::find(value).map_or_else(|| value.to_owned(), |i| format!("{} {}", i.code, i.name)),
        "region" => crate::value::region::name(value).map_or_else(|| value.to_owned(), str::to_owned),
        "unit" => value.parse().map_or_else(|_| value.to_owned(), unit_name),
        "above_scale" => if value == "1" { "是" } else { "否" }.to_owned(),
        "capital_fen" => {
            value.parse().map_or_else(|_| value.to_owned(), |fen| format!("{} 万元", thousands(Fen(fen).exact_wan())))
        }
        "size" | "declared_size" => size_label(value.parse().unwrap_or(0)).to_owned(),
        _ => value.to_owned(),
    }
}

/// The name of a stored size class.
pub fn size_label(size: i64) -> &'static str {
    match size {
        1 => "微型",
        2 => "小型",
        3 => "中型",
        4 => "大型",
        _ => "未划型",
    }
}
