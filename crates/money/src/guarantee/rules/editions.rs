//! Splits, limits, subsidies, fees and products as data (`data/guarantee.toml`), each by the edition in force on a day.

use std::sync::OnceLock;

use kernel::value::day::{Day, parse_day};
use kernel::value::money::{Fen, MoneyUnit};
use serde::{Deserialize, Deserializer};

use super::book::Ledger;
use super::split::{Party, Split};

/// An edition of a risk split.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitEdition {
    /// Code, kept with every agreement.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// Who says so.
    pub source: String,
    #[serde(deserialize_with = "day")]
    in_force_from: Day,
    #[serde(default, deserialize_with = "last_day")]
    in_force_to: Option<Day>,
    /// Whether it was compared with the source.
    pub confirmed: bool,
    /// The split.
    #[serde(deserialize_with = "split")]
    pub shares: Split,
}

/// An edition of what a guarantor may take on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitEdition {
    /// Code.
    pub code: String,
    /// Who says so.
    pub source: String,
    #[serde(deserialize_with = "day")]
    in_force_from: Day,
    #[serde(default, deserialize_with = "last_day")]
    in_force_to: Option<Day>,
    /// Whether it was compared with the source.
    pub confirmed: bool,
    /// One insured party against net assets.
    pub firm_bp: i64,
    /// An insured party with its related group against net assets.
    pub group_bp: i64,
    /// All responsibility against net assets.
    pub leverage_bp: i64,
    /// The same for a guarantor that mainly serves small firms.
    pub leverage_small_bp: i64,
    /// Up to here a loan is small.
    #[serde(rename = "small_wan", deserialize_with = "wan")]
    pub small: Fen,
    /// What a small loan weighs.
    pub small_weight_bp: i64,
}

/// What concerns entries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRules {
    /// Who says so.
    pub source: String,
    /// Whether it was compared with the source.
    pub confirmed: bool,
    /// From this amount on an entry needs a second person.
    #[serde(rename = "check_from_wan", deserialize_with = "wan")]
    pub check_from: Fen,
    /// A yearly rate above this is a slip.
    pub most_rate_bp: i64,
    /// Days ahead in which a contract is listed as due.
    pub soon_days: i64,
    /// So many bridge loans of one firm …
    pub bridging_times: i64,
    /// … within so many days raise the alarm.
    pub bridging_days: i64,
    /// So many bridge loans, each repaying the one before, raise it too.
    pub bridging_chain: usize,
}

/// An edition of the rules of start-up loans.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenStartup")]
pub struct StartupEdition {
    /// Code.
    pub code: String,
    /// Who says so.
    pub source: String,
    in_force_from: Day,
    in_force_to: Option<Day>,
    /// Whether it was compared with the source.
    pub confirmed: bool,
    /// Most that one person borrows, and for how many months.
    pub person: (Fen, i64),
    /// The same for a small firm.
    pub firm: (Fen, i64),
    /// How the subsidy is reckoned.
    pub rule: SubsidyRule,
}

/// How a subsidy is reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubsidyRule {
    /// What the rate is above LPR less so many basis points.
    OverLpr {
        /// Basis points below LPR.
        less_bp: i64,
    },
    /// So much of the interest paid.
    Share {
        /// Basis points of the interest.
        bp: i64,
    },
}

/// What a bridge fund charges and allows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BridgeFund {
    /// Code.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// Who says so.
    pub source: String,
    #[serde(deserialize_with = "day")]
    in_force_from: Day,
    #[serde(default, deserialize_with = "last_day")]
    in_force_to: Option<Day>,
    /// Whether it was compared with the source.
    pub confirmed: bool,
    /// For so many days …
    pub first_days: i64,
    /// … this daily rate,
    pub first_bp: i64,
    /// and this after.
    pub after_bp: i64,
    /// Days a bridge loan runs at most.
    pub most_days: i64,
    /// Most that one firm borrows at once.
    #[serde(rename = "firm_wan", deserialize_with = "wan")]
    pub firm: Fen,
    /// Most of the promised renewal that is bridged.
    pub renewal_bp: i64,
}

/// A product of the bulletin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The ledger it belongs to.
    #[serde(deserialize_with = "ledger")]
    pub ledger: Ledger,
    /// Code.
    pub code: String,
    /// What people call it.
    pub label: String,
}

/// What holds from a day to a day, both included.
trait InForce {
    fn days(&self) -> (Day, Option<Day>);

    fn on(&self, day: Day) -> bool {
        let (from, to) = self.days();
        from <= day && to.is_none_or(|to| day <= to)
    }
}

macro_rules! in_force {
    ($($edition:ty),+) => {$(
        impl InForce for $edition {
            fn days(&self) -> (Day, Option<Day>) {
                (self.in_force_from, self.in_force_to)
            }
        }
    )+};
}

in_force!(SplitEdition, LimitEdition, StartupEdition, BridgeFund);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStartup {
    code: String,
    source: String,
    #[serde(deserialize_with = "day")]
    in_force_from: Day,
    #[serde(default, deserialize_with = "last_day")]
    in_force_to: Option<Day>,
    confirmed: bool,
    #[serde(deserialize_with = "wan")]
    person_wan: Fen,
    #[serde(deserialize_with = "wan")]
    firm_wan: Fen,
    person_months: i64,
    firm_months: i64,
    rule: String,
    lpr_less_bp: Option<i64>,
    share_bp: Option<i64>,
}

impl TryFrom<WrittenStartup> for StartupEdition {
    type Error = String;

    fn try_from(written: WrittenStartup) -> Result<Self, String> {
        let rule = match (written.rule.as_str(), written.lpr_less_bp, written.share_bp) {
            ("over_lpr", Some(less_bp), None) => SubsidyRule::OverLpr { less_bp },
            ("share", None, Some(bp)) => SubsidyRule::Share { bp },
            (other, ..) => return Err(format!("no such rule: {other}")),
        };
        Ok(Self {
            code: written.code,
            source: written.source,
            in_force_from: written.in_force_from,
            in_force_to: written.in_force_to,
            confirmed: written.confirmed,
            person: (written.person_wan, written.person_months),
            firm: (written.firm_wan, written.firm_months),
            rule,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lpr {
    #[serde(deserialize_with = "day")]
    from: Day,
    #[serde(deserialize_with = "day")]
    to: Day,
    rate_bp: i64,
    #[expect(dead_code, reason = "stands in the file for whoever reads it")]
    source: String,
    #[expect(dead_code, reason = "stands in the file for whoever reads it")]
    confirmed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    split: Vec<SplitEdition>,
    limit: Vec<LimitEdition>,
    entry: EntryRules,
    startup: Vec<StartupEdition>,
    lpr: Vec<Lpr>,
    bridge: Vec<BridgeFund>,
    product: Vec<Product>,
}

fn file() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guarantee.toml"));
        toml::from_str(text).expect("invariant: the shipped editions are read by a test")
    })
}

/// All splits shipped, oldest first.
pub fn splits() -> &'static [SplitEdition] {
    &file().split
}

/// The split in force on a day.
pub fn split_on(on: Day) -> Option<&'static SplitEdition> {
    file().split.iter().find(|edition| edition.on(on))
}

/// The limits in force on a day.
pub fn limit_on(on: Day) -> Option<&'static LimitEdition> {
    file().limit.iter().find(|edition| edition.on(on))
}

/// What concerns entries.
pub fn entry_rules() -> &'static EntryRules {
    &file().entry
}

/// The rules of start-up loans in force on the day of the loan.
pub fn startup_on(on: Day) -> Option<&'static StartupEdition> {
    file().startup.iter().find(|edition| edition.on(on))
}

/// The one-year LPR of a day, in basis points, where it is known.
pub fn lpr_on(on: Day) -> Option<i64> {
    file().lpr.iter().find(|lpr| lpr.from <= on && on <= lpr.to).map(|lpr| lpr.rate_bp)
}

/// The bridge fund's rules on a day.
pub fn bridge_on(on: Day) -> Option<&'static BridgeFund> {
    file().bridge.iter().find(|fund| fund.on(on))
}

/// The products of a ledger.
pub fn products(ledger: Ledger) -> impl Iterator<Item = &'static Product> {
    file().product.iter().filter(move |product| product.ledger == ledger)
}

/// The product with this code.
pub fn product(code: &str) -> Option<&'static Product> {
    file().product.iter().find(|product| product.code == code)
}

fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
    parse_day(&String::deserialize(from)?).map_err(serde::de::Error::custom)
}

fn last_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
    day(from).map(Some)
}

fn wan<'de, D: Deserializer<'de>>(from: D) -> Result<Fen, D::Error> {
    Ok(Fen(i64::deserialize(from)? * MoneyUnit::Wan.fen()))
}

fn ledger<'de, D: Deserializer<'de>>(from: D) -> Result<Ledger, D::Error> {
    let code = String::deserialize(from)?;
    Ledger::parse(&code).ok_or_else(|| serde::de::Error::custom(format!("no ledger {code}")))
}

fn split<'de, D: Deserializer<'de>>(from: D) -> Result<Split, D::Error> {
    let parts = Vec::<(String, i64)>::deserialize(from)?;
    let known: Option<Vec<_>> = parts.iter().map(|(party, bp)| Some((Party::parse(party)?, *bp))).collect();
    Split::new(known.ok_or_else(|| serde::de::Error::custom("an unknown party"))?).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Day {
        parse_day(text).expect("a day")
    }

    #[test]
    fn hubei_shared_by_one_edition_until_april_2021_and_by_another_since() {
        let code = |day: &str| split_on(on(day)).map(|edition| edition.code.as_str());
        assert_eq!(code("2021-04-30"), Some("hubei-2019"));
        assert_eq!(code("2021-05-01"), Some("hubei-2021"));
        assert_eq!(code("2018-12-31"), None);
        for (edition, bp) in splits().iter().zip([4000, 3000]) {
            assert_eq!(edition.shares.parts()[0], (Party::Guarantor, bp));
            assert!(!edition.source.is_empty() && edition.confirmed);
        }
    }

    #[test]
    fn what_no_document_confirmed_says_so() {
        let day = on("2021-06-30");
        let limit = limit_on(day).expect("limits");
        assert_eq!((limit.firm_bp, limit.group_bp, limit.leverage_bp), (1000, 1500, 100_000));
        let unconfirmed = [
            limit.confirmed,
            entry_rules().confirmed,
            startup_on(day).expect("an edition").confirmed,
            bridge_on(day).expect("a fund").confirmed,
        ];
        assert_eq!(unconfirmed, [false; 4]);
    }

    #[test]
    fn every_ledger_has_products_and_every_product_one_code() {
        for ledger in Ledger::ALL {
            assert!(products(ledger).count() > 0);
        }
        let codes: std::collections::BTreeSet<&str> = file().product.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes.len(), file().product.len());
        assert_eq!(product("park").map(|p| p.label.as_str()), Some("园区贷"));
    }
}
