//! Contracts, events and what is entered.

use chrono::{DateTime, Utc};
use kernel::id::{OrgId, RecordId, UnitId};
use kernel::store::Row;
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result};

use crate::guarantee::id::{AgreementId, ContractId, EventId};
use crate::guarantee::rules::{Book, Event, Ledger, Split, Step, Terms};

/// A contract with what its events come to.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Number in the database.
    pub id: ContractId,
    /// Its ledger.
    pub ledger: Ledger,
    /// Guarantor, or operator of the fund.
    pub operator: OrgId,
    /// Its name.
    pub operator_name: String,
    /// The firm or trader.
    pub subject: OrgId,
    /// Its name.
    pub subject_name: String,
    /// The bank.
    pub bank: OrgId,
    /// Its name.
    pub bank_name: String,
    /// The firm's reporting unit on the day the contract was signed.
    pub unit: UnitId,
    /// The cooperation agreement it falls under.
    pub agreement: Option<AgreementId>,
    /// Number on the paper.
    pub number: String,
    /// Code of its product.
    pub product: String,
    /// The most that is paid out.
    pub principal: Fen,
    /// Whether that was small by the limits in force when it was signed.
    pub is_small: bool,
    /// Yearly rate of the loan, in basis points.
    pub rate_bp: i64,
    /// Yearly fee, in basis points.
    pub fee_bp: i64,
    /// LPR of the day it was signed, where it matters.
    pub lpr_bp: Option<i64>,
    /// The day it was signed.
    pub signed_on: Day,
    /// Its last day as it was signed.
    pub matures_on: Day,
    /// How a loss is shared; `None` where nobody shares.
    pub split: Option<Split>,
    /// Edition of the split.
    pub edition: String,
    /// The last four characters of a person's identity number.
    pub person_tail: String,
    /// Number of the loan a bridge loan repays.
    pub underlying: String,
    /// Number of the loan promised after it.
    pub renewal: String,
    /// How much that is.
    pub renewal_amount: Option<Fen>,
    /// The record facts cite.
    pub record: RecordId,
    /// When it was registered.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// What its events come to.
    pub book: Book,
    /// How many events were entered.
    pub events: i64,
}

/// Columns of [`Contract`]; the query names the table `c`.
pub(super) const COLUMNS: &str = "SELECT c.id, c.ledger, c.operator_id, c.subject_id, c.counterparty_id, c.unit_id, \
     c.agreement_id, c.number, c.product, c.principal_fen, c.is_small, c.rate_bp, c.fee_bp, c.lpr_bp, c.signed_on, c.matures_on, \
     c.split, c.edition, c.person_tail, c.underlying, c.renewal, c.renewal_fen, c.record_id, c.recorded_at, \
     c.recorded_by, c.issued_fen, c.repaid_fen, c.released_fen, c.compensated_fen, c.interest_fen, c.recovered_fen, \
     c.written_off_fen, c.fee_fen, c.overdue_fen, c.overdue_on, c.due_on, c.last_on, c.events, p.name AS operator_name, \
     s.name AS subject_name, b.name AS bank_name FROM guarantee_contract c JOIN organisation p ON p.id = c.operator_id \
     JOIN organisation s ON s.id = c.subject_id JOIN organisation b ON b.id = c.counterparty_id";

/// Columns that name whose own a contract is.
pub const PARTIES: &[&str] = &["operator_id", "subject_id", "counterparty_id"];

impl Contract {
    /// What it says, for the rules.
    pub fn terms(&self) -> Terms {
        Terms { ledger: self.ledger, principal: self.principal, signed_on: self.signed_on }
    }

    /// The page of it.
    pub fn href(&self) -> String {
        format!("/guarantee/contracts/{}", self.id)
    }

    pub(super) fn of(row: &Row) -> Result<Self> {
        let fen = |column: &str| row.int(column).map(Fen);
        let split: String = row.get("split")?;
        let broken = |what: &str| Error::Internal(format!("guarantee_contract.{what}"));
        Ok(Self {
            id: ContractId(row.get("id")?),
            ledger: Ledger::of(row.get("ledger")?).ok_or_else(|| broken("ledger"))?,
            operator: OrgId(row.get("operator_id")?),
            operator_name: row.get("operator_name")?,
            subject: OrgId(row.get("subject_id")?),
            subject_name: row.get("subject_name")?,
            bank: OrgId(row.get("counterparty_id")?),
            bank_name: row.get("bank_name")?,
            unit: UnitId(row.get("unit_id")?),
            agreement: row.get::<Option<i64>>("agreement_id")?.map(AgreementId),
            number: row.get("number")?,
            product: row.get("product")?,
            principal: fen("principal_fen")?,
            is_small: row.get::<i64>("is_small")? == 1,
            rate_bp: row.get("rate_bp")?,
            fee_bp: row.get("fee_bp")?,
            lpr_bp: row.get("lpr_bp")?,
            signed_on: row.get("signed_on")?,
            matures_on: row.get("matures_on")?,
            split: match split.is_empty() {
                true => None,
                false => Some(Split::read(&split).map_err(|_| broken("split"))?),
            },
            edition: row.get("edition")?,
            person_tail: row.get("person_tail")?,
            underlying: row.get("underlying")?,
            renewal: row.get("renewal")?,
            renewal_amount: row.get::<Option<i64>>("renewal_fen")?.map(Fen),
            record: RecordId(row.get("record_id")?),
            recorded_at: row.get("recorded_at")?,
            recorded_by: row.get("recorded_by")?,
            book: Book {
                issued: fen("issued_fen")?,
                repaid: fen("repaid_fen")?,
                released: fen("released_fen")?,
                compensated: fen("compensated_fen")?,
                interest: fen("interest_fen")?,
                recovered: fen("recovered_fen")?,
                written_off: fen("written_off_fen")?,
                fees: fen("fee_fen")?,
                overdue: fen("overdue_fen")?,
                overdue_on: row.get("overdue_on")?,
                due_on: Some(row.get("due_on")?),
                last_on: row.get("last_on")?,
            },
            events: row.get("events")?,
        })
    }
}

/// A contract to register.
#[derive(Debug, Clone)]
pub struct NewContract {
    /// Its ledger.
    pub ledger: Ledger,
    /// Guarantor, or operator of the fund.
    pub operator: OrgId,
    /// The firm or trader.
    pub subject: OrgId,
    /// The bank.
    pub bank: OrgId,
    /// The agreement a guaranteed loan falls under.
    pub agreement: Option<AgreementId>,
    /// Number on the paper.
    pub number: String,
    /// Code of its product.
    pub product: String,
    /// The most that is paid out.
    pub principal: Fen,
    /// Yearly rate of the loan.
    pub rate_bp: i64,
    /// Yearly fee.
    pub fee_bp: i64,
    /// LPR of the day; taken from the data where it is known.
    pub lpr_bp: Option<i64>,
    /// The day it was signed.
    pub signed_on: Day,
    /// Its last day.
    pub matures_on: Day,
    /// The last four characters of a person's identity number; empty for a firm.
    pub person_tail: String,
    /// Number of the loan a bridge loan repays.
    pub underlying: String,
    /// Number of the loan promised after it.
    pub renewal: String,
    /// How much is promised.
    pub renewal_amount: Option<Fen>,
}

/// An event to enter.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The contract.
    pub contract: ContractId,
    /// How many events it had when the person looked; `None` for loads.
    pub seen: Option<i64>,
    /// What happened.
    pub step: Step,
    /// Account of a fee.
    pub account: String,
    /// The document it stands in.
    pub document: String,
    /// Anything else.
    pub note: String,
    /// Who entered it, where somebody else checked it.
    pub maker: Option<String>,
}

/// An event as it was entered.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Number.
    pub id: EventId,
    /// The contract.
    pub contract: ContractId,
    /// Its place among the events of the contract.
    pub seq: i64,
    /// What happened.
    pub step: Step,
    /// How the number in force moved, and the balance.
    pub moved: (i64, Fen),
    /// Account of a fee.
    pub account: String,
    /// The document it stands in.
    pub document: String,
    /// Anything else.
    pub note: String,
    /// The event this one takes back.
    pub reverses: Option<EventId>,
    /// Why.
    pub reason: String,
    /// The event that takes this one back.
    pub reversed_by: Option<EventId>,
    /// The record its facts cite.
    pub record: RecordId,
    /// When it was entered.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// By whom it was checked.
    pub checked_by: String,
}

impl Posted {
    /// Whether it counts: neither a reversal nor taken back.
    pub fn stands(&self) -> bool {
        self.reverses.is_none() && self.reversed_by.is_none()
    }

    pub(super) fn of(row: &Row) -> Result<Self> {
        let code: String = row.get("event")?;
        let event = Event::parse(&code).ok_or_else(|| Error::Internal(format!("guarantee_event.event {code}")))?;
        Ok(Self {
            id: EventId(row.get("id")?),
            contract: ContractId(row.get("contract_id")?),
            seq: row.get("seq")?,
            step: Step {
                event,
                on: row.get("occurred_on")?,
                amount: Fen(row.get("amount_fen")?),
                interest: Fen(row.get("interest_fen")?),
                due_on: row.get("due_on")?,
            },
            moved: (row.get("moved_n")?, Fen(row.get("moved_fen")?)),
            account: row.get("account")?,
            document: row.get("document")?,
            note: row.get("note")?,
            reverses: row.get::<Option<i64>>("reverses")?.map(EventId),
            reason: row.text("reason")?,
            reversed_by: row.get::<Option<i64>>("reversed_by")?.map(EventId),
            record: RecordId(row.get("record_id")?),
            recorded_at: row.get("recorded_at")?,
            recorded_by: row.get("recorded_by")?,
            checked_by: row.get("checked_by")?,
        })
    }
}

/// What a party carries of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharePart {
    /// The event.
    pub event: EventId,
    /// Code of the party.
    pub party: String,
    /// Its basis points.
    pub bp: i64,
    /// Its part.
    pub amount: Fen,
}
