//! What an ID token says, and whether it may be believed (OpenID Connect Core, 3.1.3.7). Pure: keys and clock are given.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// Seconds by which clocks may differ.
const SLACK: i64 = 60;

/// Keys of a provider (RFC 7517).
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    #[serde(default)]
    kid: String,
    #[serde(default, rename = "use")]
    purpose: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    #[serde(default)]
    kid: String,
}

/// What is asked of a token.
pub(super) struct Wanted<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub nonce: &'a str,
    /// Now, in seconds.
    pub now: i64,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn is(&self, client: &str) -> bool {
        match self {
            Self::One(one) => one == client,
            Self::Many(many) => many.iter().any(|one| one == client),
        }
    }

    fn is_many(&self) -> bool {
        matches!(self, Self::Many(many) if many.len() > 1)
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "it is not base64url")
}

/// The subject of a token that is signed by one of the keys and says what is wanted; else what is wrong, for the log.
pub(super) fn subject(token: &str, keys: &Keys, wanted: &Wanted<'_>) -> Result<String, &'static str> {
    let (signed, signature) = token.rsplit_once('.').ok_or("it has no signature")?;
    let (head, body) = signed.split_once('.').ok_or("it has no body")?;
    let head: Head = serde_json::from_slice(&bytes(head)?).map_err(|_| "its head is no JSON")?;
    let signature = bytes(signature)?;
    let fits = |key: &&Key| (head.kid.is_empty() || key.kid.is_empty() || key.kid == head.kid) && key.purpose != "enc";
    // The algorithm is the one we look for, never the one the token would like.
    let is_signed = keys.keys.iter().filter(fits).any(|key| match (head.alg.as_str(), key.kty.as_str()) {
        ("RS256", "RSA") => is_rsa(key, signed, &signature),
        ("ES256", "EC") if key.crv == "P-256" => is_ec(key, signed, &signature),
        _ => false,
    });
    if !is_signed {
        return Err("no key of the provider has signed it");
    }
    let claims: Claims = serde_json::from_slice(&bytes(body)?).map_err(|_| "its body lacks claims")?;
    believed(claims, wanted)
}

fn believed(claims: Claims, wanted: &Wanted<'_>) -> Result<String, &'static str> {
    if claims.iss != wanted.issuer {
        return Err("another issuer made it");
    }
    if !claims.aud.is(wanted.client) || (claims.aud.is_many() && claims.azp.is_none()) {
        return Err("it is for another client");
    }
    if claims.azp.as_deref().is_some_and(|azp| azp != wanted.client) {
        return Err("it was given to another client");
    }
    if claims.exp <= wanted.now - SLACK || claims.iat > wanted.now + SLACK {
        return Err("it is not of now");
    }
    if wanted.nonce.is_empty() || claims.nonce != wanted.nonce {
        return Err("it answers another question");
    }
    match claims.sub.len() {
        1..=255 => Ok(claims.sub),
        _ => Err("it names nobody"),
    }
}

fn is_rsa(key: &Key, signed: &str, signature: &[u8]) -> bool {
    let (Ok(n), Ok(e)) = (bytes(&key.n), bytes(&key.e)) else { return false };
    RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), signature).is_ok()
}

fn is_ec(key: &Key, signed: &str, signature: &[u8]) -> bool {
    let (Ok(x), Ok(y)) = (bytes(&key.x), bytes(&key.y)) else { return false };
    let point = [&[4][..], &x, &y].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::{Value, json};

    fn key() -> (EcdsaKeyPair, Keys) {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).expect("a key");
        let point = pair.public_key().as_ref().to_vec();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x": part(&point[1..33]), "y": part(&point[33..])}]});
        (pair, serde_json::from_value(keys).expect("keys"))
    }

    fn token(pair: &EcdsaKeyPair, head: &Value, body: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(head), part(body));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    #[test]
    fn a_token_is_believed_only_when_everything_is_as_wanted() {
        let (pair, keys) = key();
        let wanted = Wanted { issuer: "https://id.example", client: "qishu", nonce: "n", now: 1_000_000 };
        let head = json!({"alg": "ES256", "kid": "1"});
        let good = json!({
            "iss": "https://id.example", "sub": "u1", "aud": "qishu", "exp": 1_000_300, "iat": 999_990, "nonce": "n",
        });
        assert_eq!(subject(&token(&pair, &head, &good), &keys, &wanted), Ok("u1".to_owned()));
        for (claim, value) in [
            ("iss", json!("https://other.example")),
            ("aud", json!("other")),
            ("aud", json!(["qishu", "other"])),
            ("azp", json!("other")),
            ("exp", json!(999_000)),
            ("iat", json!(1_000_500)),
            ("nonce", json!("m")),
            ("nonce", json!("")),
            ("sub", json!("")),
            ("sub", json!(7)),
        ] {
            let mut bad = good.clone();
            bad[claim] = value;
            assert!(subject(&token(&pair, &head, &bad), &keys, &wanted).is_err(), "{claim}");
        }
        for head in [json!({"alg": "none"}), json!({"alg": "HS256"}), json!({"alg": "ES256", "kid": "2"})] {
            assert!(subject(&token(&pair, &head, &good), &keys, &wanted).is_err(), "{head}");
        }
        let (stranger, _) = key();
        assert!(subject(&token(&stranger, &head, &good), &keys, &wanted).is_err(), "another key");
        let whole = token(&pair, &head, &good);
        let (signed, _) = whole.rsplit_once('.').expect("parts");
        assert!(subject(&format!("{signed}."), &keys, &wanted).is_err(), "no signature");
        assert!(subject("x", &keys, &wanted).is_err() && subject("..", &keys, &wanted).is_err());
    }
}
