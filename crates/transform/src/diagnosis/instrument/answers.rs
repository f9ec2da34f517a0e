//! What was filled in: by item or scene, the codes chosen or the number typed.

use std::collections::BTreeMap;

use kernel::{Error, Result};

/// Answers by item or scene; an unanswered one has no entry.
pub(in super::super) type Answers = BTreeMap<String, Vec<String>>;

/// Answers as they are kept beside a result.
///
/// # Errors
/// [`Error::Internal`] never in practice: the map is plain text.
pub(in super::super) fn kept(answers: &Answers) -> Result<String> {
    serde_json::to_string(answers).map_err(|e| Error::Internal(e.to_string()))
}

/// Answers out of what is kept.
///
/// # Errors
/// [`Error::Internal`] when what is kept is no answers.
pub(in super::super) fn read_kept(text: &str) -> Result<Answers> {
    serde_json::from_str(text).map_err(|e| Error::Internal(e.to_string()))
}
