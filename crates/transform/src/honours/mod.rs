//! Honours and demonstrations: what firms were awarded, what the city showed as examples.

mod indicators;
mod kinds;

use kernel::module::Module;

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        ..Module::new("honours", "标杆示范")
    }
}
