//! What an act says of itself while it runs; its entry is composed of this when it ends.

use std::collections::{BTreeMap, BTreeSet};

use super::Verb;
use crate::id::OrgId;

/// A value that was changed, in the office's words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Change(pub String, pub String, pub String);

impl Change {
    /// What the field is called.
    pub fn label(&self) -> &str {
        &self.0
    }

    /// The value before; empty for none.
    pub fn before(&self) -> &str {
        &self.1
    }

    /// The value after; empty for none.
    pub fn after(&self) -> &str {
        &self.2
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As wanted.
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    /// Stored code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// Changes that are kept of one act; of a large import the values stand in its own file.
const MOST_CHANGES: usize = 200;
/// Characters kept of a value.
const MOST_CHARS: usize = 200;
/// Organisations that an act names one by one.
const MOST_ORGS: usize = 1000;

/// An entry that is being composed.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) verb: Option<Verb>,
    /// Whether the act named itself; what happens inside it does not rename it.
    named: bool,
    pub(crate) object: (&'static str, Option<i64>),
    pub(crate) orgs: BTreeSet<OrgId>,
    /// More organisations than are named one by one.
    many: bool,
    changes: Vec<Change>,
    left: usize,
    facts: BTreeMap<(&'static str, &'static str), i64>,
    pub(crate) purpose: String,
    pub(crate) outcome: Outcome,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            verb: None,
            named: false,
            object: ("", None),
            orgs: BTreeSet::new(),
            many: false,
            changes: Vec::new(),
            left: 0,
            facts: BTreeMap::new(),
            purpose: String::new(),
            outcome: Outcome::Done,
        }
    }
}

impl Draft {
    /// Names the act: what was done to which object.
    pub(crate) fn name(&mut self, verb: Verb, object: (&'static str, Option<i64>)) {
        (self.verb, self.object, self.named) = (Some(verb), object, true);
    }

    /// Names it by a step inside, unless it has a name: of several steps the first names it.
    pub(crate) fn step(&mut self, verb: Verb, object: (&'static str, Option<i64>)) {
        if self.verb.is_none() {
            (self.verb, self.object) = (Some(verb), object);
        }
    }

    /// Whether anything was said.
    pub(crate) fn is_silent(&self) -> bool {
        self.verb.is_none() && !self.named
    }

    /// Names an organisation that it concerns.
    pub(crate) fn concerns(&mut self, org: OrgId) {
        if self.orgs.len() < MOST_ORGS {
            self.orgs.insert(org);
        } else {
            self.many |= !self.orgs.contains(&org);
        }
    }

    /// Tells a value that was changed; the same on both sides is none.
    pub(crate) fn change(&mut self, label: &str, old: &str, new: &str) {
        if old == new {
            return;
        }
        if self.changes.len() >= MOST_CHANGES {
            self.left += 1;
            return;
        }
        self.changes.push(Change(cut(label), cut(old), cut(new)));
    }

    /// Drops the changes told so far: what was done many times over is told once.
    pub(crate) fn forget_changes(&mut self) {
        (self.changes, self.left) = (Vec::new(), 0);
    }

    /// Counts facts of a kind that were recorded or reversed.
    pub(crate) fn facts(&mut self, what: &'static str, kind: &'static str, n: i64) {
        *self.facts.entry((what, kind)).or_default() += n;
    }

    /// All changes as the log keeps them.
    pub(crate) fn changes_text(&self) -> String {
        let mut all = self.changes.clone();
        let count = |n: i64| format!("{n} 条");
        all.extend(
            self.facts.iter().map(|((what, kind), n)| Change(format!("{what}：{kind}"), String::new(), count(*n))),
        );
        if self.left > 0 {
            all.push(Change("另有改动".into(), String::new(), format!("{} 处", self.left)));
        }
        if self.many {
            all.push(Change("涉及主体".into(), String::new(), format!("超过 {MOST_ORGS} 家，不逐一列出")));
        }
        serde_json::to_string(&all).unwrap_or_default()
    }

    /// The organisations as the log keeps them.
    pub(crate) fn orgs_text(&self) -> String {
        self.orgs.iter().map(|o| o.0.to_string()).collect::<Vec<_>>().join(",")
    }
}

/// A text of bounded length on one line, without characters that a list could not show.
pub(crate) fn cut(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut kept: String = text.chars().take(MOST_CHARS).map(plain).collect();
    if text.chars().nth(MOST_CHARS).is_some() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_names_an_act_that_did_not_name_itself() {
        let mut draft = Draft::default();
        assert!(draft.is_silent());
        draft.step(Verb::ORG_CHANGED, ("org", Some(1)));
        draft.step(Verb::FACT_RECORDED, ("fact", None));
        assert_eq!(draft.verb, Some(Verb::ORG_CHANGED));
        draft.name(Verb::ORG_MERGED, ("org", Some(2)));
        draft.step(Verb::FACT_REVERSED, ("fact", None));
        assert_eq!((draft.verb, draft.object), (Some(Verb::ORG_MERGED), ("org", Some(2))));
    }

    #[test]
    fn what_is_long_or_much_is_cut_and_said_to_be() {
        let mut draft = Draft::default();
        draft.change("名称", "甲", "甲");
        draft.change("名称", "甲\u{7}", &"长".repeat(300));
        (0..250).for_each(|i| draft.change("地址", "", &i.to_string()));
        (0..1002).for_each(|i| draft.concerns(OrgId(i)));
        let all: Vec<Change> = serde_json::from_str(&draft.changes_text()).expect("JSON");
        assert_eq!((all[0].before(), all[0].after().chars().count()), ("甲 ", 201));
        assert_eq!(all[200].after(), "51 处");
        assert!(all[201].after().starts_with("超过 1000 家"));
        assert_eq!(draft.orgs.len(), 1000);
    }
}
