//! Published figures that a correction moves, and numbers that changed, in words. Pure text, no store.

use kernel::indicator::{Display, Number, Scale, number_text};
use kernel::publication::Moves;
use kernel::value::money::Fen;

/// A published figure that a correction moves.
pub(crate) struct MoveRow {
    /// Title of the document.
    pub title: String,
    /// The figure in its publication; empty for who may not read it.
    pub href: String,
    /// Its number in the document.
    pub citation: String,
    /// What it is called, with its unit.
    pub name: String,
    /// As published.
    pub published: String,
    /// As known now.
    pub now: String,
    /// After the correction.
    pub after: String,
    /// The difference the correction makes.
    pub change: String,
}

impl MoveRow {
    /// In words. Who may not read publications learns which figures move and what the fact itself adds or takes,
    /// not how much they are: they are the whole city's.
    pub(crate) fn of(moves: &Moves, may_read: bool) -> Self {
        let text = |number: &Number| {
            if may_read { number_text(number, moves.display) } else { "全市数".to_owned() }
        };
        Self {
            title: moves.title.clone(),
            href: if may_read {
                format!("/publications/{}/figures/{}", moves.publication, moves.seq)
            } else {
                String::new()
            },
            citation: moves.citation.clone(),
            name: format!("{}（{}）", moves.name, moves.unit),
            published: text(&moves.published),
            now: text(&moves.now),
            after: text(&moves.after),
            change: match (&moves.now, &moves.after) {
                (Number::Count(_), Number::Count(_)) | (Number::Money(_), Number::Money(_)) => {
                    change(&moves.now, &moves.after, moves.display)
                }
                (now, after) if may_read || now == after => change(now, after, moves.display),
                _ => "会变".to_owned(),
            },
        }
    }
}

/// The difference between two numbers: signed, for a ratio both sides, for a day or text the one and the other.
pub(crate) fn change(before: &Number, after: &Number, display: Display) -> String {
    match (before, after) {
        (Number::Count(a), Number::Count(b)) => signed(b - a, &|n| n.to_string()),
        (Number::Money(a), Number::Money(b)) => {
            let unit = if display.scale == Scale::Yi { " 亿元" } else { " 万元" };
            // Rounded to nothing, a change of a few yuan would not be seen.
            let exact = Display { decimals: 10, ..display };
            signed(b.0 - a.0, &|n| number_text(&Number::Money(Fen(n)), exact) + unit)
        }
        (Number::Ratio { num: n, den: d }, Number::Ratio { num: m, den: e }) if (n, d) != (m, e) => {
            let plain = |n: i64| signed(n, &|n| n.to_string());
            // A ratio that is printed in money has money above the line.
            let above = match display.scale {
                Scale::Wan | Scale::Yi => signed(m - n, &|n| Fen(n).exact_wan() + " 万元"),
                _ => plain(m - n),
            };
            let (before, after) = (number_text(before, display), number_text(after, display));
            format!("{before} → {after}（分子 {above}，分母 {}）", plain(e - d))
        }
        _ if before == after => "0".to_owned(),
        _ => format!("{} → {}", number_text(before, display), number_text(after, display)),
    }
}

fn signed(n: i64, text: &dyn Fn(i64) -> String) -> String {
    match n {
        0 => "0".to_owned(),
        n if n > 0 => format!("+{}", text(n)),
        n => format!("−{}", text(-n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_a_sign_and_a_ratio_tells_both_sides() {
        let ratio = |num, den| Number::Ratio { num, den };
        assert_eq!(change(&Number::Count(153), &Number::Count(151), Display::WHOLE), "−2");
        assert_eq!(change(&Number::Money(Fen(0)), &Number::Money(Fen(5_000_000)), Display::WAN), "+5 万元");
        assert_eq!(change(&ratio(153, 152), &ratio(154, 152), Display::PERCENT), "100.66 → 101.32（分子 +1，分母 0）");
        let each = change(&ratio(600_000_000, 2), &ratio(900_000_000, 3), Display::WAN);
        assert_eq!(each, "300 → 300（分子 +300 万元，分母 +1）");
        assert_eq!(change(&Number::Count(3), &Number::Count(3), Display::WHOLE), "0");
        assert_eq!(change(&Number::None, &Number::Count(3), Display::WHOLE), "— → 3");
    }
}
