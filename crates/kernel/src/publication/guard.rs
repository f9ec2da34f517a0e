//! What stands behind what was published: no one person takes such a fact back alone.

use super::frozen::underivable;
use crate::id::Position;
use crate::indicator::moved::Moved;
use crate::indicator::walk::counts;
use crate::indicator::{Definition, Filter, Thawed};
use crate::ledger::Fact;
use crate::store::{Read, Row};
use crate::value::day::Day;
use crate::{Error, Result};

/// The published figures, each question once, to be asked about many facts.
pub struct Published(Vec<Signed>);

/// What was signed, and the last position at which it was.
struct Signed {
    thawed: Thawed,
    filter: Filter,
    about: Day,
    known: Position,
}

impl Published {
    /// Reads what was published.
    ///
    /// # Errors
    /// As the database says.
    pub async fn load(read: &Read) -> Result<Self> {
        let sql = "SELECT f.definition, f.filter, f.about, MAX(p.known) AS known FROM publication_figure f \
                   JOIN publication p ON p.id = f.publication_id GROUP BY f.definition, f.filter, f.about";
        let rows = read.all(sql).await?;
        let mut figures = Vec::with_capacity(rows.len());
        for row in &rows {
            let definition: Definition = parsed(row, "definition")?;
            // What cannot be derived any more is an alarm of the re-derivation, not of a reversal.
            if underivable(read, &definition).is_none() {
                figures.push(Signed {
                    thawed: definition.thaw()?,
                    filter: parsed(row, "filter")?,
                    about: row.get("about")?,
                    known: Position(row.int("known")?),
                });
            }
        }
        Ok(Self(figures))
    }

    /// Whether one of them was signed with a fact among its rows. A fact recorded since was no part of what was signed:
    /// whoever entered it by himself may take it back by himself.
    pub fn rests_on(&self, fact: &Fact) -> bool {
        let fact = Moved::of(fact);
        let counts = |signed: &Signed| {
            let counts = |leaf| counts(leaf, &signed.filter, signed.about, &fact);
            fact.position <= signed.known && signed.thawed.leaves().into_iter().any(counts)
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
