//! Restoring a backup into a new place, and comparing what it says with what the manifest says.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use kernel::audit;
use kernel::ledger::rebuild;
use kernel::module::Module;
use kernel::seal::{Trust, verify};
use kernel::store::{Limits, Place, Store};
use kernel::{Error, Result};

use super::chunks::Chunks;
use super::{Manifest, State, manifests, read_manifest};

/// A restored database.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What it was restored from.
    pub manifest: Manifest,
    /// What it says of the moment of the backup.
    pub state: State,
    /// Where that differs from the backup, and what else is wrong; nothing when all is well.
    pub differences: Vec<String>,
}

/// Restores a backup: a manifest, or the last one of a directory. The new place must not exist, or be empty.
///
/// # Errors
/// [`Error::Conflict`] when the new place holds something or a piece is damaged; [`Error::Invalid`] without a backup.
pub async fn restore(from: &Path, to: &Path, modules: &[Module]) -> Result<Restored> {
    let path = if from.is_dir() { manifests(from)?.pop() } else { Some(from.to_owned()) };
    let path = path.ok_or_else(|| Error::invalid("backup", format!("{} 中没有备份", from.display())))?;
    let manifest = read_manifest(&path)?;
    must_be_free(to)?;
    put_together(&manifest, &Chunks::of(path.parent().unwrap_or(Path::new(".")))?, to)?;
    let store = Store::open(&Place::Dir(to.to_owned()), modules, Limits::default()).await?;
    let (state, differences) = compare(&store, &manifest.state).await?;
    store.close().await?;
    Ok(Restored { manifest, state, differences })
}

/// Restores what a mirror holds, and says what is wrong with it; nothing when all is well. The new place must not exist, or be empty.
///
/// # Errors
/// [`Error::Conflict`] when the new place holds something; [`Error::Unavailable`] when a disk refuses.
pub async fn restore_mirror(copy: &Path, to: &Path, modules: &[Module]) -> Result<(State, Vec<String>)> {
    must_be_free(to)?;
    let refused = |e: std::io::Error| Error::Unavailable(format!("写不了 {}：{e}", to.display()));
    std::fs::create_dir_all(to).map_err(refused)?;
    for name in kernel::store::FILES {
        let copied = std::fs::copy(copy.join(name), to.join(name)).and_then(|_| File::open(to.join(name))?.sync_all());
        copied.map_err(refused)?;
    }
    File::open(to).and_then(|dir| dir.sync_all()).map_err(refused)?;
    let store = Store::open(&Place::Dir(to.to_owned()), modules, Limits::default()).await?;
    let read = store.read().await?;
    let state = State::now(&read).await?;
    drop(read);
    let differences = faults(&store).await?;
    store.close().await?;
    Ok((state, differences))
}

fn must_be_free(to: &Path) -> Result<()> {
    if std::fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) || to.is_file() {
        let message = format!("{} 不是空目录，没有恢复任何内容：请指定一个新目录", to.display());
        return Err(Error::Conflict(message));
    }
    Ok(())
}

fn put_together(manifest: &Manifest, pieces: &Chunks, to: &Path) -> Result<()> {
    let refused = |e: std::io::Error| Error::Unavailable(format!("写不了 {}：{e}", to.display()));
    std::fs::create_dir_all(to).map_err(refused)?;
    for (name, kept) in &manifest.files {
        if !kernel::store::FILES.contains(&name.as_str()) {
            return Err(Error::invalid("backup", format!("备份清单中有不认识的文件 {name}")));
        }
        let mut file = File::create_new(to.join(name)).map_err(refused)?;
        for hash in &kept.pieces {
            file.write_all(&pieces.get(hash)?).map_err(refused)?;
        }
        if file.metadata().map_err(refused)?.len() != kept.bytes {
            return Err(Error::Conflict(format!("{name} 的长度与备份清单不符")));
        }
        file.sync_all().map_err(refused)?;
    }
    File::open(to).and_then(|dir| dir.sync_all()).map_err(refused)
}

async fn compare(store: &Store, then: &State) -> Result<(State, Vec<String>)> {
    let read = store.read().await?;
    let state = then.again(&read).await?;
    drop(read);
    let mut differences = then.differences(&state);
    differences.extend(faults(store).await?);
    Ok((state, differences))
}

/// What is wrong with the structure of the file, the seals, and the sums.
async fn faults(store: &Store) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    let read = store.read().await?;
    let check = read.one("PRAGMA quick_check").await?.text("quick_check")?;
    if check != "ok" {
        differences.push(format!("数据库文件不完好：{check}"));
    }
    drop(read);
    let seals = verify(store, &Trust::default(), &|_, _| {}).await?;
    differences.extend(seals.findings.iter().map(ToString::to_string));
    let log = audit::verify(store, &Trust::default(), &|_, _| {}).await?;
    differences.extend(log.findings.iter().map(|f| format!("审计日志：{f}")));
    let tallies = rebuild::compare(store).await?;
    differences
        .extend(tallies.first().map(|d| format!("汇总与逐条重算有 {} 处不一致，例如 {}", tallies.len(), d.series)));
    Ok(differences)
}
