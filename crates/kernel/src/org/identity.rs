//! Identity: registering and finding.

use std::collections::{BTreeSet, HashMap};

use super::attribute::checked;
use crate::access::Scope;
use crate::audit::Verb;
use crate::id::OrgId;
use crate::store::{Read, Row, Sql, Tx};
use crate::value::credit_code::CreditCode;
use crate::value::day::Day;
use crate::{Error, Faults, Result, args};

/// Kinds of organisation and what they are called.
pub const KINDS: &[(&str, &str)] = &[
    ("enterprise", "企业"),
    ("sole_trader", "个体工商户"),
    ("diagnosis_institution", "诊断服务机构"),
    ("provider", "服务商"),
    ("financial_institution", "金融机构"),
    ("guarantor", "担保机构"),
    ("university", "高校院所"),
    ("government", "机关单位"),
    ("team", "团队"),
    ("other", "其他"),
];

/// What a kind is called.
pub fn kind_label(kind: &str) -> &'static str {
    KINDS.iter().find(|(code, _)| *code == kind).map_or("其他", |(_, label)| label)
}

/// An organisation as lists show it: what its attributes say today.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Number.
    pub id: OrgId,
    /// Kind code.
    pub kind: String,
    /// Unified social credit code.
    pub credit_code: Option<String>,
    /// Local code of a body without a credit code.
    pub local_code: Option<String>,
    /// Name.
    pub name: String,
    /// Reporting unit; 0 when none.
    pub unit: i64,
    /// GB/T 2260 code; 0 when unknown.
    pub region: i64,
    /// GB/T 4754 code.
    pub industry: String,
    /// 1 micro … 4 large, 0 unknown.
    pub size: i64,
    /// Above designated size.
    pub above_scale: bool,
    /// Business status.
    pub status: String,
    /// The organisation this one was merged into.
    pub merged_into: Option<OrgId>,
}

/// The columns of [`Organisation`]; the query names the table `o`.
pub const ORG_COLUMNS: &str = "SELECT o.id, o.kind, o.credit_code, o.local_code, o.name, o.unit_id, o.region, o.industry, \
     o.size, o.above_scale, o.status, o.merged_into FROM organisation o";

impl Organisation {
    /// Reads a row of [`ORG_COLUMNS`].
    ///
    /// # Errors
    /// [`Error::Internal`] when a column is missing.
    pub fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: OrgId(row.get("id")?),
            kind: row.get("kind")?,
            credit_code: row.get("credit_code")?,
            local_code: row.get("local_code")?,
            name: row.get("name")?,
            unit: row.get("unit_id")?,
            region: row.get("region")?,
            industry: row.get("industry")?,
            size: row.get("size")?,
            above_scale: row.get::<i64>("above_scale")? == 1,
            status: row.get("status")?,
            merged_into: row.get::<Option<i64>>("merged_into")?.map(OrgId),
        })
    }

    /// The code people quote: credit code, else local code.
    pub fn code(&self) -> &str {
        self.credit_code.as_deref().or(self.local_code.as_deref()).unwrap_or("")
    }
}

/// The organisation with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(read: &Read, id: OrgId) -> Result<Organisation> {
    Organisation::of(&read.one((&*format!("{ORG_COLUMNS} WHERE o.id = $1"), args![id])).await?)
}

/// The organisation with this number, within the scope.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find_within(read: &Read, scope: &Scope, id: OrgId) -> Result<Organisation> {
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE o.id = ").bind(id).push(" AND ");
    scope.on_orgs(&mut sql, "o");
    Organisation::of(&read.one(sql).await?)
}

/// The organisation with this credit or local code, within the scope.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find_by_code(read: &Read, scope: &Scope, code: &str) -> Result<Organisation> {
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE (o.credit_code = ").bind(code).push(" OR o.local_code = ").bind(code).push(") AND ");
    scope.on_orgs(&mut sql, "o");
    Organisation::of(&read.one(sql).await?)
}

/// The organisations with any of these codes within the scope, by each code they have.
///
/// # Errors
/// As the database says.
pub async fn find_by_codes(
    read: &Read,
    scope: &Scope,
    codes: &BTreeSet<String>,
) -> Result<HashMap<String, Organisation>> {
    let codes: Vec<&String> = codes.iter().collect();
    let mut found = HashMap::new();
    for codes in codes.chunks(500) {
        let wanted = || codes.iter().map(|code| (*code).clone());
        // Two questions, each with its index, instead of one that has to look at every row.
        for column in ["credit_code", "local_code"] {
            let mut sql = Sql::new(ORG_COLUMNS);
            sql.push(" WHERE o.").push(column).push(" IN ").binds(wanted()).push(" AND ");
            scope.on_orgs(&mut sql, "o");
            for row in read.all(sql).await? {
                let org = Organisation::of(&row)?;
                for code in [&org.credit_code, &org.local_code].into_iter().flatten() {
                    found.insert(code.clone(), org.clone());
                }
            }
        }
    }
    Ok(found)
}

/// Holds organisations until the act ends, for acts that look at them before they write: what was seen stays true.
///
/// # Errors
/// As the database says.
pub async fn hold(tx: &Tx, orgs: &BTreeSet<OrgId>) -> Result<()> {
    let ids: Vec<i64> = orgs.iter().map(|org| org.0).collect();
    for ids in ids.chunks(500) {
        tx.hold("organisation", ids).await?;
    }
    Ok(())
}

/// What is needed to register an organisation.
#[derive(Debug, Clone)]
pub struct NewOrg {
    /// Kind code.
    pub kind: String,
    /// Credit code, as typed.
    pub credit_code: Option<String>,
    /// Local code for a body without one.
    pub local_code: Option<String>,
    /// First day its first attributes hold.
    pub since: Day,
    /// Attribute code and value; `name` is required.
    pub attributes: Vec<(String, String)>,
    /// Where all this is from.
    pub source: String,
}

impl NewOrg {
    fn check(&mut self, today: Day) -> Result<()> {
        let mut faults = Faults::new();
        if !KINDS.iter().any(|(code, _)| *code == self.kind) {
            faults.add("kind", "请选择主体类型");
        }
        if let Some(raw) = self.credit_code.take() {
            match CreditCode::parse(&raw) {
                Ok(parsed) => self.credit_code = Some(parsed.code.to_string()),
                Err(error) => faults.add("credit_code", error.to_string()),
            }
        } else if self.local_code.as_deref().is_none_or(|c| c.trim().is_empty()) {
            faults.add("credit_code", "请填写统一社会信用代码；没有的填本地编号");
        }
        if self.since > today {
            faults.add("since", "日期在今天之后，请核对");
        }
        if self.source.trim().is_empty() {
            faults.add("source", "请写明依据或来源");
        }
        if !self.attributes.iter().any(|(code, _)| code == "name") {
            faults.add("name", "请填写名称");
        }
        for (code, value) in &mut self.attributes {
            match checked(code, value) {
                Ok(stored) => *value = stored,
                Err(Error::Invalid(found)) => faults.0.extend(found.0),
                Err(other) => return Err(other),
            }
        }
        faults.or(())
    }

    fn text(&self, code: &str) -> String {
        self.attributes.iter().find(|(c, _)| c == code).map(|(_, v)| v.clone()).unwrap_or_default()
    }
}

/// Registers an organisation with its first attributes.
///
/// # Errors
/// [`Error::Invalid`] with all faults; [`Error::Conflict`] when the code is registered already.
pub async fn register(tx: &Tx, mut new: NewOrg) -> Result<OrgId> {
    new.check(tx.today())?;
    if let Some(code) = &new.credit_code
        && tx.opt(("SELECT id FROM organisation WHERE credit_code = $1", args![code.clone()])).await?.is_some()
    {
        return Err(Error::invalid("credit_code", format!("{code} 已在企业库中，请打开原有档案")));
    }
    let number = |code: &str| new.text(code).parse::<i64>().unwrap_or(0);
    let unit = number("unit");
    if unit != 0 && tx.opt(("SELECT id FROM unit WHERE id = $1", args![unit])).await?.is_none() {
        return Err(Error::invalid("unit", format!("没有编号为 {unit} 的填报单元")));
    }
    let id = tx
        .insert((
            "INSERT INTO organisation (kind, credit_code, local_code, created_at, name, unit_id, region, industry, size, above_scale, status, dims_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            args![
                new.kind.clone(), new.credit_code.clone(), new.local_code.clone(), tx.now(), new.text("name"), unit,
                number("region"), new.text("industry"), number("size"), number("above_scale"), new.text("status"), new.since,
            ],
        ))
        .await?;
    for (code, value) in &mut new.attributes {
        *value = super::sensitive::stored(tx, OrgId(id), code, value).await?;
    }
    let positions = tx.draw_positions(new.attributes.len()).await?;
    let mut sql = Sql::new(
        "INSERT INTO org_attribute (position, org_id, attribute, value, valid_from, valid_to, source, recorded_at, recorded_by) VALUES ",
    );
    for (i, ((code, value), position)) in new.attributes.iter().zip(&positions).enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" });
        sql.bind(*position).push(", ").bind(id).push(", ").bind(code.clone()).push(", ").bind(value.clone()).push(", ");
        sql.bind(new.since).push(", NULL, ").bind(new.source.clone()).push(", ").bind(tx.now()).push(", ");
        sql.bind(tx.actor().name.clone()).push(")");
    }
    tx.run(sql).await?;
    let names: Vec<String> = [new.text("name"), new.text("alias")].into_iter().filter(|n| !n.is_empty()).collect();
    tx.index_names(id, &names, true).await?;
    tell(tx, id, &new).await?;
    Ok(OrgId(id))
}

/// Tells the audit log what was registered.
async fn tell(tx: &Tx, id: i64, new: &NewOrg) -> Result<()> {
    tx.step(Verb::ORG_REGISTERED, "org", id);
    tx.concerns(OrgId(id));
    tx.changes("代码", "", new.credit_code.as_deref().or(new.local_code.as_deref()).unwrap_or_default());
    for (code, value) in &new.attributes {
        tx.changes(super::attribute::label(code), "", &super::attribute::told(tx, code, value).await?);
    }
    Ok(())
}
