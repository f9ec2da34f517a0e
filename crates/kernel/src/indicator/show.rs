//! Printing figures: scaled, rounded half up, trailing zeros dropped, the exact value always at hand.

use super::{Display, Figure, Number, Scale};
use crate::value::money::Fen;
use crate::value::thousands;
use crate::{Error, Result};

/// The number as printed, with separators: `1,040`, `2,101.83`, `66`.
pub fn shown(figure: &Figure) -> String {
    match &figure.number {
        Number::Count(_) | Number::Money(_) | Number::Ratio { .. } => thousands(plain(figure)),
        _ => plain(figure),
    }
}

/// The number as printed, without separators, for files and comparisons.
pub fn plain(figure: &Figure) -> String {
    number_text(&figure.number, figure.indicator.display)
}

/// A number as printed where no figure stands beside it: the frozen one of a publication, a difference.
pub fn number_text(number: &Number, display: Display) -> String {
    match number {
        Number::Count(n) => n.to_string(),
        Number::Money(fen) => money(*fen, display.scale, display.decimals),
        Number::Ratio { den: 0, .. } | Number::None => "—".into(),
        Number::Ratio { num, den } => match display.scale {
            Scale::Percent => trim(&quotient(i128::from(*num) * 100, i128::from(*den), display.decimals)),
            Scale::Wan => trim(&quotient(i128::from(*num), i128::from(*den) * 1_000_000, display.decimals)),
            Scale::Yi => trim(&quotient(i128::from(*num), i128::from(*den) * 10_000_000_000, display.decimals)),
            Scale::One | Scale::Month => trim(&quotient(i128::from(*num), i128::from(*den), display.decimals)),
        },
        Number::Day(day) if display.scale == Scale::Month => day.format("%Y-%m").to_string(),
        Number::Day(day) => day.to_string(),
        Number::Text(text) => text.clone(),
    }
}

fn money(fen: Fen, scale: Scale, decimals: u32) -> String {
    match scale {
        Scale::Yi => trim(&fen.yi(decimals)),
        Scale::Wan => trim(&fen.wan(decimals)),
        _ => fen.yuan().replace(',', ""),
    }
}

/// `num / den` with `decimals` digits, half away from zero.
fn quotient(num: i128, den: i128, decimals: u32) -> String {
    let scale = 10i128.pow(decimals);
    let negative = (num < 0) != (den < 0);
    let (num, den) = (num.abs(), den.abs());
    let scaled = (num * scale * 2 + den) / (den * 2);
    let sign = if negative && scaled != 0 { "-" } else { "" };
    if decimals == 0 {
        return format!("{sign}{scaled}");
    }
    format!("{sign}{}.{:0width$}", scaled / scale, scaled % scale, width = decimals as usize)
}

fn trim(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// Checks that "超过 `floor`" is true of the figure; the floor is in the printed unit.
///
/// # Errors
/// [`Error::Conflict`] when the exact value does not exceed the floor: the phrase must not be printed.
pub fn over(figure: &Figure, floor: i64) -> Result<()> {
    let exact = match (&figure.number, figure.indicator.display.scale) {
        (Number::Count(n), _) => *n > floor,
        (Number::Money(fen), Scale::Wan) => fen.0 > floor * 1_000_000,
        (Number::Money(fen), Scale::Yi) => fen.0 > floor * 10_000_000_000,
        _ => false,
    };
    if exact {
        Ok(())
    } else {
        Err(Error::Conflict(format!(
            "“{}”为 {}{}，不能表述为超过 {floor}",
            figure.indicator.name,
            plain(figure),
            figure.indicator.unit
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_round_half_up() {
        assert_eq!(quotient(15300, 152, 2), "100.66");
        assert_eq!(quotient(6600, 100, 2), "66.00");
        assert_eq!(trim("66.00"), "66");
        assert_eq!(trim(&quotient(6600, 129, 1)), "51.2");
        assert_eq!(quotient(-1, 2, 0), "-1");
    }
}
