//! What reads across modules: the board, the indicators and their rows, the rules they keep, the ledger and its
//! corrections, the seals, the reply and what was published of it, the dossier.
//!
//! It imports no module crate: everything it shows comes out of the catalogue and the ledger,
//! which is why a new module appears here without anyone touching these pages.

pub mod amendments;
pub mod api_docs;
pub mod audit;
pub mod board;
pub mod cases;
mod chart;
pub mod dossier;
mod guide;
pub mod indicators;
pub mod jobs;
pub mod ledger;
mod link;
mod moves;
pub mod notices;
pub mod publications;
pub mod reconcile;
pub mod reminders;
pub mod reply;
pub mod seals;
pub mod search;
mod units;
mod wording;

use web::Slice;

/// The slices of this crate; `city` is the reply that is loaded, if there is one.
pub fn slices(city: Option<&'static reply::citation::City>) -> Vec<Slice> {
    vec![
        board::slice(),
        reply::slice(city),
        publications::slice(),
        indicators::slice(),
        reconcile::slice(),
        ledger::slice(),
        seals::slice(),
        amendments::slice(),
        cases::slice(),
        reminders::slice(),
        notices::slice(),
        jobs::slice(),
        search::slice(),
        dossier::slice(),
        audit::slice(),
        api_docs::slice(),
    ]
}
