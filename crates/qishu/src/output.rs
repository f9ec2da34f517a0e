//! Printing results: text for people, TSV and JSON for programs, a progress bar at a terminal.

use std::io::IsTerminal;
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
pub fn table<T: Serialize>(format: Format, columns: &[&str], rows: &[Vec<String>], json: &[T]) {
    match format {
        Format::Json => match serde_json::to_string_pretty(json) {
            Ok(text) => println!("{text}"),
            Err(error) => eprintln!("{error}"),
        },
        Format::Tsv => {
            println!("{}", columns.join("\t"));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|c| c.replace(['\t', '\n'], " ")).collect();
                println!("{}", cells.join("\t"));
            }
        }
        Format::Text => {
            let widths: Vec<usize> = (0..columns.len())
                .map(|i| rows.iter().map(|r| width(&r[i])).chain([width(columns[i])]).max().unwrap_or(0))
                .collect();
            let line = |cells: &[String]| {
                let padded: Vec<String> =
                    cells.iter().zip(&widths).map(|(c, w)| format!("{c}{}", " ".repeat(w - width(c)))).collect();
                println!("{}", padded.join("  ").trim_end());
            };
            line(&columns.iter().map(ToString::to_string).collect::<Vec<_>>());
            rows.iter().for_each(|row| line(row));
        }
    }
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
