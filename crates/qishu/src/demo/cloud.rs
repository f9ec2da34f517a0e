//! Platforms, apps and firms on the cloud: 6 enterprise platforms, 53 apps, 1,523 firms.
//!
//! Beside those firms stand the closing ones, which gave everything up.

use super::cast::{Cast, Firm, REPLY};
use super::days::{between, day, later, promptly, recorded};
use super::random::Rng;
use super::script::{Change, Desk, Entry, Planned, Script, Who};
use super::share::even;
use chrono::Datelike;
use kernel::Result;
use kernel::value::day::Day;
use std::collections::BTreeMap;

/// Firms with something on the cloud on the day of the reply.
const FIRMS: usize = 1523;
/// Apps that run on the day of the reply.
const APPS: i64 = 53;
const SERVICES: [&str; 3] = ["business", "infrastructure", "equipment"];

/// Puts platforms, apps and the cloud into the script.
pub(super) fn plan(script: &mut Script, cast: &Cast) -> Result<()> {
    let mut rng = Rng::new("cloud");
    platforms(script, &mut rng, cast)?;
    apps(script, &mut rng, cast);
    adoptions(script, &mut rng, cast);
    Ok(())
}

fn platforms(script: &mut Script, rng: &mut Rng, cast: &Cast) -> Result<()> {
    let detail = format!("{REPLY}所列；答复未写明日期，日期为演示假定。");
    for (key, title, class, on) in [
        ("institute", "模具行业工业互联网平台", "industry", day(2021, 1, 28)),
        ("daye_steel", "大冶特钢企业级工业互联网平台", "enterprise", day(2020, 12, 31)),
        ("huaxin", "华新水泥企业级工业互联网平台", "enterprise", day(2020, 12, 31)),
        ("jinpai", "劲牌企业级工业互联网平台", "enterprise", day(2020, 12, 31)),
        ("dingying", "定颖电子企业级工业互联网平台", "enterprise", day(2020, 12, 31)),
        ("datang", "大唐融合工业互联网平台项目落户", "introduced", day(2021, 5, 20)),
    ] {
        let who = cast.named(key)?.who;
        list(script, rng, who, title.to_owned(), class, on, &detail);
    }
    let firms = cast.choose(rng, 2, |f| f.above && f.size > 2);
    for (firm, on) in firms.into_iter().zip([day(2021, 3, 30), day(2021, 6, 17)]) {
        let title = format!("{}企业级工业互联网平台", firm.name);
        list(script, rng, firm.who, title, "enterprise", on, "演示企业。");
    }
    Ok(())
}

fn list(script: &mut Script, rng: &mut Rng, who: Who, title: String, class: &'static str, on: Day, detail: &str) {
    let fact = Planned::new("catalog.platform_listed", who, on).class(class);
    script.enter(recorded(rng, on), Desk::Bureau, Entry::new("catalog", title).detail(detail).fact(fact));
}

fn apps(script: &mut Script, rng: &mut Rng, cast: &Cast) {
    let owners = cast.choose(rng, 22, |f| f.above && f.size > 1);
    let counts = even(rng, APPS, owners.len(), 1, 6, 1);
    let words = ["生产排程", "设备点检", "质量追溯", "能耗监测", "仓储配送", "研发协同"];
    for (firm, count) in owners.into_iter().zip(counts) {
        for (word, _) in words.iter().zip(0..count) {
            let on = between(rng, day(2019, 4, 8), day(2021, 8, 6));
            script.enter(recorded(rng, on), Desk::Bureau, app(firm, word, on));
        }
    }
    if let Some(firm) = cast.choose(rng, 1, |f| f.above && f.size == 2 && f.unit == 7).first() {
        let ticket = script.enter(day(2021, 4, 15), Desk::Bureau, app(firm, "试用版看板", day(2021, 4, 14)));
        script.reverse(day(2021, 5, 7), Desk::Bureau, ticket, "仅为试用版，未正式上线");
    }
}

fn app(firm: &Firm, word: &str, on: Day) -> Entry {
    Entry::new("catalog", format!("工业APP“{word}”（{}）", firm.name)).fact(Planned::new(
        "catalog.app_launched",
        firm.who,
        on,
    ))
}

/// Earlier years were kept as monthly lists, 2021 as one record a firm.
fn adoptions(script: &mut Script, rng: &mut Rng, cast: &Cast) {
    let mut firms = cast.choose(rng, FIRMS, |f| !f.fresh);
    firms.extend(cast.closing());
    let mut lists: BTreeMap<(i32, u32), Vec<Planned>> = BTreeMap::new();
    for (n, firm) in firms.into_iter().enumerate() {
        let mut services = SERVICES;
        rng.shuffle(&mut services);
        let several = match rng.between(1, 100) {
            1..=60 => 1,
            61..=92 => 2,
            _ => 3,
        };
        let first = adopted_on(rng, firm);
        let mut facts = Vec::new();
        for (i, class) in services.iter().take(several).enumerate() {
            let on = if i == 0 { first } else { between(rng, first, day(2021, 8, 4)) };
            facts.push(Planned::new("cloud.adopted", firm.who, on).class(class));
        }
        if n >= FIRMS {
            give_up(script, rng, firm, &facts);
        } else if several > 1 && n % 40 == 39 {
            let lost = &facts[several - 1];
            lapse(script, rng, firm, std::slice::from_ref(lost));
        }
        for fact in facts {
            if fact.on < day(2021, 1, 1) {
                lists.entry((fact.on.year(), fact.on.month())).or_default().push(fact);
            } else {
                let entry = Entry::new("cloud", format!("企业上云登记：{}", firm.name)).fact(fact.clone());
                script.enter(recorded(rng, fact.on), Desk::Bureau, entry);
            }
        }
    }
    for ((year, month), facts) in lists {
        let mut entry =
            Entry::new("cloud", format!("企业上云登记台账（{year}年{month}月）")).document(format!("{year}年上云台账"));
        entry.facts = facts;
        script.enter(day(2020, 12, 31), Desk::TakeOver, entry);
    }
}

/// More firms every year until 2020; never before a firm is two months old.
fn adopted_on(rng: &mut Rng, firm: &Firm) -> Day {
    let (from, to) = match rng.between(1, 100) {
        1..=14 => (day(2018, 3, 5), day(2018, 12, 28)),
        15..=38 => (day(2019, 1, 7), day(2019, 12, 30)),
        39..=82 => (day(2020, 3, 16), day(2020, 12, 25)),
        _ => (day(2021, 1, 5), day(2021, 7, 30)),
    };
    let earliest = later(firm.founded, 60).max(from);
    between(rng, earliest, to.max(later(earliest, 20)))
}

/// Everything is given up, and the firm closes.
fn give_up(script: &mut Script, rng: &mut Rng, firm: &Firm, facts: &[Planned]) {
    let on = lapse(script, rng, firm, facts);
    let status = Change {
        who: firm.who,
        attribute: "status",
        value: if rng.chance(50) { "注销" } else { "停业" }.into(),
        from: on,
        source: "市场主体登记变更（演示）".into(),
    };
    script.change(promptly(rng, on), status);
}

/// A lapse is the same fact with a negative quantity, after the last of those it ends.
fn lapse(script: &mut Script, rng: &mut Rng, firm: &Firm, facts: &[Planned]) -> Day {
    let since = facts.iter().map(|f| f.on).max().unwrap_or(day(2018, 3, 5));
    let on = between(rng, later(since, 1).max(day(2021, 1, 11)), day(2021, 8, 9));
    let mut entry = Entry::new("cloud", format!("云服务停用核实：{}", firm.name)).detail("到期未续或企业停业。");
    for fact in facts {
        entry = entry.fact(Planned { on, quantity: -1, ..fact.clone() });
    }
    script.enter(promptly(rng, on), Desk::Bureau, entry);
    on
}
