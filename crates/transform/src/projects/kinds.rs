//! Facts about projects.

use kernel::ledger::{Class, FactKind};

/// What is built. A project may stand without one: 未分类.
pub(super) static TYPES: &[Class] = &[
    Class { code: "factory", label: "智能工厂" },
    Class { code: "workshop", label: "智能车间" },
    Class { code: "line", label: "智能产线" },
    Class { code: "cell", label: "智能单元" },
];

/// The amount of an entry is the planned total investment; that of a month may be negative, when too much was reported.
pub(super) static KINDS: &[FactKind] = &[
    FactKind::stock("projects.entered", "改造项目入库", "个").money().classes(TYPES),
    FactKind::flow("projects.completed", "改造项目完成", "个").classes(TYPES),
    FactKind::stock("projects.invested", "改造项目完成投资", "笔").money(),
];

/// The label of a type; 未分类 for none.
pub(super) fn type_label(code: &str) -> &'static str {
    TYPES.iter().find(|class| class.code == code).map_or("未分类", |class| class.label)
}
