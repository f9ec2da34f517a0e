//! The financing platform 东楚融通: institutions, products, firms, demand, grant, disbursement.
//!
//! Firms that were granted credit are among those that asked, and those among the registered;
//! of a firm no more is disbursed than was granted.

mod indicators;
mod kinds;

use kernel::consent::Item;
use kernel::module::Module;

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("finance", "融资平台上的申请和放款")];

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        items: ITEMS,
        ..Module::new("finance", "金融信息服务平台")
    }
}
