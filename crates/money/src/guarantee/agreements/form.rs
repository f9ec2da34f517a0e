//! What is typed about agreements, net assets and groups.

use kernel::access::Scope;
use kernel::id::OrgId;
use kernel::store::Read;
use kernel::value::money::Fen;
use kernel::value::text::compact;
use kernel::{Error, Result, org};
use serde::Deserialize;

use super::model::{NewAgreement, NewStanding, Standing};
use crate::guarantee::link::Typed;
use crate::guarantee::rules::{Party, Split, splits};

/// The form of an agreement, as typed. Shares are percentages; with an edition they may stay empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::guarantee) struct AgreementForm {
    pub bank: String,
    pub number: String,
    pub signed_on: String,
    pub valid_to: String,
    pub edition: String,
    pub guarantor: String,
    pub reguarantor: String,
    pub fund: String,
    pub bank_share: String,
    pub government: String,
    /// In 万元.
    pub cap: String,
    pub payout_days: String,
    pub source: String,
}

impl AgreementForm {
    /// What was typed.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault at its field.
    pub fn read(&self, operator: OrgId) -> Result<NewAgreement> {
        let mut typed = Typed::default();
        let bank: Option<OrgId> = self.bank.parse().ok();
        if bank.is_none() {
            typed.faults.add("bank", "请选择合作银行");
        }
        let split = self.split(&mut typed);
        let (signed_on, valid_to) = (typed.day("signed_on", &self.signed_on), typed.day("valid_to", &self.valid_to));
        let cap = typed.wan_or_none("cap", &self.cap);
        let payout_days = self.payout_days.trim().parse().unwrap_or(0);
        let (Some(bank), Some(split), Some(signed_on), Some(valid_to)) = (bank, split, signed_on, valid_to) else {
            return Err(Error::Invalid(typed.faults));
        };
        typed.faults.or(NewAgreement {
            operator,
            bank,
            number: self.number.clone(),
            signed_on,
            valid_to,
            edition: self.edition.clone(),
            split,
            cap,
            payout_days,
            source: self.source.clone(),
        })
    }

    fn split(&self, typed: &mut Typed) -> Option<Split> {
        if let Some(edition) = splits().iter().find(|edition| edition.code == self.edition) {
            return Some(edition.shares.clone());
        }
        let fields = [
            (Party::Guarantor, "guarantor", &self.guarantor),
            (Party::Reguarantor, "reguarantor", &self.reguarantor),
            (Party::Fund, "fund", &self.fund),
            (Party::Bank, "bank_share", &self.bank_share),
            (Party::Government, "government", &self.government),
        ];
        let parts: Vec<(Party, i64)> =
            fields.into_iter().map(|(party, field, text)| (party, typed.percent(field, text))).collect();
        Split::new(parts).map_err(|told| typed.faults.add("edition", told)).ok()
    }
}

/// The form of net assets, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::guarantee) struct StandingForm {
    pub as_on: String,
    /// In 万元.
    pub net_assets: String,
    /// In 万元.
    pub reserve: String,
    /// 1 for a guarantor that mainly serves small firms.
    pub mainly_small: String,
    pub standing_source: String,
}

impl StandingForm {
    /// What was typed.
    ///
    /// # Errors
    /// As [`AgreementForm::read`].
    pub fn read(&self, operator: OrgId) -> Result<NewStanding> {
        let mut typed = Typed::default();
        let (as_on, net_assets) = (typed.day("as_on", &self.as_on), typed.wan("net_assets", &self.net_assets));
        let reserve = typed.wan_or_none("reserve", &self.reserve).unwrap_or(Fen(0));
        let (Some(as_on), Some(net_assets)) = (as_on, net_assets) else {
            return Err(Error::Invalid(typed.faults));
        };
        let (mainly_small, source) = (self.mainly_small == "1", self.standing_source.clone());
        typed
            .faults
            .or(NewStanding { operator, standing: Standing { as_on, net_assets, reserve, mainly_small, source } })
    }
}

/// The form that puts a body into a group, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::guarantee) struct RelatedForm {
    /// Credit or local code.
    pub member: String,
    /// The group; empty takes the body out.
    pub label: String,
    pub related_source: String,
}

impl RelatedForm {
    /// The body that is named.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none.
    pub async fn member(&self, read: &Read, scope: &Scope) -> Result<OrgId> {
        match org::find_by_code(read, scope, &compact(&self.member).to_uppercase()).await {
            Ok(found) => Ok(found.id),
            Err(Error::NotFound) => Err(Error::invalid("member", "企业库里没有这个代码，请核对")),
            Err(other) => Err(other),
        }
    }
}
