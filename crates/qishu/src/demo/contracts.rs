//! Contracts of the three ledgers as the script plans them, and how they are played: through the module, by its rules.

use std::collections::HashMap;

use kernel::Result;
use kernel::access::Scope;
use kernel::store::Tx;
use kernel::value::day::Day;
use kernel::value::money::Fen;
use money::guarantee::agreements::{self, NewAgreement, NewStanding, Standing};
use money::guarantee::contracts::{self, Entry, NewContract};
use money::guarantee::id::{AgreementId, ContractId, EventId};
use money::guarantee::rules::{Event, Ledger, Step, splits};

use super::days::{GO_LIVE, day};
use super::player::Orgs;
use super::script::{Act, Desk, Script, Ticket, Who};
use super::share::WAN;

/// A contract to sign.
#[derive(Debug, Clone)]
pub(super) struct Signing {
    pub ledger: Ledger,
    pub operator: Who,
    pub subject: Who,
    pub bank: Who,
    pub number: String,
    pub product: &'static str,
    pub fen: i64,
    pub rate_bp: i64,
    pub fee_bp: i64,
    pub signed_on: Day,
    pub matures_on: Day,
    /// Last four characters of a made-up identity number.
    pub person_tail: String,
    pub underlying: String,
    pub renewal: String,
    pub renewal_fen: Option<i64>,
}

/// An event of a contract.
#[derive(Debug, Clone)]
pub(super) struct Moving {
    pub contract: Ticket,
    pub event: Event,
    pub on: Day,
    pub fen: i64,
    pub interest: i64,
    pub account: &'static str,
    pub document: String,
    pub note: String,
}

impl Moving {
    pub(super) fn new(contract: Ticket, event: Event, on: Day, fen: i64) -> Self {
        let (account, document, note) = ("", String::new(), String::new());
        Self { contract, event, on, fen, interest: 0, account, document, note }
    }
}

/// What the desk of the guarantor does.
#[derive(Debug, Clone)]
pub(super) enum LedgerAct {
    /// What a guarantor has.
    Stand(Who, Day, i64),
    /// An agreement with a bank under an edition of the split, with its first and last day.
    Agree(Who, Who, usize, (Day, Day)),
    Sign(Ticket, Signing),
    Move(Ticket, Moving),
    /// Takes an event back.
    TakeBack(Ticket, &'static str),
}

impl Script {
    /// Signs a contract and pays it out, on the day it is written down.
    pub(super) fn sign(&mut self, day: Day, signing: Signing, on: Day) -> Ticket {
        let ticket = self.ticket();
        let paid_out = Moving::new(ticket, Event::Issued, on, signing.fen);
        self.ledger(day, on, LedgerAct::Sign(ticket, signing));
        self.moves(day, paid_out);
        ticket
    }

    /// Enters an event.
    pub(super) fn moves(&mut self, day: Day, moving: Moving) -> Ticket {
        let ticket = self.ticket();
        self.ledger(day, moving.on, LedgerAct::Move(ticket, moving));
        ticket
    }

    /// Takes an event back.
    pub(super) fn takes_back(&mut self, day: Day, event: Ticket, reason: &'static str) {
        self.ledger(day, day, LedgerAct::TakeBack(event, reason));
    }

    fn ledger(&mut self, day: Day, on: Day, act: LedgerAct) {
        let desk = if on < GO_LIVE { Desk::TakeOver } else { Desk::Guarantor };
        self.add(day, desk, Act::Ledger(act));
    }

    /// What the guarantor is held to: its net assets, and an agreement with every bank under each edition of the split.
    pub(super) fn bases(&mut self, guarantor: Who, banks: impl Iterator<Item = Who>) {
        self.ledger(GO_LIVE, day(2018, 12, 31), LedgerAct::Stand(guarantor, day(2018, 12, 31), 80_000 * WAN));
        let stands = (day(2020, 12, 31), 86_000 * WAN);
        self.ledger(day(2021, 3, 15), day(2021, 3, 15), LedgerAct::Stand(guarantor, stands.0, stands.1));
        for bank in banks {
            let terms = [(day(2019, 1, 1), day(2021, 4, 30)), (day(2021, 5, 1), day(2023, 12, 31))];
            self.ledger(GO_LIVE, terms[0].0, LedgerAct::Agree(guarantor, bank, 0, terms[0]));
            self.ledger(day(2021, 5, 6), day(2021, 5, 6), LedgerAct::Agree(guarantor, bank, 1, terms[1]));
        }
    }
}

/// What the store gave for what was planned.
#[derive(Default)]
pub(super) struct Ledgers {
    agreements: Vec<(Who, Who, Day, AgreementId)>,
    contracts: HashMap<Ticket, ContractId>,
    events: HashMap<Ticket, (ContractId, EventId)>,
}

impl Ledgers {
    /// Plays one act.
    pub(super) async fn perform(&mut self, tx: &mut Tx, orgs: &Orgs, act: &LedgerAct) -> Result<()> {
        match act {
            LedgerAct::Stand(who, as_on, fen) => {
                let standing = Standing {
                    as_on: *as_on,
                    net_assets: Fen(*fen),
                    reserve: Fen(*fen / 25),
                    mainly_small: true,
                    source: "演示审计报告".into(),
                };
                agreements::stand(tx, &Scope::All, &NewStanding { operator: orgs.org(*who)?, standing }).await
            }
            LedgerAct::Agree(who, bank, edition, term) => self.agree(tx, orgs, (*who, *bank), *edition, *term).await,
            LedgerAct::Sign(ticket, signing) => {
                let contract = self.signed(orgs, signing)?;
                let id = contracts::register(tx, &Scope::All, &contract).await?;
                self.contracts.insert(*ticket, id);
                Ok(())
            }
            LedgerAct::Move(ticket, moving) => {
                let entry = self.entry(moving)?;
                let id = contracts::post(tx, &Scope::All, &entry).await?;
                self.events.insert(*ticket, (entry.contract, id));
                Ok(())
            }
            LedgerAct::TakeBack(ticket, reason) => {
                let event = self.events.get(ticket).copied().ok_or_else(|| missing("event"))?;
                contracts::reverse(tx, &Scope::All, event, reason).await
            }
        }
    }

    async fn agree(
        &mut self,
        tx: &Tx,
        orgs: &Orgs,
        (who, bank): (Who, Who),
        edition: usize,
        term: (Day, Day),
    ) -> Result<()> {
        let split = splits().get(edition).ok_or_else(|| missing("split"))?;
        let new = NewAgreement {
            operator: orgs.org(who)?,
            bank: orgs.org(bank)?,
            number: format!("演示合作〔{}〕{:02}号", term.0.format("%Y"), self.agreements.len() + 1),
            signed_on: term.0,
            valid_to: term.1,
            edition: split.code.clone(),
            split: split.shares.clone(),
            cap: Some(Fen(60_000 * WAN)),
            payout_days: 60,
            source: "演示合作协议".into(),
        };
        let id = agreements::agree(tx, &Scope::All, &new).await?;
        self.agreements.push((who, bank, term.1, id));
        Ok(())
    }

    fn signed(&self, orgs: &Orgs, plan: &Signing) -> Result<NewContract> {
        let agreed = |(who, bank, to, _): &&(Who, Who, Day, AgreementId)| {
            (*who, *bank) == (plan.operator, plan.bank) && plan.signed_on <= *to
        };
        let agreement = self.agreements.iter().filter(agreed).min_by_key(|(.., to, _)| *to).map(|(.., id)| *id);
        Ok(NewContract {
            ledger: plan.ledger,
            operator: orgs.org(plan.operator)?,
            subject: orgs.org(plan.subject)?,
            bank: orgs.org(plan.bank)?,
            agreement: agreement.filter(|_| plan.ledger == Ledger::Guarantee),
            number: plan.number.clone(),
            product: plan.product.to_owned(),
            principal: Fen(plan.fen),
            rate_bp: plan.rate_bp,
            fee_bp: plan.fee_bp,
            lpr_bp: None,
            signed_on: plan.signed_on,
            matures_on: plan.matures_on,
            person_tail: plan.person_tail.clone(),
            underlying: plan.underlying.clone(),
            renewal: plan.renewal.clone(),
            renewal_amount: plan.renewal_fen.map(Fen),
        })
    }

    fn entry(&self, plan: &Moving) -> Result<Entry> {
        let contract = self.contracts.get(&plan.contract).copied().ok_or_else(|| missing("contract"))?;
        let (amount, interest) = (Fen(plan.fen), Fen(plan.interest));
        Ok(Entry {
            contract,
            seen: None,
            step: Step { event: plan.event, on: plan.on, amount, interest, due_on: None },
            account: plan.account.to_owned(),
            document: plan.document.clone(),
            note: plan.note.clone(),
            maker: None,
        })
    }
}

fn missing(what: &str) -> kernel::Error {
    kernel::Error::Internal(format!("demo: no such {what} yet"))
}
