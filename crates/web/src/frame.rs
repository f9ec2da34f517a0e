//! The frame around a page: city, person, menu, the two clocks.

use std::sync::OnceLock;

use kernel::access::{Permission, Person, Seat};

use crate::app::App;
use crate::assets::Assets;
use crate::session::Visitor;

/// An entry a slice puts into the menu.
#[derive(Debug, Clone, Copy)]
pub struct MenuEntry {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Icon name.
    pub icon: &'static str,
    /// Who sees it.
    pub permission: Permission,
    /// Order, small first.
    pub order: u32,
    /// Beginnings of other paths whose pages belong to it.
    pub under: &'static [&'static str],
}

impl MenuEntry {
    /// How long a beginning of the path belongs to this entry; nothing when none does.
    fn holds(&self, path: &str) -> Option<usize> {
        let under = |start: &str| path == start || (start != "/" && path.starts_with(&format!("{start}/")));
        std::iter::once(self.href).chain(self.under.iter().copied()).filter(|s| under(s)).map(str::len).max()
    }
}

/// An entry as drawn.
#[derive(Debug, Clone)]
pub struct MenuItem {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Icon name.
    pub icon: &'static str,
    /// The page is under it.
    pub active: bool,
}

/// What the layout needs.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// City name.
    pub city: String,
    /// Name of the platform.
    pub app_name: &'static str,
    /// Path of the page.
    pub path: String,
    /// Query parameters kept when the clocks change.
    pub keep: Vec<(String, String)>,
    /// Person.
    pub person: String,
    /// Role.
    pub role: String,
    /// Unit, organisation or 全市.
    pub unit_label: String,
    /// The seats the person may change to, when there is more than one.
    pub seats: Vec<SeatItem>,
    /// Whom the person stands in for.
    pub behalf: String,
    /// The security administrator who looks through this person's eyes.
    pub viewer: String,
    /// Classes of the page by what the person prefers.
    pub look: String,
    /// Menu.
    pub menu: Vec<MenuItem>,
    /// Unread notices, counted to 100.
    pub unread: i64,
    /// Day asked about, ISO.
    pub about: String,
    /// Known-at, in words.
    pub known: String,
    /// Known-at, as typed.
    pub known_value: String,
    /// Whether the data is the demonstration's.
    pub demo: bool,
    /// Token for POST forms.
    pub csrf: String,
    /// A message shown once.
    pub flash: Option<String>,
}

static ASSETS: OnceLock<Assets> = OnceLock::new();

pub(crate) fn set_assets(assets: Assets) {
    // Several applications in one test process share the same embedded files.
    ASSETS.set(assets).ok();
}

impl Frame {
    /// A frame for pages outside any visit: errors.
    pub fn bare() -> Self {
        Self { app_name: "企枢", ..Self::default() }
    }

    /// The frame of a visitor's page, without the two clocks.
    pub(crate) fn of(app: &App, visitor: &Visitor, path: &str) -> Self {
        let actor = &visitor.actor;
        let seats = visitor.person.as_deref().map(|p| seat_items(app, p)).unwrap_or_default();
        let taken = visitor.person.as_deref().and_then(|p| p.seats.get(p.seat));
        let said = |text: &str| if visitor.signed_in { text.to_owned() } else { String::new() };
        Self {
            city: app.city(),
            path: path.to_owned(),
            person: said(&actor.name),
            role: said(&actor.role.label),
            unit_label: taken.map(|seat| place(app, seat)).unwrap_or_default(),
            behalf: taken.and_then(|seat| seat.behalf.as_ref()).map(|(_, name)| name.clone()).unwrap_or_default(),
            seats: if seats.len() > 1 { seats } else { Vec::new() },
            viewer: visitor.viewer.clone().map(|(_, name)| name).unwrap_or_default(),
            look: crate::display::look(&visitor.preferences),
            menu: menu(app.menu(), visitor, path),
            demo: app.is_demo(),
            csrf: visitor.csrf.clone(),
            ..Self::bare()
        }
    }

    /// The path as a printed page names it: a one-time link is a secret.
    pub fn print_path(&self) -> &str {
        ["/open/opinion/", "/join/"].into_iter().find(|start| self.path.starts_with(start)).unwrap_or(&self.path)
    }

    /// Address of an asset.
    pub fn asset(&self, name: &str) -> String {
        ASSETS.get().map_or_else(|| format!("/static/{name}"), |a| a.address(name))
    }

    /// How many notices are unread, as the page head says it; empty for none.
    pub fn unread_words(&self) -> String {
        match self.unread {
            0 => String::new(),
            n if n > 99 => "99+".to_owned(),
            n => n.to_string(),
        }
    }

    /// Whether the person still wants the first steps shown.
    pub fn shows_steps(&self) -> bool {
        self.signed_in() && !self.look.contains("steps-done")
    }

    /// Whether someone is signed in.
    pub fn signed_in(&self) -> bool {
        !self.person.is_empty()
    }
}

/// A seat as the page head shows it.
#[derive(Debug, Clone)]
pub struct SeatItem {
    /// Its key.
    pub key: String,
    /// Where it is.
    pub place: String,
    /// The roles held there.
    pub role: String,
    /// Whom one stands in for there.
    pub behalf: String,
    /// It is the one acted from.
    pub taken: bool,
}

fn seat_items(app: &App, person: &Person) -> Vec<SeatItem> {
    let item = |(at, seat): (usize, &Seat)| SeatItem {
        key: seat.key.clone(),
        place: place(app, seat),
        role: seat.role.label.clone(),
        behalf: seat.behalf.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
        taken: at == person.seat,
    };
    person.seats.iter().enumerate().map(item).collect()
}

fn place(app: &App, seat: &Seat) -> String {
    match (&seat.unit, &seat.org) {
        (Some(unit), _) => app.unit_name(*unit),
        (None, Some((_, name))) => name.clone(),
        (None, None) => "全市".to_owned(),
    }
}

fn menu(entries: &[MenuEntry], visitor: &Visitor, path: &str) -> Vec<MenuItem> {
    // Of the entries the path belongs to, the one with the longest beginning is the active one.
    let held = entries.iter().filter_map(|e| Some((e.holds(path)?, e.href)));
    let active = held.max_by_key(|(length, _)| *length).map(|(_, href)| href);
    let mine = entries.iter().filter(|e| visitor.actor.may(e.permission));
    mine.map(|e| MenuItem { href: e.href, label: e.label, icon: e.icon, active: active == Some(e.href) }).collect()
}

/// Template filters.
pub mod filters {
    use kernel::value::day::Day;
    use kernel::value::money::Fen;

    /// A day in Chinese.
    pub fn chinese(day: &Day) -> String {
        kernel::value::day::chinese(*day)
    }

    /// Money in 万元, exact.
    pub fn wan(fen: &Fen) -> String {
        fen.exact_wan()
    }
}
