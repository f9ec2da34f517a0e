//! A text as a QR code: only its points, drawn by the page.

use kernel::{Error, Result};
use qrcode::{Color, EcLevel, QrCode};

/// Empty points around a code, which readers need.
const QUIET: usize = 4;

/// The dark points of a QR code as a path, a run of them at a time, and the width of the picture.
///
/// # Errors
/// [`Error::Conflict`] when the text is too long for a code.
pub fn code(text: &str) -> Result<(String, usize)> {
    let too_long = |e: qrcode::types::QrError| Error::Conflict(format!("内容太长，放不进一个二维码（{e}）"));
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
