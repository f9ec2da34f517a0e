//! What is contradictory about the facts that an action declares to write: unknown kinds, fields of the wrong sort, a flow
//! that somebody would leave.

use super::field::FieldKind;
use super::flow::{Action, Flow, When};
use crate::ledger::{Catalog, Motion};

impl Flow {
    /// Tells every contradiction in the facts of an action.
    pub(super) fn check_facts(&self, action: &Action, catalog: &Catalog, wrong: &mut dyn FnMut(String)) {
        let name = action.label;
        for fact in action.writes.iter().chain(action.leaves) {
            let Some(kind) = catalog.kind(fact.kind) else {
                wrong(format!("动作“{name}”写未知的事实“{}”", fact.kind));
                continue;
            };
            let day = match fact.on {
                When::Today => None,
                When::Field(field) => Some((field, "日期", FieldKind::Day)),
            };
            let sorts = [
                day,
                fact.quantity.map(|field| (field, "整数", FieldKind::Whole(""))),
                fact.amount.map(|field| (field, "金额", FieldKind::Money)),
                fact.class.map(|field| (field, "选项", FieldKind::Choice(&[]))),
            ];
            for (field, sort, wanted) in sorts.into_iter().flatten() {
                if !self.field(field).is_some_and(|f| f.kind.is_like(&wanted)) {
                    wrong(format!("动作“{name}”的事实需要{sort}字段“{field}”"));
                }
            }
            if let When::Field(day) = fact.on
                && !action.fills.iter().any(|fill| fill.field == day && fill.must)
            {
                wrong(format!("动作“{name}”的事实按“{day}”的日期统计，须由本动作必填"));
            }
            if let Some(FieldKind::Choice(choices)) = fact.class.and_then(|f| self.field(f)).map(|f| f.kind)
                && choices.iter().any(|c| !kind.decl.classes.iter().any(|class| class.code == c.code))
            {
                wrong(format!("动作“{name}”的选项不是事实“{}”的分类", kind.decl.label));
            }
            if action.leaves.contains(fact) && kind.decl.motion != Motion::Stock {
                wrong(format!("动作“{name}”不能从流量“{}”中退出", kind.decl.label));
            }
            if fact.amount.is_some() != kind.decl.money {
                wrong(format!("动作“{name}”的事实“{}”与其种类是否记金额不符", kind.decl.label));
            }
        }
    }
}
