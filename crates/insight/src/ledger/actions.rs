//! Correcting: the opposite of a fact is appended, with a reason. Nothing is ever changed.

use kernel::Result;
use kernel::access::Scope;
use kernel::id::Position;
use kernel::ledger::browse;
use kernel::store::Tx;

/// Reverses a fact that `scope` holds.
///
/// # Errors
/// [`kernel::Error::NotFound`] outside the scope, [`kernel::Error::Invalid`] without a reason,
/// [`kernel::Error::Conflict`] when it is reversed already or itself a reversal.
pub(super) async fn reverse(tx: &mut Tx, scope: &Scope, position: Position, reason: &str) -> Result<()> {
    browse::find(tx, scope, position).await?;
    tx.reverse(position, reason).await
}
