//! Registering, changing and merging: one function per verb of the office.
//!
//! Each asks again for the permission and writes only to organisations that its scope holds.

use kernel::access::Scope;
use kernel::id::{OrgId, UnitId};
use kernel::org::{self, Organisation};
use kernel::store::{Read, Tx};
use kernel::value::day::Day;
use kernel::value::text::too_long;
use kernel::{Error, Faults, Result};

use super::model::{ChangeForm, MergeForm, RegisterForm, UnmergeForm, YearForm};
use super::{EDIT, FACTS, queries, rules};

/// Registers an organisation in one of the actor's units.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field, also for a code that is registered already.
pub async fn register(tx: &mut Tx, form: &RegisterForm) -> Result<OrgId> {
    let scope = scope(tx)?;
    let new = rules::new_org(form, &scope, tx.today())?;
    if let Some(code) = &new.local_code {
        free_local_code(tx, code).await?;
    }
    org::register(tx, new).await
}

/// Changes an attribute from a day on. Says until when it holds where a later change is on record already.
///
/// # Errors
/// [`Error::NotFound`] outside the scope, [`Error::Conflict`] for a merged organisation,
/// [`Error::Invalid`] with every fault at its field.
pub async fn change(tx: &mut Tx, id: OrgId, form: &ChangeForm) -> Result<Option<Day>> {
    let scope = scope(tx)?;
    standing(tx, &scope, id).await?;
    let change = rules::change(form, &scope, tx.today())?;
    if change.attribute == "unit" {
        known_unit(tx, &change.value).await?;
    }
    own_the_whole_time(tx, &scope, id, (change.from, change.to)).await?;
    let asserted = org::assert(tx, id, &change.attribute, &change.value, change.from, change.to, &change.source)
        .await
        .map_err(|error| at_field(error, &change.attribute, "value"))?;
    Ok(asserted.cut_to)
}

/// Who answers for some units says nothing about a time when the organisation was another's: facts of that time are
/// counted there. Days before it belonged to any unit are open.
async fn own_the_whole_time(tx: &Tx, scope: &Scope, id: OrgId, (from, to): (Day, Option<Day>)) -> Result<()> {
    if *scope == Scope::All {
        return Ok(());
    }
    let history = org::history(tx, id, None).await?;
    let units = org::values_between(&history, "unit", from, to.unwrap_or(tx.today()));
    let foreign =
        |unit: &String| unit.parse().is_ok_and(|unit: i64| unit != 0 && !rules::holds_unit(scope, UnitId(unit)));
    if units.iter().any(foreign) {
        let message = "这段时间里该主体有时属于其他填报单元，请从它转入您的单元那天写起，或报市局办理";
        return Err(Error::invalid("valid_from", message));
    }
    Ok(())
}

/// Records the figures of a year; the size class follows from them.
///
/// # Errors
/// As [`change`].
pub async fn record_year(tx: &mut Tx, id: OrgId, form: &YearForm) -> Result<i32> {
    let scope = scope(tx)?;
    standing(tx, &scope, id).await?;
    let figures = rules::year(form)?;
    org::record_year(tx, id, &figures).await.map_err(|error| at_field(error, "source", "year_source"))?;
    Ok(figures.year)
}

/// Merges an organisation into the one that stays, and returns the latter.
///
/// # Errors
/// [`Error::NotFound`] outside the scope, [`Error::Invalid`] without a reason or for a code that the scope
/// does not hold, [`Error::Conflict`] when one of them is merged already.
pub(super) async fn merge(tx: &mut Tx, duplicate: OrgId, form: &MergeForm) -> Result<OrgId> {
    let scope = scope(tx)?;
    standing(tx, &scope, duplicate).await?;
    let mut faults = Faults::new();
    if form.reason.trim().is_empty() {
        faults.add("reason", "请写明合并的依据，例如 名称变更后重复登记");
    }
    if let Some(message) = too_long(&form.reason) {
        faults.add("reason", message);
    }
    let into = match survivor(tx, &scope, &form.into).await {
        Ok(found) => Some(found),
        Err(Error::Invalid(found)) => {
            faults.0.extend(found.0);
            None
        }
        Err(other) => return Err(other),
    };
    let into = faults.or(into)?.ok_or(Error::NotFound)?;
    own_facts_only(tx, duplicate).await?;
    org::merge(tx, duplicate, into.id, form.reason.trim()).await?;
    Ok(into.id)
}

/// Takes a merge back.
///
/// # Errors
/// [`Error::NotFound`] outside the scope, [`Error::Invalid`] without a reason,
/// [`Error::Conflict`] when it is not merged.
pub(super) async fn unmerge(tx: &mut Tx, duplicate: OrgId, form: &UnmergeForm) -> Result<()> {
    let scope = scope(tx)?;
    let merged = queries::find(tx, &scope, duplicate).await?;
    if let Some(into) = merged.merged_into {
        queries::find(tx, &scope, into).await?;
        own_facts_only(tx, into).await?;
    }
    if form.reason.trim().is_empty() {
        return Err(Error::invalid("reason", "请写明撤销合并的原因"));
    }
    if let Some(message) = too_long(&form.reason) {
        return Err(Error::invalid("reason", message));
    }
    org::unmerge(tx, duplicate, form.reason.trim()).await
}

/// The organisation with a typed code, within the scope.
///
/// # Errors
/// [`Error::Invalid`] at `into` when there is none.
pub(super) async fn survivor(read: &Read, scope: &Scope, code: &str) -> Result<Organisation> {
    let code = rules::code(code);
    if code.is_empty() {
        return Err(Error::invalid("into", "请填写保留档案的统一社会信用代码或本地编号"));
    }
    match org::find_by_code(read, scope, &code).await {
        Err(Error::NotFound) => {
            Err(Error::invalid("into", format!("企业库中没有代码为“{code}”的档案，或不在您的管理范围内")))
        }
        found => found,
    }
}

/// A merge changes the figures of every unit whose facts it moves, so it is for those who may see them all.
///
/// # Errors
/// [`Error::Invalid`] at `into` with their number.
async fn own_facts_only(tx: &Tx, org: OrgId) -> Result<()> {
    match org::movable_outside(tx, org, &tx.actor().scope(FACTS)).await? {
        0 => Ok(()),
        n => {
            let message = format!("该档案有 {n} 条事实属于其他填报单元，合并会改变它们的数字，请报市局办理");
            Err(Error::invalid("into", message))
        }
    }
}

fn scope(tx: &Tx) -> Result<Scope> {
    match tx.actor().may(EDIT) {
        true => Ok(tx.actor().scope(EDIT)),
        false => Err(Error::Forbidden(EDIT.0)),
    }
}

/// The organisation, if the scope holds it and it is not merged into another.
async fn standing(tx: &Tx, scope: &Scope, id: OrgId) -> Result<Organisation> {
    let found = queries::find(tx, scope, id).await?;
    match found.merged_into {
        None => Ok(found),
        Some(_) => Err(Error::Conflict("该档案已并入其他档案，请在保留的档案中办理，或先撤销合并".into())),
    }
}

/// A code is taken whoever may see its holder, so this looks at every organisation.
async fn free_local_code(tx: &Tx, code: &str) -> Result<()> {
    match org::find_by_code(tx, &Scope::All, code).await {
        Err(Error::NotFound) => Ok(()),
        Err(other) => Err(other),
        Ok(_) => Err(Error::invalid("local_code", format!("编号“{code}”已被使用，请换一个或打开原有档案"))),
    }
}

async fn known_unit(tx: &Tx, unit: &str) -> Result<()> {
    let known = org::units(tx).await?;
    match unit.parse().is_ok_and(|id| known.iter().any(|u| u.id == UnitId(id))) {
        true => Ok(()),
        false => Err(Error::invalid("value", format!("没有编号为 {unit} 的填报单元"))),
    }
}

/// The same error, with the faults of one field told at the field of the form that asked for it.
fn at_field(error: Error, from: &str, to: &str) -> Error {
    match error {
        Error::Invalid(mut faults) => {
            for fault in faults.0.iter_mut().filter(|f| f.field == from) {
                to.clone_into(&mut fault.field);
            }
            Error::Invalid(faults)
        }
        other => other,
    }
}
