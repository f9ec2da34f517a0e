//! Events, the public account, universities, teams and providers.

use super::cast::{Cast, REPLY};
use super::days::{day, later, promptly, working_from};
use super::random::Rng;
use super::script::{Desk, Entry, Planned, Script, Who};
use super::share::even;
use kernel::Result;
use kernel::value::day::Day;

/// Firms on the study tour.
const ON_TOUR: usize = 11;
/// The account opens, and the last day whose reads are known.
const ACCOUNT_OPENED: Day = day(2021, 6, 8);
const READS_UNTIL: Day = day(2021, 8, 10);
/// Reads between the two days: above the 10,000 of the reply.
const READS: i64 = 12_486;

/// Puts events, content and talent into the script.
pub(super) fn plan(script: &mut Script, cast: &Cast) -> Result<()> {
    let mut rng = Rng::new("service");
    let bureau = cast.bureau()?;
    study_tour(script, &mut rng, cast, bureau);
    site_meeting(script, &mut rng, cast, bureau)?;
    cloud_training(script, &mut rng, cast, bureau);
    account(script, &mut rng, bureau);
    talent(script, &mut rng, cast)
}

fn study_tour(script: &mut Script, rng: &mut Rng, cast: &Cast, bureau: Who) {
    let on = day(2021, 3, 26);
    let mut entry = Entry::new("training", "龙头企业赴杭州学习考察")
        .detail("带队市领导2人，姓名不入演示数据；参加企业为演示企业。")
        .fact(Planned::new("training.event_held", bureau, on).class("study_tour"))
        .fact(Planned::new("training.leader_led", bureau, on).class("study_tour").quantity(2));
    for firm in cast.choose(rng, ON_TOUR, |f| f.leading) {
        entry = entry.fact(Planned::new("training.event_attended", firm.who, on).class("study_tour"));
    }
    script.enter(day(2021, 3, 29), Desk::Bureau, entry);
}

fn site_meeting(script: &mut Script, rng: &mut Rng, cast: &Cast, bureau: Who) -> Result<()> {
    let on = day(2021, 4, 29);
    let mut entry = Entry::new("training", "第一场工业互联网应用、智能化改造现场会（电子、装备行业）")
        .fact(Planned::new("training.event_held", bureau, on).class("site_meeting"))
        .fact(Planned::new("training.industry_covered", bureau, on).class("electronics"))
        .fact(Planned::new("training.industry_covered", bureau, on).class("equipment"));
    for key in ["shangda", "dongbei_electric"] {
        entry = entry.fact(Planned::new("training.site_visited", cast.named(key)?.who, on));
    }
    for firm in cast.choose(rng, 38, |f| f.above && ["34", "35", "38", "39"].contains(&f.division())) {
        entry = entry.fact(Planned::new("training.event_attended", firm.who, on).class("site_meeting"));
    }
    script.enter(day(2021, 4, 30), Desk::Bureau, entry);
    Ok(())
}

fn cloud_training(script: &mut Script, rng: &mut Rng, cast: &Cast, bureau: Who) {
    for (n, on, firms) in [(1, day(2021, 3, 18), 46), (2, day(2021, 5, 20), 58), (3, day(2021, 7, 15), 52)] {
        let mut entry = Entry::new("training", format!("“云行荆楚”上云培训（第{n}期）"))
            .detail("场次和参加企业为演示数据。")
            .fact(Planned::new("training.event_held", bureau, on).class("cloud_training"));
        for firm in cast.choose(rng, firms, |f| f.industrial() && !f.fresh) {
            entry = entry.fact(Planned::new("training.event_attended", firm.who, on).class("cloud_training"));
        }
        script.enter(promptly(rng, on), Desk::Bureau, entry);
    }
}

/// Reads are written down every Monday for the week before, and once more on the last day.
fn account(script: &mut Script, rng: &mut Rng, bureau: Who) {
    let entry = Entry::new("content", "“黄石工业互联网”微信公众号开通")
        .detail("答复只写开通2个月，开通日期按此推定。")
        .fact(Planned::new("content.account_opened", bureau, ACCOUNT_OPENED));
    script.enter(later(ACCOUNT_OPENED, 1), Desk::Bureau, entry);
    let days: Vec<Day> = ACCOUNT_OPENED.iter_days().take_while(|d| *d <= READS_UNTIL).collect();
    let reads = even(rng, READS, days.len(), 35, 700, 1);
    let daily: Vec<(Day, i64)> = days.into_iter().zip(reads).collect();
    for week in daily.chunk_by(|(a, _), (b, _)| a.week(WEEK).first_day() == b.week(WEEK).first_day()) {
        let (Some((first, _)), Some((last, _))) = (week.first(), week.last()) else { continue };
        let mut entry = Entry::new("content", format!("公众号阅读量周统计（{first}至{last}）"));
        for (on, quantity) in week {
            entry = entry.fact(Planned::new("content.article_read", bureau, *on).quantity(*quantity));
        }
        script.enter(working_from(later(*last, 1)), Desk::Bureau, entry);
    }
}

const WEEK: chrono::Weekday = chrono::Weekday::Mon;

/// Bodies that the reply states something of.
struct Stated {
    title: &'static str,
    keys: &'static [&'static str],
    kind: &'static str,
    class: &'static str,
    on: Day,
}

static STATED: [Stated; 5] = [
    Stated {
        title: "成立工业互联网研究服务机构",
        keys: &["normal_university", "polytechnic", "vocational"],
        kind: "talent.university_unit_founded",
        class: "",
        on: day(2021, 3, 12),
    },
    Stated {
        title: "产学研团队入库",
        keys: &["institute_team", "normal_team", "polytechnic_team"],
        kind: "talent.team_registered",
        class: "",
        on: day(2021, 4, 9),
    },
    Stated {
        title: "产学研项目合作（答复未写明与哪个团队，不登记对方）",
        keys: &["dongbei_group", "ruishi"],
        kind: "talent.cooperation_signed",
        class: "",
        on: day(2021, 5, 25),
    },
    Stated {
        title: "本地服务商列名",
        keys: &["city_data", "qidianchuang", "wangge", "zhongsu"],
        kind: "talent.provider_listed",
        class: "local",
        on: day(2021, 6, 30),
    },
    Stated {
        title: "外地服务商列名",
        keys: &["zhongkong", "haier_digital"],
        kind: "talent.provider_listed",
        class: "outside",
        on: day(2021, 6, 30),
    },
];

fn talent(script: &mut Script, rng: &mut Rng, cast: &Cast) -> Result<()> {
    for stated in &STATED {
        for key in stated.keys {
            let body = cast.named(key)?;
            let entry = Entry::new("talent", format!("{}：{}", stated.title, body.name))
                .detail(format!("{REPLY}所列；答复未写明日期，日期为演示假定。"))
                .fact(Planned::new(stated.kind, body.who, stated.on).class(stated.class));
            script.enter(promptly(rng, stated.on), Desk::Bureau, entry);
        }
    }
    Ok(())
}
