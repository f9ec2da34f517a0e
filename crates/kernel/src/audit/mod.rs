//! The audit log: who did, read, took away or was refused what, when and from where, with old and new values in the
//! office's words.
//!
//! Owns the tables `audit`, `audit_org`, `audit_seal` and `audit_archive`.
//! An act cannot be written without its entry: the transaction composes one and writes it last ([`crate::store::Tx`]).
//! What changes nothing is noted by [`note`]. Entries are never changed; they leave the store only through [`archive`].

mod archive;
mod browse;
mod entry;
mod note;
mod origin;
mod retention;
mod sealed;
mod verb;

pub use archive::{Archived, archive};
pub use browse::{Entry, Query, export_lines, find, list, trail};
pub use entry::Change;
pub use note::{Note, note};
pub use origin::Origin;
pub use retention::Retention;
pub use sealed::{Digest, SealedEntry, digest, export, seal_all, seal_ripe, verify};
pub use verb::{VERBS, Verb, label};

pub(crate) use entry::{Draft, cut as cut_text};

use crate::access::Permission;

/// Seeing the whole log and taking it away.
pub const READ: Permission = Permission("audit.read");
/// Seeing the trail of an organisation.
pub const TRAIL: Permission = Permission("trail.read");
/// Seeing the trail of one's own organisation, in the menu.
pub const OWN: Permission = Permission("trail.own");
