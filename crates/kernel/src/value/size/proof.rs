//! What a size class rests on: measures, their bounds, and the proof kept with a result.

use super::SizeClass;
use crate::value::money::{Fen, MoneyUnit};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an industry's bounds are set on (划型指标). Called a measure, since an indicator is a figure over
/// facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// 从业人员 at the end of the period, persons.
    Employees,
    /// 营业收入 of the year, fen.
    Revenue,
    /// 资产总额 at the end of the year, fen.
    Assets,
}

impl Measure {
    /// The Chinese label.
    pub const fn label(self) -> &'static str {
        match self {
            Measure::Employees => "从业人员",
            Measure::Revenue => "营业收入",
            Measure::Assets => "资产总额",
        }
    }

    /// A value with its unit as the rule writes it, exact: `300人`, `39999.99万元`.
    fn text(self, value: i64) -> String {
        match self {
            Measure::Employees => format!("{value}人"),
            Measure::Revenue | Measure::Assets => {
                format!("{}{}", Fen(value).exact_wan(), MoneyUnit::Wan.label())
            }
        }
    }
}

/// Lower bounds of one measure, included: persons for employees, fen for revenue and assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// From here on large.
    pub large: i64,
    /// From here on medium.
    pub medium: i64,
    /// From here on small; below it micro.
    pub small: i64,
}

impl Bounds {
    /// The grade a value has by this measure alone.
    pub fn grade(&self, value: i64) -> SizeClass {
        match value {
            _ if value >= self.large => SizeClass::Large,
            _ if value >= self.medium => SizeClass::Medium,
            _ if value >= self.small => SizeClass::Small,
            _ => SizeClass::Micro,
        }
    }
}

/// One measure in a proof. `Display` is a Chinese sentence for the page and the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureProof {
    /// Which measure.
    pub measure: Measure,
    /// Its value: persons, or fen.
    pub value: i64,
    /// The bounds it was held against, in the same unit.
    pub bounds: Bounds,
    /// The grade it has alone.
    pub grade: SizeClass,
    /// Whether it decided, that is, its grade is the result. Several may.
    pub decided: bool,
}

/// Why an enterprise has its class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeProof {
    /// Code of the edition used, such as `2011-300`.
    pub edition: String,
    /// Document of the edition, such as `工信部联企业〔2011〕300号`.
    pub document: String,
    /// The rule's industry, such as `工业`.
    pub industry: String,
    /// Every measure of that industry.
    pub measures: Vec<MeasureProof>,
}

impl fmt::Display for MeasureProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MeasureProof { measure, value, bounds, grade, decided } = self;
        let text = |value| measure.text(value);
        write!(f, "{}{}，单项为{}", measure.label(), text(*value), grade.label())?;
        let (small, medium, large) = (text(bounds.small), text(bounds.medium), text(bounds.large));
        write!(f, "（小型{small}、中型{medium}、大型{large}起）")?;
        f.write_str(if *decided { "，据此定型" } else { "" })
    }
}
