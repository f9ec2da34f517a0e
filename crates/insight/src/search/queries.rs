//! What is found. Every question takes a scope.

use kernel::Result;
use kernel::access::{Actor, Scope};
use kernel::case;
use kernel::consent::Used;
use kernel::id::OrgId;
use kernel::list;
use kernel::store::Read;
use kernel::value::day;
use registry::orgs::search_orgs;

use crate::cases::newest;
use crate::link::{self, Link};

/// Rows shown of each sort.
const SHOWN: i64 = 10;

/// Something that was found.
pub(super) struct Found {
    /// What it is called.
    pub title: String,
    /// What tells it from others.
    pub detail: String,
    /// Where it is.
    pub href: String,
}

/// What was found of a sort.
pub(super) struct Group {
    /// The sort.
    pub label: &'static str,
    /// The first of them.
    pub rows: Vec<Found>,
    /// The list of all of them; empty when all are shown, or there is no list for this person.
    pub all: String,
}

/// Organisations that match, as far as the scope holds them, and the consents they rest on.
///
/// # Errors
/// As the database says.
pub(super) async fn organisations(read: &Read, scope: &Scope, typed: &str) -> Result<(Group, Vec<Used>)> {
    let (mut found, used) = search_orgs(read, scope, typed, SHOWN + 1).await?;
    let more = link::cut(&mut found, SHOWN).is_some();
    let row = |(id, title, detail): (OrgId, String, String)| Found { title, detail, href: format!("/orgs/{id}") };
    let group = Group {
        label: "企业和单位",
        rows: found.into_iter().map(row).collect(),
        all: if more { Link::to("/orgs").with("q", typed).with("kind", "").to_string() } else { String::new() },
    };
    Ok((group, used))
}

/// Cases of each flow that match, as far as the actor may read them; `lists` says whether he has the list of all.
///
/// # Errors
/// As the database says.
pub(super) async fn cases(read: &Read, actor: &Actor, typed: &str, lists: bool) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    for flow in newest(read).into_iter().filter(|flow| actor.may(flow.read)) {
        let list = case::listing(read.catalog(), flow, Vec::new());
        let may = |permission| actor.may(permission);
        let mut asked = list.asked(&[("q".to_owned(), typed.to_owned())], &may)?;
        asked.limit = SHOWN;
        let page = list::page(read, &list, &actor.scope(flow.read), &asked, &may).await?;
        let row = |row: &list::Row| {
            let shown = |code: &str| list.column(code).map(|c| c.show(row.cell(code))).unwrap_or_default();
            let opened = match row.cell("opened") {
                list::Cell::Instant(at) => day::minute(*at),
                _ => String::new(),
            };
            Found {
                title: shown("title"),
                detail: format!("{}　{opened} 提交", shown("state")),
                href: format!("/cases/{}", row.id),
            }
        };
        groups.push(Group {
            label: flow.label,
            rows: page.rows.iter().map(row).collect(),
            all: match page.next.is_some() && lists {
                true => Link::to("/cases").with("flow", flow.code).with("q", typed).to_string(),
                false => String::new(),
            },
        });
    }
    Ok(groups)
}
