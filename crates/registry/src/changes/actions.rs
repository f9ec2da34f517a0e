//! What asking and accepting do.

use std::pin::Pin;

use kernel::access::Scope;
use kernel::case::{Case, Values, attachments, running};
use kernel::id::OrgId;
use kernel::store::Tx;
use kernel::{Error, Result};

use super::FLOW;
use crate::orgs::{ChangeForm, change, check_change};

type Later<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

fn asked(values: &Values) -> ChangeForm {
    let text = |field: &str| values.get(field).cloned().unwrap_or_default();
    ChangeForm {
        attribute: text("attribute"),
        value: text("value"),
        valid_from: text("valid_from"),
        valid_to: String::new(),
        source: text("source"),
    }
}

/// The same rules as the form of officers; and one request about an attribute at a time.
pub(super) fn check<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        // What the asker may not write himself is decided by whoever accepts.
        check_change(&asked(values), &Scope::All, tx.today())?;
        let others = running(tx, FLOW.code, subject).await?;
        let same = |case: &&Case| case.state == "asked" && case.values.get("attribute") == values.get("attribute");
        match others.iter().find(same) {
            Some(case) => Err(Error::Conflict(format!("同一事项的第 {} 件申请正在审核，请等它办完", case.id))),
            None => Ok(()),
        }
    })
}

/// The change is asserted, within what the one who accepts may write.
pub(super) fn assert<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let mut form = asked(&case.values);
        let files = match attachments(tx, case.id).await?.len() {
            0 => String::new(),
            n => format!("，附件 {n} 份"),
        };
        form.source = format!("{}（变更申请第 {} 件{files}）", form.source, case.id);
        match change(tx, case.subject, &form).await {
            Ok(_) => Ok(()),
            Err(Error::NotFound) => Err(Error::Conflict("该主体已转入其他填报单元，请报市局办理本件".into())),
            Err(other) => Err(other),
        }
    })
}
