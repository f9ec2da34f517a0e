//! Reads of organisations. Every function takes a scope; what the scope does not hold is not found.

use kernel::Result;
use kernel::access::Scope;
use kernel::consent::{Shown, Used};
use kernel::id::{OrgId, Position, UnitId};
use kernel::list::{Cell, Column, Kind, List, Order};
use kernel::org::{self, KINDS, ORG_COLUMNS, Organisation, Unit, size_label};
use kernel::store::{Read, Row, Sql, matches};
use kernel::value::day::Day;
use kernel::value::industry::{self, Level};
use kernel::value::money::Fen;

use chrono::Datelike;

use super::above_scale::{Edition, Line};
use super::model::{Check, Compared, Mismatch};
use super::rules;

/// Organisations a comparison looks at in one stretch, so that its cost does not grow with the register.
const STRETCH: i64 = 5000;
/// Contradictions shown at once.
const SHOWN: i64 = 200;

/// Organisations that are not merged into another, as a list.
pub(super) fn listing(units: &[Unit], scope: &Scope) -> List {
    let of = |pairs: &mut dyn Iterator<Item = (String, String)>| pairs.collect::<Vec<_>>();
    let units = units.iter().filter(|u| scope.holds(u.id));
    let units = of(&mut units.map(|u| (u.id.to_string(), u.name.clone())));
    let kinds = of(&mut KINDS.iter().map(|(code, label)| ((*code).to_owned(), (*label).to_owned())));
    let divisions = industry::industries().iter().filter(|i| i.level == Level::Division);
    let divisions = of(&mut divisions.map(|i| (i.code.to_owned(), format!("{} {}", i.code, i.name))));
    let sizes = of(&mut (0..=4).map(|size| (size.to_string(), size_label(size).to_owned())));
    let scale = of(&mut [("1", "规上"), ("0", "规下")].map(|(v, l)| (v.to_owned(), l.to_owned())).into_iter());
    let is_own = matches!(scope, Scope::Own(_) | Scope::Nothing);
    let columns = vec![
        Column::new("name", "名称", Kind::Text, "o.name"),
        Column::new("code", "信用代码", Kind::Text, "COALESCE(o.credit_code, o.local_code)").nullable(),
        Column::new("unit", "填报单元", Kind::Code(units), "o.unit_id").filters(),
        Column::new("kind", "类型", Kind::Choice(kinds), "o.kind").filters().hidden(),
        Column::new("industry", "行业", Kind::Text, "o.industry"),
        Column::new("division", "行业大类", Kind::Choice(divisions), "substr(o.industry, 1, 2)").filters().hidden(),
        Column::new("size", "划型", Kind::Code(sizes), "o.size").filters(),
        Column::new("above_scale", "规上", Kind::Code(scale), "o.above_scale").filters(),
        Column::new("status", "状态", Kind::Text, "o.status").filters(),
        Column::new("region", "行政区划", Kind::Whole, "o.region").hidden(),
        Column::new("number", "编号", Kind::Whole, "o.id").hidden(),
        Column::new("credit_code", "统一社会信用代码", Kind::Text, "o.credit_code").hidden(),
        Column::new("local_code", "本地编号", Kind::Text, "o.local_code").hidden(),
    ];
    List {
        code: "orgs".to_owned(),
        label: "企业库",
        from: "organisation o",
        id: "o.id",
        gate: |scope, sql| {
            sql.push("o.merged_into IS NULL AND ");
            scope.on_orgs(sql, "o");
        },
        fixed: Vec::new(),
        columns,
        search: Some(search),
        order: Order { column: None, descending: false },
        // A stretch of credit codes stands together in their index.
        order_when: Some(|typed| {
            rules::code_range(typed).map(|_| Order { column: Some("credit_code"), descending: false })
        }),
        // A register begins with the enterprises, not with the bureaus that were registered first.
        first: (!is_own).then_some(("kind", "enterprise")),
        rests: Some(|row| {
            let unit = if let Cell::Number(unit) = row.cell("unit") { *unit } else { 0 };
            Shown::organisation(OrgId(row.id), UnitId(unit), row.cell("industry").text())
        }),
    }
}

/// Number, name and code of an organisation.
pub type Named = (OrgId, String, String);

/// The first organisations that match what was typed, and the consents they rest on. The same that the list finds.
///
/// # Errors
/// [`kernel::Error::Invalid`] for what cannot be searched for.
pub async fn search_orgs(read: &Read, scope: &Scope, typed: &str, limit: i64) -> Result<(Vec<Named>, Vec<Used>)> {
    let list = List { first: None, ..listing(&[], scope) };
    let mut asked = list.asked(&[("q".to_owned(), typed.to_owned())], &|_| true)?;
    asked.limit = limit;
    let page = kernel::list::page(read, &list, scope, &asked, &|_| true).await?;
    let text = |row: &kernel::list::Row, code: &str| row.cell(code).text().to_owned();
    let named = |row: &kernel::list::Row| (OrgId(row.id), text(row, "name"), text(row, "code"));
    Ok((page.rows.iter().map(named).collect(), page.used))
}

/// Appends "the organisation's credit code begins so, or it matches what was typed".
fn search(read: &Read, sql: &mut Sql, typed: &str) {
    match rules::code_range(typed) {
        // A whole code is named as such, so that its index is preferred to that of the unit.
        Some((first, last)) if first == last => {
            sql.push("o.credit_code = ").bind(first);
        }
        Some((first, last)) => {
            sql.push("o.credit_code BETWEEN ").bind(first).push(" AND ").bind(last);
        }
        None => matches(read, sql, "o", typed),
    }
}

/// The organisation with this number, merged or not.
///
/// # Errors
/// [`kernel::Error::NotFound`] also when the scope does not hold it.
pub(super) async fn find(read: &Read, scope: &Scope, id: OrgId) -> Result<Organisation> {
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE o.id = ").bind(id).push(" AND ");
    scope.on_orgs(&mut sql, "o");
    Organisation::of(&read.one(sql).await?)
}

/// How many facts a merge of this organisation would move.
///
/// # Errors
/// [`kernel::Error::NotFound`] when the scope does not hold it.
pub(super) async fn movable(read: &Read, scope: &Scope, id: OrgId) -> Result<usize> {
    find(read, scope, id).await?;
    Ok(org::movable_facts(read, id).await?.len())
}

/// One stretch of organisations after `after`, and those of them that contradict themselves on `about` as known at `known`.
///
/// # Errors
/// As the database says.
pub(super) async fn compare(
    read: &Read,
    scope: &Scope,
    (about, known): (Day, Position),
    (check, edition): (Check, Option<&Edition>),
    after: Option<OrgId>,
) -> Result<Compared> {
    let after = after.unwrap_or(OrgId(0));
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS n, MAX(w.id) AS upto FROM (SELECT o.id FROM organisation o WHERE o.merged_into IS NULL AND ",
    );
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND o.id > ").bind(after).push(" ORDER BY o.id LIMIT ").bind(STRETCH).push(") w");
    let stretch = read.one(sql).await?;
    let looked_at = stretch.int("n")?;
    let upto = OrgId(stretch.int("upto")?);
    let mut sql = Sql::new("SELECT * FROM (");
    as_then(&mut sql, (about, known));
    sql.push(" FROM organisation o WHERE o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND o.id > ").bind(after).push(" AND o.id <= ").bind(upto).push(") m WHERE ");
    match check {
        Check::Size => {
            sql.push("m.size_then <> '0' AND m.declared_then <> m.size_then");
        }
        Check::AboveScale => against_lines(&mut sql, edition.map_or(&[][..], |e| e.lines.as_slice())),
    }
    sql.push(" ORDER BY m.id LIMIT ").bind(SHOWN);
    let rows = read.all(sql).await?.iter().map(mismatch).collect::<Result<Vec<_>>>()?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == SHOWN => Some(last.id),
        _ => Some(upto).filter(|_| looked_at == STRETCH),
    };
    Ok(Compared { rows, looked_at, next })
}

/// Selects what an organisation was on a day, as known at a position, and its revenue of the year before.
fn as_then(sql: &mut Sql, (about, known): (Day, Position)) {
    sql.push("SELECT o.id, o.name, o.credit_code, o.local_code, o.unit_id");
    for (attribute, column) in [
        ("industry", "industry_then"),
        ("size", "size_then"),
        ("declared_size", "declared_then"),
        ("above_scale", "above_then"),
    ] {
        sql.push(", (SELECT a.value FROM org_attribute a WHERE a.org_id = o.id AND a.attribute = '").push(attribute);
        sql.push("' AND a.position <= ").bind(known).push(" AND a.valid_from <= ").bind(about);
        sql.push(" AND (a.valid_to IS NULL OR a.valid_to >= ").bind(about);
        sql.push(") ORDER BY a.position DESC LIMIT 1) AS ").push(column);
    }
    sql.push(", (SELECT y.revenue_fen FROM org_year y WHERE y.org_id = o.id AND y.year = ")
        .bind(i64::from(about.year() - 1));
    sql.push(" AND y.position <= ").bind(known).push(" ORDER BY y.position DESC LIMIT 1) AS revenue_fen");
}

/// Appends "the mark and the revenue contradict each other by one of these lines".
fn against_lines(sql: &mut Sql, lines: &[Line]) {
    sql.push("(1 = 0");
    for line in lines {
        sql.push(" OR (substr(m.industry_then, 1, 2) IN ").binds(line.divisions.iter().copied());
        sql.push(" AND ((m.above_then = '1' AND m.revenue_fen < ").bind(line.revenue.0);
        sql.push(") OR (COALESCE(m.above_then, '0') <> '1' AND m.revenue_fen >= ").bind(line.revenue.0).push(")))");
    }
    sql.push(")");
}

fn mismatch(row: &Row) -> Result<Mismatch> {
    let size = |column: &str| Ok::<_, kernel::Error>(row.text(column)?.parse().unwrap_or(0));
    let credit_code = row.text("credit_code")?;
    Ok(Mismatch {
        id: OrgId(row.get("id")?),
        name: row.get("name")?,
        code: if credit_code.is_empty() { row.text("local_code")? } else { credit_code },
        unit: UnitId(row.get("unit_id")?),
        industry: row.text("industry_then")?,
        size: size("size_then")?,
        declared_size: size("declared_then")?,
        above_scale: row.text("above_then")? == "1",
        revenue: row.get::<Option<i64>>("revenue_fen")?.map(Fen),
    })
}
