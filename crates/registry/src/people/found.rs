//! Accounts by a part of their login or name, a page at a time: the same list for those who open accounts and for those
//! who grant roles.

use kernel::access::{Account, list_accounts};
use kernel::store::Read;
use web::Ui;

/// Accounts on one page.
const SHOWN: i64 = 50;

/// A page of accounts.
pub(crate) struct Found {
    /// What was looked for.
    pub text: String,
    pub accounts: Vec<Account>,
    /// Where the list begins, and where it goes on; empty where it is already there.
    pub first: String,
    pub next: String,
}

impl Found {
    /// The accounts that the address of the page asks for (`q`, `after`), ordered by login.
    pub(crate) async fn asked(ui: &Ui, read: &Read) -> kernel::Result<Self> {
        let asked = |name: &str| ui.query().iter().find(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned());
        let (text, after) = (asked("q").unwrap_or_default(), asked("after").unwrap_or_default());
        let mut accounts = list_accounts(read, &text, &after, SHOWN + 1).await?;
        let more = accounts.len() as i64 > SHOWN;
        accounts.truncate(usize::try_from(SHOWN).unwrap_or(0));
        let address =
            |pairs: &[(&str, &str)]| format!("{}?{}", ui.path(), serde_html_form::to_string(pairs).unwrap_or_default());
        let last = accounts.last().filter(|_| more);
        let next = last.map(|last| address(&[("q", &text), ("after", &last.login)])).unwrap_or_default();
        let first = if after.is_empty() { String::new() } else { address(&[("q", &text)]) };
        Ok(Self { text, accounts, first, next })
    }
}
