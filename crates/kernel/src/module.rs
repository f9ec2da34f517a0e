//! A module as a value: what it declares, so that everything that reads across modules can walk over it.

use crate::access::Permission;
use crate::case::Flow;
use crate::consent::Item;
use crate::indicator::{Indicator, Rule};
use crate::job::Job;
use crate::ledger::FactKind;
use crate::store::Migration;

/// What a module hands to the kernel. Its pages are declared beside it, in the web layer.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Stable name; the first part of its fact kinds and permissions.
    pub name: &'static str,
    /// What the office calls it.
    pub label: &'static str,
    /// Kinds of fact it writes.
    pub kinds: &'static [FactKind],
    /// Indicators it declares.
    pub indicators: &'static [Indicator],
    /// Rules its figures must keep with each other.
    pub rules: &'static [Rule],
    /// Ways its cases go.
    pub flows: &'static [Flow],
    /// What it does in the background.
    pub jobs: &'static [Job],
    /// What of its data an organisation can consent to be seen by another.
    pub items: &'static [Item],
    /// Permissions it asks for.
    pub permissions: &'static [Permission],
    /// Its schema.
    pub migrations: &'static [Migration],
}

impl Module {
    /// A module that declares nothing yet.
    pub const fn new(name: &'static str, label: &'static str) -> Self {
        Self {
            name,
            label,
            kinds: &[],
            indicators: &[],
            rules: &[],
            flows: &[],
            jobs: &[],
            items: &[],
            permissions: &[],
            migrations: &[],
        }
    }
}

/// The kernel's own tables, applied before any module's.
pub(crate) const KERNEL_MIGRATIONS: &[Migration] = &[
    Migration {
        name: "kernel_0001_registry_and_ledger",
        sql: include_str!("../migrations/0001_registry_and_ledger.sql"),
    },
    Migration { name: "kernel_0002_publications", sql: include_str!("../migrations/0002_publications.sql") },
    Migration { name: "kernel_0003_seals", sql: include_str!("../migrations/0003_seals.sql") },
    Migration { name: "kernel_0004_people", sql: include_str!("../migrations/0004_people.sql") },
    Migration { name: "kernel_0005_audit", sql: include_str!("../migrations/0005_audit.sql") },
    Migration { name: "kernel_0006_cases", sql: include_str!("../migrations/0006_cases.sql") },
    Migration { name: "kernel_0007_night", sql: include_str!("../migrations/0007_night.sql") },
    Migration { name: "kernel_0008_origins", sql: include_str!("../migrations/0008_origins.sql") },
    Migration { name: "kernel_0009_publication_seals", sql: include_str!("../migrations/0009_publication_seals.sql") },
    Migration { name: "kernel_0010_notices", sql: include_str!("../migrations/0010_notices.sql") },
    Migration { name: "kernel_0011_jobs", sql: include_str!("../migrations/0011_jobs.sql") },
    Migration { name: "kernel_0012_reminders", sql: include_str!("../migrations/0012_reminders.sql") },
    Migration { name: "kernel_0013_attachments", sql: include_str!("../migrations/0013_attachments.sql") },
    Migration { name: "kernel_0014_consents", sql: include_str!("../migrations/0014_consents.sql") },
    Migration { name: "kernel_0015_secrets", sql: include_str!("../migrations/0015_secrets.sql") },
    Migration { name: "kernel_0016_identities", sql: include_str!("../migrations/0016_identities.sql") },
    Migration { name: "kernel_0017_lists", sql: include_str!("../migrations/0017_lists.sql") },
    Migration { name: "kernel_0018_case_counterparty", sql: include_str!("../migrations/0018_case_counterparty.sql") },
];
