//! The styles part: for each style of a faulty cell a twin with our colour behind it, and back again.

use std::collections::{BTreeMap, BTreeSet};

use super::COLOUR;

/// The styles of a workbook, taken apart as far as marks need it.
pub(super) struct Styles {
    text: String,
    /// Where the entries of `cellXfs` begin and end in the text, and each of them.
    xfs: Vec<String>,
    range: (usize, usize),
    /// The number of our fill: one that is there from an earlier return, or the next one.
    fill: usize,
    has_fill: bool,
    added: BTreeMap<(usize, bool), usize>,
}

impl Styles {
    /// Takes the part apart; `None` when it is not written as programs write it.
    pub fn parse(text: &str) -> Option<Self> {
        let fills = section(text, "fills")?;
        let each = entries(text.get(fills.0..fills.1)?, "fill");
        let ours = each.iter().position(|fill| fill.contains(COLOUR));
        let range = section(text, "cellXfs")?;
        let xfs = entries(text.get(range.0..range.1)?, "xf");
        (!xfs.is_empty()).then(|| Self {
            text: text.to_owned(),
            fill: ours.unwrap_or(each.len()),
            has_fill: ours.is_some(),
            xfs,
            range,
            added: BTreeMap::new(),
        })
    }

    /// Styles that carry our colour from an earlier return.
    pub fn marked(&self) -> BTreeSet<usize> {
        let id = format!("fillId=\"{}\"", self.fill);
        let marked = self.xfs.iter().enumerate().filter(|(_, xf)| self.has_fill && xf.contains(&id));
        marked.map(|(index, _)| index).collect()
    }

    /// The number of the style that looks like `style` with our colour (or without any).
    pub fn twin(&mut self, style: usize, coloured: bool) -> usize {
        if let Some(known) = self.added.get(&(style, coloured)) {
            return *known;
        }
        let fill = if coloured { self.fill } else { 0 };
        let first = self.xfs.first().cloned().unwrap_or_default();
        let twin = with_fill(self.xfs.get(style).unwrap_or(&first), fill);
        self.xfs.push(twin);
        self.added.insert((style, coloured), self.xfs.len() - 1);
        self.xfs.len() - 1
    }

    /// The part again, with what was added.
    pub fn written(&self) -> Option<String> {
        let mut text = self.text.clone();
        let open = text.get(..self.range.0)?.rfind("<cellXfs")?;
        let head = format!("<cellXfs count=\"{}\">", self.xfs.len());
        text.replace_range(open..self.range.1, &(head + &self.xfs.concat()));
        if !self.has_fill {
            let (start, end) = section(&text, "fills")?;
            let open = text.get(..start)?.rfind("<fills")?;
            let fill = format!(
                "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"{COLOUR}\"/><bgColor indexed=\"64\"/></patternFill></fill>"
            );
            let inner = format!("<fills count=\"{}\">{}{fill}", self.fill + 1, text.get(start..end)?);
            text.replace_range(open..end, &inner);
        }
        Some(text)
    }
}

/// Where the content of `<name …>…</name>` begins and ends.
fn section(text: &str, name: &str) -> Option<(usize, usize)> {
    let open = text.find(&format!("<{name}"))?;
    let start = open + text.get(open..)?.find('>')? + 1;
    let end = start + text.get(start..)?.find(&format!("</{name}>"))?;
    Some((start, end))
}

/// The elements `name` that follow one another in a text, whole.
fn entries(text: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(entry) = rest.find(&open).and_then(|at| rest.get(at..)) {
        let Some(tag) = entry.find('>') else { break };
        let closed = entry.get(..tag).is_some_and(|t| t.ends_with('/'));
        let end = if closed { Some(tag + 1) } else { entry.find(&close).map(|at| at + close.len()) };
        let Some((one, after)) = end.and_then(|end| Some((entry.get(..end)?, entry.get(end..)?))) else { break };
        found.push(one.to_owned());
        rest = after;
    }
    found
}

fn with_fill(xf: &str, fill: usize) -> String {
    let tag = xf.find('>').unwrap_or(xf.len());
    let (head, tail) = xf.split_at(tag);
    let (head, slash) = head.strip_suffix('/').map_or((head, ""), |h| (h, "/"));
    let kept: Vec<&str> =
        head.split_ascii_whitespace().filter(|a| !a.starts_with("fillId=") && !a.starts_with("applyFill=")).collect();
    format!("{} fillId=\"{fill}\" applyFill=\"1\"{slash}{tail}", kept.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &str = "<styleSheet><fills count=\"2\"><fill><patternFill/></fill><fill><patternFill/></fill></fills>\
        <cellXfs count=\"2\"><xf numFmtId=\"0\" fillId=\"0\"/><xf numFmtId=\"14\" fillId=\"1\" applyFill=\"1\">\
        <protection locked=\"0\"/></xf></cellXfs><dxfs/></styleSheet>";

    #[test]
    fn a_faulty_cell_keeps_its_format_and_loses_the_colour_again() {
        let mut styles = Styles::parse(PART).expect("styles");
        assert_eq!((styles.twin(1, true), styles.twin(1, true), styles.twin(0, true)), (2, 2, 3));
        let text = styles.written().expect("written");
        assert!(text.contains("<cellXfs count=\"4\">") && text.contains("<fills count=\"3\">"), "{text}");
        assert!(
            text.contains("<xf numFmtId=\"14\" fillId=\"2\" applyFill=\"1\"><protection locked=\"0\"/></xf>"),
            "{text}"
        );
        let again = Styles::parse(&text).expect("styles");
        assert_eq!(again.marked(), BTreeSet::from([2, 3]));
    }
}
