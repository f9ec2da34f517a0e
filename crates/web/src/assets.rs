//! Browser assets, embedded in the binary and served under names that carry their digest.

use std::collections::HashMap;

use axum::Router;

/// Addresses of assets by their path under `assets/`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assets(HashMap<String, String>);

impl Assets {
    /// The router to mount under `/static`, and the addresses.
    pub(crate) fn load<S: Clone + Send + Sync + 'static>() -> (Router<S>, Self) {
        let serve = memory_serve::load!().index_file(None).enable_hashed_routes(true);
        let named = serve.manifest().iter().map(|(name, path)| (name.to_string(), format!("/static{path}"))).collect();
        (serve.into_router(), Self(named))
    }

    /// The address of an asset; its plain path when it is not known, so that a miss shows as a 404.
    pub(crate) fn address(&self, name: &str) -> String {
        let key = format!("/{name}");
        self.0.get(&key).or_else(|| self.0.get(name)).cloned().unwrap_or_else(|| format!("/static/{name}"))
    }
}
