//! Setting a target and declaring a figure from outside. What was set before stays.

use kernel::access::Scope;
use kernel::indicator::{Indicator, declare, set_target};
use kernel::store::Tx;
use kernel::{Error, Result};

use super::rules::{self, DeclareForm, TargetForm};

/// Sets a target of an indicator for a unit that `scope` holds, or for the whole city.
///
/// # Errors
/// [`Error::NotFound`] for an indicator that has no targets, [`Error::Invalid`] with every fault at its field.
pub(super) async fn set(tx: &mut Tx, scope: &Scope, indicator: &Indicator, form: &TargetForm) -> Result<()> {
    let sort = rules::sort(indicator, tx.catalog()).ok_or(Error::NotFound)?;
    let new = rules::target(form, indicator.window, sort, scope)?;
    set_target(tx, indicator.code, &new.period, new.unit, new.value, &new.source).await?;
    Ok(())
}

/// Declares a figure from outside. Such a figure is the whole city's, so it is for who sees the whole city.
///
/// # Errors
/// [`Error::NotFound`] for another scope, [`Error::Invalid`] with every fault at its field.
pub(super) async fn state(tx: &mut Tx, scope: &Scope, indicator: &Indicator, form: &DeclareForm) -> Result<()> {
    if *scope != Scope::All {
        return Err(Error::NotFound);
    }
    let new = rules::declared(form, tx.today())?;
    declare(tx, indicator.code, &new.value, new.as_on, &new.source, &new.person).await?;
    Ok(())
}
