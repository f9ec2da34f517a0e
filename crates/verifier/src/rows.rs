//! Facts as the rows of a figure, by what its definition measures: their digest, their sums, the value they give.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{hex, sm3};

/// The rows of one part.
pub(crate) struct Rows {
    measure: String,
    /// One line for each row, in the order of the digest.
    lines: Vec<String>,
    quantity: i128,
    amount: i128,
    first: String,
}

impl Rows {
    /// The rows that a measure makes of facts; `None` when it is not one of facts.
    pub(crate) fn of(measure: &Value, facts: &[Value]) -> Result<Option<Self>, String> {
        let Some((name, inside)) = measure.as_object().and_then(|m| m.iter().next()) else {
            return nothing_but(facts);
        };
        let selected = if name == "Distinct" { &inside[0] } else { inside };
        let Some(kinds) = selected["kinds"].as_array() else { return nothing_but(facts) };
        if let Some(other) = facts.iter().find(|f| !kinds.contains(&f["kind"])) {
            return Err(format!("fact {} is of a kind that is not counted", other["position"]));
        }
        let number = |fact: &Value, name: &str| fact[name].as_i64().unwrap_or_default();
        let sum = |name: &str| facts.iter().map(|f| i128::from(number(f, name))).sum();
        let lines = if name == "Distinct" {
            distinct(inside[1].as_str().unwrap_or_default(), facts)?
        } else {
            if let Some(reversal) = facts.iter().find(|f| !f["reverses"].is_null()) {
                return Err(format!("fact {} is a reversal", reversal["position"]));
            }
            let line =
                |f| format!("fact {} {} {}\n", number(f, "position"), number(f, "quantity"), number(f, "amount_fen"));
            facts.iter().map(line).collect()
        };
        let first = facts.first().and_then(|f| f["occurred_on"].as_str()).unwrap_or_default().to_owned();
        let (quantity, amount) = (sum("quantity"), sum("amount_fen"));
        Ok(Some(Self { measure: name.clone(), lines, quantity, amount, first }))
    }

    /// How many rows.
    pub(crate) fn count(&self) -> i64 {
        self.lines.len() as i64
    }

    /// SM3 of the rows.
    pub(crate) fn digest(&self) -> String {
        hex(&sm3(&[self.lines.concat().as_bytes()]))
    }

    /// Sums for people.
    pub(crate) fn sums(&self) -> String {
        format!("quantity {}, amount {} fen", self.quantity, self.amount)
    }

    /// Whether the value is the one that the rows give.
    pub(crate) fn same_value(&self, value: &Value) -> Result<(), String> {
        let whole = |n: i128| i64::try_from(n).map(Value::from).map_err(|e| e.to_string());
        let (kind, expected) = match self.measure.as_str() {
            "Count" | "Distinct" => ("Count", Value::from(self.count())),
            "Quantity" => ("Count", whole(self.quantity)?),
            "Amount" => ("Money", whole(self.amount)?),
            "FirstDay" if !self.lines.is_empty() => ("Day", Value::from(self.first.as_str())),
            // Months are counted from the first day to the day asked about; without rows there is no day.
            _ => return Ok(()),
        };
        if value[kind] == expected { Ok(()) } else { Err(format!("its value is {value}, its rows give {expected}")) }
    }
}

fn nothing_but(facts: &[Value]) -> Result<Option<Rows>, String> {
    if facts.is_empty() { Ok(None) } else { Err("it is not made of facts, and facts are given".into()) }
}

/// Lines of those whose net quantity is above zero.
fn distinct(of: &str, facts: &[Value]) -> Result<Vec<String>, String> {
    let (member, word) = match of {
        "Subject" => ("subject", "org"),
        "Counterparty" => ("counterparty", "org"),
        "Unit" => ("unit", "unit"),
        "Class" => ("class", "class"),
        _ => return Err(format!("a distinct count of {of} is not known")),
    };
    let mut net: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for fact in facts.iter().filter(|f| !f[member].is_null()) {
        let key = (fact[member].as_i64().unwrap_or_default(), fact[member].as_str().unwrap_or_default());
        let sum = net.entry(key).or_default();
        *sum = sum.checked_add(fact["quantity"].as_i64().unwrap_or_default()).ok_or("a sum runs over")?;
    }
    let line = |((number, text), quantity): (&(i64, &str), &i64)| match text {
        &"" if member != "class" => format!("{word} {number} {quantity}\n"),
        text => format!("{word} {text} {quantity}\n"),
    };
    Ok(net.iter().filter(|(_, quantity)| **quantity > 0).map(line).collect())
}
