//! What a loan costs in all: interest, fees and guarantee fee over the term, and the same as a yearly rate.
//!
//! Offers are compared by this and not by their headline rate. Exact in fen; halves of a fen are rounded up.

use kernel::value::money::Fen;

/// Basis points in a whole, times months in a year.
const YEAR: i128 = 120_000;

/// What an offer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::finance) struct Terms {
    /// Principal.
    pub amount: Fen,
    /// Term.
    pub months: i64,
    /// Interest a year, in basis points of the balance.
    pub rate_bp: i64,
    /// Fees of the institution, once.
    pub fee: Fen,
    /// Fee of a guarantor a year, in basis points of the principal.
    pub guarantee_bp: i64,
    /// Whether the principal is repaid in equal parts every month; at the end otherwise.
    pub in_parts: bool,
}

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::finance) struct Cost {
    /// Interest over the term.
    pub interest: Fen,
    /// Fees of the institution.
    pub fee: Fen,
    /// Guarantee fee over the term.
    pub guarantee: Fen,
    /// All three.
    pub total: Fen,
    /// All three as a yearly rate of the average balance, in basis points.
    pub yearly_bp: i64,
}

/// Divides and rounds halves up; both are positive or nothing comes out.
fn rounded(value: i128, by: i128) -> Option<i64> {
    if value < 0 || by <= 0 {
        return None;
    }
    i64::try_from((value * 2 + by) / (by * 2)).ok()
}

/// The cost of an offer; nothing for an amount or a term that is not positive, a negative rate or fee, or sums that no
/// number holds.
///
/// With principal in equal parts over n months the balance is on average (n+1)/2n of the principal. The guarantee fee is
/// taken on the principal for the whole term either way.
pub(in crate::finance) fn cost(terms: &Terms) -> Option<Cost> {
    if terms.amount.0 <= 0 || terms.months <= 0 {
        return None;
    }
    if terms.rate_bp < 0 || terms.fee.0 < 0 || terms.guarantee_bp < 0 {
        return None;
    }
    let (amount, months) = (i128::from(terms.amount.0), i128::from(terms.months));
    // The balance summed over the months, doubled so that it stays whole.
    let balance = if terms.in_parts { amount * (months + 1) } else { amount * months * 2 };
    let interest = Fen(rounded(balance * i128::from(terms.rate_bp), YEAR * 2)?);
    let guarantee = Fen(rounded(amount * months * i128::from(terms.guarantee_bp), YEAR)?);
    let total = Fen::checked_sum([interest, terms.fee, guarantee])?;
    let yearly_bp = rounded(i128::from(total.0) * YEAR * 2, balance)?;
    Some(Cost { interest, fee: terms.fee, guarantee, total, yearly_bp })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAN: i64 = 1_000_000;

    fn terms(rate_bp: i64, fee: i64, guarantee_bp: i64) -> Terms {
        Terms { amount: Fen(100 * WAN), months: 12, rate_bp, fee: Fen(fee), guarantee_bp, in_parts: false }
    }

    #[test]
    fn the_lower_headline_rate_can_be_the_dearer_offer() {
        let plain = cost(&terms(480, 0, 0)).expect("a cost");
        let cheap = cost(&terms(400, WAN / 2, 100)).expect("a cost");
        assert_eq!((plain.total, plain.yearly_bp), (Fen(4_800_000), 480));
        assert_eq!((cheap.interest, cheap.guarantee, cheap.total), (Fen(4_000_000), Fen(WAN), Fen(5_500_000)));
        assert_eq!(cheap.yearly_bp, 550);
    }

    #[test]
    fn equal_parts_cost_less_and_a_fee_weighs_more() {
        let parts = cost(&Terms { in_parts: true, ..terms(480, 0, 0) }).expect("a cost");
        assert_eq!((parts.interest, parts.yearly_bp), (Fen(2_600_000), 480));
        let with_fee = cost(&Terms { in_parts: true, ..terms(480, WAN, 0) }).expect("a cost");
        assert_eq!(with_fee.yearly_bp, 665);
    }

    #[test]
    fn half_a_fen_is_rounded_up_and_nonsense_has_no_cost() {
        let small = Terms { amount: Fen(600), months: 1, rate_bp: 100, ..terms(0, 0, 0) };
        assert_eq!(cost(&small).expect("a cost").interest, Fen(1));
        for wrong in [
            Terms { amount: Fen(0), ..terms(400, 0, 0) },
            Terms { amount: Fen(-1), ..terms(400, 0, 0) },
            Terms { months: 0, ..terms(400, 0, 0) },
            terms(-1, 0, 0),
            terms(400, -1, 0),
            Terms { amount: Fen(i64::MAX), months: 360, ..terms(2400, i64::MAX, 0) },
        ] {
            assert_eq!(cost(&wrong), None, "{wrong:?}");
        }
    }
}
