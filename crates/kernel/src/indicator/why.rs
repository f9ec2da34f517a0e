//! "Why is X not in this number?" and "where is this record used?"

use super::{Indicator, Question};
use crate::Result;
use crate::access::Scope;
use crate::id::OrgId;
use crate::ledger::browse::{self, Query};
use crate::ledger::{Catalog, Fact, NewFact};
use crate::org::{self, size_label};
use crate::store::Read;
use crate::value::day::Day;

/// Whether an organisation is in a figure, and why.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// It is in.
    pub counted: bool,
    /// One sentence per fact looked at, or one saying that there is none.
    pub reasons: Vec<String>,
}

/// How many facts are told one by one; all are looked at.
const REASONS: usize = 200;

/// Names the condition that keeps an organisation out of a figure, fact by fact.
///
/// # Errors
/// As the database says.
pub async fn why(read: &Read, indicator: &Indicator, org: OrgId, q: &Question<'_>) -> Result<Verdict> {
    let Some(select) = indicator.select() else {
        let message = format!("“{}”由其他指标或申明数字得出，请在其组成部分中查询", indicator.name);
        return Ok(Verdict { counted: false, reasons: vec![message] });
    };
    let (from, to) = indicator.window.range(q.about);
    let mut facts = Vec::new();
    for kind in select.kinds {
        let mut query = Query { kind: Some((*kind).to_owned()), subject: Some(org), limit: 1000, ..Query::default() };
        loop {
            let page = browse::list(read, q.scope, &query).await?;
            query.before = page.last().map(|fact| fact.position);
            let more = page.len() == 1000;
            facts.extend(page);
            if !more {
                break;
            }
        }
    }
    let mut net = 0;
    let mut reasons = Vec::new();
    for fact in facts.iter().filter(|f| f.reverses.is_none()) {
        let fault = exclusion(fact, select, from, to, q);
        if fault.is_none() {
            net += fact.quantity;
        }
        reasons.push(match fault {
            Some(reason) => {
                format!("{} {}（第 {} 号）：不计入，{reason}", fact.occurred_on, fact.kind_label, fact.position)
            }
            None => format!("{} {}（第 {} 号）：计入", fact.occurred_on, fact.kind_label, fact.position),
        });
    }
    let more = reasons.len().saturating_sub(REASONS);
    if more > 0 {
        reasons.truncate(REASONS);
        reasons.push(format!("另有 {more} 条较早登记的事实未逐条列出，结论已把它们算在内"));
    }
    if reasons.is_empty() {
        let kinds: Vec<&str> =
            select.kinds.iter().filter_map(|k| read.catalog().kind(k)).map(|k| k.decl.label).collect();
        reasons.push(format!("账上没有该主体的“{}”事实", kinds.join("、")));
    } else if net <= 0 && reasons.iter().any(|r| r.ends_with("计入") && !r.contains("不计入")) {
        reasons.push("计入的数量相抵后不大于 0".into());
    }
    Ok(Verdict { counted: net > 0, reasons })
}

/// The first condition that a fact fails.
fn exclusion(
    fact: &Fact,
    select: &crate::ledger::Select,
    from: Option<Day>,
    to: Day,
    q: &Question<'_>,
) -> Option<String> {
    if fact.position > q.known {
        return Some(format!("在所问时点（第 {} 号）之后才登记", q.known));
    }
    if let Some(by) = fact.reversed_by.filter(|by| *by <= q.known) {
        return Some(format!("已被第 {by} 号冲销"));
    }
    if fact.occurred_on > to {
        return Some(format!("发生在统计截止日 {to} 之后"));
    }
    if let Some(from) = from.filter(|from| fact.occurred_on < *from) {
        return Some(format!("发生在统计起始日 {from} 之前"));
    }
    if !select.filters.classes.is_empty() && !select.filters.classes.contains(&fact.class.as_str()) {
        return Some(format!("分类为“{}”，不在统计分类之内", fact.class_label));
    }
    if select.filters.above_scale && fact.dims.above_scale != 1 {
        return Some("发生当日不是规模以上企业".into());
    }
    if !select.filters.sizes.is_empty() && !select.filters.sizes.contains(&fact.dims.size) {
        return Some(format!("发生当日划型为“{}”，不在统计范围", size_label(fact.dims.size)));
    }
    None
}

/// The indicators whose figure counts this fact, asked about `about` as known at `known`:
/// those that look at it themselves, then those made of them.
pub fn used_by(read: &Read, fact: &Fact, about: Day, known: crate::id::Position) -> Vec<&'static Indicator> {
    let scope = Scope::All;
    let q = Question { about, known, scope: &scope };
    let counts = |i: &Indicator| {
        i.select().is_some_and(|select| {
            let (from, to) = i.window.range(about);
            select.kinds.contains(&fact.kind.as_str())
                && fact.reverses.is_none()
                && exclusion(fact, select, from, to, &q).is_none()
        })
    };
    with_wholes(read.catalog(), counts)
}

/// The indicators that a fact about to be recorded would move, asked about its own day, and those made of them.
///
/// # Errors
/// As the database says.
pub async fn would_move(read: &Read, fact: &NewFact) -> Result<Vec<&'static Indicator>> {
    let dims = org::dims_on(read, fact.subject(), fact.on()).await?;
    let counts = |i: &Indicator| {
        i.select().is_some_and(|select| {
            let (from, to) = i.window.range(fact.on());
            select.kinds.contains(&fact.kind())
                && from.is_none_or(|from| from <= fact.on())
                && fact.on() <= to
                && select.passes(fact.class_code(), &dims)
        })
    };
    Ok(with_wholes(read.catalog(), counts))
}

/// The indicators that count, in the order of the catalogue, then whatever is made of them. Rings were refused at start.
fn with_wholes(catalog: &Catalog, counts: impl Fn(&Indicator) -> bool) -> Vec<&'static Indicator> {
    let mut found: Vec<&'static Indicator> = catalog.indicators().iter().copied().filter(|i| counts(i)).collect();
    let mut at = 0;
    while let Some(part) = found.get(at).map(|i| i.code) {
        for whole in catalog.indicators().iter().copied().filter(|i| i.parts().contains(&part)) {
            if !found.iter().any(|i| i.code == whole.code) {
                found.push(whole);
            }
        }
        at += 1;
    }
    found
}
