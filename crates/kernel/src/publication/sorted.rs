//! Sorting what was recorded later by its cause. Pure: facts in, groups out.

use std::collections::{BTreeMap, HashMap};

use crate::id::Position;
use crate::indicator::moved::Moved;

/// What was recorded after a position, by cause.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sorted {
    /// New facts.
    pub late: Vec<Moved>,
    /// Reversals of facts that were known.
    pub reversed: Vec<Moved>,
    /// Reversals with the new fact of the same record, kind, subject and day whose class or dimensions differ.
    pub reclassified: Vec<Moved>,
}

impl Sorted {
    /// Sorts facts in the order of their positions, all recorded after `after`.
    /// A fact that was itself taken back again since has no part in any change.
    pub(super) fn of(tail: Vec<Moved>, after: Position) -> Self {
        let undone: HashMap<Position, Position> =
            tail.iter().filter_map(|f| f.reverses.filter(|of| *of > after).map(|of| (of, f.position))).collect();
        let mut sorted = Self::default();
        let mut new = Vec::new();
        let mut away: BTreeMap<(i64, String, i64, String), Vec<Moved>> = BTreeMap::new();
        for fact in tail {
            match fact.reverses {
                Some(of) if of > after => {}
                Some(_) => away.entry(key(&fact)).or_default().push(fact),
                None if undone.contains_key(&fact.position) => {}
                None => new.push(fact),
            }
        }
        for fact in new {
            match away.get_mut(&key(&fact)).and_then(|gone| counterpart(gone, &fact)) {
                Some(reversal) => sorted.reclassified.extend([reversal, fact]),
                None => sorted.late.push(fact),
            }
        }
        sorted.reversed = away.into_values().flatten().collect();
        sorted.reversed.sort_by_key(|f| f.position);
        sorted.reclassified.sort_by_key(|f| f.position);
        sorted
    }
}

fn key(fact: &Moved) -> (i64, String, i64, String) {
    (fact.record.0, fact.kind.clone(), fact.subject.0, fact.on.to_string())
}

/// The reversal that a new fact answers: the one with the same quantity and amount, else any.
fn counterpart(gone: &mut Vec<Moved>, fact: &Moved) -> Option<Moved> {
    let differs = |r: &Moved| r.class != fact.class || r.dims != fact.dims;
    let same = |r: &Moved| -r.quantity == fact.quantity && -r.amount == fact.amount;
    let at = gone.iter().position(|r| differs(r) && same(r)).or_else(|| gone.iter().position(differs))?;
    Some(gone.remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{OrgId, RecordId};
    use crate::ledger::Dims;
    use crate::value::day::Day;

    fn fact(position: i64, class: &str) -> Moved {
        Moved {
            position: Position(position),
            kind: "a.done".into(),
            class: class.into(),
            dims: Dims::default(),
            subject: OrgId(1),
            counterparty: None,
            on: Day::from_ymd_opt(2021, 3, 1).expect("a day"),
            quantity: 1,
            amount: 0,
            record: RecordId(1),
            reverses: None,
        }
    }

    fn reversal(position: i64, of: i64, class: &str) -> Moved {
        Moved { quantity: -1, reverses: Some(Position(of)), ..fact(position, class) }
    }

    fn positions(facts: &[Moved]) -> Vec<i64> {
        facts.iter().map(|f| f.position.0).collect()
    }

    #[test]
    fn a_new_class_of_the_same_record_is_a_reclassification() {
        let sorted = Sorted::of(vec![reversal(11, 5, "a"), fact(12, "b"), fact(13, "a")], Position(10));
        assert_eq!(positions(&sorted.reclassified), [11, 12]);
        assert_eq!(positions(&sorted.late), [13]);
        assert!(sorted.reversed.is_empty());
    }

    #[test]
    fn the_same_fact_again_is_a_reversal_and_a_late_fact() {
        let sorted = Sorted::of(vec![reversal(11, 5, "a"), fact(12, "a")], Position(10));
        assert_eq!((positions(&sorted.reversed), positions(&sorted.late)), (vec![11], vec![12]));
    }

    /// A ledger that goes on by some rolls: each records a fact, takes one back, or does both with another class.
    fn tail(rolls: &[(u8, u8, u8)]) -> Vec<Moved> {
        let mut standing: Vec<Moved> = (1..=10).map(|n| fact(n, ["a", "b"][n as usize % 2])).collect();
        let mut tail = Vec::new();
        for (what, which, class) in rolls {
            let class = ["a", "b", "c"][usize::from(*class) % 3];
            let next = 11 + tail.len() as i64;
            match what % 3 {
                0 => {
                    let new = Moved { record: RecordId(i64::from(which % 3)), ..fact(next, class) };
                    standing.push(new.clone());
                    tail.push(new);
                }
                _ if standing.is_empty() => {}
                what => {
                    let of = standing.remove(usize::from(*which) % standing.len());
                    let back = Moved {
                        position: Position(next),
                        quantity: -of.quantity,
                        amount: -of.amount,
                        reverses: Some(of.position),
                        ..of.clone()
                    };
                    tail.push(back);
                    if what == 2 {
                        let anew = Moved { position: Position(next + 1), class: class.into(), ..of };
                        standing.push(anew.clone());
                        tail.push(anew);
                    }
                }
            }
        }
        tail
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

        /// Whatever happens: every later fact has exactly one cause or was taken back since, each group holds what its
        /// name says, and together they add what the tail adds.
        #[test]
        fn every_later_fact_has_one_cause(rolls in proptest::collection::vec(proptest::prelude::any::<(u8, u8, u8)>(), 0..40)) {
            let after = Position(10);
            let tail = tail(&rolls);
            let sorted = Sorted::of(tail.clone(), after);
            let undone: Vec<Position> =
                tail.iter().filter_map(|f| f.reverses).filter(|of| *of > after).collect();
            let is_told = |f: &&Moved| !undone.contains(&f.position) && f.reverses.is_none_or(|of| of <= after);
            let mut expected = positions(&tail.iter().filter(is_told).cloned().collect::<Vec<_>>());
            let groups = [&sorted.late, &sorted.reversed, &sorted.reclassified];
            let mut found: Vec<i64> = groups.iter().flat_map(|group| positions(group)).collect();
            expected.sort_unstable();
            found.sort_unstable();
            proptest::prop_assert_eq!(found, expected);
            proptest::prop_assert!(sorted.late.iter().all(|f| f.reverses.is_none()));
            proptest::prop_assert!(sorted.reversed.iter().all(|f| f.reverses.is_some()));
            let net = |facts: &[Moved]| facts.iter().map(|f| f.quantity).sum::<i64>();
            proptest::prop_assert_eq!(groups.iter().map(|group| net(group)).sum::<i64>(), net(&tail));
            // What is reclassified leaves as many facts as it takes.
            let back = sorted.reclassified.iter().filter(|f| f.reverses.is_some()).count();
            proptest::prop_assert_eq!(back * 2, sorted.reclassified.len());
        }
    }

    #[test]
    fn what_was_recorded_and_taken_back_since_has_no_part() {
        let sorted = Sorted::of(vec![fact(11, "a"), reversal(12, 11, "a")], Position(10));
        assert_eq!(sorted, Sorted::default());
    }
}
