//! The rows of a published figure, written out with everything that proves them: for an auditor without the database.
//!
//! The statement is signed; the figure leads to it; each fact leads to a signed block; and the facts give the figure's
//! digest again. The form is in `docs/seals.md`.

use std::io::Write;

use serde::Serialize;

use super::block::Header;
use super::fact::{self, Kinds, SealedFact};
use super::file::Hashing;
use super::hash::{Hash, to_hex};
use super::merkle::Tree;
use super::published::prove_figure;
use super::statement::{SealedFigure, Statement};
use super::store;
use crate::access::Scope;
use crate::id::{Position, PublicationId};
use crate::indicator::{Question, rowset};
use crate::publication;
use crate::store::Read;
use crate::{Error, Result, args};

/// A line.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    QishuFigure(i64),
    Statement { statement: &'a Statement, signature: String },
    Figure { figure: &'a SealedFigure, index: usize, path: Vec<Hash>, definition: String, answer: String },
    Part { code: &'a str },
    Block { header: &'a Header, signature: String },
    Fact { fact: &'a SealedFact, block: i64, index: usize, path: Vec<Hash> },
    End { facts: i64, sm3: Hash },
}

fn line(out: &mut Hashing<'_>, line: &Line<'_>) -> Result<()> {
    let text = serde_json::to_vec(line).map_err(|e| Error::Internal(e.to_string()))?;
    let written = out.write_all(&text).and_then(|()| out.write_all(b"\n"));
    written.map_err(|e| Error::Unavailable(format!("写不了文件：{e}")))
}

/// Writes a published figure with the proofs of its rows, and says how many facts they are.
/// The caller has looked whether all of them may be seen.
///
/// # Errors
/// [`Error::NotFound`] without such a figure, or when its publication is not sealed yet;
/// [`Error::Conflict`] when a fact behind it cannot be proven.
pub async fn export_figure(read: &Read, id: PublicationId, seq: i64, out: &mut (dyn Write + Send)) -> Result<i64> {
    let mut out = Hashing::of(out);
    let proof = prove_figure(read, id, seq).await?;
    let stored = read
        .one((
            "SELECT definition, value FROM publication_figure WHERE publication_id = $1 AND seq = $2",
            args![id, seq],
        ))
        .await?;
    line(&mut out, &Line::QishuFigure(1))?;
    line(&mut out, &Line::Statement { statement: &proof.statement, signature: proof.signature_text() })?;
    let (definition, answer) = (stored.get("definition")?, stored.get("value")?);
    let (index, path) = (proof.index, proof.path.clone());
    line(&mut out, &Line::Figure { figure: &proof.figure, index, path, definition, answer })?;

    let published = publication::find(read, &Scope::All, id).await?;
    let figure = published.figures.iter().find(|f| f.seq == seq).ok_or(Error::NotFound)?;
    let (kinds, mut blocks) = (fact::kinds(read).await?, Blocks::of(read).await?);
    let (scope, within, mut facts) = (figure.filter.scope(), figure.filter.within(), 0);
    let q = Question { about: figure.about, known: published.known, scope: &scope };
    for leaf in figure.definition.thaw()?.leaves() {
        line(&mut out, &Line::Part { code: leaf.code })?;
        let positions = rowset::positions(read, leaf, &q, &within).await?;
        facts += positions.len() as i64;
        for some in positions.chunks(1000) {
            write_facts(read, &kinds, &mut blocks, some, &mut out).await?;
        }
    }
    let sm3 = out.hash();
    line(&mut out, &Line::End { facts, sm3 })?;
    out.flush().map_err(|e| Error::Unavailable(format!("写不了文件：{e}")))?;
    Ok(facts)
}

async fn write_facts(
    read: &Read,
    kinds: &Kinds,
    blocks: &mut Blocks,
    positions: &[i64],
    out: &mut Hashing<'_>,
) -> Result<()> {
    for stored in fact::at(read, kinds, positions).await? {
        let fact = stored.map_err(|(p, why)| Error::Conflict(format!("第 {p} 号存的不是一条完好的事实：{why}")))?;
        let (block, is_new) = blocks.holding(read, fact.position).await?;
        if is_new {
            line(out, &Line::Block { header: &block.header, signature: to_hex(&block.signature) })?;
        }
        let unlisted =
            || Error::Conflict(format!("第 {} 号不在所属块的叶子清单中：请运行 qishu verify ledger", fact.position));
        let index = block.positions.binary_search(&fact.position).map_err(|_| unlisted())?;
        let path = block.tree.path(index);
        line(out, &Line::Fact { fact: &fact, block: block.header.number, index, path })?;
    }
    Ok(())
}

/// A block with its tree.
struct Opened {
    header: Header,
    signature: Vec<u8>,
    positions: Vec<i64>,
    tree: Tree,
}

/// The blocks that were opened, the last one at hand: rows come in the order of positions.
struct Blocks {
    opened: Option<Opened>,
    written: std::collections::BTreeSet<i64>,
}

impl Blocks {
    async fn of(read: &Read) -> Result<Self> {
        if store::head(read).await?.is_none() {
            return Err(Error::Conflict("账上还没有封存的块：请先运行 qishu seal --seal-key FILE".into()));
        }
        Ok(Self { opened: None, written: std::collections::BTreeSet::new() })
    }

    /// The block that holds a position, and whether it is met for the first time.
    async fn holding(&mut self, read: &Read, position: i64) -> Result<(&Opened, bool)> {
        let held = self.opened.take().filter(|o| (o.header.first..=o.header.last).contains(&position));
        let opened = match held {
            Some(opened) => opened,
            None => open(read, position).await?,
        };
        let is_new = self.written.insert(opened.header.number);
        Ok((self.opened.insert(opened), is_new))
    }
}

async fn open(read: &Read, position: i64) -> Result<Opened> {
    let unsealed = || Error::Conflict(format!("第 {position} 号事实尚未封存：请先运行 qishu seal"));
    let mark = store::covering(read, Position(position)).await?.ok_or_else(unsealed)?;
    let signature = store::signature(read, mark.header.number).await?;
    let block = store::whole::<SealedFact>(read, mark.header, signature).await?;
    let tree = Tree::of(block.leaves.iter().map(|l| l.hash).collect());
    let positions = block.leaves.iter().map(|l| l.position).collect();
    Ok(Opened { header: block.header, signature: block.signature, positions, tree })
}
