//! Leases: which of several servers does something that only one may do at a time.

use chrono::TimeDelta;

use crate::store::Tx;
use crate::{Result, args};

/// Takes a lease, or renews the one held; whether `holder` has it now. Who dies loses it when its time is over.
///
/// # Errors
/// As the database says.
pub async fn take(tx: &Tx, name: &str, holder: &str, for_: TimeDelta) -> Result<bool> {
    let taken = tx
        .run((
            "INSERT INTO lease (name, holder, held_until) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
             WHERE lease.holder = excluded.holder OR lease.held_until < $4",
            args![name, holder, tx.now() + for_, tx.now()],
        ))
        .await?;
    Ok(taken == 1)
}

/// Gives a lease back, so that others need not wait until its time is over.
///
/// # Errors
/// As the database says.
pub async fn give_up(tx: &Tx, name: &str, holder: &str) -> Result<()> {
    tx.run(("DELETE FROM lease WHERE name = $1 AND holder = $2", args![name, holder])).await.map(drop)
}
