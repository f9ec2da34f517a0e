//! Printing results: text for people, TSV and JSON for programs, a progress bar at a terminal.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// Tab-separated, with a header line.
    Tsv,
    /// JSON.
    Json,
}

/// Prints a table. `rows` are cells in the order of `columns`; `json` is the same as values.
/// Whoever reads may stop reading: `qishu figures | head` ends quietly.
pub fn table<T: Serialize>(format: Format, columns: &[&str], rows: &[Vec<String>], json: &[T]) {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(json).map(|text| text + "\n").map_err(std::io::Error::from),
        Format::Tsv => Ok(tsv(columns, rows)),
        Format::Text => Ok(aligned(columns, rows)),
    };
    let written = text.and_then(|text| {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    });
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => eprintln!("{error}"),
        _ => {}
    }
}

fn tsv(columns: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = columns.join("\t") + "\n";
    for row in rows {
        let cells: Vec<String> = row.iter().map(|c| c.replace(['\t', '\n'], " ")).collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    out
}

fn aligned(columns: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..columns.len())
        .map(|i| rows.iter().map(|r| width(&r[i])).chain([width(columns[i])]).max().unwrap_or(0))
        .collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(c, w)| format!("{c}{}", " ".repeat(w - width(c)))).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    let head = line(&columns.iter().map(ToString::to_string).collect::<Vec<_>>());
    rows.iter().fold(head, |out, row| out + &line(row))
}

/// Columns a text takes at a terminal: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if (c as u32) >= 0x1100 && !('\u{2010}'..='\u{2027}').contains(&c) { 2 } else { 1 }).sum()
}

/// A bar at a terminal, a line per stage elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar that is not shown until work is reported.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar }
    }

    /// So much of a stage is done.
    pub fn report(&self, stage: &str, done: u64, of: u64) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(stage.to_owned());
                bar.set_length(of);
                bar.set_position(done);
            }
            None if done == of => eprintln!("{stage}：{of}"),
            None => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
