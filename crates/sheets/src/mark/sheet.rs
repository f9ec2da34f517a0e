//! The worksheet part: styles of faulty cells, cells that were missing, the column of verdicts.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use super::PageMarks;
use super::styles::Styles;
use crate::book::a1;
use crate::head::VERDICTS;

/// What may follow `legacyDrawing` in a worksheet, by the order of the standard.
const AFTER: [&str; 8] =
    ["legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"];

/// Rewrites a worksheet; `drawing` is the relation of a new part of comment shapes, if one is needed.
/// `None` when the part is not written as programs write it.
pub(super) fn rewrite(xml: &str, marks: &PageMarks, styles: &mut Styles, drawing: Option<&str>) -> Option<String> {
    let mut edit = Edit {
        out: Writer::new(Vec::new()),
        old: styles.marked(),
        styles,
        marks,
        row: 0,
        due: BTreeMap::new(),
        columns: Vec::new(),
        drawing,
        dropping: false,
    };
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().ok()? {
            Event::Eof => break,
            event => edit.take(event)?,
        }
    }
    String::from_utf8(edit.out.into_inner()).ok()
}

struct Edit<'a> {
    out: Writer<Vec<u8>>,
    styles: &'a mut Styles,
    /// Styles with our colour from an earlier return.
    old: BTreeSet<usize>,
    marks: &'a PageMarks,
    /// The row being written, from 1.
    row: u32,
    /// Cells of this row still to be written: by column, the verdict or nothing for a coloured blank.
    due: BTreeMap<u16, Option<String>>,
    /// The styles of whole columns: first and last column, from 1, and style.
    columns: Vec<(u32, u32, usize)>,
    drawing: Option<&'a str>,
    /// Inside a verdict of an earlier return, which is left out.
    dropping: bool,
}

impl Edit<'_> {
    fn take(&mut self, event: Event<'_>) -> Option<()> {
        match &event {
            Event::Start(e) | Event::Empty(e) if e.name().as_ref() == "col" => {
                let number = |name: &str| attribute(e, name).and_then(|n| n.parse::<u32>().ok());
                let style = number("style").and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
                self.columns.push((number("min")?, number("max")?, style));
                self.put(event)
            }
            Event::Start(e) if e.name().as_ref() == "row" => {
                self.begin_row(e)?;
                self.put(event)
            }
            Event::Empty(e) if e.name().as_ref() == "row" => {
                self.begin_row(e)?;
                let open = e.to_owned();
                self.put(Event::Start(open.clone()))?;
                self.rest()?;
                self.put(Event::End(open.to_end().into_owned()))
            }
            Event::End(e) if e.name().as_ref() == "row" => {
                self.rest()?;
                self.put(event)
            }
            Event::Start(e) if e.name().as_ref() == "c" => {
                let cell = self.cell(e)?;
                match cell {
                    Some(cell) => self.put(Event::Start(cell)),
                    None => {
                        self.dropping = true;
                        Some(())
                    }
                }
            }
            Event::Empty(e) if e.name().as_ref() == "c" => match self.cell(e)? {
                Some(cell) => self.put(Event::Empty(cell)),
                None => Some(()),
            },
            Event::End(e) if e.name().as_ref() == "c" && self.dropping => {
                self.dropping = false;
                Some(())
            }
            Event::Start(e) | Event::Empty(e) if AFTER.contains(&e.name().as_ref()) => {
                self.draw()?;
                self.put(event)
            }
            Event::End(e) if e.name().as_ref() == "worksheet" => {
                self.draw()?;
                self.put(event)
            }
            _ if self.dropping => Some(()),
            _ => self.put(event),
        }
    }

    fn put(&mut self, event: Event<'_>) -> Option<()> {
        self.out.write_event(event).ok()
    }

    fn begin_row(&mut self, row: &BytesStart<'_>) -> Option<()> {
        self.row = attribute(row, "r").map_or(Some(self.row + 1), |r| r.parse().ok())?;
        self.due = self.marks.cells.range((self.row, 0)..=(self.row, u16::MAX)).map(|((_, c), _)| (*c, None)).collect();
        let verdict = if self.row == self.marks.head { Some(VERDICTS) } else { None };
        let verdict = verdict.or_else(|| self.marks.rows.get(&self.row).map(String::as_str));
        if let Some(words) = verdict {
            self.due.insert(self.marks.verdicts, Some(words.to_owned()));
        }
        Some(())
    }

    /// The cell as it is to be written; `None` for an earlier verdict.
    fn cell(&mut self, cell: &BytesStart<'_>) -> Option<Option<BytesStart<'static>>> {
        // Every program names its cells; without names places are not certain.
        let col = column(&attribute(cell, "r")?)?;
        let before: Vec<u16> = self.due.range(..col).map(|(c, _)| *c).collect();
        for due in before {
            self.write_due(due)?;
        }
        if col == self.marks.verdicts && self.row >= self.marks.head {
            return Some(None);
        }
        let style: usize = attribute(cell, "s").map_or(Some(0), |s| s.parse().ok())?;
        let style = if self.due.remove(&col).is_some() {
            if self.old.contains(&style) { style } else { self.styles.twin(style, true) }
        } else if self.old.contains(&style) {
            self.styles.twin(style, false)
        } else {
            return Some(Some(cell.to_owned().into_owned()));
        };
        let mut out = BytesStart::new("c");
        for attribute in cell.attributes().flatten().filter(|a| a.key.as_ref() != "s") {
            out.push_attribute(attribute);
        }
        out.push_attribute(("s", style.to_string().as_str()));
        Some(Some(out.into_owned()))
    }

    /// The cells of the row that come after all written ones.
    fn rest(&mut self) -> Option<()> {
        while let Some(col) = self.due.keys().next().copied() {
            self.write_due(col)?;
        }
        Some(())
    }

    fn write_due(&mut self, col: u16) -> Option<()> {
        let words = self.due.remove(&col)?;
        let name = a1(col, self.row);
        let mut cell = BytesStart::new("c");
        cell.push_attribute(("r", name.as_str()));
        let Some(words) = words else {
            // A cell that is not written has the style of its column, by which it may be filled in.
            let column = u32::from(col) + 1;
            let of = self.columns.iter().find(|(min, max, _)| (*min..=*max).contains(&column));
            let style = of.map_or(0, |(_, _, style)| *style);
            cell.push_attribute(("s", self.styles.twin(style, true).to_string().as_str()));
            return self.put(Event::Empty(cell));
        };
        cell.push_attribute(("t", "inlineStr"));
        let (is, text) = (BytesStart::new("is"), BytesStart::new("t"));
        self.put(Event::Start(cell.borrow()))?;
        self.put(Event::Start(is.borrow()))?;
        self.put(Event::Start(text.borrow()))?;
        self.put(Event::Text(BytesText::new(&words)))?;
        self.put(Event::End(text.to_end()))?;
        self.put(Event::End(is.to_end()))?;
        self.put(Event::End(cell.to_end()))
    }

    /// The relation to the comment shapes, once, at its place.
    fn draw(&mut self) -> Option<()> {
        let Some(id) = self.drawing.take() else { return Some(()) };
        let mut drawing = BytesStart::new("legacyDrawing");
        drawing.push_attribute(("xmlns:r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"));
        drawing.push_attribute(("r:id", id));
        self.put(Event::Empty(drawing))
    }
}

/// An attribute of an element, unescaped.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok().flatten()?;
    let text = found.value.into_owned();
    Some(quick_xml::escape::unescape(&text).map_or_else(|_| text.clone(), |t| t.into_owned()))
}

/// The column, from 0, of a cell named as `C17`.
fn column(name: &str) -> Option<u16> {
    let letters = name.bytes().take_while(u8::is_ascii_uppercase);
    let number = letters.fold(0_u32, |n, b| n.saturating_mul(26).saturating_add(u32::from(b - b'A') + 1));
    u16::try_from(number.checked_sub(1)?).ok()
}
