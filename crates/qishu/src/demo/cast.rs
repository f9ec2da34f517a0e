//! The cast: every organisation of the demonstration, and how areas choose among them.

use std::collections::HashMap;

use super::city::{CityFile, Named, UnitDef};
use super::days::{BOOKS_OPEN, GO_LIVE};
use super::enterprises;
use super::names::Namer;
use super::random::Rng;
use super::script::{Desk, OrgPlan, Script, Who};
use kernel::value::credit_code::CreditCode;
use kernel::value::day::Day;
use kernel::{Error, Result};

/// Where the facts on named bodies are from.
pub(super) const REPLY: &str = "市经信局对2021年市政协第82号提案的答复";

/// How many firms close during 2021.
const CLOSING: usize = 45;

/// A synthetic enterprise.
#[derive(Debug, Clone)]
pub(super) struct Firm {
    /// Its place in the script.
    pub who: Who,
    /// Name.
    pub name: String,
    /// Reporting unit at the start.
    pub unit: i64,
    /// GB/T 4754 class.
    pub code: &'static str,
    /// Above designated size at the start.
    pub above: bool,
    /// 1 micro … 4 large, as its figures make it.
    pub size: u8,
    /// Founded.
    pub founded: Day,
    /// A leading enterprise (龙头企业).
    pub leading: bool,
    /// Founded in 2021, so in no list of earlier years.
    pub fresh: bool,
    /// Closes during 2021: it leaves the cloud and has no other part.
    pub closing: bool,
}

impl Firm {
    /// The industry division.
    pub(super) fn division(&self) -> &str {
        self.code.get(..2).unwrap_or_default()
    }

    /// A firm of industry proper.
    pub(super) fn industrial(&self) -> bool {
        kernel::value::industry::is_industrial(self.code)
    }

    /// A small or medium enterprise.
    pub(super) fn sme(&self) -> bool {
        self.size < 4
    }
}

/// A body with a name and nothing more.
#[derive(Debug, Clone)]
pub(super) struct Body {
    /// Its place in the script.
    pub who: Who,
    /// Name.
    pub name: String,
}

/// Every organisation.
pub(super) struct Cast {
    named: HashMap<String, Body>,
    /// Banks.
    pub banks: Vec<Body>,
    /// Synthetic diagnosis institutions.
    pub institutions: Vec<Body>,
    /// The guarantor.
    pub guarantor: Body,
    /// Enterprises; the first one has a part in everything.
    pub firms: Vec<Firm>,
    /// Sole traders.
    pub traders: Vec<Body>,
}

impl Cast {
    /// Draws the cast and puts its registration into the script.
    pub(super) fn assemble(script: &mut Script, city: &CityFile, named: &[Named]) -> Result<Self> {
        let mut rng = Rng::new("cast");
        let mut namer = Namer::default();
        let mut known = HashMap::new();
        for body in named {
            let who = script.register(GO_LIVE, Desk::TakeOver, named_plan(body));
            known.insert(body.key.clone(), Body { who, name: body.name.clone() });
        }
        let home = city.unit.get(2).ok_or_else(|| Error::Internal("city.toml: too few units".into()))?;
        let bank = |n| Synthetic { kind: "financial_institution", body: format!("MABK{n:04}"), industry: Some("6621") };
        let banks = synthetic(script, &mut rng, &mut namer, home, 24, "银行黄石分行", bank)?;
        let diagnosing =
            |n| Synthetic { kind: "diagnosis_institution", body: format!("MACH{n:04}"), industry: Some("7320") };
        let institutions = synthetic(script, &mut rng, &mut namer, home, 6, "智能诊断技术有限公司", diagnosing)?;
        let guaranteeing = |n| Synthetic { kind: "guarantor", body: format!("MAGT{n:04}"), industry: None };
        let guarantor = synthetic(script, &mut rng, &mut namer, home, 1, "融资担保有限公司", guaranteeing)?
            .pop()
            .ok_or_else(|| Error::Internal("demo: no guarantor".into()))?;
        let mut firms = enterprises::found(script, &mut namer, city)?;
        let others = firms.iter_mut().skip(1).filter(|f| !f.above && !f.fresh);
        others.step_by(23).take(CLOSING).for_each(|f| f.closing = true);
        let traders = enterprises::traders(script, &mut namer, city)?;
        Ok(Self { named: known, banks, institutions, guarantor, firms, traders })
    }

    /// A body that the reply names.
    pub(super) fn named(&self, key: &str) -> Result<Body> {
        self.named.get(key).cloned().ok_or_else(|| Error::Internal(format!("organisations.toml has no {key}")))
    }

    /// The bureau.
    pub(super) fn bureau(&self) -> Result<Who> {
        Ok(self.named("bureau")?.who)
    }

    /// The firms that close.
    pub(super) fn closing(&self) -> impl Iterator<Item = &Firm> {
        self.firms.iter().filter(|f| f.closing)
    }

    /// `n` firms that fit and do not close, in a random order; the first firm leads whenever it fits.
    pub(super) fn choose(&self, rng: &mut Rng, n: usize, fit: impl Fn(&Firm) -> bool) -> Vec<&Firm> {
        let mut fitting: Vec<&Firm> = self.firms.iter().filter(|f| !f.closing && fit(f)).collect();
        rng.shuffle(&mut fitting);
        if let Some(at) = fitting.iter().position(|f| self.is_star(f)) {
            fitting.swap(0, at);
        }
        fitting.truncate(n);
        fitting
    }

    fn is_star(&self, firm: &Firm) -> bool {
        self.firms.first().is_some_and(|star| star.who == firm.who)
    }
}

fn named_plan(body: &Named) -> OrgPlan {
    let mut attributes = vec![("name".to_owned(), body.name.clone())];
    if !body.aliases.is_empty() {
        attributes.push(("alias".to_owned(), body.aliases.join("、")));
    }
    if let Some(unit) = body.unit {
        attributes.push(("unit".to_owned(), unit.to_string()));
    }
    OrgPlan {
        kind: body.kind.clone(),
        credit_code: None,
        local_code: Some(body.code.clone()),
        since: BOOKS_OPEN,
        attributes,
        source: format!("{REPLY}：{}", body.states),
    }
}

struct Synthetic {
    kind: &'static str,
    body: String,
    industry: Option<&'static str>,
}

/// `n` made-up bodies seated in one unit.
fn synthetic(
    script: &mut Script,
    rng: &mut Rng,
    namer: &mut Namer,
    home: &UnitDef,
    n: usize,
    form: &str,
    kind: impl Fn(usize) -> Synthetic,
) -> Result<Vec<Body>> {
    let mut bodies = Vec::new();
    for i in 1..=n {
        let Synthetic { kind, body, industry } = kind(i);
        let name = namer.name(rng, "", form);
        let mut attributes = vec![
            ("name".to_owned(), name.clone()),
            ("status".to_owned(), "存续".to_owned()),
            ("unit".to_owned(), home.id.to_string()),
            ("region".to_owned(), region(rng, home).to_string()),
        ];
        attributes.extend(industry.map(|code| ("industry".to_owned(), code.to_owned())));
        let plan = OrgPlan {
            kind: kind.to_owned(),
            credit_code: Some(credit_code("91420299", &body)?),
            local_code: None,
            since: BOOKS_OPEN,
            attributes,
            source: "演示数据".to_owned(),
        };
        bodies.push(Body { who: script.register(GO_LIVE, Desk::TakeOver, plan), name });
    }
    Ok(bodies)
}

/// A code of the unassigned region 420299.
pub(super) fn credit_code(prefix: &str, body: &str) -> Result<String> {
    let code = CreditCode::compose(prefix, body).map_err(|e| Error::Internal(format!("demo: {body}: {e}")))?;
    Ok(code.to_string())
}

/// One of a unit's divisions, by weight.
pub(super) fn region(rng: &mut Rng, unit: &UnitDef) -> i64 {
    let at = rng.weighted(unit.regions.iter().map(|(_, weight)| *weight));
    unit.regions.get(at).map_or(0, |(code, _)| *code)
}
