//! The proof that a published figure is sealed: a page to print, and its rows with their proofs as a file.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::Scope;
use kernel::publication::{self, Publication};
use kernel::seal::{FigureProof, export_figure, prove_figure};
use kernel::store::Read;
use kernel::{Error, indicator};
use web::{Frame, Result, Ui};

use super::{PUBLICATION_READ, PUBLICATION_VERIFY};
use crate::ledger::LEDGER_READ;
use crate::link;
use crate::seals::lines;
use crate::wording;
use web::qr::code;

#[derive(Template)]
#[template(path = "publications/templates/proof.html")]
struct ProofPage {
    cx: Frame,
    id: i64,
    seq: i64,
    title: String,
    citation: String,
    name: String,
    printed: String,
    value: String,
    about: String,
    rows: i64,
    digest: String,
    sealed: Option<SealedView>,
    may_take_rows: bool,
}

/// The statement and the code.
struct SealedView {
    number: i64,
    hash: String,
    root: String,
    sealed_at: String,
    /// The last block of facts then, and its hash.
    block: i64,
    block_hash: String,
    /// SM3 of the definition.
    definition: String,
    key: String,
    /// Whether figure, path, root and signature agree now.
    holds: bool,
    text: String,
    squares: String,
    width: usize,
}

async fn asked(ui: &Ui, read: &Read, id: &str) -> Result<Publication> {
    Ok(publication::find(read, &ui.scope(PUBLICATION_READ), link::id(id)?).await?)
}

pub(super) async fn proof(ui: Ui, Path((id, seq)): Path<(String, String)>) -> Result<Response> {
    let (read, seq) = (ui.read().await?, link::id(&seq)?);
    let published = asked(&ui, &read, &id).await?;
    let figure = published.figures.iter().find(|f| f.seq == seq).ok_or(Error::NotFound)?;
    let value = indicator::number_text(&figure.number, figure.definition.display);
    ui.page(&ProofPage {
        cx: ui.frame(&read).await?,
        id: published.id.0,
        seq,
        title: published.title.clone(),
        citation: figure.citation.clone(),
        name: figure.definition.name.clone(),
        printed: figure.printed.clone(),
        value: format!("{value} {}", figure.definition.unit),
        about: figure.about.to_string(),
        rows: figure.rows,
        digest: figure.digest.clone(),
        sealed: sealed(&read, &published, seq).await?,
        may_take_rows: may_take_rows(&ui),
    })
}

async fn sealed(read: &Read, published: &Publication, seq: i64) -> Result<Option<SealedView>> {
    match prove_figure(read, published.id, seq).await {
        Ok(proof) => Ok(Some(SealedView::of(&proof)?)),
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

impl SealedView {
    fn of(proof: &FigureProof) -> Result<Self> {
        let (statement, text) = (&proof.statement, proof.text());
        let (squares, width) = code(&text)?;
        Ok(Self {
            number: statement.number,
            hash: statement.hash().to_string(),
            root: statement.root.to_string(),
            sealed_at: wording::sealed(&statement.sealed_at),
            block: statement.block,
            block_hash: statement.block_hash.to_string(),
            definition: proof.figure.definition.to_string(),
            key: statement.public_key.to_string(),
            holds: proof.holds(),
            text,
            squares,
            width,
        })
    }
}

/// The rows hold whole facts of the whole city.
fn may_take_rows(ui: &Ui) -> bool {
    ui.scope(PUBLICATION_VERIFY) == Scope::All && ui.scope(LEDGER_READ) == Scope::All
}

pub(super) async fn rows(ui: Ui, Path((id, seq)): Path<(String, String)>) -> Result<Response> {
    if !may_take_rows(&ui) {
        return Err(Error::NotFound.into());
    }
    let (read, seq) = (ui.read().await?, link::id(&seq)?);
    let published = asked(&ui, &read, &id).await?;
    let mut file = Vec::new();
    export_figure(&read, published.id, seq, &mut file).await?;
    Ok(lines(&format!("figure-{}-{seq}.jsonl", published.id), file))
}
