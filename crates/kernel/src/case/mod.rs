//! Cases (办件): records that move between people, by flows which modules declare.
//!
//! A module says states, actions, who may, what is filled in, which facts are written and how long it may take.
//! The engine is the only way to change a state: checked, in one transaction with the facts, the event and the notices.
//! What a case is follows from its events; the row beside them is kept for lists and compared by [`replay`].
//! A running case keeps the version of the flow it began with.

mod act;
mod clock;
mod counterparty;
mod desk;
mod facts;
mod field;
mod flow;
mod form;
mod picture;
mod replay;
mod rules;
mod store;

pub use act::{Doing, act, comment, open};
pub use clock::{CaseClock, Light, Step, clock, light};
pub use counterparty::{Bodies, Body, Offered, bodies};
pub use desk::{Waiting, anything_waits, desk, opened_by_me, running_by_unit};
pub use field::{Field, FieldKind, Values, show, typed_again};
pub use flow::{Action, By, Check, Effect, Fill, Flow, Note, State, Tells, Told, Waits, When, Writes};
pub use form::{Filled, filled};
pub use picture::picture;
pub use replay::{FactShape, Replayed, replay};
pub use rules::{Offer, Standing, offers};
pub use store::{Case, Comment, Event, about, comments, events, facts_of, find, list, running, writer_of};
pub(crate) use store::{check_kept, start_clocks};
