//! What is measured of requests, told in the text form that Prometheus reads.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::Result;
use kernel::store::Store;

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 10] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

#[derive(Debug, Default, Clone)]
struct Times {
    under: [u64; BOUNDS.len()],
    count: u64,
    micros: u64,
}

/// Method, route and status.
type Answered = (String, &'static str, u16);

/// Counts of this server process.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    answered: Mutex<BTreeMap<Answered, u64>>,
    times: Mutex<BTreeMap<&'static str, Times>>,
}

impl Metrics {
    /// Counts an answer.
    pub(crate) fn count(&self, method: &str, route: &'static str, status: u16, took: Duration) {
        // A method that nobody serves is one of many: they are not told apart.
        let method = if matches!(method, "GET" | "POST" | "HEAD") { method } else { "other" };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        *answered.entry((method.to_owned(), route, status)).or_default() += 1;
        drop(answered);
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry(route).or_default();
        times.count += 1;
        times.micros += took.as_micros() as u64;
        for (bound, under) in BOUNDS.iter().zip(&mut times.under) {
            *under += u64::from(took.as_millis() as u64 <= *bound);
        }
    }

    /// Everything as text.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn text(&self, store: &Store) -> Result<String> {
        let mut out = String::new();
        self.requests(&mut out);
        let read = store.read().await?;
        let sessions = crate::session::count(&read).await?;
        let gauges = [
            ("qishu_store_writes_waiting", "Acts that wait for their turn to write.", store.waiting()),
            ("qishu_ledger_position", "Last position of the ledger.", read.head()?.0),
            ("qishu_sessions", "Sessions that have not expired.", sessions),
        ];
        for (name, help, value) in gauges {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        }
        Ok(out)
    }

    fn requests(&self, out: &mut String) {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let _ = writeln!(out, "# HELP qishu_requests_total Requests answered.\n# TYPE qishu_requests_total counter");
        for ((method, route, status), n) in answered {
            let _ =
                writeln!(out, "qishu_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {n}");
        }
        let name = "qishu_request_seconds";
        let _ = writeln!(out, "# HELP {name} Time to answer.\n# TYPE {name} histogram");
        for (route, t) in times {
            for (bound, under) in BOUNDS.iter().zip(t.under) {
                let _ = writeln!(out, "{name}_bucket{{route=\"{route}\",le=\"{}\"}} {under}", seconds(bound * 1000));
            }
            let _ = writeln!(out, "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", t.count);
            let _ = writeln!(out, "{name}_sum{{route=\"{route}\"}} {}", seconds(t.micros));
            let _ = writeln!(out, "{name}_count{{route=\"{route}\"}} {}", t.count);
        }
    }
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_and_labels_are_routes() {
        let metrics = Metrics::default();
        metrics.count("GET", "/orgs/{id}", 200, Duration::from_millis(7));
        metrics.count("GET", "/orgs/{id}", 404, Duration::from_millis(70));
        metrics.count("BREW", "other", 405, Duration::ZERO);
        let mut out = String::new();
        metrics.requests(&mut out);
        for line in [
            "qishu_requests_total{method=\"GET\",route=\"/orgs/{id}\",status=\"404\"} 1",
            "qishu_requests_total{method=\"other\",route=\"other\",status=\"405\"} 1",
            "qishu_request_seconds_bucket{route=\"/orgs/{id}\",le=\"0.005000\"} 0",
            "qishu_request_seconds_bucket{route=\"/orgs/{id}\",le=\"0.010000\"} 1",
            "qishu_request_seconds_bucket{route=\"/orgs/{id}\",le=\"+Inf\"} 2",
            "qishu_request_seconds_sum{route=\"/orgs/{id}\"} 0.077000",
        ] {
            assert!(out.contains(line), "{line} in {out}");
        }
    }
}
