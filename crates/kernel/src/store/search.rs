//! Search by part of a name or by pinyin initials, on both databases alike.
//!
//! A text is indexed as the sequence of its overlapping pairs of characters;
//! a search for three characters is then a phrase of two pairs, which finds exactly the texts that contain them.
//! Characters are written as code points, so that neither engine's idea of a letter matters.

use super::{Backend, Read, Sql, Tx};
use crate::Result;
use crate::value::text::normalise;

/// Index words of a text: pairs of characters, then pairs of pinyin initials.
fn words(texts: &[String]) -> String {
    let mut out = String::new();
    for text in texts {
        let chars: Vec<char> = normalise(text).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        push_pairs(&mut out, &chars, code);
        let initials: Vec<char> = chars.iter().filter_map(|c| initial(*c)).collect();
        push_pairs(&mut out, &initials, |c| c.to_string());
    }
    out
}

fn push_pairs(out: &mut String, chars: &[char], write: impl Fn(char) -> String) {
    for (i, c) in chars.iter().enumerate() {
        out.push_str(&write(*c));
        if let Some(next) = chars.get(i + 1) {
            out.push_str(&write(*next));
        }
        out.push(' ');
    }
    // A phrase must not run from one text into the next.
    out.push_str("zz0 ");
}

fn code(c: char) -> String {
    format!("u{:x}", c as u32)
}

fn initial(c: char) -> Option<char> {
    use pinyin::ToPinyin;
    if c.is_ascii_alphanumeric() {
        return Some(c);
    }
    c.to_pinyin().and_then(|p| p.first_letter().chars().next())
}

/// Whether a part of what was typed is a single letter or digit, which half the register contains.
/// A single Chinese character says enough.
pub fn too_broad(typed: &str) -> bool {
    normalise(typed).split_whitespace().any(|part| {
        let mut chars = part.chars().filter(|c| c.is_alphanumeric());
        chars.next().is_some_and(|c| c.is_ascii_alphanumeric()) && chars.next().is_none()
    })
}

/// What to do about a search that is [`too_broad`].
pub const TOO_BROAD: &str = "字母或数字至少写两个，汉字写一个也可以";

/// The phrases a typed search asks for, each a list of words, or `None` when nothing can be searched.
fn phrases(typed: &str) -> Vec<Vec<Vec<String>>> {
    normalise(typed)
        .to_lowercase()
        .split_whitespace()
        .take(6)
        .filter_map(|part| {
            let chars: Vec<char> = part.chars().filter(|c| c.is_alphanumeric()).take(40).collect();
            if chars.is_empty() {
                return None;
            }
            let mut ways = vec![pairs(&chars, code)];
            if chars.iter().all(char::is_ascii_alphanumeric) {
                ways.push(pairs(&chars, |c| c.to_string()));
            }
            Some(ways)
        })
        .collect()
}

fn pairs(chars: &[char], write: impl Fn(char) -> String) -> Vec<String> {
    if let [only] = chars {
        return vec![write(*only)];
    }
    chars.windows(2).map(|w| format!("{}{}", write(w[0]), write(w[1]))).collect()
}

/// Appends "`o` matches what was typed" for an alias of `organisation`. Typed text without letters, or [`too_broad`],
/// matches nothing.
pub fn matches(read: &Read, sql: &mut Sql, o: &str, typed: &str) {
    let wanted = phrases(typed);
    if wanted.is_empty() || too_broad(typed) {
        sql.push("1 = 0");
        return;
    }
    let backend = read.backend();
    let one = |way: &Vec<String>| match (backend, way.as_slice()) {
        (Backend::Sqlite, [only]) => format!("{only}*"),
        (Backend::Sqlite, many) => format!("\"{}\"", many.join(" ")),
        (Backend::Postgres, [only]) => format!("{only}:*"),
        (Backend::Postgres, many) => format!("({})", many.join(" <-> ")),
    };
    let (or, and) = if backend == Backend::Sqlite { (" OR ", " AND ") } else { (" | ", " & ") };
    let parts: Vec<String> =
        wanted.iter().map(|ways| format!("({})", ways.iter().map(one).collect::<Vec<_>>().join(or))).collect();
    let query = parts.join(and);
    sql.push(o);
    match backend {
        Backend::Sqlite => sql.push(".id IN (SELECT rowid FROM org_search WHERE org_search MATCH ").bind(query),
        Backend::Postgres => {
            sql.push(".id IN (SELECT id FROM org_search WHERE words @@ to_tsquery('simple', ").bind(query).push(")")
        }
    };
    sql.push(")");
}

impl Tx {
    /// Indexes an organisation under all its names, replacing what was indexed before.
    pub(crate) async fn index_names(&self, org: i64, names: &[String], is_new: bool) -> Result<()> {
        let words = words(names);
        match self.backend() {
            Backend::Sqlite => {
                if !is_new {
                    self.run(("DELETE FROM org_search WHERE rowid = $1", crate::args![org])).await?;
                }
                self.run(("INSERT INTO org_search (rowid, words) VALUES ($1, $2)", crate::args![org, words])).await?;
            }
            Backend::Postgres => {
                self.run((
                    "INSERT INTO org_search (id, words) VALUES ($1, to_tsvector('simple', $2))
                     ON CONFLICT (id) DO UPDATE SET words = excluded.words",
                    crate::args![org, words],
                ))
                .await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_part_and_by_initials() {
        let index = words(&["东贝电器".into()]);
        let phrase = pairs(&['贝', '电'], code).join(" ");
        assert!(index.contains(&phrase));
        assert!(index.contains("db bd dq"));
    }

    #[test]
    fn one_letter_is_too_broad_and_one_character_is_not() {
        for typed in ["a", "Ａ", "7", "东贝 d", "(x)"] {
            assert!(too_broad(typed), "{typed}");
        }
        for typed in ["", "db", "东", "东 贝", "42"] {
            assert!(!too_broad(typed), "{typed}");
        }
    }

    #[test]
    fn punctuation_alone_searches_nothing() {
        assert!(phrases("*** \" ' -").is_empty());
        assert_eq!(phrases("东 \"贝").len(), 2);
    }
}
