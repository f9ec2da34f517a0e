//! Diagnosis: institutions are selected, firms are diagnosed, by the same flows as in the office; what is said in the
//! papers of an order stands in [`super::papers`].
//!
//! 153 firms above designated size count in 2021.
//! Beside them stand those that do not, each for another reason: two were below designated size on the day
//! (one of them is above it since July), one acceptance was revoked, three were pilots of 2020.

use std::collections::HashSet;

use super::cast::{Body, Cast, Firm, REPLY};
use super::days::{between, day, later, promptly, recorded, working_from};
use super::papers;
use super::random::Rng;
use super::script::{Change, Desk, Entry, Matter, Planned, Script, Step, Typed, Who};
use kernel::value::day::Day;
use kernel::{Error, Result};
use transform::diagnosis::{ORDER, SELECTION};

/// Firms that count in 2021, by unit in the order of their numbers: 153 together.
const COUNTED: [usize; 7] = [47, 27, 8, 15, 16, 34, 6];

/// A firm that counts, and since when.
pub(super) struct Diagnosed<'a> {
    pub firm: &'a Firm,
    pub on: Day,
}

/// Puts everything about diagnosis into the script.
pub(super) fn plan<'a>(script: &mut Script, cast: &'a Cast) -> Result<Vec<Diagnosed<'a>>> {
    let mut rng = Rng::new("diagnosis");
    let institutions = select_institutions(script, cast)?;
    let mut counted = Vec::new();
    for (unit, n) in (1..).zip(COUNTED) {
        for (nth, firm) in cast.choose(&mut rng, n, |f| f.above && f.unit == unit).into_iter().enumerate() {
            let on = fixed(unit, nth).unwrap_or_else(|| between(&mut rng, day(2021, 3, 15), day(2021, 8, 6)));
            counted.push(Diagnosed { firm, on });
        }
    }
    counted.sort_by_key(|d| (d.on, d.firm.who));
    let mut matters = Vec::new();
    for (n, done) in counted.iter().enumerate() {
        let by = rng.pick(&institutions).who;
        let matter = order(script, done.firm, by, done.on, n + 1);
        if correct_later(done) {
            accept_wrongly_then_rightly(script, matter, done);
        } else {
            accept(script, matter, recorded(&mut rng, done.on), done.on, n + 1);
        }
        matters.push(matter);
    }
    repeat(script, &mut rng, &counted, &matters, &institutions);
    strays(script, &mut rng, cast, &counted, &institutions)?;
    move_and_drop(script, &counted)?;
    // The one that the reply names is paid nothing here: no amount is invented for it.
    for institution in institutions.iter().skip(1).take(4) {
        script.settle(day(2021, 7, 16), institution.who, 2021);
    }
    Ok(counted)
}

fn text(text: impl ToString) -> Typed {
    Typed::Text(text.to_string())
}

/// An order of a firm, up to the confirmation of its report by the enterprise.
fn order(script: &mut Script, firm: &Firm, by: Who, on: Day, number: usize) -> Matter {
    let back = |days: i64| working_from(later(on, -days));
    let (entered, delivered) = (back(9), back(3));
    let asked = vec![("plan_year", text(2021))];
    let matter = script.open(back(13), Desk::Enterprise, (ORDER.code, firm.who), asked);
    let mut step = |on: Day, desk, step| script.step(on, desk, matter, step);
    step(back(12), Desk::Bureau, Step::with("assign", "institution", Typed::Body(by)));
    step(back(11), Desk::Institution, Step::act("take"));
    step(entered, Desk::Institution, Step::with("enter", "on_site_on", text(entered)));
    step(back(4), Desk::Institution, Step::Papers(papers::of(number, firm.division())));
    let deliver = || Step::Do {
        action: "deliver",
        typed: vec![("report_no", text(format!("演示诊断〔2021〕{number:03}号"))), ("reported_on", text(delivered))],
        note: "",
    };
    step(delivered, Desk::Institution, deliver());
    if number.is_multiple_of(11) {
        step(delivered, Desk::Enterprise, Step::because("return", "设备台数与现场不符，请核对"));
        step(back(2), Desk::Institution, deliver());
    }
    step(back(1), Desk::Enterprise, Step::act("confirm"));
    matter
}

/// The bureau accepts, and some enterprises say what they thought of it.
fn accept(script: &mut Script, matter: Matter, at: Day, on: Day, number: usize) {
    script.step(at, Desk::Bureau, matter, Step::with("accept", "completed_on", text(on)));
    if number.is_multiple_of(4) {
        let (stars, words) = [(5, "建议具体，可以照做"), (4, ""), (5, ""), (3, "现场时间偏短")][number / 4 % 4];
        script.step(at, Desk::Enterprise, matter, Step::Rate(stars, words));
    }
}

/// Days that other parts of the story depend on: the first firm's, whose award follows; a firm that moves later, one that falls below the scale later,
/// two whose day was first written down wrongly.
fn fixed(unit: i64, nth: usize) -> Option<Day> {
    match (unit, nth) {
        (1, 0) => Some(day(2021, 4, 15)),
        (5, 0) => Some(day(2021, 4, 8)),
        (2, 0) => Some(day(2021, 4, 20)),
        (6, 0) => Some(day(2021, 5, 26)),
        (6, 1) => Some(day(2021, 6, 2)),
        _ => None,
    }
}

fn at<'a>(counted: &'a [Diagnosed<'_>], unit: i64, on: Day) -> Result<&'a Firm> {
    let found = counted.iter().find(|d| d.firm.unit == unit && d.on == on);
    found.map(|d| d.firm).ok_or_else(|| Error::Internal("demo: a fixed diagnosis is missing".into()))
}

fn correct_later(done: &Diagnosed<'_>) -> bool {
    done.firm.unit == 6 && [day(2021, 5, 26), day(2021, 6, 2)].contains(&done.on)
}

fn select_institutions(script: &mut Script, cast: &Cast) -> Result<Vec<Body>> {
    let mut institutions = vec![cast.named("zhongkong")?];
    institutions.extend(cast.institutions.iter().cloned());
    let on = day(2021, 2, 26);
    for (n, institution) in institutions.iter().enumerate() {
        let qualification =
            if n == 0 { format!("见{REPLY}") } else { "演示机构，资质和案例从略".to_owned() };
        let applied = vec![("round", text("2021年公开遴选（演示）")), ("qualification", text(qualification))];
        let matter = script.open(day(2021, 1, 20), Desk::Institution, (SELECTION.code, institution.who), applied);
        let score = Step::with("notice", "score", text(95 - n));
        script.step(day(2021, 2, 18), Desk::Bureau, matter, score);
        let typed = vec![
            ("document", text("演示公告〔2021〕3号")),
            ("selected_on", text(on)),
            ("valid_from", text(day(2021, 3, 1))),
            ("valid_to", text(day(2023, 12, 31))),
            ("quota", text(60)),
        ];
        script.step(on, Desk::Bureau, matter, Step::Do { action: "select", typed, note: "" });
    }
    Ok(institutions)
}

/// A visit that is repeated, as the sheet of the office has it.
fn report(firm: &Firm, by: Who, on: Day, number: usize) -> Entry {
    Entry::new("diagnosis", format!("智能化诊断报告验收单：{}", firm.name))
        .document(format!("演示诊断〔2021〕{number:03}号"))
        .fact(Planned::new("diagnosis.completed", firm.who, on).with(by))
}

/// The day was typed wrongly; five days later the acceptance is revoked and made again.
fn accept_wrongly_then_rightly(script: &mut Script, matter: Matter, done: &Diagnosed<'_>) {
    let corrected = working_from(later(done.on, 5));
    let accept = |on: Day| Step::with("accept", "completed_on", text(on));
    script.step(working_from(done.on), Desk::Bureau, matter, accept(later(done.on, -2)));
    script.step(corrected, Desk::Bureau, matter, Step::because("revoke", "完成日期登记有误，按验收单日期重新登记"));
    script.step(corrected, Desk::Enterprise, matter, Step::act("confirm"));
    script.step(corrected, Desk::Bureau, matter, accept(done.on));
}

/// Three firms are visited and assessed a second time; they still count once.
fn repeat(script: &mut Script, rng: &mut Rng, counted: &[Diagnosed<'_>], matters: &[Matter], institutions: &[Body]) {
    let early = counted.iter().zip(matters).filter(|(d, _)| d.firm.unit == 1 && d.on < day(2021, 5, 31));
    for (n, (done, matter)) in early.take(3).enumerate() {
        let on = working_from(later(done.on, 45));
        let by = rng.pick(institutions).who;
        let entry = report(done.firm, by, on, 154 + n).detail("回访复诊，补充产线数据采集方案。");
        script.enter(recorded(rng, on), Desk::Bureau, entry);
        script.step(on, Desk::Institution, *matter, Step::Papers(papers::again(n)));
    }
}

/// Those that do not count.
fn strays(
    script: &mut Script,
    rng: &mut Rng,
    cast: &Cast,
    counted: &[Diagnosed<'_>],
    institutions: &[Body],
) -> Result<()> {
    let taken: HashSet<Who> = counted.iter().map(|d| d.firm.who).collect();
    let by = institutions[0].who;
    let below = cast.choose(rng, 1, |f| f.industrial() && !f.above && !f.fresh && f.unit == 1);
    let rising = cast.choose(rng, 1, |f| f.industrial() && !f.above && !f.fresh && f.unit == 6 && f.size == 2);
    for (firms, on, number) in [(&below, day(2021, 4, 22), 161), (&rising, day(2021, 5, 18), 162)] {
        for firm in firms {
            let matter = order(script, firm, by, on, number);
            accept(script, matter, promptly(rng, on), on, number);
        }
    }
    for firm in rising {
        let change = Change {
            who: firm.who,
            attribute: "above_scale",
            value: "1".into(),
            from: day(2021, 7, 1),
            source: "月度升规入库名单（演示）".into(),
        };
        script.change(day(2021, 7, 8), change);
    }
    for firm in cast.choose(rng, 1, |f| f.above && f.unit == 4 && !taken.contains(&f.who)) {
        let matter = order(script, firm, by, day(2021, 6, 10), 163);
        accept(script, matter, day(2021, 6, 11), day(2021, 6, 10), 163);
        script.step(day(2021, 6, 28), Desk::Bureau, matter, Step::because("revoke", "专家复核认为报告不符合要求"));
    }
    for firm in cast.choose(rng, 3, |f| f.above && f.unit == 3 && !taken.contains(&f.who)) {
        let on = between(rng, day(2020, 11, 9), day(2020, 11, 27));
        let entry = Entry::new("diagnosis", format!("智能化诊断试点报告：{}", firm.name))
            .document("2020年诊断试点台账")
            .fact(Planned::new("diagnosis.completed", firm.who, on));
        script.enter(recorded(rng, on), Desk::TakeOver, entry);
    }
    Ok(())
}

/// After its diagnosis one firm moves to another unit, and one falls below designated size.
fn move_and_drop(script: &mut Script, counted: &[Diagnosed<'_>]) -> Result<()> {
    let mover = at(counted, 5, day(2021, 4, 8))?.who;
    let dropped = at(counted, 2, day(2021, 4, 20))?.who;
    for (on, who, attribute, value, from, source) in [
        (day(2021, 5, 11), mover, "unit", "6", day(2021, 5, 1), "企业搬迁，填报单元调整通知（演示）"),
        (day(2021, 5, 11), mover, "region", "420205", day(2021, 5, 1), "企业搬迁，住所变更登记（演示）"),
        (day(2021, 7, 12), dropped, "above_scale", "0", day(2021, 7, 1), "月度退库名单（演示）"),
    ] {
        let change = Change { who, attribute, value: value.into(), from, source: source.into() };
        script.change(on, change);
    }
    Ok(())
}
