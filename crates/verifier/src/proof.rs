//! The code of one fact: its bytes, the way to the root of its block, and the block's signed header.

use crate::{FACT, hex, members, signed, sm3};

/// A fact that is proven: where it stands, number, hash and root of its block, who signed, and its members as text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence above names them all")]
pub struct Proven {
    pub position: i64,
    pub block: i64,
    pub hash: String,
    pub root: String,
    pub key: String,
    pub fields: Vec<String>,
}

struct Taken<'a>(&'a [u8]);

impl<'a> Taken<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], String> {
        let (front, rest) = self.0.split_at_checked(n).ok_or("the code is cut off")?;
        self.0 = rest;
        Ok(front)
    }

    fn number(&mut self, n: usize) -> Result<usize, String> {
        Ok(self.take(n)?.iter().fold(0, |sum, b| sum << 8 | usize::from(*b)))
    }

    fn int(&mut self) -> Result<i64, String> {
        self.number(8).map(|n| n as i64)
    }

    fn field(&mut self, sort: u8) -> Result<String, String> {
        match sort {
            b'i' => self.int().map(|v| v.to_string()),
            b't' => {
                let length = self.number(4)?;
                String::from_utf8(self.take(length)?.to_vec()).map_err(|e| e.to_string())
            }
            _ if self.number(1)? == 0 => Ok("-".into()),
            maybe => self.field(maybe.to_ascii_lowercase()),
        }
    }
}

fn base32(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|d| *d == c);
    let digits = text.bytes().map(digit).collect::<Option<Vec<_>>>()?;
    let bit = |i: usize| (digits[i / 5] >> (4 - i % 5) & 1) as u8;
    let (bits, whole) = (digits.len() * 5, digits.len() * 5 / 8);
    let bytes = (0..whole).map(|b| (b * 8..b * 8 + 8).fold(0, |byte, i| byte << 1 | bit(i))).collect();
    (bits - whole * 8 < 5 && (whole * 8..bits).all(|i| bit(i) == 0)).then_some(bytes)
}

/// Verifies a code against a root or a key that is known from elsewhere, one of which is needed; an error says what is wrong.
pub fn check_proof(text: &str, trusted_root: Option<&str>, keys: &[String]) -> Result<Proven, String> {
    if trusted_root.is_none() && keys.is_empty() {
        return Err("give --root or --key: without something known from elsewhere a code proves nothing".into());
    }
    let text: String = text.split_whitespace().collect();
    let bytes = text.strip_prefix("QS1:").and_then(base32).ok_or("not a code: QS1: and base 32")?;
    let mut code = Taken(&bytes);
    let length = code.number(2)?;
    let header = code.take(length)?;
    let signature = code.take(64)?;
    let mut index = code.number(4)?;
    let steps = code.number(1)?;
    let mut path = code.take(steps * 32)?.chunks(32);
    let fact = code.0;

    let mut h = Taken(header);
    if h.take(1)? != [2] {
        return Err("not the header of a block".into());
    }
    let (block, _previous, first, last, facts) = (h.int()?, h.take(32)?, h.int()?, h.int()?, h.int()?);
    let (root, _sealed_at, key) = (h.take(32)?, h.field(b't')?, h.take(65)?);
    let sound = [
        (signed(key, header, signature), "the signature of the block does not hold"),
        (keys.is_empty() || keys.contains(&hex(key)), "signed by a key that is not trusted"),
        (trusted_root.is_none_or(|r| r == hex(root)), "the root is another"),
        (i64::try_from(index).is_ok_and(|i| i < facts), "the leaf is outside the block"),
    ];
    if let Some((_, why)) = sound.iter().find(|(holds, _)| !holds) {
        return Err((*why).into());
    }
    let mut count = usize::try_from(facts).map_err(|e| e.to_string())?;
    let mut at = sm3(&[&[0], fact]);
    while count > 1 {
        if index ^ 1 < count {
            let beside = path.next().ok_or("the path is too short")?;
            at = if index.is_multiple_of(2) { sm3(&[&[1], &at, beside]) } else { sm3(&[&[1], beside, &at]) };
        }
        (index, count) = (index / 2, count.div_ceil(2));
    }
    if path.next().is_some() || at != root {
        return Err("the fact does not lead to the root".into());
    }
    let mut f = Taken(fact);
    let fields = members(FACT)
        .map(|(name, sort)| Ok(format!("{name}: {}", f.field(sort)?)))
        .collect::<Result<Vec<_>, String>>()?;
    let position = Taken(fact).int()?;
    if !f.0.is_empty() || !(first..=last).contains(&position) || !h.0.is_empty() {
        return Err("the fact or the header has another form".into());
    }
    Ok(Proven { position, block, hash: hex(&sm3(&[header])), root: hex(root), key: hex(key), fields })
}
