//! The plan with its years, tasks and targets, the monthly meetings, and changes to the registry.

use super::cast::Cast;
use super::city::CityFile;
use super::days::{BOOKS_OPEN, GO_LIVE, day, later, promptly};
use super::random::Rng;
use super::script::{Change, Declaration, Desk, Entry, OrgPlan, Planned, Script, TargetPlan};
use kernel::Result;
use kernel::value::day::Day;

const TASKS: [&str; 5] = ["foundation", "platform", "renewal", "fusion", "ecology"];
const YEARS: [&str; 3] = ["2021", "2022", "2023"];
const LADDER: [&str; 4] = ["automation", "digital", "network", "intelligence"];
const MEETINGS: [Day; 8] = [
    day(2021, 1, 22),
    day(2021, 2, 26),
    day(2021, 3, 25),
    day(2021, 4, 27),
    day(2021, 5, 26),
    day(2021, 6, 25),
    day(2021, 7, 27),
    day(2021, 8, 6),
];

/// Puts the plan, its targets, the meetings and changes to the registry into the script.
pub(super) fn plan(script: &mut Script, cast: &Cast, city: &CityFile) -> Result<()> {
    let mut rng = Rng::new("govern");
    adopt(script, cast, city)?;
    targets(script, city);
    let bureau = cast.bureau()?;
    for (n, on) in MEETINGS.into_iter().enumerate() {
        let entry = Entry::new("meetings", format!("第{}次项目推进调度会纪要", n + 1))
            .document(format!("演示纪要〔2021〕{}期", n + 1))
            .fact(Planned::new("meetings.dispatch_held", bureau, on));
        script.enter(promptly(&mut rng, on), Desk::Bureau, entry);
    }
    registry(script, &mut rng, cast);
    Ok(())
}

fn adopt(script: &mut Script, cast: &Cast, city: &CityFile) -> Result<()> {
    let bureau = cast.bureau()?;
    let on = day(2021, 1, 20);
    let mut entry = Entry::new("plans", city.targets.plan_source.clone()).detail("印发日期为演示假定。");
    for class in TASKS {
        entry = entry.fact(Planned::new("plans.task_adopted", bureau, on).class(class));
    }
    for class in YEARS {
        entry = entry.fact(Planned::new("plans.year_covered", bureau, on).class(class));
    }
    script.enter(on, Desk::Bureau, entry);
    let on = day(2021, 2, 5);
    let mut entry = Entry::new("plans", "标杆示范分层推进方案").detail("印发日期为演示假定。");
    for class in LADDER {
        entry = entry.fact(Planned::new("plans.ladder_level_adopted", bureau, on).class(class));
    }
    script.enter(on, Desk::Bureau, entry);
    script.declare(
        day(2021, 3, 1),
        Declaration {
            indicator: "plans.monitor_platform_due",
            value: "2021-12-31",
            on: day(2021, 3, 1),
            source: "工业数据平台初步建设方案",
            office: "市经信局信息化科",
        },
    );
    Ok(())
}

fn targets(script: &mut Script, city: &CityFile) {
    let on = day(2021, 1, 25);
    let t = &city.targets;
    for (indicator, values) in [("diagnosis.completed", &t.diagnosis), ("projects.completed", &t.projects)] {
        for (unit, value) in city.unit.iter().zip(values) {
            let target =
                TargetPlan { indicator, period: "2021", unit: unit.id, value: *value, source: t.source.clone() };
            script.target(on, target);
        }
    }
    let target = TargetPlan {
        indicator: "diagnosis.plan_coverage",
        period: "2021-2023",
        unit: 0,
        value: t.plan_coverage,
        source: t.plan_source.clone(),
    };
    script.target(on, target);
}

/// Four firms are renamed, two change their trade, one is entered a second time under an old local number.
fn registry(script: &mut Script, rng: &mut Rng, cast: &Cast) {
    let firms = cast.choose(rng, 7, |f| f.above && f.size == 2 && !f.leading);
    let days = [day(2021, 2, 8), day(2021, 3, 19), day(2021, 5, 14), day(2021, 7, 16)];
    for (firm, from) in firms.iter().skip(1).zip(days) {
        let name = firm.name.replace("有限公司", "科技有限公司");
        let source = "名称变更登记（演示）".to_owned();
        let change = Change { who: firm.who, attribute: "name", value: name, from, source };
        script.change(promptly(rng, later(from, 6)), change);
    }
    for (firm, value) in firms.iter().skip(5).zip(["3484", "3099"]) {
        let source = "行业代码核定，自2021年起适用（演示）".to_owned();
        let change =
            Change { who: firm.who, attribute: "industry", value: value.into(), from: day(2021, 1, 1), source };
        script.change(day(2021, 6, 9), change);
    }
    if let Some(firm) = firms.first() {
        let attributes = vec![("name".to_owned(), firm.name.clone()), ("unit".to_owned(), firm.unit.to_string())];
        let double = OrgPlan {
            kind: "enterprise".to_owned(),
            credit_code: None,
            local_code: Some("HS-OLD-0001".to_owned()),
            since: BOOKS_OPEN,
            attributes,
            source: "旧台账编号，待与现有档案合并（演示）".to_owned(),
        };
        script.register(GO_LIVE, Desk::TakeOver, double);
    }
}
