//! What a typed target or declared figure means: the rules that pages share with workbooks.

pub(super) use kernel::indicator::entry::{DeclareForm, Sort, TargetForm, declared, sort, target};
