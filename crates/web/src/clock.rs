//! The two clocks of a visit: about which day, as known when. From the address, else from a cookie, else the defaults.

use axum::http::request::Parts;
use kernel::id::Position;
use kernel::ledger::browse;
use kernel::store::Read;
use kernel::value::day::{Day, parse_day};

/// What was asked for, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    pub about: String,
    pub known: String,
}

/// Cookie that keeps the clocks between pages.
pub(crate) const COOKIE: &str = "qishu_clock";

impl Clock {
    /// Reads the clocks of a request and says whether the address set them.
    pub(crate) fn of(parts: &Parts) -> (Self, bool) {
        let pairs: Vec<(String, String)> = parts
            .uri
            .query()
            .and_then(|q| {
                axum_extra::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).ok().map(|v| (q, v.0))
            })
            .map(|(_, v)| v)
            .unwrap_or_default();
        let asked = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned());
        let (about, known) = (asked("about"), asked("known"));
        // Only the form in the frame, and its way back, change the clocks of the visit: a link that carries
        // a figure's clocks shows that figure and leaves the next page alone.
        let set = asked("clock").is_some();
        let kept = Self::from_cookie(parts).unwrap_or_default();
        (Self { about: about.unwrap_or(kept.about), known: known.unwrap_or(kept.known) }, set)
    }

    fn from_cookie(parts: &Parts) -> Option<Self> {
        let cookies = parts.headers.get(axum::http::header::COOKIE)?.to_str().ok()?;
        let value = cookies.split(';').find_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
        let (about, known) = value.split_once('~')?;
        // What cannot be read is not kept: a broken cookie must not break every page.
        Some(Self { about: plain_day(about), known: plain_known(known) })
    }

    /// The cookie that keeps these clocks: a day and a day or number, never the text that was typed.
    pub(crate) fn cookie(&self) -> String {
        let (about, known) = (plain_day(&self.about), plain_known(&self.known));
        format!("{COOKIE}={about}~{known}; Path=/; SameSite=Lax; HttpOnly")
    }

    /// The day asked about.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] for something that is not a day.
    pub(crate) fn about(&self, default: Day) -> kernel::Result<Day> {
        if self.about.is_empty() {
            return Ok(default);
        }
        parse_day(&self.about).map_err(|e| kernel::Error::invalid("about", e.to_string()))
    }

    /// The position known at: a number, the last of a day, or the newest.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] for something that is neither.
    pub(crate) async fn known(&self, read: &Read) -> kernel::Result<Position> {
        let head = read.head()?;
        let typed = self.known.trim();
        if typed.is_empty() {
            return Ok(head);
        }
        if typed.chars().all(|c| c.is_ascii_digit()) {
            let number = typed.parse::<i64>().map_err(|_| kernel::Error::invalid("known", "已知时点请填日期或序号"))?;
            // 20210811 is a day as long as the ledger has not come that far.
            return match parse_day(typed) {
                Ok(day) if number > head.0 => browse::position_on(read, day).await,
                _ => Ok(Position(number).min(head)),
            };
        }
        match parse_day(typed) {
            Ok(day) => browse::position_on(read, day).await,
            Err(e) => Err(kernel::Error::invalid("known", e.to_string())),
        }
    }
}

/// A day in its plain form; empty when it is none.
fn plain_day(typed: &str) -> String {
    parse_day(typed).map_or_else(|_| String::new(), |day| day.to_string())
}

/// A day or a position in its plain form; empty when it is neither.
fn plain_known(typed: &str) -> String {
    match !typed.is_empty() && typed.len() < 19 && typed.chars().all(|c| c.is_ascii_digit()) {
        true => typed.to_owned(),
        false => plain_day(typed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(about: &str, known: &str) -> String {
        let clock = Clock { about: about.into(), known: known.into() };
        clock.cookie().split(';').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_cookie_keeps_what_was_meant_not_what_was_typed() {
        assert_eq!(kept("2021年8月1日", "2021年8月1日"), "qishu_clock=2021-08-01~2021-08-01");
        assert_eq!(kept("", "8123"), "qishu_clock=~8123");
        assert_eq!(kept("abc; x=y", "昨天"), "qishu_clock=~");
    }

    #[test]
    fn a_broken_cookie_is_as_none() {
        let request =
            axum::http::Request::get("/").header("cookie", "qishu_clock=202181~zz").body(()).expect("a request");
        let (parts, ()) = request.into_parts();
        assert_eq!(Clock::of(&parts), (Clock::default(), false));
    }
}
