//! Where a request comes from. It surrounds the whole of its handling, so that no act inside can lose it.

use std::sync::Arc;

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Address of the client; empty for a command.
    pub address: String,
    /// Digest of the session; never the session itself, with which one could act.
    pub session: String,
    /// Number of the request, as in the log lines and in the answer.
    pub request: String,
}

tokio::task_local! {
    static ORIGIN: Arc<Origin>;
}

impl Origin {
    /// Does this work as coming from here.
    pub async fn around<T>(self, work: impl Future<Output = T>) -> T {
        ORIGIN.scope(Arc::new(self), work).await
    }

    /// Where the present work comes from; nowhere for jobs and commands.
    pub fn here() -> Arc<Self> {
        ORIGIN.try_with(Arc::clone).unwrap_or_default()
    }
}
