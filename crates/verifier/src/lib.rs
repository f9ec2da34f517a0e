//! Verifies an exported ledger or audit log, a published figure with its rows, or a code on paper, from `docs/seals.md` alone.
//!
//! Shares no code with the program that seals, knows no database, and writes nothing.

mod figure;
mod file;
mod proof;
mod rows;

use std::io::BufRead;

use serde_json::Value;
use sm2::dsa::signature::Verifier;
use sm2::dsa::{Signature, VerifyingKey};
use sm3::{Digest, Sm3};

use file::{Line, each_line};

pub use figure::{SoundFigure, check_figure};
pub use proof::{Proven, check_proof};

type Hash = [u8; 32];

/// What the one who verifies knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Public keys that may sign, as in the file; with none, any.
    pub keys: Vec<String>,
    /// Hash of a block that must be there.
    pub head: Option<String>,
}

/// A file in which all is well: so many blocks, facts and publications, the hash of the last block, the keys that signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence above names them all")]
pub struct Sound {
    pub blocks: i64,
    pub facts: i64,
    pub publications: i64,
    pub head: String,
    pub keys: Vec<String>,
}

/// Members of a fact in the order of their bytes: i number, t text, capitals when it may be absent.
const FACT: &str = "position:i kind:t class:t subject:i counterparty:I unit:i region:i industry:t size:i above_scale:i \
    occurred_on:t quantity:i amount_fen:i record:i reverses:I reason:T recorded_at:t recorded_by:t";
/// Members of an entry of the audit log.
const ENTRY: &str = "number:i at:t account:i person:t role:t behalf:I address:t session:t request:t verb:t object:t \
    object_id:I unit:i orgs:t result:t changes:t purpose:t";
/// Members of a header; h a hash, k a key.
const HEADER: &str = "number:i previous:h first:i last:i facts:i root:h sealed_at:t public_key:k";

fn members(form: &str) -> impl Iterator<Item = (&str, u8)> {
    form.split_whitespace().filter_map(|m| m.split_once(':')).map(|(name, sort)| (name, sort.as_bytes()[0]))
}

/// The bytes of an object whose members are exactly these.
fn bytes_of(object: &Value, form: &str) -> Result<Vec<u8>, String> {
    let given = object.as_object().ok_or("not an object")?;
    if let Some(other) = given.keys().find(|k| members(form).all(|(name, _)| name != *k)) {
        return Err(format!("unknown member {other}"));
    }
    let mut out = Vec::new();
    for (name, sort) in members(form) {
        let wrong = || format!("member {name} is missing or of another type");
        write(&mut out, given.get(name).ok_or_else(wrong)?, sort).ok_or_else(wrong)?;
    }
    Ok(out)
}

fn write(out: &mut Vec<u8>, value: &Value, sort: u8) -> Option<()> {
    match sort {
        b'i' => out.extend(value.as_i64()?.to_be_bytes()),
        b't' => {
            let text = value.as_str()?;
            out.extend((text.len() as u32).to_be_bytes());
            out.extend(text.as_bytes());
        }
        b'h' | b'k' => {
            let length = if sort == b'h' { 32 } else { 65 };
            out.extend(unhex(value.as_str()?).filter(|b| b.len() == length)?);
        }
        _ if value.is_null() => out.push(0),
        maybe => {
            out.push(1);
            write(out, value, maybe.to_ascii_lowercase())?;
        }
    }
    Some(())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let even = (lower && text.len().is_multiple_of(2)).then_some(text)?;
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&even[i..i + 2], 16).ok()).collect()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn sm3(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sm3::new();
    parts.iter().for_each(|p| hasher.update(p));
    hasher.finalize().into()
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => [0; 32],
        [one] => *one,
        many => {
            let left = many.len().next_power_of_two() / 2;
            sm3(&[&[1], &root(&many[..left]), &root(&many[left..])])
        }
    }
}

fn signed(key: &[u8], header: &[u8], signature: &[u8]) -> bool {
    // The signer's identity of GM/T 0009 when none is agreed.
    let key = VerifyingKey::from_sec1_bytes("1234567812345678", key);
    let signature = Signature::from_slice(signature);
    matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(header, &signature).is_ok())
}

/// Where the chain stands.
#[derive(Default)]
struct Chain {
    is_audit: bool,
    begun: bool,
    sound: Sound,
    last: i64,
    head: Hash,
    facts: Vec<(i64, Hash)>,
    seen_head: bool,
    /// Hash of each block, and of the last statement.
    blocks: Vec<String>,
    stated: Hash,
}

/// Verifies a file of JSON lines; an error is the first thing that is wrong, with its line.
pub fn check_ledger(file: &mut dyn BufRead, known: &Known) -> Result<Sound, String> {
    check(file, known, Chain::default())
}

/// As [`check_ledger`], of an audit log; of what was archived earlier it holds the headers alone.
pub fn check_audit(file: &mut dyn BufRead, known: &Known) -> Result<Sound, String> {
    check(file, known, Chain { is_audit: true, head: sm3(&[b"qishu audit"]), ..Chain::default() })
}

fn check(file: &mut dyn BufRead, known: &Known, mut chain: Chain) -> Result<Sound, String> {
    let (first, row) = if chain.is_audit { ("qishu_audit", "entry") } else { ("qishu_ledger", "fact") };
    each_line(file, |line| match (line.number, line.name) {
        (1, name) if name == first && line.inside.as_i64() == Some(1) => Ok(()),
        (1, _) => Err(format!("the first line is not {first} 1")),
        (_, "fact" | "seal") if chain.sound.publications > 0 => Err("facts after a publication".into()),
        (_, "publication") if !chain.is_audit => chain.publication(line.inside, known),
        (_, name) if name == row => chain.row(line.inside),
        (_, "past") if chain.is_audit && !chain.begun => chain.past(line.inside, known),
        (_, "seal") => chain.seal(line.inside, known),
        (_, "end") => chain.end(line),
        (_, name) => Err(format!("unknown line {name}")),
    })?;
    if known.head.is_some() && !chain.seen_head {
        return Err("the chain does not hold the block of the given hash".into());
    }
    chain.sound.head = hex(&chain.head);
    Ok(chain.sound)
}

impl Chain {
    fn row(&mut self, row: &Value) -> Result<(), String> {
        let (form, at, leaf) = if self.is_audit { (ENTRY, "number", 3) } else { (FACT, "position", 0) };
        let bytes = bytes_of(row, form)?;
        let position = row[at].as_i64().unwrap_or_default();
        if position <= self.facts.last().map_or(self.last, |(p, _)| *p) {
            return Err(format!("number {position} does not follow the one before"));
        }
        self.begun = true;
        self.facts.push((position, sm3(&[&[leaf], &bytes])));
        Ok(())
    }

    /// A header whose entries are in an earlier file.
    fn past(&mut self, past: &Value, known: &Known) -> Result<(), String> {
        past.as_object().filter(|m| m.len() == 2).ok_or("a past block has header and signature")?;
        let last = past["header"]["last"].as_i64().filter(|last| *last > self.last);
        if past["header"]["first"] != self.last + 1 {
            return Err("its positions do not follow".into());
        }
        self.header(past, known)?;
        self.last = last.ok_or("its positions do not follow")?;
        Ok(())
    }

    /// Takes a header in; returns the number of its block.
    fn header(&mut self, seal: &Value, known: &Known) -> Result<i64, String> {
        let header = &seal["header"];
        let bytes = [vec![2], bytes_of(header, HEADER)?].concat();
        let number = self.blocks.len() as i64 + 1;
        let wrong = |why: &str| format!("block {number}: {why}");
        let key = header["public_key"].as_str().unwrap_or_default();
        let signature = seal["signature"].as_str().and_then(unhex).unwrap_or_default();
        let sound = [
            (header["number"] == number, "its number does not follow"),
            (header["previous"] == hex(&self.head), "the chain is broken"),
            (signed(&unhex(key).unwrap_or_default(), &bytes, &signature), "the signature does not hold"),
            (known.keys.is_empty() || known.keys.iter().any(|k| k == key), "signed by a key that is not trusted"),
        ];
        if let Some((_, why)) = sound.iter().find(|(holds, _)| !holds) {
            return Err(wrong(why));
        }
        self.head = sm3(&[&bytes]);
        self.blocks.push(hex(&self.head));
        self.seen_head |= known.head.as_deref() == Some(&hex(&self.head));
        if !self.sound.keys.iter().any(|k| k == key) {
            self.sound.keys.push(key.to_owned());
        }
        Ok(number)
    }

    fn seal(&mut self, seal: &Value, known: &Known) -> Result<(), String> {
        seal.as_object().filter(|m| m.len() == 3).ok_or("a seal has header, signature and leaves")?;
        let number = self.header(seal, known)?;
        let wrong = |why: &str| format!("block {number}: {why}");
        let listed = seal["leaves"].as_str().and_then(unhex).ok_or_else(|| wrong("its leaves are not hexadecimal"))?;
        self.same_facts(&listed, &seal["header"]).map_err(|why| wrong(&why))?;
        self.last = self.facts.last().map_or(0, |(p, _)| *p);
        self.sound.blocks += 1;
        self.begun = true;
        self.sound.facts += self.facts.len() as i64;
        self.facts.clear();
        Ok(())
    }

    fn publication(&mut self, given: &Value, known: &Known) -> Result<(), String> {
        figure::only(given, &["statement", "signature", "figures"])?;
        let (said, number) = (&given["statement"], self.sound.publications + 1);
        let bytes = [vec![4], bytes_of(said, figure::STATEMENT)?].concat();
        let figures = given["figures"].as_array().ok_or("its figures are missing")?;
        let leaf = |f: &Value| -> Result<Hash, String> { Ok(sm3(&[&[3], &bytes_of(f, figure::FIGURE)?])) };
        let leaves = figures.iter().map(leaf).collect::<Result<Vec<_>, _>>()?;
        let key = said["public_key"].as_str().unwrap_or_default();
        let signature = given["signature"].as_str().and_then(unhex).unwrap_or_default();
        let at = said["block"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        let zeros = hex(&[0; 32]);
        let block = if at == 0 { Some(&zeros) } else { self.blocks.get(at - 1) };
        let sound = [
            (said["number"] == number, "its number does not follow"),
            (said["previous"] == hex(&self.stated), "the chain is broken"),
            (signed(&unhex(key).unwrap_or_default(), &bytes, &signature), "the signature does not hold"),
            (known.keys.is_empty() || known.keys.iter().any(|k| k == key), "signed by a key that is not trusted"),
            (said["root"] == hex(&root(&leaves)) && said["figures"] == leaves.len(), "its figures are others"),
            (figures.iter().all(|f| f["publication"] == said["publication"]), "a figure is of another publication"),
            (block.is_some_and(|hash| said["block_hash"] == *hash), "it names a block that is not there"),
            (self.facts.is_empty(), "facts before it are not sealed"),
        ];
        if let Some((_, why)) = sound.iter().find(|(holds, _)| !holds) {
            return Err(format!("publication {}: {why}", said["publication"]));
        }
        (self.stated, self.sound.publications) = (sm3(&[&bytes]), number);
        if !self.sound.keys.iter().any(|k| k == key) {
            self.sound.keys.push(key.to_owned());
        }
        Ok(())
    }

    /// The facts since the last seal are those of this header; the list of leaves names the first that is not.
    fn same_facts(&self, listed: &[u8], header: &Value) -> Result<(), String> {
        let mut listed = listed.chunks(40);
        for (position, hash) in &self.facts {
            match listed.next() {
                Some(leaf) if leaf == [&position.to_be_bytes()[..], hash].concat() => {}
                Some(leaf) if leaf.starts_with(&position.to_be_bytes()) => {
                    return Err(format!("number {position} was changed"));
                }
                _ => return Err(format!("number {position} was added, or one before it is missing")),
            }
        }
        if listed.next().is_some() {
            return Err("a row at its end is missing".into());
        }
        let hashes: Vec<Hash> = self.facts.iter().map(|(_, hash)| *hash).collect();
        if header["root"] != hex(&root(&hashes)) {
            return Err("rows and list do not lead to the root".into());
        }
        let last = self.facts.last().map_or(0, |(p, _)| *p);
        if header["first"] != self.last + 1 || header["last"] != last || header["facts"] != self.facts.len() {
            return Err("its positions or its count are not those of its rows".into());
        }
        Ok(())
    }

    fn end(&self, end: &Line<'_>) -> Result<(), String> {
        // A file of headers alone, or of nothing, has no last block of its own.
        let head = if self.sound.blocks == 0 { [0; 32] } else { self.head };
        let counts = serde_json::json!({
            "blocks": self.sound.blocks, "facts": self.sound.facts, "publications": self.sound.publications,
            "head": hex(&head),
        });
        if !self.facts.is_empty() || !end.ends_with(counts) {
            return Err("the end does not agree with the file".into());
        }
        Ok(())
    }
}
