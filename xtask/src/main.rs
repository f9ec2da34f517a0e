//! Project rules as one command: `cargo run -p xtask -- tidy`.
//!
//! What DESIGN asks of the shape of the code and can be read off the files is checked here,
//! with a sentence saying what to do. `fmt` and `clippy` check the rest.

mod dependencies;
mod documents;
mod shape;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One broken rule.
struct Fault {
    place: String,
    rule: String,
}

/// All files of the project that git knows or would add, with their text.
struct Tree {
    root: PathBuf,
    files: Vec<(String, String)>,
}

impl Tree {
    fn read() -> std::io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let listed = std::process::Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .output()?;
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        let files = names
            .lines()
            .filter_map(|name| Some((name.to_owned(), std::fs::read_to_string(root.join(name)).ok()?)))
            .collect();
        Ok(Self { root, files })
    }

    fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(name, _)| name.ends_with(end))
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    fn text(&self, name: &str) -> &str {
        self.files.iter().find(|(n, _)| n == name).map_or("", |(_, text)| text.as_str())
    }
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("tidy") {
        eprintln!("usage: cargo run -p xtask -- tidy");
        return ExitCode::from(2);
    }
    let tree = match Tree::read() {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("the tree cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut faults = Vec::new();
    shape::check(&tree, &mut faults);
    dependencies::check(&tree, &mut faults);
    documents::check(&tree, &mut faults);
    for fault in &faults {
        eprintln!("{}: {}", fault.place, fault.rule);
    }
    println!("tidy: {} files, {} faults", tree.files.len(), faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
