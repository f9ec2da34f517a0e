//! Contradictions in a declared flow, which are refused at start.

use std::collections::BTreeSet;

use super::flow::{Action, Flow, STAY, Waits};
use crate::Faults;
use crate::ledger::Catalog;

impl Flow {
    /// Adds what contradicts itself to `faults`: doubled or unknown codes, states nobody reaches or leaves,
    /// facts whose fields are of the wrong sort.
    pub fn check(&self, catalog: &Catalog, faults: &mut Faults) {
        let mut wrong = |what: String| faults.add(self.code, what);
        for (what, codes) in [
            ("状态", self.states.iter().map(|s| s.code).collect::<Vec<_>>()),
            ("动作", self.actions.iter().map(|a| a.code).collect()),
            ("字段", self.fields.iter().map(|f| f.code).collect()),
        ] {
            let distinct: BTreeSet<&str> = codes.iter().copied().collect();
            if distinct.len() != codes.len() {
                wrong(format!("{what}重复定义"));
            }
        }
        if self.actions.iter().filter(|a| a.from.is_empty()).count() != 1 {
            wrong("应当恰有一个开始办理的动作".into());
        }
        for state in self.states {
            if !self.actions.iter().any(|a| a.to == state.code) {
                wrong(format!("没有动作到达“{}”", state.label));
            }
            let left = self.actions.iter().any(|a| a.from.contains(&state.code));
            if left == (state.waits == Waits::Nobody) {
                wrong(format!("“{}”应当要么还能办理，要么已经办结", state.label));
            }
            if let Some(code) = state.clock
                && super::clock::clock(code).is_none()
            {
                wrong(format!("没有“{code}”这个时限"));
            }
        }
        self.check_counterparty(&mut wrong);
        for action in self.actions {
            self.check_action(action, catalog, &mut wrong);
        }
    }

    fn check_action(&self, action: &Action, catalog: &Catalog, wrong: &mut dyn FnMut(String)) {
        let name = action.label;
        for state in action.from.iter().chain([&action.to]) {
            if self.state(state).is_none() && (*state != STAY || action.from.is_empty()) {
                wrong(format!("动作“{name}”提到未知状态“{state}”"));
            }
        }
        for other in action.apart_from {
            if self.action(other).is_none() {
                wrong(format!("动作“{name}”提到未知动作“{other}”"));
            }
        }
        self.check_undo(action, wrong);
        for fill in action.fills {
            if self.field(fill.field).is_none() {
                wrong(format!("动作“{name}”提到未知字段“{}”", fill.field));
            }
        }
        if action.signers == 0 || (action.from.is_empty() && action.signers > 1) {
            wrong(format!("动作“{name}”的会签人数不对"));
        }
        if action.signers > 1 && (action.to == STAY || action.from.contains(&action.to)) {
            wrong(format!("动作“{name}”须多人会签，不能停在原状态"));
        }
        self.check_facts(action, catalog, wrong);
    }

    fn check_undo(&self, action: &Action, wrong: &mut dyn FnMut(String)) {
        let name = action.label;
        if let Some((other, _)) = action.undone_by
            && !self.action(other).is_some_and(|back| back.from.contains(&action.to) && action.from.contains(&back.to))
        {
            wrong(format!("动作“{name}”不能由“{other}”撤销：两者的状态不相反"));
        }
    }
}
