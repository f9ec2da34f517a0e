//! Entering what guarantors are held to.

use kernel::access::Scope;
use kernel::audit::Verb;
use kernel::id::OrgId;
use kernel::store::Tx;
use kernel::{Error, Faults, Result, args, org};

use super::model::{NewAgreement, NewStanding};
use crate::guarantee::id::AgreementId;
use crate::guarantee::rules::MOST;

/// Enters an agreement.
///
/// # Errors
/// [`Error::NotFound`] for a guarantor out of reach; [`Error::Invalid`] with every fault at its field.
pub async fn agree(tx: &Tx, scope: &Scope, new: &NewAgreement) -> Result<AgreementId> {
    let operator = org::find_within(tx, scope, new.operator).await?;
    let bank = org::find(tx, new.bank).await?;
    let mut faults = Faults::new();
    if operator.kind != "guarantor" {
        faults.add("operator", format!("{} 不是担保机构", operator.name));
    }
    if bank.kind != "financial_institution" {
        faults.add("bank", format!("{} 不是金融机构", bank.name));
    }
    for (field, text, what) in [("number", &new.number, "协议编号"), ("source", &new.source, "依据")] {
        if text.trim().is_empty() || text.chars().count() > 100 {
            faults.add(field, format!("请填写{what}，最多 100 个字"));
        }
    }
    if new.valid_to < new.signed_on {
        faults.add("valid_to", "有效期止应不早于签订日期");
    }
    if new.cap.is_some_and(|cap| cap.0 <= 0 || cap > MOST) {
        faults.add("cap", "额度应大于 0，且在合理范围内；没有约定额度的留空");
    }
    if !(1..=365).contains(&new.payout_days) {
        faults.add("payout_days", "代偿期限应为 1 到 365 天");
    }
    let known = "SELECT id FROM guarantee_agreement WHERE operator_id = $1 AND number = $2";
    if tx.opt((known, args![new.operator, new.number.trim()])).await?.is_some() {
        faults.add("number", format!("协议 {} 已登记", new.number.trim()));
    }
    faults.or(())?;
    let sql = "INSERT INTO guarantee_agreement (operator_id, bank_id, number, signed_on, valid_to, edition, split, cap_fen, \
               payout_days, source, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let args = args![
        new.operator,
        new.bank,
        new.number.trim(),
        new.signed_on,
        new.valid_to,
        new.edition.clone(),
        new.split.stored(),
        new.cap.map(|cap| cap.0),
        new.payout_days,
        new.source.trim(),
        tx.now(),
        tx.actor().name.clone(),
    ];
    let id = tx.insert((sql, args)).await?;
    tx.act(Verb::CONTRACT_BASE, "agreement", id);
    tx.concerns(new.operator);
    tx.changes("合作协议", "", &format!("{}：{}", new.number.trim(), new.split));
    Ok(AgreementId(id))
}

/// Enters what a guarantor has.
///
/// # Errors
/// As [`agree`].
pub async fn stand(tx: &Tx, scope: &Scope, new: &NewStanding) -> Result<()> {
    let operator = org::find_within(tx, scope, new.operator).await?;
    let standing = &new.standing;
    let mut faults = Faults::new();
    if operator.kind != "guarantor" {
        faults.add("operator", format!("{} 不是担保机构", operator.name));
    }
    for (field, fen) in [("net_assets", standing.net_assets), ("reserve", standing.reserve)] {
        if fen.0 < 0 || fen > MOST {
            faults.add(field, "金额不能为负，也不能过大，请核对单位");
        }
    }
    if standing.as_on > tx.today() {
        faults.add("as_on", "日期在今天之后，请核对");
    }
    if standing.source.trim().is_empty() || standing.source.chars().count() > 100 {
        faults.add("standing_source", "请写明依据，例如 审计报告文号，最多 100 个字");
    }
    faults.or(())?;
    let sql = "INSERT INTO guarantee_standing (operator_id, as_on, net_assets_fen, reserve_fen, mainly_small, source, \
               recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = args![
        new.operator,
        standing.as_on,
        standing.net_assets.0,
        standing.reserve.0,
        i64::from(standing.mainly_small),
        standing.source.trim(),
        tx.now(),
        tx.actor().name.clone(),
    ];
    let id = tx.insert((sql, args)).await?;
    tx.act(Verb::CONTRACT_BASE, "standing", id);
    tx.concerns(new.operator);
    tx.changes("净资产", "", &format!("{} 元（{}）", standing.net_assets.yuan(), standing.as_on));
    Ok(())
}

/// Puts a body into a related group, or moves it there; an empty label takes it out of its group.
///
/// # Errors
/// [`Error::NotFound`] out of reach; [`Error::Invalid`] without a source.
pub async fn relate(tx: &Tx, scope: &Scope, member: OrgId, label: &str, source: &str) -> Result<()> {
    let body = org::find_within(tx, scope, member).await?;
    let (label, source) = (label.trim(), source.trim());
    if label.chars().count() > 60 {
        return Err(Error::invalid("label", "最多 60 个字"));
    }
    if source.is_empty() || source.chars().count() > 100 {
        return Err(Error::invalid("related_source", "请写明依据，例如 股权穿透核查表"));
    }
    let before = tx.opt(("SELECT label FROM guarantee_related WHERE org_id = $1", args![member])).await?;
    let before = before.map(|row| row.text("label")).transpose()?.unwrap_or_default();
    tx.run(("DELETE FROM guarantee_related WHERE org_id = $1", args![member])).await?;
    if !label.is_empty() {
        let sql = "INSERT INTO guarantee_related (org_id, label, source, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5)";
        tx.run((sql, args![member, label, source, tx.now(), tx.actor().name.clone()])).await?;
    }
    tx.act(Verb::CONTRACT_BASE, "related", member.0);
    tx.concerns(member);
    tx.purpose(source);
    tx.changes(&format!("关联方 {}", body.name), &before, label);
    Ok(())
}
