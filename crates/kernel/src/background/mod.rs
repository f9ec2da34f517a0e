//! What runs in the background keeps to: office hours, waits between attempts, leases. Data, with its source.

mod lease;

pub use lease::{give_up, take};

use std::sync::OnceLock;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};

use crate::store::Read;
use crate::value::calendar::WorkingCalendar;
use crate::value::day::{self, Day};
use crate::{Error, Result};

/// The numbers of `data/background.toml`, or of the city's setting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rhythm {
    /// Where the numbers come from.
    pub source: String,
    /// Whether the city agreed to them.
    pub confirmed: bool,
    /// When people may be told something.
    pub hours: Hours,
    /// Of deliveries.
    pub outbox: OutboxRhythm,
    /// Of jobs.
    pub jobs: JobRhythm,
}

/// Office hours, Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute.
    #[serde(deserialize_with = "time")]
    pub opens: NaiveTime,
    /// The minute after the last; `00:00` is the end of the day.
    #[serde(deserialize_with = "time")]
    pub closes: NaiveTime,
    /// Whether the office works every day, weekends and holidays too.
    #[serde(default)]
    pub every_day: bool,
    /// When reminders are put together.
    #[serde(deserialize_with = "time")]
    pub digest: NaiveTime,
}

/// Waits of deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxRhythm {
    /// Seconds between attempts, in their order.
    pub retry_seconds: Vec<i64>,
    /// What waited longer is not sent any more.
    pub keep_hours: i64,
    /// How long a channel rests after several failures in a row.
    pub rest_seconds: i64,
    /// Silence after which another worker takes over.
    pub lease_seconds: i64,
}

/// Waits of jobs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobRhythm {
    /// Seconds between attempts, in their order.
    pub retry_seconds: Vec<i64>,
    /// Silence after which another runner takes over.
    pub lease_seconds: i64,
}

fn time<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<NaiveTime, D::Error> {
    let text = String::deserialize(from)?;
    NaiveTime::parse_from_str(&text, "%H:%M").map_err(|_| serde::de::Error::custom(format!("{text} is no time")))
}

/// Name of the setting that overrides the shipped numbers.
pub const SETTING: &str = "background";

/// The shipped numbers.
fn shipped() -> &'static Rhythm {
    static SHIPPED: OnceLock<Rhythm> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/background.toml"));
        toml::from_str(text).expect("invariant: the shipped numbers are read by a test")
    })
}

impl Hours {
    /// Whether the time of day is before the end of the hours.
    fn is_before_end(&self, time: NaiveTime) -> bool {
        self.closes == NaiveTime::MIN || time < self.closes
    }

    /// Whether it is a time at which reminders are put together.
    pub fn is_for_digests(&self, on: Day, time: NaiveTime) -> bool {
        self.works_on(on) && self.digest <= time && self.is_before_end(time)
    }

    /// Whether the office works on a day; in a year the calendar does not know, from Monday to Friday.
    fn works_on(&self, on: Day) -> bool {
        self.every_day
            || WorkingCalendar::embedded().is_working(on).unwrap_or_else(|_| !crate::value::calendar::is_weekend(on))
    }
}

impl Rhythm {
    /// Reads a text of the shape of the file.
    ///
    /// # Errors
    /// [`Error::Invalid`] saying what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text).map_err(|e| Error::invalid(SETTING, e.to_string()))?;
        let waits = read.outbox.retry_seconds.iter().chain(&read.jobs.retry_seconds);
        let sound = read.hours.is_before_end(read.hours.opens)
            && read.hours.opens <= read.hours.digest
            && read.hours.is_before_end(read.hours.digest)
            && waits.copied().all(|wait| (0..=30 * 86_400).contains(&wait))
            && (1..=30 * 24).contains(&read.outbox.keep_hours)
            && [read.outbox.lease_seconds, read.jobs.lease_seconds].iter().all(|s| (1..=3600).contains(s));
        match sound {
            true => Ok(read),
            false => Err(Error::invalid(
                SETTING,
                "时刻应先开后关、汇总在其间；等待不为负、不超过 30 天；保留 1 小时到 30 天；租约 1 秒到 1 小时",
            )),
        }
    }

    /// The numbers in force: the city's, or those shipped.
    ///
    /// # Errors
    /// As the database says; a setting that cannot be read is told in the log, and the shipped numbers hold.
    pub async fn read(read: &Read) -> Result<Self> {
        let sql = ("SELECT value FROM setting WHERE name = $1", crate::args![SETTING]);
        let Some(row) = read.opt(sql).await? else { return Ok(shipped().clone()) };
        Ok(Self::parse(&row.get::<String>("value")?).unwrap_or_else(|error| {
            tracing::error!(detail = %error.detail(), "the setting cannot be read; the shipped numbers hold");
            shipped().clone()
        }))
    }

    /// Whether people may be told something now.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.next_open(at) == at
    }

    /// The first instant from `at` on at which people may be told something. A year the calendar does not know is an
    /// ordinary week.
    pub fn next_open(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let here = day::china(at);
        let (today, time) = (here.date(), here.time());
        if self.hours.works_on(today) && self.hours.is_before_end(time) {
            return if time < self.hours.opens { day::at(today, self.hours.opens) } else { at };
        }
        let mut next = today;
        // No holiday of the calendar is as long as this.
        for _ in 0..30 {
            next = next.checked_add_days(Days::new(1)).unwrap_or(next);
            if self.hours.works_on(next) {
                break;
            }
        }
        day::at(next, self.hours.opens)
    }

    /// When to try a delivery again that was tried so often; nothing when that was the last time. Never at night.
    pub fn retry_at(&self, now: DateTime<Utc>, attempts: i64) -> Option<DateTime<Utc>> {
        nth(&self.outbox.retry_seconds, attempts).map(|wait| self.next_open(now + wait))
    }

    /// When to try a job again that was tried so often; nothing when that was the last time.
    pub fn job_again_at(&self, now: DateTime<Utc>, attempts: i64) -> Option<DateTime<Utc>> {
        nth(&self.jobs.retry_seconds, attempts).map(|wait| now + wait)
    }
}

fn nth(waits: &[i64], attempts: i64) -> Option<TimeDelta> {
    let nth = usize::try_from(attempts - 1).unwrap_or(0);
    waits.get(nth).copied().map(TimeDelta::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("an instant").with_timezone(&Utc)
    }

    #[test]
    fn nobody_is_told_anything_at_night_or_on_a_holiday() {
        for (asked, open) in [
            ("2021-09-29T10:00:00+08:00", "2021-09-29T10:00:00+08:00"),
            ("2021-09-29T03:00:00+08:00", "2021-09-29T08:30:00+08:00"),
            ("2021-09-29T17:30:00+08:00", "2021-09-30T08:30:00+08:00"),
            // The national holiday to the 7th; Friday the 8th is worked, Saturday the 9th too, in exchange.
            ("2021-09-30T20:00:00+08:00", "2021-10-08T08:30:00+08:00"),
            ("2021-10-08T18:00:00+08:00", "2021-10-09T08:30:00+08:00"),
            // A year nobody has entered is an ordinary week: 2 January 2099 is a Friday.
            ("2099-01-02T20:00:00+08:00", "2099-01-05T08:30:00+08:00"),
        ] {
            assert_eq!(shipped().next_open(at(asked)), at(open), "{asked}");
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let now = at("2021-09-29T10:00:00+08:00");
        assert_eq!(shipped().retry_at(now, 1), Some(at("2021-09-29T10:01:00+08:00")));
        assert_eq!(shipped().retry_at(now, 6), Some(at("2021-09-30T08:30:00+08:00")), "not at night");
        assert_eq!(shipped().retry_at(now, 9), None);
        assert_eq!(shipped().job_again_at(now, 3), Some(at("2021-09-29T11:00:00+08:00")));
        assert_eq!(shipped().job_again_at(now, 4), None);
    }

    #[test]
    fn a_setting_that_contradicts_itself_is_refused() {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/background.toml"));
        assert!(Rhythm::parse(text).is_ok());
        for (part, wrong) in [("08:30", "18:30"), ("09:00", "18:00"), ("= 30", "= 0"), ("[60, 300", "[-1, 300")] {
            assert!(Rhythm::parse(&text.replacen(part, wrong, 1)).is_err(), "{wrong}");
        }
    }
}
