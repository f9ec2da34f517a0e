//! Special funds: the call of May 2021, budgets, and who is supported.
//!
//! 20 projects, 12 demonstrations and 111 diagnoses are supported: 42 of the 153 diagnosed firms are not.
//! Awards carry no amounts, so that none is invented for a named body.

use super::cast::{Cast, REPLY};
use super::days::{day, promptly};
use super::diagnosis::Diagnosed;
use super::projects::Project;
use super::random::Rng;
use super::script::{Desk, Entry, Planned, Script, Who};
use super::share::WAN;
use kernel::Result;

const PROJECTS: usize = 20;
const DIAGNOSES: usize = 111;
/// Diagnoses in one decision.
const BATCH: usize = 37;

/// Puts calls, budgets and awards into the script.
pub(super) fn plan(
    script: &mut Script,
    cast: &Cast,
    projects: &[Project<'_>],
    demonstrations: &[Who],
    diagnosed: &[Diagnosed<'_>],
) -> Result<()> {
    let mut rng = Rng::new("funds");
    calls(script, &mut rng, cast.bureau()?);
    municipal(script, &mut rng, cast.bureau()?);
    counties(script, &mut rng, cast)?;
    award_projects(script, projects, demonstrations);
    award_diagnoses(script, &mut rng, diagnosed);
    Ok(())
}

fn calls(script: &mut Script, rng: &mut Rng, bureau: Who) {
    for (title, on) in
        [("工业企业智能化改造技改补助申报通知", day(2021, 5, 11)), ("智能化改造示范项目资金申报通知", day(2021, 5, 17))]
    {
        let entry = Entry::new("funds", title).fact(Planned::new("funds.call_opened", bureau, on));
        script.enter(promptly(rng, on), Desk::Bureau, entry);
    }
}

/// Together 2,168 万元: above the 2,000 of the reply.
fn municipal(script: &mut Script, rng: &mut Rng, bureau: Who) {
    let on = day(2021, 5, 28);
    for (title, wan) in [
        ("市本级智能化改造专项资金安排（改造项目）", 1_264),
        ("市本级智能化改造专项资金安排（示范项目）", 460),
        ("市本级智能化改造专项资金安排（智能化诊断）", 444),
    ] {
        let fact = Planned::new("funds.budget_arranged", bureau, on).class("municipal").fen(wan * WAN);
        let entry = Entry::new("funds", title).document("演示财企〔2021〕15号").detail("金额为演示数据。").fact(fact);
        script.enter(promptly(rng, on), Desk::Bureau, entry);
    }
}

/// Together 5,360 万元: above the 5,000 of the reply.
fn counties(script: &mut Script, rng: &mut Rng, cast: &Cast) -> Result<()> {
    for (key, wan, on) in [
        ("daye_county", 2_150, day(2021, 6, 16)),
        ("yangxin_county", 1_230, day(2021, 6, 24)),
        ("zone", 1_980, day(2021, 7, 6)),
    ] {
        let body = cast.named(key)?;
        let fact = Planned::new("funds.budget_arranged", body.who, on).class("county").fen(wan * WAN);
        let entry = Entry::new("funds", format!("县市区智能化改造资金安排：{}", body.name))
            .detail(format!("{REPLY}只列合计，分项金额为演示数据。"))
            .fact(fact);
        script.enter(promptly(rng, on), Desk::Bureau, entry);
    }
    Ok(())
}

fn award_projects(script: &mut Script, projects: &[Project<'_>], demonstrations: &[Who]) {
    let on = day(2021, 7, 20);
    let mut entry = Entry::new("funds", "2021年智能化改造项目补助决定").document("演示财企〔2021〕22号");
    let finished = projects.iter().filter(|p| p.completed.is_some_and(|done| done < on));
    for project in finished.take(PROJECTS) {
        entry = entry.fact(Planned::new("funds.award_decided", project.firm.who, on).class("project"));
    }
    script.enter(day(2021, 7, 21), Desk::Bureau, entry);
    let mut entry = Entry::new("funds", "2021年智能化改造示范项目支持决定").document("演示财企〔2021〕23号");
    for who in demonstrations {
        entry = entry.fact(Planned::new("funds.award_decided", *who, on).class("demonstration"));
    }
    script.enter(day(2021, 7, 21), Desk::Bureau, entry);
}

/// The first firm and 110 others diagnosed before the decision.
fn award_diagnoses(script: &mut Script, rng: &mut Rng, diagnosed: &[Diagnosed<'_>]) {
    let on = day(2021, 7, 28);
    let mut firms: Vec<Who> = diagnosed.iter().filter(|d| d.on < on).map(|d| d.firm.who).collect();
    firms.sort_unstable();
    let others = firms.get_mut(1..).unwrap_or_default();
    rng.shuffle(others);
    firms.truncate(DIAGNOSES);
    for (n, batch) in firms.chunks(BATCH).enumerate() {
        let mut entry =
            Entry::new("funds", format!("2021年智能化诊断补助决定（第{}批）", n + 1)).document("演示财企〔2021〕24号");
        for who in batch {
            entry = entry.fact(Planned::new("funds.award_decided", *who, on).class("diagnosis"));
        }
        script.enter(day(2021, 7, 29), Desk::Bureau, entry);
    }
    if let Some(twice) = firms.first() {
        let again = Planned::new("funds.award_decided", *twice, on).class("diagnosis");
        let entry = Entry::new("funds", "2021年智能化诊断补助决定（补录）").fact(again);
        let ticket = script.enter(day(2021, 8, 3), Desk::Bureau, entry);
        script.reverse(day(2021, 8, 5), Desk::Bureau, ticket, "与第1批决定重复登记");
    }
}
