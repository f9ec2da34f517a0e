//! Claiming, accepting, refusing, inviting: one function per verb.

use kernel::access::{self, NewMembership, Scope};
use kernel::audit::Verb;
use kernel::id::{AccountId, OrgId};
use kernel::org;
use kernel::store::{Read, Tx};
use kernel::value::credit_code::CreditCode;
use kernel::value::text::too_long;
use kernel::{Error, Faults, Result, args};

use super::model::{Claim, ClaimForm, DecisionForm, StaffForm, login_of, role_of};
use super::{DECIDE, INVITE, queries};

/// Claims to one code that may wait at once: more is somebody playing.
const MOST: i64 = 5;

/// The credit code of a claim in its regular form.
pub(super) fn code_of(form: &ClaimForm) -> Result<String> {
    let code = crate::orgs::code(&form.credit_code);
    code.parse::<CreditCode>().map(|code| code.to_string()).map_err(|e| Error::invalid("credit_code", e.to_string()))
}

/// Looks a claim through, before the account exists.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub(super) async fn check(read: &Read, form: &ClaimForm, city: &str) -> Result<String> {
    let mut faults = Faults::new();
    let code = match code_of(form) {
        Ok(code) => code,
        Err(Error::Invalid(found)) => {
            faults.0.extend(found.0);
            String::new()
        }
        Err(other) => return Err(other),
    };
    if form.login.contains('@') || form.login.trim().is_empty() {
        faults.add("login", "请写登录名，用字母、数字或汉字，不含 @");
    }
    if form.name.trim().is_empty() {
        faults.add("name", "请写您的姓名");
    }
    if form.statement.trim().is_empty() {
        faults.add("statement", "请写明您在本单位的职务和申请的原因");
    } else if let Some(said) = too_long(&form.statement) {
        faults.add("statement", said);
    }
    if form.password != form.again {
        faults.add("again", "两次输入的口令不一样，请重新输入");
    }
    let policy = &read.roles().policy;
    if let Err(Error::Invalid(found)) = access::check_new(policy, &form.login, &form.name, city, &form.password) {
        faults.0.extend(found.0);
    }
    if !code.is_empty() && queries::count_open(read, &code).await? >= MOST {
        faults.add("credit_code", "这个代码已有多个申请在等待审核，请先联系主管单位");
    }
    faults.or(code)
}

/// Opens the account and files its claim. Whether the code is known makes no difference to who asks.
///
/// # Errors
/// [`Error::Invalid`] at `login` or `name`.
pub(super) async fn claim(tx: &Tx, form: &ClaimForm, code: &str) -> Result<AccountId> {
    let id = access::open_account(tx, &login_of(&form.login, code), &form.name).await?;
    tx.run((
        "INSERT INTO org_claim (account_id, credit_code, statement, requested_at) VALUES ($1, $2, $3, $4)",
        args![id, code, form.statement.trim(), tx.now()],
    ))
    .await?;
    tx.act(Verb::CLAIM_MADE, "account", id.0);
    tx.changes("统一社会信用代码", "", code);
    Ok(id)
}

/// Takes a claim out again whose account got no password.
///
/// # Errors
/// As the database says.
pub(super) async fn withdraw(tx: &Tx, account: AccountId) -> Result<()> {
    tx.act(Verb::CLAIM_WITHDRAWN, "account", account.0);
    tx.run(("DELETE FROM org_claim WHERE account_id = $1", args![account])).await?;
    tx.run(("DELETE FROM account WHERE id = $1", args![account])).await?;
    Ok(())
}

/// Accepts or refuses a claim.
///
/// # Errors
/// [`Error::NotFound`] outside the scope, [`Error::Conflict`] when it is decided already, [`Error::Invalid`] at
/// `decision` or `reason`.
pub(super) async fn decide(tx: &Tx, id: i64, form: &DecisionForm) -> Result<bool> {
    let claim = queries::find(tx, &tx.actor().scope(DECIDE), id).await?;
    let reason = form.reason.trim();
    if let Some(said) = too_long(reason) {
        return Err(Error::invalid("reason", said));
    }
    let accepted = match form.decision.as_str() {
        "accept" => true,
        "refuse" if reason.is_empty() => return Err(Error::invalid("reason", "退回要写明原因，申请人会看到")),
        "refuse" => false,
        _ => return Err(Error::invalid("decision", "请选择同意或退回")),
    };
    let sql = "UPDATE org_claim SET decided_at = $1, decided_by = $2, accepted = $3, reason = $4 \
               WHERE id = $5 AND decided_at IS NULL";
    let who = tx.actor().name.clone();
    if tx.run((sql, args![tx.now(), who, i64::from(accepted), reason, id])).await? == 0 {
        return Err(Error::Conflict("这个申请已经有人办理，请刷新后查看".into()));
    }
    tx.act(Verb::CLAIM_DECIDED, "account", claim.account.0);
    tx.changes("申请", "", &format!("第 {id} 号"));
    tx.changes("决定", "", if accepted { "同意" } else { "退回" });
    tx.purpose(reason);
    // Who is refused keeps the account, which may do nothing but show the reason.
    if accepted {
        admit(tx, &claim).await?;
    }
    Ok(accepted)
}

async fn admit(tx: &Tx, claim: &Claim) -> Result<()> {
    let Some((org, _, kind)) = &claim.org else {
        return Err(Error::invalid("decision", "企业库中还没有这个信用代码，请先登记主体再同意"));
    };
    let Some(role) = role_of(kind) else {
        return Err(Error::invalid("decision", "这类单位的账号由系统管理员开通、安全管理员授权，不能自助申请"));
    };
    let new = NewMembership {
        role: role.into(),
        org: Some(*org),
        reason: format!("企业账号申请第 {} 号", claim.id),
        ..NewMembership::from(tx.today())
    };
    access::grant(tx, claim.account, &new).await.map(drop)
}

/// Invites somebody of the actor's own organisation. Returns the secret of the link.
///
/// # Errors
/// [`Error::NotFound`] without an own organisation; [`Error::Invalid`] at `login` or `name`.
pub(super) async fn invite(tx: &Tx, form: &StaffForm) -> Result<String> {
    let own = own(tx.actor())?;
    if form.login.contains('@') {
        return Err(Error::invalid("login", "登录名用字母、数字或汉字，不含 @"));
    }
    let code = org::find(tx, own).await?.code().to_owned();
    let id = access::open_account(tx, &login_of(&form.login, &code), &form.name).await?;
    let new = NewMembership {
        role: "enterprise_staff".into(),
        org: Some(own),
        reason: format!("由 {} 邀请", tx.actor().name),
        ..NewMembership::from(tx.today())
    };
    access::grant(tx, id, &new).await?;
    access::invite(tx, id).await
}

/// Takes back the membership of somebody of the own organisation; never the actor's own.
///
/// # Errors
/// [`Error::NotFound`] for anybody else's.
pub(super) async fn end(tx: &Tx, membership: i64) -> Result<()> {
    let held = access::list_org_members(tx, own(tx.actor())?).await?;
    let found = held.into_iter().find(|m| m.id == membership && m.account != tx.actor().account);
    let found = found.ok_or(Error::NotFound)?;
    access::end_membership(tx, found.account, membership).await
}

/// The organisation whose people the actor invites.
pub(super) fn own(actor: &access::Actor) -> Result<OrgId> {
    match actor.scope(INVITE) {
        Scope::Own(org) => Ok(org),
        _ => Err(Error::NotFound),
    }
}
