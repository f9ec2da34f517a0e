//! What is typed about contracts and events, and what it means.

use kernel::access::Scope;
use kernel::id::OrgId;
use kernel::store::Read;
use kernel::value::money::Fen;
use kernel::value::text::compact;
use kernel::{Error, Result, org};
use serde::Deserialize;

use super::model::{Contract, Entry, NewContract};
use crate::guarantee::id::{AgreementId, ContractId};
use crate::guarantee::link::Typed;
use crate::guarantee::rules::{Event, Ledger, Step, tail};

/// The form that registers a contract, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::guarantee) struct ContractForm {
    pub ledger: String,
    /// Number of the guarantor; needed only by who has several.
    pub operator: String,
    /// Credit or local code of the firm.
    pub subject: String,
    /// Number of the bank.
    pub bank: String,
    /// Number of the agreement.
    pub agreement: String,
    pub number: String,
    pub product: String,
    /// In 万元.
    pub principal: String,
    /// In percent a year.
    pub rate: String,
    /// In percent a year.
    pub fee: String,
    /// In percent.
    pub lpr: String,
    pub signed_on: String,
    pub matures_on: String,
    /// Identity number of a natural person; only its end is kept.
    pub person: String,
    pub underlying: String,
    pub renewal: String,
    /// In 万元.
    pub renewal_amount: String,
}

impl ContractForm {
    /// What was typed, as a contract. Parties are named by their code: who knows it may name them.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault at its field.
    pub async fn read(&self, read: &Read, own: Option<OrgId>) -> Result<NewContract> {
        let mut typed = Typed::default();
        let ledger = Ledger::parse(&self.ledger).unwrap_or(Ledger::Guarantee);
        let operator = own.or_else(|| self.operator.parse().ok());
        if operator.is_none() {
            typed.faults.add("operator", "请选择担保机构");
        }
        let subject = match org::find_by_code(read, &Scope::All, &compact(&self.subject).to_uppercase()).await {
            Ok(found) => Some(found.id),
            Err(Error::NotFound) => {
                typed.faults.add("subject", "企业库里没有这个代码，请核对；没有登记的请先联系市局登记");
                None
            }
            Err(other) => return Err(other),
        };
        let bank: Option<OrgId> = self.bank.parse().ok();
        if bank.is_none() {
            typed.faults.add("bank", "请选择合作银行");
        }
        let person_tail = match self.person.trim().is_empty() {
            true => String::new(),
            false => tail(&self.person).unwrap_or_else(|told| {
                typed.faults.add("person", told);
                String::new()
            }),
        };
        let principal = typed.wan("principal", &self.principal);
        let (signed_on, matures_on) =
            (typed.day("signed_on", &self.signed_on), typed.day("matures_on", &self.matures_on));
        let (rate_bp, fee_bp) = (typed.percent("rate", &self.rate), typed.percent("fee", &self.fee));
        let lpr_bp = (!self.lpr.trim().is_empty()).then(|| typed.percent("lpr", &self.lpr));
        let renewal_amount = typed.wan_or_none("renewal_amount", &self.renewal_amount);
        let agreement = self.agreement.parse().ok().map(AgreementId);
        let (Some(operator), Some(subject), Some(bank)) = (operator, subject, bank) else {
            return Err(Error::Invalid(typed.faults));
        };
        let (Some(principal), Some(signed_on), Some(matures_on)) = (principal, signed_on, matures_on) else {
            return Err(Error::Invalid(typed.faults));
        };
        typed.faults.or(NewContract {
            ledger,
            operator,
            subject,
            bank,
            agreement,
            number: self.number.trim().to_owned(),
            product: self.product.clone(),
            principal,
            rate_bp,
            fee_bp,
            lpr_bp,
            signed_on,
            matures_on,
            person_tail,
            underlying: self.underlying.trim().to_owned(),
            renewal: self.renewal.trim().to_owned(),
            renewal_amount,
        })
    }
}

/// The form that enters an event, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::guarantee) struct EventForm {
    /// How many events the contract had on the page.
    pub seen: String,
    pub event: String,
    pub on: String,
    /// In 万元.
    pub amount: String,
    pub due_on: String,
    pub account: String,
    pub document: String,
    pub note: String,
}

impl EventForm {
    /// What was typed, as an entry.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault at its field.
    pub fn read(&self, contract: ContractId) -> Result<Entry> {
        let mut typed = Typed::default();
        let event = Event::parse(&self.event);
        if event.is_none() {
            typed.faults.add("event", "请选择业务");
        }
        let on = typed.day("on", &self.on);
        let amount = match event {
            Some(Event::Extended) => Some(Fen(0)),
            _ => typed.wan("amount", &self.amount),
        };
        let due_on = typed.day_or_none("due_on", &self.due_on).filter(|_| event == Some(Event::Extended));
        for (field, text) in [("document", &self.document), ("note", &self.note)] {
            if text.chars().count() > 200 {
                typed.faults.add(field, "最多 200 个字");
            }
        }
        let (Some(event), Some(on), Some(amount)) = (event, on, amount) else {
            return Err(Error::Invalid(typed.faults));
        };
        typed.faults.or(Entry {
            contract,
            seen: Some(self.seen.parse().unwrap_or(-1)),
            step: Step { event, on, amount, interest: Fen(0), due_on },
            account: if event == Event::Fee { self.account.clone() } else { String::new() },
            document: self.document.clone(),
            note: self.note.clone(),
            maker: None,
        })
    }

    /// An empty form of a contract.
    pub fn of(contract: &Contract) -> Self {
        Self { seen: contract.events.to_string(), ..Self::default() }
    }
}

/// The form that takes an event back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::guarantee) struct ReverseForm {
    pub reason: String,
}
