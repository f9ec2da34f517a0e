//! Events: conferences, site meetings, study tours, training, and who took part.

mod indicators;
mod kinds;

use kernel::module::Module;

/// What the slice declares.
pub fn module() -> Module {
    Module {
        name: "training",
        label: "活动培训",
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        permissions: &[],
        migrations: &[],
    }
}
