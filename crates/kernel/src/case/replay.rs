//! What a case comes to by its events alone: the state, the values and the facts. Pure; the row beside must agree.

use super::field::Values;
use super::flow::{Action, Flow, When};
use super::rules::goes_through;
use super::store::Event;
use crate::value::day::{self, Day, parse_day};

/// A fact as far as a case decides it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactShape {
    /// Its kind.
    pub kind: &'static str,
    /// Its class; empty when unclassified.
    pub class: String,
    /// The day.
    pub on: Day,
    /// How many.
    pub quantity: i64,
    /// How much, in fen.
    pub amount: i64,
}

/// What the events come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// The state.
    pub state: String,
    /// What was filled in.
    pub values: Values,
    /// Facts that stand.
    pub facts: Vec<FactShape>,
}

/// Goes through the events of a case.
///
/// # Errors
/// The first event that the flow does not allow, in Chinese.
pub fn replay(flow: &Flow, events: &[Event]) -> Result<Replayed, String> {
    let mut at = Replayed::default();
    for (at_event, event) in events.iter().enumerate() {
        let revision = at_event as i64 + 1;
        let wrong = |what: &str| format!("第 {revision} 步“{}”{what}", event.action);
        let action = flow.action(&event.action).ok_or_else(|| wrong("不在流程中"))?;
        let possible = if revision == 1 { action.from.is_empty() } else { action.from.contains(&at.state.as_str()) };
        if event.revision != revision || event.from != at.state || !possible {
            return Err(wrong("与前一步接不上"));
        }
        for (field, (before, after)) in &event.changes {
            if at.values.get(field).map_or("", String::as_str) != before {
                return Err(wrong("改动前的内容不符"));
            }
            match after.is_empty() {
                true => at.values.remove(field),
                false => at.values.insert(field.clone(), after.clone()),
            };
        }
        let through = goes_through(&events[..at_event], action, &at.state, !event.changes.is_empty());
        let expected = if through { action.leads(&event.from) } else { event.from.as_str() };
        if event.to != expected {
            return Err(wrong("到达的状态不符"));
        }
        if through {
            at.state.clone_from(&event.to);
            if action.takes_back {
                at.facts.clear();
            }
            at.facts.extend(facts(action, &at.values, day::today(event.at)));
        }
    }
    Ok(at)
}

/// The facts an action writes, by the values after it.
pub(super) fn facts(action: &Action, values: &Values, today: Day) -> Vec<FactShape> {
    let text = |field: Option<&str>| field.and_then(|f| values.get(f)).map_or("", String::as_str);
    let signed = action.writes.iter().map(|fact| (fact, 1)).chain(action.leaves.iter().map(|fact| (fact, -1)));
    signed
        .map(|(fact, sign)| FactShape {
            kind: fact.kind,
            class: text(fact.class).to_owned(),
            on: match fact.on {
                When::Today => today,
                When::Field(field) => parse_day(text(Some(field))).unwrap_or(today),
            },
            quantity: sign * fact.quantity.map_or(1, |field| text(Some(field)).parse().unwrap_or(0)),
            amount: sign * text(fact.amount).parse().unwrap_or(0),
        })
        .collect()
}
