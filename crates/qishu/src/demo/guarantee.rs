//! Guaranteed loans and what is in force.
//!
//! First half of 2021: 163 firms, 13.76 亿元.
//! In force at the end of June: 6.00 (issued in 2019) + 13.80 (2020) + 13.76 (2021) − 7.00 (released) = 26.56 亿元.

use super::cast::{Cast, Firm};
use super::days::{HALF_END, LAST, between, day, later, promptly, recorded, working_from};
use super::random::Rng;
use super::script::{Desk, Entry, Planned, Script, Who};
use super::share::{WAN, YI, even};
use kernel::value::day::Day;

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
}

/// Loans of one stretch: how many firms, how many loans, their sum, and the days.
struct Stretch {
    firms: usize,
    loans: usize,
    total: i64,
    from: Day,
    to: Day,
}

const IN_2019: Stretch = Stretch { firms: 82, loans: 90, total: 6 * YI, from: day(2019, 2, 18), to: day(2019, 12, 20) };
const IN_2020: Stretch =
    Stretch { firms: 158, loans: 190, total: 138 * YI / 10, from: day(2020, 3, 23), to: day(2020, 12, 25) };
const FIRST_HALF: Stretch =
    Stretch { firms: 163, loans: 196, total: 1376 * YI / 100, from: day(2021, 1, 5), to: HALF_END };
const SINCE_JULY: Stretch =
    Stretch { firms: 31, loans: 34, total: 22 * YI / 10, from: day(2021, 7, 1), to: day(2021, 8, 10) };

/// Puts guaranteed loans and releases into the script; gives back the fees taken by the end of June.
pub(super) fn plan(script: &mut Script, cast: &Cast) -> i64 {
    let mut rng = Rng::new("guarantee");
    let of_2019 = loans(&mut rng, cast, &IN_2019);
    let of_2020 = loans(&mut rng, cast, &IN_2020);
    let first_half = loans(&mut rng, cast, &FIRST_HALF);
    let since_july = loans(&mut rng, cast, &SINCE_JULY);
    let mut fees = 0;
    for loan in of_2019.iter().chain(&of_2020) {
        issue(script, &mut rng, cast, loan);
    }
    for loan in &first_half {
        fees += issue(script, &mut rng, cast, loan);
    }
    for loan in &since_july {
        issue(script, &mut rng, cast, loan);
    }
    mistype(script, cast, &first_half);
    for loan in &of_2019 {
        let on = working_from(later(loan.on, rng.between(350, 400)));
        release(script, &mut rng, loan, on, loan.fen);
    }
    let rest = release_in_turn(script, &mut rng, &of_2020, RELEASED_2020, (day(2021, 2, 22), HALF_END));
    release_in_turn(script, &mut rng, rest, RELEASED_LATER, (day(2021, 7, 2), day(2021, 8, 9)));
    fees
}

fn loans<'a>(rng: &mut Rng, cast: &'a Cast, s: &Stretch) -> Vec<Loan<'a>> {
    let firms = cast.choose(rng, s.firms, |f| f.sme() && f.size > 1 && !f.fresh && f.founded < later(s.from, -90));
    let amounts = even(rng, s.total, s.loans, 50 * WAN, 2_000 * WAN, STEP);
    let mut loans = Vec::new();
    for (firm, fen) in firms.iter().cycle().zip(amounts) {
        let bank = rng.pick(&cast.banks[..12]).who;
        loans.push(Loan { firm, on: between(rng, s.from, s.to), fen, bank });
    }
    loans.sort_by_key(|l| (l.on, l.firm.who));
    loans
}

/// A loan with its fee, which is charged in 2021 only: earlier income was not taken over. Gives back the fee.
fn issue(script: &mut Script, rng: &mut Rng, cast: &Cast, loan: &Loan<'_>) -> i64 {
    let rate_bp = *rng.pick(&[60, 70, 80, 80, 85, 90, 100]);
    let fee = if loan.on < day(2021, 1, 1) { 0 } else { loan.fen / 10_000 * rate_bp };
    let mut entry = contract(loan, loan.fen);
    if fee > 0 {
        let income = Planned::new("guarantee.income_received", cast.guarantor.who, loan.on);
        entry = entry
            .fact(income.class("guarantee_fee").with(loan.firm.who).fen(fee))
            .detail(format!("担保费率{}。", percent(rate_bp)));
    }
    script.enter(recorded(rng, loan.on), Desk::Guarantor, entry);
    fee
}

fn percent(rate_bp: i64) -> String {
    format!("{}.{:02}%", rate_bp / 100, rate_bp % 100)
}

fn contract(loan: &Loan<'_>, fen: i64) -> Entry {
    Entry::new("guarantee", format!("融资担保贷款合同：{}", loan.firm.name))
        .document(format!("演示担保{}", loan.on.format("%Y%m%d")))
        .fact(Planned::new("guarantee.loan_guaranteed", loan.firm.who, loan.on).with(loan.bank).fen(fen))
        .fact(Planned::new("guarantee.in_force_moved", loan.firm.who, loan.on).with(loan.bank).fen(fen))
}

/// A loan ends when all of it is released; a part only lowers the amount.
fn release(script: &mut Script, rng: &mut Rng, loan: &Loan<'_>, on: Day, fen: i64) {
    let whole = fen == loan.fen;
    let title = if whole { "解除担保责任通知" } else { "部分还本，担保责任减少" };
    let fact = Planned::new("guarantee.in_force_moved", loan.firm.who, on).with(loan.bank);
    let entry = Entry::new("guarantee", format!("{title}：{}", loan.firm.name))
        .document(format!("演示担保{}", loan.on.format("%Y%m%d")))
        .fact(fact.quantity(if whole { -1 } else { 0 }).fen(-fen));
    script.enter(recorded(rng, on), Desk::Guarantor, entry);
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

/// An amount was typed ten times too large; the right contract is entered beside it, the wrong one reversed.
fn mistype(script: &mut Script, cast: &Cast, loans: &[Loan<'_>]) {
    if let Some(loan) = loans.iter().find(|l| l.on > day(2021, 4, 6)) {
        let first = promptly(&mut Rng::new("mistype"), loan.on);
        let income = Planned::new("guarantee.income_received", cast.guarantor.who, loan.on);
        let wrong =
            contract(loan, loan.fen * 10).fact(income.class("guarantee_fee").with(loan.firm.who).fen(loan.fen / 10));
        let ticket = script.enter(first, Desk::Guarantor, wrong);
        script.reverse(
            working_from(later(first, 4)).min(LAST),
            Desk::Guarantor,
            ticket,
            "放款金额多录一位，已按合同另行登记",
        );
    }
}
