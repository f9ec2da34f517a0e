//! Whether a product fits what a firm asks for: with every reason, never with a score.

use kernel::value::money::Fen;

use super::percent;

/// What a product lends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::finance) struct Limits {
    /// The smallest and the largest loan.
    pub amount: (Fen, Fen),
    /// The longest term in months.
    pub months: i64,
    /// The lowest rate a year, in basis points.
    pub least_rate_bp: i64,
    /// Whom it is for.
    pub audience: Audience,
}

/// Whom a product is for; an empty list is for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::finance) struct Audience {
    /// Sizes in words.
    pub sizes: Vec<String>,
    /// Beginnings of industry codes.
    pub industries: Vec<String>,
    /// Names of reporting units.
    pub units: Vec<String>,
}

/// What a firm asks for, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::finance) struct Asked {
    /// Amount.
    pub amount: Fen,
    /// Term in months.
    pub months: i64,
    /// The highest rate it would pay, in basis points; nothing when it did not say.
    pub most_rate_bp: Option<i64>,
    /// Its size in words.
    pub size: String,
    /// Its industry code.
    pub industry: String,
    /// Name of its reporting unit.
    pub unit: String,
}

/// How a product fits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::finance) enum Fit {
    /// Every condition is met.
    Fits,
    /// These are missed by little.
    Nearly(Vec<String>),
    /// These are not met.
    No(Vec<String>),
}

impl Fit {
    /// What people read, and how it is drawn.
    pub(in crate::finance) fn label(&self) -> (&'static str, &'static str) {
        match self {
            Self::Fits => ("符合", "state-ok"),
            Self::Nearly(_) => ("接近", "state-warn"),
            Self::No(_) => ("不符合", "state-off"),
        }
    }

    /// Its reasons in a sentence.
    pub(in crate::finance) fn reasons(&self) -> String {
        match self {
            Self::Fits => "各项条件都符合".to_owned(),
            Self::Nearly(reasons) | Self::No(reasons) => reasons.join("；"),
        }
    }
}

/// Whether a bound is missed by at most so many hundredths of it.
fn is_near(missed_by: i64, bound: i64, near_percent: i64) -> bool {
    i128::from(missed_by) * 100 <= i128::from(bound) * i128::from(near_percent)
}

/// Compares a product with what is asked for.
pub(in crate::finance) fn fit(limits: &Limits, asked: &Asked, near_percent: i64) -> Fit {
    let (mut near, mut no) = (Vec::new(), Vec::new());
    let mut miss = |missed_by: i64, bound: i64, told: String| match is_near(missed_by, bound, near_percent) {
        true => near.push(told),
        false => no.push(told),
    };
    let (least, most) = limits.amount;
    let wan = |fen: i64| Fen(fen).exact_wan();
    if asked.amount > most {
        let by = asked.amount.0.saturating_sub(most.0);
        miss(by, most.0, format!("金额：最高 {} 万元，需求多 {} 万元", most.exact_wan(), wan(by)));
    }
    if asked.amount < least {
        let by = least.0.saturating_sub(asked.amount.0);
        miss(by, least.0, format!("金额：最低 {} 万元，需求少 {} 万元", least.exact_wan(), wan(by)));
    }
    if asked.months > limits.months {
        let by = asked.months - limits.months;
        miss(by, limits.months, format!("期限：最长 {} 个月，需求多 {by} 个月", limits.months));
    }
    if let Some(most) = asked.most_rate_bp.filter(|most| *most < limits.least_rate_bp) {
        let by = limits.least_rate_bp - most;
        let told = format!("利率：最低 {}，高出期望 {}", percent(limits.least_rate_bp), percent(by));
        miss(by, most, told);
    }
    no.extend(outside(&limits.audience, asked));
    match (no.is_empty(), near.is_empty()) {
        (true, true) => Fit::Fits,
        (true, false) => Fit::Nearly(near),
        (false, _) => {
            no.extend(near);
            Fit::No(no)
        }
    }
}

/// Why a firm is none of those a product is for.
fn outside(audience: &Audience, asked: &Asked) -> Vec<String> {
    let mut told = Vec::new();
    if !audience.sizes.is_empty() && !audience.sizes.contains(&asked.size) {
        told.push(format!("规模：面向{}企业，本企业{}", audience.sizes.join("、"), asked.size));
    }
    let of = |start: &String| asked.industry.starts_with(start.as_str());
    if !audience.industries.is_empty() && !audience.industries.iter().any(of) {
        told.push(format!("行业：面向行业代码 {}，本企业 {}", audience.industries.join("、"), asked.industry));
    }
    if !audience.units.is_empty() && !audience.units.contains(&asked.unit) {
        told.push(format!("区域：面向{}，本企业在{}", audience.units.join("、"), asked.unit));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAN: i64 = 1_000_000;

    fn product() -> Limits {
        Limits {
            amount: (Fen(10 * WAN), Fen(500 * WAN)),
            months: 12,
            least_rate_bp: 400,
            audience: Audience {
                sizes: vec!["小型".into(), "微型".into()],
                industries: vec!["34".into(), "35".into()],
                units: vec![],
            },
        }
    }

    fn asked(wan: i64, months: i64) -> Asked {
        Asked {
            amount: Fen(wan * WAN),
            months,
            most_rate_bp: None,
            size: "小型".into(),
            industry: "3451".into(),
            unit: "大冶市".into(),
        }
    }

    #[test]
    fn at_the_bound_it_fits() {
        for (wan, months) in [(10, 1), (500, 12), (200, 6)] {
            assert_eq!(fit(&product(), &asked(wan, months), 20), Fit::Fits);
        }
    }

    #[test]
    fn a_little_beyond_is_near_and_says_by_how_much() {
        let near = fit(&product(), &asked(600, 12), 20);
        assert_eq!(near.label().0, "接近");
        assert!(near.reasons().contains("多 100 万元"), "{}", near.reasons());
        assert_eq!(fit(&product(), &asked(601, 12), 20).label().0, "不符合");
        assert!(fit(&product(), &asked(9, 14), 20).reasons().contains("多 2 个月"));
        let dear = fit(&product(), &Asked { most_rate_bp: Some(380), ..asked(100, 12) }, 20);
        assert!(dear.reasons().contains("0.20%"), "{}", dear.reasons());
    }

    #[test]
    fn another_audience_does_not_fit_and_names_the_clause() {
        let large = fit(&product(), &Asked { size: "大型".into(), ..asked(600, 12) }, 20);
        assert_eq!(large.label().0, "不符合");
        assert!(large.reasons().starts_with("规模：") && large.reasons().contains("金额"), "{}", large.reasons());
        let other = fit(&product(), &Asked { industry: "1711".into(), ..asked(100, 12) }, 20);
        assert!(other.reasons().contains("行业"), "{}", other.reasons());
        let limits =
            Limits { audience: Audience { units: vec!["阳新县".into()], ..Audience::default() }, ..product() };
        assert!(fit(&limits, &asked(100, 12), 20).reasons().contains("区域"));
    }
}
