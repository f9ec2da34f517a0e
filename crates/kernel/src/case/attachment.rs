//! Files attached to cases: looked at before they are kept, kept once, and never changed.

use chrono::{DateTime, Utc};
use sm3::{Digest, Sm3};

use super::informs;
use super::store::find;
use crate::access::Actor;
use crate::audit::Verb;
use crate::id::CaseId;
use crate::store::{Read, Row, Tx};
use crate::{Error, Result, args};

/// Largest file in bytes.
pub const LARGEST: usize = 20 << 20;
/// Files of one case.
const MOST: i64 = 20;
/// Longest name in characters.
const LONGEST_NAME: usize = 120;

/// A sort of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Stable code, and the end of a file's name.
    pub code: &'static str,
    /// Media type it is handed out with.
    pub media: &'static str,
    /// What it is called.
    pub label: &'static str,
}

/// What is taken: what offices send as evidence. Nothing that runs.
pub const SORTS: &[Sort] = &[
    Sort { code: "pdf", media: "application/pdf", label: "PDF" },
    Sort { code: "ofd", media: "application/ofd", label: "OFD" },
    Sort { code: "jpg", media: "image/jpeg", label: "JPG 图片" },
    Sort { code: "png", media: "image/png", label: "PNG 图片" },
    Sort {
        code: "docx",
        media: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        label: "Word 文档",
    },
    Sort {
        code: "xlsx",
        media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        label: "Excel 工作簿",
    },
];

/// What a scanner said of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// It found nothing.
    Clean,
    /// None is set.
    Not,
}

/// A file that is about to be attached.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// Its name, as sent.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// What a scanner said of it.
    pub scanned: Scanned,
}

/// A file of a case.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is.
    pub sort: &'static Sort,
    /// Bytes.
    pub size: i64,
    /// SM3 digest of its content, in hexadecimal.
    pub digest: String,
    /// What a scanner said.
    pub scanned: Scanned,
    /// When it was attached.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// What a file is, by its content, if its name says the same and it is a sort that is taken.
///
/// # Errors
/// [`Error::Invalid`] at `file`, saying what to do.
pub fn sort_of(name: &str, bytes: &[u8]) -> Result<&'static Sort> {
    let wrong = |message: String| Err(Error::invalid("file", message));
    if bytes.is_empty() {
        return wrong("文件是空的，请重新选择".into());
    }
    if bytes.len() > LARGEST {
        return wrong(format!("文件超过 {} MB，请压缩图片或拆成几份", LARGEST >> 20));
    }
    let taken: Vec<&str> = SORTS.iter().map(|sort| sort.label).collect();
    let Some(code) = content(bytes) else {
        return wrong(format!("这种文件不能上传；可以上传 {}", taken.join("、")));
    };
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let ending = if ending == "jpeg" { "jpg" } else { &ending };
    match SORTS.iter().find(|sort| sort.code == code) {
        Some(sort) if sort.code == ending => Ok(sort),
        Some(sort) => wrong(format!("文件的内容是 {}，与文件名的后缀不符；请改正后缀或另存后再上传", sort.label)),
        None => wrong(format!("这种文件不能上传；可以上传 {}", taken.join("、"))),
    }
}

/// The sort of a content. Packages are told apart by the parts their directory names; one with macros is none of ours.
fn content(bytes: &[u8]) -> Option<&'static str> {
    // Programs that open packages do not mind capitals.
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    let kind = infer::get(bytes)?;
    match kind.extension() {
        "pdf" => Some("pdf"),
        "jpg" => Some("jpg"),
        "png" => Some("png"),
        "zip" | "docx" | "xlsx" | "pptx" if holds(b"vbaProject.bin") => None,
        "zip" | "docx" | "xlsx" if holds(b"word/document.xml") => Some("docx"),
        "zip" | "docx" | "xlsx" if holds(b"xl/workbook.xml") => Some("xlsx"),
        "zip" if holds(b"OFD.xml") => Some("ofd"),
        _ => None,
    }
}

/// The name a file is kept under: without the sender's folders and control characters.
fn clean_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let kept: String = name
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    let kept = kept.trim();
    match kept.chars().count() {
        n if n > LONGEST_NAME => kept.chars().skip(n - LONGEST_NAME).collect(),
        _ => kept.to_owned(),
    }
}

/// Attaches a file to a case that has not ended.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Invalid`] at `file`; [`Error::Conflict`] when the case has ended,
/// holds as many as it may, or holds this file already.
pub async fn attach(tx: &Tx, id: CaseId, file: NewFile<'_>) -> Result<i64> {
    let sort = sort_of(file.name, file.bytes)?;
    // Two who attach at once take turns, so that the number of files is what it says.
    tx.hold("case_file", &[id.0]).await?;
    let case = find(tx, tx.actor(), id).await?;
    let name = clean_name(file.name);
    let digest: String = Sm3::digest(file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    tx.act(Verb::CASE_ATTACHED, "case", id.0);
    tx.concerns(case.subject);
    tx.changes("附件", "", &name);
    tx.changes("文件摘要", "", &digest);
    if case.flow.ends_in(&case.state) {
        return Err(Error::Conflict("本件已经办结，不能再上传附件".into()));
    }
    let held = attachments(tx, id).await?;
    if let Some(same) = held.iter().find(|one| one.digest == digest) {
        return Err(Error::Conflict(format!("这份文件已经上传过，名为“{}”", same.name)));
    }
    if held.len() as i64 >= MOST {
        return Err(Error::Conflict(format!("一件最多 {MOST} 个附件，请合并后再上传")));
    }
    let keep = "INSERT INTO attachment_file (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    tx.run((keep, args![digest.clone(), file.bytes.to_vec()])).await?;
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    let attached = tx
        .insert((
            "INSERT INTO case_attachment (case_id, name, sort, size, digest, scanned, added_at, added_by, account_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            args![
                id,
                name.clone(),
                sort.code,
                size,
                digest,
                i64::from(file.scanned == Scanned::Clean),
                tx.now(),
                tx.actor().name.clone(),
                tx.actor().account
            ],
        ))
        .await?;
    informs::tell_of_attachment(tx, &case, attached, &name).await?;
    Ok(attached)
}

const COLUMNS: &str = "SELECT id, name, sort, size, digest, scanned, added_at, added_by FROM case_attachment WHERE ";

fn attachment_of(row: &Row) -> Result<Attachment> {
    let code: String = row.get("sort")?;
    let sort = SORTS.iter().find(|sort| sort.code == code);
    Ok(Attachment {
        id: row.get("id")?,
        name: row.get("name")?,
        sort: sort.ok_or_else(|| Error::Internal(format!("an attachment of the sort {code}")))?,
        size: row.get("size")?,
        digest: row.get("digest")?,
        scanned: if row.int("scanned")? == 1 { Scanned::Clean } else { Scanned::Not },
        at: row.get("added_at")?,
        by: row.get("added_by")?,
    })
}

/// The files of a case, in their order. The case was found within a scope.
///
/// # Errors
/// As the database says.
pub async fn attachments(read: &Read, case: CaseId) -> Result<Vec<Attachment>> {
    let sql = format!("{COLUMNS} case_id = $1 ORDER BY id");
    read.all((&*sql, args![case])).await?.iter().map(attachment_of).collect()
}

/// A file of a case that the actor may read, with its content.
///
/// # Errors
/// [`Error::NotFound`], also for a case out of reach.
pub async fn attached(read: &Read, actor: &Actor, case: CaseId, id: i64) -> Result<(Attachment, Vec<u8>)> {
    find(read, actor, case).await?;
    let sql = format!("{COLUMNS} id = $1 AND case_id = $2");
    let found = attachment_of(&read.one((&*sql, args![id, case])).await?)?;
    let sql = "SELECT content FROM attachment_file WHERE digest = $1";
    let bytes: Vec<u8> = read.one((sql, args![found.digest.clone()])).await?.get("content")?;
    Ok((found, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(parts: &[&str]) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04\x14\x00\x00\x00\x08\x00".to_vec();
        bytes.resize(30, 0);
        parts.iter().for_each(|part| bytes.extend_from_slice(part.as_bytes()));
        bytes
    }

    #[test]
    fn a_file_is_what_its_content_says() {
        let png = b"\x89PNG\r\n\x1a\n".to_vec();
        let word = package(&["[Content_Types].xml", "word/document.xml"]);
        for (name, bytes, sort) in [
            ("批复.pdf", b"%PDF-1.7".to_vec(), Some("pdf")),
            ("图.PNG", png.clone(), Some("png")),
            ("照片.jpeg", b"\xff\xd8\xff\xe0".to_vec(), Some("jpg")),
            ("说明.docx", word.clone(), Some("docx")),
            ("公文.ofd", package(&["OFD.xml"]), Some("ofd")),
            ("图.pdf", png, None),
            ("说明.xlsx", word, None),
            ("宏.docx", package(&["word/document.xml", "word/vbaProject.bin"]), None),
            ("宏.docx", package(&["word/document.xml", "word/VBAPROJECT.BIN"]), None),
            ("压缩.zip", package(&["a.txt"]), None),
            ("程序.pdf", b"MZ\x90\x00".to_vec(), None),
            ("网页.pdf", b"<!DOCTYPE html><script>".to_vec(), None),
            ("空.pdf", Vec::new(), None),
            ("没有后缀", b"%PDF-1.7".to_vec(), None),
        ] {
            assert_eq!(sort_of(name, &bytes).ok().map(|sort| sort.code), sort, "{name}");
        }
        let large = [b"%PDF-1.7".as_slice(), &vec![0; LARGEST]].concat();
        assert!(sort_of("大.pdf", &large).is_err());
    }

    #[test]
    fn a_name_brings_no_folders_and_nothing_that_turns_it_round() {
        assert_eq!(clean_name("C:\\文件\\批复.pdf"), "批复.pdf");
        assert_eq!(clean_name("../../etc/批复.pdf"), "批复.pdf");
        assert_eq!(clean_name("a\u{202e}fdp.exe\n.pdf"), "afdp.exe.pdf");
        let long = clean_name(&format!("{}.pdf", "长".repeat(300)));
        assert!(long.ends_with(".pdf") && long.chars().count() == LONGEST_NAME);
    }
}
