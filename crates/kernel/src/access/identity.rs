//! Identities of another platform that sign an account in. Which platform that is and how it proves somebody is no matter
//! of the kernel: it keeps who has bound what.

use super::{Account, find_account};
use crate::audit::Verb;
use crate::id::AccountId;
use crate::store::{Read, Tx};
use crate::{Error, Result, args};

/// The account in use that an identity signs in.
///
/// # Errors
/// [`Error::NotFound`] when nobody has bound it, or the account is out of use.
pub async fn find_by_identity(read: &Read, issuer: &str, subject: &str) -> Result<Account> {
    let sql = "SELECT account_id FROM account_identity WHERE issuer = $1 AND subject = $2";
    let row = read.one((sql, args![issuer, subject])).await?;
    let account = find_account(read, AccountId(row.get("account_id")?)).await?;
    if account.disabled_at.is_some() { Err(Error::NotFound) } else { Ok(account) }
}

/// Whether an account has an identity of this issuer.
///
/// # Errors
/// As the database says.
pub async fn has_identity(read: &Read, account: AccountId, issuer: &str) -> Result<bool> {
    let sql = "SELECT account_id FROM account_identity WHERE account_id = $1 AND issuer = $2";
    Ok(read.opt((sql, args![account, issuer])).await?.is_some())
}

/// Binds an identity to the actor's own account.
///
/// # Errors
/// [`Error::Conflict`] when it is bound already, to whomever.
pub async fn bind_identity(tx: &Tx, issuer: &str, subject: &str) -> Result<()> {
    let account = tx.actor().account;
    let sql = "INSERT INTO account_identity (issuer, subject, account_id, bound_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    if tx.run((sql, args![issuer, subject, account, tx.now()])).await? == 0 {
        return Err(Error::Conflict("这个统一身份已经绑定了账号，请先解除原来的绑定".into()));
    }
    tx.act(Verb::IDENTITY_BOUND, "account", account.0);
    tx.changes("身份平台", "", issuer);
    Ok(())
}

/// Takes all identities of an issuer off the actor's own account.
///
/// # Errors
/// As the database says.
pub async fn unbind_identity(tx: &Tx, issuer: &str) -> Result<()> {
    let account = tx.actor().account;
    tx.run(("DELETE FROM account_identity WHERE account_id = $1 AND issuer = $2", args![account, issuer])).await?;
    tx.act(Verb::IDENTITY_UNBOUND, "account", account.0);
    tx.changes("身份平台", issuer, "");
    Ok(())
}
