//! How a loss is shared (风险分担): basis points of parties that add to 10000, and shares exact to the fen.

use kernel::value::money::Fen;

use super::portion;

/// Who carries part of a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// 担保机构.
    Guarantor,
    /// 省再担保.
    Reguarantor,
    /// 国家融资担保基金.
    Fund,
    /// 合作银行.
    Bank,
    /// 市县政府.
    Government,
}

impl Party {
    /// All of them, in the order they are shown.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Guarantor, "guarantor", "担保机构"),
        (Self::Reguarantor, "reguarantor", "省再担保"),
        (Self::Fund, "fund", "国家融资担保基金"),
        (Self::Bank, "bank", "合作银行"),
        (Self::Government, "government", "市县政府"),
    ];

    /// Stored code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(party, ..)| *party == self).map_or("", |(_, code, _)| code)
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(party, ..)| *party == self).map_or("", |(.., label)| label)
    }

    /// The party with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map(|(party, ..)| *party)
    }
}

/// A split: every party once, the guarantor among them, together 10000 basis points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split(Vec<(Party, i64)>);

impl Split {
    /// A split out of its parts; parties with 0 fall away.
    ///
    /// # Errors
    /// What to do about it, in Chinese.
    pub fn new(parts: impl IntoIterator<Item = (Party, i64)>) -> Result<Self, String> {
        let mut parts: Vec<(Party, i64)> = parts.into_iter().filter(|(_, bp)| *bp != 0).collect();
        parts.sort_unstable();
        if parts.iter().any(|(_, bp)| !(1..=10_000).contains(bp)) {
            return Err("每一方的分担比例应在 0 到 100% 之间".into());
        }
        if parts.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err("同一方只能写一次".into());
        }
        if !parts.iter().any(|(party, _)| *party == Party::Guarantor) {
            return Err("担保机构应承担一部分：分配的尾差归担保机构".into());
        }
        match parts.iter().map(|(_, bp)| bp).sum::<i64>() {
            10_000 => Ok(Self(parts)),
            sum => Err(format!("各方比例合计应为 100%，现为 {}.{:02}%", sum / 100, sum % 100)),
        }
    }

    /// Parties with their basis points, in the order they are shown.
    pub fn parts(&self) -> &[(Party, i64)] {
        &self.0
    }

    /// The shares of an amount, exact to the fen: every party's is cut down, and what that leaves over is the guarantor's
    /// (DOMAIN 7.1). Recoveries are shared by the same rule.
    pub fn shares(&self, amount: Fen) -> Vec<(Party, Fen)> {
        let cut = |bp: i64| portion(amount, bp, 10_000);
        let others: i64 = self.0.iter().filter(|(p, _)| *p != Party::Guarantor).map(|(_, bp)| cut(*bp).0).sum();
        let share = |(party, bp): &(Party, i64)| match party {
            Party::Guarantor => (*party, Fen(amount.0 - others)),
            _ => (*party, cut(*bp)),
        };
        self.0.iter().map(share).collect()
    }

    /// In its stored form: `guarantor:4000,bank:6000`.
    pub fn stored(&self) -> String {
        self.0.iter().map(|(party, bp)| format!("{}:{bp}", party.code())).collect::<Vec<_>>().join(",")
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// As [`Split::new`], or for a text that is no such form.
    pub fn read(stored: &str) -> Result<Self, String> {
        let part = |text: &str| {
            let (party, bp) = text.split_once(':')?;
            Some((Party::parse(party)?, bp.parse().ok()?))
        };
        let parts: Option<Vec<(Party, i64)>> = stored.split(',').map(part).collect();
        Self::new(parts.ok_or_else(|| format!("看不懂风险分担“{stored}”"))?)
    }
}

impl std::fmt::Display for Split {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (party, bp)) in self.0.iter().enumerate() {
            let comma = if i > 0 { "、" } else { "" };
            write!(f, "{comma}{} {}", party.label(), kernel::value::rate::Bp(*bp).exact_percent())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hubei_2021() -> Split {
        Split::read("guarantor:3000,reguarantor:2000,fund:2000,bank:2000,government:1000").expect("a split")
    }

    #[test]
    fn the_remainder_of_rounding_is_the_guarantors() {
        let shares = hubei_2021().shares(Fen(1_000_003));
        assert_eq!(
            shares.iter().map(|(_, fen)| fen.0).collect::<Vec<_>>(),
            [300_003, 200_000, 200_000, 200_000, 100_000]
        );
        let split = Split::read("guarantor:3333,bank:6667").expect("a split");
        assert_eq!(split.shares(Fen(1)), [(Party::Guarantor, Fen(1)), (Party::Bank, Fen(0))]);
    }

    #[test]
    fn parts_that_do_not_add_up_are_refused_with_the_sum() {
        for (stored, told) in [
            ("guarantor:4000,bank:5999", "99.99%"),
            ("guarantor:4000,bank:7000", "110.00%"),
            ("bank:10000", "担保机构"),
            ("guarantor:5000,guarantor:5000", "一次"),
            ("guarantor:-1,bank:10001", "之间"),
            ("guarantor", "看不懂"),
        ] {
            let error = Split::read(stored).expect_err("refused");
            assert!(error.contains(told), "{stored}: {error}");
        }
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_loss_to_the_fen(fen in 0i64..1_000_000_000_000_000, a in 1i64..9998, b in 1i64..9998) {
            prop_assume!(a + b < 10_000);
            let parts = [(Party::Guarantor, a), (Party::Bank, b), (Party::Fund, 10_000 - a - b)];
            let shares = Split::new(parts).expect("adds up").shares(Fen(fen));
            prop_assert_eq!(shares.iter().map(|(_, share)| share.0).sum::<i64>(), fen);
            prop_assert!(shares.iter().all(|(_, share)| share.0 >= 0));
        }
    }
}
