//! What an address asks: which indicator, about when, known when, of which unit, within which cell.

use chrono::Datelike;
use kernel::access::Scope;
use kernel::id::{OrgId, Position, UnitId};
use kernel::indicator::{By, Figure, Indicator, Question, Within, evaluate};
use kernel::org::size_label;
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::value::{industry, region};
use kernel::{Error, Result};
use web::Ui;

use super::{FIGURE_READ, queries};
use crate::link::{self, Link};
use crate::units::Units;

/// A question about one indicator.
pub(crate) struct Asked {
    /// The indicator.
    pub indicator: &'static Indicator,
    /// The day asked about.
    pub about: Day,
    /// The position asked at.
    pub known: Position,
    /// The rows that may be seen, narrowed to `unit`.
    pub scope: Scope,
    /// Whether the asker may open any organisation.
    pub all_open: bool,
    /// The one unit asked about.
    pub unit: Option<UnitId>,
    /// The cell asked about.
    pub within: Within,
    /// Names of units.
    pub units: Units,
}

impl Asked {
    /// Reads the address of a page of `code`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown indicator, [`Error::Invalid`] for a malformed clock, unit or month.
    pub(crate) async fn of(ui: &Ui, read: &Read, code: &str) -> web::Result<Self> {
        let indicator = read.catalog().indicator(code).ok_or(Error::NotFound)?;
        let (about, known) = ui.clocks(read).await?;
        let units = Units::load(read).await?;
        let within = within(ui.query())?;
        // "No unit" is a cell like any other, but no scope to narrow to.
        let (scope, unit) = match link::asked(ui.query(), "unit") {
            "0" => (ui.scope(FIGURE_READ), None),
            _ => units.asked(ui.scope(FIGURE_READ), ui.query())?,
        };
        let all_open = ui.scope(FIGURE_READ) == Scope::All;
        Ok(Self { indicator, about, known, scope, all_open, unit, within, units })
    }

    /// For the kernel.
    pub(crate) fn question(&self) -> Question<'_> {
        Question { about: self.about, known: self.known, scope: &self.scope }
    }

    /// The figure of the whole, or of the unit asked about.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn figure(&self, read: &Read) -> Result<Figure> {
        evaluate(read, &[self.indicator], &self.question()).await?.pop().ok_or(Error::NotFound)
    }

    /// Whether the rows are those of the figure itself rather than of one cell of it.
    pub(crate) fn is_whole(&self) -> bool {
        self.within.keys.iter().all(|(by, _)| *by == By::Unit) && self.within.keys.is_empty() == self.unit.is_none()
    }

    /// A page under this indicator, with the same clocks.
    pub(crate) fn link(&self, page: &str) -> Link {
        Link::to(format!("/indicators/{}{page}", self.indicator.code)).at(self.about, self.known)
    }

    /// The same, within the same cell.
    pub(crate) fn cell_link(&self, page: &str) -> Link {
        self.within.keys.iter().fold(self.link(page), |link, (by, key)| link.keyed(*by, key))
    }

    /// The cell in words, one dimension each.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn cell_words(&self, read: &Read) -> Result<Vec<String>> {
        let mut words = Vec::with_capacity(self.within.keys.len());
        for (by, key) in &self.within.keys {
            words.push(format!("{}：{}", by.label(), self.key_words(read, *by, key).await?));
        }
        Ok(words)
    }

    async fn key_words(&self, read: &Read, by: By, key: &str) -> Result<String> {
        let found = match by {
            By::Unit => key.parse().ok().map(|unit| self.units.name(unit)),
            By::Region => region::name(key).map(str::to_owned),
            By::Month => month(key).map(|first| format!("{}年{}月", first.year(), first.month())),
            By::Industry => industry::find(key).map(|i| format!("{} {}", i.code, i.name)),
            By::Size => key.parse().ok().map(|size| size_label(size).to_owned()),
            By::Class => self.class_label(read, key),
            By::Counterparty => match key.parse::<OrgId>() {
                // A name only where a row that may be seen says it: a number alone must not open the registry.
                Ok(org) => {
                    Some(queries::counterparty(read, &self.scope, org).await?.unwrap_or_else(|| format!("编号 {org}")))
                }
                Err(_) => None,
            },
        };
        Ok(found.unwrap_or_else(|| "未分类".to_owned()))
    }

    fn class_label(&self, read: &Read, class: &str) -> Option<String> {
        let kinds = self.indicator.select()?.kinds;
        let declared = kinds.iter().filter_map(|k| read.catalog().kind(k)).flat_map(|k| k.decl.classes);
        declared.into_iter().find(|c| c.code == class).map(|c| c.label.to_owned())
    }
}

/// The cell that an address names.
fn within(query: &link::Query) -> Result<Within> {
    let mut keys = Vec::new();
    for (by, code, _) in By::ALL {
        let key = link::asked(query, code);
        if by == By::Month && !key.is_empty() && month(key).is_none() {
            return Err(Error::invalid("month", format!("月份应写作 202103，填的是“{key}”")));
        }
        if !key.is_empty() {
            keys.push((by, if key == link::NO_KEY { String::new() } else { key.to_owned() }));
        }
    }
    Ok(Within { keys })
}

/// The first day of `202103`.
fn month(key: &str) -> Option<Day> {
    let code: i32 = key.parse().ok().filter(|_| key.len() == 6)?;
    Day::from_ymd_opt(code / 100, u32::try_from(code % 100).ok()?, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Result<Within> {
        within(&pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>())
    }

    #[test]
    fn a_cell_is_read_back_from_its_own_address() {
        let cell = asked(&[("unit", "3"), ("month", "202103"), ("industry", "none"), ("page", "2")]).expect("a cell");
        let keys = vec![(By::Unit, "3".to_owned()), (By::Month, "202103".to_owned()), (By::Industry, String::new())];
        assert_eq!(cell.keys, keys);
        let link = cell.keys.iter().fold(Link::to("/x"), |link, (by, key)| link.keyed(*by, key));
        assert_eq!(link.to_string(), "/x?unit=3&month=202103&industry=none");
    }

    #[test]
    fn a_month_that_is_none_is_an_error_and_not_everything() {
        for wrong in ["202113", "2021", "2021-3", "march"] {
            assert!(matches!(asked(&[("month", wrong)]), Err(Error::Invalid(_))), "{wrong}");
        }
    }
}
