//! The first steps (入门指引) of somebody new, by what he may do: shown on the desk until he has had enough of them.

use kernel::access::{Actor, Permission};

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What to do.
    pub label: &'static str,
    /// Why, in a sentence.
    pub why: &'static str,
    /// Where.
    pub href: String,
}

fn step(label: &'static str, why: &'static str, href: impl Into<String>) -> Step {
    Step { label, why, href: href.into() }
}

/// The steps of an actor, in their order; those he may not take are left out.
pub(crate) fn steps(actor: &Actor) -> Vec<Step> {
    let may = |permission: &'static str| actor.may(Permission(permission));
    let mut steps = Vec::new();
    if let Some(org) = actor.org {
        if may("registry.read") {
            steps.push(step(
                "核对本单位的档案",
                "名称、行业、地址这些内容，各项申报都从这里取，不用再填。",
                format!("/orgs/{org}"),
            ));
        }
        if may("change.request") {
            let href = format!("/cases/new?flow=registry.change&org={org}");
            steps.push(step(
                "有不对的，提交变更申请",
                "写明依据，主管单位审核后生效；审核到哪一步，在待办里看。",
                href,
            ));
        }
        if may(kernel::audit::OWN.0) {
            steps.push(step("看谁查过、改过本单位的数据", "每次查看、导出和修改都有记录。", "/trail"));
        }
        return steps;
    }
    for (permission, label, why, href) in [
        ("case.list", "看等您办理的件", "按期限排好，快到期和超期的有标记；也可以一次办很多件。", "/desk"),
        (
            "registry.read",
            "认识您负责的企业",
            "按名称、拼音首字母或信用代码查找；筛选好的样子可以存成视图、发给同事。",
            "/orgs?kind=enterprise",
        ),
        (
            "intake.import",
            "一张表导入全部企业的数据",
            "先试算，错在哪一格写得清清楚楚，确认后才保存，保存了还能撤销。",
            "/imports",
        ),
        ("figure.read", "点开任何一个数字", "每个数字都能打开它后面的每一条记录，并看到统计到哪一天。", "/board"),
    ] {
        if may(permission) {
            steps.push(step(label, why, href));
        }
    }
    steps
}
