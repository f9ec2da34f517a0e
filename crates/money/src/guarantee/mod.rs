//! Guaranteed loans, start-up loans, bridge loans, and what the guarantor takes in.
//!
//! What is in force is a stock at a date and never part of the flows of a period.

mod indicators;
mod kinds;

use kernel::consent::Item;
use kernel::module::Module;

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("guarantee", "担保、转贷业务")];

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        items: ITEMS,
        ..Module::new("guarantee", "政银担业务")
    }
}
