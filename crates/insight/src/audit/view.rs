//! Entries as pages show them.

use kernel::access::Actor;
use kernel::audit::{Change, Entry};
use kernel::consent::GIVE;
use kernel::id::OrgId;
use kernel::store::Read;

use crate::amendments::AMENDMENT_READ;
use crate::dossier::READ as ORG_READ;
use crate::publications::PUBLICATION_READ;
use crate::units::Units;

/// A row of a list.
pub(super) struct EntryRow {
    pub number: i64,
    pub at: String,
    pub person: String,
    pub role: String,
    pub unit: String,
    pub verb: String,
    pub object: String,
    pub href: String,
    pub refused: bool,
    pub summary: String,
    pub purpose: String,
    pub address: String,
}

impl EntryRow {
    pub(super) fn of(entry: &Entry, units: &Units, (read, actor): (&Read, &Actor)) -> Self {
        Self {
            number: entry.number,
            at: entry.at_china(),
            person: entry.person.clone(),
            role: entry.role_label().to_owned(),
            unit: if entry.unit.0 == 0 { String::new() } else { units.name(entry.unit.0) },
            verb: entry.verb_label().to_owned(),
            object: object(entry),
            href: href(entry, read, actor),
            refused: entry.refused,
            summary: summary(&entry.changes),
            purpose: purpose(entry),
            address: entry.address.clone(),
        }
    }
}

/// An archive's purpose is a digest, which says nothing in a list.
fn purpose(entry: &Entry) -> String {
    if entry.verb == "audit.archive" { String::new() } else { entry.purpose.clone() }
}

/// The object, as a sort and a number.
pub(super) fn object(entry: &Entry) -> String {
    match entry.object_id {
        Some(id) => format!("{} {id}", entry.object_label()),
        None => entry.object_label().to_owned(),
    }
}

/// Where the object can be opened by who reads the log; empty when nowhere. An audit administrator sees no business: a
/// link would only lead to a refusal, which stands in the log in turn.
pub(super) fn href(entry: &Entry, read: &Read, actor: &Actor) -> String {
    let Some(id) = entry.object_id else { return String::new() };
    let (page, may) = match entry.object.as_str() {
        "org" => ("orgs", actor.may(ORG_READ)),
        "publication" => ("publications", actor.may(PUBLICATION_READ)),
        "amendment" => ("amendments", actor.may(AMENDMENT_READ)),
        "case" => ("cases", read.catalog().flows().iter().any(|flow| actor.may(flow.read))),
        "consent" => ("consents", actor.may(GIVE)),
        _ => return String::new(),
    };
    if may { format!("/{page}/{id}") } else { String::new() }
}

/// The first changes in a line.
fn summary(changes: &[Change]) -> String {
    let said = changes.iter().take(2).map(|c| match c.before() {
        "" => format!("{} {}", c.label(), c.after()),
        old => format!("{} {old} → {}", c.label(), c.after()),
    });
    let mut text = said.collect::<Vec<_>>().join("；");
    if changes.len() > 2 {
        text.push_str(&format!("；另 {} 项", changes.len() - 2));
    }
    text
}

/// An organisation that an entry concerns.
pub(super) struct OrgLink {
    pub id: OrgId,
    pub name: String,
}
