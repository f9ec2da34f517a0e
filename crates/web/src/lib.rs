//! How anything is shown: request context, page frame, forms, errors, the route table with its needs.
//!
//! A slice hands over a [`Slice`]: its kernel module, its routes with what each needs, its menu entries.
//! The application is a list of slices.

pub mod api;
mod app;
mod assets;
mod clock;
mod display;
mod download;
mod dress;
mod edge;
mod error;
mod frame;
mod join;
pub mod link;
pub mod list;
mod lost;
mod oidc;
mod once;
pub mod qr;
mod routes;
mod scan;
mod seat;
mod second;
mod sent;
mod session;
mod sign_in;
mod ui;

pub use app::{App, Slice};
pub use download::download;
pub use edge::{Edges, Network};
pub use error::{Failure, Result};
pub use frame::{Frame, MenuEntry, MenuItem, filters};
pub use oidc::{Oidc, Secret};
pub use routes::{Need, Route, Routes};
pub use sent::Sent;
pub use ui::{Posted, Ui};
