//! Bounds of options: which one a value chooses, and that every value chooses at most one, without a gap.

use rust_decimal::Decimal;

use super::file::Faults;
use super::{Bounds, Choice, Item, ItemKind};

impl Bounds {
    /// Whether a value lies within.
    pub(super) fn hold(&self, value: Decimal) -> bool {
        let above = self.low.is_none_or(|(low, with)| value > low || (with && value == low));
        let below = self.high.is_none_or(|(high, with)| value < high || (with && value == high));
        above && below
    }
}

/// The option that a value chooses.
pub(super) fn chosen(item: &Item, value: Decimal) -> Option<&Choice> {
    item.options.iter().find(|option| option.bounds.hold(value))
}

/// Options without bounds where a value chooses, and bounds that overlap or leave a gap.
pub(super) fn check(item: &Item, faults: &mut Faults<'_>) {
    let bounded = item.options.iter().any(|o| o.bounds != Bounds::default());
    let chosen_by = matches!(&item.kind, ItemKind::Single { by: Some(_) });
    if bounded != chosen_by {
        return faults.add(&item.code, "的选项界限与 by 要么都有，要么都没有");
    }
    if !chosen_by {
        return;
    }
    let mut stretches: Vec<&Bounds> = item.options.iter().map(|o| &o.bounds).collect();
    stretches.sort_by_key(|b| b.low.map(|(low, with)| (low, !with)));
    for pair in stretches.windows(2) {
        let [one, next] = pair else { continue };
        let joined = match (one.high, next.low) {
            (Some((high, closed)), Some((low, open))) => high == low && closed != open,
            _ => false,
        };
        if !joined {
            faults.add(&item.code, "的选项界限有重叠或空缺");
        }
    }
    for bounds in stretches {
        if let (Some((low, with)), Some((high, also))) = (bounds.low, bounds.high)
            && (low > high || (low == high && !(with && also)))
        {
            faults.add(&item.code, "的选项界限上下颠倒");
        }
    }
}
