//! Reads of the marketplace.
//!
//! Who takes part and what is on sale is public: those are asked without the actor's scope. Everything else takes one.

use std::collections::BTreeMap;

use kernel::access::Scope;
use kernel::case::{self, Case, Values, show};
use kernel::id::{CaseId, OrgId, RecordId};
use kernel::org::{self, size_label};
use kernel::store::{Read, Sql, Tx};
use kernel::value::day::{self, Day};
use kernel::value::money::Fen;
use kernel::{Error, Result, args};

use super::actions::{money, number};
use super::flows::{ANSWERS, DEMANDS, PRODUCT};
use super::rules::{Asked, Audience, Limits, Move, percent};

/// More products than any city has.
const MOST: i64 = 2000;

fn kind(read: &Read, code: &str) -> Result<i64> {
    let kind = read.catalog().kind(code);
    kind.map(|kind| kind.id).ok_or_else(|| Error::Internal(format!("no kind of fact {code}")))
}

/// What a body has in a stock today.
///
/// # Errors
/// As the database says.
pub(super) async fn stock(read: &Read, code: &str, subject: OrgId) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) AS n FROM fact WHERE kind = $1 AND subject_id = $2";
    read.one((sql, args![kind(read, code)?, subject])).await?.int("n")
}

/// Institutions that take part, by name.
///
/// # Errors
/// As the database says.
pub(super) async fn institutions(read: &Read) -> Result<Vec<(OrgId, String)>> {
    let sql = "SELECT o.id, o.name FROM fact f JOIN organisation o ON o.id = f.subject_id \
               WHERE f.kind = $1 AND o.merged_into IS NULL GROUP BY o.id, o.name HAVING SUM(f.quantity) > 0 \
               ORDER BY o.name, o.id";
    let rows = read.all((sql, args![kind(read, "finance.institution_joined")?])).await?;
    rows.iter().map(|row| Ok((OrgId(row.get("id")?), row.get("name")?))).collect()
}

/// The words of a field that lists several.
pub(super) fn words(values: &Values, field: &str) -> Vec<String> {
    let text = values.get(field).map_or("", String::as_str);
    text.split([' ', '、', '，', ',', '　']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A product as it is compared and shown.
#[derive(Debug, Clone)]
pub(super) struct Product {
    /// Its case.
    pub id: CaseId,
    /// The institution.
    pub bank: OrgId,
    /// Its name.
    pub bank_name: String,
    /// What it is called.
    pub name: String,
    /// Whom and what it is for.
    pub limits: Limits,
    /// Its state in words.
    pub state: &'static str,
    /// Rates in words.
    pub rates: String,
    /// Way of security as stored.
    pub way: String,
    /// Fields as people read them.
    shown: BTreeMap<&'static str, String>,
}

impl Product {
    fn of(case: Case) -> Self {
        let values = &case.values;
        let bp = |field: &str| number(values, field).unwrap_or(0);
        let shown = PRODUCT.fields.iter().map(|field| {
            let kept = values.get(field.code).map_or("", String::as_str);
            (field.code, show(&field.kind, kept))
        });
        let shown: BTreeMap<&'static str, String> = shown.collect();
        Self {
            id: case.id,
            bank: case.subject,
            name: values.get("name").cloned().unwrap_or_default(),
            limits: Limits {
                amount: (money(values, "least"), money(values, "most")),
                months: bp("months"),
                least_rate_bp: bp("least_rate"),
                audience: Audience {
                    sizes: words(values, "sizes"),
                    industries: words(values, "industries"),
                    units: words(values, "units"),
                },
            },
            state: PRODUCT.state(&case.state).map_or("", |state| state.label),
            rates: format!("{} 至 {}", percent(bp("least_rate")), percent(bp("most_rate"))),
            way: values.get("way").cloned().unwrap_or_default(),
            bank_name: case.subject_name,
            shown,
        }
    }

    /// A field as people read it; empty where it was left so.
    pub(super) fn text(&self, field: &str) -> &str {
        self.shown.get(field).map_or("", String::as_str)
    }

    /// The range of amounts.
    pub(super) fn amounts(&self) -> String {
        let (least, most) = self.limits.amount;
        format!("{} 至 {} 万元", least.exact_wan(), most.exact_wan())
    }

    /// Whom it is for.
    pub(super) fn audience(&self) -> String {
        let Audience { sizes, industries, units } = &self.limits.audience;
        let part = |label: &str, words: &[String]| match words.is_empty() {
            true => None,
            false => Some(format!("{label}{}", words.join("、"))),
        };
        let parts = [part("规模：", sizes), part("行业：", industries), part("区域：", units)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "不限".to_owned() } else { parts.join("；") }
    }
}

/// Products on sale, which everybody may see.
///
/// # Errors
/// As the database says.
pub(super) async fn on_sale(read: &Read) -> Result<Vec<Product>> {
    let found = case::list(read, &Scope::All, PRODUCT.code, Some("on_sale"), None, MOST).await?;
    // What an institution sold ends with its taking part.
    let institutions = institutions(read).await?;
    let takes_part = |case: &Case| institutions.iter().any(|(bank, _)| *bank == case.subject);
    Ok(found.into_iter().filter(takes_part).map(Product::of).collect())
}

/// Products a scope holds, in whatever state.
///
/// # Errors
/// As the database says.
pub(super) async fn products(read: &Read, scope: &Scope) -> Result<Vec<Product>> {
    Ok(case::list(read, scope, PRODUCT.code, None, None, MOST).await?.into_iter().map(Product::of).collect())
}

/// What a demand asks for, with what its firm is today.
///
/// # Errors
/// As the database says.
pub(super) async fn asked(read: &Read, demand: &Case) -> Result<Asked> {
    let dims = org::dims_on(read, demand.subject, read.today()).await?;
    let units = org::units(read).await?;
    let unit = units.into_iter().find(|unit| unit.id.0 == dims.unit).map(|unit| unit.name);
    Ok(Asked {
        amount: money(&demand.values, "amount"),
        months: number(&demand.values, "months").unwrap_or(0),
        most_rate_bp: number(&demand.values, "most_rate"),
        size: size_label(dims.size).to_owned(),
        industry: dims.industry,
        unit: unit.unwrap_or_default(),
    })
}

/// Answers to a demand that a scope holds, in their order.
///
/// # Errors
/// As the database says.
pub(super) async fn answers(read: &Read, scope: &Scope, demand: &Case) -> Result<Vec<Case>> {
    let all = case::about(read, ANSWERS.code, demand.subject).await?;
    let of_it =
        |case: &Case| number(&case.values, "demand") == Some(demand.id.0) && scope.holds_case(case.unit, case.subject);
    Ok(all.into_iter().filter(of_it).collect())
}

/// What was paid out and back under a record, without what was taken back.
///
/// # Errors
/// As the database says.
pub(super) async fn moves(read: &Read, record: RecordId) -> Result<Vec<Move>> {
    let (out, back) = (kind(read, "finance.loan_disbursed")?, kind(read, "finance.loan_repaid")?);
    let sql = "SELECT f.kind, f.occurred_on, f.amount_fen FROM fact f WHERE f.record_id = $1 AND f.kind IN ($2, $3) \
               AND f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position) \
               ORDER BY f.position";
    let rows = read.all((sql, args![record, out, back])).await?;
    let moved = |row: &kernel::store::Row| {
        let amount = row.get::<i64>("amount_fen")?;
        let amount = if row.get::<i64>("kind")? == back { -amount } else { amount };
        Ok(Move { on: row.get::<Day>("occurred_on")?, amount: Fen(amount) })
    };
    rows.iter().map(moved).collect()
}

/// The same with what the act itself has recorded and the database does not hold yet.
///
/// # Errors
/// As the database says.
pub(super) async fn moves_with_pending(tx: &Tx, record: RecordId) -> Result<Vec<Move>> {
    let mut found = moves(tx, record).await?;
    for fact in tx.pending().iter().filter(|fact| fact.record() == record) {
        match fact.kind() {
            "finance.loan_disbursed" => found.push(Move { on: fact.on(), amount: Fen(fact.amount_fen()) }),
            "finance.loan_repaid" => found.push(Move { on: fact.on(), amount: Fen(-fact.amount_fen()) }),
            _ => {}
        }
    }
    Ok(found)
}

/// Whether a demand is of a state in which institutions can be asked.
pub(super) fn is_open(demand: &Case) -> bool {
    !DEMANDS.ends_in(&demand.state)
}

/// How one institution answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Funnel {
    /// Its name.
    pub name: String,
    /// Demands it was asked for.
    pub asked: usize,
    /// Of those: accepted, offered, granted, paid out.
    pub reached: [usize; 4],
    /// Days until it accepted.
    pub accept_days: Vec<i64>,
    /// Days from accepting to an offer or refusal.
    pub decide_days: Vec<i64>,
    /// Refusals by reason.
    pub refused: BTreeMap<String, usize>,
}

/// Steps of the funnel after being asked.
const STEPS: [&str; 4] = ["accept", "offer", "grant", "pay"];

/// What was done first of each sort in a case, and on which day.
type Firsts = BTreeMap<String, Day>;

/// The funnel of every institution that was asked, as far as the scope reaches.
///
/// # Errors
/// As the database says.
pub(super) async fn funnel(read: &Read, scope: &Scope) -> Result<Vec<Funnel>> {
    let mut sql = Sql::new(
        "SELECT c.id, c.counterparty_id, p.name, c.state, c.field_values, e.action, e.done_at FROM case_file c \
         JOIN organisation p ON p.id = c.counterparty_id JOIN case_event e ON e.case_id = c.id WHERE c.flow = ",
    );
    sql.bind(ANSWERS.code).push(" AND ");
    scope.on_cases(&mut sql, "c");
    sql.push(" ORDER BY c.id, e.revision");
    let mut cases: BTreeMap<i64, (i64, String, String, Firsts)> = BTreeMap::new();
    for row in read.all(sql).await? {
        let values: Values = serde_json::from_str(&row.get::<String>("field_values")?).unwrap_or_default();
        let reason = values.get("reason").filter(|_| row.get::<String>("state").is_ok_and(|state| state == "refused"));
        let reason = reason.cloned().unwrap_or_default();
        let (bank, name) = (row.get("counterparty_id")?, row.get::<String>("name")?);
        let entry = cases.entry(row.get("id")?).or_insert_with(|| (bank, name, reason, Firsts::new()));
        entry.3.entry(row.get("action")?).or_insert(day::today(row.get("done_at")?));
    }
    let mut found: BTreeMap<i64, Funnel> = BTreeMap::new();
    for (bank, name, reason, firsts) in cases.into_values() {
        let funnel = found.entry(bank).or_default();
        funnel.name = name;
        funnel.add(&firsts, &reason);
    }
    Ok(found.into_values().collect())
}

impl Funnel {
    fn add(&mut self, firsts: &Firsts, reason: &str) {
        self.asked += 1;
        for (reached, step) in self.reached.iter_mut().zip(STEPS) {
            *reached += usize::from(firsts.contains_key(step));
        }
        let between = |from: &str, to: Option<&Day>| Some((*to? - *firsts.get(from)?).num_days());
        self.accept_days.extend(between("ask", firsts.get("accept")));
        let decided = [firsts.get("offer"), firsts.get("refuse")].into_iter().flatten().min();
        self.decide_days.extend(between("accept", decided));
        if !reason.is_empty() {
            *self.refused.entry(reason.to_owned()).or_default() += 1;
        }
    }
}

/// The middle of some days in words; a dash for none.
pub(super) fn median(days: &[i64]) -> String {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => "—".to_owned(),
        (Some(one), 1) => format!("{one}"),
        (Some(upper), _) => {
            let sum = upper + sorted.get(middle.wrapping_sub(1)).copied().unwrap_or(0);
            format!("{}{}", sum / 2, if sum % 2 == 0 { "" } else { ".5" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_may_be_a_half() {
        assert_eq!((median(&[]), median(&[3]), median(&[4, 1])), ("—".into(), "3".into(), "2.5".into()));
        assert_eq!(median(&[5, 1, 2, 8]), "3.5");
    }
}
