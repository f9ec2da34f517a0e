//! A monthly report as typed, and what it means for its project. Pure.

use chrono::NaiveDate;
use kernel::value::day::{Day, parse_day};
use kernel::value::money::{Fen, MoneyUnit};
use kernel::{Faults, Result};

use super::model::{Milestone, Move, Moves, Report, STEPS, moved, standing};
use super::rules::{first_of_month, month, month_label, over_plan, rules};

/// Longest text of a report, in characters.
const LONGEST: usize = 500;

/// A monthly report as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportForm {
    /// The month, such as `2021-07`.
    pub month: String,
    /// Number of the project's last report on the page; 0 for none. Who acts says what he saw.
    pub seen: String,
    /// Investment done in the month, in 万元.
    pub invested: String,
    /// What stands in the way.
    pub problem: String,
    /// Who is to solve that.
    pub problem_unit: String,
    /// What proves the investment: numbers of invoices, photographs.
    pub evidence: String,
    /// Why something is out of the ordinary.
    pub reason: String,
    /// Milestones by their place, from 0: state and day.
    pub milestones: Vec<(usize, String, String)>,
}

impl ReportForm {
    /// Out of the posted names and values; a foreign name is left alone. Milestones are named `m.0` and `d.0`.
    pub(super) fn of(fields: &[(String, String)]) -> Self {
        let mut form = Self::default();
        let text = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
        form.month = text("month");
        form.seen = text("seen");
        form.invested = text("invested");
        form.problem = text("problem");
        form.problem_unit = text("problem_unit");
        form.evidence = text("evidence");
        form.reason = text("reason");
        for (name, state) in fields {
            if let Some(place) = name.strip_prefix("m.").and_then(|n| n.parse::<usize>().ok()) {
                form.milestones.push((place, state.clone(), text(&format!("d.{place}"))));
            }
        }
        form
    }
}

/// A report that may be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Checked {
    pub month: Day,
    pub invested: Fen,
    pub moves: Moves,
    pub problem: String,
    pub problem_unit: String,
    pub evidence: String,
    pub reason: String,
}

/// What a report is held against.
pub(super) struct Against<'a> {
    /// Planned total investment.
    pub planned: Fen,
    /// The day the project began.
    pub began: Day,
    /// All its reports.
    pub reports: &'a [Report],
    /// Its milestones as they stand.
    pub milestones: &'a [Milestone],
    /// Today.
    pub today: Day,
}

/// The months before one, added up, and all others without it.
pub(super) fn sums(reports: &[Report], month: Day) -> (Fen, Fen) {
    let others = standing(reports).into_iter().filter(|report| report.month != month);
    let (mut before, mut others_sum) = (0, 0);
    for report in others {
        others_sum += report.invested.0;
        if report.month < month {
            before += report.invested.0;
        }
    }
    (Fen(before), Fen(others_sum))
}

/// Reads a report against its project: every fault at its field.
///
/// # Errors
/// [`kernel::Error::Invalid`].
pub(super) fn checked(form: &ReportForm, against: &Against<'_>) -> Result<Checked> {
    let mut faults = Faults::new();
    let month = read_month(form, against, &mut faults);
    let invested = read_invested(form, &mut faults);
    let moves = read_moves(form, against, &mut faults);
    let short = |field: &str, text: &str, faults: &mut Faults| {
        let text = text.trim();
        if text.chars().count() > LONGEST {
            faults.add(field, format!("最多 {LONGEST} 个字"));
        }
        text.to_owned()
    };
    let problem = short("problem", &form.problem, &mut faults);
    let problem_unit = short("problem_unit", &form.problem_unit, &mut faults);
    let evidence = short("evidence", &form.evidence, &mut faults);
    let reason = short("reason", &form.reason, &mut faults);
    if !problem.is_empty() && problem_unit.is_empty() {
        faults.add("problem_unit", "提出问题要写明由哪个单位负责解决");
    }
    if let (Some(month), Some(invested)) = (month, invested)
        && reason.is_empty()
        && let Some(asked) = asks_reason(month, invested, &moves, against)
    {
        faults.add("reason", asked);
    }
    let (month, invested) = (month.unwrap_or_default(), invested.unwrap_or_default());
    if sums(against.reports, month).1.0 + invested.0 < 0 {
        faults.add("invested", "冲减后累计完成投资会小于 0，请核对");
    }
    faults.or(Checked { month, invested, moves, problem, problem_unit, evidence, reason })
}

fn read_month(form: &ReportForm, against: &Against<'_>, faults: &mut Faults) -> Option<NaiveDate> {
    let Some(month) = month(&form.month) else {
        faults.add("month", "请填写月份，例如 2021-07");
        return None;
    };
    if month > against.today {
        faults.add("month", format!("{}还没有到，请填已经开始的月份", month_label(month)));
        return None;
    }
    if month < first_of_month(against.began) {
        faults.add("month", format!("项目 {} 开工，请填那以后的月份", against.began));
        return None;
    }
    Some(month)
}

fn read_invested(form: &ReportForm, faults: &mut Faults) -> Option<Fen> {
    if form.invested.trim().is_empty() {
        faults.add("invested", "请填写本月完成投资，没有的填 0");
        return None;
    }
    match Fen::parse(&form.invested, MoneyUnit::Wan) {
        // A thousand times the largest project of a city is a slip of the unit.
        Ok(fen) if fen.0.abs() > kernel::ledger::MOST_FEN / 10 => {
            faults.add("invested", "金额过大，请核对单位");
            None
        }
        Ok(fen) => Some(fen),
        Err(error) => {
            faults.add("invested", error.to_string());
            None
        }
    }
}

/// Milestones that the form says something else of than stands.
fn read_moves(form: &ReportForm, against: &Against<'_>, faults: &mut Faults) -> Moves {
    let mut moves = Moves::new();
    for (place, state, day) in &form.milestones {
        let Some(held) = against.milestones.get(*place) else { continue };
        let Some(step) = STEPS.iter().find(|step| step.code == state) else {
            faults.add(&format!("m.{place}"), "请选择里程碑的状态");
            continue;
        };
        let mut done_on = None;
        if step.code == "done" {
            match parse_day(day) {
                Ok(on) if on > against.today => faults.add(&format!("d.{place}"), format!("{on} 在今天之后，请核对")),
                Ok(on) => done_on = Some(on),
                Err(_) => faults.add(&format!("d.{place}"), "请填写完成日期，例如 2021-06-30"),
            }
        }
        if held.state != step.code || held.done_on != done_on {
            moves.insert(held.name.clone(), Move { state: step.code.to_owned(), done_on });
        }
    }
    moves
}

/// What a reason is asked for; nothing when all is in order.
fn asks_reason(month: Day, invested: Fen, moves: &Moves, against: &Against<'_>) -> Option<String> {
    let cumulative = Fen(sums(against.reports, month).1.0 + invested.0);
    let before: i64 = standing(against.reports).iter().map(|report| report.invested.0).sum();
    if standing(against.reports).iter().any(|report| report.month == month) {
        return Some(format!("{}已经报过，更正要写明原因", month_label(month)));
    }
    if invested.0 < 0 || cumulative.0 < before {
        return Some("累计完成投资比上次减少，请写明原因".to_owned());
    }
    if over_plan(against.planned, cumulative) {
        let rule = &rules().investment;
        let confirm = if rule.confirmed { "" } else { "，待确认" };
        return Some(format!(
            "累计 {} 万元，超过计划总投资 {} 万元的 {}%（{}{confirm}），请写明原因",
            cumulative.exact_wan(),
            against.planned.exact_wan(),
            100 + rule.over_plan_percent,
            rule.source
        ));
    }
    let undone = |one: &&Milestone| one.state == "done" && moves.get(&one.name).is_some_and(|to| to.state != "done");
    against.milestones.iter().find(undone).map(|one| format!("里程碑“{}”原报已完成，改回要写明原因", one.name))
}

/// Milestones after a report.
pub(super) fn after(against: &Against<'_>, checked: &Checked) -> Vec<Milestone> {
    moved(against.milestones, &checked.moves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use kernel::Error;
    use kernel::id::RecordId;

    fn day(text: &str) -> Day {
        parse_day(text).expect("a day")
    }

    fn reported(id: i64, month: &str, fen: i64) -> Report {
        Report {
            id,
            month: day(month),
            invested: Fen(fen),
            moves: Moves::new(),
            problem: String::new(),
            problem_unit: String::new(),
            evidence: String::new(),
            reason: String::new(),
            record: RecordId(1),
            at: DateTime::<Utc>::default(),
            by: String::new(),
        }
    }

    /// A plan of 100 万元, of which 110 are done with June's second report.
    fn told(month: &str, invested: &str, more: &[(&str, &str)]) -> Result<Checked> {
        let reports = [
            reported(1, "2021-05-01", 100_000_000),
            reported(2, "2021-06-01", 50_000_000),
            reported(3, "2021-06-01", 10_000_000),
        ];
        let milestones =
            [Milestone { name: "安装".into(), due_on: day("2021-06-30"), state: "todo".into(), done_on: None }];
        let mut fields: Vec<(String, String)> = [("month", month), ("invested", invested)]
            .iter()
            .chain(more)
            .map(|(n, v)| ((*n).into(), (*v).into()))
            .collect();
        fields.push(("csrf".into(), "x".into()));
        let against = Against {
            planned: Fen(100_000_000),
            began: day("2021-04-20"),
            reports: &reports,
            milestones: &milestones,
            today: day("2021-07-15"),
        };
        checked(&ReportForm::of(&fields), &against)
    }

    fn fault(field: &str, result: Result<Checked>) -> String {
        match result {
            Err(Error::Invalid(faults)) => faults.at(field).unwrap_or_default().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_month_in_order_needs_no_reason() {
        let found = told("2021-07", "10", &[("m.0", "done"), ("d.0", "2021-07-01")]).expect("in order");
        assert_eq!((found.invested, found.moves.len()), (Fen(10_000_000), 1));
        let found = told("2021-07", "0", &[("m.0", "todo"), ("d.0", "")]).expect("nothing done");
        assert_eq!((found.invested, found.moves.len()), (Fen(0), 0));
    }

    #[test]
    fn what_is_out_of_the_ordinary_asks_why() {
        assert!(fault("reason", told("2021-07", "10.000001", &[])).contains("超过计划总投资"));
        assert!(fault("reason", told("2021-07", "-1", &[])).contains("减少"));
        assert!(fault("reason", told("2021-06", "12", &[])).contains("更正要写明原因"));
        for (month, invested) in [("2021-07", "50"), ("2021-07", "-1"), ("2021-06", "12")] {
            assert!(told(month, invested, &[("reason", "设备涨价")]).is_ok(), "{month} {invested}");
        }
    }

    #[test]
    fn what_cannot_be_is_told_at_its_field() {
        for (field, result) in [
            ("month", told("2021-08", "1", &[])),
            ("month", told("2021-03", "1", &[])),
            ("month", told("", "1", &[])),
            ("invested", told("2021-07", "", &[])),
            ("invested", told("2021-07", "一百", &[])),
            ("invested", told("2021-07", "-111", &[("reason", "x")])),
            ("problem_unit", told("2021-07", "1", &[("problem", "缺用地手续")])),
            ("d.0", told("2021-07", "1", &[("m.0", "done"), ("d.0", "2021-07-16")])),
            ("d.0", told("2021-07", "1", &[("m.0", "done"), ("d.0", "")])),
            ("m.0", told("2021-07", "1", &[("m.0", "x")])),
        ] {
            assert_ne!(fault(field, result), "", "{field}");
        }
    }
}
