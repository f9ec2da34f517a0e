//! Synthetic enterprises and sole traders: who they are and what they reported for a year.

use kernel::Result;
use kernel::org::{YearFigures, size_of};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::value::size::SizeOutcome;

use super::cast::{Body, Firm, credit_code, region};
use super::city::{CityFile, UnitDef};
use super::days::{BOOKS_OPEN, GO_LIVE, between, day, later, working_from};
use super::names::{INDUSTRY, Namer, OTHERS, TRADERS, Trade};
use super::random::Rng;
use super::script::{Desk, OrgPlan, Script};
use super::share::WAN;

/// How many enterprises there are.
const ENTERPRISES: i64 = 2000;
/// How many sole traders.
const SOLE_TRADERS: i64 = 205;
/// Every so many enterprises one was founded in 2021.
const FRESH_EVERY: i64 = 50;

/// What an enterprise is before it has a name.
struct Nature {
    trade: &'static Trade,
    above: bool,
    /// 1 micro … 4 large.
    size: u8,
    fresh: bool,
    founded: Day,
}

/// Registers all enterprises with their attributes and yearly figures.
pub(super) fn found(script: &mut Script, namer: &mut Namer, city: &CityFile) -> Result<Vec<Firm>> {
    let mut rng = Rng::new("enterprises");
    let mut firms: Vec<Firm> = Vec::new();
    for unit in &city.unit {
        for _ in 0..ENTERPRISES * unit.share / 100 {
            let n = firms.len() as i64;
            let nature = if n == 0 { star() } else { nature(&mut rng, n % FRESH_EVERY == FRESH_EVERY - 1) };
            let leading = n == 0 || (nature.above && nature.size > 2 && rng.chance(16));
            firms.push(enterprise(script, &mut rng, namer, unit, &nature, leading, n)?);
        }
    }
    Ok(firms)
}

/// The first enterprise has a part in every area, so that one dossier shows them all.
fn star() -> Nature {
    let trade = &INDUSTRY[0];
    Nature { trade, above: true, size: 3, fresh: false, founded: day(2006, 5, 18) }
}

fn nature(rng: &mut Rng, fresh: bool) -> Nature {
    let industrial = rng.chance(62);
    let list = if industrial { INDUSTRY } else { OTHERS };
    let trade = &list[rng.weighted(list.iter().map(|t| t.weight))];
    let above = industrial && !fresh && rng.chance(58);
    let size = match (above, rng.between(1, 100)) {
        (true, 1..=3) => 4,
        (true, 4..=20) => 3,
        (true, _) => 2,
        (false, 1..=42) => 2,
        (false, _) => 1,
    };
    let founded = match (fresh, above) {
        (true, _) => between(rng, day(2021, 1, 11), day(2021, 5, 20)),
        (_, true) => between(rng, day(1996, 3, 1), day(2018, 9, 28)),
        _ => between(rng, day(2003, 3, 3), day(2020, 10, 15)),
    };
    Nature { trade, above, size, fresh, founded }
}

fn enterprise(
    script: &mut Script,
    rng: &mut Rng,
    namer: &mut Namer,
    unit: &UnitDef,
    nature: &Nature,
    leading: bool,
    n: i64,
) -> Result<Firm> {
    let name = namer.name(rng, &unit.short, &format!("{}有限公司", nature.trade.word));
    let years = yearly(rng, nature);
    let mut attributes = identity(rng, unit, nature, &name);
    attributes.extend(declared(rng, nature, &years).map(|size| ("declared_size".to_owned(), size)));
    let marks = [
        ("mark.leading", leading),
        ("mark.high_tech", nature.above && rng.chance(15)),
        ("mark.specialised", nature.above && rng.chance(9)),
    ];
    attributes.extend(marks.iter().filter(|(_, is)| *is).map(|(code, _)| ((*code).to_owned(), "是".to_owned())));
    let plan = OrgPlan {
        kind: "enterprise".to_owned(),
        credit_code: Some(credit_code("91420299", &format!("MAYL{n:04}"))?),
        local_code: None,
        since: nature.founded.max(BOOKS_OPEN),
        attributes,
        source: "企业登记信息（演示）".to_owned(),
    };
    let entered = if nature.fresh { working_from(later(nature.founded, rng.between(3, 15))) } else { GO_LIVE };
    let desk = if nature.fresh { Desk::Bureau } else { Desk::TakeOver };
    let who = script.register(entered, desk, plan);
    for figures in years {
        let (on, desk) = match figures.year {
            2020 => (between(rng, day(2021, 3, 1), day(2021, 4, 28)), Desk::Bureau),
            _ => (later(GO_LIVE, 1), Desk::TakeOver),
        };
        script.year(on, desk, who, figures);
    }
    let Nature { trade, above, size, fresh, founded } = *nature;
    Ok(Firm { who, name, unit: unit.id, code: trade.code, above, size, founded, leading, fresh, closing: false })
}

fn identity(rng: &mut Rng, unit: &UnitDef, nature: &Nature, name: &str) -> Vec<(String, String)> {
    let capital = match nature.size {
        4 => rng.between(80, 500) * 100,
        3 => rng.between(20, 120) * 100,
        2 => rng.between(3, 40) * 100,
        _ => rng.between(5, 60) * 10,
    };
    let mut found = vec![
        ("name", name.to_owned()),
        ("type", "有限责任公司".to_owned()),
        ("status", "存续".to_owned()),
        ("founded_on", nature.founded.to_string()),
        ("capital_fen", (capital * WAN).to_string()),
        ("address", format!("{}样例路{}号", unit.name, rng.between(1, 299))),
        ("region", region(rng, unit).to_string()),
        ("unit", unit.id.to_string()),
        ("industry", nature.trade.code.to_owned()),
        ("above_scale", i64::from(nature.above).to_string()),
    ];
    if unit.id >= 6 {
        found.push(("park", format!("{}样例产业园", unit.short)));
    }
    found.into_iter().map(|(code, value)| (code.to_owned(), value)).collect()
}

/// Yearly figures: all enterprises above designated size for 2019, most others too; many also for 2020.
fn yearly(rng: &mut Rng, nature: &Nature) -> Vec<YearFigures> {
    let first = nature.above || (nature.founded < day(2019, 7, 1) && rng.chance(60));
    let second = !nature.fresh && rng.chance(if nature.above { 60 } else { 25 });
    let base = sizes(rng, nature);
    let year = |year: i32, percent: i64| YearFigures {
        year,
        employees: Some(base.0),
        revenue: Some(Fen(base.1 * percent / 100 * WAN)),
        assets: Some(Fen(base.2 * WAN)),
        source: "企业年度报表（演示）".to_owned(),
    };
    let growth = rng.between(101, 109);
    [(first, 2019, 100), (second, 2020, growth)].iter().filter(|(has, ..)| *has).map(|(_, y, p)| year(*y, *p)).collect()
}

/// Persons, revenue and assets in 万元, well inside the class.
fn sizes(rng: &mut Rng, nature: &Nature) -> (i64, i64, i64) {
    let (employees, revenue) = match (nature.size, nature.above) {
        (4, _) => (rng.between(1050, 3600), rng.between(44_000, 390_000)),
        (3, _) => (rng.between(310, 900), rng.between(7_000, 36_000)),
        (2, true) => (rng.between(24, 280), rng.between(2_100, 18_000)),
        (2, false) => (rng.between(21, 90), rng.between(330, 1_700)),
        _ => (rng.between(3, 18), rng.between(30, 260)),
    };
    (employees, revenue, revenue * rng.between(60, 140) / 100)
}

/// The size the enterprise claims: mostly what its latest figures give, sometimes a class off.
fn declared(rng: &mut Rng, nature: &Nature, years: &[YearFigures]) -> Option<String> {
    let computed = match size_of(nature.trade.code, years.last()?) {
        SizeOutcome::Class { class, .. } => class.code(),
        _ => return None,
    };
    let off = rng.chance(7);
    let claimed = if !off {
        computed
    } else if computed > 1 {
        computed - 1
    } else {
        computed + 1
    };
    Some(claimed.to_string())
}

/// Registers the sole traders that take start-up loans.
pub(super) fn traders(script: &mut Script, namer: &mut Namer, city: &CityFile) -> Result<Vec<Body>> {
    let mut rng = Rng::new("traders");
    let mut found = Vec::new();
    for n in 1..=SOLE_TRADERS {
        let at = rng.weighted(city.unit.iter().map(|u| u.share));
        let unit = &city.unit[at];
        let trade = &TRADERS[rng.weighted(TRADERS.iter().map(|t| t.weight))];
        let name = namer.name(&mut rng, &unit.short, trade.word);
        let founded = between(&mut rng, day(2017, 3, 1), day(2020, 11, 20));
        let attributes = [
            ("name", name.clone()),
            ("type", "个体工商户".to_owned()),
            ("status", "存续".to_owned()),
            ("founded_on", founded.to_string()),
            ("region", region(&mut rng, unit).to_string()),
            ("unit", unit.id.to_string()),
            ("industry", trade.code.to_owned()),
            ("above_scale", "0".to_owned()),
        ];
        let plan = OrgPlan {
            kind: "sole_trader".to_owned(),
            credit_code: Some(credit_code("92420299", &format!("MATR{n:04}"))?),
            local_code: None,
            since: founded.max(BOOKS_OPEN),
            attributes: attributes.into_iter().map(|(code, value)| (code.to_owned(), value)).collect(),
            source: "个体工商户登记信息（演示）".to_owned(),
        };
        found.push(Body { who: script.register(GO_LIVE, Desk::TakeOver, plan), name });
    }
    Ok(found)
}
