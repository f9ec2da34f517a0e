//! What people do, as the log names it: one vocabulary, so that it can be filtered.

/// A verb of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verb {
    /// Stable code, stored in the log.
    pub code: &'static str,
    /// What the office calls it.
    pub label: &'static str,
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal;)+) => {
        impl Verb {
            $($(#[$doc])* pub const $name: Self = Self { code: $code, label: $label };)+
        }
        /// All verbs, in the order of a list to choose from.
        pub const VERBS: &[Verb] = &[$(Verb::$name),+];
    };
}

verbs! {
    /// Signed in.
    SIGNED_IN = "account.sign_in", "登录";
    /// Was not let in.
    SIGN_IN_FAILED = "account.sign_in_failed", "登录失败";
    /// Signed out.
    SIGNED_OUT = "account.sign_out", "退出";
    /// An account was made.
    ACCOUNT_MADE = "account.create", "建立账号";
    /// Was refused for want of a permission or outside the scope.
    REFUSED = "access.refused", "访问被拒绝";
    /// Sent more requests than are taken.
    THROTTLED = "access.throttled", "请求过多被限制";
    /// Opened the dossier of an organisation.
    DOSSIER_READ = "org.read", "查看档案";
    /// Took rows away as a file.
    ROWS_EXPORTED = "figure.export", "导出明细";
    /// Took a workbook away.
    FILE_EXPORTED = "file.export", "下载文件";
    /// Took the log away.
    AUDIT_EXPORTED = "audit.export", "导出审计日志";
    /// Looked at the log.
    AUDIT_READ = "audit.read", "查看审计日志";
    /// Removed what was written to a file.
    AUDIT_ARCHIVED = "audit.archive", "归档审计日志";
    /// Registered an organisation.
    ORG_REGISTERED = "org.register", "登记主体";
    /// Changed an attribute.
    ORG_CHANGED = "org.change", "修改主体属性";
    /// Recorded yearly figures.
    YEAR_RECORDED = "org.year", "登记年度数据";
    /// Merged two organisations.
    ORG_MERGED = "org.merge", "合并档案";
    /// Took a merge back.
    ORG_UNMERGED = "org.unmerge", "撤销合并";
    /// Recorded facts.
    FACT_RECORDED = "fact.record", "登记事实";
    /// Reversed facts.
    FACT_REVERSED = "fact.reverse", "冲销事实";
    /// Entered a source record.
    RECORD_ENTERED = "record.enter", "登记台账";
    /// Set a target.
    TARGET_SET = "target.set", "设定目标";
    /// Declared a figure.
    FIGURE_DECLARED = "figure.declare", "申明数字";
    /// Published a document.
    PUBLISHED = "publication.publish", "发布";
    /// Re-derived what was published.
    VERIFIED = "publication.verify", "复核发布";
    /// Recomputed what was sealed.
    SEALS_CHECKED = "seal.check", "核对封存";
    /// Asked for a correction.
    AMENDMENT_REQUESTED = "amendment.request", "申请更正";
    /// Decided about a correction.
    AMENDMENT_DECIDED = "amendment.decide", "决定更正";
    /// Opened a case.
    CASE_OPENED = "case.open", "提交办件";
    /// Did something in a case.
    CASE_ACTED = "case.act", "办理办件";
    /// Said something in a case.
    CASE_COMMENTED = "case.comment", "办件留言";
    /// Filled in a questionnaire of a diagnosis.
    DIAGNOSIS_FILLED = "diagnosis.fill", "填写测评问卷";
    /// Wrote the report of a diagnosis.
    DIAGNOSIS_REPORTED = "diagnosis.report", "编写诊断报告";
    /// Said what became of a recommendation.
    DIAGNOSIS_ITEM = "diagnosis.item", "处理诊断建议";
    /// Rated a diagnosis institution.
    DIAGNOSIS_RATED = "diagnosis.rate", "评价诊断机构";
    /// Added an edition of a questionnaire.
    INSTRUMENT_ADDED = "diagnosis.instrument", "增加问卷";
    /// Sent a workbook.
    IMPORT_SENT = "intake.send", "上传导入文件";
    /// Saved what a workbook says.
    IMPORT_SAVED = "intake.save", "保存导入";
    /// Took an import back.
    IMPORT_UNDONE = "intake.undo", "撤销导入";
    /// Made a reporting unit.
    UNIT_MADE = "unit.create", "建立填报单元";
    /// Did something that nobody named.
    UNNAMED = "unnamed", "未说明的办理";
}

/// What the office calls a stored verb; the code itself when this version does not know it.
pub fn label(code: &str) -> &str {
    VERBS.iter().find(|v| v.code == code).map_or(code, |v| v.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_one_code() {
        let codes: std::collections::BTreeSet<&str> = VERBS.iter().map(|v| v.code).collect();
        assert_eq!(codes.len(), VERBS.len());
        assert_eq!((label("org.merge"), label("older.verb")), ("合并档案", "older.verb"));
    }
}
