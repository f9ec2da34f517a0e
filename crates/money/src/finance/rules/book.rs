//! What is outstanding of a granted loan: paid out, paid back, day by day.

use kernel::value::day::Day;
use kernel::value::money::Fen;

/// Money that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::finance) struct Move {
    /// The day.
    pub on: Day,
    /// Paid out, or paid back when negative.
    pub amount: Fen,
}

/// What is outstanding after all moves.
///
/// # Errors
/// What is wrong, in Chinese: more was paid out than granted, or more paid back on a day than was outstanding then.
pub(in crate::finance) fn outstanding(granted: Fen, moves: &[Move]) -> Result<Fen, String> {
    let too_large = || "金额过大，请核对".to_owned();
    let paid_out = Fen::checked_sum(moves.iter().map(|m| m.amount).filter(|a| a.0 > 0)).ok_or_else(too_large)?;
    if paid_out > granted {
        let over = paid_out.checked_sub(granted).ok_or_else(too_large)?;
        return Err(format!(
            "累计放款 {} 万元，超过授信 {} 万元，多出 {} 万元",
            paid_out.exact_wan(),
            granted.exact_wan(),
            over.exact_wan()
        ));
    }
    let mut ordered = moves.to_vec();
    // Within a day what was paid out comes first.
    ordered.sort_by_key(|m| (m.on, m.amount.0 < 0));
    let mut balance = Fen::ZERO;
    for one in ordered {
        let after = balance.checked_add(one.amount).ok_or_else(too_large)?;
        if after.0 < 0 {
            return Err(format!("{} 还款后余额为负：当日还款前未还本金只有 {} 万元", one.on, balance.exact_wan()));
        }
        balance = after;
    }
    Ok(balance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(day: u32, amount: i64) -> Move {
        Move { on: Day::from_ymd_opt(2021, 5, day).expect("a day"), amount: Fen(amount) }
    }

    #[test]
    fn what_is_paid_out_and_back_leaves_a_balance() {
        assert_eq!(outstanding(Fen(100), &[]), Ok(Fen(0)));
        assert_eq!(outstanding(Fen(100), &[moved(1, 60), moved(2, 40), moved(3, -30)]), Ok(Fen(70)));
        // Entered late, but paid out before.
        assert_eq!(outstanding(Fen(100), &[moved(3, -60), moved(3, 60)]), Ok(Fen(0)));
    }

    #[test]
    fn never_more_than_granted_and_never_less_than_nothing() {
        let over = outstanding(Fen(100), &[moved(1, 60), moved(2, 41)]).expect_err("refused");
        assert!(over.contains("超过授信"), "{over}");
        // Paying back does not make room again.
        assert!(outstanding(Fen(100), &[moved(1, 100), moved(2, -100), moved(3, 1)]).is_err());
        let early = outstanding(Fen(100), &[moved(2, 50), moved(1, -10)]).expect_err("refused");
        assert!(early.contains("余额为负"), "{early}");
        assert!(outstanding(Fen(100), &[moved(1, 50), moved(2, -51)]).is_err());
    }
}
