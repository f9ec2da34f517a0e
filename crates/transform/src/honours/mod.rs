//! Honours and demonstrations: what firms were awarded, what the city showed as examples.

mod indicators;
mod kinds;

use kernel::consent::Item;
use kernel::module::Module;

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("honours", "称号和荣誉")];

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        items: ITEMS,
        ..Module::new("honours", "标杆示范")
    }
}
