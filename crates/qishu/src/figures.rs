//! The figures of the demonstration city's reply, as they come out of the ledger.

use std::sync::OnceLock;

use insight::reply::citation::{CitationDef, City, Letter, render};
use kernel::access::Scope;
use kernel::indicator::{Indicator, Question, evaluate};
use kernel::store::Read;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

const FIGURES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/huangshi-2021/figures.toml"));
const REPLY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/huangshi-2021/reply.md"));

/// A figure of the reply, answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CityFigure {
    /// Its number in the list of figures.
    pub id: String,
    /// The value as the list prints it: the floor where the reply gives a floor.
    pub value: String,
    /// Unit as the list words it.
    pub unit: String,
    /// The end of this day was asked about.
    pub as_of: String,
    /// Time as the list words it.
    pub seed_as_of: String,
    /// How many rows are behind it.
    pub rows: i64,
    /// The exact value behind the printed one.
    pub exact: String,
    /// In words, such as `超过 1500 家`.
    pub text: String,
}

#[derive(Deserialize)]
struct File {
    figure: Vec<CitationDef>,
}

/// The definitions of the figures and the letter that cites them.
///
/// # Errors
/// [`Error::Internal`] when the files in the repository contradict each other.
pub fn city() -> Result<&'static City> {
    static CITY: OnceLock<std::result::Result<City, String>> = OnceLock::new();
    let city = CITY.get_or_init(|| read_city().map_err(|e| e.detail()));
    city.as_ref().map_err(|message| Error::Internal(message.clone()))
}

fn read_city() -> Result<City> {
    let file: File = toml::from_str(FIGURES).map_err(|e| Error::Internal(format!("figures.toml: {e}")))?;
    let city = City { figures: file.figure, reply: Letter::parse(REPLY)? };
    for id in city.reply.cited() {
        if city.figure(id).is_none() {
            return Err(Error::Internal(format!("reply.md cites {id}, which figures.toml does not define")));
        }
    }
    Ok(city)
}

/// Every figure, each asked about its own day and as known now.
///
/// # Errors
/// [`Error::Conflict`] when a floor such as 超过1500 does not hold any more;
/// [`Error::NotFound`] when an indicator is not declared.
pub async fn all(read: &Read) -> Result<Vec<CityFigure>> {
    let mut found = Vec::new();
    for def in &city()?.figures {
        found.push(answer(read, def).await?);
    }
    Ok(found)
}

async fn answer(read: &Read, def: &CitationDef) -> Result<CityFigure> {
    let indicators: Vec<&'static Indicator> = def
        .indicators
        .iter()
        .map(|code| read.catalog().indicator(code).ok_or(Error::NotFound))
        .collect::<Result<_>>()?;
    let q = Question { about: def.about, known: read.head()?, scope: &Scope::All };
    let figures = evaluate(read, &indicators, &q).await?;
    let words = render(def, &figures, None)?;
    Ok(CityFigure {
        id: def.id.clone(),
        text: words.text(" "),
        value: words.value,
        exact: words.exact,
        unit: def.unit.clone(),
        as_of: def.about.to_string(),
        seed_as_of: def.as_of.clone(),
        rows: figures.first().map_or(0, |f| f.rows),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_cites_every_figure_of_its_list() {
        let city = city().expect("files agree");
        let cited = city.reply.cited();
        let missing: Vec<&str> = city
            .figures
            .iter()
            .map(|f| f.id.as_str())
            .filter(|id| !id.starts_with('X') && !cited.contains(id))
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
