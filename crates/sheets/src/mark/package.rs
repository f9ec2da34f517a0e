//! The package: which parts are edited, which are added, and everything else copied without unpacking.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::sheet::attribute;
use super::styles::Styles;
use super::{PageMarks, comments, sheet};

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPES: &str = "[Content_Types].xml";

/// The file with its marks; `None` when it is not laid out as programs lay it out.
pub(super) fn edit(bytes: &[u8], pages: &[PageMarks]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let workbook = text(&mut archive, "xl/workbook.xml")?;
    let relations = relations(&text(&mut archive, "xl/_rels/workbook.xml.rels")?, "xl");
    let part_of = |kind: &str| relations.iter().find(|r| r.kind == kind).map(|r| r.target.clone());
    let styles_part = part_of("styles")?;
    let mut styles = Styles::parse(&text(&mut archive, &styles_part)?)?;
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    let mut types = text(&mut archive, TYPES)?;
    for (index, marks) in pages.iter().enumerate() {
        let id = sheet_relation(&workbook, &marks.name)?;
        let part = relations.iter().find(|r| r.id == id)?.target.clone();
        page(&mut archive, &part, marks, index, &mut styles, &mut parts, &mut types)?;
    }
    parts.insert(styles_part, styles.written()?);
    parts.insert(TYPES.to_owned(), types);
    written(archive, parts)
}

/// Edits one page with its comments.
fn page(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    part: &str,
    marks: &PageMarks,
    index: usize,
    styles: &mut Styles,
    parts: &mut BTreeMap<String, String>,
    types: &mut String,
) -> Option<()> {
    let (folder, name) = part.rsplit_once('/')?;
    let rels_part = format!("{folder}/_rels/{name}.rels");
    let rels = text(archive, &rels_part).unwrap_or_else(|| {
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"></Relationships>".into()
    });
    let known = relations(&rels, folder);
    let find = |kind: &str| known.iter().find(|r| r.kind == kind).map(|r| r.target.clone());
    let (words, shapes) = (find("comments"), find("vmlDrawing"));
    let xml = text(archive, part)?;
    let needs_parts = !marks.cells.is_empty() || words.is_some();
    let drawing = (needs_parts && shapes.is_none()).then_some("rIdQishuShapes");
    parts.insert(part.to_owned(), sheet::rewrite(&xml, marks, styles, drawing)?);
    if !needs_parts {
        return Some(());
    }
    let old_words = words.as_ref().and_then(|p| text(archive, p));
    let old_shapes = shapes.as_ref().and_then(|p| text(archive, p));
    let new_words = words.clone().unwrap_or_else(|| format!("xl/qishu_comments{index}.xml"));
    let new_shapes = shapes.clone().unwrap_or_else(|| format!("xl/drawings/qishu_shapes{index}.vml"));
    parts.insert(new_words.clone(), comments::words(old_words.as_deref(), marks)?);
    parts.insert(new_shapes.clone(), comments::shapes(old_shapes.as_deref(), marks)?);
    let mut rels = rels.replace("<Relationships/>", "<Relationships></Relationships>");
    for (is_there, id, kind, target) in
        [(&words, "rIdQishuWords", "comments", &new_words), (&shapes, "rIdQishuShapes", "vmlDrawing", &new_shapes)]
    {
        if is_there.is_none() {
            let one =
                format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"/{target}\"/></Relationships>");
            rels = rels.replacen("</Relationships>", &one, 1);
        }
    }
    parts.insert(rels_part, rels);
    if words.is_none() {
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
        let one = format!("<Override PartName=\"/{new_words}\" ContentType=\"{kind}\"/></Types>");
        *types = types.replacen("</Types>", &one, 1);
    }
    if !types.contains("Extension=\"vml\"") {
        let one = "<Default Extension=\"vml\" ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/></Types>";
        *types = types.replacen("</Types>", one, 1);
    }
    Some(())
}

fn written(mut archive: ZipArchive<Cursor<&[u8]>>, mut parts: BTreeMap<String, String>) -> Option<Vec<u8>> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).ok()?;
        let name = part.name().ok()?.into_owned();
        match parts.remove(&name) {
            Some(text) => {
                out.start_file(name, SimpleFileOptions::default()).ok()?;
                out.write_all(text.as_bytes()).ok()?;
            }
            None => out.raw_copy_file(part).ok()?,
        }
    }
    for (name, text) in parts {
        out.start_file(name, SimpleFileOptions::default()).ok()?;
        out.write_all(text.as_bytes()).ok()?;
    }
    Some(out.finish().ok()?.into_inner())
}

/// The text of a part. Its size has been measured when the file was opened.
fn text(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Option<String> {
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).ok()?;
    Some(text.trim_start_matches('\u{FEFF}').to_owned())
}

struct Relation {
    id: String,
    kind: String,
    target: String,
}

/// The relations of a part in `folder`, with targets as names in the package.
fn relations(xml: &str, folder: &str) -> Vec<Relation> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(e) | Event::Empty(e)) if e.local_name().as_ref() == "Relationship" => {
                let text = |name: &str| attribute(&e, name).unwrap_or_default();
                let kind = text("Type").rsplit('/').next().unwrap_or("").to_owned();
                found.push(Relation { id: text("Id"), kind, target: within(folder, &text("Target")) });
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// A target as a name in the package.
fn within(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').collect();
    for step in target.split('/') {
        match step {
            ".." => {
                path.pop();
            }
            "." => {}
            step => path.push(step),
        }
    }
    path.join("/")
}

/// The relation of the page with this name.
fn sheet_relation(workbook: &str, name: &str) -> Option<String> {
    let mut reader = Reader::from_str(workbook);
    loop {
        match reader.read_event().ok()? {
            Event::Start(e) | Event::Empty(e)
                if e.local_name().as_ref() == "sheet" && attribute(&e, "name").as_deref() == Some(name) =>
            {
                return attribute(&e, "r:id");
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}
