//! The night's work of a server: at 02:30, Asia/Shanghai, everything published is re-derived and every seal recomputed.

use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use kernel::access::Actor;
use kernel::publication::verify_all;
use kernel::seal::check_once_a_day;
use kernel::store::Store;
use kernel::value::day::china;

/// Who writes down what was found.
const NAME: &str = "夜间复核";

/// Works every night for as long as the store lives; what fails is told in the log and tried the night after.
pub async fn work(store: Store) {
    loop {
        tokio::time::sleep(until_next(Utc::now())).await;
        match verify_all(&store, &Actor::system(NAME)).await {
            Ok(done) => {
                for (id, title, found) in done {
                    let (alarms, moved) = (found.alarms.len(), found.drifts.len());
                    if alarms > 0 {
                        tracing::error!(publication = id.0, alarms, moved, "{title}：发布的数字不能重现");
                    } else {
                        tracing::info!(publication = id.0, moved, "{title}：已复核");
                    }
                }
            }
            Err(error) => tracing::error!("夜间复核没有做完：{}", error.detail()),
        }
        match check_once_a_day(&store, &Actor::system(NAME)).await {
            Ok(Some(checked)) if checked.found > 0 => {
                tracing::error!(found = checked.found, "封存复核：{}", checked.findings.join("；"));
            }
            Ok(Some(checked)) => tracing::info!(blocks = checked.blocks, facts = checked.facts, "封存复核：完好"),
            Ok(None) => {}
            Err(error) => tracing::error!("封存复核没有做完：{}", error.detail()),
        }
    }
}

/// How long it is until the next 02:30 in China.
fn until_next(now: DateTime<Utc>) -> Duration {
    let day = Duration::from_secs(24 * 3600);
    let Some(at) = NaiveTime::from_hms_opt(2, 30, 0) else { return day };
    let here = china(now);
    let tonight = here.date().and_time(at);
    let next = if tonight > here { tonight } else { tonight + TimeDelta::days(1) };
    (next - here).to_std().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_begins_at_half_past_two_in_china() {
        let wait = |text: &str| {
            let now = DateTime::parse_from_rfc3339(text).expect("an instant").with_timezone(&Utc);
            until_next(now).as_secs() / 60
        };
        assert_eq!(wait("2021-08-10T18:00:00Z"), 30, "02:00 in China");
        assert_eq!(wait("2021-08-10T18:30:00Z"), 24 * 60, "the night that has begun is not begun again");
        assert_eq!(wait("2021-08-11T01:30:00Z"), 17 * 60, "09:30 in China");
    }
}
