//! Sealed values that histories point to: the row that is added once and never changed holds the number of a secret, and
//! the secret can be sealed anew under another key.

use crate::store::{Read, Sql, Store, Tx};
use crate::{Error, Result, args};

/// What is shown of a sealed value where nobody asked for it.
pub const MASKED: &str = "（已加密）";

/// The number of a sealed value.
pub type SecretId = i64;

/// Keeps a value that belongs at a place, such as `org:7:contact_phone`.
pub(crate) async fn keep(tx: &Tx, place: &str, plain: &str) -> Result<SecretId> {
    let sealed = tx.store().seal_field(place, plain)?;
    tx.insert(("INSERT INTO secret (place, sealed) VALUES ($1, $2)", args![place, sealed])).await
}

/// The value with this number, if it belongs at the place.
pub(crate) async fn reveal(read: &Read, place: &str, id: SecretId) -> Result<String> {
    let row = read.one(("SELECT sealed FROM secret WHERE id = $1 AND place = $2", args![id, place])).await?;
    read.store().open_field(place, &row.get::<String>("sealed")?)
}

/// The middle of a value blotted out: of a telephone three and four digits stay, of something short only the last.
pub fn mask(plain: &str) -> String {
    let chars: Vec<char> = plain.chars().collect();
    let (front, back) = match chars.len() {
        10.. => (3, 4),
        6..10 => (0, 3),
        3..6 => (0, 1),
        _ => (0, 0),
    };
    let kept = |at: usize| at < front || at + back >= chars.len();
    chars.iter().enumerate().map(|(at, c)| if kept(at) { *c } else { '*' }).collect()
}

/// Where sealed texts stand: table, column, and how the place of a row is written in SQL.
const SEALED: [(&str, &str, &str); 2] =
    [("secret", "sealed", "place"), ("account", "totp_secret", "'account:' || CAST(id AS TEXT) || ':totp'")];

/// Where the secret of a second factor stands.
pub(crate) fn totp_place(account: i64) -> String {
    format!("account:{account}:totp")
}

/// Values sealed anew in one act.
const AT_ONCE: i64 = 500;

/// How many values are not sealed by the present key, those not sealed at all among them.
///
/// # Errors
/// [`Error::Unavailable`] without a key.
pub async fn count_unsealed(read: &Read) -> Result<i64> {
    let prefix = prefix(read)?;
    let mut n = 0;
    for (table, column, _) in SEALED {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {column} IS NOT NULL AND {column} NOT LIKE $1");
        n += read.one((&*sql, args![format!("{prefix}%")])).await?.int("n")?;
    }
    Ok(n)
}

fn prefix(read: &Read) -> Result<String> {
    let ring = read.store().field_keys();
    ring.map(|ring| ring.prefix()).ok_or_else(|| Error::Unavailable("没有设置敏感字段密钥".into()))
}

/// Seals everything that is not sealed by the present key anew, stretch by stretch, so that nobody waits long for the one
/// writer; what was not sealed at all is sealed now. Tells how much there was.
///
/// # Errors
/// [`Error::Unavailable`] when a key is missing or something was changed; what was done until then stays.
pub async fn reseal(store: &Store) -> Result<i64> {
    let mut all = 0;
    loop {
        match store.upkeep("更换敏感字段密钥", async |tx| reseal_some(tx).await).await? {
            0 => return Ok(all),
            done => all += done,
        }
    }
}

/// Seals a stretch anew; tells how much there was.
async fn reseal_some(tx: &Tx) -> Result<i64> {
    let prefix = prefix(tx)?;
    let mut done = 0;
    for (table, column, place) in SEALED {
        let mut sql = Sql::new("SELECT id, ");
        sql.push(place)
            .push(" AS place, ")
            .push(column)
            .push(" AS sealed FROM ")
            .push(table)
            .push(" WHERE ")
            .push(column);
        sql.push(" IS NOT NULL AND ").push(column).push(" NOT LIKE ").bind(format!("{prefix}%"));
        sql.push(" ORDER BY id LIMIT ").bind(AT_ONCE);
        let update = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND {column} = $3");
        for row in tx.all(sql).await? {
            let (id, place, held): (i64, String, String) = (row.get("id")?, row.get("place")?, row.get("sealed")?);
            let plain = if held.contains(':') { tx.store().open_field(&place, &held)? } else { held.clone() };
            let sealed = tx.store().seal_field(&place, &plain)?;
            tx.run((&*update, args![sealed, id, held])).await?;
            done += 1;
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn a_mask_tells_little_of_what_is_long_and_nothing_of_what_is_short() {
        for (plain, masked) in [("13800138000", "138****8000"), ("0714-6512", "******512"), ("110", "**0"), ("1", "*")]
        {
            assert_eq!(mask(plain), masked);
        }
    }
}
