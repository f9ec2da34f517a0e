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
    /// An account was taken out of use.
    ACCOUNT_DISABLED = "account.disable", "停用账号";
    /// An account was taken into use again.
    ACCOUNT_ENABLED = "account.enable", "启用账号";
    /// A one-time link was made.
    LINK_MADE = "account.link", "发出一次性链接";
    /// Password and second factor were taken off an account.
    ACCOUNT_RESET = "account.reset", "重置口令";
    /// A password was set.
    PASSWORD_SET = "account.password", "设置口令";
    /// Passwords were taken as known to strangers.
    WEAK_KNOWN = "account.weak", "录入泄露口令名单";
    /// A second factor was bound.
    SECOND_BOUND = "account.second_bind", "绑定验证器";
    /// A second factor was taken off.
    SECOND_UNBOUND = "account.second_unbind", "解除验证器";
    /// An identity of another platform was bound.
    IDENTITY_BOUND = "account.identity_bind", "绑定统一身份";
    /// An identity of another platform was taken off.
    IDENTITY_UNBOUND = "account.identity_unbind", "解除统一身份";
    /// Sessions of one's own were ended.
    VISITS_ENDED = "account.visit_end", "结束登录";
    /// A token for a program was made.
    TOKEN_MADE = "token.make", "创建令牌";
    /// A token was revoked.
    TOKEN_REVOKED = "token.revoke", "收回令牌";
    /// A membership was granted.
    MEMBERSHIP_GRANTED = "membership.grant", "授予任职";
    /// A membership was taken back.
    MEMBERSHIP_ENDED = "membership.end", "收回任职";
    /// Somebody may act for somebody who is away.
    SUBSTITUTE_SET = "substitute.set", "设定代办";
    /// Somebody acts for an absent person no more.
    SUBSTITUTE_ENDED = "substitute.end", "结束代办";
    /// A role was made.
    ROLE_MADE = "role.create", "新建角色";
    /// What a role is called or may do was changed.
    ROLE_EDITED = "role.edit", "修改角色";
    /// What is asked of signing in was changed.
    POLICY_EDITED = "policy.edit", "修改登录要求";
    /// Asked who sees a record.
    SIGHT_ASKED = "access.explain", "核查谁能看到";
    /// Began to look through somebody else's eyes.
    VIEW_BEGUN = "access.view_begin", "开始以他人身份查看";
    /// Ended looking through somebody else's eyes.
    VIEW_ENDED = "access.view_end", "结束以他人身份查看";
    /// Asked for an account of an organisation.
    CLAIM_MADE = "claim.make", "申请企业账号";
    /// The claim was not whole and is gone.
    CLAIM_WITHDRAWN = "claim.withdraw", "作废企业账号申请";
    /// Decided about a claim.
    CLAIM_DECIDED = "claim.decide", "审核企业账号申请";
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
    /// Had a sensitive value shown in full.
    SENSITIVE_READ = "sensitive.read", "查看敏感内容";
    /// Sealed the sensitive fields anew under another key.
    FIELDS_RESEALED = "sensitive.reseal", "更换敏感字段密钥";
    /// Consented that another organisation sees data of one's own.
    CONSENT_GIVEN = "consent.give", "授权查看数据";
    /// Took a consent back.
    CONSENT_REVOKED = "consent.revoke", "撤回授权";
    /// Read under a consent.
    CONSENT_READ = "consent.read", "凭授权查看";
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
    /// Attached a file to a case.
    CASE_ATTACHED = "case.attach", "上传附件";
    /// Reminded those for whom cases wait.
    CASE_REMINDED = "case.remind", "催办提醒";
    /// Wrote down that a proposer was spoken to.
    CONTACT_LOGGED = "proposal.contact", "登记沟通";
    /// Saved a version of a reply.
    DRAFT_SAVED = "proposal.draft", "保存答复稿";
    /// Made a link by which a proposer says what he thinks of a reply.
    OPINION_LINKED = "proposal.link", "发送征询意见链接";
    /// Marked a promise of a reply.
    PROMISE_MADE = "proposal.promise", "登记承诺";
    /// Said something in a case.
    CASE_COMMENTED = "case.comment", "办件留言";
    /// Looked what an action on many cases would do.
    BULK_DRAFTED = "case.bulk.draft", "批量办理预览";
    /// Asked for an action on many cases.
    BULK_ASKED = "case.bulk.ask", "批量办理";
    /// Carried an action out on a stretch of many cases.
    BULK_ACTED = "case.bulk.act", "批量办理执行";
    /// A program sent the same twice at once, and was told the first answer.
    ANSWERED_AGAIN = "api.again", "重发取回结果";
    /// Took a list away as a file.
    LIST_EXPORTED = "list.export", "导出列表";
    /// The month of a project was reported, or corrected.
    PROJECT_REPORTED = "projects.report", "报送项目进度";
    /// Registered a contract.
    CONTRACT_REGISTERED = "contract.register", "登记合同";
    /// Entered what happened to a contract.
    CONTRACT_MOVED = "contract.move", "登记合同业务";
    /// Took such an entry back.
    CONTRACT_REVERSED = "contract.reverse", "冲销合同业务";
    /// Changed what contracts are held to.
    CONTRACT_BASE = "contract.base", "登记合作协议、净资产或关联方";
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
    /// Chose where to be told.
    NOTICE_CHOSEN = "notice.choose", "设置通知渠道";
    /// Had a notice sent again.
    NOTICE_SENT_AGAIN = "notice.send_again", "重新发送通知";
    /// Stopped a job.
    JOB_STOPPED = "job.stop", "取消作业";
    /// Had a job done once more.
    JOB_AGAIN = "job.again", "重办作业";
    /// Had a long import checked or saved in the background.
    IMPORT_ASKED = "intake.ask", "后台办理导入";
    /// Broke a long import off.
    IMPORT_STOPPED = "intake.stop", "取消导入";
    /// Said what the columns of a workbook mean.
    COLUMNS_DESCRIBED = "intake.columns", "指明各列";
    /// Had forgotten what was said of the columns of a workbook.
    COLUMNS_FORGOTTEN = "intake.forget_columns", "删除认列";
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
