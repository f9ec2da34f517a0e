//! Reading the log: newest first, within a scope, page by page.

use chrono::{DateTime, Utc};

use super::{Change, Verb};
use crate::access::Scope;
use crate::id::{OrgId, UnitId};
use crate::store::{Read, Row, Sql};
use crate::value::day::{self, Day, day_end};
use crate::{Error, Result};

/// An entry of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place.
    pub number: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Number of the account; 0 for the system and for the public.
    pub account: i64,
    /// The name it had.
    pub person: String,
    /// Code of the role acted in.
    pub role: String,
    /// The organisation acted for.
    pub behalf: Option<OrgId>,
    /// Address of the client.
    pub address: String,
    /// Digest of the session.
    pub session: String,
    /// Number of the request.
    pub request: String,
    /// Code of the verb.
    pub verb: String,
    /// Sort of object.
    pub object: String,
    /// Its number.
    pub object_id: Option<i64>,
    /// Whose matter it is, 0 for none.
    pub unit: UnitId,
    /// The organisations concerned.
    pub orgs: Vec<OrgId>,
    /// Whether it was refused.
    pub refused: bool,
    /// What was changed, or further details.
    pub changes: Vec<Change>,
    /// What for.
    pub purpose: String,
}

/// What is looked for; nothing set means everything.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// A part of the person's name.
    pub person: String,
    /// Code of a verb.
    pub verb: String,
    /// Sort of object.
    pub object: String,
    /// Its number.
    pub object_id: Option<i64>,
    /// An organisation concerned.
    pub org: Option<OrgId>,
    /// Whose matter it is.
    pub unit: Option<UnitId>,
    /// From this day on.
    pub from: Option<Day>,
    /// To the end of this day.
    pub to: Option<Day>,
    /// Refused or not.
    pub refused: Option<bool>,
    /// Only entries before this one.
    pub before: Option<i64>,
    /// Rows at most.
    pub limit: i64,
}

const COLUMNS: &str = "SELECT a.number, a.at, a.account, a.person, a.role, a.behalf, a.address, a.session, a.request, \
    a.verb, a.object, a.object_id, a.unit_id, a.orgs, a.result, a.changes, a.purpose FROM audit a";

/// The entries a query finds, newest first. The log belongs to who may see all of it.
///
/// # Errors
/// As the database says.
pub async fn list(read: &Read, scope: &Scope, query: &Query) -> Result<Vec<Entry>> {
    if *scope != Scope::All {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(COLUMNS);
    if query.org.is_some() {
        sql.push(" JOIN audit_org t ON t.number = a.number");
    }
    sql.push(" WHERE 1 = 1");
    conditions(&mut sql, query);
    sql.push(" ORDER BY a.number DESC LIMIT ").bind(query.limit);
    read.all(sql).await?.iter().map(of).collect()
}

fn conditions(sql: &mut Sql, query: &Query) {
    if let Some(org) = query.org {
        sql.push(" AND t.org_id = ").bind(org);
    }
    if !query.person.is_empty() {
        sql.push(" AND a.person LIKE ").bind(format!("%{}%", query.person.replace(['%', '_', '\\'], "")));
    }
    for (column, value) in [("verb", &query.verb), ("object", &query.object)] {
        if !value.is_empty() {
            sql.push(" AND a.").push(column).push(" = ").bind(value.clone());
        }
    }
    let numbers = [("object_id", query.object_id), ("unit_id", query.unit.map(|u| u.0))];
    for (column, value) in numbers {
        if let Some(value) = value {
            sql.push(" AND a.").push(column).push(" = ").bind(value);
        }
    }
    if let Some(before) = query.from.and_then(|day| day.pred_opt()) {
        sql.push(" AND a.at > ").bind(day_end(before));
    }
    if let Some(to) = query.to {
        sql.push(" AND a.at <= ").bind(day_end(to));
    }
    if let Some(refused) = query.refused {
        sql.push(" AND a.result = ").bind(if refused { "refused" } else { "done" });
    }
    if let Some(before) = query.before {
        sql.push(" AND a.number < ").bind(before);
    }
}

/// One entry.
///
/// # Errors
/// [`Error::NotFound`], also outside the scope.
pub async fn find(read: &Read, scope: &Scope, number: i64) -> Result<Entry> {
    if *scope != Scope::All {
        return Err(Error::NotFound);
    }
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE a.number = ").bind(number);
    of(&read.one(sql).await?)
}

/// Who looked at an organisation, took its data away or changed it, newest first: within a scope that holds it.
///
/// # Errors
/// [`Error::NotFound`] when the scope does not hold it.
pub async fn trail(read: &Read, scope: &Scope, org: OrgId, before: Option<i64>, limit: i64) -> Result<Vec<Entry>> {
    crate::org::find_within(read, scope, org).await?;
    let mut sql = Sql::new(COLUMNS);
    sql.push(" JOIN audit_org t ON t.number = a.number WHERE t.org_id = ").bind(org);
    sql.push(" AND t.number < ").bind(before.unwrap_or(i64::MAX));
    sql.push(" ORDER BY t.number DESC LIMIT ").bind(limit);
    let entries = read.all(sql).await?.iter().map(of).collect::<Result<Vec<Entry>>>()?;
    Ok(entries.into_iter().map(|entry| if *scope == Scope::All { entry } else { entry.told_to(org) }).collect())
}

impl Entry {
    /// What one organisation may know of the entry: an act that concerned others too is told without its contents,
    /// since these name the others and what was done with them.
    fn told_to(self, org: OrgId) -> Self {
        if self.orgs == [org] {
            return self;
        }
        // What data was read or taken away for is everybody's whose data it was; other reasons may name somebody.
        let looked = self.verb.ends_with(".export") || self.verb.ends_with(".read");
        let purpose = if looked { self.purpose.clone() } else { String::new() };
        Self { changes: Vec::new(), purpose, object_id: None, orgs: vec![org], ..self }
    }
}

/// The lines of a file for the yearly audit: heads first, then entries, oldest first.
pub fn export_lines(entries: &[Entry], unit_name: impl Fn(UnitId) -> String) -> Vec<Vec<String>> {
    let heads = [
        "序号",
        "时间",
        "人员",
        "角色",
        "代表主体",
        "地址",
        "会话摘要",
        "请求编号",
        "办理",
        "对象",
        "对象编号",
        "单元",
        "涉及主体",
        "结果",
        "内容",
        "目的",
    ];
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    lines.extend(entries.iter().rev().map(|e| {
        let changes = e.changes.iter().map(|c| format!("{}：{} → {}", c.label(), c.before(), c.after()));
        vec![
            e.number.to_string(),
            e.at_china(),
            e.person.clone(),
            e.role_label().to_owned(),
            number(e.behalf.map(|o| o.0)),
            e.address.clone(),
            e.session.clone(),
            e.request.clone(),
            e.verb_label().to_owned(),
            e.object_label().to_owned(),
            number(e.object_id),
            unit_name(e.unit),
            e.orgs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            e.result_label().to_owned(),
            changes.collect::<Vec<_>>().join("；"),
            e.purpose.clone(),
        ]
    }));
    lines
}

impl Entry {
    /// What was done, in the office's words.
    pub fn verb_label(&self) -> &str {
        super::label(&self.verb)
    }

    /// The role, in the office's words.
    pub fn role_label(&self) -> &str {
        match self.role.as_str() {
            "system" => "系统",
            "public" => "公众",
            code => crate::access::role_label(code),
        }
    }

    /// The sort of object, in the office's words.
    pub fn object_label(&self) -> &str {
        match self.object.as_str() {
            "org" => "主体",
            "account" => "账号",
            "indicator" => "指标",
            "publication" => "发布",
            "amendment" => "更正申请",
            "case" => "办件",
            "import" => "导入",
            "mapping" => "认列",
            "route" => "页面",
            "audit" => "审计日志",
            "record" => "台账",
            "template" => "模板",
            other => other,
        }
    }

    /// How it ended, in the office's words.
    pub fn result_label(&self) -> &'static str {
        if self.refused { "拒绝" } else { "完成" }
    }

    /// When, in China.
    pub fn at_china(&self) -> String {
        day::second(self.at)
    }

    /// Whether it only looked or took away, and changed nothing.
    pub fn is_read(&self) -> bool {
        [Verb::DOSSIER_READ, Verb::ROWS_EXPORTED, Verb::FILE_EXPORTED].iter().any(|v| v.code == self.verb)
    }
}

fn of(row: &Row) -> Result<Entry> {
    let orgs: String = row.get("orgs")?;
    Ok(Entry {
        number: row.get("number")?,
        at: row.get("at")?,
        account: row.get("account")?,
        person: row.get("person")?,
        role: row.get("role")?,
        behalf: row.get::<Option<i64>>("behalf")?.map(OrgId),
        address: row.get("address")?,
        session: row.get("session")?,
        request: row.get("request")?,
        verb: row.get("verb")?,
        object: row.get("object")?,
        object_id: row.get("object_id")?,
        unit: UnitId(row.get("unit_id")?),
        orgs: orgs.split(',').filter_map(|id| id.parse().ok()).collect(),
        refused: row.get::<String>("result")? == "refused",
        changes: serde_json::from_str(&row.get::<String>("changes")?).unwrap_or_default(),
        purpose: row.get("purpose")?,
    })
}
