//! The table of checks names tests that exist, and says of the rest why there is none.

use std::path::{Path, PathBuf};

use qishu::compliance::{checks, document};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_check_is_a_test_that_exists_or_says_why_not() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut files);
    let all: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let checks = checks();
    assert_eq!(checks.len(), 40);
    for (at, check) in checks.iter().enumerate() {
        assert_eq!(check.id, (at + 1).to_string(), "numbers follow");
        assert!(check.tests.is_empty() != check.reason.is_empty(), "{}: tests or a reason", check.id);
        for test in &check.tests {
            assert!(all.contains(&format!("fn {test}()")), "{}: there is no test {test}", check.id);
        }
    }
    let document = document();
    assert!(document.contains("不声称通过任何认证") && document.lines().count() > 45, "{document}");
}
