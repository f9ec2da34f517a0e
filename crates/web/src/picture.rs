//! A text as a QR code: only its points, drawn by the page.

use kernel::Error;
use qrcode::{Color, EcLevel, QrCode};

/// Empty points around a code, which readers need.
const QUIET: usize = 4;

/// The dark points as the path of a drawing, a run of them at a time, and its width.
///
/// # Errors
/// [`Error::Internal`] for a text that is too long.
pub(crate) fn code(text: &str) -> kernel::Result<(String, usize)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|e| Error::Internal(e.to_string()))?;
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
