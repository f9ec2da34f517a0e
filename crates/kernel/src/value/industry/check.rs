//! Checks the table of industries against what GB/T 4754-2017 says of itself.

use super::{Industry, Level};
use std::collections::HashMap;
use thiserror::Error;

/// What is wrong with a table of industries.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableFault {
    /// A line that is not code, name, level, parent.
    #[error("行业代码表第{line}行格式有误，应为代码、名称、层级、上级代码四列")]
    Line {
        /// Line number, counted from 1.
        line: usize,
    },
    /// The number of entries of a level differs from the standard's.
    #[error("行业代码表的{}应有{}个，现有{found}个", level.label(), level.size())]
    Count {
        /// The level.
        level: Level,
        /// Entries found.
        found: usize,
    },
    /// The number of divisions of B, C and D together is not 41.
    #[error("行业代码表的工业大类（B、C、D）应有41个，现有{found}个")]
    IndustrialDivisions {
        /// Divisions found.
        found: usize,
    },
    /// The parent does not exist, or is not of the level just above.
    #[error("行业代码“{code}”的上级代码不存在或层级不对，请更正")]
    Parent {
        /// The entry with the wrong parent.
        code: String,
    },
    /// A code that occurs more than once.
    #[error("行业代码“{code}”重复，请只保留一行")]
    Twice {
        /// The code.
        code: String,
    },
}

/// Every fault of a table, held against what the standard says of itself.
pub(super) fn faults(rows: &[Industry]) -> Result<(), Vec<TableFault>> {
    let mut faults = Vec::new();
    let mut levels: HashMap<&str, Level> = HashMap::new();
    for row in rows {
        if levels.insert(row.code, row.level).is_some() {
            faults.push(TableFault::Twice { code: row.code.to_owned() });
        }
    }
    for row in rows {
        let parent = row.parent.map(|code| levels.get(code).copied());
        if parent != row.level.above().map(Some) {
            faults.push(TableFault::Parent { code: row.code.to_owned() });
        }
    }
    for level in Level::ALL {
        let found = rows.iter().filter(|row| row.level == level).count();
        if found != level.size() {
            faults.push(TableFault::Count { level, found });
        }
    }
    let industrial = |row: &&Industry| row.level == Level::Division && matches!(row.parent, Some("B" | "C" | "D"));
    let found = rows.iter().filter(industrial).count();
    if found != 41 {
        faults.push(TableFault::IndustrialDivisions { found });
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_every_fault() {
        let text = "code\tname\tlevel\tparent\nA\t农业\tsection\t\n01\t农业\tdivision\tA\n\
                    01\t农业\tdivision\tA\n0211\t育种\tclass\t021\n012\t豆类\tgroup\tA";
        let faults = faults(&super::super::rows(text).expect("well-formed")).expect_err("faults");
        let code = |code: &str| code.to_owned();
        assert_eq!(
            faults,
            [
                TableFault::Twice { code: code("01") },
                TableFault::Parent { code: code("0211") },
                TableFault::Parent { code: code("012") },
                TableFault::Count { level: Level::Section, found: 1 },
                TableFault::Count { level: Level::Division, found: 2 },
                TableFault::Count { level: Level::Group, found: 1 },
                TableFault::Count { level: Level::Class, found: 1 },
                TableFault::IndustrialDivisions { found: 0 },
            ]
        );
    }
}
