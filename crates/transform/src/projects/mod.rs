//! Transformation projects: entered in the library, completed.
//!
//! The library holds all projects, finished ones too; the yearly plan is a target beside it.
//! Both completion rates are shown, each with its own denominator.

mod indicators;
mod kinds;

use kernel::consent::Item;
use kernel::module::Module;

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("projects", "技改项目情况")];

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        items: ITEMS,
        ..Module::new("projects", "智能化改造项目")
    }
}
