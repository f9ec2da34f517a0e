//! Which facts count: the one definition behind a value, its breakdown and its list.

use super::{Catalog, Dims};
use crate::store::Sql;
use crate::{Error, Result};

/// The conditions on a fact besides its kind and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filters {
    /// Only these classes; empty means any.
    pub classes: &'static [&'static str],
    /// Only subjects above designated size on the day.
    pub above_scale: bool,
    /// Only these size classes on the day (1 micro … 4 large); empty means any.
    pub sizes: &'static [i64],
}

/// A set of facts by kind and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Select {
    /// Kinds of fact.
    pub kinds: &'static [&'static str],
    /// Further conditions.
    pub filters: Filters,
}

impl Select {
    /// All facts of these kinds.
    pub const fn of(kinds: &'static [&'static str]) -> Self {
        Self { kinds, filters: Filters { classes: &[], above_scale: false, sizes: &[] } }
    }

    /// Only facts of these classes.
    pub const fn classes(mut self, classes: &'static [&'static str]) -> Self {
        self.filters.classes = classes;
        self
    }

    /// Only facts whose subject was above designated size on the day.
    pub const fn above_scale(mut self) -> Self {
        self.filters.above_scale = true;
        self
    }

    /// Only facts whose subject had one of these size classes on the day.
    pub const fn sizes(mut self, sizes: &'static [i64]) -> Self {
        self.filters.sizes = sizes;
        self
    }

    /// A stable text of the selection: two indicators with the same text share their sums.
    pub(crate) fn spec(&self) -> String {
        // Facts without a class are not the same as facts of any class.
        let classes: Vec<&str> = self.filters.classes.iter().map(|c| if c.is_empty() { "-" } else { c }).collect();
        let sizes: Vec<String> = self.filters.sizes.iter().map(ToString::to_string).collect();
        format!(
            "{}|{}|{}|{}",
            self.kinds.join(","),
            classes.join(","),
            if self.filters.above_scale { "above" } else { "" },
            sizes.join(",")
        )
    }

    /// The numbers of its kinds.
    pub(crate) fn kind_ids(&self, catalog: &Catalog) -> Result<Vec<i64>> {
        self.kinds
            .iter()
            .map(|k| catalog.kind(k).map(|k| k.id).ok_or_else(|| Error::Internal(format!("unknown kind {k}"))))
            .collect()
    }

    /// Appends the condition on kinds and filters for the fact alias `f`.
    pub(crate) fn condition(&self, sql: &mut Sql, f: &str, catalog: &Catalog) -> Result<()> {
        sql.push(f).push(".kind IN ").ints(self.kind_ids(catalog)?);
        self.filter_condition(sql, f);
        Ok(())
    }

    /// Appends the filters alone, each with a leading `AND`.
    pub(crate) fn filter_condition(&self, sql: &mut Sql, f: &str) {
        if !self.filters.classes.is_empty() {
            sql.push(" AND ").push(f).push(".class IN ").binds(self.filters.classes.iter().copied());
        }
        if self.filters.above_scale {
            sql.push(" AND ").push(f).push(".above_scale = 1");
        }
        if !self.filters.sizes.is_empty() {
            sql.push(" AND ").push(f).push(".size IN ").ints(self.filters.sizes.iter().copied());
        }
    }

    /// Whether a fact of a matching kind passes the filters.
    pub(crate) fn passes(&self, class: &str, dims: &Dims) -> bool {
        (self.filters.classes.is_empty() || self.filters.classes.contains(&class))
            && (!self.filters.above_scale || dims.above_scale == 1)
            && (self.filters.sizes.is_empty() || self.filters.sizes.contains(&dims.size))
    }
}
