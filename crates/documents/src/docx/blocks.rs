//! The text of a Word file.

use std::collections::BTreeMap;

use docx_rs::{
    AlignmentType, BreakType, Docx, HeightRule, Hyperlink, HyperlinkType, LineSpacing, Paragraph,
    ParagraphBorderPosition, Pic, Run, Table as WordTable, TableCell, TableLayoutType, TableRow, VAlignType, WidthType,
};
use kernel::{Error, Result};

use super::frame::line;
use super::styles::{RED, face, points};
use crate::annex::{self, anchor};
use crate::chart;
use crate::format::{Format, format, twips};
use crate::model::{Align, Block, Cell, Document, Head, Heading, Imprint, Inline, Layout, Picture, Row, Table};
use crate::number::Counter;

pub(super) fn add(file: Docx, document: &Document) -> Result<Docx> {
    let depths = crate::pdf::depths(&document.blocks);
    let anchors: BTreeMap<String, usize> =
        document.sources.iter().enumerate().map(|(at, source)| (anchor(&source.key), at + 1)).collect();
    let mut text = Text { file, format: format(), counter: Counter::default(), depths, anchors };
    text.head(&document.head);
    for block in &document.blocks {
        text.block(block)?;
    }
    text.tail(document);
    let annex = annex::annex(document);
    if !annex.is_empty() {
        text.add(Paragraph::new().page_break_before(true).add_run(Run::new().add_text("附表").fonts(face("hei"))));
        text.add(Paragraph::new().style("Title").add_run(Run::new().add_text(annex::TITLE).size(36)));
        for block in &annex {
            text.block(block)?;
        }
    }
    if let Some(imprint) = &document.head.imprint {
        text.imprint(imprint);
    }
    Ok(text.file)
}

struct Text {
    file: Docx,
    format: &'static Format,
    counter: Counter,
    depths: Vec<u8>,
    /// Anchors of the annex with the numbers of their bookmarks.
    anchors: BTreeMap<String, usize>,
}

impl Text {
    fn add(&mut self, paragraph: Paragraph) {
        let file = std::mem::take(&mut self.file);
        self.file = file.add_paragraph(paragraph);
    }

    fn plain(&mut self, text: &str, set: impl FnOnce(Paragraph) -> Paragraph) {
        self.add(set(Paragraph::new().add_run(Run::new().add_text(text))));
    }

    fn empty(&mut self) {
        self.add(Paragraph::new());
    }

    fn head(&mut self, head: &Head) {
        if head.layout == Layout::RedHead {
            let size = points(self.format.size.issuer);
            let before = u32::try_from(twips(self.format.red_head.issuer_top)).unwrap_or_default();
            let issuer = Run::new().add_text(&head.issuer).size(size).color(RED).fonts(face("title"));
            self.add(
                Paragraph::new()
                    .add_run(issuer)
                    .align(AlignmentType::Center)
                    .line_spacing(LineSpacing::new().before(before)),
            );
            self.empty();
            let mut number = Paragraph::new().add_run(Run::new().add_text(&head.number)).align(AlignmentType::Center);
            number.property = number.property.set_borders(line(ParagraphBorderPosition::Bottom, 16, RED));
            self.add(number);
            self.empty();
        } else if head.layout == Layout::Letter {
            let mark = Run::new().add_text(&head.mark).fonts(face("hei"));
            let right = usize::try_from(twips(self.format.text_width())).unwrap_or_default();
            let tab = docx_rs::Tab::new().val(docx_rs::TabValueType::Right).pos(right);
            let number = Run::new().add_tab().add_text(&head.number);
            self.add(Paragraph::new().add_tab(tab).add_run(mark).add_run(number));
            self.empty();
        } else if !head.mark.is_empty() {
            self.plain(&head.mark, |p| p.align(AlignmentType::Right).fonts(face("hei")));
        }
        for part in head.title.lines() {
            self.plain(part, |p| p.style("Title"));
        }
        if !head.title.is_empty() {
            self.empty();
        }
        if !head.addressee.is_empty() {
            self.plain(&format!("{}：", head.addressee), |p| p);
        }
    }

    fn tail(&mut self, document: &Document) {
        let head = &document.head;
        for (n, name) in head.annexes.iter().enumerate() {
            let lead = if n == 0 { "附件：" } else { "　　　" };
            self.plain(&format!("{lead}{}. {name}", n + 1), |p| p.style("BodyText"));
        }
        let indent = self.format.signature.indent * self.format.size.body * 10;
        if !head.signed_by.is_empty() || !head.dated.is_empty() {
            self.empty();
        }
        for text in [&head.signed_by, &head.dated].into_iter().filter(|text| !text.is_empty()) {
            self.plain(text, |p| p.align(AlignmentType::Right).indent(None, None, Some(indent), None).keep_lines(true));
        }
        for text in &head.contact {
            self.plain(text, |p| p.style("BodyText"));
        }
        for (n, note) in document.notes.iter().enumerate() {
            self.plain(&format!("注{}：{note}", n + 1), |p| p.style("Note"));
        }
    }

    fn imprint(&mut self, imprint: &Imprint) {
        let size = points(self.format.size.imprint);
        let mut copies = Vec::new();
        if !imprint.copies.is_empty() {
            copies.push(format!("抄送：{}", imprint.copies));
        }
        copies.push(format!("{}　　{}印发", imprint.office, imprint.on));
        self.empty();
        let last = copies.len() - 1;
        for (n, text) in copies.into_iter().enumerate() {
            let character = self.format.size.imprint * 10;
            let mut paragraph = Paragraph::new().add_run(Run::new().add_text(text).size(size)).indent(
                Some(character),
                None,
                Some(character),
                None,
            );
            let mut borders = line(ParagraphBorderPosition::Top, if n == 0 { 8 } else { 6 }, "000000");
            if n == last {
                let end = docx_rs::ParagraphBorder::new(ParagraphBorderPosition::Bottom);
                borders = borders.set(end.val(docx_rs::BorderType::Single).size(8).space(1).color("000000"));
            }
            paragraph.property = paragraph.property.set_borders(borders);
            self.add(paragraph);
        }
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Heading(Heading { level, text }) => {
                let level = (*level).clamp(1, 4);
                let number = self.counter.next(level);
                let depth = self.depths.iter().position(|l| *l == level).map_or(1, |at| at + 1);
                let role = ["hei", "kai", "fang", "fang"][usize::from(level) - 1];
                let set = |run: Run| {
                    let run = run.fonts(face(role));
                    if level == 3 { run.bold() } else { run }
                };
                let heading = Paragraph::new().style(&format!("Heading{depth}")).keep_next(true);
                let heading = heading.add_run(set(Run::new().add_text(number)));
                let heading = self.inlines(heading, text, set);
                self.add(heading);
            }
            Block::Paragraph(text) => {
                let paragraph = self.inlines(Paragraph::new().style("BodyText"), text, |run| run);
                self.add(paragraph);
            }
            Block::Note(text) => {
                let paragraph = self.inlines(Paragraph::new().style("Note"), text, |run| run);
                self.add(paragraph);
            }
            Block::Table(table) => self.table(table),
            Block::Chart(drawn) => self.picture(&chart::png(drawn)?, 100)?,
            Block::Picture(Picture { bytes, caption, width }) => {
                self.picture(bytes, *width)?;
                if !caption.is_empty() {
                    let run = Run::new().add_text(caption).fonts(face("kai")).size(points(self.format.size.table));
                    self.add(Paragraph::new().align(AlignmentType::Center).add_run(run));
                }
            }
            Block::PageBreak => self.add(Paragraph::new().add_run(Run::new().add_break(BreakType::Page))),
        }
        Ok(())
    }

    fn inlines(&self, mut paragraph: Paragraph, text: &[Inline], set: impl Fn(Run) -> Run) -> Paragraph {
        for piece in text {
            match piece {
                Inline::Figure { key, text } if self.anchors.contains_key(&anchor(key)) => {
                    let run = set(Run::new().add_text(text).style("Citation").underline("dotted"));
                    let link = Hyperlink::new(anchor(key), HyperlinkType::Anchor).add_run(run);
                    paragraph = paragraph.add_hyperlink(link);
                }
                Inline::Figure { text, .. } => paragraph = paragraph.add_run(set(Run::new().add_text(text))),
                Inline::Text(words) => {
                    let mut run = Run::new();
                    for (n, part) in words.split('\n').enumerate() {
                        if n > 0 {
                            run = run.add_break(BreakType::TextWrapping);
                        }
                        run = run.add_text(part);
                    }
                    paragraph = paragraph.add_run(set(run));
                }
            }
        }
        paragraph
    }

    fn picture(&mut self, png: &[u8], share: u32) -> Result<()> {
        let (width, height) = dimensions(png)?;
        // Word measures pictures in units of which 36 make a micrometre.
        let wide =
            u64::try_from(self.format.text_width()).unwrap_or_default() * 36 * u64::from(share.clamp(1, 100)) / 100;
        let high = wide * u64::from(height) / u64::from(width.max(1));
        let fits = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let picture = Pic::new_with_dimensions(png.to_vec(), width, height).size(fits(wide), fits(high));
        // A line of exact height would cut the picture off.
        let set = LineSpacing::new().line(240).line_rule(docx_rs::LineSpacingType::Auto);
        let paragraph = Paragraph::new().align(AlignmentType::Center).line_spacing(set);
        self.add(paragraph.add_run(Run::new().add_image(picture)));
        Ok(())
    }

    fn table(&mut self, table: &Table) {
        if !table.caption.is_empty() {
            let run = Run::new().add_text(&table.caption).fonts(face("hei")).size(points(self.format.size.table));
            self.add(Paragraph::new().align(AlignmentType::Center).keep_next(true).add_run(run));
        }
        let all: u32 = table.columns.iter().map(|column| column.share.max(1)).sum::<u32>().max(1);
        let width = u32::try_from(twips(self.format.text_width())).unwrap_or_default();
        let grid: Vec<usize> =
            table.columns.iter().map(|column| (width * column.share.max(1) / all) as usize).collect();
        let mut rows = Vec::with_capacity(table.rows.len() + 1);
        if table.has_heads() {
            let cells = table.columns.iter().zip(&grid).map(|(column, width)| {
                let run = Run::new().add_text(&column.head).fonts(face("hei")).size(self.small(table));
                let text = Paragraph::new().style("TableText").align(AlignmentType::Center).add_run(run);
                TableCell::new().width(*width, WidthType::Dxa).vertical_align(VAlignType::Center).add_paragraph(text)
            });
            rows.push(TableRow::new(cells.collect()).cant_split());
        }
        for row in &table.rows {
            rows.push(self.row(table, row, &grid));
        }
        let made =
            WordTable::new(rows).set_grid(grid).layout(TableLayoutType::Fixed).width(width as usize, WidthType::Dxa);
        let file = std::mem::take(&mut self.file);
        self.file = file.add_table(made);
    }

    fn small(&self, table: &Table) -> usize {
        points(if table.small { self.format.size.annex } else { self.format.size.table })
    }

    fn row(&self, table: &Table, row: &Row, grid: &[usize]) -> TableRow {
        let mut at = 0;
        let mut cells = Vec::with_capacity(row.cells.len());
        for (n, cell) in row.cells.iter().enumerate() {
            let span = cell.span.max(1) as usize;
            let width = grid.iter().skip(at).take(span).sum();
            let of_column = table.columns.get(at).map(|column| column.align).unwrap_or_default();
            let text = self.cell(table, cell, cell.align.unwrap_or(of_column));
            let text = match self.anchors.get(&row.anchor).filter(|_| n == 0) {
                Some(id) => Paragraph { children: Vec::new(), ..text.clone() }
                    .add_bookmark_start(*id, &row.anchor)
                    .add_bookmark_end(*id)
                    .append(text),
                None => text,
            };
            let made = TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Center);
            cells.push(made.grid_span(span).add_paragraph(text));
            at += span;
        }
        let made = TableRow::new(cells);
        // Rows under heads stay whole; see `repeated_heads` for what else the mark is read as.
        let made = if table.has_heads() { made.cant_split() } else { made };
        match i32::try_from(row.lines).unwrap_or_default() {
            0 => made,
            lines => {
                let height = i16::try_from(twips(lines.saturating_mul(self.format.grid.line))).unwrap_or(i16::MAX);
                made.row_height(f32::from(height)).height_rule(HeightRule::AtLeast)
            }
        }
    }

    fn cell(&self, table: &Table, cell: &Cell, align: Align) -> Paragraph {
        let side = match align {
            Align::Start => AlignmentType::Left,
            Align::Center => AlignmentType::Center,
            Align::End => AlignmentType::Right,
        };
        let size = self.small(table);
        self.inlines(Paragraph::new().style("TableText").align(side), &cell.text, |run| run.size(size))
    }
}

/// Adds the pieces of another paragraph.
trait Append {
    fn append(self, other: Paragraph) -> Paragraph;
}

impl Append for Paragraph {
    fn append(mut self, other: Paragraph) -> Paragraph {
        self.children.extend(other.children);
        self
    }
}

/// Width and height of a PNG, out of its first part.
fn dimensions(png: &[u8]) -> Result<(u32, u32)> {
    let number = |at: usize| {
        let bytes = png.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
        bytes.map(u32::from_be_bytes).filter(|n| (1..=20_000).contains(n))
    };
    let header = png.starts_with(b"\x89PNG\r\n\x1a\n") && png.get(12..16) == Some(b"IHDR".as_slice());
    match (header, number(16), number(20)) {
        (true, Some(width), Some(height)) => Ok((width, height)),
        _ => Err(Error::invalid("picture", "图片不是可以插入的 PNG")),
    }
}
