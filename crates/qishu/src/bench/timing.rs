//! Timing: repeated asking, and what the times say.

use std::time::{Duration, Instant};

use kernel::Result;
use serde::Serialize;

/// Times of one question asked many times.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples(Vec<Duration>);

/// What is printed and kept of them.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Spread {
    /// How many times were measured.
    pub n: usize,
    /// Half of them were at most this, in milliseconds.
    pub p50_ms: f64,
    /// Ninety-five of a hundred were at most this.
    pub p95_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Samples {
    pub(super) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(super) fn extend(&mut self, others: Samples) {
        self.0.extend(others.0);
    }

    pub(super) fn spread(mut self) -> Spread {
        self.0.sort_unstable();
        Spread { n: self.0.len(), p50_ms: self.quantile(50), p95_ms: self.quantile(95), max_ms: self.quantile(100) }
    }

    /// The smallest time that `percent` of all do not exceed; the times are sorted.
    fn quantile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).map_or(0.0, |time| (time.as_secs_f64() * 1e6).round() / 1e3)
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p50 {:.2} ms, p95 {:.2} ms, max {:.2} ms ({} times)", self.p50_ms, self.p95_ms, self.max_ms, self.n)
    }
}

/// Asks `warm` times without and `times` times with the clock. The number tells askings apart.
pub(super) async fn repeat(
    warm: usize,
    times: usize,
    mut ask: impl AsyncFnMut(usize) -> Result<()>,
) -> Result<Samples> {
    for i in 0..warm {
        ask(i).await?;
    }
    let mut samples = Samples::default();
    for i in warm..warm + times {
        let started = Instant::now();
        ask(i).await?;
        samples.add(started.elapsed());
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let samples = Samples((1..=200).map(Duration::from_millis).rev().collect());
        let spread = samples.spread();
        assert_eq!((spread.n, spread.p50_ms, spread.p95_ms, spread.max_ms), (200, 100.0, 190.0, 200.0));
        assert_eq!(Samples::default().spread().p95_ms, 0.0);
    }
}
