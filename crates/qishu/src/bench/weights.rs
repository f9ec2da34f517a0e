//! Which kinds of fact how often: the mix that is loaded.

use kernel::id::{OrgId, RecordId};
use kernel::ledger::{Catalog, FactKind, Kind, Motion, NewFact};
use kernel::value::day::Day;
use kernel::value::money::Fen;

use super::city::City;
use super::dice::Dice;

/// How often families of kinds occur, by the beginning of their codes; the longest that fits counts.
/// A weight belongs to the family and is shared equally by its kinds, so that declaring one more kind
/// does not change the mix. Judged by how such a city works: usage, loans and reading are daily,
/// training and requests weekly, projects and diagnoses by the hundred, honours by the dozen.
const WEIGHTS: &[(&str, u64)] = &[
    ("cloud", 2400),
    ("finance", 2200),
    ("guarantee", 1300),
    ("content", 1600),
    ("training", 600),
    ("exchange", 500),
    ("app", 250),
    ("fund", 300),
    ("subsid", 300),
    ("talent", 150),
    ("diagnos", 300),
    ("project", 250),
    ("provider", 60),
    ("platform", 40),
    ("plan", 30),
    ("proposal", 40),
    ("promise", 40),
    ("meeting", 40),
    ("honour", 20),
    ("catalog", 20),
];

/// Families that stand in no line above.
const OTHER: u64 = 100;

/// Families in which the counterparty is a bank, a guarantor or a provider.
const WITH_INSTITUTION: u64 = 80;

/// The kinds of a catalogue with the chance of each.
#[derive(Debug)]
pub(super) struct Mix {
    kinds: Vec<FactKind>,
    /// Running sums of the chances, in the order of `kinds`.
    sums: Vec<u64>,
}

/// A fact that has been drawn and waits for its record.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    kind: &'static str,
    class: &'static str,
    subject: OrgId,
    counterparty: Option<OrgId>,
    on: Day,
    quantity: i64,
    amount: i64,
}

fn family(code: &str) -> Option<(&'static str, u64)> {
    WEIGHTS.iter().filter(|(prefix, _)| code.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len()).copied()
}

/// The chance of each kind, times a thousand, in the order given.
fn chances(codes: &[&str]) -> Vec<u64> {
    codes
        .iter()
        .map(|code| match family(code) {
            Some((prefix, weight)) => {
                let shared = codes.iter().filter(|c| family(c).is_some_and(|(p, _)| p == prefix)).count();
                weight * 1000 / shared as u64
            }
            None => OTHER * 1000,
        })
        .collect()
}

impl Mix {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let kinds: Vec<FactKind> = catalog.kinds().iter().map(|k: &Kind| k.decl).collect();
        let codes: Vec<&str> = kinds.iter().map(|k| k.code).collect();
        let mut sum = 0;
        let sums = chances(&codes)
            .into_iter()
            .map(|chance| {
                sum += chance;
                sum
            })
            .collect();
        Self { kinds, sums }
    }

    /// Whether there is any kind to draw.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Kinds with their chance in parts of the whole.
    pub(super) fn shares(&self) -> Vec<(&'static str, f64)> {
        let total = self.sums.last().copied().unwrap_or(1) as f64;
        let before = std::iter::once(0).chain(self.sums.iter().copied());
        self.kinds
            .iter()
            .zip(self.sums.iter().zip(before))
            .map(|(k, (sum, before))| (k.code, (sum - before) as f64 / total))
            .collect()
    }

    /// Draws a fact of `on`.
    pub(super) fn draw(&self, dice: &mut Dice, city: &City, on: Day) -> Draft {
        let drawn = dice.below(self.sums.last().copied().unwrap_or(1));
        let kind = &self.kinds[self.sums.partition_point(|sum| *sum <= drawn)];
        let class = if kind.classes.is_empty() || dice.percent(2) { "" } else { dice.pick(kind.classes).code };
        let subject = city.firm(dice);
        let counterparty = dice.percent(if kind.money { WITH_INSTITUTION } else { 20 }).then(|| city.institution(dice));
        let size = if dice.percent(90) { 1 } else { 2 + dice.below(4) as i64 };
        let sign = if kind.motion == Motion::Stock && dice.percent(12) { -1 } else { 1 };
        // Ten thousand yuan to a hundred million, evenly over the orders of magnitude.
        let yuan = (100 + dice.below(900) as i64) * [100, 1_000, 10_000, 100_000][dice.index(4)];
        let amount = if kind.money { sign * yuan * 100 } else { 0 };
        Draft { kind: kind.code, class, subject, counterparty, on, quantity: sign * size, amount }
    }
}

impl Draft {
    /// The fact, once its source record has a number.
    pub(super) fn cited(&self, record: RecordId) -> NewFact {
        let fact = NewFact::new(self.kind, self.subject, self.on, record)
            .class(self.class)
            .quantity(self.quantity)
            .amount(Fen(self.amount));
        match self.counterparty {
            Some(counterparty) => fact.with(counterparty),
            None => fact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_shares_its_weight() {
        let chances = chances(&["cloud.adopted", "cloud.left", "honour.won", "unheard.of"]);
        assert_eq!(chances, [1_200_000, 1_200_000, 20_000, 100_000]);
    }

    #[test]
    fn the_longest_beginning_counts() {
        assert_eq!(family("platform.opened"), Some(("platform", 40)));
        assert_eq!(family("plan.set"), Some(("plan", 30)));
    }
}
