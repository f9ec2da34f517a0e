//! SM4 in Galois/Counter mode: a random nonce of 96 bits before the text, a tag of 128 bits after it.

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use sm4::Sm4;

use super::Cipher;
use crate::seal::Hash;
use crate::{Error, Result};

/// Bytes of a nonce.
const NONCE: usize = 12;

/// One key of SM4-GCM.
pub(super) struct Sm4Gcm {
    cipher: AesGcm<Sm4, U12>,
    id: String,
}

impl Sm4Gcm {
    /// The key with these 128 bits. Its id is the beginning of their SM3.
    pub(super) fn new(key: [u8; 16]) -> Self {
        let id: String = Hash::of(&key).to_string().chars().take(8).collect();
        Self { cipher: AesGcm::new(&key.into()), id }
    }

    fn sealed_with(&self, nonce: [u8; NONCE], place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce.into(), payload);
        let sealed = sealed.map_err(|_| Error::Internal("a field is too long to be sealed".into()))?;
        Ok([&nonce[..], &sealed].concat())
    }
}

impl Cipher for Sm4Gcm {
    fn algorithm(&self) -> &'static str {
        "sm4gcm"
    }

    fn key_id(&self) -> &str {
        &self.id
    }

    fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|e| Error::Unavailable(format!("系统不给随机数：{e}")))?;
        self.sealed_with(nonce, place, plain)
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        self.cipher.decrypt(&nonce.into(), Payload { msg: sealed, aad: place.as_bytes() }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::from_hex;

    #[test]
    fn it_is_sm4_gcm_as_the_standard_writes_it() {
        // RFC 8998, appendix A.1.
        let bytes = |text: &str| from_hex(text).expect("hexadecimal");
        let key: [u8; 16] = bytes("0123456789abcdeffedcba9876543210").try_into().expect("128 bits");
        let nonce: [u8; NONCE] = bytes("00001234567800000000abcd").try_into().expect("96 bits");
        let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = bytes(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        );
        let sealed = bytes(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec",
        );
        let cipher = Sm4Gcm::new(key).cipher;
        let done = cipher.encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad }).expect("sealed");
        assert_eq!(done, sealed);
    }

    #[test]
    fn what_was_changed_moved_or_sealed_by_another_key_is_not_opened() {
        let (one, other) = (Sm4Gcm::new([1; 16]), Sm4Gcm::new([2; 16]));
        let sealed = one.seal("org:1", "13800138000".as_bytes()).expect("sealed");
        assert_eq!(one.open("org:1", &sealed).as_deref(), Some("13800138000".as_bytes()));
        assert_ne!(sealed, one.seal("org:1", "13800138000".as_bytes()).expect("sealed"), "never twice the same");
        assert_eq!((one.open("org:2", &sealed), other.open("org:1", &sealed)), (None, None));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(one.open("org:1", &changed), None, "byte {at}");
        }
        assert_eq!(one.open("org:1", &[]), None);
        assert_ne!(one.key_id(), other.key_id());
    }
}
