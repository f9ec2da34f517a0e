//! Facts and records in words.

use kernel::access::Scope;
use kernel::id::{OrgId, Position};
use kernel::indicator::Indicator;
use kernel::ledger::record::Record;
use kernel::ledger::{Catalog, Fact};
use kernel::org::size_label;
use kernel::value::day::{self, Day};
use kernel::value::{industry, region, thousands};

use crate::link::Link;
use crate::units::Units;

/// A fact as lists show it.
pub(super) struct FactRow {
    /// Its place in the ledger.
    pub position: Position,
    /// The day it is about.
    pub on: Day,
    /// Label of its kind.
    pub kind: &'static str,
    /// Label of its class; empty when the kind has none.
    pub class: &'static str,
    /// Name of the subject.
    pub subject: String,
    /// Dossier of the subject; empty for who may not open it.
    pub subject_href: String,
    /// Name of the counterparty; empty when there is none.
    pub counterparty: String,
    /// Dossier of the counterparty; empty for who may not open it.
    pub counterparty_href: String,
    /// Reporting unit on the day.
    pub unit: String,
    /// How many, with the unit of the kind.
    pub quantity: String,
    /// How much, in yuan; empty when the kind carries no money.
    pub amount: String,
    /// Title of the record it cites.
    pub record: String,
    /// The record it cites.
    pub record_href: String,
    /// When the platform learned it.
    pub recorded_at: String,
    /// The fact it reverses.
    pub reverses: Option<Position>,
    /// The fact that reverses it, as known at the clock.
    pub reversed_by: Option<Position>,
}

impl FactRow {
    /// A fact in words, as known at `known`, for who reads organisations of `scope`.
    pub(super) fn of(fact: &Fact, units: &Units, known: Position, scope: &Scope) -> Self {
        // Whose facts are read by unit opens their subjects; the other side may belong anywhere.
        let opens = |org: OrgId, is_subject: bool| match scope {
            Scope::All => true,
            Scope::Units(_) => is_subject,
            Scope::Own(own) => *own == org,
            Scope::Any(_) | Scope::Every(_) | Scope::Industry(_) | Scope::Nothing => false,
        };
        let dossier = |org: OrgId, is_subject: bool| match opens(org, is_subject) {
            true => format!("/orgs/{org}"),
            false => String::new(),
        };
        Self {
            position: fact.position,
            on: fact.occurred_on,
            kind: fact.kind_label,
            class: fact.class_label,
            subject: fact.subject_name.clone(),
            subject_href: dossier(fact.subject, true),
            counterparty: fact.counterparty_name.clone(),
            counterparty_href: fact.counterparty.map(|org| dossier(org, false)).unwrap_or_default(),
            unit: units.name(fact.unit.0),
            quantity: format!("{} {}", thousands(fact.quantity), fact.unit_of_quantity),
            amount: if fact.money { fact.amount.yuan() } else { String::new() },
            record: if fact.record_title.is_empty() {
                format!("第 {} 号记录", fact.record)
            } else {
                fact.record_title.clone()
            },
            record_href: format!("/records/{}", fact.record),
            recorded_at: day::minute(fact.recorded_at),
            reverses: fact.reverses,
            reversed_by: fact.reversed_by.filter(|by| *by <= known),
        }
    }
}

/// A fact with everything about it.
pub(super) struct FactView {
    /// As lists show it, as known now.
    pub row: FactRow,
    /// Administrative division on the day.
    pub region: String,
    /// Industry on the day.
    pub industry: String,
    /// Size class on the day.
    pub size: &'static str,
    /// Whether above designated size on the day.
    pub above_scale: &'static str,
    /// Amount in 万元, exact; empty when the kind carries no money.
    pub wan: String,
    /// From whom.
    pub recorded_by: String,
    /// Why it reverses another, or was reversed.
    pub reason: String,
    /// Whether it was recorded after the position the page asks at.
    pub is_later: bool,
    /// Whether the fact that reverses it was recorded after that position.
    pub is_reversed_later: bool,
}

impl FactView {
    /// Everything about a fact; `reason` is that of the fact that reverses it, if one does.
    pub(super) fn of(fact: &Fact, units: &Units, known: Position, reason: Option<String>, scope: &Scope) -> Self {
        let found = industry::find(&fact.dims.industry);
        Self {
            row: FactRow::of(fact, units, Position(i64::MAX), scope),
            region: region::name(&fact.dims.region.to_string()).unwrap_or("未知").to_owned(),
            industry: found.map_or_else(|| "未知".to_owned(), |i| format!("{} {}", i.code, i.name)),
            size: size_label(fact.dims.size),
            above_scale: if fact.dims.above_scale == 1 { "是" } else { "否" },
            wan: if fact.money { thousands(fact.amount.exact_wan()) } else { String::new() },
            recorded_by: fact.recorded_by.clone(),
            reason: reason.or_else(|| fact.reason.clone()).unwrap_or_default(),
            is_later: fact.position > known,
            is_reversed_later: fact.reversed_by.is_some_and(|by| by > known),
        }
    }
}

/// An indicator that counts a fact.
pub(super) struct Use {
    /// Its name.
    pub name: &'static str,
    /// What is counted.
    pub definition: &'static str,
    /// Its rows at the same clocks; empty for who may not read figures.
    pub href: String,
    /// Whether it counts the fact through another indicator it is made of.
    pub is_composed: bool,
}

/// 用于哪些数字: the indicators that count a fact at the clocks, and those made of them.
pub(super) fn uses(used: &[&'static Indicator], (about, known): (Day, Position), may_read: bool) -> Vec<Use> {
    let rows = |code: &str| Link::to(format!("/indicators/{code}/rows")).at(about, known).to_string();
    let one = |indicator: &&'static Indicator| Use {
        name: indicator.name,
        definition: indicator.definition,
        href: if may_read { rows(indicator.code) } else { String::new() },
        is_composed: !indicator.parts().is_empty(),
    };
    used.iter().map(one).collect()
}

/// A source record in words.
pub(super) struct RecordView {
    /// Title.
    pub title: String,
    /// The document it stands in.
    pub document: String,
    /// Further detail.
    pub detail: String,
    /// What its module is called.
    pub module: &'static str,
    /// Number.
    pub number: i64,
    /// When it was entered.
    pub recorded_at: String,
    /// By whom.
    pub recorded_by: String,
}

impl RecordView {
    /// A record in words.
    pub(super) fn of(record: Record, catalog: &Catalog) -> Self {
        Self {
            module: catalog.module_label(&record.module),
            number: record.id.0,
            title: record.title,
            document: record.document,
            detail: record.detail,
            recorded_at: day::minute(record.recorded_at),
            recorded_by: record.recorded_by,
        }
    }
}
