//! Facts and their kinds.

use chrono::{DateTime, Utc};

use super::Catalog;
use crate::id::{OrgId, Position, RecordId, UnitId};
use crate::store::Row;
use crate::value::day::Day;
use crate::value::money::Fen;
use crate::{Error, Faults, Result};

/// Whether facts of a kind add up over time, or move a stock up and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// Something happened; quantities and amounts are positive and add up.
    Flow,
    /// A stock moved; the sign says which way.
    Stock,
}

/// One value of a kind's own subdivision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Stored code.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
}

/// A kind of fact, declared by the module that writes it.
#[derive(Debug, Clone, Copy)]
pub struct FactKind {
    /// `module.event`, in the past tense.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Unit of the quantity (家, 个, 笔 …).
    pub unit: &'static str,
    /// Flow or stock.
    pub motion: Motion,
    /// Whether facts of this kind carry money.
    pub money: bool,
    /// The kind's own subdivision; empty when it has none. An empty class is always allowed and reads 未分类.
    /// A class is never taken away: facts of it would no longer be among the classes that are counted.
    pub classes: &'static [Class],
}

impl FactKind {
    /// A flow without money and without subdivision.
    pub const fn flow(code: &'static str, label: &'static str, unit: &'static str) -> Self {
        Self { code, label, unit, motion: Motion::Flow, money: false, classes: &[] }
    }

    /// A kind that moves a stock.
    pub const fn stock(code: &'static str, label: &'static str, unit: &'static str) -> Self {
        Self { code, label, unit, motion: Motion::Stock, money: false, classes: &[] }
    }

    /// The same kind, carrying money.
    pub const fn money(mut self) -> Self {
        self.money = true;
        self
    }

    /// The same kind, subdivided.
    pub const fn classes(mut self, classes: &'static [Class]) -> Self {
        self.classes = classes;
        self
    }

    /// The label of a class of this kind.
    pub fn class_label(&self, code: &str) -> &'static str {
        match self.classes.iter().find(|c| c.code == code) {
            Some(class) => class.label,
            None if self.classes.is_empty() => "",
            None => "未分类",
        }
    }
}

/// What an organisation was on a day, as far as facts are concerned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dims {
    /// Reporting unit; 0 when it has none.
    pub unit: i64,
    /// GB/T 2260 code; 0 when unknown.
    pub region: i64,
    /// GB/T 4754 class code; empty when unknown.
    pub industry: String,
    /// 1 micro … 4 large; 0 when unknown.
    pub size: i64,
    /// 1 when above designated size.
    pub above_scale: i64,
}

impl Dims {
    /// The two-digit industry division, 0 when unknown.
    pub(crate) fn division(&self) -> i64 {
        self.industry.get(..2).and_then(|d| d.parse().ok()).unwrap_or(0)
    }
}

/// A fact about to be recorded.
#[derive(Debug, Clone)]
pub struct NewFact {
    pub(super) kind: String,
    pub(super) class: String,
    pub(super) subject: OrgId,
    pub(super) counterparty: Option<OrgId>,
    pub(super) on: Day,
    pub(super) quantity: i64,
    pub(super) amount: Fen,
    pub(super) record: RecordId,
    pub(super) reversal: Option<Reversal>,
}

#[derive(Debug, Clone)]
pub(super) struct Reversal {
    pub of: Position,
    pub reason: String,
    pub dims: Dims,
}

/// The largest amount of one fact, in fen: ten trillion yuan, far above anything a city records, and small enough that
/// no sum of the ledger runs over.
pub const MOST_FEN: i64 = 1_000_000_000_000_000;
/// The largest quantity of one fact.
pub const MOST_QUANTITY: i64 = 1_000_000_000;

impl NewFact {
    /// "On `on`, `subject` did `kind`, once, by `record`."
    pub fn new(kind: &str, subject: OrgId, on: Day, record: RecordId) -> Self {
        Self {
            kind: kind.to_owned(),
            class: String::new(),
            subject,
            counterparty: None,
            on,
            quantity: 1,
            amount: Fen(0),
            record,
            reversal: None,
        }
    }

    /// In this class of its kind.
    #[must_use]
    pub fn class(mut self, class: &str) -> Self {
        self.class = class.to_owned();
        self
    }

    /// With this counterparty.
    #[must_use]
    pub fn with(mut self, counterparty: OrgId) -> Self {
        self.counterparty = Some(counterparty);
        self
    }

    /// So many.
    #[must_use]
    pub fn quantity(mut self, quantity: i64) -> Self {
        self.quantity = quantity;
        self
    }

    /// So much.
    #[must_use]
    pub fn amount(mut self, amount: Fen) -> Self {
        self.amount = amount;
        self
    }

    /// Code of its kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Code of its class; empty when unclassified.
    pub fn class_code(&self) -> &str {
        &self.class
    }

    /// How much, in fen.
    pub fn amount_fen(&self) -> i64 {
        self.amount.0
    }

    /// Its subject.
    pub fn subject(&self) -> OrgId {
        self.subject
    }

    /// The record it was written down with.
    pub fn record(&self) -> RecordId {
        self.record
    }

    /// The day it is about.
    pub fn on(&self) -> Day {
        self.on
    }

    /// The same fact of another subject.
    pub(crate) fn of(mut self, subject: OrgId) -> Self {
        self.subject = subject;
        self
    }

    /// Looks for what [`crate::store::Tx::record`] would refuse.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault at its field.
    pub fn check(&self, catalog: &Catalog, today: Day) -> Result<()> {
        let Some(kind) = catalog.kind(&self.kind) else {
            return Err(Error::invalid("kind", format!("没有“{}”这种事实", self.kind)));
        };
        let mut faults = Faults::new();
        let decl = &kind.decl;
        if !self.class.is_empty() && !decl.classes.iter().any(|c| c.code == self.class) {
            faults.add("class", format!("“{}”没有“{}”这个分类", decl.label, self.class));
        }
        if self.on > today {
            faults.add("occurred_on", format!("发生日期 {} 在今天（{today}）之后，请核对", self.on));
        }
        if !decl.money && self.amount.0 != 0 {
            faults.add("amount", format!("“{}”不记金额，请清空金额", decl.label));
        }
        if self.quantity.unsigned_abs() > MOST_QUANTITY as u64 {
            faults.add("quantity", "数量最多 10 亿，请核对");
        }
        if self.amount.0.unsigned_abs() > MOST_FEN as u64 {
            faults.add("amount", "金额最多 10 万亿元，请核对单位");
        }
        match decl.motion {
            Motion::Flow if self.quantity <= 0 => faults.add("quantity", "数量应大于 0；更正请用冲销"),
            Motion::Flow if self.amount.0 < 0 => faults.add("amount", "金额不能为负；更正请用冲销"),
            Motion::Stock if self.quantity == 0 && self.amount.0 == 0 => {
                faults.add("quantity", "数量和金额不能都为 0");
            }
            _ => {}
        }
        faults.or(())
    }
}

/// A fact of the ledger, with the names a person reads.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its place in the ledger.
    pub position: Position,
    /// Code of its kind.
    pub kind: String,
    /// Label of its kind.
    pub kind_label: &'static str,
    /// Class code.
    pub class: String,
    /// Class label; empty when the kind has none.
    pub class_label: &'static str,
    /// Unit of the quantity.
    pub unit_of_quantity: &'static str,
    /// Whether it carries money.
    pub money: bool,
    /// Subject.
    pub subject: OrgId,
    /// Today's name of the subject.
    pub subject_name: String,
    /// Counterparty.
    pub counterparty: Option<OrgId>,
    /// Today's name of the counterparty.
    pub counterparty_name: String,
    /// Reporting unit on the day.
    pub unit: UnitId,
    /// What the subject was on the day.
    pub dims: Dims,
    /// The day it is about.
    pub occurred_on: Day,
    /// How many.
    pub quantity: i64,
    /// How much.
    pub amount: Fen,
    /// The source record.
    pub record: RecordId,
    /// Title of the source record.
    pub record_title: String,
    /// The fact this one reverses.
    pub reverses: Option<Position>,
    /// Why it was reversed.
    pub reason: Option<String>,
    /// The fact that reverses this one.
    pub reversed_by: Option<Position>,
    /// When the platform learned it.
    pub recorded_at: DateTime<Utc>,
    /// From whom.
    pub recorded_by: String,
}

/// The columns of a whole fact; the query names the ledger `f`.
pub(crate) const FACT_COLUMNS: &str = "f.position, f.kind, f.class, f.subject_id, s.name AS subject_name, \
     f.counterparty_id, c.name AS counterparty_name, f.unit_id, f.region, f.industry, f.size, f.above_scale, \
     f.occurred_on, f.quantity, f.amount_fen, f.record_id, d.title AS record_title, f.reverses, f.reason, \
     (SELECT r.position FROM fact r WHERE r.reverses = f.position) AS reversed_by, f.recorded_at, f.recorded_by";

/// The joins that [`FACT_COLUMNS`] needs.
pub(crate) const FACT_JOINS: &str = " JOIN organisation s ON s.id = f.subject_id \
     LEFT JOIN organisation c ON c.id = f.counterparty_id LEFT JOIN record d ON d.id = f.record_id";

impl Fact {
    pub(crate) fn of(row: &Row, catalog: &Catalog) -> Result<Self> {
        let kind = catalog.kind_by_id(row.get("kind")?)?;
        let class: String = row.get("class")?;
        Ok(Self {
            position: Position(row.get("position")?),
            kind: kind.decl.code.to_owned(),
            kind_label: kind.decl.label,
            class_label: kind.decl.class_label(&class),
            class,
            unit_of_quantity: kind.decl.unit,
            money: kind.decl.money,
            subject: OrgId(row.get("subject_id")?),
            subject_name: row.text("subject_name")?,
            counterparty: row.get::<Option<i64>>("counterparty_id")?.map(OrgId),
            counterparty_name: row.text("counterparty_name")?,
            unit: UnitId(row.get("unit_id")?),
            dims: Dims {
                unit: row.get("unit_id")?,
                region: row.get("region")?,
                industry: row.get("industry")?,
                size: row.get("size")?,
                above_scale: row.get("above_scale")?,
            },
            occurred_on: row.get("occurred_on")?,
            quantity: row.get("quantity")?,
            amount: Fen(row.get("amount_fen")?),
            record: RecordId(row.get("record_id")?),
            record_title: row.text("record_title")?,
            reverses: row.get::<Option<i64>>("reverses")?.map(Position),
            reason: row.get("reason")?,
            reversed_by: row.get::<Option<i64>>("reversed_by")?.map(Position),
            recorded_at: row.get("recorded_at")?,
            recorded_by: row.get("recorded_by")?,
        })
    }
}
