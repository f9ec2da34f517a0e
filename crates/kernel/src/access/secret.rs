//! Random secrets that leave the platform once, and the hashes by which they are known again.

use crate::seal::Hash;
use crate::{Error, Result};

/// Letters and digits that nobody takes for each other.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Random bytes from the system.
///
/// # Errors
/// [`Error::Unavailable`] when the system gives none.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| Error::Unavailable(format!("系统不给随机数：{e}")))?;
    Ok(bytes)
}

/// A secret of `N` characters with five random bits each.
pub(super) fn secret<const N: usize>() -> Result<String> {
    Ok(random::<N>()?.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// A secret for a link that opens one thing once: 160 random bits. Kept is its [`digest`] only.
///
/// # Errors
/// [`Error::Unavailable`] when the system gives no random numbers.
pub fn link_secret() -> Result<String> {
    secret::<32>()
}

/// The hash a secret is kept as. It needs no slow hash: nobody guesses a random one.
pub fn digest(secret: &str) -> String {
    Hash::of(secret.as_bytes()).to_string()
}
