//! Identifiers of the ledgers as types.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

        impl From<$name> for kernel::store::Value {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    )+};
}

ids! {
    /// A contract of one of the three ledgers.
    ContractId,
    /// An event of a contract.
    EventId,
    /// A cooperation agreement.
    AgreementId,
}
