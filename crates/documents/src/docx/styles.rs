//! The styles of a Word file: body, title, headings with their outline levels, tables, notes, page numbers.

use docx_rs::{AlignmentType, Docx, LineSpacing, LineSpacingType, RunFonts, SpecialIndentType, Style, StyleType};

use crate::fonts::fonts;
use crate::format::{Format, format, twips};

/// Red of issuer and lines.
pub(super) const RED: &str = "D7000F";

/// The fonts of a role, for Chinese and Latin characters alike.
pub(super) fn face(role: &str) -> RunFonts {
    let name = fonts().word(role);
    RunFonts::new().east_asia(name).ascii(name).hi_ansi(name).cs(name)
}

/// Exactly one line of the grid.
pub(super) fn pitch(format: &Format) -> LineSpacing {
    LineSpacing::new().line(twips(format.grid.line)).line_rule(LineSpacingType::Exact)
}

pub(super) fn points(half: i32) -> usize {
    usize::try_from(half).unwrap_or_default()
}

/// A style of paragraphs that stand on the grid.
fn paragraph(id: &str, name: &str) -> Style {
    Style::new(id, StyleType::Paragraph).name(name).based_on("Normal").q_format(true).line_spacing(pitch(format()))
}

/// A style of small type, off the grid.
fn small(id: &str, name: &str, (role, size): (&str, usize), line: i32) -> Style {
    Style::new(id, StyleType::Paragraph)
        .name(name)
        .based_on("Normal")
        .fonts(face(role))
        .size(size)
        .snap_to_grid(false)
        .line_spacing(LineSpacing::new().line(line).line_rule(LineSpacingType::Auto))
}

/// The style with its first line two characters in.
fn indented(style: Style) -> Style {
    let two = SpecialIndentType::FirstLine(format().size.body * 20);
    style.indent(None, Some(two), None, None).first_line_chars(200)
}

pub(super) fn add(file: Docx) -> Docx {
    let format = format();
    let body = points(format.size.body);
    let table = points(format.size.table);
    let normal = Style::new("Normal", StyleType::Paragraph).name("Normal").fonts(face("fang")).size(body);
    let of_title = LineSpacing::new().line(twips(format.grid.line) * 5 / 4).line_rule(LineSpacingType::Exact);
    let title = paragraph("Title", "Title").fonts(face("title")).size(points(format.size.title));
    let mut file = file
        .default_fonts(face("fang"))
        .default_size(body)
        .add_style(normal.line_spacing(pitch(format)))
        .add_style(indented(paragraph("BodyText", "Body Text").align(AlignmentType::Both)))
        .add_style(title.align(AlignmentType::Center).line_spacing(of_title))
        .add_style(small("TableText", "Table Text", ("song", table), 240))
        .add_style(small("Note", "Note Text", ("kai", table - 3), 300))
        // A discreet mark: a dotted line under a figure that leads to its source.
        .add_style(Style::new("Citation", StyleType::Character).name("Citation").underline("dotted"));
    for (at, role) in ["hei", "kai", "fang", "fang"].into_iter().enumerate() {
        let heading = paragraph(&format!("Heading{}", at + 1), &format!("heading {}", at + 1));
        let heading = heading.next("BodyText").fonts(face(role)).size(body).outline_lvl(at);
        file = file.add_style(indented(heading));
    }
    file
}
