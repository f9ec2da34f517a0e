//! Reads of agreements, standings and groups.

use kernel::access::Scope;
use kernel::id::OrgId;
use kernel::store::{Read, Row, Sql};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result, args};

use super::model::{Agreement, Related, Standing};
use crate::guarantee::id::AgreementId;
use crate::guarantee::rules::Split;

/// The agreements of an operator that was found within a scope, newest first.
///
/// # Errors
/// As the database says.
pub async fn of_operator(read: &Read, operator: OrgId) -> Result<Vec<Agreement>> {
    let sql = "SELECT a.id, a.operator_id, a.bank_id, b.name AS bank_name, a.number, a.signed_on, a.valid_to, a.edition, a.split, \
               a.cap_fen, a.payout_days, a.source FROM guarantee_agreement a JOIN organisation b ON b.id = a.bank_id \
               WHERE a.operator_id = $1 ORDER BY a.signed_on DESC, a.id DESC";
    read.all((sql, args![operator])).await?.iter().map(agreement).collect()
}

fn agreement(row: &Row) -> Result<Agreement> {
    let split: String = row.get("split")?;
    Ok(Agreement {
        id: AgreementId(row.get("id")?),
        operator: OrgId(row.get("operator_id")?),
        bank: OrgId(row.get("bank_id")?),
        bank_name: row.get("bank_name")?,
        number: row.get("number")?,
        signed_on: row.get("signed_on")?,
        valid_to: row.get("valid_to")?,
        edition: row.get("edition")?,
        split: Split::read(&split).map_err(|told| Error::Internal(format!("guarantee_agreement.split: {told}")))?,
        cap: row.get::<Option<i64>>("cap_fen")?.map(Fen),
        payout_days: row.get("payout_days")?,
        source: row.get("source")?,
    })
}

/// What an operator had on a day, as last entered; `None` when nothing was entered for a day so early.
///
/// # Errors
/// As the database says.
pub async fn standing(read: &Read, operator: OrgId, on: Day) -> Result<Option<Standing>> {
    let sql = "SELECT as_on, net_assets_fen, reserve_fen, mainly_small, source FROM guarantee_standing \
               WHERE operator_id = $1 AND as_on <= $2 ORDER BY as_on DESC, id DESC LIMIT 1";
    let found = read.opt((sql, args![operator, on])).await?;
    let standing = |row: Row| {
        Ok(Standing {
            as_on: row.get("as_on")?,
            net_assets: Fen(row.get("net_assets_fen")?),
            reserve: Fen(row.get("reserve_fen")?),
            mainly_small: row.get::<i64>("mainly_small")? == 1,
            source: row.get("source")?,
        })
    };
    found.map(standing).transpose()
}

/// Guarantors within a scope: name and number, by name.
///
/// # Errors
/// As the database says.
pub async fn operators(read: &Read, scope: &Scope) -> Result<Vec<(OrgId, String)>> {
    let mut sql =
        Sql::new("SELECT o.id, o.name FROM organisation o WHERE o.kind = 'guarantor' AND o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY o.name LIMIT 100");
    read.all(sql).await?.iter().map(|row| Ok((OrgId(row.get("id")?), row.get("name")?))).collect()
}

/// Banks to choose from: number and name, by name.
///
/// # Errors
/// As the database says.
pub async fn banks(read: &Read) -> Result<Vec<(OrgId, String)>> {
    let sql = "SELECT id, name FROM organisation WHERE kind = 'financial_institution' AND merged_into IS NULL \
               ORDER BY name LIMIT 300";
    read.all(sql).await?.iter().map(|row| Ok((OrgId(row.get("id")?), row.get("name")?))).collect()
}

/// Members of related groups, by group.
///
/// # Errors
/// As the database says.
pub async fn related(read: &Read) -> Result<Vec<Related>> {
    let sql = "SELECT g.org_id, o.name, g.label, g.source FROM guarantee_related g JOIN organisation o ON o.id = g.org_id \
               ORDER BY g.label, o.name LIMIT 500";
    let row = |row: &Row| {
        Ok(Related {
            org: OrgId(row.get("org_id")?),
            name: row.get("name")?,
            label: row.get("label")?,
            source: row.get("source")?,
        })
    };
    read.all(sql).await?.iter().map(row).collect()
}
