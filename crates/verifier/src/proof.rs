//! The code of one fact: its bytes, the way to the root of its block, and the block's signed header.

use crate::{Hash, hex, leaf, node, signed, sm3};

/// A fact that is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Its position.
    pub position: i64,
    /// Number of its block.
    pub block: i64,
    /// Hash of its block.
    pub hash: String,
    /// Root of its block.
    pub root: String,
    /// The key that signed.
    pub key: String,
    /// Its fields, in the order of `docs/seals.md`, as text.
    pub fields: Vec<String>,
}

/// Takes bytes from the front.
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
        Ok(self.take(8)?.iter().fold(0, |sum, b| sum << 8 | i64::from(*b)))
    }

    fn text(&mut self) -> Result<String, String> {
        let length = self.number(4)?;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|e| e.to_string())
    }

    fn field(&mut self, sort: u8) -> Result<String, String> {
        match sort {
            b'i' => self.int().map(|v| v.to_string()),
            b't' => self.text(),
            _ if self.number(1)? == 0 => Ok("-".into()),
            b'I' => self.field(b'i'),
            _ => self.field(b't'),
        }
    }
}

fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0 && bits < 5).then_some(bytes)
}

/// Verifies a code against a root or a key that is known from elsewhere; one of them is needed.
///
/// # Errors
/// What is wrong first.
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
    let (root, _sealed_at, key) = (h.take(32)?, h.text()?, h.take(65)?);
    if !signed(key, header, signature) {
        return Err("the signature of the block does not hold".into());
    }
    if !keys.is_empty() && !keys.contains(&hex(key)) {
        return Err(format!("signed by a key that is not trusted: {}", hex(key)));
    }
    if trusted_root.is_some_and(|r| r != hex(root)) {
        return Err(format!("the root is another: {}", hex(root)));
    }
    let mut count = usize::try_from(facts).map_err(|e| e.to_string())?;
    if index >= count {
        return Err("the leaf is outside the block".into());
    }
    let mut at = leaf(fact);
    while count > 1 {
        if index ^ 1 < count {
            let beside: Hash = path.next().and_then(|p| p.try_into().ok()).ok_or("the path is too short")?;
            at = if index.is_multiple_of(2) { node(&at, &beside) } else { node(&beside, &at) };
        }
        (index, count) = (index / 2, count.div_ceil(2));
    }
    if path.next().is_some() || at != root {
        return Err("the fact does not lead to the root".into());
    }
    let mut f = Taken(fact);
    let fields = b"ittiIiitiitiiiITtt".iter().map(|sort| f.field(*sort)).collect::<Result<Vec<_>, _>>()?;
    let position = fields[0].parse().map_err(|_| "no position")?;
    if !f.0.is_empty() || !(first..=last).contains(&position) || !h.0.is_empty() {
        return Err("the fact or the header has another form".into());
    }
    Ok(Proven { position, block, hash: hex(&sm3(&[header])), root: hex(root), key: hex(key), fields })
}
