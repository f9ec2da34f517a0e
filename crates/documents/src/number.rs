//! Numbers of headings: 一、（一）1.（1）, counted from the order of the headings.

/// Counts headings.
#[derive(Debug, Default)]
pub(crate) struct Counter([u32; 4]);

impl Counter {
    /// The number of the next heading of a level, with its punctuation. Levels beyond the fourth count as the fourth.
    pub(crate) fn next(&mut self, level: u8) -> String {
        let at = usize::from(level.clamp(1, 4)) - 1;
        self.0[at] += 1;
        self.0[at + 1..].fill(0);
        let n = self.0[at];
        match at {
            0 => format!("{}、", chinese(n)),
            1 => format!("（{}）", chinese(n)),
            2 => format!("{n}. "),
            _ => format!("（{n}）"),
        }
    }
}

/// A number up to 99 in Chinese; larger ones in digits.
pub(crate) fn chinese(n: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |d: u32| DIGITS.get(d as usize).copied().unwrap_or_default();
    match n {
        0 => "零".to_owned(),
        1..=9 => digit(n).to_owned(),
        10..=19 => format!("十{}", digit(n - 10)),
        20..=99 => format!("{}十{}", digit(n / 10), digit(n % 10)),
        _ => n.to_string(),
    }
}

/// Cuts the number off a typed heading: its level and the text after it.
pub fn typed(text: &str) -> Option<(u8, &str)> {
    let text = text.trim();
    let numeral = |s: &str| !s.is_empty() && s.chars().all(|c| "一二三四五六七八九十".contains(c));
    let digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
    let within = |open: char, close: char| {
        let (inside, rest) = text.strip_prefix(open)?.split_once(close)?;
        let level = if numeral(inside) {
            2
        } else if digits(inside) {
            4
        } else {
            return None;
        };
        Some((level, rest.trim_start()))
    };
    if let Some(found) = within('（', '）').or_else(|| within('(', ')')) {
        return Some(found);
    }
    if let Some((number, rest)) = text.split_once('、') {
        if numeral(number) {
            return Some((1, rest.trim_start()));
        }
        if digits(number) {
            return Some((3, rest.trim_start()));
        }
    }
    let (number, rest) = text.split_once(['.', '．'])?;
    // 3.26 is a value, not a heading.
    (digits(number) && !rest.starts_with(|c: char| c.is_ascii_digit())).then(|| (3, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_counted_as_the_standard_writes_them() {
        let mut counter = Counter::default();
        let numbers: Vec<String> = [1, 2, 3, 4, 4, 2, 1, 2].into_iter().map(|level| counter.next(level)).collect();
        assert_eq!(numbers, ["一、", "（一）", "1. ", "（1）", "（2）", "（二）", "二、", "（一）"]);
        assert_eq!((chinese(10), chinese(21), chinese(120)), ("十".into(), "二十一".into(), "120".into()));
    }

    #[test]
    fn a_typed_number_is_known_by_its_form() {
        assert_eq!(typed("一、推动改造"), Some((1, "推动改造")));
        assert_eq!(typed("（二）建平台"), Some((2, "建平台")));
        assert_eq!(typed("1. 诊断先行"), Some((3, "诊断先行")));
        assert_eq!(typed("2、用平台"), Some((3, "用平台")));
        assert_eq!(typed("（1）其他"), Some((4, "其他")));
        assert_eq!(typed("3.26亿元"), None);
        assert_eq!(typed("诊断、项目"), None);
    }
}
