//! The shape of the code: what may stand where, and how long it may be.

use crate::{Fault, Tree};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const HANDLER_LINES: usize = 25;
/// Where the store is written to without an entry in the audit log: what is nobody's act.
const UPKEEP: &[&str] = &[
    "crates/intake/src/imports/work.rs",
    "crates/kernel/src/store/mod.rs",
    "crates/kernel/src/ledger/rebuild.rs",
    "crates/kernel/src/publication/nightly.rs",
    "crates/kernel/src/seal/make.rs",
    "crates/kernel/src/seal/published.rs",
    "crates/web/src/second.rs",
    "crates/web/src/session.rs",
    "crates/web/src/ui.rs",
];

pub(crate) fn check(tree: &Tree, faults: &mut Vec<Fault>) {
    for (name, text) in tree.ending(".rs") {
        let code = without_tests(text);
        let mut fault = |line: usize, rule: String| faults.push(Fault { place: format!("{name}:{line}"), rule });
        if !text.starts_with("//!") {
            fault(1, "open the file with `//!`: what it is, what it owns, what it never does".into());
        }
        if is_test(name) {
            continue;
        }
        let lines = code.lines().count();
        if lines > FILE_LINES {
            fault(lines, format!("{lines} lines without tests; at most {FILE_LINES}: is it one notion?"));
        }
        for (line, length, head) in functions(code) {
            let handler = name.ends_with("/pages.rs") && head.contains("async fn") && head.contains("ui: Ui");
            let most = if handler { HANDLER_LINES } else { FUNCTION_LINES };
            if length > most {
                fault(line, format!("a function of {length} lines; at most {most}"));
            }
        }
        for (i, line) in code.lines().enumerate() {
            for rule in line_rules(name, line) {
                fault(i + 1, rule.to_owned());
            }
        }
    }
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs") || name.starts_with("crates/testkit/")
}

/// The text before the unit tests, which stand last in a file.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {").map_or(text, |at| &text[..at])
}

fn line_rules(name: &str, line: &str) -> Vec<&'static str> {
    let mut broken = Vec::new();
    let code = line.split("//").next().unwrap_or("");
    let in_store = name.starts_with("crates/kernel/src/store/");
    let mut rule = |holds: bool, text| {
        if !holds {
            broken.push(text);
        }
    };
    if name.ends_with("/pages.rs") || name.ends_with("/api.rs") {
        let sql = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "].iter().any(|s| code.contains(s));
        rule(!sql, "SQL in a page: move it to queries.rs or actions.rs");
    }
    if name.ends_with("/rules.rs") {
        let impure = ["axum", "Utc::now", "kernel::store", ".await"].iter().any(|s| code.contains(s));
        rule(!impure, "a rule is pure: no clock, database or HTTP");
    }
    if name.ends_with("/queries.rs") || name.ends_with("/actions.rs") {
        rule(!code.contains("axum"), "HTTP in a query or an action: move it to pages.rs");
    }
    let branches = !name.starts_with("xtask/")
        && ["Backend::Sqlite", "Backend::Postgres", "DbBackend::"].iter().any(|s| code.contains(s));
    rule(in_store || !branches, "a branch on the database outside kernel/src/store");
    if name.starts_with("crates/") && !name.contains("/bench/") {
        let float = code.contains(": f64") || code.contains(" as f64") || code.contains("<f64>");
        rule(!float, "a float: money is whole fen, rates are ratios of whole numbers");
    }
    let upkeep = code.contains(".upkeep(") && name.starts_with("crates/");
    rule(!upkeep || UPKEEP.contains(&name), "upkeep leaves no entry in the audit log: write an act with Store::write");
    let remark = line.contains("TODO") || line.contains("FIXME");
    let named = name.starts_with("xtask/") || line.contains("issue ");
    rule(!remark || named, "a remark for later without an issue number");
    broken
}

/// First line, length and head of every function, found by indentation: rustfmt closes a function
/// at the column where it began.
fn functions(code: &str) -> Vec<(usize, usize, &str)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let is_function = [
            "fn ",
            "pub fn ",
            "async fn ",
            "pub async fn ",
            "pub(crate) fn ",
            "pub(crate) async fn ",
            "pub(super) fn ",
            "pub(super) async fn ",
            "pub const fn ",
            "const fn ",
        ]
        .iter()
        .any(|head| body.starts_with(head));
        if !is_function || line.ends_with(';') || line.ends_with('}') {
            continue;
        }
        let close = format!("{}}}", &line[..line.len() - body.len()]);
        if let Some(end) = lines[start..].iter().position(|l| *l == close) {
            found.push((start + 1, end + 1, *line));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_ends_where_its_indentation_does() {
        let code = "fn a() {\n    if x {\n    }\n}\n\nimpl B {\n    fn c() {\n    }\n}\n";
        let found: Vec<(usize, usize)> = functions(code).into_iter().map(|(line, length, _)| (line, length)).collect();
        assert_eq!(found, [(1, 4), (7, 2)]);
    }

    #[test]
    fn sql_in_a_page_and_a_clock_in_a_rule_are_found() {
        assert_eq!(line_rules("crates/x/src/y/pages.rs", "read.all(\"SELECT 1\")").len(), 1);
        assert_eq!(line_rules("crates/x/src/y/rules.rs", "let now = Utc::now();").len(), 1);
        assert_eq!(line_rules("crates/x/src/y/queries.rs", "read.all(\"SELECT 1\")").len(), 0);
        assert_eq!(line_rules("crates/x/src/y/mod.rs", "match b { Backend::Sqlite => 1 }").len(), 1);
        assert_eq!(line_rules("crates/x/src/y/actions.rs", "store.upkeep(name, act)").len(), 1);
        assert_eq!(line_rules("crates/web/src/session.rs", "store.upkeep(name, act)").len(), 0);
    }
}
