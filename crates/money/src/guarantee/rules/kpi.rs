//! Key figures of a guarantor (DOMAIN 7.2, 7.3). A divisor of zero shows "—".

use kernel::value::money::Fen;
use kernel::value::rate::{Bp, ratio_percent};

use super::portion;

/// `num ÷ den` in percent with two digits, or "—".
pub fn percent(num: i64, den: i64) -> String {
    ratio_percent(num, den, 2).unwrap_or_else(|| "—".into())
}

/// The plain mean of rates: every contract weighs the same.
pub fn mean_rate(sum_bp: i64, contracts: i64) -> String {
    ratio(i128::from(sum_bp), i128::from(contracts))
}

/// The mean of rates weighted by amount, `Σ(rate × amount) ÷ Σ amount`: what a yuan costs.
pub fn weighted_rate(sum_of_bp_wan: i64, sum_wan: i64) -> String {
    ratio(i128::from(sum_of_bp_wan), i128::from(sum_wan))
}

fn ratio(num: i128, den: i128) -> String {
    if den == 0 {
        return "—".into();
    }
    i64::try_from((num * 2 + den) / (den * 2)).map_or_else(|_| "—".into(), |bp| Bp(bp).exact_percent())
}

/// 未到期责任准备金: half of the year's fee income (融资性担保公司管理暂行办法 第31条).
pub fn unearned_reserve(fees: Fen) -> Fen {
    portion(fees, 1, 2)
}

/// 担保赔偿准备金 to set aside this year: one percent of the responsibility at the end of the year; once the reserve
/// nears ten percent of it, only the difference.
pub fn reserve_provision(balance: Fen, held: Fen) -> Fen {
    portion(balance, 1, 100).min(Fen((portion(balance, 1, 10).0 - held.0).max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_without_a_divisor_is_a_dash() {
        assert_eq!(percent(5, 0), "—");
        assert_eq!(percent(1, 8), "12.50%");
        assert_eq!((mean_rate(0, 0), weighted_rate(0, 0)), ("—".into(), "—".into()));
    }

    #[test]
    fn the_honest_mean_weighs_amounts() {
        // 1% of 100 万元 and 0.5% of 900 万元.
        assert_eq!(mean_rate(150, 2), "0.75%");
        assert_eq!(weighted_rate(100 * 100 + 50 * 900, 1000), "0.55%");
    }

    #[test]
    fn reserves_follow_article_31() {
        assert_eq!(unearned_reserve(Fen(1_000_001)), Fen(500_000));
        assert_eq!(reserve_provision(Fen(1_000_000), Fen(0)), Fen(10_000));
        assert_eq!(reserve_provision(Fen(1_000_000), Fen(95_000)), Fen(5_000));
        assert_eq!(reserve_provision(Fen(1_000_000), Fen(120_000)), Fen(0));
    }
}
