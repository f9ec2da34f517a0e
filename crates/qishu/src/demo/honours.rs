//! Honours and demonstrations.
//!
//! Of named bodies only what the reply states.
//! It gives no days, so such facts stand on the last day of the year it gives and say so.

use super::cast::{Body, Cast, Firm, REPLY};
use super::days::{day, promptly, recorded};
use super::random::Rng;
use super::script::{Declaration, Desk, Entry, Planned, Script, Who};
use kernel::Result;
use kernel::value::day::Day;

/// Industries of synthetic demonstration projects: class, how many, divisions.
const DEMONSTRATIONS: [(&str, usize, &[&str]); 6] = [
    ("electronics", 2, &["39"]),
    ("equipment", 1, &["34", "35"]),
    ("steel", 2, &["31"]),
    ("building_materials", 1, &["30"]),
    ("food", 2, &["13", "15"]),
    ("chemicals", 2, &["26", "27"]),
];

/// Puts honours and demonstrations into the script; gives back who holds a demonstration project.
pub(super) fn plan(script: &mut Script, cast: &Cast) -> Result<Vec<Who>> {
    let mut rng = Rng::new("honours");
    provincial(script, &mut rng, cast)?;
    national(script, &mut rng, cast)?;
    script.declare(
        day(2021, 1, 6),
        Declaration {
            indicator: "honours.cloud_benchmark_rank",
            value: "4",
            on: day(2020, 12, 31),
            source: "湖北省首批上云标杆企业名单按市州计数（外部公布）",
            office: "市经信局信息化科",
        },
    );
    demonstrations(script, &mut rng, cast)
}

fn award(script: &mut Script, rng: &mut Rng, who: Who, title: String, class: &'static str, on: Day, detail: &str) {
    let entry = Entry::new("honours", title).detail(detail).fact(Planned::new("honours.awarded", who, on).class(class));
    script.enter(recorded(rng, on), Desk::Bureau, entry);
}

fn undated() -> String {
    format!("{REPLY}所列；答复未写明日期，演示按所列年份的最后一日登记。")
}

fn provincial(script: &mut Script, rng: &mut Rng, cast: &Cast) -> Result<()> {
    let on = day(2020, 12, 31);
    for key in ["dingying", "dongbei_electric"] {
        let body = cast.named(key)?;
        let title = format!("{}省级智能制造示范项目", body.name);
        award(script, rng, body.who, title, "prov_smart_demo", on, &undated());
    }
    for (firm, on) in cast.choose(rng, 6, |f| f.above && f.size > 2).into_iter().zip([
        day(2020, 10, 20),
        day(2020, 10, 20),
        day(2020, 11, 30),
        day(2021, 5, 12),
        day(2021, 5, 12),
        day(2021, 6, 24),
    ]) {
        let title = format!("{}省级智能制造示范项目", firm.name);
        award(script, rng, firm.who, title, "prov_smart_demo", on, "演示企业。");
    }
    for key in ["daye_steel", "jinpai", "chenxin"] {
        let body = cast.named(key)?;
        let title = format!("{}入选湖北省首批上云标杆企业", body.name);
        award(script, rng, body.who, title, "prov_cloud_benchmark", on, &undated());
    }
    for firm in cast.choose(rng, 2, |f| f.above && f.size > 2) {
        let title = format!("{}入选湖北省首批上云标杆企业", firm.name);
        award(script, rng, firm.who, title, "prov_cloud_benchmark", day(2020, 12, 18), "演示企业。");
    }
    Ok(())
}

fn national(script: &mut Script, rng: &mut Rng, cast: &Cast) -> Result<()> {
    let on = day(2020, 12, 31);
    let huaxin = cast.named("huaxin")?;
    for (title, class) in [
        ("上榜工信部企业上云典型案例", "nat_cloud_case"),
        ("智能制造集成平台入选国家工业互联网试点示范项目", "nat_platform_pilot"),
    ] {
        award(script, rng, huaxin.who, format!("{}{title}", huaxin.name), class, on, &undated());
    }
    for key in ["daye_steel", "jinpai", "sanfeng"] {
        let body = cast.named(key)?;
        let title = format!("{}获国家级示范", body.name);
        let detail = format!("{}原文把几类国家级示范与几家企业一并列出，未逐一对应。", undated());
        award(script, rng, body.who, title, "nat_demo", on, &detail);
    }
    Ok(())
}

fn demonstrations(script: &mut Script, rng: &mut Rng, cast: &Cast) -> Result<Vec<Who>> {
    let bureau = cast.bureau()?;
    let opened = day(2021, 4, 12);
    let entry = Entry::new("honours", "智能化改造示范项目遴选通知").document("演示函〔2021〕21号").fact(Planned::new(
        "honours.round_opened",
        bureau,
        opened,
    ));
    script.enter(promptly(rng, opened), Desk::Bureau, entry);

    let mut holders: Vec<(Body, &'static str, &'static str)> = vec![
        (cast.named("renben")?, "智能化生产样板线", "equipment"),
        (cast.named("meihong")?, "中高端服饰智能工厂", "textile"),
    ];
    for (class, n, divisions) in DEMONSTRATIONS {
        for firm in cast.choose(rng, n, |f| f.above && divisions.contains(&f.division())) {
            let Firm { who, name, .. } = firm;
            holders.push((Body { who: *who, name: name.clone() }, "智能化改造示范项目", class));
        }
    }
    let announced = day(2021, 6, 22);
    for (body, project, class) in &holders {
        let entry = Entry::new("honours", format!("{}{project}", body.name))
            .document("演示公告〔2021〕9号")
            .detail("市级智能化改造示范项目名单。")
            .fact(Planned::new("honours.demo_announced", body.who, announced).class(class));
        script.enter(promptly(rng, announced), Desk::Bureau, entry);
    }
    let published = day(2021, 7, 8);
    let entry = Entry::new("honours", "《黄石市工业互联网及智能化改造优秀案例集（第一批）》")
        .detail("答复未写明案例数量和发布日期，日期为演示假定。")
        .fact(Planned::new("honours.casebook_published", bureau, published));
    script.enter(promptly(rng, published), Desk::Bureau, entry);
    Ok(holders.into_iter().map(|(body, ..)| body.who).collect())
}
