//! What is typed, and a claim as it is read.

use chrono::{DateTime, Utc};
use kernel::id::{AccountId, OrgId};
use serde::Deserialize;

/// A claim, as typed by somebody who has no account yet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClaimForm {
    pub credit_code: String,
    pub name: String,
    /// The first part of the login; the end of the credit code follows it.
    pub login: String,
    pub password: String,
    pub again: String,
    pub statement: String,
}

/// A decision, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct DecisionForm {
    /// `accept` or `refuse`.
    pub decision: String,
    pub reason: String,
}

/// Somebody to be invited, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct StaffForm {
    pub name: String,
    pub login: String,
}

/// A claim.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub id: i64,
    pub account: AccountId,
    pub login: String,
    pub person: String,
    pub credit_code: String,
    /// The organisation with that code today, its name and kind.
    pub org: Option<(OrgId, String, String)>,
    pub statement: String,
    pub requested_at: DateTime<Utc>,
    pub decided: Option<(DateTime<Utc>, String)>,
    pub accepted: bool,
    pub reason: String,
}

impl Claim {
    /// What became of it, and how that is drawn.
    pub(super) fn state(&self) -> (&'static str, &'static str) {
        match (&self.decided, self.accepted) {
            (None, _) => ("待审核", "state-warn"),
            (Some(_), true) => ("已同意", "state-ok"),
            (Some(_), false) => ("已退回", "state-off"),
        }
    }
}

/// The role that whoever is first in an organisation of this kind gets; nothing where the security administrator decides.
pub(super) fn role_of(kind: &str) -> Option<&'static str> {
    match kind {
        "enterprise" | "sole_trader" => Some("enterprise"),
        "diagnosis_institution" | "provider" => Some("institution"),
        "financial_institution" => Some("bank"),
        "guarantor" => Some("guarantor"),
        "university" => Some("university"),
        _ => None,
    }
}

/// The login of somebody of an organisation: what was typed, and the end of the code. So nobody outside learns by
/// trying which logins the office uses.
pub(super) fn login_of(typed: &str, code: &str) -> String {
    let end: String = code.chars().skip(code.chars().count().saturating_sub(6)).collect();
    format!("{}@{end}", typed.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_says_of_which_organisation_it_is() {
        assert_eq!(login_of(" zhang ", "91420299MADT00019K"), "zhang@00019K");
        assert_eq!(role_of("government"), None, "nobody claims a government body");
    }
}
