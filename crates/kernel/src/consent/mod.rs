//! Consent (授权): an organisation lets another see parts of its data, for a purpose and a time, until it takes that back.
//!
//! Owns the tables `consent`, `consent_kind` and `consent_text`. A reach of kind *consented*
//! ([`crate::access::Reach::Consented`]) holds rows only while such a row is live; the condition is asked of the database
//! in every query, so a revocation holds at once. What was read under a consent is told by [`behind`] and written down by
//! [`note_reads`] before it is handed over.

mod given;
mod item;
mod text;
mod used;

pub use given::{Consent, NewConsent, State, find, give, list_given, list_received, recipients, revoke};
pub(crate) use item::OWN;
pub use item::{CONTACT, Item, PROFILE, YEARS};
pub use text::Edition;
pub(crate) use used::live;
pub use used::{Shown, Used, behind, items_shown, join, live_until, note_reads, reads};

use crate::access::Permission;

/// Giving consents for one's own organisation, seeing and revoking them.
pub const GIVE: Permission = Permission("consent.give");
/// Seeing which consents one's organisation has received.
pub const RECEIVED: Permission = Permission("consent.received");
