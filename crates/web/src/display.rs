//! How pages look to somebody (显示设置), and what he has read of the first steps: kept per person, not per browser.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use kernel::access::Actor;
use kernel::id::AccountId;
use kernel::store::{Read, Row};
use kernel::{Error, args};
use serde::Deserialize;

use crate::Result;
use crate::frame::Frame;
use crate::routes::{Need, Routes};
use crate::sign_in::local;
use crate::ui::{Posted, Ui};

/// Preferences there are: name, its values beside the usual one, and what each is called.
const PREFERENCES: &[(&str, &[&str])] =
    &[("contrast", &["high"]), ("type", &["large", "larger"]), ("keys", &["off"]), ("steps", &["done"])];

pub(crate) fn routes() -> Routes {
    Routes::new().get("/display", Need::SignedIn, show).post("/display", Need::SignedIn, keep)
}

/// What an account prefers; nothing for the public.
///
/// # Errors
/// As the database says.
pub(crate) async fn of(read: &Read, account: AccountId) -> kernel::Result<BTreeMap<String, String>> {
    let sql = "SELECT name, value FROM preference WHERE account_id = $1";
    let pair = |row: &Row| Ok((row.get("name")?, row.get("value")?));
    read.all((sql, args![account])).await?.iter().map(pair).collect()
}

/// Classes of the page for what is preferred.
pub(crate) fn look(preferences: &BTreeMap<String, String>) -> String {
    let known = PREFERENCES.iter().filter_map(|(name, values)| {
        let value = preferences.get(*name)?;
        values.contains(&value.as_str()).then(|| format!("{name}-{value}"))
    });
    known.collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "display.html")]
struct Page {
    cx: Frame,
    kept: BTreeMap<String, String>,
}

impl Page {
    fn is(&self, name: &str, value: &str) -> bool {
        self.kept.get(name).map_or("", String::as_str) == value
    }
}

async fn show(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let kept = of(&read, ui.actor().account).await?;
    ui.page(&Page { cx: ui.frame(&read).await?, kept })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    contrast: Option<String>,
    r#type: Option<String>,
    keys: Option<String>,
    steps: Option<String>,
    back: String,
}

async fn keep(ui: Ui, Posted(chosen): Posted<Chosen>) -> Result<Response> {
    let typed =
        [("contrast", &chosen.contrast), ("type", &chosen.r#type), ("keys", &chosen.keys), ("steps", &chosen.steps)];
    let mut wanted = Vec::new();
    for (name, value) in typed {
        let Some(value) = value else { continue };
        let known = PREFERENCES.iter().any(|(n, values)| *n == name && values.contains(&value.as_str()));
        if !known && !value.is_empty() {
            return Err(Error::invalid(name, format!("没有“{value}”这种设置")).into());
        }
        wanted.push((name, value.clone()));
    }
    save(&ui, ui.actor(), &wanted).await?;
    let back = if chosen.back.is_empty() { "/display".to_owned() } else { local(Some(&chosen.back)) };
    ui.done(&back, "已按您的设置显示").await
}

async fn save(ui: &Ui, actor: &Actor, wanted: &[(&str, String)]) -> kernel::Result<()> {
    let account = actor.account;
    ui.store()
        .upkeep("显示设置", async |tx| {
            for (name, value) in wanted {
                let sql = "INSERT INTO preference (account_id, name, value) VALUES ($1, $2, $3) \
                           ON CONFLICT (account_id, name) DO UPDATE SET value = excluded.value";
                tx.run((sql, args![account, *name, value.clone()])).await?;
            }
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_becomes_a_class_of_the_page() {
        let kept = [("contrast", "high"), ("type", "\"><script>"), ("other", "x")];
        let kept = kept.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        assert_eq!(look(&kept), "contrast-high");
        assert_eq!(look(&BTreeMap::new()), "");
    }
}
