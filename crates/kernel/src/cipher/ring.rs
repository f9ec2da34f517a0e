//! The keys of a platform: a file outside the database, readable by its owner alone, a key a line in hexadecimal.
//! The first seals; the others only open what they once sealed, until it is sealed anew.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::sm4::Sm4Gcm;
use super::{Cipher, closed};
use crate::seal::{from_hex, to_hex};
use crate::{Error, Result};

/// Keys in their order, and the file they came from.
pub struct KeyRing {
    keys: Vec<Box<dyn Cipher>>,
    file: Option<PathBuf>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

impl KeyRing {
    /// Keys of SM4-GCM in their order, the one that seals first.
    pub fn of(keys: &[[u8; 16]]) -> Self {
        Self::with(keys.iter().map(|key| Box::new(Sm4Gcm::new(*key)) as Box<dyn Cipher>).collect())
    }

    /// Ciphers of any sort, such as those of a device, the one that seals first.
    pub fn with(ciphers: Vec<Box<dyn Cipher>>) -> Self {
        Self { keys: ciphers, file: None }
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not there, holds something else, or may be read by others.
    pub fn read(path: &Path) -> Result<Self> {
        let wrong = |why: String| Error::invalid("field-key", format!("敏感字段密钥 {} {why}", path.display()));
        let mode = std::fs::metadata(path).map_err(|e| wrong(format!("读不到：{e}")))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(wrong(format!("其他人可以读取：请执行 chmod 600 {}", path.display())));
        }
        let text = std::fs::read_to_string(path).map_err(|e| wrong(format!("读不到：{e}")))?;
        let key = |line: &str| from_hex(line.trim()).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let keys: Option<Vec<[u8; 16]>> = text.lines().filter(|line| !line.trim().is_empty()).map(key).collect();
        let keys = keys.filter(|keys| !keys.is_empty());
        let keys = keys.ok_or_else(|| wrong("中不是密钥：每行应为 32 位小写十六进制".into()))?;
        Ok(Self { file: Some(path.to_owned()), ..Self::of(&keys) })
    }

    /// Makes a new file with one new key. It comes into being whole, whoever looks meanwhile or kills the program.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the file exists: a key is never overwritten.
    pub fn create(path: &Path) -> Result<Self> {
        let beside = beside(path, &format!(".new-{}", std::process::id()));
        write(&beside, &fresh()?)?;
        let linked = std::fs::hard_link(&beside, path).map_err(|e| unwritten(path, &e));
        std::fs::remove_file(&beside).map_err(|e| unwritten(&beside, &e))?;
        linked?;
        Self::read(path)
    }

    /// Puts a new key before those of a file: from now on it seals. The file is replaced whole.
    ///
    /// # Errors
    /// As [`KeyRing::read`]; [`Error::Unavailable`] when it cannot be written.
    pub fn add(path: &Path) -> Result<Self> {
        Self::read(path)?;
        let held = std::fs::read_to_string(path).map_err(|e| unwritten(path, &e))?;
        replace(path, &format!("{}\n{held}", fresh()?))
    }

    /// Takes all keys but the first out of a file, once nothing is sealed by them.
    ///
    /// # Errors
    /// As [`KeyRing::add`].
    pub fn forget_old(path: &Path) -> Result<Self> {
        Self::read(path)?;
        let held = std::fs::read_to_string(path).map_err(|e| unwritten(path, &e))?;
        replace(path, held.lines().find(|line| !line.trim().is_empty()).unwrap_or_default())
    }

    /// The keys as their file has them now, when a text was sealed by one that was added meanwhile.
    pub(super) fn newer(&self, sealed: &str) -> Option<Self> {
        let is_known = self.keys.iter().any(|key| sealed.starts_with(&begin(key.as_ref())));
        self.file.as_deref().filter(|_| !is_known).and_then(|file| Self::read(file).ok())
    }

    /// What begins every text that the first key seals.
    pub(super) fn prefix(&self) -> String {
        self.keys.first().map_or_else(String::new, |key| begin(key.as_ref()))
    }

    /// Ids of the keys, the one that seals first.
    pub fn ids(&self) -> Vec<&str> {
        self.keys.iter().map(|key| key.key_id()).collect()
    }

    pub(super) fn seal(&self, place: &str, plain: &str) -> Result<String> {
        let key = self.keys.first().ok_or_else(|| closed("no key is set"))?;
        Ok(format!("{}{}", self.prefix(), to_hex(&key.seal(place, plain.as_bytes())?)))
    }

    pub(super) fn open(&self, place: &str, sealed: &str) -> Result<String> {
        let mut parts = sealed.splitn(3, ':');
        let (Some(algorithm), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(closed("it is not sealed"));
        };
        let key = self.keys.iter().find(|key| key.algorithm() == algorithm && key.key_id() == id);
        let key = key.ok_or_else(|| closed(&format!("there is no key {algorithm}:{id}")))?;
        let plain = from_hex(text).and_then(|bytes| key.open(place, &bytes)).and_then(|p| String::from_utf8(p).ok());
        plain.ok_or_else(|| closed(&format!("key {id} does not open it at {place}: it was changed or moved")))
    }
}

fn begin(key: &dyn Cipher) -> String {
    format!("{}:{}:", key.algorithm(), key.key_id())
}

fn fresh() -> Result<String> {
    let mut key = [0_u8; 16];
    getrandom::fill(&mut key).map_err(|e| Error::Unavailable(format!("系统不给随机数：{e}")))?;
    Ok(to_hex(&key))
}

fn unwritten(path: &Path, e: &std::io::Error) -> Error {
    match e.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Error::Conflict(format!("{} 已存在，没有改动：密钥从不覆盖", path.display()))
        }
        _ => Error::Unavailable(format!("写不了 {}：{e}", path.display())),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(ending);
    beside.into()
}

fn write(path: &Path, text: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).mode(0o600).create(true).truncate(true);
    let written = options.open(path).and_then(|mut file| {
        writeln!(file, "{}", text.trim_end())?;
        file.sync_all()
    });
    written.map_err(|e| unwritten(path, &e))
}

/// Writes beside the file and renames, so that a full disk loses no key.
fn replace(path: &Path, text: &str) -> Result<KeyRing> {
    let beside = beside(path, ".new");
    write(&beside, text)?;
    std::fs::rename(&beside, path).map_err(|e| unwritten(path, &e))?;
    KeyRing::read(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_kept_from_others_and_its_keys_follow_each_other() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("field.key");
        assert!(KeyRing::read(&path).expect_err("not there").to_string().contains("读不到"));
        let first = KeyRing::create(&path).expect("made");
        assert!(matches!(KeyRing::create(&path), Err(Error::Conflict(_))));
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let old = first.seal("a", "13800138000").expect("sealed");
        let both = KeyRing::add(&path).expect("added");
        assert_eq!(both.ids().len(), 2);
        assert_eq!(both.open("a", &old).expect("opened by the old key"), "13800138000");
        let new = both.seal("a", "13800138000").expect("sealed");
        let only = KeyRing::forget_old(&path).expect("forgotten");
        assert_eq!(only.open("a", &new).expect("opened by the new key"), "13800138000");
        for told in [only.open("a", &old), only.open("b", &new), only.open("a", "13800138000")] {
            let told = told.expect_err("closed").to_string();
            assert!(!told.contains("138") && !told.contains(only.ids()[0]), "{told}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changes");
        assert!(KeyRing::read(&path).expect_err("others may read it").to_string().contains("chmod 600"));
        assert!(!format!("{only:?}").contains(&std::fs::read_to_string(&path).expect("text").trim().to_owned()));
    }
}
