//! Guaranteed loans and what is in force.
//!
//! First half of 2021: 163 firms, 13.76 亿元.
//! In force at the end of June: 6.00 (issued in 2019) + 13.80 (2020) + 13.76 (2021) − 7.00 (released) = 26.56 亿元.

use super::cast::{Cast, Firm};
use super::contracts::{Moving, Signing};
use super::days::{HALF_END, LAST, between, day, later, promptly, recorded, working_from};
use super::random::Rng;
use super::script::{Script, Ticket, Who};
use super::share::{WAN, YI, even};
use chrono::Datelike;
use kernel::value::day::Day;
use money::guarantee::rules::{Event, Ledger};

const STEP: i64 = 10 * WAN;
/// Released by the end of June from the loans of 2019 (all of them) and of 2020.
const RELEASED_2020: i64 = YI;
/// Released in July and August.
const RELEASED_LATER: i64 = 12 * YI / 10;

/// A guaranteed loan.
struct Loan<'a> {
    firm: &'a Firm,
    on: Day,
    fen: i64,
    bank: Who,
    number: String,
    /// Its contract in the script, and the day it is written down.
    contract: Ticket,
    recorded: Day,
}

/// Loans of one stretch: how many firms, how many loans, their sum, and the days.
struct Stretch {
    firms: usize,
    loans: usize,
    total: i64,
    from: Day,
    to: Day,
    /// The later of two stretches of one year.
    late: bool,
}

const IN_2019: Stretch =
    Stretch { firms: 82, loans: 90, total: 6 * YI, from: day(2019, 2, 18), to: day(2019, 12, 20), late: false };
const IN_2020: Stretch = Stretch {
    firms: 158,
    loans: 190,
    total: 138 * YI / 10,
    from: day(2020, 3, 23),
    to: day(2020, 12, 25),
    late: false,
};
const FIRST_HALF: Stretch =
    Stretch { firms: 163, loans: 196, total: 1376 * YI / 100, from: day(2021, 1, 5), to: HALF_END, late: false };
const SINCE_JULY: Stretch =
    Stretch { firms: 31, loans: 34, total: 22 * YI / 10, from: day(2021, 7, 1), to: day(2021, 8, 10), late: true };

/// Puts guaranteed loans and releases into the script; gives back the fees taken by the end of June.
pub(super) fn plan(script: &mut Script, cast: &Cast) -> i64 {
    let mut rng = Rng::new("guarantee");
    script.bases(cast.guarantor.who, cast.banks[..12].iter().map(|bank| bank.who));
    let mut of_2019 = loans(&mut rng, cast, &IN_2019);
    let mut of_2020 = loans(&mut rng, cast, &IN_2020);
    let mut first_half = loans(&mut rng, cast, &FIRST_HALF);
    let mut since_july = loans(&mut rng, cast, &SINCE_JULY);
    let mut fees = 0;
    for loan in of_2019.iter_mut().chain(&mut of_2020) {
        issue(script, &mut rng, cast, loan);
    }
    for loan in &mut first_half {
        fees += issue(script, &mut rng, cast, loan);
    }
    for loan in &mut since_july {
        issue(script, &mut rng, cast, loan);
    }
    mistype(script, cast, &first_half);
    for loan in &of_2019 {
        let on = working_from(later(loan.on, rng.between(350, 400)));
        release(script, &mut rng, loan, on, loan.fen);
    }
    let rest = release_in_turn(script, &mut rng, &of_2020, RELEASED_2020, (day(2021, 2, 22), HALF_END));
    let rest = release_in_turn(script, &mut rng, rest, RELEASED_LATER, (day(2021, 7, 2), day(2021, 8, 9)));
    if let [.., late, compensated] = rest {
        default(script, late, compensated);
    }
    fees
}

fn loans<'a>(rng: &mut Rng, cast: &'a Cast, s: &Stretch) -> Vec<Loan<'a>> {
    let firms = cast.choose(rng, s.firms, |f| f.sme() && f.size > 1 && !f.fresh && f.founded < later(s.from, -90));
    let amounts = even(rng, s.total, s.loans, 50 * WAN, 2_000 * WAN, STEP);
    let mut loans = Vec::new();
    for (firm, fen) in firms.iter().cycle().zip(amounts) {
        let bank = rng.pick(&cast.banks[..12]).who;
        let on = between(rng, s.from, s.to);
        loans.push(Loan { firm, on, fen, bank, number: String::new(), contract: 0, recorded: on });
    }
    loans.sort_by_key(|l| (l.on, l.firm.who));
    for (n, loan) in (1..).zip(&mut loans) {
        loan.number = format!("演示担保〔{}〕{}{n:03}号", loan.on.format("%Y"), if s.late { "下" } else { "" });
    }
    loans
}

/// A loan with its fee, which is charged in 2021 only: earlier income was not taken over. Gives back the fee.
fn issue(script: &mut Script, rng: &mut Rng, cast: &Cast, loan: &mut Loan<'_>) -> i64 {
    let rate_bp = *rng.pick(&[60, 70, 80, 80, 85, 90, 100]);
    let fee = if loan.on < day(2021, 1, 1) { 0 } else { loan.fen / 10_000 * rate_bp };
    let recorded = recorded(rng, loan.on);
    let contract = script.sign(recorded, signing(loan, cast.guarantor.who, rate_bp, loan.fen), loan.on);
    if fee > 0 {
        script.moves(recorded, charge(contract, loan.on, fee));
    }
    (loan.contract, loan.recorded) = (contract, recorded);
    fee
}

fn charge(contract: Ticket, on: Day, fee: i64) -> Moving {
    Moving { account: "guarantee_fee", ..Moving::new(contract, Event::Fee, on, fee) }
}

/// Terms of a loan: the older ones run longer, so that they are in force in 2021. Drawn from the loan itself, so that
/// nothing else of the city depends on it.
fn signing(loan: &Loan<'_>, guarantor: Who, fee_bp: i64, fen: i64) -> Signing {
    let draw = Rng::new(&loan.number).between(0, 99);
    let months = match loan.on.year() {
        2019 => 14,
        2020 => [18, 24, 24, 36][draw as usize % 4],
        _ => [12, 12, 24, 36][draw as usize % 4],
    };
    let products = ["ordinary", "ordinary", "startup_re", "head_office", "shared", "science", "park"];
    Signing {
        ledger: Ledger::Guarantee,
        operator: guarantor,
        subject: loan.firm.who,
        bank: loan.bank,
        number: loan.number.clone(),
        product: products[draw as usize % products.len()],
        fen,
        rate_bp: 385 + draw,
        fee_bp,
        signed_on: loan.on,
        matures_on: loan.on.checked_add_months(chrono::Months::new(months)).unwrap_or(loan.on),
        person_tail: String::new(),
        underlying: String::new(),
        renewal: String::new(),
        renewal_fen: None,
    }
}

/// Responsibility ends, or a part of the principal is repaid.
fn release(script: &mut Script, rng: &mut Rng, loan: &Loan<'_>, on: Day, fen: i64) {
    let event = if fen == loan.fen { Event::Released } else { Event::Repaid };
    let recorded = recorded(rng, on).max(loan.recorded);
    script.moves(recorded, Moving::new(loan.contract, event, on, fen));
}

/// Releases the oldest loans until `total` is reached, the last of them in part. Gives back the loans untouched.
fn release_in_turn<'a, 'f>(
    script: &mut Script,
    rng: &mut Rng,
    loans: &'a [Loan<'f>],
    total: i64,
    (from, to): (Day, Day),
) -> &'a [Loan<'f>] {
    let mut left = total;
    let mut used = 0;
    for loan in loans {
        if left == 0 {
            break;
        }
        let fen = loan.fen.min(left);
        left -= fen;
        used += 1;
        let on = between(rng, from, to);
        release(script, rng, loan, on, fen);
    }
    loans.get(used..).unwrap_or_default()
}

/// After the half-year of the reply one firm cannot pay and the guarantor does; another is late.
fn default(script: &mut Script, late: &Loan<'_>, compensated: &Loan<'_>) {
    let of = |loan: &Loan<'_>, event, on, fen| Moving::new(loan.contract, event, on, fen);
    script.moves(day(2021, 7, 6), of(compensated, Event::Overdue, day(2021, 7, 5), compensated.fen));
    let paid = Moving {
        interest: compensated.fen / 100,
        document: "演示代偿通知书〔2021〕1号".into(),
        note: "企业停产，资产已保全。".into(),
        ..of(compensated, Event::Compensated, day(2021, 7, 28), compensated.fen)
    };
    script.moves(day(2021, 7, 28), paid);
    script.moves(day(2021, 8, 9), of(compensated, Event::Recovered, day(2021, 8, 6), compensated.fen / 5));
    script.moves(day(2021, 8, 3), of(late, Event::Overdue, day(2021, 8, 2), late.fen));
}

/// An amount was typed ten times too large; the right contract is entered beside it, the wrong one reversed.
fn mistype(script: &mut Script, cast: &Cast, loans: &[Loan<'_>]) {
    if let Some(loan) = loans.iter().find(|l| l.on > day(2021, 4, 6) && l.fen <= 300 * WAN) {
        let first = promptly(&mut Rng::new("mistype"), loan.on);
        let mut wrong = signing(loan, cast.guarantor.who, 100, loan.fen * 10);
        wrong.number = format!("{}（误录）", loan.number);
        // Paying out is the act after signing.
        let signed = script.sign(first, wrong, loan.on);
        let fee = script.moves(first, charge(signed, loan.on, loan.fen / 10));
        let back = working_from(later(first, 4)).min(LAST);
        for event in [fee, signed + 1] {
            script.takes_back(back, event, "放款金额多录一位，已按合同另行登记");
        }
    }
}
