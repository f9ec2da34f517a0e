//! Seals: the ledger cut into blocks, each with the Merkle root of its facts, chained to the block before and signed.
//! The audit log is sealed by the same code in a chain of its own ([`Sealable`]).
//!
//! Publications are sealed too: a signed statement each, over the Merkle root of its figures, chained likewise.
//!
//! Owns the tables `seal`, `publication_seal` and `seal_check`. SM3 for hashes, SM2 for signatures; the byte forms are written down in `docs/seals.md`,
//! so that a stranger can write a verifier. Sealing reads a snapshot and only then writes one row: writers do not wait for it.
//! Never holds the private key: that is a file outside the database.

mod block;
mod check;
mod fact;
mod file;
mod hash;
mod key;
mod make;
mod merkle;
mod proof;
mod published;
mod register;
mod rows;
mod sealed;
mod statement;
mod store;
mod verify;

pub use block::{Block, Header, Leaf};
pub use check::{Fault, Finding, Trust, check_facts, check_header};
pub use fact::SealedFact;
pub(crate) use fact::{int, maybe, text};
pub use file::{End, check_file, check_log, write_block, write_end, write_head, write_publication};
pub use hash::{Hash, Hasher};
pub(crate) use hash::{from_hex, to_hex};
pub use key::{PublicKey, SealKey};
pub use make::{BLOCK_FACTS, seal_all, seal_block, seal_ripe};
pub(crate) use make::{ripe, whole_log};
pub use merkle::{climb, path, root};
pub use proof::{Proof, prove};
pub use published::{prove_figure, statement};
pub use register::{Checked, MANY, Sealed, blocks, check, check_once_a_day, check_within, checks, sealed};
pub use rows::export_figure;
pub use sealed::{Sealable, Stored};
pub use statement::{FigureProof, SealedFigure, Stated, Statement};
pub use store::{Mark, covering, head};
pub(crate) use store::{head_of, headers};
pub use verify::{Exported, Report, export, verify};
pub(crate) use verify::{export_of, verify_of};
