//! Start-up loans, bridge loans, and the guarantor's income.
//!
//! First half of 2021: 228 start-up loans of 0.43 亿元; 282 bridge loans of 15.78 亿元 to 138 firms;
//! income 2,101.83 万元, of which fees follow from the loans and the rest is other income.

use std::collections::HashSet;

use super::cast::{Cast, Firm};
use super::contracts::{Moving, Signing};
use super::days::{HALF_END, LAST, between, day, later, promptly, recorded, working_from};
use super::random::Rng;
use super::script::{Desk, Entry, Planned, Script, Who};
use super::share::{WAN, YI, even};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use money::guarantee::rules::{self, Event, Ledger};

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
        startup(script, rng, cast, trader.who, fen, FIRST_HALF);
    }
    let small = |f: &Firm| f.size == 1 && !f.fresh;
    let firms = cast.choose(rng, TO_FIRMS.0, small);
    let taken: HashSet<Who> = firms.iter().map(|f| f.who).collect();
    let amounts = even(rng, TO_FIRMS.1, TO_FIRMS.0, 20 * WAN, 90 * WAN, 5 * WAN);
    for (firm, fen) in firms.into_iter().zip(amounts) {
        startup(script, rng, cast, firm.who, fen, FIRST_HALF);
    }
    let firms = cast.choose(rng, TO_FIRMS_LATER.0, |f| small(f) && !taken.contains(&f.who));
    let amounts = even(rng, TO_FIRMS_LATER.1, TO_FIRMS_LATER.0, 15 * WAN, 80 * WAN, 5 * WAN);
    for (firm, fen) in firms.into_iter().zip(amounts) {
        startup(script, rng, cast, firm.who, fen, SINCE_JULY);
    }
}

fn startup(script: &mut Script, rng: &mut Rng, cast: &Cast, who: Who, fen: i64, (from, to): (Day, Day)) {
    let on = between(rng, from, to);
    let bank = rng.pick(&cast.banks[..8]).who;
    let number = format!("演示创贷〔2021〕{:03}号", script.numbered("startup"));
    let draw = Rng::new(&number).between(0, 9999);
    let is_person = cast.traders.iter().any(|trader| trader.who == who);
    let months = if is_person && draw % 2 == 0 { 36 } else { 24 };
    let signing = Signing {
        product: "startup",
        rate_bp: 435 + draw % 51,
        // Made up: nobody's number ends so.
        person_tail: if is_person { format!("{draw:04}") } else { String::new() },
        matures_on: on.checked_add_months(chrono::Months::new(months)).unwrap_or(on),
        ..signing(Ledger::Startup, cast, (who, bank), number, fen, on)
    };
    script.sign(recorded(rng, on), signing, on);
}

fn signing(ledger: Ledger, cast: &Cast, (subject, bank): (Who, Who), number: String, fen: i64, on: Day) -> Signing {
    Signing {
        ledger,
        operator: cast.guarantor.who,
        subject,
        bank,
        number,
        product: "",
        fen,
        rate_bp: 0,
        fee_bp: 0,
        signed_on: on,
        matures_on: on,
        person_tail: String::new(),
        underlying: String::new(),
        renewal: String::new(),
        renewal_fen: None,
    }
}

/// Bridge loans of one stretch, every firm at least one. Gives back their fees.
fn bridges(script: &mut Script, rng: &mut Rng, cast: &Cast, size: (usize, i64, i64), (from, to): (Day, Day)) -> i64 {
    let (firms, loans, total) = size;
    let firms = cast.choose(rng, firms, |f| f.sme() && f.size > 1 && !f.fresh);
    let counts = even(rng, loans, firms.len(), 1, 6, 1);
    let each = firms.iter().zip(&counts).flat_map(|(firm, n)| (0..*n).map(move |_| *firm));
    let amounts = even(rng, total, counts.iter().sum::<i64>() as usize, 50 * WAN, 1_000 * WAN, 5 * WAN);
    let mut loans: Vec<Bridging<'_>> = Vec::new();
    for (firm, fen) in each.zip(amounts) {
        let days = rng.between(3, 10);
        let on = between(rng, from, to);
        loans.push(Bridging { firm, fen, days, on, bank: rng.pick(&cast.banks[..12]).who });
    }
    loans.sort_by_key(|loan| (loan.firm.who, loan.on));
    let (mut fees, mut last) = (0, None);
    for loan in &loans {
        let (renewal, fee) =
            bridge(script, rng, cast, loan, last.filter(|(who, _)| *who == loan.firm.who).map(|(_, n)| n));
        // Every third firm bridges the loan that renewed the one before.
        last = (loan.firm.who % 3 == 0).then_some((loan.firm.who, renewal));
        fees += fee;
    }
    fees
}

/// A bridge loan.
struct Bridging<'a> {
    firm: &'a Firm,
    fen: i64,
    days: i64,
    on: Day,
    bank: Who,
}

/// A bridge loan that repays a loan, or the one that renewed the last; gives back the number of the renewal and the fee.
fn bridge(script: &mut Script, rng: &mut Rng, cast: &Cast, loan: &Bridging<'_>, repays: Option<usize>) -> (usize, i64) {
    let n = script.numbered("bridge");
    let fund = rules::bridge_on(loan.on);
    let fee = fund.map_or(0, |fund| rules::bridge_fee(fund, Fen(loan.fen), loan.days).0);
    let renewal = (loan.fen * 20 / 19 / WAN + 1) * WAN;
    let number = format!("演示过桥〔2021〕{n:03}号");
    let signing = Signing {
        product: "bridge",
        matures_on: later(loan.on, 10),
        underlying: repays.map_or_else(|| format!("演示流贷{n:04}"), |before| format!("演示续贷{before:04}")),
        renewal: format!("演示续贷{n:04}"),
        renewal_fen: Some(renewal),
        ..signing(Ledger::Bridge, cast, (loan.firm.who, loan.bank), number, loan.fen, loan.on)
    };
    let written = recorded(rng, loan.on);
    let contract = script.sign(written, signing, loan.on);
    let note = format!("用款{}天，过桥费按约定费率一次收取。", loan.days);
    let charge = Moving { account: "bridge_fee", note, ..Moving::new(contract, Event::Fee, loan.on, fee) };
    script.moves(written, charge);
    let back = later(loan.on, loan.days);
    let entered = working_from(back).max(written);
    if entered <= LAST {
        script.moves(entered, Moving::new(contract, Event::Repaid, back, loan.fen));
    }
    (n, fee)
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
