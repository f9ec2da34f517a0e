//! Agreements, standings and groups.

use kernel::id::OrgId;
use kernel::value::day::Day;
use kernel::value::money::Fen;

use crate::guarantee::id::AgreementId;
use crate::guarantee::rules::Split;

/// A cooperation agreement between a guarantor and a bank.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Number in the database.
    pub id: AgreementId,
    /// The guarantor.
    pub operator: OrgId,
    /// The bank.
    pub bank: OrgId,
    /// Its name.
    pub bank_name: String,
    /// Number on the paper.
    pub number: String,
    /// First day.
    pub signed_on: Day,
    /// Last day.
    pub valid_to: Day,
    /// Edition the split comes from; empty for one of its own.
    pub edition: String,
    /// How a loss is shared.
    pub split: Split,
    /// The most in force under it.
    pub cap: Option<Fen>,
    /// Days until a compensation is paid.
    pub payout_days: i64,
    /// Where this is from.
    pub source: String,
}

/// An agreement to enter.
#[derive(Debug, Clone)]
pub struct NewAgreement {
    /// The guarantor.
    pub operator: OrgId,
    /// The bank.
    pub bank: OrgId,
    /// Number on the paper.
    pub number: String,
    /// First day.
    pub signed_on: Day,
    /// Last day.
    pub valid_to: Day,
    /// Edition the split comes from; empty for one of its own.
    pub edition: String,
    /// How a loss is shared.
    pub split: Split,
    /// The most in force under it.
    pub cap: Option<Fen>,
    /// Days until a compensation is paid.
    pub payout_days: i64,
    /// Where this is from.
    pub source: String,
}

/// What a guarantor has, as of a day.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The day.
    pub as_on: Day,
    /// Net assets.
    pub net_assets: Fen,
    /// Reserves: 未到期责任、担保赔偿和一般风险准备 together.
    pub reserve: Fen,
    /// Whether it mainly serves small firms.
    pub mainly_small: bool,
    /// Where this is from.
    pub source: String,
}

/// A standing to enter.
#[derive(Debug, Clone)]
pub struct NewStanding {
    /// The guarantor.
    pub operator: OrgId,
    /// What it has.
    pub standing: Standing,
}

/// A member of a related group.
#[derive(Debug, Clone)]
pub struct Related {
    /// The member.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// The group.
    pub label: String,
    /// Where this is from.
    pub source: String,
}
