//! Attributes that are sealed at rest: the history holds the number of a secret ([`crate::cipher`]).

use super::Assertion;
use crate::cipher;
use crate::id::OrgId;
use crate::store::{Read, Tx};
use crate::{Error, Result};

/// Which they are.
const SENSITIVE: [&str; 1] = ["contact_phone"];

/// Whether an attribute is sealed at rest, masked where it is shown, and told in full only for a purpose that is logged.
pub fn is_sensitive(attribute: &str) -> bool {
    SENSITIVE.contains(&attribute)
}

/// Where a sensitive attribute of an organisation stands, to which its sealed value is bound.
fn place(org: OrgId, attribute: &str) -> String {
    format!("org:{org}:{attribute}")
}

/// Seals a sensitive value; another comes back as it is.
pub(super) async fn stored(tx: &Tx, org: OrgId, attribute: &str, value: &str) -> Result<String> {
    match is_sensitive(attribute) && !value.is_empty() {
        true => Ok(cipher::keep(tx, &place(org, attribute), value).await?.to_string()),
        false => Ok(value.to_owned()),
    }
}

/// The value of a sensitive attribute in full. Who asks has written down what for.
///
/// # Errors
/// [`Error::Unavailable`] when it cannot be opened; [`Error::NotFound`] for what is not sealed.
pub async fn reveal(read: &Read, org: OrgId, assertion: &Assertion) -> Result<String> {
    let id = assertion.value.parse().map_err(|_| Error::NotFound)?;
    cipher::reveal(read, &place(org, &assertion.attribute), id).await
}

/// The value of a sensitive attribute with its middle blotted out; that it cannot be read, where it cannot.
pub async fn masked(read: &Read, org: OrgId, assertion: &Assertion) -> String {
    reveal(read, org, assertion)
        .await
        .map_or_else(|_| "（已加密，暂时不能读取）".to_owned(), |plain| cipher::mask(&plain))
}

/// Digits with the signs that are written between them.
pub(super) fn is_telephone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    (7..=20).contains(&digits) && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | ' ' | '(' | ')'))
}
