//! What stands on the pages besides the text: the head of a letter, its lines, page numbers.

use docx_rs::{
    AlignmentType, BorderType, Docx, Footer, Header, LineSpacing, LineSpacingType, PageNum, Paragraph, ParagraphBorder,
    ParagraphBorderPosition, ParagraphBorders, Run,
};

use super::styles::{RED, face, points};
use crate::format::{format, twips};
use crate::model::{Document, Layout};

pub(super) fn add(file: Docx, document: &Document) -> Docx {
    let (odd, even) = (page_number(AlignmentType::Right), page_number(AlignmentType::Left));
    match document.head.layout {
        Layout::Letter => file
            .footer(odd)
            .even_footer(even)
            .header(Header::new().add_paragraph(flat(Paragraph::new())))
            .even_header(Header::new().add_paragraph(flat(Paragraph::new())))
            .first_header(letter_head(&document.head.issuer))
            .first_footer(Footer::new().add_paragraph(flat(ruled(Paragraph::new(), false)))),
        Layout::RedHead => file.footer(odd).even_footer(even),
        // A form of one page needs no number.
        Layout::Plain if document.head.title.is_empty() => file,
        Layout::Plain => file.footer(odd).even_footer(even),
    }
}

/// As low as a paragraph can be.
fn flat(paragraph: Paragraph) -> Paragraph {
    paragraph.line_spacing(LineSpacing::new().line(20).line_rule(LineSpacingType::Exact))
}

/// — 1 —, one character in from the outer edge.
fn page_number(side: AlignmentType) -> Footer {
    let format = format();
    let size = points(format.size.page_number);
    let dash = |text: &str| Run::new().add_text(text).size(size).fonts(face("song"));
    let character = format.size.page_number * 10;
    // Footers stand where the lower line of a letter does; the number is lifted from there to below the text.
    let low =
        twips(format.page.bottom - format.footer.below - format.letter.rule_bottom) - format.size.page_number * 10;
    let lift = u32::try_from(low).unwrap_or_default();
    let (start, end) =
        if matches!(side, AlignmentType::Left) { (Some(character), None) } else { (None, Some(character)) };
    let mut number = Paragraph::new()
        .align(side)
        .size(size)
        .fonts(face("song"))
        .indent(start, None, end, None)
        .line_spacing(LineSpacing::new().line(240).line_rule(LineSpacingType::Auto).after(lift));
    number = number.add_run(dash("— ")).add_page_num(PageNum::new()).add_run(dash(" —"));
    Footer::new().add_paragraph(number)
}

fn letter_head(issuer: &str) -> Header {
    let format = format();
    let size = points(format.size.issuer * 4 / 5);
    let mark = Run::new().add_text(issuer).size(size).color(RED).fonts(face("title"));
    let height = LineSpacing::new().line(format.size.issuer * 10).line_rule(LineSpacingType::Exact);
    Header::new()
        .add_paragraph(ruled(Paragraph::new().add_run(mark).align(AlignmentType::Center).line_spacing(height), true))
}

/// The red double line of a letter, thick outside; wider than the text on both sides.
fn ruled(mut paragraph: Paragraph, under: bool) -> Paragraph {
    let format = format();
    let beyond = -twips((format.letter.rule_width - format.text_width()) / 2);
    paragraph = paragraph.indent(Some(beyond), None, Some(beyond), None);
    let (position, kind) = match under {
        true => (ParagraphBorderPosition::Bottom, BorderType::ThickThinSmallGap),
        false => (ParagraphBorderPosition::Top, BorderType::ThinThickSmallGap),
    };
    // Eighths of a point: the thick line with the thin one beside it.
    let line = ParagraphBorder::new(position).val(kind).size(36).space(11).color(RED);
    paragraph.property = paragraph.property.set_borders(ParagraphBorders::with_empty().set(line));
    paragraph
}

/// A line over or under a paragraph of the text.
pub(super) fn line(position: ParagraphBorderPosition, eighths: usize, color: &str) -> ParagraphBorders {
    let line = ParagraphBorder::new(position).val(BorderType::Single).size(eighths).space(1).color(color);
    ParagraphBorders::with_empty().set(line)
}
