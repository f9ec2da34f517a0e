//! Reconciliation rules between figures of different modules: only the city as a whole knows both sides.

use kernel::indicator::{Check, Rule};
use kernel::module::Module;

/// The module that declares them; it has no facts and no pages.
pub const MODULE: Module = Module { rules: RULES, ..Module::new("city", "全市") };

static RULES: &[Rule] = &[
    Rule {
        code: "city.diagnoses_are_funded",
        name: "完成的诊断与获资金支持的诊断",
        statement: "完成智能化诊断的规上企业家数，应等于获资金支持的智能化诊断项目个数；差额为尚未列入资金支持的企业。",
        check: Check::Equal { left: "diagnosis.completed", right: "funds.diagnosis_awards" },
    },
    Rule {
        code: "city.funded_diagnoses_are_done",
        name: "获资金支持的诊断都已完成",
        statement: "获资金支持的智能化诊断，其企业应都在完成诊断的规上企业之内。",
        check: Check::Subset { inner: "funds.diagnosis_awards", outer: "diagnosis.completed" },
    },
    Rule {
        code: "city.demonstrations_are_funded",
        name: "公布的示范项目与获资金支持的示范项目",
        statement: "公布的市级示范项目个数，应等于获资金支持的示范项目个数。",
        check: Check::Equal { left: "honours.demo_projects", right: "funds.demonstration_awards" },
    },
];
