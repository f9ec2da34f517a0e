//! The key that signs blocks: a file outside the database, in hexadecimal, readable by its owner alone.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};

use super::hash::{from_hex, to_hex};
use crate::{Error, Result};

/// The identity of the signer in GM/T 0009 when none is agreed.
const SIGNER: &str = "1234567812345678";

/// A public key, as a point without compression: 4, then x and y, 65 bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let whole = bytes.len() == 65 && bytes[0] == 4;
        (whole && VerifyingKey::from_sec1_bytes(SIGNER, bytes).is_ok()).then(|| Self(bytes.to_vec()))
    }

    /// Its 65 bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this signature over these bytes is by this key.
    pub fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let key = VerifyingKey::from_sec1_bytes(SIGNER, &self.0);
        let signature = Signature::from_slice(signature);
        matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(bytes, &signature).is_ok())
    }

    /// A key given as text, or as the name of a file that holds it.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is neither.
    pub fn find(text: &str) -> Result<Self> {
        let held = std::fs::read_to_string(text).unwrap_or_else(|_| text.to_owned());
        held.parse()
    }
}

impl std::str::FromStr for PublicKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let key = from_hex(text.trim()).and_then(|b| Self::from_slice(&b));
        key.ok_or_else(|| {
            Error::invalid(
                "key",
                format!("“{}”不是公钥：应为 130 位小写十六进制（以 04 开头），或存有它的文件", text.trim()),
            )
        })
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_hex(&text).and_then(|b| Self::from_slice(&b)).ok_or_else(|| de::Error::custom("not a public key"))
    }
}

/// The private key. It is never printed and never stored in the database.
#[derive(Clone)]
pub struct SealKey {
    key: SigningKey,
    public: PublicKey,
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealKey of {:?}", self.public)
    }
}

impl SealKey {
    /// The key with this secret number.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the number is not one of the curve's.
    pub fn from_bytes(secret: &[u8]) -> Result<Self> {
        let wrong =
            || Error::invalid("seal-key", "文件中不是封存私钥：应为 64 位小写十六进制；可用 qishu seal --new-key 生成");
        let key = SigningKey::from_slice(SIGNER, secret).map_err(|_| wrong())?;
        let public = PublicKey::from_slice(&key.verifying_key().to_sec1_bytes()).ok_or_else(wrong)?;
        Ok(Self { key, public })
    }

    /// Makes a new key in a new file, readable by its owner alone, and its public key in a file beside it (`.pub`).
    ///
    /// # Errors
    /// [`Error::Conflict`] when the file exists: a key is never overwritten. [`Error::Unavailable`] when it cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        // A random number is outside the curve's range once in 2³² tries.
        let (secret, key) = loop {
            let mut secret = [0_u8; 32];
            getrandom::fill(&mut secret).map_err(|e| Error::Unavailable(format!("系统不给随机数：{e}")))?;
            if let Ok(key) = Self::from_bytes(&secret) {
                break (secret, key);
            }
        };
        write_new(path, 0o600, &to_hex(&secret))?;
        write_new(&public_path(path), 0o644, &key.public.to_string())?;
        Ok(key)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not there, is not a key, or may be read by others.
    pub fn read(path: &Path) -> Result<Self> {
        let wrong = |why: String| Error::invalid("seal-key", format!("封存私钥 {} {why}", path.display()));
        let mode = std::fs::metadata(path).map_err(|e| wrong(format!("读不到：{e}")))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(wrong(format!("其他人可以读取：请执行 chmod 600 {}", path.display())));
        }
        let text = std::fs::read_to_string(path).map_err(|e| wrong(format!("读不到：{e}")))?;
        Self::from_bytes(&from_hex(text.trim()).unwrap_or_default())
    }

    /// Its public key.
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// The signature over these bytes: r and s.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(bytes);
        signature.to_bytes().to_vec()
    }
}

/// Where the public key of a key file is written.
fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn write_new(path: &Path, mode: u32, text: &str) -> Result<()> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = file.and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()
    });
    written.map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Error::Conflict(format!("{} 已存在，没有改动：密钥从不覆盖，请换一个文件名", path.display()))
        }
        _ => Error::Unavailable(format!("写不了 {}：{e}", path.display())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_kept_from_others_and_read_again() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("seal.key");
        let key = SealKey::create(&path).expect("a key");
        assert_eq!(std::fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
        let again = SealKey::read(&path).expect("is read");
        assert_eq!(PublicKey::find(&format!("{}.pub", path.display())).expect("is read"), again.public());
        let signature = key.sign(b"one");
        assert!(again.public().signed(b"one", &signature));
        assert!(!again.public().signed(b"two", &signature));
        assert!(matches!(SealKey::create(&path), Err(Error::Conflict(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("changes");
        assert!(SealKey::read(&path).expect_err("others may read it").to_string().contains("chmod 600"));
    }
}
