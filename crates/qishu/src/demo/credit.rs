//! Credit on the financing platform.
//!
//! By the end of June: 197 firms asked for 14.7 亿元, 127 were granted 11.83 亿元, 8.83 亿元 were paid out.
//! Who is granted has asked, who asked is registered; of a firm never more is paid out than granted,
//! nor more granted than asked.

use super::cast::{Cast, Firm};
use super::days::{HALF_END, LAST, between, day, later, promptly, recorded, working_from, working_until};
use super::finance::{FIRST_INSTITUTIONS, LAUNCH, Registered};
use super::random::Rng;
use super::script::{Desk, Entry, Planned, Script, Who};
use super::share::{WAN, YI, even, within};
use kernel::value::day::Day;

/// Amounts of one stretch of time.
struct Stretch {
    /// Firms that ask, and of them those that are granted.
    asking: usize,
    granted: usize,
    /// Of those granted, how many have not drawn yet.
    undrawn: usize,
    /// Asked by those that are granted, and by the others.
    asked_by_granted: i64,
    asked_by_others: i64,
    granted_fen: i64,
    disbursed_fen: i64,
    /// Last day of the stretch.
    end: Day,
}

const UNTIL_JUNE: Stretch = Stretch {
    asking: 197,
    granted: 127,
    undrawn: 18,
    asked_by_granted: 123 * YI / 10,
    asked_by_others: 24 * YI / 10,
    granted_fen: 1183 * YI / 100,
    disbursed_fen: 883 * YI / 100,
    end: HALF_END,
};

const SINCE_JULY: Stretch = Stretch {
    asking: 24,
    granted: 15,
    undrawn: 4,
    asked_by_granted: 15 * YI / 10,
    asked_by_others: 4 * YI / 10,
    granted_fen: 14 * YI / 10,
    disbursed_fen: 8 * YI / 10,
    end: LAST,
};

const STEP: i64 = 5 * WAN;
/// What one firm that is granted may be granted: 万元.
const GRANT: (i64, i64) = (80 * WAN, 4_000 * WAN);

/// A firm that asks.
struct Case<'a> {
    firm: &'a Firm,
    asked_on: Day,
    asked: i64,
    granted: i64,
    disbursed: i64,
}

/// Puts demand, grants and disbursements into the script.
pub(super) fn plan(script: &mut Script, cast: &Cast, registered: &[Registered<'_>]) {
    let mut rng = Rng::new("credit");
    let mut early: Vec<&Registered<'_>> = registered.iter().filter(|r| r.on <= day(2021, 6, 8)).collect();
    early.sort_by_key(|r| r.on > LAUNCH);
    let (asking, rest) = early.split_at(UNTIL_JUNE.asking.min(early.len()));
    let cases = cases(&mut rng, &UNTIL_JUNE, asking);
    write(script, &mut rng, cast, &cases, &UNTIL_JUNE);
    mistype(script, &cases);
    let (asking, _) = rest.split_at(SINCE_JULY.asking.min(rest.len()));
    let cases = later_cases(&mut rng, asking);
    write(script, &mut rng, cast, &cases, &SINCE_JULY);
}

/// Amounts for every firm of a stretch. Who asks too late to be answered within it comes last and is not granted.
fn cases<'a>(rng: &mut Rng, s: &Stretch, asking: &[&Registered<'a>]) -> Vec<Case<'a>> {
    let mut days: Vec<(Day, &'a Firm)> =
        asking.iter().map(|r| (between(rng, later(r.on, 1), later(r.on, 14)), r.firm)).collect();
    days.sort_by_key(|(on, _)| *on > day(2021, 6, 11));
    with_amounts(rng, s, days)
}

/// In July and August firms ask that had registered long before.
fn later_cases<'a>(rng: &mut Rng, asking: &[&Registered<'a>]) -> Vec<Case<'a>> {
    let days = asking.iter().map(|r| (between(rng, day(2021, 7, 1), day(2021, 7, 23)), r.firm)).collect();
    with_amounts(rng, &SINCE_JULY, days)
}

fn with_amounts<'a>(rng: &mut Rng, s: &Stretch, days: Vec<(Day, &'a Firm)>) -> Vec<Case<'a>> {
    let granted = even(rng, s.granted_fen, s.granted, GRANT.0, GRANT.1, STEP);
    let bounds: Vec<(i64, i64)> = granted.iter().map(|g| (*g, g * 3 / 2 / STEP * STEP)).collect();
    let mut asked = within(rng, s.asked_by_granted, &bounds, STEP);
    asked.extend(even(rng, s.asked_by_others, s.asking - s.granted, 50 * WAN, 1_500 * WAN, STEP));
    let drawing = s.granted - s.undrawn;
    let bounds: Vec<(i64, i64)> =
        granted.iter().enumerate().map(|(n, g)| if n < drawing { (g / 4 / STEP * STEP, *g) } else { (0, 0) }).collect();
    let disbursed = within(rng, s.disbursed_fen, &bounds, STEP);
    let mut cases = Vec::new();
    for (n, ((asked_on, firm), asked)) in days.into_iter().zip(asked).enumerate() {
        let of = |amounts: &[i64]| amounts.get(n).copied().unwrap_or(0);
        cases.push(Case { firm, asked_on, asked, granted: of(&granted), disbursed: of(&disbursed) });
    }
    cases
}

fn write(script: &mut Script, rng: &mut Rng, cast: &Cast, cases: &[Case<'_>], s: &Stretch) {
    for case in cases {
        let parts = parts(rng, case.asked);
        for fen in parts {
            let entry = demand(case, case.asked_on, fen);
            script.enter(recorded(rng, case.asked_on), Desk::Platform, entry);
        }
        if case.granted == 0 {
            continue;
        }
        let bank = rng.pick(&cast.banks[..FIRST_INSTITUTIONS]).who;
        let granted_on = working_from(later(case.asked_on, rng.between(5, 14))).min(s.end);
        let entry = Entry::new("finance", format!("授信通知书：{}", case.firm.name))
            .fact(Planned::new("finance.credit_granted", case.firm.who, granted_on).with(bank).fen(case.granted));
        script.enter(recorded(rng, granted_on), Desk::Platform, entry);
        disburse(script, rng, case, bank, (granted_on, s.end));
    }
}

/// Some larger demands are published in two parts.
fn parts(rng: &mut Rng, total: i64) -> Vec<i64> {
    if total < 600 * WAN || !rng.chance(18) {
        return vec![total];
    }
    let first = total / 10 * rng.between(4, 7) / STEP * STEP;
    vec![first, total - first]
}

fn demand(case: &Case<'_>, on: Day, fen: i64) -> Entry {
    Entry::new("finance", format!("融资需求发布单：{}", case.firm.name))
        .fact(Planned::new("finance.demand_published", case.firm.who, on).fen(fen))
}

fn disburse(script: &mut Script, rng: &mut Rng, case: &Case<'_>, bank: Who, (granted_on, end): (Day, Day)) {
    if case.disbursed == 0 {
        return;
    }
    let mut on = working_from(later(granted_on, rng.between(1, 9))).min(working_until(end));
    for fen in parts(rng, case.disbursed) {
        let entry = Entry::new("finance", format!("放款回执：{}", case.firm.name))
            .fact(Planned::new("finance.loan_disbursed", case.firm.who, on).with(bank).fen(fen));
        script.enter(recorded(rng, on), Desk::Platform, entry);
        on = between(rng, on, end);
    }
}

/// One demand was typed in 元 instead of 万元 and stood for a week beside the right one.
fn mistype(script: &mut Script, cases: &[Case<'_>]) {
    if let Some(case) = cases.iter().find(|c| c.asked_on >= day(2021, 5, 10)) {
        let wrong = demand(case, case.asked_on, case.asked / 10_000);
        let first = promptly(&mut Rng::new("mistype"), case.asked_on);
        let ticket = script.enter(first, Desk::Platform, wrong);
        script.reverse(working_from(later(first, 7)), Desk::Platform, ticket, "金额单位误录为元，重复登记");
    }
}
