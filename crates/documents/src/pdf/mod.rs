//! A document as PDF, laid out by typst from memory: no file and no network is touched.

mod data;

pub(crate) use data::depths;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use kernel::{Error, Result};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::fonts::{Fonts, fonts};
use crate::model::Document;

const LAYOUT: &str = include_str!("document.typ");

/// What one rendering reads.
struct Room<'f> {
    fonts: &'f Fonts,
    main: &'static Source,
    files: Vec<(String, Bytes)>,
}

fn library() -> &'static LazyHash<Library> {
    static LIBRARY: OnceLock<LazyHash<Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| LazyHash::new(Library::default()))
}

fn layout() -> &'static Source {
    static SOURCE: OnceLock<Source> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let path = VirtualPath::new("document.typ").expect("invariant: a plain name is a path");
        Source::new(RootedPath::new(VirtualRoot::Project, path).intern(), LAYOUT.to_owned())
    })
}

impl World for Room<'_> {
    fn library(&self) -> &LazyHash<Library> {
        library()
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        Err(FileError::NotFound(id.vpath().get_without_slash().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.vpath().get_without_slash();
        let found = self.files.iter().find(|(file, _)| file == name).map(|(_, bytes)| bytes.clone());
        found.ok_or_else(|| FileError::NotFound(name.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store.font(index)
    }

    // What is printed does not depend on the day it is printed.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The document as a PDF. The same document gives the same bytes, as long as the typefaces are the same.
///
/// # Errors
/// [`Error::Unavailable`] when no typeface is installed for a role, or none has a character of the text: a blank box
/// never stands for a name.
pub fn pdf(document: &Document) -> Result<Vec<u8>> {
    let fonts = fonts();
    if let Some(missing) = fonts.missing().first() {
        let message = format!("没有安装可以代替“{}”的字体（运行 qishu doctor 看要装什么）", missing.label);
        return Err(Error::Unavailable(message));
    }
    let (json, mut files) = data::of(document, fonts)?;
    files.push(("document.json".to_owned(), Bytes::new(json)));
    let room = Room { fonts, main: layout(), files };
    let made = typst::compile::<PagedDocument>(&room);
    // The layout is ours: a warning is a mistake in it, most often a typeface that is not there.
    let told = |d: &typst::diag::SourceDiagnostic| d.message.to_string();
    if let Some(warning) = made.warnings.first() {
        tracing::warn!(warning = told(warning), title = document.head.title, "the layout of a document warns");
    }
    let pages = made.output.map_err(|errors| {
        Error::Internal(format!("layout: {}", errors.iter().map(told).collect::<Vec<_>>().join("; ")))
    })?;
    check_glyphs(&pages)?;
    let options = PdfOptions { creator: Smart::Custom(Some("Qishu".to_owned())), ..PdfOptions::default() };
    let bytes = typst_pdf::pdf(&pages, &options).map_err(|errors| {
        Error::Internal(format!("pdf: {}", errors.iter().map(told).collect::<Vec<_>>().join("; ")))
    })?;
    // Letters differ: what the layout engine keeps for a next time would only fill the memory.
    typst::comemo::evict(1);
    Ok(bytes)
}

/// Refuses a document with a character for which no installed typeface has a shape.
fn check_glyphs(document: &PagedDocument) -> Result<()> {
    let mut lacking = BTreeSet::new();
    for page in document.pages() {
        collect(&page.frame, &mut lacking);
    }
    match lacking.is_empty() {
        true => Ok(()),
        false => {
            let characters: Vec<String> = lacking.into_iter().map(|c| format!("“{c}”")).collect();
            Err(Error::Unavailable(format!(
                "已安装的字体都没有 {} 的字形，请安装 fonts-noto-cjk 等覆盖更广的字体",
                characters.join("、")
            )))
        }
    }
}

fn collect(frame: &Frame, lacking: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect(&group.frame, lacking),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    let missing = text.text.get(glyph.range()).and_then(|part| part.chars().next());
                    lacking.extend(missing.filter(|c| !c.is_whitespace()));
                }
            }
            _ => {}
        }
    }
}
