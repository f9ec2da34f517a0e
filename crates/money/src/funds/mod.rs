//! Special funds: calls, arranged budgets, award decisions.
//!
//! An award is a decision about a project, demonstration or diagnosis; it is not the thing itself.

mod indicators;
mod kinds;

use kernel::module::Module;

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: kinds::KINDS, indicators: indicators::INDICATORS, ..Module::new("funds", "专项资金") }
}
