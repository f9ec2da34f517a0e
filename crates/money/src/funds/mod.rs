//! Special funds: calls, arranged budgets, award decisions.
//!
//! An award is a decision about a project, demonstration or diagnosis; it is not the thing itself.

mod indicators;
mod kinds;

use kernel::consent::Item;
use kernel::module::Module;

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("funds", "专项资金")];

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS, indicators: indicators::INDICATORS, items: ITEMS, ..Module::new("funds", "专项资金")
    }
}
