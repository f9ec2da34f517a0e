//! Diagnosis: institutions are selected, firms are diagnosed.
//!
//! 153 firms above designated size count in 2021.
//! Beside them stand those that do not, each for another reason: two were below designated size on the day
//! (one of them is above it since July), one entry was reversed, three were pilots of 2020.

use std::collections::HashSet;

use super::cast::{Body, Cast, Firm, REPLY};
use super::days::{between, day, later, promptly, recorded, working_from};
use super::random::Rng;
use super::script::{Change, Desk, Entry, Planned, Script, Who};
use kernel::value::day::Day;
use kernel::{Error, Result};

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
    for (n, done) in counted.iter().enumerate() {
        let by = rng.pick(&institutions).who;
        let entry = report(done.firm, by, done.on, n + 1);
        if correct_later(done) {
            enter_wrong_then_right(script, done, by, entry);
        } else {
            script.enter(recorded(&mut rng, done.on), Desk::Bureau, entry);
        }
    }
    repeat(script, &mut rng, &counted, &institutions);
    strays(script, &mut rng, cast, &counted, &institutions)?;
    move_and_drop(script, &counted)?;
    Ok(counted)
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
    let mut entry = Entry::new("diagnosis", "智能化改造诊断服务机构遴选结果公告")
        .document("演示公告〔2021〕3号")
        .detail(format!("公开遴选入选机构7家，其中浙江中控见{REPLY}，其余为演示机构。"));
    for institution in &institutions {
        entry = entry.fact(Planned::new("diagnosis.institution_selected", institution.who, on));
    }
    script.enter(on, Desk::Bureau, entry);
    Ok(institutions)
}

fn report(firm: &Firm, by: Who, on: Day, number: usize) -> Entry {
    Entry::new("diagnosis", format!("智能化诊断报告验收单：{}", firm.name))
        .document(format!("演示诊断〔2021〕{number:03}号"))
        .detail("报告含现状、案例、调研、上云分析、能力测评、方案建议六部分，专家验收通过。")
        .fact(Planned::new("diagnosis.completed", firm.who, on).with(by))
}

/// The day was typed wrongly; five days later the entry is reversed and made again.
fn enter_wrong_then_right(script: &mut Script, done: &Diagnosed<'_>, by: Who, right: Entry) {
    let mut wrong = right.clone();
    wrong.facts = vec![Planned::new("diagnosis.completed", done.firm.who, later(done.on, -20)).with(by)];
    let ticket = script.enter(working_from(done.on), Desk::Bureau, wrong);
    let corrected = working_from(later(done.on, 5));
    script.reverse(corrected, Desk::Bureau, ticket, "完成日期登记有误，按验收单日期重新登记");
    script.enter(corrected, Desk::Bureau, right);
}

/// Three firms are visited a second time; they still count once.
fn repeat(script: &mut Script, rng: &mut Rng, counted: &[Diagnosed<'_>], institutions: &[Body]) {
    for (n, done) in counted.iter().filter(|d| d.firm.unit == 1 && d.on < day(2021, 5, 31)).take(3).enumerate() {
        let on = working_from(later(done.on, 45));
        let by = rng.pick(institutions).who;
        let entry = report(done.firm, by, on, 154 + n).detail("回访复诊，补充产线数据采集方案。");
        script.enter(recorded(rng, on), Desk::Bureau, entry);
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
            let entry = report(firm, by, on, number).detail("企业自愿参加诊断，诊断当日未纳入规上名录。");
            script.enter(promptly(rng, on), Desk::Bureau, entry);
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
        let ticket = script.enter(day(2021, 6, 11), Desk::Bureau, report(firm, by, day(2021, 6, 10), 163));
        script.reverse(day(2021, 6, 28), Desk::Bureau, ticket, "报告未通过专家验收，登记错误，予以冲销");
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
