//! The financing platform, from its launch on 16 March 2021: institutions, products, registered firms.
//!
//! By the end of June: 22 institutions, 89 products, 1,040 firms.
//! What firms asked for and got is in `credit`.

use std::collections::HashSet;

use super::cast::{Cast, Firm};
use super::days::{HALF_END, between, day, later, promptly, recorded};
use super::random::Rng;
use super::script::{Declaration, Desk, Entry, Planned, Script, Who};
use super::share::even;
use kernel::Result;
use kernel::value::day::Day;

/// The day the platform opened.
pub(super) const LAUNCH: Day = day(2021, 3, 16);

/// Institutions on the platform at the end of June. One more joined and left before, one more joined in July.
const INSTITUTIONS: usize = 22;
/// Institutions that were there for the launch; they grant.
pub(super) const FIRST_INSTITUTIONS: usize = 20;
/// Products published by the end of June.
const PRODUCTS: i64 = 89;
/// Firms registered at the end of June.
const REGISTERED: usize = 1040;
/// Firms that registered before and left before.
const DEREGISTERED: usize = 3;
/// Firms that registered after June.
const REGISTERED_LATER: usize = 73;

/// A registered firm and its day.
pub(super) struct Registered<'a> {
    pub firm: &'a Firm,
    pub on: Day,
}

/// Puts the platform into the script; gives back the firms on it, those registered by the end of June first.
pub(super) fn plan<'a>(script: &mut Script, cast: &'a Cast) -> Result<Vec<Registered<'a>>> {
    let mut rng = Rng::new("finance");
    launch(script, cast)?;
    let joined = institutions(script, &mut rng, cast);
    products(script, &mut rng, cast, &joined);
    Ok(registrations(script, &mut rng, cast))
}

fn launch(script: &mut Script, cast: &Cast) -> Result<()> {
    let entry = Entry::new("finance", "黄石市金融信息服务平台“东楚融通”上线运营").fact(Planned::new(
        "finance.platform_launched",
        cast.bureau()?,
        LAUNCH,
    ));
    script.enter(LAUNCH, Desk::Platform, entry);
    script.declare(
        day(2021, 3, 18),
        Declaration {
            indicator: "finance.rank",
            value: "4",
            on: LAUNCH,
            source: "省内已实际应用的同类平台依次为武汉、宜昌、襄阳、黄石（外部情况汇总）",
            office: "市经信局中小企业科",
        },
    );
    Ok(())
}

fn joined(name: &str, who: Who, on: Day, quantity: i64) -> Entry {
    let title = if quantity > 0 { "金融机构入驻登记" } else { "金融机构退出登记" };
    let fact = Planned::new("finance.institution_joined", who, on).quantity(quantity);
    Entry::new("finance", format!("{title}：{name}")).fact(fact)
}

/// Twenty join for the launch, two by June; the one after them leaves again, the last one joins in July.
fn institutions(script: &mut Script, rng: &mut Rng, cast: &Cast) -> Vec<Day> {
    let mut days = Vec::new();
    for (n, bank) in cast.banks.iter().enumerate() {
        let on = match n {
            _ if n < FIRST_INSTITUTIONS => between(rng, day(2021, 2, 22), day(2021, 3, 19)),
            _ if n < INSTITUTIONS => between(rng, day(2021, 4, 12), day(2021, 6, 18)),
            INSTITUTIONS => day(2021, 3, 9),
            _ => day(2021, 7, 19),
        };
        days.push(on);
        script.enter(promptly(rng, on), Desk::Platform, joined(&bank.name, bank.who, on, 1));
        if n == INSTITUTIONS {
            let left = day(2021, 5, 28);
            script.enter(left, Desk::Platform, joined(&bank.name, bank.who, left, -1));
        }
    }
    days
}

fn products(script: &mut Script, rng: &mut Rng, cast: &Cast, joined: &[Day]) {
    let words = ["税信贷", "订单贷", "设备贷", "园区贷", "科创贷", "流水贷", "技改贷", "周转贷"];
    let counts = even(rng, PRODUCTS, INSTITUTIONS, 1, words.len() as i64, 1);
    for ((bank, count), joined) in cast.banks.iter().zip(counts).zip(joined) {
        for (word, _) in words.iter().zip(0..count) {
            product(script, rng, bank.who, &bank.name, word, (LAUNCH.max(*joined), HALF_END));
        }
    }
    let later = cast.banks.iter().skip(INSTITUTIONS + 1).chain(cast.banks.iter().take(5));
    for (bank, word) in later.zip(words) {
        product(script, rng, bank.who, &bank.name, &format!("{word}（二期）"), (day(2021, 7, 20), day(2021, 8, 6)));
    }
}

fn product(script: &mut Script, rng: &mut Rng, who: Who, bank: &str, word: &str, (from, to): (Day, Day)) {
    let on = between(rng, from, to);
    let entry = Entry::new("finance", format!("信贷产品发布：{bank}“{word}”")).fact(Planned::new(
        "finance.product_published",
        who,
        on,
    ));
    script.enter(recorded(rng, on), Desk::Platform, entry);
}

fn registration(firm: &Firm, on: Day) -> Entry {
    Entry::new("finance", format!("企业实名注册：{}", firm.name)).fact(Planned::new(
        "finance.enterprise_registered",
        firm.who,
        on,
    ))
}

fn registrations<'a>(script: &mut Script, rng: &mut Rng, cast: &'a Cast) -> Vec<Registered<'a>> {
    let early = cast.choose(rng, REGISTERED + DEREGISTERED, |f| !f.fresh);
    let taken: HashSet<Who> = early.iter().map(|f| f.who).collect();
    let late = cast.choose(rng, REGISTERED_LATER, |f| !taken.contains(&f.who));
    let mut found = Vec::new();
    for (n, firm) in early.into_iter().enumerate() {
        let on = if n == 0 { LAUNCH } else { between(rng, LAUNCH, day(2021, 6, 29)) };
        let entry = registration(firm, on);
        script.enter(recorded(rng, on), Desk::Platform, entry);
        if n >= REGISTERED {
            deregister(script, rng, firm, on);
        } else {
            found.push(Registered { firm, on });
        }
    }
    double(script, &found);
    for firm in late {
        let on = between(rng, day(2021, 7, 1), day(2021, 8, 10));
        script.enter(recorded(rng, on), Desk::Platform, registration(firm, on));
        found.push(Registered { firm, on });
    }
    found
}

fn deregister(script: &mut Script, rng: &mut Rng, firm: &Firm, since: Day) {
    let on = between(rng, later(since, 1).min(HALF_END), HALF_END);
    let entry = Entry::new("finance", format!("企业账户注销：{}", firm.name))
        .fact(Planned::new("finance.enterprise_registered", firm.who, on).quantity(-1));
    script.enter(promptly(rng, on), Desk::Platform, entry);
}

/// One registration was entered twice; the second is reversed.
fn double(script: &mut Script, found: &[Registered<'_>]) {
    if let Some(one) = found.iter().find(|r| r.on < day(2021, 4, 30)) {
        let ticket = script.enter(day(2021, 5, 17), Desk::Platform, registration(one.firm, one.on));
        script.reverse(day(2021, 5, 24), Desk::Platform, ticket, "同一企业重复注册登记");
    }
}
