//! What the ledgers come to: balances at any day by unit and operator, the monthly bulletin, income against fees.

mod queries;

pub use queries::{Balance, balances};
