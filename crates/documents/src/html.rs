//! A document as HTML: a figure is a link to where it comes from.

use crate::annex::{annex, introduction};
use crate::chart;
use crate::model::{Align, Block, Cell, Document, Heading, Inline, Row, Table};
use crate::number::Counter;

/// The document as a fragment of a page; everything in it is escaped. A figure links to its page where it has one,
/// and otherwise to its line in the annex.
pub fn html(document: &Document) -> String {
    let depths = crate::pdf::depths(&document.blocks);
    let mut page = Page { document, out: String::new(), counter: Counter::default(), depths };
    page.head();
    document.blocks.iter().for_each(|block| page.block(block));
    page.tail();
    page.out
}

struct Page<'d> {
    document: &'d Document,
    out: String,
    counter: Counter,
    /// The levels that occur: the outline of a page has no gap either.
    depths: Vec<u8>,
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}

/// A link that leads into this site; anything else is not linked.
fn is_ours(href: &str) -> bool {
    href.starts_with('/') && !href.starts_with("//")
}

impl Page<'_> {
    fn line(&mut self, tag: &str, class: &str, text: &str) {
        if !text.is_empty() {
            let name = tag.split(' ').next().unwrap_or(tag);
            self.out.push_str(&format!("<{tag} class=\"{class}\">{}</{name}>\n", escaped(text)));
        }
    }

    fn head(&mut self) {
        let head = &self.document.head;
        self.line("p", "letter-head", &head.issuer);
        self.line("p", "letter-class", &head.mark);
        self.line("p", "letter-number", &head.number);
        self.line("h2", "letter-title", &head.title);
        if !head.addressee.is_empty() {
            self.line("p", "letter-to", &format!("{}：", head.addressee));
        }
    }

    fn tail(&mut self) {
        let head = &self.document.head;
        for (n, name) in head.annexes.iter().enumerate() {
            let lead = if n == 0 { "附件：" } else { "" };
            self.line("p", "letter-annex", &format!("{lead}{}. {name}", n + 1));
        }
        self.line("p", "letter-sign", &head.signed_by);
        self.line("p", "letter-date", &head.dated);
        for line in &head.contact {
            self.line("p", "letter-contact", line);
        }
        for (n, note) in self.document.notes.iter().enumerate() {
            self.line("p", "footnote", &format!("注{}：{note}", n + 1));
        }
        if let [_, Block::Table(table)] = annex(self.document).as_slice() {
            self.out.push_str(&format!("<h3>{}</h3>\n<p>", crate::annex::TITLE));
            self.out.push_str(&escaped(&introduction(self.document)));
            self.out.push_str("</p>\n");
            self.table(table);
        }
    }

    fn inlines(&mut self, text: &[Inline]) {
        for piece in text {
            match piece {
                Inline::Text(words) => self.out.push_str(&escaped(words)),
                Inline::Figure { key, text } => {
                    let href = match self.document.source(key) {
                        Some(source) if is_ours(&source.href) => source.href.clone(),
                        Some(_) => format!("#{}", crate::annex::anchor(key)),
                        None => String::new(),
                    };
                    match href.is_empty() {
                        true => self.out.push_str(&escaped(text)),
                        false => self.out.push_str(&format!(
                            "<a class=\"figure\" href=\"{}\">{}</a>",
                            escaped(&href),
                            escaped(text)
                        )),
                    }
                }
            }
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(Heading { level, text }) => {
                let number = self.counter.next(*level);
                let depth = self.depths.iter().position(|l| *l == (*level).clamp(1, 4)).unwrap_or(0);
                let tag = format!("h{}", depth + 3);
                self.out.push_str(&format!("<{tag}>{}", escaped(&number)));
                self.inlines(text);
                self.out.push_str(&format!("</{tag}>\n"));
            }
            Block::Paragraph(text) => self.paragraph("", text),
            Block::Note(text) => self.paragraph(" class=\"footnote\"", text),
            Block::Table(table) => self.table(table),
            Block::Chart(drawn) => {
                let data = chart::data_uri(drawn);
                let label = escaped(&chart::said(drawn));
                self.out.push_str(&format!("<p><img class=\"letter-chart\" src=\"{data}\" alt=\"{label}\"></p>\n"));
            }
            Block::Picture(picture) => {
                let data = crate::chart::base64(&picture.bytes);
                let label = escaped(&picture.caption);
                self.out.push_str(&format!("<p><img src=\"data:image/png;base64,{data}\" alt=\"{label}\"></p>\n"));
            }
            Block::PageBreak => self.out.push_str("<hr class=\"page-break\">\n"),
        }
    }

    fn paragraph(&mut self, class: &str, text: &[Inline]) {
        self.out.push_str(&format!("<p{class}>"));
        self.inlines(text);
        self.out.push_str("</p>\n");
    }

    fn table(&mut self, table: &Table) {
        self.out.push_str("<div class=\"table-list\"><table class=\"dense\">\n");
        self.line("caption", "", &table.caption);
        if table.has_heads() {
            self.out.push_str("<thead><tr>");
            for column in &table.columns {
                self.line("th scope=\"col\"", class(column.align), &column.head);
            }
            self.out.push_str("</tr></thead>\n");
        }
        self.out.push_str("<tbody>\n");
        for row in &table.rows {
            self.row(table, row);
        }
        self.out.push_str("</tbody></table></div>\n");
    }

    fn row(&mut self, table: &Table, row: &Row) {
        let id = if row.anchor.is_empty() { String::new() } else { format!(" id=\"{}\"", escaped(&row.anchor)) };
        self.out.push_str(&format!("<tr{id}>"));
        let mut at = 0;
        for cell in &row.cells {
            let of_column = table.columns.get(at).map(|c| c.align).unwrap_or_default();
            self.cell(cell, cell.align.unwrap_or(of_column));
            at += cell.span.max(1) as usize;
        }
        self.out.push_str("</tr>\n");
    }

    fn cell(&mut self, cell: &Cell, align: Align) {
        let span = if cell.span > 1 { format!(" colspan=\"{}\"", cell.span) } else { String::new() };
        self.out.push_str(&format!("<td class=\"{}\"{span}>", class(align)));
        self.inlines(&cell.text);
        self.out.push_str("</td>");
    }
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Start => "",
        Align::Center => "center",
        Align::End => "num",
    }
}
