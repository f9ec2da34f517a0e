//! Notices (通知): what somebody is told, written in the act it tells of, and delivered after it is durable.
//!
//! The row of a notice is what the inbox shows, so there it is told exactly once.
//! Other channels have a delivery beside it: one worker at a time, over all servers, sends what is due; what fails is
//! tried again with growing waits; what was sent is never sent again, except when a crash comes between the receiver's
//! answer and the row, and then under the same number, by which the receiver tells it apart
//! (`docs/adr/0020-notices.md`).

mod inbox;
mod outbox;
mod status;
mod write;

pub use inbox::{Choice, Notice, choice, choose, href, list, open, read_all, unread};
pub use outbox::{Channel, Message, Outcome, Refused, deliver_next, deliver_while};
pub use status::{Delivery, DeliveryState, counted, deliveries, send_again};
pub use write::{Draft, tell};
