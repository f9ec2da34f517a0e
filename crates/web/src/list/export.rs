//! A list as a file: all rows that are asked for, on whatever page they stand.
//!
//! Rows are read stretch by stretch out of one snapshot into a file without a name, and handed over from there: neither
//! memory nor the snapshot waits for a slow line.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use axum::body::Body;
use axum::response::Response;
use kernel::access::{Permission, Scope};
use kernel::audit::{Note, Verb};
use kernel::consent::{self, Used};
use kernel::list::{self, Asked, Cell, Column, List, May, Row};
use kernel::store::Read;
use kernel::{Error, Result};
use sheets::{Plain, PlainCell};
use tokio_util::io::ReaderStream;

use super::text::{MARK, write_line};
use crate::Ui;

/// Rows read at a time.
const STRETCH: i64 = 5_000;

/// The sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A workbook.
    Xlsx,
    /// Text with commas.
    Csv,
}

impl Format {
    const fn end(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// Answers with all rows an address asks of a list. That they were taken away is written down first.
///
/// # Errors
/// [`Error::Invalid`] with every parameter that means nothing; as the store says.
pub async fn export(ui: &Ui, list: &List, scope: &Scope, format: Format) -> crate::Result<Response> {
    let read = ui.read().await?;
    let may = |permission: Permission| ui.actor().may(permission);
    let mut asked = list.asked(ui.query(), &may)?;
    (asked.limit, asked.after, asked.before) = (STRETCH, None, None);
    let (file, n, used) = written(&read, list, scope, asked.clone(), &may, format).await?;
    let name = format!("{}-{}.{}", list.label, read.today(), format.end());
    drop(read);
    let words: Vec<String> = asked.typed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let note = Note::of(Verb::LIST_EXPORTED, "list", None)
        .detail("列表", list.label.to_owned())
        .detail("条数", n.to_string())
        .detail("条件", words.join("，"))
        .purpose(crate::list::asked_for(ui.query(), "purpose"));
    ui.note(note).await?;
    ui.note_consents(&format!("{}（导出）", list.label), &used).await?;
    let mut response = crate::download(&name, format.kind(), Vec::new());
    *response.body_mut() = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    response.headers_mut().remove(axum::http::header::CONTENT_LENGTH);
    Ok(response)
}

/// What rows are written to.
enum Sink {
    Text(BufWriter<File>),
    Sheet(Box<Plain>, File),
}

fn broken(error: std::io::Error) -> Error {
    Error::Unavailable(format!("临时文件写不下（{error}），请联系管理员检查磁盘"))
}

async fn written(
    read: &Read,
    list: &List,
    scope: &Scope,
    mut asked: Asked,
    may: May<'_>,
    format: Format,
) -> Result<(File, usize, Vec<Used>)> {
    let columns: Vec<&Column> = asked.shown.iter().filter_map(|code| list.column(code)).collect();
    let heads: Vec<&str> = columns.iter().map(|column| column.label).collect();
    let file = tempfile::tempfile().map_err(broken)?;
    let mut sink = match format {
        Format::Xlsx => Sink::Sheet(Box::new(Plain::new(list.label, &heads)?), file),
        Format::Csv => {
            let mut out = BufWriter::new(file);
            out.write_all(MARK.as_bytes()).map_err(broken)?;
            write_line(&mut out, heads.iter().map(|head| (*head).to_owned())).map_err(broken)?;
            Sink::Text(out)
        }
    };
    let (mut n, mut used) = (0, Vec::new());
    loop {
        let page = list::page(read, list, scope, &asked, may).await?;
        n += page.rows.len();
        for row in &page.rows {
            sink.push(&columns, row)?;
        }
        consent::join(&mut used, page.used);
        match page.next {
            Some(next) => asked.after = Some(next),
            None => return Ok((sink.end()?, n, used)),
        }
    }
}

impl Sink {
    fn push(&mut self, columns: &[&Column], row: &Row) -> Result<()> {
        match self {
            Self::Text(out) => {
                let cells = columns.iter().map(|column| match cell(column, row) {
                    PlainCell::Text(text) | PlainCell::Number(text) => text,
                });
                write_line(out, cells).map_err(broken)
            }
            Self::Sheet(sheet, _) => sheet.push(&columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>()),
        }
    }

    fn end(self) -> Result<File> {
        let mut file = match self {
            Self::Text(out) => out.into_inner().map_err(|e| broken(e.into_error()))?,
            Self::Sheet(sheet, mut file) => {
                sheet.save(&mut file)?;
                file
            }
        };
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        Ok(file)
    }
}

/// Numbers and money in yuan without separators, so that a spreadsheet reads them as numbers.
fn cell(column: &Column, row: &Row) -> PlainCell {
    match row.cell(column.code) {
        Cell::Number(n) if column.choices().is_empty() => PlainCell::Number(n.to_string()),
        Cell::Money(fen) => PlainCell::Number(fen.yuan().replace(',', "")),
        cell => PlainCell::Text(column.show(cell)),
    }
}
