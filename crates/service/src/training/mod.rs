//! Events: conferences, site meetings, study tours, training, and who took part.

mod indicators;
mod kinds;

use kernel::module::Module;

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: kinds::KINDS, indicators: indicators::INDICATORS, ..Module::new("training", "活动培训") }
}
