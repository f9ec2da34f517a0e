//! The parts of comments: their words, and the shapes that show them. Ours replace ours; others stay.

use std::collections::HashSet;

use quick_xml::escape::escape;

use super::{AUTHOR, PageMarks};
use crate::book::a1;

/// How our shapes are told from others.
const SHAPE: &str = "qishu_mark_";

/// The comments part with our comments; `old` is the part that is there.
pub(super) fn words(old: Option<&str>, marks: &PageMarks) -> Option<String> {
    let blank = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <comments xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><authors></authors>\
         <commentList></commentList></comments>";
    let mut text = old.unwrap_or(blank).replace("<authors/>", "<authors></authors>");
    text = text.replace("<commentList/>", "<commentList></commentList>");
    let authors = text.get(text.find("<authors>")?..text.find("</authors>")?)?;
    let ours = authors.split("</author>").position(|a| a.ends_with(AUTHOR));
    let number = ours.unwrap_or_else(|| authors.matches("</author>").count());
    if ours.is_none() {
        text = text.replacen("</authors>", &format!("<author>{AUTHOR}</author></authors>"), 1);
    }
    // Our earlier comments, and others at cells that get one now, give way: a cell has one comment.
    let mut kept = String::new();
    let list = text.find("<commentList>")? + "<commentList>".len();
    let end = text.find("</commentList>")?;
    let places: HashSet<String> = marks.cells.keys().map(|(row, col)| a1(*col, *row)).collect();
    let by_us = format!("authorId=\"{number}\"");
    for comment in text.get(list..end)?.split_inclusive("</comment>") {
        let ours = comment.contains(&by_us) && ours.is_some();
        let taken = between(comment, "ref=\"", "\"").is_some_and(|place| places.contains(place));
        if !ours && !taken {
            kept.push_str(comment);
        }
    }
    for ((row, col), words) in &marks.cells {
        kept.push_str(&format!(
            "<comment ref=\"{}\" authorId=\"{number}\"><text><r><t xml:space=\"preserve\">{}</t></r></text></comment>",
            a1(*col, *row),
            escape(words.as_str())
        ));
    }
    text.replace_range(list..end, &kept);
    Some(text)
}

/// The shapes part with a shape for each of our comments.
pub(super) fn shapes(old: Option<&str>, marks: &PageMarks) -> Option<String> {
    let blank = "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
                 xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" \
                 o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" \
                 o:connecttype=\"rect\"/></v:shapetype></xml>";
    let text = usual_prefixes(old.unwrap_or(blank))?;
    let end = text.rfind("</xml>")?;
    let mut out = String::new();
    for shape in text.get(..end)?.split_inclusive("</v:shape>") {
        let start = shape.find("<v:shape ").unwrap_or(shape.len());
        let (before, own) = shape.split_at(start);
        out.push_str(before);
        let number = |element: &str| {
            let text = between(own, &format!("<x:{element}>"), &format!("</x:{element}>"))?;
            text.trim().parse::<u32>().ok()
        };
        let place = number("Row").zip(number("Column").and_then(|col| u16::try_from(col).ok()));
        let is_taken = place.is_some_and(|(row, col)| marks.cells.contains_key(&(row.saturating_add(1), col)));
        if !own.contains(SHAPE) && !is_taken {
            out.push_str(own);
        }
    }
    for (index, (row, col)) in marks.cells.keys().enumerate() {
        let (top, left) = (row - 1, *col);
        out.push_str(&format!(
            "<v:shape id=\"{SHAPE}{index}\" type=\"#_x0000_t202\" style=\"position:absolute;width:240pt;height:60pt;\
             z-index:{};visibility:hidden\" fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/>\
             <v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox \
             style=\"mso-direction-alt:auto\"><div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\">\
             <x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{}, 12, {}, 4, {}, 12, {}, 8</x:Anchor><x:AutoFill>False</x:AutoFill>\
             <x:Row>{top}</x:Row><x:Column>{left}</x:Column></x:ClientData></v:shape>",
            index + 1,
            left + 1,
            top.saturating_sub(1),
            left + 4,
            top + 3,
        ));
    }
    Some(out + "</xml>")
}

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(inner, _)| inner)
}

/// The same part with the prefixes that most programs write, each declared at the root; some write others.
fn usual_prefixes(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    for (usual, name) in [
        ("v", "urn:schemas-microsoft-com:vml"),
        ("o", "urn:schemas-microsoft-com:office:office"),
        ("x", "urn:schemas-microsoft-com:office:excel"),
    ] {
        let root = text.find("<xml")?;
        let end = root + text.get(root..)?.find('>')?;
        let declared = format!("=\"{name}\"");
        let attributes = text.get(root..end)?;
        let prefix = attributes.split_ascii_whitespace().find_map(|a| {
            let prefix = a.strip_prefix("xmlns:")?.strip_suffix(&declared)?;
            Some(prefix.to_owned())
        });
        match prefix {
            Some(prefix) if prefix == usual => {}
            Some(prefix) => {
                for (before, after) in [("<", ":"), ("</", ":"), (" ", ":"), ("xmlns:", "=")] {
                    text = text.replace(&format!("{before}{prefix}{after}"), &format!("{before}{usual}{after}"));
                }
            }
            None => text.insert_str(root + "<xml".len(), &format!(" xmlns:{usual}=\"{name}\"")),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(cells: &[(u32, u16)]) -> PageMarks {
        let cells = cells.iter().map(|at| (*at, "请填写 <名称>".to_owned())).collect();
        PageMarks { cells, ..PageMarks::default() }
    }

    #[test]
    fn our_comments_replace_ours_and_leave_others() {
        let foreign = "<comments><authors><author>张</author></authors><commentList><comment ref=\"A1\" authorId=\"0\">\
                       <text><t>别动</t></text></comment></commentList></comments>";
        let first = words(Some(foreign), &marks(&[(5, 2)])).expect("comments");
        let second = words(Some(&first), &marks(&[(6, 3)])).expect("comments");
        assert!(second.contains("别动") && second.contains("ref=\"D6\"") && !second.contains("ref=\"C5\""), "{second}");
        assert!(second.contains("&lt;名称&gt;"));
        let first = shapes(None, &marks(&[(5, 2)])).expect("shapes");
        let second = shapes(Some(&first), &marks(&[(6, 3)])).expect("shapes");
        assert_eq!(second.matches("<v:shape ").count(), 1);
        assert!(second.contains("<x:Row>5</x:Row>"), "{second}");
    }

    #[test]
    fn shapes_with_other_prefixes_are_brought_to_the_usual_ones() {
        let old = "<xml xmlns:n0=\"urn:schemas-microsoft-com:office:office\" xmlns:n1=\"urn:schemas-microsoft-com:vml\">\
                   <n1:shape id=\"a\" n0:insetmode=\"auto\"></n1:shape></xml>";
        let new = shapes(Some(old), &marks(&[(5, 2)])).expect("shapes");
        assert!(new.contains("<v:shape id=\"a\" o:insetmode=\"auto\"></v:shape>"), "{new}");
        assert!(!new.contains("n0:") && !new.contains("n1:") && new.contains("xmlns:x="), "{new}");
        assert_eq!(new.matches("<v:shape ").count(), 2);
    }
}
