//! What stands behind what was published: no one person takes such a fact back alone.

use super::frozen::underivable;
use crate::indicator::moved::Moved;
use crate::indicator::walk::counts;
use crate::indicator::{Definition, Filter, Thawed};
use crate::ledger::Fact;
use crate::store::{Read, Row};
use crate::value::day::Day;
use crate::{Error, Result};

/// The published figures, each question once, to be asked about many facts.
pub struct Published(Vec<(Thawed, Filter, Day)>);

impl Published {
    /// Reads what was published.
    ///
    /// # Errors
    /// As the database says.
    pub async fn load(read: &Read) -> Result<Self> {
        let rows = read.all("SELECT DISTINCT definition, filter, about FROM publication_figure").await?;
        let mut figures = Vec::with_capacity(rows.len());
        for row in &rows {
            let definition: Definition = parsed(row, "definition")?;
            // What cannot be derived any more is an alarm of the re-derivation, not of a reversal.
            if underivable(read, &definition).is_none() {
                figures.push((definition.thaw()?, parsed(row, "filter")?, row.get("about")?));
            }
        }
        Ok(Self(figures))
    }

    /// Whether a fact counts for one of them, so that taking it back changes the rows behind it.
    pub fn rests_on(&self, fact: &Fact) -> bool {
        let fact = Moved::of(fact);
        let counts = |(thawed, filter, about): &(Thawed, Filter, Day)| {
            thawed.leaves().into_iter().any(|leaf| counts(leaf, filter, *about, &fact))
        };
        self.0.iter().any(counts)
    }
}

fn parsed<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T> {
    serde_json::from_str(&row.get::<String>(column)?).map_err(|e| Error::Internal(format!("{column}: {e}")))
}

/// Refuses that one person takes back a fact behind a published figure.
///
/// # Errors
/// [`Error::Conflict`] with the way out.
pub async fn refuse_alone(read: &Read, fact: &Fact) -> Result<()> {
    if Published::load(read).await?.rests_on(fact) {
        let message = "这条事实在已发布数字背后，不能由一个人冲销：请按“申请更正”，由另一人审核";
        return Err(Error::Conflict(message.into()));
    }
    Ok(())
}
