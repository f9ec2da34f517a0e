//! Opening accounts and sending links: one function per verb of the office.

use kernel::access::{self, Duty, Membership, Roles, duty};
use kernel::id::AccountId;
use kernel::store::Tx;
use kernel::{Error, Result};

/// Opens an account and makes its invitation. Returns the secret of the link.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub(super) async fn open(tx: &Tx, login: &str, name: &str) -> Result<String> {
    let id = access::open_account(tx, login, name).await?;
    access::invite(tx, id).await
}

/// Makes a link for an account: its invitation anew, or a reset of password and second factor.
///
/// An administrator's account is reset on the server and not here: whoever gets the link could take the duty over.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for an administrator's account or one out of use.
pub(super) async fn link(tx: &Tx, roles: &Roles, id: AccountId) -> Result<String> {
    let account = access::find_account(tx, id).await?;
    let held = access::list_memberships(tx, id).await?;
    if account.has_password && is_administrator(roles, &held, |m| m.is_live(tx.today()))? {
        let told = "管理员账号的口令由运维人员在服务器上用 qishu account reset 办理，不能在页面上重置";
        return Err(Error::Conflict(told.into()));
    }
    if account.has_password { access::reset(tx, id).await } else { access::invite(tx, id).await }
}

/// Whether an account holds a duty of administration.
pub(super) fn is_administrator(roles: &Roles, held: &[Membership], live: impl Fn(&Membership) -> bool) -> Result<bool> {
    for one in held.iter().filter(|m| live(m)) {
        if let Some(role) = roles.find(&one.role)
            && duty::of_role(role)? != Duty::Business
        {
            return Ok(true);
        }
    }
    Ok(false)
}
