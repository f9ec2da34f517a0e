//! What is true everywhere in Qishu: values, the store, the ledger of facts, indicators, access.
//!
//! The kernel knows no HTTP and no module.
//! Modules hand it their fact kinds, indicators and migrations as values ([`module::Module`]);
//! it hands them a transaction to write facts in and figures to read.

pub mod access;
pub mod audit;
pub mod background;
pub mod case;
pub mod cipher;
pub mod consent;
pub mod error;
pub mod id;
pub mod indicator;
pub mod job;
pub mod ledger;
pub mod list;
pub mod module;
pub mod notice;
pub mod org;
pub mod publication;
pub mod seal;
pub mod store;
pub mod value;

pub use error::{Error, Fault, Faults, Result};
