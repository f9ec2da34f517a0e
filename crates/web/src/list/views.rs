//! Views (视图) somebody kept of a list: its filters, order and columns under a name.

use axum::extract::Path;
use axum::response::Response;
use kernel::access::Actor;
use kernel::store::{Read, Row};
use kernel::{Error, Faults, args};
use serde::Deserialize;

use crate::Result;
use crate::routes::{Need, Routes};
use crate::sign_in::local;
use crate::ui::{Posted, Ui};

/// Views of one person and list at most.
const MOST: usize = 30;
/// Longest name, in characters.
const LONGEST_NAME: usize = 20;
/// Longest address, in bytes.
const LONGEST_ADDRESS: usize = 2000;

pub(crate) fn routes() -> Routes {
    Routes::new().post("/views", Need::SignedIn, keep).post("/views/{id}/delete", Need::SignedIn, delete)
}

/// A kept view.
#[derive(Debug, Clone)]
pub struct View {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Where it leads.
    pub address: String,
}

/// The views an actor kept of a list, by name.
///
/// # Errors
/// As the database says.
pub(crate) async fn of(read: &Read, actor: &Actor, list: &str) -> kernel::Result<Vec<View>> {
    if actor.account.0 == 0 {
        return Ok(Vec::new());
    }
    let sql = "SELECT id, name, address FROM list_view WHERE account_id = $1 AND list = $2 ORDER BY name";
    let view = |row: &Row| Ok(View { id: row.get("id")?, name: row.get("name")?, address: row.get("address")? });
    read.all((sql, args![actor.account, list])).await?.iter().map(view).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Kept {
    list: String,
    name: String,
    address: String,
}

/// An address of ours, without a way out of it.
fn is_ours(address: &str) -> bool {
    local(Some(address)) == address && !address.contains('#') && address.len() <= LONGEST_ADDRESS
}

fn check(kept: &Kept) -> kernel::Result<()> {
    let mut faults = Faults::new();
    if kept.name.trim().is_empty() {
        faults.add("name", "请给视图取个名字");
    }
    if kept.name.trim().chars().count() > LONGEST_NAME {
        faults.add("name", format!("视图名称最多 {LONGEST_NAME} 个字"));
    }
    if !is_ours(&kept.address) || kept.list.is_empty() || kept.list.len() > 100 {
        faults.add("address", "这个地址不能存为视图");
    }
    faults.or(())
}

async fn keep(ui: Ui, Posted(kept): Posted<Kept>) -> Result<Response> {
    check(&kept)?;
    let (account, name) = (ui.actor().account, kept.name.trim().to_owned());
    let there = of(&ui.read().await?, ui.actor(), &kept.list).await?;
    if there.len() >= MOST && !there.iter().any(|view| view.name == name) {
        return Err(Error::Conflict(format!("一个列表最多存 {MOST} 个视图，请先删除不用的")).into());
    }
    let sql = "INSERT INTO list_view (account_id, list, name, address) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (account_id, list, name) DO UPDATE SET address = excluded.address";
    let write = async |tx: &mut kernel::store::Tx| {
        tx.run((sql, args![account, kept.list.clone(), name.clone(), kept.address.clone()])).await
    };
    ui.store().upkeep("视图", write).await?;
    ui.done(&kept.address, &format!("已存为视图“{name}”")).await
}

async fn delete(ui: Ui, Path(id): Path<String>, Posted(_): Posted<Vec<(String, String)>>) -> Result<Response> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let account = ui.actor().account;
    let found = ui.store().upkeep("视图", async |tx| {
        let sql = "SELECT address FROM list_view WHERE id = $1 AND account_id = $2";
        let address: String = tx.one((sql, args![id, account])).await?.get("address")?;
        tx.run(("DELETE FROM list_view WHERE id = $1 AND account_id = $2", args![id, account])).await?;
        Ok(address)
    });
    let address = found.await?;
    ui.done(address.split('?').next().unwrap_or("/"), "视图已删除").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_never_leads_out_of_the_platform() {
        for address in ["https://example.org", "//example.org", "/\\example.org", "cases", "/a\r\nb", ""] {
            assert!(!is_ours(address), "{address:?}");
        }
        assert!(is_ours("/cases?flow=registry.change&state=asked"));
    }
}
