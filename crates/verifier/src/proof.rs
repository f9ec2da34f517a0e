//! The code of one fact or of one published figure: its bytes, the way to the root, and what was signed over the root.

use crate::figure::{FIGURE, STATEMENT};
use crate::{FACT, HEADER, Hash, hex, members, signed, sm3};

/// What is proven: number and hash of its block or statement, the root it leads to, who signed, and members as text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence above names them all")]
pub struct Proven {
    pub is_figure: bool,
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
            b'h' => self.take(32).map(hex),
            b'k' => self.take(65).map(hex),
            _ if self.number(1)? == 0 => Ok("-".into()),
            maybe => self.field(maybe.to_ascii_lowercase()),
        }
    }

    /// All members of a form, as text, with nothing left over.
    fn fields(&mut self, form: &'static str) -> Result<Vec<(&'static str, String)>, String> {
        let one = |(name, sort)| Ok((name, self.field(sort)?));
        let fields = members(form).map(one).collect::<Result<_, String>>()?;
        if self.0.is_empty() { Ok(fields) } else { Err("something is left over".into()) }
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

/// The root that a leaf leads to among `count` leaves.
pub(crate) fn climb(leaf: Hash, mut index: usize, mut count: usize, path: &[Hash]) -> Result<Hash, String> {
    let (mut at, mut path) = (leaf, path.iter());
    if index >= count {
        return Err("the leaf is outside the tree".into());
    }
    while count > 1 {
        if index ^ 1 < count {
            let beside = path.next().ok_or("the path is too short")?;
            at = if index.is_multiple_of(2) { sm3(&[&[1], &at, beside]) } else { sm3(&[&[1], beside, &at]) };
        }
        (index, count) = (index / 2, count.div_ceil(2));
    }
    if path.next().is_some() { Err("the path is too long".into()) } else { Ok(at) }
}

/// Verifies a code against a root or a key that is known from elsewhere, one of which is needed; an error says what is wrong.
pub fn check_proof(text: &str, trusted_root: Option<&str>, keys: &[String]) -> Result<Proven, String> {
    if trusted_root.is_none() && keys.is_empty() {
        return Err("give --root or --key: without something known from elsewhere a code proves nothing".into());
    }
    let text: String = text.split_whitespace().collect();
    let (is_figure, code) = match (text.strip_prefix("QS1:"), text.strip_prefix("QF1:")) {
        (Some(code), _) => (false, code),
        (_, Some(code)) => (true, code),
        _ => return Err("not a code: QS1: or QF1: and base 32".into()),
    };
    // The first byte of what was signed, and that of a leaf, keep facts and figures apart.
    let (form, leaf_form, first, leaf_first, count) =
        if is_figure { (STATEMENT, FIGURE, 4, 3, "figures") } else { (HEADER, FACT, 2, 0, "facts") };
    let bytes = base32(code).ok_or("not base 32")?;
    let mut code = Taken(&bytes);
    let length = code.number(2)?;
    let header = code.take(length)?;
    let signature = code.take(64)?;
    let (index, steps) = (code.number(4)?, code.number(1)?);
    let path: Vec<Hash> = code.take(steps * 32)?.chunks(32).filter_map(|h| h.try_into().ok()).collect();

    let mut h = Taken(header);
    if h.take(1)? != [first] {
        return Err("not what such a code carries".into());
    }
    let head = h.fields(form)?;
    let of = |name: &str| head.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str());
    let key = header[header.len() - 65..].to_vec();
    let sound = [
        (signed(&key, header, signature), "the signature does not hold"),
        (keys.is_empty() || keys.iter().any(|k| k == of("public_key")), "signed by a key that is not trusted"),
        (trusted_root.is_none_or(|r| r == of("root")), "the root is another"),
    ];
    if let Some((_, why)) = sound.iter().find(|(holds, _)| !holds) {
        return Err((*why).into());
    }
    let count = of(count).parse::<usize>().map_err(|e| e.to_string())?;
    if hex(&climb(sm3(&[&[leaf_first], code.0]), index, count, &path)?) != of("root") {
        return Err("it does not lead to the root".into());
    }
    let leaf = Taken(code.0).fields(leaf_form)?;
    let position = Taken(code.0).int()?;
    let number = |name: &str| of(name).parse::<i64>().unwrap_or(i64::MAX);
    let belongs = if is_figure {
        position == number("publication")
    } else {
        (number("first")..=number("last")).contains(&position)
    };
    if !belongs {
        return Err("it belongs elsewhere".into());
    }
    let mut fields: Vec<String> = leaf.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if is_figure {
        let said = ["title", "published_on", "block", "block_hash", "sealed_at"];
        fields.extend(said.map(|name| format!("{name}: {}", of(name))));
    }
    let (root, key) = (of("root").to_owned(), of("public_key").to_owned());
    Ok(Proven { is_figure, position, block: number("number"), hash: hex(&sm3(&[header])), root, key, fields })
}
