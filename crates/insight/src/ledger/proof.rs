//! The proof that one fact is sealed: a page to print, with a code that says it all.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::Error;
use kernel::id::Position;
use kernel::ledger::browse;
use kernel::seal::{Proof, covering, prove};
use kernel::store::Read;
use qrcode::{Color, EcLevel, QrCode};
use web::{Frame, Result, Ui};

use super::LEDGER_READ;
use super::view::FactRow;
use crate::link;
use crate::units::Units;
use crate::wording;

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
    Ok(Some(SealedView::of(&proof, wording::instant(mark.sealed_at))?))
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

/// Empty points around a code, which readers need.
const QUIET: usize = 4;

/// The dark points of a QR code as a path, a run of them at a time, and the width of the picture.
fn code(text: &str) -> Result<(String, usize)> {
    let too_long = |e: qrcode::types::QrError| Error::Conflict(format!("这条事实的证明太长，放不进一个二维码（{e}）"));
    // A sheet gets folded and smudged: more of the code may be lost, unless the text needs all the room there is.
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .or_else(|_| QrCode::with_error_correction_level(text, EcLevel::L))
        .map_err(too_long)?;
    let (width, points) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in points.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                path.push_str(&format!("M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len()));
            }
            x += run.len();
        }
    }
    Ok((path, width + 2 * QUIET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_of_the_largest_block_fits_into_a_code_that_paper_holds() {
        // Twenty steps are a block of a million facts; 600 bytes are a fact with a long reason.
        let bytes = 2 + 193 + 64 + 4 + 1 + 20 * 32 + 600;
        let text = format!("QS1:{}", "A".repeat(bytes * 8 / 5));
        let (path, width) = code(&text).expect("fits");
        assert!(path.starts_with("M4 4h7v1h-7z"), "the corner of a code");
        // 15 cm on paper: every point is wider than 0.8 mm.
        assert!(width <= 180, "{width} points");
    }
}
