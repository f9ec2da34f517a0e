//! Registering a contract: what it says is checked once; its balance begins with its first event.

use kernel::access::Scope;
use kernel::audit::Verb;
use kernel::ledger::record;
use kernel::org::{self, Organisation};
use kernel::store::Tx;
use kernel::value::money::Fen;
use kernel::{Error, Faults, Result, args};

use super::model::NewContract;
use crate::guarantee::agreements::{self, Agreement};
use crate::guarantee::id::ContractId;
use crate::guarantee::rules::{Ledger, MOST, bridge_on, entry_rules, limit_on, lpr_on, products, split_on, startup_on};

/// Registers a contract of an operator within the scope.
///
/// # Errors
/// [`Error::NotFound`] for an operator out of reach; [`Error::Invalid`] with every fault at its field;
/// [`Error::Conflict`] for a number that is registered already.
pub async fn register(tx: &Tx, scope: &Scope, new: &NewContract) -> Result<ContractId> {
    let operator = org::find_within(tx, scope, new.operator).await?;
    let subject = org::find(tx, new.subject).await?;
    let bank = org::find(tx, new.bank).await?;
    let mut faults = Faults::new();
    check(new, &subject, tx.today(), &mut faults);
    if subject.merged_into.is_some() {
        faults.add("subject", "该档案已并入其他档案，请选择保留的档案");
    }
    if bank.kind != "financial_institution" {
        faults.add("bank", format!("{} 不是金融机构", bank.name));
    }
    let agreement = agreement(tx, new, &mut faults).await?;
    faults.or(())?;
    let known = "SELECT id FROM guarantee_contract WHERE operator_id = $1 AND ledger = $2 AND number = $3";
    if tx.opt((known, args![operator.id, new.ledger.number(), new.number.trim()])).await?.is_some() {
        return Err(Error::invalid("number", format!("合同 {} 已登记，请打开原有合同", new.number.trim())));
    }
    let title = format!("{}合同：{}", new.ledger.label(), subject.name);
    let record = record::enter(tx, "guarantee", &title, new.number.trim(), "").await?;
    let id = insert(tx, new, agreement.as_ref(), record).await?;
    tx.act(Verb::CONTRACT_REGISTERED, "contract", id.0);
    tx.concerns(new.subject);
    tx.changes("合同", "", new.number.trim());
    tx.changes("合同金额", "", &format!("{} 元", new.principal.yuan()));
    Ok(id)
}

async fn insert(
    tx: &Tx,
    new: &NewContract,
    agreement: Option<&Agreement>,
    record: kernel::id::RecordId,
) -> Result<ContractId> {
    let unit = org::dims_on(tx, new.subject, new.signed_on).await?.unit;
    let (split, edition) = match (new.ledger, agreement) {
        (Ledger::Guarantee, Some(agreement)) => (agreement.split.stored(), agreement.edition.clone()),
        (Ledger::Guarantee, None) => {
            split_on(new.signed_on).map(|split| (split.shares.stored(), split.code.clone())).unwrap_or_default()
        }
        (Ledger::Startup, _) => (String::new(), startup_on(new.signed_on).map(|e| e.code.clone()).unwrap_or_default()),
        (Ledger::Bridge, _) => (String::new(), bridge_on(new.signed_on).map(|f| f.code.clone()).unwrap_or_default()),
    };
    let is_small = limit_on(new.signed_on).is_some_and(|limits| new.principal <= limits.small);
    let lpr = new.lpr_bp.or_else(|| lpr_on(new.signed_on)).filter(|_| new.ledger == Ledger::Startup);
    let sql = "INSERT INTO guarantee_contract (ledger, operator_id, subject_id, counterparty_id, unit_id, agreement_id, number, \
               product, principal_fen, is_small, rate_bp, fee_bp, lpr_bp, signed_on, matures_on, split, edition, person_tail, \
               underlying, renewal, renewal_fen, record_id, recorded_at, recorded_by, due_on) VALUES ($1, $2, $3, $4, $5, $6, \
               $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $15)";
    let args = args![
        new.ledger.number(),
        new.operator,
        new.subject,
        new.bank,
        unit,
        new.agreement.map(|a| a.0),
        new.number.trim(),
        new.product.clone(),
        new.principal.0,
        i64::from(is_small),
        new.rate_bp,
        new.fee_bp,
        lpr,
        new.signed_on,
        new.matures_on,
        split,
        edition,
        new.person_tail.clone(),
        new.underlying.trim(),
        new.renewal.trim(),
        new.renewal_amount.map(|fen| fen.0),
        record,
        tx.now(),
        tx.actor().name.clone(),
    ];
    Ok(ContractId(tx.insert((sql, args)).await?))
}

fn check(new: &NewContract, subject: &Organisation, today: kernel::value::day::Day, faults: &mut Faults) {
    let rules = entry_rules();
    if new.number.trim().is_empty() || new.number.chars().count() > 60 {
        faults.add("number", "请填写合同编号，最多 60 个字");
    }
    if !products(new.ledger).any(|product| product.code == new.product) {
        faults.add("product", "请选择产品");
    }
    if new.principal.0 <= 0 {
        faults.add("principal", "合同金额应大于 0");
    }
    if new.principal > MOST {
        faults.add("principal", "合同金额过大，请核对单位是否写错");
    }
    if new.signed_on > today {
        faults.add("signed_on", format!("签订日期在今天（{today}）之后，请核对"));
    }
    if new.matures_on <= new.signed_on {
        faults.add("matures_on", "到期日应晚于签订日期");
    }
    for (field, bp) in [("rate", new.rate_bp), ("fee", new.fee_bp)] {
        if !(0..=rules.most_rate_bp).contains(&bp) {
            let most = kernel::value::rate::Bp(rules.most_rate_bp).exact_percent();
            faults.add(field, format!("年化费率应在 0 到 {most} 之间，请核对是否多写一位"));
        }
    }
    match new.ledger {
        Ledger::Guarantee => {}
        Ledger::Startup => check_startup(new, subject, faults),
        Ledger::Bridge => check_bridge(new, faults),
    }
}

/// Caps and terms of start-up loans by the edition in force on the day of the loan; without one nothing is held.
fn check_startup(new: &NewContract, subject: &Organisation, faults: &mut Faults) {
    let Some(edition) = startup_on(new.signed_on) else { return };
    let is_person = subject.kind == "sole_trader" || !new.person_tail.is_empty();
    let (who, (most, months)) = if is_person { ("个人", edition.person) } else { ("小微企业", edition.firm) };
    if new.principal > most {
        let told = format!("{who}创业担保贷款最多 {} 万元（{}，待确认）", most.exact_wan(), edition.code);
        faults.add("principal", told);
    }
    let last = u32::try_from(months).ok().and_then(|m| new.signed_on.checked_add_months(chrono::Months::new(m)));
    if last.is_some_and(|last| new.matures_on > last) {
        faults.add("matures_on", format!("{who}创业担保贷款期限最长 {months} 个月（{}，待确认）", edition.code));
    }
}

/// Bridge loans only repay a loan whose renewal the bank has promised, in part.
fn check_bridge(new: &NewContract, faults: &mut Faults) {
    let Some(fund) = bridge_on(new.signed_on) else { return };
    if new.principal > fund.firm {
        faults.add("principal", format!("一笔过桥贷款最多 {} 万元（{}，待确认）", fund.firm.exact_wan(), fund.label));
    }
    if let Some(renewal) = new.renewal_amount {
        let most = i128::from(renewal.0) * i128::from(fund.renewal_bp) / 10_000;
        if i128::from(new.principal.0) > most {
            let share = kernel::value::rate::Bp(fund.renewal_bp).exact_percent();
            let most = Fen(i64::try_from(most).unwrap_or(i64::MAX)).exact_wan();
            faults.add("principal", format!("最多为承诺续贷金额的 {share}，即 {most} 万元（待确认）"));
        }
    }
}

async fn agreement(tx: &Tx, new: &NewContract, faults: &mut Faults) -> Result<Option<Agreement>> {
    let Some(id) = new.agreement else { return Ok(None) };
    if new.ledger != Ledger::Guarantee {
        faults.add("agreement", "只有融资担保合同填写合作协议");
        return Ok(None);
    }
    let found = agreements::of_operator(tx, new.operator).await?.into_iter().find(|a| a.id == id);
    let Some(agreement) = found else {
        faults.add("agreement", "没有这份合作协议，请从列表中选择");
        return Ok(None);
    };
    if agreement.bank != new.bank {
        faults.add("agreement", format!("协议 {} 是与 {} 签订的", agreement.number, agreement.bank_name));
    }
    if !(agreement.signed_on..=agreement.valid_to).contains(&new.signed_on) {
        let (from, to) = (agreement.signed_on, agreement.valid_to);
        faults.add("agreement", format!("协议 {} 有效期为 {from} 至 {to}", agreement.number));
    }
    Ok(Some(agreement))
}
