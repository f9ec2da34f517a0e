//! Reading a PDF back: its attachment, and the text its pages show.

use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Name, Object, Stream};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask, interpret_page,
};
use kernel::Result;
use kurbo::{Affine, BezPath, Rect};

use super::{Paragraphs, refused, squeezed};
use crate::card::{Card, LARGEST};

/// Pages whose text is read; more are no letter and no list of forms.
const MOST_PAGES: usize = 3000;

pub(super) fn read(bytes: &[u8]) -> Result<(Option<Card>, Paragraphs)> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| refused("PDF 文件损坏或已加密，不能读取"))?;
    let card = pdf.objects().into_iter().find_map(attached);
    if card.is_none() {
        return Ok((None, Vec::new()));
    }
    let cache = InterpreterCache::new();
    let mut pages = Vec::new();
    for page in pdf.pages().iter().take(MOST_PAGES) {
        let bounds = Rect::new(0.0, 0.0, 1000.0, 1000.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings);
        let mut shown = Shown::default();
        interpret_page(page, &mut context, &mut shown);
        pages.push(squeezed(&shown.0));
    }
    Ok((card, pages))
}

/// The card, if an object is the attachment that holds it.
fn attached(object: Object<'_>) -> Option<Card> {
    let Object::Stream(stream) = object else { return None };
    let is_file = stream.dict().get::<Name<'_>>(b"Type".as_slice()).is_some_and(|t| t.as_ref() == b"EmbeddedFile");
    // A part that unpacks to much more than a card is not unpacked: packed, it is no larger than a card either.
    (is_file && stream.raw_data().len() <= LARGEST).then(|| parsed(&stream)).flatten()
}

fn parsed(stream: &Stream<'_>) -> Option<Card> {
    let bytes = stream.decoded().ok()?;
    let text = std::str::from_utf8(bytes.get(..bytes.len().min(LARGEST))?).ok()?;
    Card::parse(text)
}

/// The characters of a page in the order in which they are drawn.
#[derive(Default)]
struct Shown(String);

/// Longest text of a page that is kept, in bytes.
const LONGEST_PAGE: usize = 256 * 1024;

impl Device<'_> for Shown {
    fn draw_glyph(&mut self, glyph: &Glyph<'_>, _: Affine, _: Affine, _: &Paint<'_>, _: &GlyphDrawMode) {
        if self.0.len() > LONGEST_PAGE {
            return;
        }
        match glyph.as_unicode() {
            Some(hayro_interpret::hayro_cmap::BfString::Char(c)) => self.0.push(c),
            Some(hayro_interpret::hayro_cmap::BfString::String(text)) => self.0.push_str(&text),
            None => {}
        }
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'_>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'_>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: Affine) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
