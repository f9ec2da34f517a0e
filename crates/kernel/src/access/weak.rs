//! Passwords that are guessed first, told by rule instead of by a list: rows of a keyboard, runs, repetitions, years,
//! words everybody takes, and what is known about the account.
//!
//! Whatever is guessable is taken out of the password; what is left must still be worth guessing.

/// Rows of a keyboard and the orders everybody knows; read in both directions.
const ROWS: [&str; 8] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv",
    "qazwsxedc",
    "!@#$%^&*()",
];

/// Words that stand in front of everybody's mind, longest first where one begins another.
const WORDS: [&str; 22] = [
    "administrator",
    "password",
    "passw0rd",
    "welcome",
    "changeme",
    "letmein",
    "iloveyou",
    "admin",
    "guest",
    "test",
    "root",
    "user",
    "login",
    "woaini",
    "mima",
    "kouling",
    "zhongguo",
    "china",
    "gongchuang",
    "qishu",
    "888",
    "666",
];

/// Characters that must be left when all that is guessable is taken out.
const LEFT: usize = 6;

/// Why a password is guessed early; nothing when it is not. `about` is what is known about the account: login, name, city.
pub(super) fn why(password: &str, about: &[&str]) -> Option<&'static str> {
    let lower = password.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let mut kinds = chars.clone();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 5 {
        return Some("字符太单一");
    }
    if is_repeated(&chars) {
        return Some("是同一段的重复");
    }
    let mut rest = lower;
    let mut cause = None;
    for word in about.iter().flat_map(|text| known(text)) {
        take(&mut rest, &word, &mut cause, "含有登录名、姓名或城市名");
    }
    for word in WORDS {
        take(&mut rest, word, &mut cause, "含有常用词");
    }
    let rest = without_runs(&rest, &mut cause);
    let left = rest.chars().filter(|c| c.is_alphanumeric() || !c.is_ascii()).count();
    cause.filter(|_| left < LEFT)
}

/// A text about the account, and each part of it that is long enough to be recognised; Chinese also by its initials.
fn known(text: &str) -> Vec<String> {
    use pinyin::ToPinyin;
    let text = text.trim().to_lowercase();
    let sounds: Vec<&str> = text.as_str().to_pinyin().flatten().map(|sound| sound.plain()).collect();
    // 黄石市: huangshishi, huangshi, hss.
    let mut words = vec![sounds.concat()];
    if let Some((_, but_last)) = sounds.split_last() {
        words.push(but_last.concat());
    }
    words.push(sounds.iter().filter_map(|sound| sound.get(..1)).collect());
    words.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
    words.push(text);
    words.retain(|word| word.chars().count() >= if word.is_ascii() { 3 } else { 2 });
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

fn take(rest: &mut String, word: &str, cause: &mut Option<&'static str>, why: &'static str) {
    if !word.is_empty() && rest.contains(word) {
        *rest = rest.replace(word, " ");
        cause.get_or_insert(why);
    }
}

/// Whether the whole is one short part over and over.
fn is_repeated(chars: &[char]) -> bool {
    (1..=chars.len() / 2).any(|n| chars.iter().enumerate().all(|(i, c)| *c == chars[i % n]))
}

/// The text without runs of three and more along a row, without repeated characters and without years.
fn without_runs(text: &str, cause: &mut Option<&'static str>) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut rest = String::new();
    let mut at = 0;
    while at < chars.len() {
        let ahead = &chars[at..];
        let (taken, why) = match (run(ahead), year(ahead)) {
            (n, _) if n >= 3 => (n, "是键盘或字母、数字的连续顺序"),
            (_, n) if n > 0 => (n, "含有年份"),
            _ => (0, ""),
        };
        if taken > 0 {
            cause.get_or_insert(why);
            at += taken;
        } else {
            rest.push(chars[at]);
            at += 1;
        }
    }
    rest
}

/// How many characters from the beginning go along a row, in either direction, or stay the same.
fn run(chars: &[char]) -> usize {
    let same = chars.iter().take_while(|c| **c == chars[0]).count();
    let along = |row: &mut dyn DoubleEndedIterator<Item = char>, back: bool| {
        let row: Vec<char> = if back { row.rev().collect() } else { row.collect() };
        let Some(start) = row.iter().position(|c| *c == chars[0]) else { return 0 };
        row[start..].iter().zip(chars).take_while(|(a, b)| a == b).count()
    };
    let rows = ROWS.iter().flat_map(|row| [along(&mut row.chars(), false), along(&mut row.chars(), true)]);
    rows.chain([same]).max().unwrap_or(0)
}

/// 4 when the text begins with a year of living memory.
fn year(chars: &[char]) -> usize {
    let digits: String = chars.iter().take(4).collect();
    let is_year = digits.len() == 4 && digits.parse().is_ok_and(|n: u32| (1940..=2040).contains(&n));
    if is_year { 4 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::why;

    const ABOUT: [&str; 3] = ["zhangsan", "张三", "黄石市"];

    #[test]
    fn what_is_guessed_first_is_refused() {
        for weak in [
            "123456789012",
            "qwertyuiop123",
            "1qaz2wsx3edc",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "huangshi-2021",
            "zhangsan@2024",
            "Password1234!",
            "admin@123456",
            "poiuytrewq987",
            "张三张三2021!!",
        ] {
            assert!(why(weak, &ABOUT).is_some(), "{weak}");
        }
    }

    #[test]
    fn what_is_not_guessed_early_is_taken() {
        for good in [
            "a-harbour-for-boats",
            "梧桐树下三只猫打瞌睡",
            "korrekt horse batterie",
            "t7#Kd9!xQm2w",
            "mountain 1987 river stone",
        ] {
            assert_eq!(why(good, &ABOUT), None, "{good}");
        }
    }
}
