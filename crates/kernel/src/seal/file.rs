//! The exported file: one JSON object a line, the rows of a block before its seal, then the publications,
//! and a hash of all lines at the end.
//! A ledger holds facts, a log entries; a block whose entries went into an earlier file stands there with its header alone.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use super::block::{Block, Header, leaves_of};
use super::check::{Fault, Finding, Trust, check_facts};
use super::fact::SealedFact;
use super::hash::{Hash, Hasher, from_hex, to_hex};
use super::sealed::Sealable;
use super::statement::{SealedFigure, Stated, Statement, check_statement};
use super::verify::Report;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<S> {
    QishuLedger(i64),
    QishuAudit(i64),
    Fact(S),
    Entry(S),
    Past(PastLine),
    Seal(SealLine),
    Publication(PublicationLine),
    End(End),
}

/// A block whose rows are in an earlier file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PastLine {
    header: Header,
    signature: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicationLine {
    statement: Statement,
    signature: String,
    figures: Vec<SealedFigure>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealLine {
    header: Header,
    signature: String,
    leaves: String,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How many blocks.
    pub blocks: i64,
    /// How many facts.
    pub facts: i64,
    /// How many publications.
    pub publications: i64,
    /// Hash of the last block.
    pub head: Hash,
    /// SM3 of every byte before this line.
    pub sm3: Hash,
}

impl Default for End {
    fn default() -> Self {
        Self { blocks: 0, facts: 0, publications: 0, head: Hash::ZERO, sm3: Hash::ZERO }
    }
}

impl End {
    /// Counts a block in.
    pub fn take(&mut self, header: &Header, facts: usize) {
        self.blocks += 1;
        self.facts += facts as i64;
        self.head = header.hash();
    }
}

/// A writer that hashes what goes through it.
pub(super) struct Hashing<'a> {
    out: &'a mut (dyn Write + Send),
    hasher: Hasher,
}

impl<'a> Hashing<'a> {
    pub(super) fn of(out: &'a mut (dyn Write + Send)) -> Self {
        Self { out, hasher: Hasher::default() }
    }

    /// The hash of every byte written so far.
    pub(super) fn hash(&self) -> Hash {
        self.hasher.clone().finish()
    }
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// The version of the form.
const VERSION: i64 = 1;

fn write<S: Serialize>(out: &mut dyn Write, line: &Line<S>) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text)
}

/// Writes the first line.
///
/// # Errors
/// As the writer says.
pub fn write_head<S: Sealable>(out: &mut dyn Write) -> std::io::Result<()> {
    write(out, &if S::IS_AUDIT { Line::<S>::QishuAudit(VERSION) } else { Line::QishuLedger(VERSION) })
}

/// Writes a block whose rows are in an earlier file.
///
/// # Errors
/// As the writer says.
pub(super) fn write_past(out: &mut dyn Write, header: &Header, signature: &[u8]) -> std::io::Result<()> {
    write::<SealedFact>(out, &Line::Past(PastLine { header: header.clone(), signature: to_hex(signature) }))
}

/// Writes a block: its rows, then its seal.
///
/// # Errors
/// As the writer says.
pub fn write_block<S: Sealable>(out: &mut dyn Write, rows: &[S], block: &Block) -> std::io::Result<()> {
    for row in rows.iter().cloned() {
        write(out, &if S::IS_AUDIT { Line::Entry(row) } else { Line::Fact(row) })?;
    }
    let (signature, leaves) = (to_hex(&block.signature), to_hex(&block.leaf_bytes()));
    write::<S>(out, &Line::Seal(SealLine { header: block.header.clone(), signature, leaves }))
}

/// Writes a publication: its statement with the figures it is made over. They stand behind all blocks.
///
/// # Errors
/// As the writer says.
pub fn write_publication(out: &mut dyn Write, stated: &Stated) -> std::io::Result<()> {
    let Stated { statement, signature, figures } = stated.clone();
    write::<SealedFact>(out, &Line::Publication(PublicationLine { statement, signature: to_hex(&signature), figures }))
}

/// Writes the last line.
///
/// # Errors
/// As the writer says.
pub fn write_end(out: &mut dyn Write, end: &End) -> std::io::Result<()> {
    write::<SealedFact>(out, &Line::End(end.clone()))
}

/// Verifies an exported ledger without a database.
///
/// # Errors
/// When the file cannot be read; what is wrong in it is in the report.
pub fn check_file(file: &mut dyn BufRead, trust: &Trust) -> std::io::Result<Report> {
    check_log::<SealedFact>(file, trust)
}

/// As [`check_file`], of any sort.
///
/// # Errors
/// As [`check_file`].
pub fn check_log<S: Sealable>(file: &mut dyn BufRead, trust: &Trust) -> std::io::Result<Report> {
    let mut check = Check::<S> {
        report: Report::default(),
        before: None,
        rows: Vec::new(),
        end: End::default(),
        hashes: Vec::new(),
        stated: None,
        hasher: Hasher::default(),
        begun: false,
        ended: false,
        whole: false,
        known: trust.head.is_none(),
    };
    let mut text = Vec::new();
    loop {
        text.clear();
        if file.read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if let Err(why) = check.line(&text, trust) {
            let fault = Fault::Form(why);
            check.report.findings.push(Finding { block: check.report.blocks + 1, fault });
            break;
        }
    }
    if !check.ended && check.report.is_whole() {
        check
            .report
            .findings
            .push(Finding { block: check.report.blocks, fault: Fault::Form("没有末行，文件不完整".into()) });
    }
    if let Some(hash) = trust.head.filter(|_| !check.known) {
        check.report.findings.push(Finding { block: check.report.blocks, fault: Fault::Head(hash) });
    }
    Ok(check.report)
}

struct Check<S> {
    report: Report,
    before: Option<Header>,
    rows: Vec<S>,
    end: End,
    /// Hashes of the blocks, and the last statement.
    hashes: Vec<Hash>,
    stated: Option<Statement>,
    hasher: Hasher,
    begun: bool,
    ended: bool,
    /// A block with its rows has come: headers alone stand before all of those.
    whole: bool,
    known: bool,
}

impl<S: Sealable> Check<S> {
    /// Takes a line in; an error says what is wrong with its form.
    fn line(&mut self, text: &[u8], trust: &Trust) -> Result<(), String> {
        let line: Line<S> = serde_json::from_slice(text).map_err(|e| format!("有一行读不懂：{e}"))?;
        match line {
            _ if self.ended => return Err("末行之后还有内容".into()),
            Line::QishuLedger(VERSION) if !self.begun && !S::IS_AUDIT => self.begun = true,
            Line::QishuAudit(VERSION) if !self.begun && S::IS_AUDIT => self.begun = true,
            _ if !self.begun => return Err("首行不是 qishu_ledger 1 或 qishu_audit 1".into()),
            Line::QishuLedger(_) | Line::QishuAudit(_) => return Err("首行重复".into()),
            Line::Fact(_) | Line::Seal(_) if self.stated.is_some() => return Err("发布之后还有事实".into()),
            Line::Fact(row) if !S::IS_AUDIT => self.rows.push(row),
            Line::Entry(row) if S::IS_AUDIT => self.rows.push(row),
            Line::Past(past) if S::IS_AUDIT && !self.whole && self.rows.is_empty() => {
                let signature = from_hex(&past.signature).ok_or("签名不是十六进制")?;
                self.header(past.header, &signature, trust);
            }
            Line::Fact(_) | Line::Entry(_) | Line::Past(_) => return Err("有一行不属于这种文件，或不在它的位置".into()),
            Line::Seal(seal) => self.block(seal, trust)?,
            Line::Publication(_) if S::IS_AUDIT => return Err("日志中没有发布".into()),
            Line::Publication(_) if !self.rows.is_empty() => return Err("发布之前有事实没有封存".into()),
            Line::Publication(publication) => self.publication(publication, trust)?,
            Line::End(end) => {
                self.ended = true;
                self.end.sm3 = self.hasher.clone().finish();
                if !self.rows.is_empty() || end != self.end || text.last() != Some(&b'\n') {
                    return Err("末行的计数或散列与文件不符".into());
                }
            }
        }
        self.hasher.update(text);
        Ok(())
    }

    fn block(&mut self, seal: SealLine, trust: &Trust) -> Result<(), String> {
        let signature = from_hex(&seal.signature).ok_or("签名不是十六进制")?;
        let leaves = from_hex(&seal.leaves).and_then(|b| leaves_of(&b)).ok_or("叶子清单不完整")?;
        let rows = std::mem::take(&mut self.rows);
        self.whole = true;
        self.end.take(&seal.header, rows.len());
        let block = Block { header: seal.header, signature, leaves };
        self.header(block.header.clone(), &block.signature, trust);
        let stored: Vec<_> = rows.into_iter().map(Ok).collect();
        let fault = check_facts(&block, &stored);
        self.report.findings.extend(fault.map(|fault| Finding { block: block.header.number, fault }));
        Ok(())
    }

    fn publication(&mut self, line: PublicationLine, trust: &Trust) -> Result<(), String> {
        let signature = from_hex(&line.signature).ok_or("签名不是十六进制")?;
        let stated = Stated { statement: line.statement, signature, figures: line.figures };
        let (number, id) = (stated.statement.number, stated.statement.publication);
        let at = usize::try_from(stated.statement.block.saturating_sub(1)).ok();
        let block = at.and_then(|at| self.hashes.get(at)).copied();
        let why = check_statement(self.stated.as_ref(), &stated, block, trust);
        let fault = why.map(|why| Fault::Publication(id, why.to_owned()));
        self.report.findings.extend(fault.map(|fault| Finding { block: number, fault }));
        self.report.publications += 1;
        self.end.publications += 1;
        self.stated = Some(stated.statement);
        Ok(())
    }

    /// Takes a header in.
    fn header(&mut self, header: Header, signature: &[u8], trust: &Trust) {
        self.report.header::<S>(self.before.as_ref(), &header, signature, trust);
        self.known |= trust.head == self.report.head;
        self.hashes.push(header.hash());
        self.before = Some(header);
    }
}
