//! Encryption of single fields at rest (敏感字段): telephone, identity number, account number, secrets of second factors.
//!
//! Owns the table `secret`. A field is sealed with SM4-GCM (GB/T 32907, GB/T 36624) under a key that is a file outside the
//! database, bound to where it stands, so that one cannot be put in another's place. The sealed text names its key, so that
//! keys can be changed one after the other. Without the key nothing is shown and the process lives.
//! The algorithm stands behind [`Cipher`], so that a certified device can take its place; nothing is claimed of it.

mod ring;
mod secret;
mod sm4;

pub use ring::KeyRing;
pub use secret::{MASKED, SecretId, count_unsealed, mask, reseal};
pub(crate) use secret::{keep, reveal, totp_place};

use crate::store::Store;
use crate::{Error, Result};

/// What seals and opens a field: one key of one algorithm.
pub trait Cipher: Send + Sync {
    /// Stable code of the algorithm, which begins every sealed text.
    fn algorithm(&self) -> &'static str;
    /// Which key it is; tells nothing of the key.
    fn key_id(&self) -> &str;
    /// Seals `plain`, bound to `place`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there are no random numbers or the device does not answer.
    fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>>;
    /// Opens what was sealed at the same place; nothing when it was not, or not by this key, or has been changed.
    fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>>;
}

/// What is said when a sealed field cannot be opened: the same for every reason, which the log tells.
fn closed(why: &str) -> Error {
    tracing::error!(why, "a sealed field cannot be opened");
    Error::Unavailable("敏感内容暂时不能读取：它的密钥不可用或不对，请联系系统管理员".into())
}

impl Store {
    /// Seals a field under the present key, bound to where it stands.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without a key.
    pub fn seal_field(&self, place: &str, plain: &str) -> Result<String> {
        let ring = self.field_keys().ok_or_else(|| closed("no key is set"))?;
        ring.seal(place, plain)
    }

    /// Opens a field that was sealed at the same place.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without its key, with a wrong one, or when it was changed: the answer tells none of these apart.
    pub fn open_field(&self, place: &str, sealed: &str) -> Result<String> {
        let ring = self.field_keys().ok_or_else(|| closed("no key is set"))?;
        let Some(newer) = ring.newer(sealed) else { return ring.open(place, sealed) };
        let opened = newer.open(place, sealed);
        self.use_field_keys(newer);
        opened
    }
}
