//! The checks of an application under 等保三级, each with the tests that prove it or the reason why none does.

use std::fmt::Write;

use serde::Serialize;

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Number.
    pub id: &'static str,
    /// Clause of the standard.
    pub clause: &'static str,
    /// What is demanded, in our own words.
    pub demand: &'static str,
    /// Names of the tests that prove it.
    pub tests: Vec<&'static str>,
    /// Why no test proves it; empty where tests do.
    pub reason: &'static str,
}

/// All checks, in the order of the standard.
pub fn checks() -> Vec<Check> {
    include_str!("../../../data/compliance.tsv").lines().skip(1).filter_map(check).collect()
}

fn check(line: &'static str) -> Option<Check> {
    let mut cells = line.split('\t');
    let (id, clause, demand, proof) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let (tests, reason) = match proof.strip_prefix('-') {
        Some(reason) => (Vec::new(), reason),
        None => (proof.split(' ').collect(), ""),
    };
    Some(Check { id, clause, demand, tests, reason })
}

/// The checks as a document.
pub fn document() -> String {
    let checks = checks();
    let proven = checks.iter().filter(|c| !c.tests.is_empty()).count();
    let mut out = format!(
        "# 等级保护第三级：应用层面的自查\n\n对照 GB/T 22239-2019 第 8.1.4、8.1.5 条，共 {} 项，其中 {proven} 项各有测试证明。\n\
         这不是测评结论，也不声称通过任何认证；系统定级由运营单位备案确定。\n\n\
         | 序号 | 条款 | 要求 | 证明 |\n|---|---|---|---|\n",
        checks.len()
    );
    for c in &checks {
        let proof = match c.reason {
            "" => c.tests.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join("、"),
            reason => format!("（没有测试）{reason}"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {} | {} | {} | {proof} |", c.id, c.clause, c.demand);
    }
    out
}
