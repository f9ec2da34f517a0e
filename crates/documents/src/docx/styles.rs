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

pub(super) fn add(file: Docx) -> Docx {
    let format = format();
    let size = &format.size;
    let body = points(size.body);
    let two = size.body * 20;
    let paragraph = |id: &str, name: &str| {
        Style::new(id, StyleType::Paragraph).name(name).based_on("Normal").q_format(true).line_spacing(pitch(format))
    };
    let mut file = file
        .default_fonts(face("fang"))
        .default_size(body)
        .add_style(
            Style::new("Normal", StyleType::Paragraph)
                .name("Normal")
                .fonts(face("fang"))
                .size(body)
                .line_spacing(pitch(format)),
        )
        .add_style(
            paragraph("BodyText", "Body Text")
                .align(AlignmentType::Both)
                .indent(None, Some(SpecialIndentType::FirstLine(two)), None, None)
                .first_line_chars(200),
        )
        .add_style(
            paragraph("Title", "Title")
                .fonts(face("title"))
                .size(points(size.title))
                .align(AlignmentType::Center)
                .line_spacing(
                    LineSpacing::new().line(twips(format.grid.line) * 5 / 4).line_rule(LineSpacingType::Exact),
                ),
        )
        .add_style(
            Style::new("TableText", StyleType::Paragraph)
                .name("Table Text")
                .based_on("Normal")
                .fonts(face("song"))
                .size(points(size.table))
                .snap_to_grid(false)
                .line_spacing(LineSpacing::new().line(240).line_rule(LineSpacingType::Auto)),
        )
        .add_style(
            Style::new("Note", StyleType::Paragraph)
                .name("Note Text")
                .based_on("Normal")
                .fonts(face("kai"))
                .size(points(size.table) - 3)
                .snap_to_grid(false)
                .line_spacing(LineSpacing::new().line(300).line_rule(LineSpacingType::Auto)),
        )
        // A discreet mark: a dotted line under a figure that leads to its source.
        .add_style(Style::new("Citation", StyleType::Character).name("Citation").underline("dotted"));
    for (at, role) in ["hei", "kai", "fang", "fang"].into_iter().enumerate() {
        let heading = paragraph(&format!("Heading{}", at + 1), &format!("heading {}", at + 1))
            .next("BodyText")
            .fonts(face(role))
            .size(body)
            .indent(None, Some(SpecialIndentType::FirstLine(two)), None, None)
            .first_line_chars(200)
            .outline_lvl(at);
        file = file.add_style(heading);
    }
    file
}
