//! What is typed: an action with its fields.

use kernel::case::Values;

/// An action as posted. Fields are named `f.code`, remarks `r.code`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// Code of the action.
    pub action: String,
    /// How many events the case had on the page.
    pub revision: i64,
    /// A word with it.
    pub note: String,
    /// Fields.
    pub values: Values,
    /// Remarks.
    pub remarks: Values,
}

impl Typed {
    /// Out of the posted names and values; a foreign name is left alone.
    pub(super) fn of(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.split_once('.') {
                Some(("f", code)) => drop(typed.values.insert(code.to_owned(), value)),
                Some(("r", code)) => drop(typed.remarks.insert(code.to_owned(), value)),
                _ => match name.as_str() {
                    "action" => typed.action = value,
                    "note" => typed.note = value,
                    // A revision that is no number was not on any page of ours: it matches no case.
                    "revision" => typed.revision = value.parse().unwrap_or(-1),
                    _ => {}
                },
            }
        }
        typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_remarks_are_told_apart_by_their_beginning() {
        let posted = [
            ("action", "return"),
            ("revision", "3"),
            ("note", "缺图"),
            ("f.what", "改造"),
            ("r.what", "型号"),
            ("x", "y"),
        ];
        let typed = Typed::of(posted.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec());
        assert_eq!((typed.action.as_str(), typed.revision, typed.note.as_str()), ("return", 3, "缺图"));
        assert_eq!((typed.values["what"].as_str(), typed.remarks["what"].as_str()), ("改造", "型号"));
        assert_eq!(Typed::of(vec![("revision".into(), "x".into())]).revision, -1);
    }
}
