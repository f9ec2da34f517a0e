//! Start-up loans, bridge loans, and the guarantor's income.
//!
//! First half of 2021: 228 start-up loans of 0.43 亿元; 282 bridge loans of 15.78 亿元 to 138 firms;
//! income 2,101.83 万元, of which fees follow from the loans and the rest is other income.

use std::collections::HashSet;

use super::cast::{Cast, Firm};
use super::days::{HALF_END, between, day, promptly, recorded};
use super::random::Rng;
use super::script::{Desk, Entry, Planned, Script, Who};
use super::share::{WAN, YI, even};
use kernel::value::day::Day;

/// Start-up loans of the first half: to sole traders, each at most 20 万元, and to small firms.
const TO_TRADERS: (usize, i64) = (205, 3_380 * WAN);
const TO_FIRMS: (usize, i64) = (23, 920 * WAN);
/// Start-up loans since July, all to small firms.
const TO_FIRMS_LATER: (usize, i64) = (17, 590 * WAN);

/// Bridge loans of the first half: firms, loans, their sum.
const BRIDGE: (usize, i64, i64) = (138, 282, 1578 * YI / 100);
/// The same since July.
const BRIDGE_LATER: (usize, i64, i64) = (29, 41, 23 * YI / 10);

/// Income of the first half.
const INCOME: i64 = 2_101_830_000;
/// Pieces in which other income comes in.
const OTHER_PIECES: usize = 18;

const FIRST_HALF: (Day, Day) = (day(2021, 1, 6), HALF_END);
const SINCE_JULY: (Day, Day) = (day(2021, 7, 1), day(2021, 8, 9));

/// Puts start-up loans, bridge loans and income into the script.
/// `fees` is what guaranteed loans brought in by the end of June.
pub(super) fn plan(script: &mut Script, cast: &Cast, fees: i64) {
    let mut rng = Rng::new("bridge");
    startups(script, &mut rng, cast);
    let bridging = bridges(script, &mut rng, cast, BRIDGE, FIRST_HALF);
    bridges(script, &mut rng, cast, BRIDGE_LATER, SINCE_JULY);
    other_income(script, &mut rng, cast, INCOME - fees - bridging);
}

fn startups(script: &mut Script, rng: &mut Rng, cast: &Cast) {
    let amounts = even(rng, TO_TRADERS.1, TO_TRADERS.0, 5 * WAN, 20 * WAN, WAN);
    for (trader, fen) in cast.traders.iter().zip(amounts) {
        startup(script, rng, cast, (trader.who, &trader.name), fen, FIRST_HALF);
    }
    let small = |f: &Firm| f.size == 1 && !f.fresh;
    let firms = cast.choose(rng, TO_FIRMS.0, small);
    let taken: HashSet<Who> = firms.iter().map(|f| f.who).collect();
    let amounts = even(rng, TO_FIRMS.1, TO_FIRMS.0, 20 * WAN, 90 * WAN, 5 * WAN);
    for (firm, fen) in firms.into_iter().zip(amounts) {
        startup(script, rng, cast, (firm.who, &firm.name), fen, FIRST_HALF);
    }
    let firms = cast.choose(rng, TO_FIRMS_LATER.0, |f| small(f) && !taken.contains(&f.who));
    let amounts = even(rng, TO_FIRMS_LATER.1, TO_FIRMS_LATER.0, 15 * WAN, 80 * WAN, 5 * WAN);
    for (firm, fen) in firms.into_iter().zip(amounts) {
        startup(script, rng, cast, (firm.who, &firm.name), fen, SINCE_JULY);
    }
}

fn startup(
    script: &mut Script,
    rng: &mut Rng,
    cast: &Cast,
    (who, name): (Who, &str),
    fen: i64,
    (from, to): (Day, Day),
) {
    let on = between(rng, from, to);
    let bank = rng.pick(&cast.banks[..8]).who;
    let entry = Entry::new("guarantee", format!("创业担保贷款放款凭证：{name}"))
        .fact(Planned::new("guarantee.startup_loan_granted", who, on).with(bank).fen(fen));
    script.enter(recorded(rng, on), Desk::Guarantor, entry);
}

/// Bridge loans of one stretch, every firm at least one. Gives back their fees.
fn bridges(script: &mut Script, rng: &mut Rng, cast: &Cast, size: (usize, i64, i64), (from, to): (Day, Day)) -> i64 {
    let (firms, loans, total) = size;
    let firms = cast.choose(rng, firms, |f| f.sme() && f.size > 1 && !f.fresh);
    let counts = even(rng, loans, firms.len(), 1, 6, 1);
    let each = firms.iter().zip(&counts).flat_map(|(firm, n)| (0..*n).map(move |_| *firm));
    let amounts = even(rng, total, counts.iter().sum::<i64>() as usize, 50 * WAN, 1_000 * WAN, 5 * WAN);
    let mut fees = 0;
    for (firm, fen) in each.zip(amounts) {
        let days = rng.between(3, 10);
        let fee = bridge_fee(fen, days);
        fees += fee;
        let on = between(rng, from, to);
        let bank = rng.pick(&cast.banks[..12]).who;
        let income = Planned::new("guarantee.income_received", cast.guarantor.who, on);
        let entry = Entry::new("guarantee", format!("过桥贷款放款凭证：{}", firm.name))
            .detail(format!("用款{days}天，过桥费按约定费率一次收取。"))
            .fact(Planned::new("guarantee.bridge_loan_granted", firm.who, on).with(bank).fen(fen))
            .fact(income.class("bridge_fee").with(firm.who).fen(fee));
        script.enter(recorded(rng, on), Desk::Guarantor, entry);
    }
    fees
}

/// The demonstration fund charges two parts in ten thousand a day for five days, four after.
fn bridge_fee(fen: i64, days: i64) -> i64 {
    fen / 10_000 * (days.min(5) * 2 + (days - 5).max(0) * 4)
}

fn other_income(script: &mut Script, rng: &mut Rng, cast: &Cast, total: i64) {
    let titles = ["资金存放利息收入", "评审服务费收入", "追偿及其他收入"];
    let amounts = even(rng, total, OTHER_PIECES, 10 * WAN, 120 * WAN, 100);
    for (n, fen) in amounts.into_iter().enumerate() {
        let month = n as u32 / 3 + 1;
        let on = between(rng, day(2021, month, 18), day(2021, month, 28));
        let income = Planned::new("guarantee.income_received", cast.guarantor.who, on);
        let entry = Entry::new("guarantee", format!("{}（2021年{month}月）", titles[n % 3]))
            .fact(income.class("other").fen(fen));
        script.enter(promptly(rng, on), Desk::Guarantor, entry);
    }
}
