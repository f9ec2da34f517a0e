//! What the layout reads: the document with numbers counted, alignments settled and pictures as files.

use std::collections::BTreeSet;

use kernel::{Error, Result};
use serde_json::{Value, json};
use typst::foundations::Bytes;

use crate::annex::{self, anchor};
use crate::card::ATTACHMENT;
use crate::chart;
use crate::fonts::Fonts;
use crate::format::format;
use crate::model::{Align, Block, Cell, Document, Heading, Inline, Layout, Row, Table};
use crate::number::Counter;

/// Files the layout reads, by name.
pub(super) type Files = Vec<(String, Bytes)>;

struct Making {
    counter: Counter,
    depths: Vec<u8>,
    files: Files,
}

/// The data of a document and its pictures.
pub(super) fn of(document: &Document, fonts: &Fonts) -> Result<(Vec<u8>, Files)> {
    let depths = depths(&document.blocks);
    let mut making = Making { counter: Counter::default(), depths, files: Vec::new() };
    let blocks = making.blocks(&document.blocks)?;
    let annex = making.blocks(&annex::annex(document))?;
    let anchors: BTreeSet<String> = document.sources.iter().map(|source| anchor(&source.key)).collect();
    let head = &document.head;
    let data = json!({
        "format": format(), "faces": fonts.faces(), "layout": head.layout,
        // A form or list of one page needs no page number.
        "bare": head.layout == Layout::Plain && head.title.is_empty(),
        "title": head.title.replace('\n', ""),
        "author": if head.signed_by.is_empty() { &head.issuer } else { &head.signed_by },
        "head": head, "blocks": blocks, "notes": document.notes,
        "annex": annex, "annex_title": annex::TITLE, "anchors": anchors,
        "card": document.card.as_ref().map(crate::card::Card::json), "attachment": ATTACHMENT,
    });
    let bytes = serde_json::to_vec(&data).map_err(|e| Error::Internal(e.to_string()))?;
    Ok((bytes, making.files))
}

/// The levels that occur, so that the outline of a document which goes from 一、 to 1. has no gap.
pub(crate) fn depths(blocks: &[Block]) -> Vec<u8> {
    let levels: BTreeSet<u8> = blocks
        .iter()
        .filter_map(|b| if let Block::Heading(h) = b { Some(h.level.clamp(1, 4)) } else { None })
        .collect();
    levels.into_iter().collect()
}

fn inlines(text: &[Inline]) -> Value {
    let piece = |piece: &Inline| match piece {
        Inline::Text(text) => json!({"text": text, "anchor": null}),
        Inline::Figure { key, text } => json!({"text": text, "anchor": anchor(key)}),
    };
    text.iter().map(piece).collect()
}

impl Making {
    fn blocks(&mut self, blocks: &[Block]) -> Result<Vec<Value>> {
        blocks.iter().map(|block| self.block(block)).collect()
    }

    fn block(&mut self, block: &Block) -> Result<Value> {
        Ok(match block {
            Block::Heading(Heading { level, text }) => {
                let level = (*level).clamp(1, 4);
                let depth = self.depths.iter().position(|l| *l == level).map_or(1, |at| at + 1);
                let number = self.counter.next(level);
                json!({"kind": "heading", "level": level, "depth": depth, "number": number, "text": inlines(text)})
            }
            Block::Paragraph(text) => json!({"kind": "paragraph", "text": inlines(text)}),
            Block::Note(text) => json!({"kind": "note", "text": inlines(text)}),
            Block::Table(table) => self::table(table),
            Block::Chart(drawn) => {
                let file = self.file("svg", chart::svg(drawn)?.into_bytes());
                json!({"kind": "picture", "file": file, "caption": "", "width": 100})
            }
            Block::Picture(picture) => {
                let file = self.file("png", picture.bytes.clone());
                let width = picture.width.clamp(1, 100);
                json!({"kind": "picture", "file": file, "caption": picture.caption, "width": width})
            }
            Block::PageBreak => json!({"kind": "page_break"}),
        })
    }

    fn file(&mut self, kind: &str, bytes: Vec<u8>) -> String {
        let name = format!("picture-{}.{kind}", self.files.len());
        self.files.push((name.clone(), Bytes::new(bytes)));
        name
    }
}

fn table(table: &Table) -> Value {
    let heads: Vec<&str> = match table.has_heads() {
        true => table.columns.iter().map(|column| column.head.as_str()).collect(),
        false => Vec::new(),
    };
    json!({
        "kind": "table", "caption": table.caption, "small": table.small, "heads": heads,
        "columns": table.columns.iter().map(|column| column.share.max(1)).collect::<Vec<_>>(),
        "rows": table.rows.iter().map(|one| row(table, one)).collect::<Vec<_>>(),
    })
}

fn row(table: &Table, row: &Row) -> Value {
    let mut at = 0;
    let mut cells = Vec::with_capacity(row.cells.len());
    for cell in &row.cells {
        let of_column = table.columns.get(at).map(|c| c.align).unwrap_or_default();
        cells.push(self::cell(cell, cell.align.unwrap_or(of_column)));
        at += cell.span.max(1) as usize;
    }
    json!({"cells": cells, "lines": row.lines, "anchor": row.anchor})
}

fn cell(cell: &Cell, align: Align) -> Value {
    json!({"text": inlines(&cell.text), "span": cell.span.max(1), "align": align})
}
