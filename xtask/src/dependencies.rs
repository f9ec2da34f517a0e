//! Dependencies: which crate may know which, which licences come in, what is declared but not used.

use serde_json::Value;

use crate::{Fault, Tree};

/// Our crates and what each may depend on. Module crates never import each other; insight imports none of them.
const ARROWS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("sheets", &["kernel"]),
    ("documents", &["kernel"]),
    ("web", &["kernel", "sheets"]),
    ("registry", &["kernel", "web"]),
    ("transform", &["kernel", "sheets", "web", "registry"]),
    ("money", &["kernel", "sheets", "web", "registry"]),
    ("service", &["kernel", "web", "registry"]),
    ("govern", &["kernel", "documents", "web", "registry"]),
    ("intake", &["kernel", "sheets", "web", "registry"]),
    ("insight", &["kernel", "documents", "web", "registry"]),
    ("testkit", &["kernel", "web"]),
    (
        "qishu",
        &[
            "kernel",
            "web",
            "registry",
            "transform",
            "money",
            "service",
            "govern",
            "insight",
            "intake",
            "sheets",
            "documents",
        ],
    ),
    ("verifier", &[]),
    ("xtask", &[]),
];

/// Licences that agree with Apache-2.0 for a program that is passed on.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

pub(crate) fn check(tree: &Tree, faults: &mut Vec<Fault>) {
    let listed = tree.text("docs/dependencies.md");
    for (name, text) in tree.ending("Cargo.toml").filter(|(name, _)| *name != "Cargo.toml") {
        let Ok(manifest) = text.parse::<toml::Table>() else { continue };
        let owner = manifest.get("package").and_then(|p| p.get("name")).and_then(toml::Value::as_str).unwrap_or("");
        let mut fault = |rule: String| faults.push(Fault { place: name.to_owned(), rule });
        let Some((_, allowed)) = ARROWS.iter().find(|(crate_name, _)| *crate_name == owner) else {
            fault(format!(
                "the crate {owner} has no place in the order of crates: add it to xtask/src/dependencies.rs"
            ));
            continue;
        };
        for dependency in keys(&manifest, "dependencies") {
            let ours = ARROWS.iter().any(|(crate_name, _)| *crate_name == dependency);
            if ours && !allowed.contains(&dependency.as_str()) {
                fault(format!("{owner} must not depend on {dependency}"));
            }
            if !ours && !listed.contains(&format!("`{dependency}`")) {
                fault(format!("{dependency} has no line in docs/dependencies.md saying why it is needed"));
            }
            if !used(tree, name, &dependency) {
                fault(format!("{dependency} is declared but not used"));
            }
        }
    }
    licences(tree, faults);
}

fn keys(manifest: &toml::Table, section: &str) -> Vec<String> {
    manifest.get(section).and_then(toml::Value::as_table).map(|t| t.keys().cloned().collect()).unwrap_or_default()
}

fn used(tree: &Tree, manifest: &str, dependency: &str) -> bool {
    let folder = manifest.trim_end_matches("Cargo.toml");
    let name = dependency.replace('-', "_");
    tree.ending(".rs").filter(|(file, _)| file.starts_with(folder)).any(|(_, text)| {
        text.contains(&format!("{name}::"))
            || text.contains(&format!("use {name}"))
            || text.contains(&format!("{name}!"))
    })
}

fn licences(tree: &Tree, faults: &mut Vec<Fault>) {
    let output = std::process::Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(&tree.root)
        .output();
    let metadata: Option<Value> = output.ok().and_then(|o| serde_json::from_slice(&o.stdout).ok());
    let Some(packages) = metadata.as_ref().and_then(|m| m["packages"].as_array()) else {
        faults.push(Fault { place: "Cargo.lock".into(), rule: "cargo metadata gave no list of packages".into() });
        return;
    };
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("");
        if !agrees(licence) {
            let place =
                format!("{} {}", package["name"].as_str().unwrap_or(""), package["version"].as_str().unwrap_or(""));
            faults.push(Fault {
                place,
                rule: format!("licence “{licence}” is not in the list of xtask/src/dependencies.rs"),
            });
        }
    }
}

/// Whether an SPDX expression can be met from the list: any side of an OR, all sides of an AND.
fn agrees(expression: &str) -> bool {
    let text = expression.replace('/', " OR ").replace(['(', ')'], " ");
    !text.trim().is_empty()
        && text.split(" AND ").all(|all| all.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_expression_is_met_from_the_list() {
        assert!(agrees("MIT OR GPL-3.0"));
        assert!(agrees("MIT/Apache-2.0"));
        assert!(agrees("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!agrees("GPL-3.0-only"));
        assert!(!agrees("MIT AND AGPL-3.0"));
        assert!(!agrees(""));
    }
}
