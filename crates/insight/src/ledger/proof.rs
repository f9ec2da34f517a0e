//! The proof that one fact is sealed: a page to print, with a code that says it all.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::Position;
use kernel::ledger::browse;
use kernel::seal::{Proof, covering, prove};
use kernel::store::Read;
use web::{Frame, Result, Ui};

use super::LEDGER_READ;
use super::view::FactRow;
use crate::link;
use crate::qr::code;
use crate::units::Units;
use kernel::value::day;

#[derive(Template)]
#[template(path = "ledger/templates/proof.html")]
struct ProofPage {
    cx: Frame,
    fact: FactRow,
    sealed: Option<SealedView>,
}

/// The block and the code.
struct SealedView {
    /// Number of the block.
    block: i64,
    /// Hash of the block.
    hash: String,
    /// Root of the block.
    root: String,
    /// When it was sealed.
    sealed_at: String,
    /// Positions it answers for, and how many facts it holds.
    range: String,
    /// Who signed.
    key: String,
    /// Whether fact, path, root and signature agree now.
    holds: bool,
    /// Steps of the path.
    steps: usize,
    /// The text of the code.
    text: String,
    /// The code as a path of unit squares, and the width of its picture with the quiet zone.
    squares: String,
    width: usize,
}

pub(super) async fn proof(ui: Ui, Path(position): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let position: Position = link::id(&position)?;
    let scope = ui.scope(LEDGER_READ);
    let found = browse::find(&read, &scope, position).await?;
    let fact = FactRow::of(&found, &Units::load(&read).await?, Position(i64::MAX), &scope);
    ui.page(&ProofPage { cx: ui.frame(&read).await?, fact, sealed: sealed(&read, position).await? })
}

async fn sealed(read: &Read, position: Position) -> Result<Option<SealedView>> {
    let Some(mark) = covering(read, position).await? else { return Ok(None) };
    let proof = prove(read, position).await?;
    Ok(Some(SealedView::of(&proof, day::minute(mark.sealed_at))?))
}

impl SealedView {
    fn of(proof: &Proof, sealed_at: String) -> Result<Self> {
        let (header, text) = (&proof.header, proof.text());
        let (squares, width) = code(&text)?;
        Ok(Self {
            block: header.number,
            hash: header.hash().to_string(),
            root: header.root.to_string(),
            sealed_at,
            range: format!("第 {} 至 {} 号，共 {} 条事实", header.first, header.last, header.facts),
            key: header.public_key.to_string(),
            holds: proof.holds(),
            steps: proof.path.len(),
            text,
            squares,
            width,
        })
    }
}
