//! Transformation projects: entered in the library, completed.
//!
//! The library holds all projects, finished ones too; the yearly plan is a target beside it.
//! Both completion rates are shown, each with its own denominator.

mod indicators;
mod kinds;

use kernel::module::Module;

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        ..Module::new("projects", "智能化改造项目")
    }
}
