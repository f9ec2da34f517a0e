//! What the events of one contract come to, and which event may follow. Every balance of the ledgers comes from here.

use kernel::Faults;
use kernel::value::day::Day;
use kernel::value::money::Fen;

/// The largest amount of one entry, as of one fact: what is above it is a slip of the unit.
pub const MOST: Fen = Fen(kernel::ledger::MOST_FEN);

/// One of the three ledgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ledger {
    /// 融资担保.
    Guarantee,
    /// 创业担保贷款.
    Startup,
    /// 应急转贷（过桥）.
    Bridge,
}

impl Ledger {
    /// All three, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Guarantee, Self::Startup, Self::Bridge];

    /// Stored code.
    pub fn code(self) -> &'static str {
        ["guarantee", "startup", "bridge"][self as usize]
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        ["融资担保", "创业担保贷款", "过桥贷款"][self as usize]
    }

    /// Number in the database.
    pub fn number(self) -> i64 {
        self as i64 + 1
    }

    /// The ledger with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ledger| ledger.code() == code)
    }

    /// The ledger with this number.
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|ledger| ledger.number() == number)
    }

    /// The events its contracts take.
    pub fn events(self) -> &'static [Event] {
        use Event::{Compensated, Extended, Fee, Issued, Overdue, Recovered, Released, Repaid, WrittenOff};
        match self {
            Self::Guarantee => &[Issued, Extended, Repaid, Released, Overdue, Compensated, Recovered, WrittenOff, Fee],
            Self::Startup => &[Issued, Extended, Repaid, Overdue, Compensated, Recovered, WrittenOff],
            Self::Bridge => &[Issued, Extended, Repaid, Overdue, Fee],
        }
    }
}

/// What can happen to a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// The loan is paid out.
    Issued,
    /// The last day is moved.
    Extended,
    /// Principal comes back.
    Repaid,
    /// Responsibility ends without a repayment.
    Released,
    /// The borrower is late with so much.
    Overdue,
    /// The guarantor pays for the borrower.
    Compensated,
    /// Something of that comes back.
    Recovered,
    /// Something of that is lost for good.
    WrittenOff,
    /// A fee comes in.
    Fee,
}

impl Event {
    const ALL: [(Self, &'static str, &'static str); 9] = [
        (Self::Issued, "issued", "放款"),
        (Self::Extended, "extended", "展期"),
        (Self::Repaid, "repaid", "还本"),
        (Self::Released, "released", "解除责任"),
        (Self::Overdue, "overdue", "逾期"),
        (Self::Compensated, "compensated", "代偿"),
        (Self::Recovered, "recovered", "追偿收回"),
        (Self::WrittenOff, "written_off", "核销"),
        (Self::Fee, "fee", "收费"),
    ];

    /// Stored code.
    pub fn code(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        Self::ALL[self as usize].2
    }

    /// The event with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map(|(event, ..)| *event)
    }

    /// Whether its amount belongs to the running order of the contract: such events are entered in the order of their
    /// days, and taken back from the last. Fees are not.
    pub fn in_order(self) -> bool {
        self != Self::Fee
    }

    /// How it moves the balance: 1 up, −1 down, 0 not at all.
    pub fn moves(self) -> i64 {
        match self {
            Self::Issued => 1,
            Self::Repaid | Self::Released | Self::Compensated => -1,
            _ => 0,
        }
    }
}

/// What a contract says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Its ledger.
    pub ledger: Ledger,
    /// The most that is paid out.
    pub principal: Fen,
    /// The day it was signed.
    pub signed_on: Day,
}

/// One event as it is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub event: Event,
    /// The day it happened.
    pub on: Day,
    /// The principal, the recovery, the loss or the fee; 0 for an extension.
    pub amount: Fen,
    /// Interest that was paid with a compensation; 0 otherwise.
    pub interest: Fen,
    /// The new last day of an extension.
    pub due_on: Option<Day>,
}

/// What the events of a contract come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Book {
    /// Paid out.
    pub issued: Fen,
    /// Come back.
    pub repaid: Fen,
    /// Ended without repayment.
    pub released: Fen,
    /// Principal paid by the guarantor.
    pub compensated: Fen,
    /// Interest paid with it.
    pub interest: Fen,
    /// Come back of what was paid for the borrower.
    pub recovered: Fen,
    /// Lost of it.
    pub written_off: Fen,
    /// Fees.
    pub fees: Fen,
    /// How much was last said to be late; never more than the balance.
    pub overdue: Fen,
    /// Since when.
    pub overdue_on: Option<Day>,
    /// The last day.
    pub due_on: Option<Day>,
    /// The day of the last event that stands in order.
    pub last_on: Option<Day>,
}

impl Book {
    /// A contract without events.
    pub fn new(due_on: Day) -> Self {
        Self { due_on: Some(due_on), ..Self::default() }
    }

    /// The balance (在保余额, of loans without a guarantee the outstanding principal): issued − repaid − released −
    /// compensated.
    pub fn outstanding(&self) -> Fen {
        Fen(self.issued.0 - self.repaid.0 - self.released.0 - self.compensated.0)
    }

    /// What was paid for the borrower and neither came back nor is lost (代偿余额).
    pub fn claim(&self) -> Fen {
        Fen(self.compensated.0 + self.interest.0 - self.recovered.0 - self.written_off.0)
    }

    /// How the balance and the number of contracts in force move with a step: the difference of two books.
    pub fn moved(&self, after: &Self) -> (i64, i64) {
        let in_force = |book: &Self| i64::from(book.outstanding().0 > 0);
        (in_force(after) - in_force(self), after.outstanding().0 - self.outstanding().0)
    }

    /// The book after a step.
    ///
    /// # Errors
    /// Every fault at its field, in words that say what to do.
    pub fn after(&self, terms: &Terms, step: &Step) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        self.check(terms, step, &mut faults);
        if !faults.0.is_empty() {
            return Err(faults);
        }
        Ok(self.applied(step))
    }

    fn applied(&self, step: &Step) -> Self {
        let mut book = *self;
        let sum = match step.event {
            Event::Issued => &mut book.issued,
            Event::Repaid => &mut book.repaid,
            Event::Released => &mut book.released,
            Event::Compensated => &mut book.compensated,
            Event::Recovered => &mut book.recovered,
            Event::WrittenOff => &mut book.written_off,
            Event::Fee => &mut book.fees,
            Event::Overdue => &mut book.overdue,
            Event::Extended => &mut Fen(0),
        };
        match step.event {
            Event::Overdue => {
                *sum = step.amount;
                book.overdue_on = Some(step.on);
            }
            _ => sum.0 += step.amount.0,
        }
        book.interest.0 += step.interest.0;
        if step.event == Event::Extended {
            book.due_on = step.due_on;
            book.overdue = Fen(0);
        }
        if step.event.moves() < 0 {
            // Whoever pays, pays first what is late.
            book.overdue = Fen((book.overdue.0 - step.amount.0).max(0));
        }
        if book.overdue.0 == 0 {
            book.overdue_on = None;
        }
        if step.event.in_order() {
            book.last_on = Some(step.on);
        }
        book
    }

    fn check(&self, terms: &Terms, step: &Step, faults: &mut Faults) {
        if !terms.ledger.events().contains(&step.event) {
            faults.add("event", format!("{}台账没有“{}”", terms.ledger.label(), step.event.label()));
        }
        self.check_day(terms, step, faults);
        if step.event == Event::Extended {
            match step.due_on {
                Some(due) if self.due_on.is_none_or(|old| due > old) && due > step.on => {}
                Some(_) => faults.add("due_on", "展期后的到期日应晚于原到期日"),
                None => faults.add("due_on", "请填写展期后的到期日"),
            }
            if self.outstanding().0 == 0 {
                faults.add("event", "没有余额，不能展期");
            }
            return;
        }
        if step.amount.0 <= 0 {
            faults.add("amount", "金额应大于 0；更正请用冲销");
        }
        if step.amount > MOST || step.interest > MOST {
            faults.add("amount", "金额过大，请核对单位是否写错");
        }
        if step.interest.0 < 0 || (step.interest.0 > 0 && step.event != Event::Compensated) {
            faults.add("interest", "只有代偿填写利息，且不能为负");
        }
        self.check_amount(terms, step, faults);
    }

    fn check_day(&self, terms: &Terms, step: &Step, faults: &mut Faults) {
        if step.on < terms.signed_on {
            faults.add("on", format!("业务日期早于合同签订日期 {}，请核对", terms.signed_on));
        }
        if let Some(last) = self.last_on.filter(|last| step.event.in_order() && step.on < *last) {
            let told = format!("{last} 已有后面的登记；漏登的业务请先按相反顺序冲销其后的登记，再依次补登");
            faults.add("on", told);
        }
    }

    fn check_amount(&self, terms: &Terms, step: &Step, faults: &mut Faults) {
        let most = |faults: &mut Faults, what: &str, most: Fen| {
            if step.amount > most {
                faults.add("amount", format!("最多 {} 元（{what}）", most.yuan()));
            }
        };
        match step.event {
            Event::Issued => most(faults, "合同金额减去已放款", Fen(terms.principal.0 - self.issued.0)),
            Event::Repaid | Event::Released | Event::Overdue => most(faults, "现有余额", self.outstanding()),
            Event::Compensated => {
                most(faults, "现有余额", self.outstanding());
                if self.outstanding().0 > 0 && self.overdue.0 == 0 {
                    faults.add("event", "请先登记逾期，再登记代偿");
                }
            }
            Event::Recovered | Event::WrittenOff => most(faults, "代偿余额", self.claim()),
            Event::Fee | Event::Extended => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        kernel::value::day::parse_day(text).expect("a day")
    }

    fn terms() -> Terms {
        Terms { ledger: Ledger::Guarantee, principal: Fen(1000), signed_on: day("2021-01-01") }
    }

    fn step(event: Event, on: &str, amount: i64) -> Step {
        Step { event, on: day(on), amount: Fen(amount), interest: Fen(0), due_on: None }
    }

    fn told(book: &Book, step: Step) -> String {
        book.after(&terms(), &step).expect_err("refused").to_string()
    }

    #[test]
    fn a_loan_is_paid_out_repaid_in_part_and_compensated() {
        let mut book = Book::new(day("2021-12-31"));
        for s in [
            step(Event::Issued, "2021-01-05", 1000),
            step(Event::Repaid, "2021-06-01", 300),
            step(Event::Overdue, "2022-01-01", 700),
            Step { interest: Fen(20), ..step(Event::Compensated, "2022-02-01", 700) },
            step(Event::Recovered, "2022-03-01", 120),
            step(Event::WrittenOff, "2022-04-01", 600),
        ] {
            book = book.after(&terms(), &s).expect("allowed");
        }
        assert_eq!((book.outstanding(), book.claim(), book.overdue), (Fen(0), Fen(0), Fen(0)));
        assert!(told(&book, step(Event::Compensated, "2022-05-01", 1)).contains("现有余额"), "the case is closed");
        assert!(told(&book, step(Event::Recovered, "2022-05-01", 1)).contains("代偿余额"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_to_do() {
        let book = Book::new(day("2021-12-31"));
        let issued = book.after(&terms(), &step(Event::Issued, "2021-02-01", 800)).expect("allowed");
        for (book, step, words) in [
            (&book, step(Event::Issued, "2020-12-31", 1), "签订日期"),
            (&book, step(Event::Issued, "2021-02-01", 1001), "合同金额"),
            (&book, step(Event::Issued, "2021-02-01", 0), "大于 0"),
            (&issued, step(Event::Repaid, "2021-03-01", 801), "8.00 元"),
            (&issued, step(Event::Repaid, "2021-01-31", 1), "依次补登"),
            (&issued, step(Event::Compensated, "2021-03-01", 1), "先登记逾期"),
            (&issued, step(Event::Extended, "2021-03-01", 0), "到期日"),
            (&issued, Step { interest: Fen(1), ..step(Event::Repaid, "2021-03-01", 1) }, "只有代偿"),
        ] {
            let told = told(book, step);
            assert!(told.contains(words), "{told}");
        }
        let bridge = Terms { ledger: Ledger::Bridge, ..terms() };
        assert!(issued.after(&bridge, &step(Event::Compensated, "2021-03-01", 1)).is_err());
    }

    proptest! {
        #[test]
        fn no_sequence_of_events_makes_a_balance_negative(
            typed in prop::collection::vec((0usize..9, 0u64..3, -5i64..700, 0i64..30), 1..60),
        ) {
            let (terms, mut book, mut on) = (terms(), Book::new(day("2021-12-31")), day("2021-01-01"));
            let mut stock = (0, 0);
            for (event, later, amount, interest) in typed {
                on = on + chrono::Days::new(later);
                let event = Ledger::Guarantee.events()[event];
                let due_on = book.due_on.map(|due| due + chrono::Days::new(30));
                let step = Step { event, on, amount: Fen(amount), interest: Fen(interest), due_on };
                if let Ok(after) = book.after(&terms, &step) {
                    let (n, fen) = book.moved(&after);
                    stock = (stock.0 + n, stock.1 + fen);
                    book = after;
                }
                prop_assert!(book.outstanding().0 >= 0 && book.claim().0 >= 0 && book.overdue <= book.outstanding());
                prop_assert!(book.issued <= terms.principal);
                prop_assert_eq!(stock, (i64::from(book.outstanding().0 > 0), book.outstanding().0));
            }
        }
    }
}
