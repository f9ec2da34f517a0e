//! How many requests are taken: a bucket for each address, account and login that fills up evenly.
//!
//! Kept in memory of one server process and bounded: under an attack from very many addresses the fullest are forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Edges;

/// Buckets kept of one sort.
const MOST: usize = 20_000;
/// In which a full bucket is filled anew.
const MINUTE: Duration = Duration::from_secs(60);

/// A bucket: how much of the minute's allowance is used up, as of when.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    used: Duration,
    at: Instant,
}

/// Buckets of one sort. One request uses up a minute divided by the allowance.
#[derive(Debug)]
struct Buckets<K> {
    each: Option<Duration>,
    held: Mutex<HashMap<K, Bucket>>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(allowance: u32) -> Self {
        Self { each: MINUTE.checked_div(allowance), held: Mutex::default() }
    }

    /// Takes one more, or says how long to wait.
    fn take(&self, key: K, now: Instant) -> Option<Duration> {
        let each = self.each?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST && !held.contains_key(&key) {
            held.retain(|_, bucket| bucket.left(now) > Duration::ZERO);
            if held.len() >= MOST {
                held.clear();
            }
        }
        let bucket = held.entry(key).or_insert(Bucket { used: Duration::ZERO, at: now });
        let used = bucket.left(now) + each;
        if used > MINUTE {
            return Some(used - MINUTE);
        }
        *bucket = Bucket { used, at: now };
        None
    }
}

impl Bucket {
    /// What is still used up: it runs off with time. A clock that goes backwards lets nothing run off.
    fn left(&self, now: Instant) -> Duration {
        self.used.saturating_sub(now.saturating_duration_since(self.at))
    }
}

/// All buckets of an application.
#[derive(Debug)]
pub(crate) struct Limits {
    addresses: Buckets<IpAddr>,
    accounts: Buckets<i64>,
    sign_ins: Buckets<IpAddr>,
    logins: Buckets<String>,
    noted: Mutex<Option<Instant>>,
}

impl Limits {
    pub(crate) fn new(edges: &Edges) -> Self {
        let logins = if edges.sign_ins == 0 { 0 } else { (edges.sign_ins / 3).max(1) };
        Self {
            addresses: Buckets::new(edges.requests),
            accounts: Buckets::new(edges.requests),
            sign_ins: Buckets::new(edges.sign_ins),
            logins: Buckets::new(logins),
            noted: Mutex::default(),
        }
    }

    /// One more request from an address.
    pub(crate) fn from(&self, address: IpAddr) -> Option<Duration> {
        self.addresses.take(address, Instant::now())
    }

    /// One more request by an account.
    pub(crate) fn by(&self, account: i64) -> Option<Duration> {
        self.accounts.take(account, Instant::now())
    }

    /// One more attempt to sign in from an address.
    pub(crate) fn sign_in_from(&self, address: IpAddr) -> Option<Duration> {
        self.sign_ins.take(address, Instant::now())
    }

    /// One more attempt to sign in with a login, whether there is one or not.
    pub(crate) fn sign_in_as(&self, login: &str) -> Option<Duration> {
        self.logins.take(login.chars().take(64).collect(), Instant::now())
    }

    /// Whether a refusal should be written down: one a minute, so that a flood does not fill the log.
    pub(crate) fn is_news(&self) -> bool {
        let (mut noted, now) = (self.noted.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
        let is_news = noted.is_none_or(|at| now.saturating_duration_since(at) >= MINUTE);
        if is_news {
            *noted = Some(now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_takes_its_allowance_at_once_and_then_as_it_runs_off() {
        let (buckets, start) = (Buckets::new(3), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!((0..3).all(|_| buckets.take("a", at(0)).is_none()));
        assert_eq!(buckets.take("a", at(0)), Some(Duration::from_secs(20)), "told how long to wait");
        assert_eq!(buckets.take("b", at(0)), None, "another is not held up");
        assert_eq!(buckets.take("a", at(19)), Some(Duration::from_secs(1)), "waiting is not made longer by asking");
        assert_eq!(buckets.take("a", at(20)), None);
        assert!(buckets.take("a", at(10)).is_some(), "a clock that goes backwards opens nothing");
        assert_eq!(Buckets::new(0).take("a", start), None, "0 is no limit");
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_and_not_kept() {
        let (buckets, now) = (Buckets::new(10), Instant::now());
        (0..MOST * 2 + 5).for_each(|n| assert_eq!(buckets.take(n, now), None));
        assert!(buckets.held.lock().expect("not poisoned").len() <= MOST);
    }
}
