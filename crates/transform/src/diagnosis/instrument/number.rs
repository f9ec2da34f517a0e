//! Exact decimals of questionnaires: read from text, shown without idle zeros.

use kernel::value::text::compact;
use rust_decimal::Decimal;

/// Digits after the point that a typed number may have.
const DECIMALS: u32 = 4;
/// Above this a typed number is a slip, and sums and products stay exact below it.
const MOST: i64 = 1_000_000_000;

/// A number that somebody typed; not negative.
///
/// # Errors
/// What to do about it, in Chinese.
pub(in super::super) fn parse(typed: &str) -> Result<Decimal, String> {
    let text = compact(typed).replace(',', "");
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match text.parse::<Decimal>() {
        Ok(number) if plain && number.scale() <= DECIMALS && number <= Decimal::from(MOST) => Ok(number.normalize()),
        Ok(number) if plain && number.scale() > DECIMALS => Err(format!("小数点后最多 {DECIMALS} 位")),
        Ok(_) if plain => Err("数值超过十亿，请核对单位".to_owned()),
        _ => Err("请填不为负的数字，例如 12.5".to_owned()),
    }
}

/// A number as people read it: at most so many digits after the point, rounded half up, without idle zeros.
pub(in super::super) fn show(number: Decimal, decimals: u32) -> String {
    use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    number.round_dp_with_strategy(decimals, MidpointAwayFromZero).normalize().to_string()
}
