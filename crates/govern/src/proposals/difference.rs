//! What changed from one draft of a reply to the next, paragraph by paragraph. Pure.

use similar::{ChangeTag, DiffOp, TextDiff};

/// A run of text in a paragraph that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// `ins` for what is new, `del` for what is gone, empty for what stayed.
    pub mark: &'static str,
    /// The text.
    pub text: String,
}

impl Piece {
    fn whole(mark: &'static str, line: &str) -> Vec<Self> {
        vec![Self { mark, text: line.trim_end().to_owned() }]
    }
}

/// The paragraphs that changed from the older to the newer text, in their order; what stayed is left out.
pub(super) fn differences(older: &str, newer: &str) -> Vec<Vec<Piece>> {
    let diff = TextDiff::from_lines(older, newer);
    let (before, after): (Vec<&str>, Vec<&str>) = (older.lines().collect(), newer.lines().collect());
    let line = |lines: &[&str], at: usize| lines.get(at).copied().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for op in diff.ops() {
        let (old, new) = (op.old_range(), op.new_range());
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        // Paragraphs that were replaced are held against each other; what is over on a side came or went whole.
        let both = old.len().min(new.len());
        found.extend(old.clone().zip(new.clone()).map(|(o, n)| within(&line(&before, o), &line(&after, n))));
        found.extend(old.skip(both).map(|at| Piece::whole("del", &line(&before, at))));
        found.extend(new.skip(both).map(|at| Piece::whole("ins", &line(&after, at))));
    }
    found.retain(|pieces| pieces.iter().any(|piece| !piece.text.trim().is_empty()));
    found
}

/// Chinese has no spaces between words: character by character.
fn within(older: &str, newer: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for change in TextDiff::from_chars(older, newer).iter_all_changes() {
        let mark = match change.tag() {
            ChangeTag::Equal => "",
            ChangeTag::Delete => "del",
            ChangeTag::Insert => "ins",
        };
        match pieces.last_mut().filter(|last| last.mark == mark) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(Piece { mark, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(older: &str, newer: &str) -> Vec<String> {
        let piece = |piece: &Piece| match piece.mark {
            "" => piece.text.clone(),
            mark => format!("[{mark} {}]", piece.text),
        };
        differences(older, newer).iter().map(|pieces| pieces.iter().map(piece).collect()).collect()
    }

    #[test]
    fn only_paragraphs_that_changed_are_told_and_in_them_only_the_words() {
        let older = "一、总体情况\n全市完成诊断 152 家。\n三、下一步\n";
        let newer = "一、总体情况\n全市完成诊断 153 家。\n二、经费\n三、下一步\n";
        assert_eq!(told(older, newer), ["全市完成诊断 15[del 2][ins 3] 家。", "[ins 二、经费]"]);
        assert!(told(older, older).is_empty());
        assert_eq!(told("", "新的一段"), ["[ins 新的一段]"]);
        assert_eq!(told("旧的一段\n", ""), ["[del 旧的一段]"]);
    }
}
