//! Carrying a bulk out: stretch by stretch, each with its answers in one transaction.

use std::time::Duration;

use super::{Bulk, SELECT, bulk_of, seat};
use crate::access::{Actor, Person, find_person};
use crate::audit::Verb;
use crate::case::act::{Doing, act};
use crate::case::field::Values;
use crate::id::{BulkId, CaseId};
use crate::store::{Read, Sql, Store, Tx};
use crate::{Error, Result, args};

/// Cases of one transaction: so long others wait for their turn.
const STRETCH: i64 = 200;
/// How often a server looks for work.
const LOOK: Duration = Duration::from_secs(1);

/// Carries out what is asked for, whoever asked and whichever server took it; never ends by itself.
pub async fn work(store: Store) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = all(&store).await {
            tracing::warn!(detail = %error.detail(), "a bulk action rests until the next look");
        }
    }
}

async fn all(store: &Store) -> Result<()> {
    let running = store.read().await?.all("SELECT id FROM case_bulk WHERE state = 'running' ORDER BY id").await?;
    for row in running {
        let id = BulkId(row.get("id")?);
        // One that cannot go on just now keeps none of the others.
        if let Err(error) = run(store, id).await {
            tracing::warn!(bulk = id.0, detail = %error.detail(), "a bulk action rests until the next look");
        }
    }
    Ok(())
}

/// Carries a bulk out to its end.
///
/// # Errors
/// As the store says: what was answered stays, the rest is taken up again later.
pub async fn run(store: &Store, id: BulkId) -> Result<()> {
    while step(store, id).await? {}
    Ok(())
}

/// Does a stretch; whether there may be more.
async fn step(store: &Store, id: BulkId) -> Result<bool> {
    let read = store.read().await?;
    let mut sql = Sql::new(SELECT);
    sql.push("id = ").bind(id);
    let bulk = bulk_of(&read, &read.one(sql).await?)?;
    let actor = actor_of(&read, &bulk).await?;
    drop(read);
    store.write(&actor, async |tx| stretch(tx, &bulk).await).await
}

/// Whoever asked, as he stands today: a role that was taken away meanwhile is taken away from the rest of the bulk too.
async fn actor_of(read: &Read, bulk: &Bulk) -> Result<Actor> {
    let nobody = Actor { account: bulk.account, name: bulk.asked_by.clone(), ..Actor::public() };
    let person = match find_person(read, bulk.account, "").await {
        Ok(person) => person,
        Err(Error::NotFound) => return Ok(nobody),
        Err(other) => return Err(other),
    };
    let seats = (0..person.seats.len()).map(|seat| Person { seat, ..person.clone() }.actor());
    Ok(seats.into_iter().find(|actor| seat(actor) == bulk.seat).unwrap_or(nobody))
}

/// A case of the stretch, and the revision it is meant at.
type Meant = (CaseId, i64);

async fn stretch(tx: &mut Tx, bulk: &Bulk) -> Result<bool> {
    // Two servers at one bulk take turns, and the second finds the answers of the first.
    tx.hold("case_bulk", &[bulk.id.0]).await?;
    let sql = "SELECT r.case_id, r.revision, c.subject_id FROM case_bulk_row r JOIN case_file c ON c.id = r.case_id \
               WHERE r.bulk_id = $1 AND r.outcome IS NULL ORDER BY r.case_id LIMIT $2";
    let rows = tx.all((sql, args![bulk.id, STRETCH])).await?;
    if rows.is_empty() {
        let sql = "UPDATE case_bulk SET state = 'done', ended_at = $1 WHERE id = $2 AND state = 'running'";
        tx.run((sql, args![tx.now(), bulk.id])).await?;
        tx.act(Verb::BULK_ACTED, "case_bulk", bulk.id.0);
        tx.changes("批量办理", "", "办完");
        return Ok(false);
    }
    let meant = rows.iter().map(|row| Ok((CaseId(row.get("case_id")?), row.get("revision")?)));
    let meant: Vec<Meant> = meant.collect::<Result<_>>()?;
    let subjects: Vec<i64> = rows.iter().map(|row| row.get("subject_id")).collect::<Result<_>>()?;
    // All cases before all bodies, as a single act takes them: whoever acts meanwhile waits, and nobody for each other.
    tx.hold("case_file", &meant.iter().map(|(case, _)| case.0).collect::<Vec<_>>()).await?;
    tx.hold("organisation", &subjects).await?;
    let mut done = Vec::new();
    let mut refused = 0;
    for (case, revision) in meant {
        match one(tx, bulk, case, revision).await? {
            None => done.push(case.0),
            Some(said) => {
                refused += 1;
                let sql = "UPDATE case_bulk_row SET outcome = 0, said = $1 WHERE bulk_id = $2 AND case_id = $3";
                tx.run((sql, args![said, bulk.id, case])).await?;
            }
        }
    }
    if !done.is_empty() {
        let mut sql = Sql::new("UPDATE case_bulk_row SET outcome = 1, said = '' WHERE bulk_id = ");
        sql.bind(bulk.id).push(" AND case_id IN ").ints(done.iter().copied());
        tx.run(sql).await?;
    }
    // The list of the bulk says it case by case.
    tx.draft().forget_changes();
    tx.act(Verb::BULK_ACTED, "case_bulk", bulk.id.0);
    tx.purpose(&bulk.note);
    tx.changes(bulk.action.label, "", &format!("办成 {} 件，未办 {refused} 件", done.len()));
    Ok(true)
}

/// Acts on one case; why not, when it is refused. A store that fails fails the stretch.
async fn one(tx: &mut Tx, bulk: &Bulk, case: CaseId, revision: i64) -> Result<Option<String>> {
    let remarks = Values::new();
    let doing = Doing { action: bulk.action.code, revision, values: &bulk.values, note: &bulk.note, remarks: &remarks };
    let answer = match tx.attempt(async |tx| act(tx, case, doing).await).await {
        Ok(_) => None,
        Err(Error::Conflict(said)) => Some(said),
        Err(Error::Invalid(faults)) => Some(faults.0.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join("；")),
        Err(Error::NotFound | Error::Forbidden(_)) => Some("不在您的管理范围内".to_owned()),
        Err(other) => return Err(other),
    };
    Ok(answer)
}
