//! The plain text that templates make, read as blocks: `## ` to `##### ` are headings, `> ` a note, `---` a new page,
//! lines between `|` a table (the row of dashes under its heads), everything else a paragraph a line.

use kernel::Result;

use crate::model::{Block, Cell, Column, Heading, Inline, Row, Table};
use crate::number::typed;

/// Begins a figure in rendered text. Private characters: no text of a person holds them.
pub(crate) const BEGIN: char = '\u{e000}';
/// Ends it.
pub(crate) const END: char = '\u{e001}';
/// Between its number and its phrase.
pub(crate) const SPLIT: char = '\u{e002}';

/// Asks what a figure prints.
pub(crate) type Ask<'a> = dyn FnMut(&str, Option<&str>) -> Result<Inline> + 'a;

/// The blocks of a text.
///
/// # Errors
/// What asking for a figure says.
pub(crate) fn blocks(text: &str, ask: &mut Ask<'_>) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        if line.starts_with('|') {
            let mut rows = vec![line];
            // An empty line that a loop leaves between rows ends no table.
            while let Some(next) = lines.peek() {
                if next.starts_with('|') {
                    rows.push(next);
                } else if !next.is_empty() {
                    break;
                }
                lines.next();
            }
            found.push(Block::Table(table(&rows, ask)?));
            continue;
        }
        found.push(one(line, ask)?);
    }
    Ok(found)
}

fn one(line: &str, ask: &mut Ask<'_>) -> Result<Block> {
    if line.len() >= 3 && line.chars().all(|c| c == '-') {
        return Ok(Block::PageBreak);
    }
    if let Some(note) = line.strip_prefix("> ") {
        return Ok(Block::Note(inlines(note, ask)?));
    }
    let marks = line.chars().take_while(|c| *c == '#').count();
    if (2..=5).contains(&marks)
        && let Some(text) = line[marks..].strip_prefix(' ')
    {
        let by_marks = u8::try_from(marks - 1).unwrap_or(1);
        let (level, text) = typed(text).unwrap_or((by_marks, text.trim()));
        return Ok(Block::Heading(Heading { level, text: inlines(text, ask)? }));
    }
    Ok(Block::Paragraph(inlines(line, ask)?))
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

fn table(lines: &[&str], ask: &mut Ask<'_>) -> Result<Table> {
    let is_rule = |line: &&&str| line.chars().all(|c| "|-: ".contains(c)) && line.contains('-');
    let (heads, rows) = match lines.get(1).filter(is_rule) {
        Some(_) => (cells(lines[0]), &lines[2..]),
        None => (Vec::new(), lines),
    };
    let width = rows.iter().map(|row| cells(row).len()).chain([heads.len(), 1]).max().unwrap_or(1).min(30);
    let column = |at: usize| Column::new(heads.get(at).copied().unwrap_or_default(), 1);
    let mut made = Table { columns: (0..width).map(column).collect(), ..Table::default() };
    for line in rows {
        let mut row = Vec::with_capacity(width);
        for text in cells(line).into_iter().chain(std::iter::repeat("")).take(width) {
            row.push(Cell { text: inlines(text, ask)?, ..Cell::default() });
        }
        made.rows.push(Row::new(row));
    }
    Ok(made)
}

fn inlines(text: &str, ask: &mut Ask<'_>) -> Result<Vec<Inline>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let Some((inside, after)) = after.split_once(END) else { break };
        if !before.is_empty() {
            found.push(Inline::Text(before.to_owned()));
        }
        let (key, phrase) = inside.split_once(SPLIT).unwrap_or((inside, ""));
        found.push(ask(key, Some(phrase).filter(|phrase| !phrase.is_empty()))?);
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Inline::Text(rest.to_owned()));
    }
    Ok(found)
}
