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
        Some(Self { about: about.to_owned(), known: known.to_owned() })
    }

    /// The cookie that keeps these clocks; only forms that can stand in a cookie are kept.
    pub(crate) fn cookie(&self) -> String {
        let safe = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
        format!("{COOKIE}={}~{}; Path=/; SameSite=Lax; HttpOnly", safe(&self.about), safe(&self.known))
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
            return Ok(Position(number.max(0)).min(head));
        }
        match parse_day(typed) {
            Ok(day) => browse::position_on(read, day).await,
            Err(e) => Err(kernel::Error::invalid("known", e.to_string())),
        }
    }
}
