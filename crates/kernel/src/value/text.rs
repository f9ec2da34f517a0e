//! Typed text made regular before it is parsed or compared.
//!
//! Meant for codes, numbers, dates and search keys.
//! Never for a text that is shown again as its writer's own words: full-width punctuation is lost.

/// Makes `raw` regular: full-width forms become half-width, control and invisible characters are
/// dropped, white space is trimmed and every run of it becomes one space.
///
/// Idempotent. Full-width forms are those of Unicode U+FF01–U+FF5E, U+FFE5 (￥) and the ideographic
/// space U+3000; Chinese punctuation outside that block, such as `。`, is kept.
pub fn normalise(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut space_due = false;
    for c in raw.chars().map(half_width) {
        if c.is_whitespace() {
            space_due = !out.is_empty();
        } else if !is_invisible(c) {
            if std::mem::take(&mut space_due) {
                out.push(' ');
            }
            out.push(c);
        }
    }
    out
}

/// [`normalise`] without any space left: for codes, amounts and days, where a space never carries
/// meaning (`9142 0299 …`, `12.5 万元`, `2021 年 6 月 30 日`).
pub fn compact(raw: &str) -> String {
    let mut out = normalise(raw);
    out.retain(|c| c != ' ');
    out
}

/// Characters of a line that a person types, at most: a title, a source, a reason, a remark.
pub const LONGEST: usize = 200;

/// Whether a reason or remark is longer than [`LONGEST`], and what is said about it.
pub fn too_long(text: &str) -> Option<String> {
    (text.trim().chars().count() > LONGEST).then(|| format!("最多 {LONGEST} 个字"))
}

/// The half-width counterpart of a full-width character, or the character itself.
fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{FFE5}' => '\u{A5}',
        _ => c,
    }
}

/// Control characters, soft hyphen, zero-width and direction marks, byte order mark: what arrives
/// unseen when text is pasted from a workbook or a chat.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}'
                | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn makes_typed_text_regular() {
        for (raw, expected) in [
            ("", ""),
            ("　 \t\n", ""),
            ("　ＡＢｃ１２３　", "ABc123"),
            ("１，２３４．５６　元", "1,234.56 元"),
            ("黄石\u{A0}\u{A0} 港区", "黄石 港区"),
            ("a\u{200B}b\u{FEFF}\u{7}c", "abc"),
            ("a \u{1} b", "a b"),
            ("两行\r\n文字", "两行 文字"),
            ("￥１００", "¥100"),
            ("句号。保留", "句号。保留"),
        ] {
            assert_eq!(normalise(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn compact_leaves_no_space() {
        assert_eq!(compact(" 2021 年　６ 月 30 日 "), "2021年6月30日");
    }

    proptest! {
        #[test]
        fn is_idempotent(raw in any::<String>()) {
            let once = normalise(&raw);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn leaves_nothing_to_trim_collapse_or_drop(raw in any::<String>()) {
            let text = normalise(&raw);
            prop_assert_eq!(text.trim(), &text);
            prop_assert!(!text.contains("  "));
            prop_assert!(!text.chars().any(is_invisible));
        }
    }
}
