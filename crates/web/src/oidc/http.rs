//! Asking the provider: one request over one connection, bounded in time and size.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::HOST;
use axum::http::{HeaderValue, Request, Uri};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kernel::{Error, Result};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long an answer may take, and how large it may be.
const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST: usize = 256 * 1024;

fn away(why: impl std::fmt::Display) -> Error {
    tracing::warn!(%why, "the identity provider cannot be asked");
    Error::Unavailable("统一身份平台没有正常应答，请稍后再试，或用口令登录".into())
}

/// The JSON that a provider answers.
pub(super) async fn ask<T: DeserializeOwned>(request: Request<String>) -> Result<T> {
    let bytes = tokio::time::timeout(PATIENCE, answered(request)).await.map_err(away)??;
    serde_json::from_slice(&bytes).map_err(away)
}

async fn answered(mut request: Request<String>) -> Result<Vec<u8>> {
    let uri = request.uri().clone();
    let host = uri.host().ok_or_else(|| away("the address has no host"))?.to_owned();
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let named = HeaderValue::from_str(uri.authority().map_or("", |a| a.as_str())).map_err(away)?;
    request.headers_mut().insert(HOST, named);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(away)?;
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(away)?;
    if !is_tls {
        return sent(stream, request).await;
    }
    let name = ServerName::try_from(host).map_err(away)?;
    sent(connector()?.connect(name, stream).await.map_err(away)?, request).await
}

/// TLS that believes the certificates the system believes.
fn connector() -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let ring = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions().map_err(away)?;
    Ok(TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
}

async fn sent(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<String>,
) -> Result<Vec<u8>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(away)?;
    let driving = tokio::spawn(connection);
    let response = sender.send_request(request.map(Body::from)).await.map_err(away)?;
    let status = response.status();
    let body = axum::body::to_bytes(Body::new(response.into_body()), LARGEST).await.map_err(away);
    driving.abort();
    if !status.is_success() {
        return Err(away(format!("it answered {status}")));
    }
    Ok(body?.to_vec())
}
