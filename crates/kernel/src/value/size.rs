//! Size classes of enterprises (中小企业划型), by the edition of the rule in force.
//!
//! 工信部联企业〔2011〕300号 gives each industry up to three measures with lower bounds of large, medium
//! and small; an enterprise is of the largest class whose bounds all its measures reach, so its
//! class is the smallest of the grades its measures have on their own.
//! The bounds are data (`data/size-class.toml`). Results carry a proof that names the edition, and are
//! stored with the year of the figures; a later year makes a new result.

mod proof;
mod table;

use super::day::Day;
use super::money::Fen;
pub use proof::{Bounds, Measure, MeasureProof, SizeProof};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::OnceLock;
pub use table::SizeFileError;

/// Size class, smallest first. Codes 1–4 ascend with size; they are the platform's own, since the
/// statistical forms count the other way (1 large … 4 micro).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeClass {
    /// 微型, code 1.
    Micro = 1,
    /// 小型, code 2.
    Small = 2,
    /// 中型, code 3.
    Medium = 3,
    /// 大型, code 4: not an SME.
    Large = 4,
}

impl SizeClass {
    /// Every class, smallest first.
    pub const ALL: [SizeClass; 4] = [SizeClass::Micro, SizeClass::Small, SizeClass::Medium, SizeClass::Large];

    /// The Chinese label, such as `中型`.
    pub const fn label(self) -> &'static str {
        match self {
            SizeClass::Micro => "微型",
            SizeClass::Small => "小型",
            SizeClass::Medium => "中型",
            SizeClass::Large => "大型",
        }
    }

    /// The code, 1 (micro) to 4 (large).
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The class with this code.
    pub fn from_code(code: u8) -> Option<SizeClass> {
        SizeClass::ALL.into_iter().find(|class| class.code() == code)
    }
}

/// What has to be known before an enterprise can be classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needed {
    /// The industry code: empty, unknown, or of a division that the rule splits by group.
    Industry,
    /// A value the industry's rule asks for.
    Measure(Measure),
}

impl Needed {
    /// The Chinese label.
    pub const fn label(self) -> &'static str {
        match self {
            Needed::Industry => "行业代码（中类或小类）",
            Needed::Measure(measure) => measure.label(),
        }
    }
}

/// The answer to "of which size class is it?". `Display` is Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SizeOutcome {
    /// Classified.
    Class {
        /// The class.
        class: SizeClass,
        /// Why.
        proof: SizeProof,
    },
    /// The rule does not cover the industry (不适用): railways, finance, education, health and others.
    NotApplicable,
    /// Not enough is known. Never guessed, even where one value alone would already make it micro: a
    /// result is kept for the year and must rest on all figures.
    Missing {
        /// What to ask for.
        which: Vec<Needed>,
    },
}

/// One edition of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeEdition {
    /// Short code stored with results.
    pub code: String,
    /// Document number.
    pub document: String,
    /// Title of the document.
    pub title: String,
    /// Who issued it and where the mapping of industries comes from.
    pub source: String,
    /// First day in force.
    pub in_force_from: Day,
    /// Last day in force; `None` while it is in force.
    pub in_force_to: Option<Day>,
    table: table::Table,
}

impl SizeEdition {
    /// Every edition shipped, oldest first.
    pub fn all() -> &'static [SizeEdition] {
        static EMBEDDED: OnceLock<Vec<SizeEdition>> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/size-class.toml"));
            table::parse(text).expect("invariant: the shipped editions are read by a test")
        })
    }

    /// The edition without an end.
    pub fn current() -> &'static SizeEdition {
        let open = SizeEdition::all().iter().find(|edition| edition.in_force_to.is_none());
        open.expect("invariant: the shipped editions have exactly one without an end, see the tests")
    }

    /// The edition in force on `day`; `None` before the first one.
    pub fn in_force_on(day: Day) -> Option<&'static SizeEdition> {
        SizeEdition::all()
            .iter()
            .find(|edition| edition.in_force_from <= day && edition.in_force_to.is_none_or(|last| day <= last))
    }

    /// Classifies an enterprise by its main industry (a division, group or class code of
    /// GB/T 4754-2017, such as `3130`) and the figures of one year. Values the industry's rule does not
    /// ask for are ignored. Values are taken as given: forms refuse negative ones.
    pub fn classify(
        &self,
        industry_code: &str,
        employees: Option<i64>,
        revenue: Option<Fen>,
        assets: Option<Fen>,
    ) -> SizeOutcome {
        let rule = match self.table.find(industry_code) {
            table::Coverage::By(rule) => rule,
            table::Coverage::NotCovered => return SizeOutcome::NotApplicable,
            table::Coverage::Unknown => {
                return SizeOutcome::Missing { which: vec![Needed::Industry] };
            }
        };
        let mut measures = Vec::new();
        let mut which = Vec::new();
        for &(measure, bounds) in &rule.bounds {
            let value = match measure {
                Measure::Employees => employees,
                Measure::Revenue => revenue.map(|fen| fen.0),
                Measure::Assets => assets.map(|fen| fen.0),
            };
            match value {
                None => which.push(Needed::Measure(measure)),
                Some(value) => {
                    let grade = bounds.grade(value);
                    measures.push(MeasureProof { measure, value, bounds, grade, decided: false });
                }
            }
        }
        match measures.iter().map(|it| it.grade).min() {
            Some(class) if which.is_empty() => {
                for it in &mut measures {
                    it.decided = it.grade == class;
                }
                SizeOutcome::Class { class, proof: self.proof(&rule.industry, measures) }
            }
            _ => SizeOutcome::Missing { which },
        }
    }

    fn proof(&self, industry: &str, measures: Vec<MeasureProof>) -> SizeProof {
        let (edition, document) = (self.code.clone(), self.document.clone());
        SizeProof { edition, document, industry: industry.to_owned(), measures }
    }
}

impl fmt::Display for SizeOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SizeOutcome::Class { class, .. } => f.write_str(class.label()),
            SizeOutcome::NotApplicable => f.write_str("不适用"),
            SizeOutcome::Missing { which } => {
                let labels: Vec<_> = which.iter().map(|needed| needed.label()).collect();
                write!(f, "缺少{}，请补齐后再划型", labels.join("、"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::money::MoneyUnit;
    use SizeClass::{Large, Medium, Micro, Small};
    use proptest::prelude::*;

    fn wan(text: &str) -> Option<Fen> {
        (!text.is_empty()).then(|| Fen::parse(text, MoneyUnit::Wan).expect(text))
    }

    fn class(code: &str, employees: Option<i64>, revenue: &str, assets: &str) -> SizeClass {
        match SizeEdition::current().classify(code, employees, wan(revenue), wan(assets)) {
            SizeOutcome::Class { class, .. } => class,
            other => panic!("{code}: {other:?}"),
        }
    }

    #[test]
    fn bounds_are_included_and_all_must_hold() {
        for (code, employees, revenue, assets, expected) in [
            ("3130", Some(1000), "40000", "", Large),
            ("3130", Some(1000), "39999.99", "", Medium),
            ("3130", Some(299), "40000", "", Small),
            ("3130", Some(300), "1999", "", Small),
            ("3130", Some(20), "300", "", Small),
            ("3130", Some(19), "5000", "", Micro),
            ("3130", Some(1200), "299", "", Micro),
            ("4710", None, "80000", "79999", Medium),
            ("7010", None, "200000", "10000", Large),
            ("7010", None, "999", "20000", Small),
            ("7211", Some(300), "", "120000", Large),
            ("6311", Some(100), "50000", "", Medium),
            ("5920", Some(100), "1000", "", Medium),
            ("7310", Some(10), "", "", Small),
            ("5910", Some(1000), "3000", "", Medium),
            ("0111", None, "49.999999", "", Micro),
        ] {
            assert_eq!(class(code, employees, revenue, assets), expected, "{code} {revenue} {assets}");
        }
    }

    #[test]
    fn what_the_rule_leaves_out_is_not_applicable() {
        for code in ["53", "5310", "66", "6621", "704", "7040", "83", "8411", "91", "9700"] {
            let outcome = SizeEdition::current().classify(code, Some(9_999), wan("1"), wan("1"));
            assert_eq!(outcome, SizeOutcome::NotApplicable, "{code}");
        }
    }

    #[test]
    fn asks_for_what_is_missing() {
        use Measure::{Assets, Employees, Revenue};
        let missing = |code, employees, revenue, assets| match SizeEdition::current().classify(
            code,
            employees,
            wan(revenue),
            wan(assets),
        ) {
            SizeOutcome::Missing { which } => which,
            other => panic!("{code}: {other:?}"),
        };
        let needed = |measures: &[Measure]| -> Vec<Needed> { measures.iter().copied().map(Needed::Measure).collect() };
        assert_eq!(missing("3130", None, "", "9"), needed(&[Employees, Revenue]));
        assert_eq!(missing("3130", Some(1), "", ""), needed(&[Revenue]));
        assert_eq!(missing("4710", Some(1), "1", ""), needed(&[Assets]));
        for code in ["", "59", "70", "00", "98", "3", "C", "31 30", "3130x"] {
            assert_eq!(missing(code, Some(1), "1", "1"), [Needed::Industry], "{code}");
        }
        let outcome = SizeEdition::current().classify("3130", None, None, None);
        assert_eq!(outcome.to_string(), "缺少从业人员、营业收入，请补齐后再划型");
    }

    #[test]
    fn proves_its_answer() {
        let outcome = SizeEdition::current().classify("3130", Some(1000), wan("39999.99"), None);
        let SizeOutcome::Class { class: Medium, proof } = outcome else { panic!("{outcome:?}") };
        assert_eq!((proof.edition.as_str(), proof.industry.as_str()), ("2011-300", "工业"));
        assert_eq!(proof.document, "工信部联企业〔2011〕300号");
        let lines: Vec<_> = proof.measures.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "从业人员1000人，单项为大型（小型20人、中型300人、大型1000人起）",
                "营业收入39999.99万元，单项为中型（小型300万元、中型2000万元、大型40000万元起），据此定型",
            ]
        );
    }

    #[test]
    fn an_outcome_is_stored_as_it_is() {
        let outcome = SizeEdition::current().classify("7310", Some(10), None, None);
        let json = serde_json::to_string(&outcome).expect("plain values");
        assert_eq!(serde_json::from_str::<SizeOutcome>(&json).expect("the same shape"), outcome);
    }

    #[test]
    fn codes_and_labels_ascend() {
        let codes: Vec<_> = SizeClass::ALL.map(|it| (it.code(), it.label())).into();
        assert_eq!(codes, [(1, "微型"), (2, "小型"), (3, "中型"), (4, "大型")]);
        assert_eq!(SizeClass::from_code(3), Some(Medium));
        assert_eq!((SizeClass::from_code(0), SizeClass::from_code(5)), (None, None));
    }

    proptest! {
        #[test]
        fn more_is_never_smaller(x in 0_i64..2_000, y in 0_i64..500_000_000_000, more in 0_i64..1_000_000_000) {
            let edition = SizeEdition::current();
            let grade = |x, y| match edition.classify("3130", Some(x), Some(Fen(y)), None) {
                SizeOutcome::Class { class, .. } => class,
                other => panic!("{other:?}"),
            };
            prop_assert!(grade(x, y) <= grade(x, y + more));
            prop_assert!(grade(x, y) <= grade(x + 1, y));
        }
    }
}
