//! The settings of signing in through another platform.

use std::path::PathBuf;

use kernel::{Error, Result};
use web::{Oidc, Secret};

/// Signing in through another platform by OpenID Connect; all of them together, or none.
#[derive(Debug, clap::Args)]
pub(crate) struct Provider {
    /// Address of the identity provider, exactly as it names itself.
    #[arg(long, env = "QISHU_OIDC_ISSUER", value_name = "URL", requires_all = ["oidc_client", "oidc_secret", "public_url"])]
    oidc_issuer: Option<String>,
    /// What the platform is called at the provider.
    #[arg(long, env = "QISHU_OIDC_CLIENT", value_name = "ID", requires = "oidc_issuer")]
    oidc_client: Option<String>,
    /// File with the platform's secret at the provider.
    #[arg(long, env = "QISHU_OIDC_SECRET", value_name = "FILE", requires = "oidc_issuer")]
    oidc_secret: Option<PathBuf>,
    /// What the button on the sign-in page says after 用.
    #[arg(long, env = "QISHU_OIDC_LABEL", value_name = "TEXT", default_value = "统一身份")]
    oidc_label: String,
}

impl Provider {
    /// The provider, where one is set; `own` is the platform's own address as browsers see it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address without TLS that is not of this machine, or a secret that cannot be read.
    pub(crate) fn oidc(&self, own: Option<&str>) -> Result<Option<Oidc>> {
        let (Some(issuer), Some(client), Some(file), Some(own)) =
            (&self.oidc_issuer, &self.oidc_client, &self.oidc_secret, own)
        else {
            return Ok(None);
        };
        let is_here = |url: &str| url.starts_with("http://127.0.0.1") || url.starts_with("http://localhost");
        if !issuer.starts_with("https://") && !is_here(issuer) {
            return Err(Error::invalid("oidc-issuer", "身份平台的地址应以 https:// 开头"));
        }
        let unread = |e| Error::invalid("oidc-secret", format!("读不到 {}：{e}", file.display()));
        let secret = Secret(std::fs::read_to_string(file).map_err(unread)?.trim().to_owned());
        let (issuer, client, own, label) = (issuer.clone(), client.clone(), own.to_owned(), self.oidc_label.clone());
        Ok(Some(Oidc { issuer, client, secret, own, label }))
    }
}
