//! What the clock asks for: at night everything published is re-derived and every seal recomputed, in the morning of a
//! working day people are reminded.

use std::pin::Pin;

use kernel::Result;
use kernel::access::Actor;
use kernel::case::climb;
use kernel::job::{Job, Running, When};
use kernel::module::Module;
use kernel::publication::verify_all;
use kernel::seal::check_once_a_day;

/// Who writes down what was found.
const NAME: &str = "夜间复核";

/// The hours in which the night's work begins.
const NIGHT: When = When::Night((2, 30), (6, 0));

const JOBS: &[Job] = &[
    Job { code: "night.publications", label: "复核已发布的数字", when: NIGHT, run: publications },
    Job { code: "night.seals", label: "核对封存", when: NIGHT, run: seals },
    Job { code: "night.reminders", label: "催办提醒与每日汇总", when: When::WorkingDay, run: reminders },
];

/// The jobs that the clock asks for.
pub const MODULE: Module = Module { jobs: JOBS, ..Module::new("night", "定时作业") };

type Later<'a> = Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>>;

fn publications(job: &Running) -> Later<'_> {
    Box::pin(async move {
        let done = verify_all(job.store(), &Actor::system(NAME)).await?;
        let (mut alarms, mut moved) = (0, 0);
        for (id, title, found) in &done {
            if !found.alarms.is_empty() {
                tracing::error!(publication = id.0, alarms = found.alarms.len(), "{title}：发布的数字不能重现");
            }
            alarms += found.alarms.len();
            moved += found.drifts.len();
        }
        Ok(format!("复核 {} 份，{moved} 个数字有变动，{alarms} 个不能重现", done.len()))
    })
}

fn seals(job: &Running) -> Later<'_> {
    Box::pin(async move {
        let Some(checked) = check_once_a_day(job.store(), &Actor::system(NAME)).await? else {
            return Ok("今天已经核对过".into());
        };
        if checked.found > 0 {
            tracing::error!(found = checked.found, "封存复核：{}", checked.findings.join("；"));
        }
        Ok(format!("核对 {} 块、{} 条事实，发现 {} 处不符", checked.blocks, checked.facts, checked.found))
    })
}

/// Steps climbed, notices written and the end of the job are one act: it is done once, whatever happens to the runner.
fn reminders(job: &Running) -> Later<'_> {
    Box::pin(async move {
        let act = async |tx: &mut kernel::store::Tx| {
            let climbed = climb(tx).await?;
            let answer = format!("{} 件到了提醒的时候，提醒 {} 人", climbed.cases, climbed.people);
            job.finish_in(tx, &answer).await?;
            Ok(answer)
        };
        job.store().write_at(job.now(), &Actor::system("催办"), act).await
    })
}
