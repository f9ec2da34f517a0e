//! A statement seals one publication: a header that is hashed, chained and signed, over the Merkle root of its figures.
//!
//! Pure; the byte forms are in `docs/seals.md`.

use serde::{Deserialize, Serialize};

use super::check::Trust;
use super::fact::{int, text};
use super::hash::{Hash, to_base32, to_hex};
use super::key::{PublicKey, SealKey};
use super::merkle;

/// A published figure in the form that is sealed. The order of the fields is that of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedFigure {
    /// Number of the publication.
    pub publication: i64,
    /// Its place in the publication, from 1.
    pub seq: i64,
    /// Its number in the document.
    pub citation: String,
    /// What the document printed.
    pub printed: String,
    /// Code of the indicator.
    pub indicator: String,
    /// Version of the definition.
    pub version: i64,
    /// SM3 of the definition as it is stored.
    pub definition: Hash,
    /// Units and cell, as they are stored.
    pub filter: String,
    /// The end of this day was asked about, `YYYY-MM-DD`.
    pub about: String,
    /// The position its rows were known at.
    pub known: i64,
    /// The exact value.
    pub value: String,
    /// SM3 of value and parts as they are stored.
    pub answer: Hash,
    /// How many rows were behind it.
    pub rows: i64,
    /// SM3 of its rows.
    pub digest: Hash,
}

/// Before the bytes of a figure, and before those of a statement.
const FIGURE: &[u8] = &[3];
const STATEMENT: u8 = 4;

impl SealedFigure {
    /// The bytes that are hashed.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        let out = &mut bytes;
        int(out, self.publication);
        int(out, self.seq);
        text(out, &self.citation);
        text(out, &self.printed);
        text(out, &self.indicator);
        int(out, self.version);
        out.extend(self.definition.0);
        text(out, &self.filter);
        text(out, &self.about);
        int(out, self.known);
        text(out, &self.value);
        out.extend(self.answer.0);
        int(out, self.rows);
        out.extend(self.digest.0);
        bytes
    }

    /// The hash of its leaf.
    pub fn leaf(&self) -> Hash {
        Hash::of_parts(&[FIGURE, &self.bytes()])
    }
}

/// What is signed of a publication. The order of the fields is that of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// 1, 2, 3 …
    pub number: i64,
    /// Hash of the statement before; zeros for the first.
    pub previous: Hash,
    /// Number of the publication.
    pub publication: i64,
    /// Title of the document.
    pub title: String,
    /// The day it was published, `YYYY-MM-DD`.
    pub published_on: String,
    /// SM3 of everything in the publication.
    pub digest: Hash,
    /// How many figures it cites.
    pub figures: i64,
    /// Merkle root of its figures.
    pub root: Hash,
    /// Number of the last block of facts then, which holds every fact its figures knew; 0 when there was none.
    pub block: i64,
    /// Hash of that block.
    pub block_hash: Hash,
    /// When it was sealed, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    pub sealed_at: String,
    /// Whose signature it carries.
    pub public_key: PublicKey,
}

impl Statement {
    /// The bytes that are hashed and signed.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![STATEMENT];
        let out = &mut bytes;
        int(out, self.number);
        out.extend(self.previous.0);
        int(out, self.publication);
        text(out, &self.title);
        text(out, &self.published_on);
        out.extend(self.digest.0);
        int(out, self.figures);
        out.extend(self.root.0);
        int(out, self.block);
        out.extend(self.block_hash.0);
        text(out, &self.sealed_at);
        out.extend(self.public_key.bytes());
        bytes
    }

    /// The hash of the statement, which the next one carries.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.bytes())
    }

    /// The signature of this statement by its own key.
    pub fn sign(&self, key: &SealKey) -> Vec<u8> {
        key.sign(&self.bytes())
    }
}

/// A statement with its signature and the figures it is made over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// What is signed.
    pub statement: Statement,
    /// SM2 signature over the statement.
    pub signature: Vec<u8>,
    /// The figures of its publication.
    pub figures: Vec<SealedFigure>,
}

/// What is wrong with a statement, given the one before and the hash of the block it names; 0 names none.
pub(super) fn check_statement(
    before: Option<&Statement>,
    stated: &Stated,
    block: Option<Hash>,
    trust: &Trust,
) -> Option<&'static str> {
    let Stated { statement, signature, figures } = stated;
    let block = if statement.block == 0 { Some(Hash::ZERO) } else { block };
    let faults = [
        (statement.number != before.map_or(1, |b| b.number + 1), "序号不连续"),
        (statement.previous != before.map_or(Hash::ZERO, Statement::hash), "与前一份的链断开"),
        (!statement.public_key.signed(&statement.bytes(), signature), "签名不成立：标题、日期或登记摘要被改动"),
        (root_of(figures) != statement.root, "有数字与封存时不同"),
        (figures.len() as i64 != statement.figures, "数字的个数与封存时不同"),
        (figures.iter().any(|f| f.publication != statement.publication), "有数字属于别的发布"),
        (block != Some(statement.block_hash), "所指的事实块不在链中"),
        (!trust.keys.is_empty() && !trust.keys.contains(&statement.public_key), "由不受信任的密钥签名"),
    ];
    faults.into_iter().find(|(is_wrong, _)| *is_wrong).map(|(_, why)| why)
}

/// The Merkle root over figures in their order.
pub(super) fn root_of(figures: &[SealedFigure]) -> Hash {
    merkle::root(&figures.iter().map(SealedFigure::leaf).collect::<Vec<_>>())
}

/// A published figure, the statement it is sealed by, and the way from one to the other.
#[derive(Debug, Clone)]
pub struct FigureProof {
    /// The figure as it is stored now.
    pub figure: SealedFigure,
    /// The statement of its publication.
    pub statement: Statement,
    /// SM2 signature over the statement.
    pub signature: Vec<u8>,
    /// Number of its leaf, from 0.
    pub index: usize,
    /// The hashes that lead from its leaf to the root, the lowest first.
    pub path: Vec<Hash>,
}

impl FigureProof {
    /// Whether the figure as it is stored now leads to the root, and the signature holds.
    pub fn holds(&self) -> bool {
        let root = merkle::climb(self.figure.leaf(), self.index, self.statement.figures as usize, &self.path);
        root == Some(self.statement.root) && self.statement.public_key.signed(&self.statement.bytes(), &self.signature)
    }

    /// The signature in hexadecimal.
    pub fn signature_text(&self) -> String {
        to_hex(&self.signature)
    }

    /// The text of the code; its form is in `docs/seals.md`.
    pub fn text(&self) -> String {
        let code = code_bytes(&self.statement.bytes(), &self.signature, self.index, &self.path, &self.figure.bytes());
        format!("QF1:{}", to_base32(&code))
    }
}

/// The bytes of a code on paper: what is signed, its signature, the way, and the leaf's own bytes.
pub(super) fn code_bytes(signed: &[u8], signature: &[u8], index: usize, path: &[Hash], leaf: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend((signed.len() as u16).to_be_bytes());
    bytes.extend(signed);
    bytes.extend(signature);
    bytes.extend((index as u32).to_be_bytes());
    bytes.push(path.len() as u8);
    path.iter().for_each(|hash| bytes.extend(hash.0));
    bytes.extend(leaf);
    bytes
}
