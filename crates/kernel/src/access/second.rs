//! The second factor: codes of an authenticator by time (RFC 6238: SHA-1, 6 digits, 30 seconds), and recovery codes.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::secret::{self, digest};
use crate::audit::Verb;
use crate::id::AccountId;
use crate::store::Tx;
use crate::{Error, Result, args};

/// Seconds a code is shown.
const STEP: i64 = 30;
/// Steps before and after that are taken too: clocks differ.
const SLACK: i64 = 1;
/// Recovery codes handed out at once.
const RECOVERY: usize = 10;

/// The alphabet of base 32 (RFC 4648).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret, as an authenticator takes it: 160 bits in base 32.
///
/// # Errors
/// [`Error::Unavailable`] when the system gives no random numbers.
pub fn new_secret() -> Result<String> {
    // Five bits a character, from a random byte each: 32 of them make 160 bits.
    Ok(secret::random::<32>()?.iter().map(|byte| char::from(BASE32[usize::from(byte % 32)])).collect())
}

/// The address an authenticator reads: who, of which platform, with which secret.
pub fn address(issuer: &str, login: &str, secret: &str) -> String {
    let encoded = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let (issuer, login) = (encoded(issuer), encoded(login));
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}")
}

/// The step of time a typed code belongs to, among those of now that come after `last`.
pub fn step_of(secret: &str, typed: &str, seconds: i64, last: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
    let key = bytes_of(secret)?;
    let now = seconds.div_euclid(STEP);
    (now - SLACK..=now + SLACK).filter(|step| *step > last).find(|step| code(&key, *step).as_deref() == Some(&typed))
}

fn code(key: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash.last()? & 15);
    let four: [u8; 4] = hash.get(at..at + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(four) & 0x7FFF_FFFF) % 1_000_000))
}

fn bytes_of(secret: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0_u32, 0_u32, Vec::new());
    for letter in secret.bytes() {
        let value = BASE32.iter().position(|b| *b == letter)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xFF).ok()?);
        }
    }
    Some(out)
}

/// Binds a secret to an account once a code of it was typed. Returns the recovery codes, which are told once.
///
/// # Errors
/// [`Error::Invalid`] at `code`.
pub async fn bind(tx: &Tx, account: AccountId, secret: &str, typed: &str) -> Result<Vec<String>> {
    let Some(step) = step_of(secret, typed, tx.now().timestamp(), 0) else {
        return Err(Error::invalid("code", "验证码不对，请核对手机时间后输入最新的 6 位数字"));
    };
    let sql = "UPDATE account SET totp_secret = $1, totp_step = $2 WHERE id = $3";
    tx.run((sql, args![secret, step, account])).await?;
    tx.run(("DELETE FROM recovery_code WHERE account_id = $1", args![account])).await?;
    tx.step(Verb::SECOND_BOUND, "account", account.0);
    let mut codes = Vec::new();
    for _ in 0..RECOVERY {
        let code = secret::secret::<12>()?;
        let sql = "INSERT INTO recovery_code (account_id, digest) VALUES ($1, $2)";
        tx.run((sql, args![account, digest(&code)])).await?;
        codes.push(format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..]));
    }
    Ok(codes)
}

/// Checks a code of the authenticator, or a recovery code; either counts once.
///
/// # Errors
/// As the database says.
pub async fn check(tx: &Tx, account: AccountId, typed: &str) -> Result<bool> {
    let row = tx.one(("SELECT totp_secret, totp_step FROM account WHERE id = $1", args![account])).await?;
    let Some(secret) = row.get::<Option<String>>("totp_secret")? else { return Ok(false) };
    let last: i64 = row.get("totp_step")?;
    if let Some(step) = step_of(&secret, typed, tx.now().timestamp(), last) {
        let sql = "UPDATE account SET totp_step = $1 WHERE id = $2 AND totp_step < $1";
        return Ok(tx.run((sql, args![step, account])).await? > 0);
    }
    let code: String = typed.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let sql = "UPDATE recovery_code SET used_at = $1 WHERE account_id = $2 AND digest = $3 AND used_at IS NULL";
    Ok(tx.run((sql, args![tx.now(), account, digest(&code)])).await? > 0)
}

/// Takes the second factor off an account.
///
/// # Errors
/// As the database says.
pub async fn unbind(tx: &Tx, account: AccountId) -> Result<()> {
    tx.step(Verb::SECOND_UNBOUND, "account", account.0);
    tx.run(("UPDATE account SET totp_secret = NULL, totp_step = 0 WHERE id = $1", args![account])).await?;
    tx.run(("DELETE FROM recovery_code WHERE account_id = $1", args![account])).await?;
    Ok(())
}

/// The code of a secret at a time: what an authenticator would show.
pub fn shown(secret: &str, seconds: i64) -> Option<String> {
    code(&bytes_of(secret)?, seconds.div_euclid(STEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "12345678901234567890" of RFC 6238, appendix B.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, last_six) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(shown(SECRET, seconds).as_deref(), Some(last_six), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_once_and_only_for_a_while() {
        let step = step_of(SECRET, " 050 471 ", 1_111_111_111, 0).expect("of now");
        assert_eq!(step_of(SECRET, "050471", 1_111_111_111, step), None, "used already");
        assert_eq!(step_of(SECRET, "050471", 1_111_111_111 + 29, 0), Some(step), "the clock is a little behind");
        assert_eq!(step_of(SECRET, "050471", 1_111_111_111 + 90, 0), None, "too old");
        assert_eq!(step_of(SECRET, "", 1_111_111_111, 0), None);
    }

    #[test]
    fn a_new_secret_can_be_read_back() {
        let secret = new_secret().expect("random");
        assert_eq!((secret.len(), bytes_of(&secret).map(|b| b.len())), (32, Some(20)));
        assert!(address("黄石市企枢", "张三", &secret).starts_with("otpauth://totp/%E9%BB%84"));
    }
}
