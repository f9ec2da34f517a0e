//! The other side of a case: a body that is chosen on the way and then acts in it, such as an institution that takes an
//! order. The field that names it is one of the case's values, so that its events tell who was chosen when.

use std::fmt;
use std::pin::Pin;

use super::field::{FieldKind, Values};
use super::flow::{Action, By, Flow, Waits};
use crate::id::OrgId;
use crate::store::Read;
use crate::{Error, Result};

/// A body that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The organisation.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// What speaks for it, in a few words; empty for nothing.
    pub note: String,
}

impl Body {
    /// The kept form: number and name, so that an event still tells whom it meant when the name has changed.
    pub fn kept(&self) -> String {
        format!("{} {}", self.org, self.name.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Bodies that can be chosen for a subject today, the most suitable first.
pub type Offered<'a> = Pin<Box<dyn Future<Output = Result<Vec<Body>>> + Send + 'a>>;

/// Where the bodies that can be chosen come from.
#[derive(Clone, Copy)]
pub struct Bodies(pub for<'a> fn(&'a Read, OrgId) -> Offered<'a>);

impl fmt::Debug for Bodies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bodies")
    }
}

impl PartialEq for Bodies {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for Bodies {}

impl Flow {
    /// The field that names the other side, and where it is chosen from.
    pub fn counterparty(&self) -> Option<(&'static str, Bodies)> {
        self.fields.iter().find_map(|field| match field.kind {
            FieldKind::Counterparty(bodies) => Some((field.code, bodies)),
            _ => None,
        })
    }
}

impl Flow {
    /// Who acts from the other side needs a field that names it, and only one.
    pub(super) fn check_counterparty(&self, wrong: &mut dyn FnMut(String)) {
        let named = self.fields.iter().filter(|f| matches!(f.kind, FieldKind::Counterparty(_))).count();
        let acts = self.actions.iter().any(|action| matches!(action.by, By::Counterparty(_)))
            || self.states.iter().any(|state| matches!(state.waits, Waits::Counterparty(_)));
        if named > 1 || (acts && named == 0) {
            wrong("应当恰有一个字段写明对方".into());
        }
    }
}

/// The organisation a kept value names.
pub(super) fn org_of(kept: &str) -> Option<OrgId> {
    kept.split(' ').next()?.parse().ok().map(OrgId)
}

/// The other side of a case by its values.
pub(super) fn named(flow: &Flow, values: &Values) -> Option<OrgId> {
    let (field, _) = flow.counterparty()?;
    org_of(values.get(field)?)
}

/// Bodies that can be chosen now in cases of a flow about a subject; none when the flow has no other side.
///
/// # Errors
/// What the module says.
pub async fn bodies(read: &Read, flow: &Flow, subject: OrgId) -> Result<Vec<Body>> {
    match flow.counterparty() {
        Some((_, bodies)) => (bodies.0)(read, subject).await,
        None => Ok(Vec::new()),
    }
}

/// What was typed, with the body that was chosen in its kept form. Only those that can be chosen now are taken.
///
/// # Errors
/// [`Error::Invalid`] at the field for any other.
pub(super) async fn chosen(
    read: &Read,
    flow: &Flow,
    action: &Action,
    subject: OrgId,
    typed: &Values,
) -> Result<Values> {
    let mut typed = typed.clone();
    let Some((field, bodies)) = flow.counterparty() else { return Ok(typed) };
    if !action.fills.iter().any(|fill| fill.field == field) {
        return Ok(typed);
    }
    let Some(text) = typed.get(field).map(|text| text.trim()).filter(|text| !text.is_empty()) else {
        return Ok(typed);
    };
    let offered = (bodies.0)(read, subject).await?;
    match offered.iter().find(|body| Some(body.org) == org_of(text)) {
        Some(body) => drop(typed.insert(field.to_owned(), body.kept())),
        None => return Err(Error::invalid(field, "请从列表中选择；不在列表中的现在不能选")),
    }
    Ok(typed)
}
