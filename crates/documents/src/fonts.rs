//! Typefaces: which stand for those of official documents, found among the installed ones when first needed.
//!
//! Shared by the whole program: font files are looked through once.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use typst_kit::fonts::{FontStore, scan};

/// Everything known about the installed typefaces.
pub struct Fonts {
    pub(crate) store: FontStore,
    roles: Vec<Role>,
    folders: Vec<PathBuf>,
    /// What is wrong with the installation's own map; the shipped one is used then.
    fault: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    #[allow(dead_code, reason = "the file must say where it comes from")]
    source: String,
    folders: Vec<PathBuf>,
    role: Vec<Role>,
}

/// A typeface as official documents name it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    code: String,
    label: String,
    families: Vec<String>,
    #[serde(default)]
    bold: bool,
    word: String,
}

/// What the layout needs of a role.
#[derive(Debug, Serialize)]
pub(crate) struct Face<'a> {
    /// Installed families, the best first.
    families: Vec<&'a str>,
    bold: bool,
}

/// What stands for a typeface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// 仿宋, 楷体 and so on.
    pub label: String,
    /// The family that is used.
    pub family: String,
    /// What is wanted before it and not installed.
    pub instead_of: Vec<String>,
}

/// A typeface for which nothing is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// 仿宋, 楷体 and so on.
    pub label: String,
    /// What was looked for.
    pub wanted: Vec<String>,
}

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Names the data directory: its `fonts.toml` takes the place of the shipped map, and its folder `fonts` is looked
/// through as well. Counts when called before anything is rendered.
pub fn use_folder(data: &Path) {
    FOLDER.set(data.to_owned()).ok();
}

/// The installed typefaces, looked through at the first call (about half a second with large collections).
pub fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts::load(FOLDER.get().map(PathBuf::as_path)))
}

fn shipped() -> Map {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/fonts.toml"));
    toml::from_str(text).expect("invariant: the shipped map is read by a test")
}

/// The installation's own map, if it has one that can be read; otherwise what is wrong with it.
fn own(data: &Path) -> Result<Option<Map>, String> {
    let file = data.join("fonts.toml");
    let Ok(text) = std::fs::read_to_string(&file) else { return Ok(None) };
    let map: Map = toml::from_str(&text).map_err(|e| format!("{} 不能读：{}", file.display(), e.message()))?;
    let codes = |map: &Map| map.role.iter().map(|role| role.code.clone()).collect::<Vec<_>>();
    match codes(&map) == codes(&shipped()) {
        true => Ok(Some(map)),
        false => Err(format!("{} 应依次写明 {}", file.display(), codes(&shipped()).join("、"))),
    }
}

/// The same folders for charts that become pictures.
pub(crate) fn pictured() -> std::sync::Arc<resvg::usvg::fontdb::Database> {
    static FACES: OnceLock<std::sync::Arc<resvg::usvg::fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut faces = resvg::usvg::fontdb::Database::new();
        for folder in &fonts().folders {
            faces.load_fonts_dir(folder);
        }
        std::sync::Arc::new(faces)
    };
    FACES.get_or_init(load).clone()
}

impl Fonts {
    fn load(data: Option<&Path>) -> Self {
        let (map, fault) = match data.map(own) {
            Some(Ok(Some(map))) => (map, String::new()),
            Some(Err(fault)) => (shipped(), fault),
            Some(Ok(None)) | None => (shipped(), String::new()),
        };
        let mut store = FontStore::new();
        let folders = map.folders.into_iter().chain(data.map(|data| data.join("fonts")));
        let folders: Vec<PathBuf> = folders.filter(|folder| folder.is_dir()).collect();
        for folder in &folders {
            store.extend(scan(folder));
        }
        Self { store, roles: map.role, folders, fault }
    }

    fn has(&self, family: &str) -> bool {
        self.store.book().contains_family(&family.to_lowercase())
    }

    /// What stands for each typeface.
    pub fn found(&self) -> Vec<Found> {
        let found = |role: &Role| {
            let at = role.families.iter().position(|family| self.has(family))?;
            let (before, rest) = role.families.split_at(at);
            Some(Found { label: role.label.clone(), family: rest.first()?.clone(), instead_of: before.to_vec() })
        };
        self.roles.iter().filter_map(found).collect()
    }

    /// The typefaces for which nothing is installed.
    pub fn missing(&self) -> Vec<Missing> {
        let none = |role: &&Role| !role.families.iter().any(|family| self.has(family));
        let missing = |role: &Role| Missing { label: role.label.clone(), wanted: role.families.clone() };
        self.roles.iter().filter(none).map(missing).collect()
    }

    /// What is wrong with the installation's own map; empty when nothing is.
    pub fn fault(&self) -> &str {
        &self.fault
    }

    /// The installed families of every role, by its code.
    pub(crate) fn faces(&self) -> std::collections::BTreeMap<&str, Face<'_>> {
        self.roles
            .iter()
            .map(|role| {
                let families = role.families.iter().map(String::as_str).filter(|f| self.has(f)).collect();
                (role.code.as_str(), Face { families, bold: role.bold })
            })
            .collect()
    }

    /// The name that Word files give a role.
    pub(crate) fn word(&self, code: &str) -> &str {
        self.roles.iter().find(|role| role.code == code).map_or("宋体", |role| &role.word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_map_names_every_role_and_says_where_it_comes_from() {
        let map = shipped();
        let codes: Vec<&str> = map.role.iter().map(|r| r.code.as_str()).collect();
        assert_eq!(codes, ["fang", "kai", "hei", "song", "title"]);
        assert!(map.role.iter().all(|r| !r.families.is_empty() && !r.word.is_empty() && !r.label.is_empty()));
        assert!(!map.source.is_empty());
    }

    #[test]
    fn a_map_that_leaves_a_role_out_is_told_and_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("fonts.toml"), "source = \"x\"\nfolders = []\nrole = []\n").expect("written");
        assert!(own(folder.path()).is_err_and(|fault| fault.contains("fang")));
        assert!(own(Path::new("/nowhere")).is_ok_and(|map| map.is_none()));
    }
}
