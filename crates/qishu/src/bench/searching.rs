//! Searching: organisations by part of a name and by pinyin initials, as the registry's list asks.

use kernel::access::Scope;
use kernel::org::{ORG_COLUMNS, Organisation};
use kernel::store::{Sql, Store, matches};
use kernel::{Error, Result};

use super::city::Name;
use super::dice::Dice;
use super::timing::{Spread, repeat};

/// Rows of a page of the registry, and one that tells whether there are more.
const ROWS: i64 = 51;

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// Two to four characters from where the brand begins, as a person types.
    NamePart,
    /// Three to five pinyin initials from where the brand begins.
    Initials,
    /// A word that a great part of all names contain: the worst that can be typed.
    CommonWord,
}

impl Typed {
    fn text(self, dice: &mut Dice, orgs: u64) -> String {
        let name = Name::of(dice.below(orgs));
        match self {
            Self::NamePart => name.distinctive().chars().take(2 + dice.index(3)).collect(),
            Self::Initials => name.initials().chars().take(3 + dice.index(3)).collect(),
            Self::CommonWord => (*dice.pick(&["科技", "机械", "公司", "有限公司", "电子有限"])).to_owned(),
        }
    }
}

/// Searches that each must find something: every text is taken from a name that is there.
pub(super) async fn search(store: &Store, orgs: u64, times: usize, typed: Typed) -> Result<Spread> {
    let mut dice = Dice::new(40);
    let asked = repeat(20, times, async |_| {
        let text = typed.text(&mut dice, orgs);
        let read = store.read().await?;
        let mut sql = Sql::new(ORG_COLUMNS);
        sql.push(" WHERE o.merged_into IS NULL AND ");
        Scope::All.on_orgs(&mut sql, "o");
        sql.push(" AND ");
        matches(&read, &mut sql, "o", &text);
        sql.push(" ORDER BY o.id LIMIT ").bind(ROWS);
        let found = read.all(sql).await?.iter().map(Organisation::of).collect::<Result<Vec<_>>>()?;
        if found.is_empty() { Err(Error::Internal(format!("the search for {text} found nothing"))) } else { Ok(()) }
    });
    Ok(asked.await?.spread())
}
