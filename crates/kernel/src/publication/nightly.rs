//! The night's work: everything published is re-derived, once each night, whichever server comes first.

use super::drift::{Verification, rederive};
use super::register::{find, ids, record_verification};
use crate::access::{Actor, Scope};
use crate::id::PublicationId;
use crate::store::Store;
use crate::value::day::{self, Day};
use crate::{Result, args};

/// Takes on tonight's work on a publication; the answer is whether nobody had before. Whoever breaks off after that
/// leaves it to the next night, or to a person.
async fn claim(store: &Store, id: PublicationId, night: Day) -> Result<bool> {
    let claimed = store
        .upkeep("夜间复核", async |tx| {
            tx.run((
                "INSERT INTO night_claim (publication_id, night, claimed_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (publication_id, night) DO NOTHING",
                args![id, night, tx.now()],
            ))
            .await
        })
        .await?;
    Ok(claimed == 1)
}

/// Re-derives every publication that nobody has taken on tonight, and writes down what was found.
///
/// # Errors
/// As the database says; a publication that cannot be re-derived is an alarm of its own.
pub async fn verify_all(store: &Store, actor: &Actor) -> Result<Vec<(PublicationId, String, Verification)>> {
    let all = ids(&store.read().await?, &Scope::All).await?;
    let mut done = Vec::with_capacity(all.len());
    for id in all {
        // A snapshot for each, so that a long night holds no old one open.
        let night = day::today(store.read().await?.now());
        if !claim(store, id, night).await? {
            continue;
        }
        let read = store.read().await?;
        let publication = find(&read, &Scope::All, id).await?;
        let found = rederive(&read, &publication, read.head()?).await?;
        drop(read);
        store.write(actor, async |tx| record_verification(tx, id, &found).await).await?;
        done.push((id, publication.title, found));
    }
    Ok(done)
}
