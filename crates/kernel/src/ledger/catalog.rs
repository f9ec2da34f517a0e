//! Everything the modules declare, checked once at start.

use std::collections::HashMap;

use super::{FactKind, Partition, Select};
use crate::case::Flow;
use crate::consent::{self, Item};
use crate::indicator::{self, Indicator, Measure, Of, Rule};
use crate::job::Job;
use crate::module::Module;
use crate::store::Tx;
use crate::{Error, Faults, Result, args};

/// A declared kind with its number and module.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Number in the store.
    pub id: i64,
    /// The module that writes it.
    pub module: &'static str,
    /// The declaration.
    pub decl: FactKind,
}

/// How a series sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesKind {
    /// Facts, quantities and amounts add up.
    Additive,
    /// Subjects are counted once per window.
    Presence(Partition),
}

/// A sum that is kept beside the ledger because an indicator needs it.
#[derive(Debug, Clone)]
pub struct Series {
    /// Number in the store.
    pub id: i64,
    /// How it sums.
    pub kind: SeriesKind,
    /// Which facts.
    pub select: Select,
    /// Its stable text.
    pub spec: String,
}

/// Kinds, indicators and series of all modules.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    kinds: Vec<Kind>,
    by_code: HashMap<&'static str, usize>,
    by_id: HashMap<i64, usize>,
    indicators: Vec<&'static Indicator>,
    rules: Vec<(&'static str, &'static Rule)>,
    flows: Vec<&'static Flow>,
    jobs: Vec<&'static Job>,
    items: Vec<&'static Item>,
    modules: HashMap<&'static str, &'static str>,
    by_indicator: HashMap<&'static str, usize>,
    series: Vec<Series>,
    by_kind: HashMap<i64, Vec<usize>>,
}

impl Catalog {
    /// Collects the declarations and refuses contradictions: doubled codes, unknown kinds or classes,
    /// indicators that name unknown ones or each other in a ring.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming every faulty declaration.
    pub fn declare(modules: &[Module]) -> Result<Self> {
        let mut catalog = Self::default();
        let mut faults = Faults::new();
        for module in modules {
            catalog.modules.insert(module.name, module.label);
            for decl in module.kinds {
                let kind = Kind { id: 0, module: module.name, decl: *decl };
                if catalog.by_code.insert(decl.code, catalog.kinds.len()).is_some() {
                    faults.add(decl.code, "事实种类重复定义");
                }
                catalog.kinds.push(kind);
            }
        }
        for indicator in modules.iter().flat_map(|m| m.indicators) {
            if catalog.by_indicator.insert(indicator.code, catalog.indicators.len()).is_some() {
                faults.add(indicator.code, "指标重复定义");
            }
            catalog.indicators.push(indicator);
        }
        for indicator in &catalog.indicators {
            indicator::check(indicator, &catalog, &mut faults);
        }
        for (module, rule) in modules.iter().flat_map(|m| m.rules.iter().map(|r| (m.name, r))) {
            if catalog.rule(rule.code).is_some() {
                faults.add(rule.code, "勾稽规则重复定义");
            }
            indicator::check_rule(rule, &catalog, &mut faults);
            catalog.rules.push((module, rule));
        }
        for flow in modules.iter().flat_map(|m| m.flows) {
            if catalog.flow(flow.code, flow.version).is_some() {
                faults.add(flow.code, "流程的这个版本重复定义");
            }
            if catalog.newest_flow(flow.code).is_some_and(|other| other.read != flow.read) {
                faults.add(flow.code, "同一流程的各版本应由同一权限读取");
            }
            flow.check(&catalog, &mut faults);
            catalog.flows.push(flow);
        }
        for job in modules.iter().flat_map(|m| m.jobs) {
            if catalog.job(job.code).is_some() {
                faults.add(job.code, "作业重复定义");
            }
            catalog.jobs.push(job);
        }
        for item in consent::OWN.into_iter().chain(modules.iter().flat_map(|m| m.items)) {
            if catalog.items.iter().any(|other| other.code == item.code) {
                faults.add(item.code, "授权内容重复定义");
            }
            catalog.items.push(item);
        }
        let needed: Vec<_> = catalog.indicators.iter().flat_map(|i| catalog.series_needed(i)).collect();
        for (kind, select) in needed {
            let spec = spec_of(kind, &select);
            if !catalog.series.iter().any(|s| s.spec == spec) {
                catalog.series.push(Series { id: 0, kind, select, spec });
            }
        }
        faults.or(catalog)
    }

    /// What an organisation can consent to be seen, the kernel's own first.
    pub fn items(&self) -> &[&'static Item] {
        &self.items
    }

    /// Gives every kind and series its number in the store.
    pub(crate) async fn register(mut self, tx: &Tx) -> Result<Self> {
        // Two servers that start at once take turns.
        tx.hold_tables(&["fact_kind", "series"]).await?;
        let kinds = numbers(tx, "fact_kind", "code").await?;
        let mut next = kinds.values().max().copied().unwrap_or(0);
        for kind in &mut self.kinds {
            kind.id = match kinds.get(kind.decl.code) {
                Some(id) => *id,
                None => {
                    next += 1;
                    tx.run(("INSERT INTO fact_kind (id, code) VALUES ($1, $2)", args![next, kind.decl.code])).await?;
                    next
                }
            };
        }
        let series = numbers(tx, "series", "spec").await?;
        // Nobody keeps the sums of a series that is no longer declared: should it come back, it is built anew.
        for (spec, id) in &series {
            if !self.series.iter().any(|s| s.spec == *spec) {
                tx.run(("UPDATE series SET built = 0 WHERE id = $1", args![*id])).await?;
            }
        }
        let mut next = series.values().max().copied().unwrap_or(0);
        for one in &mut self.series {
            one.id = match series.get(&one.spec) {
                Some(id) => *id,
                None => {
                    next += 1;
                    tx.run(("INSERT INTO series (id, spec, built) VALUES ($1, $2, 0)", args![next, one.spec.clone()]))
                        .await?;
                    next
                }
            };
        }
        self.by_id = self.kinds.iter().enumerate().map(|(i, k)| (k.id, i)).collect();
        for (i, series) in self.series.iter().enumerate() {
            for kind in series.select.kind_ids(&self)? {
                self.by_kind.entry(kind).or_default().push(i);
            }
        }
        Ok(self)
    }

    /// The kind with this code.
    pub fn kind(&self, code: &str) -> Option<&Kind> {
        self.by_code.get(code).map(|i| &self.kinds[*i])
    }

    pub(crate) fn kind_by_id(&self, id: i64) -> Result<&Kind> {
        self.by_id
            .get(&id)
            .map(|i| &self.kinds[*i])
            .ok_or_else(|| Error::Internal(format!("fact kind {id} is not declared by any module")))
    }

    /// All kinds, in the order of their modules.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// What a module is called.
    pub fn module_label(&self, module: &str) -> &'static str {
        self.modules.get(module).copied().unwrap_or("其他")
    }

    /// The indicator with this code.
    pub fn indicator(&self, code: &str) -> Option<&'static Indicator> {
        self.by_indicator.get(code).map(|i| self.indicators[*i])
    }

    /// All indicators, in the order of their modules.
    pub fn indicators(&self) -> &[&'static Indicator] {
        &self.indicators
    }

    /// All flows, each version by itself, in the order of the modules.
    pub fn flows(&self) -> &[&'static Flow] {
        &self.flows
    }

    /// All sorts of jobs, in the order of the modules.
    pub fn jobs(&self) -> &[&'static Job] {
        &self.jobs
    }

    /// The sort of job with this code.
    pub fn job(&self, code: &str) -> Option<&'static Job> {
        self.jobs.iter().copied().find(|job| job.code == code)
    }

    /// A flow in the version a running case began with.
    pub fn flow(&self, code: &str, version: i64) -> Option<&'static Flow> {
        self.flows.iter().copied().find(|flow| flow.code == code && flow.version == version)
    }

    /// A flow as new cases go.
    pub fn newest_flow(&self, code: &str) -> Option<&'static Flow> {
        self.flows.iter().copied().filter(|flow| flow.code == code).max_by_key(|flow| flow.version)
    }

    /// All reconciliation rules with the module that declares each, in the order of the modules.
    pub fn rules(&self) -> &[(&'static str, &'static Rule)] {
        &self.rules
    }

    /// The reconciliation rule with this code.
    pub fn rule(&self, code: &str) -> Option<&'static Rule> {
        self.rules.iter().find(|(_, rule)| rule.code == code).map(|(_, rule)| *rule)
    }

    /// All series.
    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    /// The series that facts of a kind may belong to.
    pub(crate) fn series_of_kind(&self, kind: i64) -> impl Iterator<Item = &Series> {
        self.by_kind.get(&kind).into_iter().flatten().map(|i| &self.series[*i])
    }

    /// The series that answers for this measure, if it is one that is kept.
    pub(crate) fn series_for(&self, indicator: &Indicator) -> Option<&Series> {
        let (kind, select) = series_of(indicator)?;
        self.kept(kind, &select)
    }

    /// The series in which each different one of a distinct count has sums of its own, if there are such.
    pub(crate) fn keyed_series(&self, indicator: &Indicator) -> Option<Keyed<'_>> {
        match &indicator.measure {
            Measure::Distinct(select, Of::Unit) => self.kept(SeriesKind::Additive, select).map(Keyed::Units),
            Measure::Distinct(select, Of::Class) => {
                let classes = self.classes_of(select);
                let kept = classes.into_iter().map(|one| self.kept(SeriesKind::Additive, &select.classes(one)));
                kept.collect::<Option<_>>().map(Keyed::Classes)
            }
            _ => None,
        }
    }

    fn kept(&self, kind: SeriesKind, select: &Select) -> Option<&Series> {
        let spec = spec_of(kind, select);
        self.series.iter().find(|s| s.spec == spec)
    }

    /// The series an indicator's figure is put together from; none when only the facts can answer.
    fn series_needed(&self, indicator: &Indicator) -> Vec<(SeriesKind, Select)> {
        match &indicator.measure {
            Measure::Distinct(select, Of::Unit) => vec![(SeriesKind::Additive, *select)],
            Measure::Distinct(select, Of::Class) => {
                let classes = self.classes_of(select);
                classes.into_iter().map(|one| (SeriesKind::Additive, select.classes(one))).collect()
            }
            _ => series_of(indicator).into_iter().collect(),
        }
    }

    /// Each class a fact of the selection can have, by itself; the empty one stands for unclassified facts.
    fn classes_of(&self, select: &Select) -> Vec<&'static [&'static str]> {
        if !select.filters.classes.is_empty() {
            return select.filters.classes.iter().map(std::slice::from_ref).collect();
        }
        let mut classes: Vec<&'static [&'static str]> = vec![&[""]];
        for class in select.kinds.iter().filter_map(|kind| self.kind(kind)).flat_map(|kind| kind.decl.classes) {
            let one = std::slice::from_ref(&class.code);
            if !classes.contains(&one) {
                classes.push(one);
            }
        }
        classes
    }
}

/// Series with sums of their own for each different one of a distinct count.
#[derive(Debug, Clone)]
pub(crate) enum Keyed<'a> {
    /// One series; its tallies are by unit.
    Units(&'a Series),
    /// One series for each class.
    Classes(Vec<&'a Series>),
}

fn series_of(indicator: &Indicator) -> Option<(SeriesKind, Select)> {
    match &indicator.measure {
        Measure::Count(select) | Measure::Quantity(select) | Measure::Amount(select) => {
            Some((SeriesKind::Additive, *select))
        }
        Measure::Distinct(select, Of::Subject) => Some((SeriesKind::Presence(indicator.window.partition()), *select)),
        _ => None,
    }
}

fn spec_of(kind: SeriesKind, select: &Select) -> String {
    match kind {
        SeriesKind::Additive => format!("sum|{}", select.spec()),
        SeriesKind::Presence(partition) => format!("distinct {}|{}", partition.spec(), select.spec()),
    }
}

async fn numbers(tx: &Tx, table: &str, column: &str) -> Result<HashMap<String, i64>> {
    let rows = tx.all(&*format!("SELECT id, {column} AS code FROM {table}")).await?;
    rows.iter().map(|r| Ok((r.get("code")?, r.get("id")?))).collect()
}
