//! Cases (办件): records that move between people, by flows which modules declare.
//!
//! A module says states, actions, who may, what is filled in, which facts are written and how long it may take.
//! The engine is the only way to change a state: checked, in one transaction with the facts, the event and the notices.
//! What a case is follows from its events; the row beside them is kept for lists and compared by [`replay`].
//! A running case keeps the version of the flow it began with.

mod act;
mod attachment;
mod bulk;
mod clock;
mod counterparty;
mod desk;
mod facts;
mod field;
mod flow;
mod form;
mod informs;
mod ladder;
mod listing;
mod picture;
mod replay;
mod rules;
mod sound;
mod store;

pub use act::{Doing, act, comment, hold, open};
pub use attachment::{Attachment, LARGEST, NewFile, SORTS, Scanned, Sort, attach, attached, attachments, sort_of};
pub use bulk::{
    Bulk, BulkRow, BulkState, Counted, MOST_AT_ONCE, Way, draft, find_bulk, list_bulks, list_rows, run, start, undo,
    work,
};
pub use clock::{CaseClock, Light, Step, clock, light};
pub use counterparty::{Bodies, Body, Offered, bodies};
pub use desk::{Waiting, anything_waits, desk, opened_by_me, running_by_unit};
pub use field::{Field, FieldKind, Values, show, typed_again};
pub use flow::{Action, By, Check, Effect, Fill, Flow, Note, STAY, State, Tells, Told, Waits, When, Writes};
pub use form::{Filled, filled};
pub use informs::Whom;
pub use ladder::{Climbed, Effect as ReminderEffect, Reminded, Stay, climb, effects, reminded, reminders_of, told_me};
pub use listing::{listing, own_listing};
pub use picture::picture;
pub use replay::{FactShape, Replayed, replay};
pub use rules::{Offer, Standing, offers};
pub use store::{
    Case, Comment, Event, about, comments, events, facts_of, find, list, running, running_of_codes, writer_of,
};
pub(crate) use store::{check_kept, index_missing, start_clocks};
