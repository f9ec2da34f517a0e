//! The way among the pages of the ledgers.

use web::Ui;

use super::{CASE, READ, TOTALS};

/// A page beside this one.
pub(super) struct Tab {
    pub href: &'static str,
    pub label: &'static str,
    pub here: bool,
}

/// The pages the reader may open; the one with this address is where he is.
pub(super) fn tabs(ui: &Ui, here: &str) -> Vec<Tab> {
    let all = [
        ("/guarantee", "合同", READ),
        ("/guarantee/due", "即将到期", READ),
        ("/guarantee/limits", "合作协议与限额", CASE),
        ("/guarantee/totals", "汇总", TOTALS),
        ("/guarantee/bulletin", "月报", TOTALS),
    ];
    let mine = all.into_iter().filter(|(.., permission)| ui.actor().may(*permission));
    mine.map(|(href, label, _)| Tab { href, label, here: href == here }).collect()
}

/// Entries of a select, the chosen one marked.
pub(super) fn choices<V: ToString, L: ToString>(
    entries: impl IntoIterator<Item = (V, L)>,
    chosen: &str,
) -> Vec<(String, String, bool)> {
    let entry = |(value, label): (V, L)| {
        let value = value.to_string();
        let is_chosen = value == chosen;
        (value, label.to_string(), is_chosen)
    };
    entries.into_iter().map(entry).collect()
}
