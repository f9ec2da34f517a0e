//! The financing platform 东楚融通: institutions, products, firms, demand, grant, disbursement.
//!
//! Firms that were granted credit are among those that asked, and those among the registered;
//! of a firm no more is disbursed than was granted.

mod indicators;
mod kinds;

use kernel::module::Module;

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        ..Module::new("finance", "金融信息服务平台")
    }
}
