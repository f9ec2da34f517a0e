//! What is written to the log lines of the server holds no secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::stage::{PASSWORD, stages};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_password_cookie_token_or_query_reaches_the_log_lines() {
    let lines = Lines::default();
    let writer = lines.clone();
    let filter = tracing_subscriber::EnvFilter::new("info,qishu=trace,web=trace,kernel=trace");
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let stage = stages().await.remove(0);
    let visitor = stage.app.visitor();
    visitor.post("/sign-in", &[("login", "enterprise"), ("password", "a-wrong-secret-0815")]).await;
    let client = stage.client("bureau_officer").await;
    let token = client.get("/orgs?q=a-secret-query").await.value_of("csrf").unwrap();
    client.get("/orgs/not-a-number?token=a-secret-query").await;
    client.post("/orgs", &[("name", "a-secret-field")]).await;
    let cookie = client.cookie("qishu_session");
    assert!(!cookie.is_empty() && !token.is_empty());
    let written = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        written.contains("/orgs") && written.contains("status=200"),
        "requests are told by their routes: {written}"
    );
    for secret in [PASSWORD, "a-wrong-secret-0815", "a-secret-query", "a-secret-field", &cookie, &token, "argon2id"] {
        assert!(!written.contains(secret), "{secret} is in the log lines");
    }
}
