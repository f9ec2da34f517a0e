//! Search by part of a name or by pinyin initials, on both databases alike.
//!
//! A text is indexed as the sequence of its overlapping pairs of characters;
//! a search for three characters is then a phrase of two pairs, which finds exactly the texts that contain them.
//! Characters are written as code points, so that neither engine's idea of a letter matters.
//! Typed sentences are cut into words when they are asked, never when texts are indexed: each word is then such a phrase,
//! and another dictionary needs no new index.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jieba_rs::Jieba;

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

/// Longest search, in characters.
const LONGEST_SEARCH: usize = 100;

/// What is wrong with a search that is longer than any name.
pub fn too_long(typed: &str) -> Option<String> {
    let n = typed.chars().count();
    (n > LONGEST_SEARCH).then(|| format!("最多查找 {LONGEST_SEARCH} 个字，现有 {n} 个；请写其中的几个关键字"))
}

/// Ways a part of what was typed may stand in a text; each is a list of phrases that must all stand there.
type Ways = Vec<Vec<Vec<String>>>;

/// What a typed search asks for, part by part; nothing when nothing can be searched.
fn parts(typed: &str) -> Vec<Ways> {
    let typed = normalise(typed).to_lowercase();
    typed.split_whitespace().take(6).filter_map(ways).collect()
}

fn ways(part: &str) -> Option<Ways> {
    let chars: Vec<char> = part.chars().filter(|c| c.is_alphanumeric()).take(LONGEST_SEARCH).collect();
    if chars.is_empty() {
        return None;
    }
    let mut ways = vec![vec![pairs(&chars, code)]];
    if chars.iter().all(char::is_ascii_alphanumeric) {
        ways.push(vec![pairs(&chars, |c| c.to_string())]);
    } else if chars.len() > 3 {
        let words = cut(&chars.iter().collect::<String>());
        if words.len() > 1 {
            ways.push(words.iter().map(|word| pairs(word, code)).collect());
        }
    }
    Some(ways)
}

/// The words of a sentence, without those of a single character, which say nothing by themselves.
fn cut(sentence: &str) -> Vec<Vec<char>> {
    static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);
    let words = DICTIONARY.cut(sentence, true).into_iter();
    words.map(|word| word.word.chars().collect::<Vec<char>>()).filter(|word| word.len() > 1).collect()
}

/// The words of a sentence that say something, each once: those of a single character are left out.
pub fn keywords(sentence: &str) -> BTreeSet<String> {
    let plain: String = normalise(sentence).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let parts = plain.split_whitespace().flat_map(cut);
    parts.map(|word| word.into_iter().collect()).collect()
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
    within(read, sql, (o, ".id"), "org_search", typed);
}

/// Appends "the case `c` matches what was typed": its own words, or a name of whom it is about.
pub fn case_matches(read: &Read, sql: &mut Sql, c: &str, typed: &str) {
    sql.push("(");
    within(read, sql, (c, ".id"), "case_search", typed);
    sql.push(" OR ");
    within(read, sql, (c, ".subject_id"), "org_search", typed);
    sql.push(")");
}

fn within(read: &Read, sql: &mut Sql, (alias, column): (&str, &str), index: &str, typed: &str) {
    let wanted = parts(typed);
    if wanted.is_empty() || too_broad(typed) {
        sql.push("1 = 0");
        return;
    }
    let query = query(read.backend(), &wanted);
    sql.push(alias).push(column).push(" IN (SELECT ");
    match read.backend() {
        Backend::Sqlite => sql.push("rowid FROM ").push(index).push(" WHERE ").push(index).push(" MATCH ").bind(query),
        Backend::Postgres => {
            sql.push("id FROM ").push(index).push(" WHERE words @@ to_tsquery('simple', ").bind(query).push(")")
        }
    };
    sql.push(")");
}

/// The question in the engine's own words.
fn query(backend: Backend, wanted: &[Ways]) -> String {
    let phrase = |words: &Vec<String>| match (backend, words.as_slice()) {
        (Backend::Sqlite, [only]) => format!("{only}*"),
        (Backend::Sqlite, many) => format!("\"{}\"", many.join(" ")),
        (Backend::Postgres, [only]) => format!("{only}:*"),
        (Backend::Postgres, many) => format!("({})", many.join(" <-> ")),
    };
    let (or, and) = if backend == Backend::Sqlite { (" OR ", " AND ") } else { (" | ", " & ") };
    let way = |phrases: &Vec<Vec<String>>| format!("({})", phrases.iter().map(phrase).collect::<Vec<_>>().join(and));
    let part = |ways: &Ways| format!("({})", ways.iter().map(way).collect::<Vec<_>>().join(or));
    wanted.iter().map(part).collect::<Vec<_>>().join(and)
}

impl Tx {
    /// Indexes an organisation under all its names, replacing what was indexed before.
    pub(crate) async fn index_names(&self, org: i64, names: &[String], is_new: bool) -> Result<()> {
        self.index("org_search", org, names, is_new).await
    }

    /// Indexes a case under what it is called and what was filled in.
    pub(crate) async fn index_case(&self, case: i64, texts: &[String], is_new: bool) -> Result<()> {
        self.index("case_search", case, texts, is_new).await
    }

    async fn index(&self, table: &str, id: i64, texts: &[String], is_new: bool) -> Result<()> {
        let words = words(texts);
        match self.backend() {
            Backend::Sqlite => {
                if !is_new {
                    let sql = format!("DELETE FROM {table} WHERE rowid = $1");
                    self.run((&*sql, crate::args![id])).await?;
                }
                let sql = format!("INSERT INTO {table} (rowid, words) VALUES ($1, $2)");
                self.run((&*sql, crate::args![id, words])).await?;
            }
            Backend::Postgres => {
                let sql = format!(
                    "INSERT INTO {table} (id, words) VALUES ($1, to_tsvector('simple', $2))
                     ON CONFLICT (id) DO UPDATE SET words = excluded.words"
                );
                self.run((&*sql, crate::args![id, words])).await?;
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
    fn a_sentence_is_also_asked_for_by_its_words() {
        let ways = ways("数字化转型补贴").expect("something to search");
        assert_eq!(ways.len(), 2, "as a whole, and word by word");
        assert!(ways[1].len() > 1 && ways[1].contains(&pairs(&['补', '贴'], code)), "{ways:?}");
        assert_eq!(super::ways("贝电").expect("something to search").len(), 1, "what is short is asked for as it is");
    }

    #[test]
    fn punctuation_alone_searches_nothing() {
        assert!(parts("*** \" ' -").is_empty());
        assert_eq!(parts("东 \"贝").len(), 2);
    }
}
