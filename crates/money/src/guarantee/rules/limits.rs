//! What a guarantor may take on: one insured party, a related group, everything together, one agreement.

use kernel::value::money::Fen;
use kernel::value::rate::ratio_percent;

use super::editions::LimitEdition;
use super::portion;

/// What limits are measured against.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Net assets of the guarantor.
    pub net_assets: Fen,
    /// Whether it mainly serves small firms.
    pub mainly_small: bool,
    /// The edition in force.
    pub edition: &'a LimitEdition,
    /// The cap of the agreement; `None` without one.
    pub cap: Option<Fen>,
}

/// What stands in force, before an entry or after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Of the insured party.
    pub firm: Fen,
    /// Of it and its related group.
    pub group: Fen,
    /// Of everybody, weighted.
    pub all: Fen,
    /// Under the agreement.
    pub agreement: Fen,
}

/// A limit with what is used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauge {
    /// What is limited.
    pub label: &'static str,
    /// What is used.
    pub used: Fen,
    /// What may be used at most.
    pub most: Fen,
    /// The limit in words.
    pub rule: String,
}

impl Gauge {
    /// Used of what may be used, in percent; "—" when nothing may be used.
    pub fn percent(&self) -> String {
        ratio_percent(self.used.0, self.most.0, 1).unwrap_or_else(|| "—".into())
    }

    /// As a whole number of at most 100, for a bar.
    pub fn bar(&self) -> i64 {
        (i128::from(self.used.0) * 100 / i128::from(self.most.0.max(1))).clamp(0, 100) as i64
    }

    /// Whether more is used than may be.
    pub fn is_over(&self) -> bool {
        self.used > self.most
    }
}

/// What a loan weighs in the responsibility of all (DOMAIN 7.2: small ones less).
pub fn weighted(edition: &LimitEdition, principal: Fen, in_force: Fen) -> Fen {
    if principal <= edition.small { portion(in_force, edition.small_weight_bp, 10_000) } else { in_force }
}

/// Every limit with what would be used of it.
pub fn gauges(base: &Base<'_>, exposure: &Exposure) -> Vec<Gauge> {
    let Base { net_assets, edition, .. } = *base;
    let leverage_bp = if base.mainly_small { edition.leverage_small_bp } else { edition.leverage_bp };
    let of_assets = |bp: i64| portion(net_assets, bp, 10_000);
    let percent = |bp: i64| kernel::value::rate::Bp(bp).exact_percent();
    let mut gauges = vec![
        Gauge {
            label: "同一被担保人",
            used: exposure.firm,
            most: of_assets(edition.firm_bp),
            rule: format!("不超过净资产的 {}", percent(edition.firm_bp)),
        },
        Gauge {
            label: "被担保人及其关联方",
            used: exposure.group,
            most: of_assets(edition.group_bp),
            rule: format!("不超过净资产的 {}", percent(edition.group_bp)),
        },
        Gauge {
            label: "融资担保责任余额",
            used: exposure.all,
            most: of_assets(leverage_bp),
            rule: format!("不超过净资产的 {} 倍", leverage_bp / 10_000),
        },
    ];
    gauges.extend(base.cap.map(|cap| Gauge {
        label: "合作协议额度",
        used: exposure.agreement,
        most: cap,
        rule: "不超过协议约定的额度".into(),
    }));
    gauges
}

/// Why what would stand in force is too much; nothing when it is not.
pub fn refused(base: &Base<'_>, exposure: &Exposure) -> Vec<String> {
    let told = |gauge: Gauge| {
        format!(
            "{}将达到 {} 万元，超过上限 {} 万元（{}）",
            gauge.label,
            gauge.used.exact_wan(),
            gauge.most.exact_wan(),
            gauge.rule
        )
    };
    gauges(base, exposure).into_iter().filter(Gauge::is_over).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::super::editions::limit_on;
    use super::*;

    const WAN: i64 = 1_000_000;

    fn base(cap: Option<Fen>) -> Base<'static> {
        let edition = limit_on(kernel::value::day::parse_day("2021-06-30").expect("a day")).expect("limits");
        Base { net_assets: Fen(10_000 * WAN), mainly_small: false, edition, cap }
    }

    #[test]
    fn the_limit_itself_may_be_reached_and_one_fen_more_may_not() {
        let base = base(Some(Fen(2000 * WAN)));
        let at = Exposure {
            firm: Fen(1000 * WAN),
            group: Fen(1500 * WAN),
            all: Fen(100_000 * WAN),
            agreement: Fen(2000 * WAN),
        };
        assert!(refused(&base, &at).is_empty());
        for (over, told) in [
            (Exposure { firm: Fen(at.firm.0 + 1), ..at }, "同一被担保人"),
            (Exposure { group: Fen(at.group.0 + 1), ..at }, "关联方"),
            (Exposure { all: Fen(at.all.0 + 1), ..at }, "责任余额"),
            (Exposure { agreement: Fen(at.agreement.0 + 1), ..at }, "协议额度"),
        ] {
            let refused = refused(&base, &over);
            assert!(refused.len() == 1 && refused[0].contains(told), "{refused:?}");
        }
    }

    #[test]
    fn small_loans_weigh_less_and_small_firms_allow_more() {
        let base = base(None);
        assert_eq!(weighted(base.edition, Fen(500 * WAN), Fen(400 * WAN)), Fen(300 * WAN));
        assert_eq!(weighted(base.edition, Fen(501 * WAN), Fen(400 * WAN)), Fen(400 * WAN));
        let small = Base { mainly_small: true, ..base };
        assert_eq!(gauges(&small, &Exposure::default())[2].most, Fen(150_000 * WAN));
    }

    #[test]
    fn nothing_may_be_used_without_assets() {
        let none = Base { net_assets: Fen(0), ..base(None) };
        let gauge = &gauges(&none, &Exposure { firm: Fen(1), ..Exposure::default() })[0];
        assert!(gauge.is_over());
        assert_eq!((gauge.percent().as_str(), gauge.bar()), ("—", 100));
    }
}
