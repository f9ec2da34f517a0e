//! What the ledgers come to: balances at any day by unit and operator, the monthly bulletin, income against fees.
//!
//! Owns the pages and the workbook; it reads the kept sums of `contracts`, and figures where the reader may.

pub(super) mod pages;
mod queries;
mod sheet;

pub use queries::{Balance, Line, Portfolio, balances, bulletin, fees, households, portfolio};
