//! Identifiers as types, so that an organisation's number cannot be handed over as a fact's.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }

        impl From<$name> for sea_orm::Value {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    )+};
}

ids! {
    /// An organisation of any kind (enterprise, institution, bank, body).
    OrgId,
    /// A reporting unit (填报单元), which is not the administrative division.
    UnitId,
    /// A position in the ledger; also the number of the fact or attribute written there.
    Position,
    /// An account a person signs in with.
    AccountId,
    /// A source record (台账记录) that facts cite.
    RecordId,
    /// A publication: a document with frozen figures.
    PublicationId,
    /// A request to correct a fact.
    AmendmentId,
    /// A case.
    CaseId,
    /// A notice.
    NoticeId,
    /// A job.
    JobId,
    /// A consent.
    ConsentId,
    /// An action on many cases.
    BulkId,
}
