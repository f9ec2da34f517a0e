//! `qishu verify FILE`: whether a Word or PDF file says what was published, and what became of its figures since.

use std::path::Path;

use documents::{Difference, differences};
use kernel::access::{Actor, Scope};
use kernel::id::PublicationId;
use kernel::publication::{self, Publication};
use kernel::{Error, Result};
use serde::Serialize;

use super::rederive::{Line, cells, rederived, told_each};
use crate::Cli;
use crate::output::{Format, table};

/// Whether an argument means a file.
pub fn is_file(what: &str) -> bool {
    let kind = Path::new(what).extension().map(|kind| kind.to_ascii_lowercase());
    kind.is_some_and(|kind| kind == "docx" || kind == "pdf") || Path::new(what).is_file()
}

/// What is wrong with the file itself.
#[derive(Debug, Serialize)]
struct Found {
    publication: i64,
    title: String,
    /// Whether the file says what was published.
    intact: bool,
    differences: Vec<Told>,
    figures: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Told {
    expected: String,
    found: String,
}

/// Reads the file, compares it with the publication it is a copy of, and re-derives every figure; the answer is
/// whether file and figures are unharmed.
///
/// # Errors
/// [`Error::Invalid`] for a file that cannot be read, or is a copy of nothing in this register.
pub async fn run(cli: &Cli, file: &str) -> Result<bool> {
    let bytes = std::fs::read(file).map_err(|e| Error::invalid("file", format!("{file} 不能读：{e}")))?;
    let (card, text) = documents::read(&bytes)?;
    let store = cli.open_existing().await?;
    let id = PublicationId(card.publication);
    let read = store.read().await?;
    let published = publication::find(&read, &Scope::All, id).await.map_err(|error| match error {
        Error::NotFound => Error::invalid("file", format!("本库没有文件所称的第 {id} 号发布，文件可能出自另一个平台")),
        other => other,
    })?;
    drop(read);
    if published.digest != card.digest {
        let message = format!("文件所称的第 {id} 号发布，登记摘要与本库不同：文件出自另一个平台，或其标识被改动");
        return Err(Error::invalid("file", message));
    }
    let differing = compared(&published, &bytes, &text)?;
    let actor = Actor::system("命令行复核");
    let (published, verification) = rederived(&store, &actor, id).await?;
    let figures = told_each(&published, &verification);
    let unharmed = differing.is_empty() && verification.alarms.is_empty();
    print(cli.format, &published, differing, figures);
    store.close().await?;
    Ok(unharmed)
}

/// Where the file differs from what the register would print today.
fn compared(published: &Publication, bytes: &[u8], text: &[String]) -> Result<Vec<Difference>> {
    let document = insight::publications::document(published);
    let again = if bytes.starts_with(b"PK") { documents::docx(&document)? } else { documents::pdf(&document)? };
    if again == bytes {
        return Ok(Vec::new());
    }
    Ok(differences(&documents::read(&again)?.1, text))
}

fn print(format: Format, published: &Publication, differing: Vec<Difference>, figures: Vec<Line>) {
    let intact = differing.is_empty();
    if !matches!(format, Format::Text) {
        let differences = differing.into_iter().map(|d| Told { expected: d.expected, found: d.found }).collect();
        let (publication, title) = (published.id.0, published.title.clone());
        let found = Found { publication, title, intact, differences, figures };
        println!("{}", serde_json::to_string(&found).unwrap_or_default());
        return;
    }
    println!("第 {} 号发布：{}（{}）", published.id, published.title, published.published_on);
    match intact {
        true => println!("文件内容与发布时一致。"),
        false => println!("文件在发布以后被改动，{} 处：", differing.len()),
    }
    for one in &differing {
        match (one.expected.as_str(), one.found.as_str()) {
            ("", found) => println!("  多出：{found}"),
            (expected, "") => println!("  缺少：{expected}"),
            (expected, found) => println!("  发布的是：{expected}\n  文件里是：{found}"),
        }
    }
    let columns = ["publication", "citation", "indicator", "what", "published", "change", "now", "rows"];
    table(format, &columns, &figures.iter().map(cells).collect::<Vec<_>>(), &figures);
}
