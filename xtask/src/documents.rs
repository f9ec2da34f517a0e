//! Documents: links lead somewhere, the code map is whole, no file names this machine or a download address.

use crate::{Fault, Tree};

pub(crate) fn check(tree: &Tree, faults: &mut Vec<Fault>) {
    for (name, text) in tree.ending(".md") {
        for (i, line) in text.lines().enumerate() {
            for target in links(line) {
                if !leads_somewhere(tree, name, target) {
                    faults.push(Fault {
                        place: format!("{name}:{}", i + 1),
                        rule: format!("the link to {target} leads nowhere"),
                    });
                }
            }
        }
    }
    let map = tree.text("ARCHITECTURE.md");
    for (name, _) in tree.ending("Cargo.toml") {
        if let Some(folder) = name.strip_suffix("/Cargo.toml")
            && !map.contains(&format!("`{folder}/`"))
        {
            faults
                .push(Fault { place: "ARCHITECTURE.md".into(), rule: format!("{folder} is missing in the code map") });
        }
    }
    if tree.text("package-lock.json").contains("\"resolved\"") {
        faults.push(Fault {
            place: "package-lock.json".into(),
            rule: "it records download addresses: npm install --omit-lockfile-registry-resolved".into(),
        });
    }
    // Put together so that this file does not find itself.
    let machine = ["/wo", "rk/main"].concat();
    for (name, text) in &tree.files {
        if let Some(line) = text.lines().position(|l| l.contains(&machine)) {
            faults.push(Fault { place: format!("{name}:{}", line + 1), rule: "a path of one machine".into() });
        }
    }
}

/// Targets of Markdown links and pictures in a line.
fn links(line: &str) -> Vec<&str> {
    line.match_indices("](").filter_map(|(at, _)| line[at + 2..].split(')').next()).collect()
}

fn leads_somewhere(tree: &Tree, from: &str, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or("");
    if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
        return true;
    }
    let folder = tree.root.join(from);
    folder.parent().is_some_and(|folder| folder.join(path).exists())
}
