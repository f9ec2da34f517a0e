//! What guarantors are held to: cooperation agreements with their split and cap, net assets, related groups.
//!
//! Owns `guarantee_agreement`, `guarantee_standing` and `guarantee_related`, and the page with the gauges of the limits.

mod actions;
mod form;
mod model;
pub(super) mod pages;
mod queries;

pub use actions::{agree, relate, stand};
pub use model::{Agreement, NewAgreement, NewStanding, Related, Standing};
pub use queries::{banks, of_operator, operators, related, standing};
