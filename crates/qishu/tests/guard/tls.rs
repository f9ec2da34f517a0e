//! The server speaks TLS by itself.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use axum::Router;
use qishu::tls::{Peer, Tls, config};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpListener;
use web::Edges;

use super::stage::stages;

/// Asks over TLS, trusting one certificate; returns head and body.
fn ask(address: SocketAddr, trusted: CertificateDer<'static>, path: &str) -> std::io::Result<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut session = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = TcpStream::connect(address)?;
    let mut stream = rustls::Stream::new(&mut session, &mut socket);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn serve(router: Router, config: rustls::ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = Tls::new(listener, config).unwrap();
    tokio::spawn(axum::serve(tls, router.into_make_service_with_connect_info::<Peer>()).into_future());
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_speaks_tls_and_its_cookie_is_secure() {
    let stage = stages().await.remove(0);
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let router = stage.at_edges(Edges { tls: true, ..Edges::default() }).await;
    let address = serve(router, config(&cert, &key).unwrap()).await;
    // Somebody connects and says nothing; others are not held up.
    let _silent = TcpStream::connect(address).unwrap();
    let trusted = made.cert.der().clone();
    let page = tokio::task::spawn_blocking(move || ask(address, trusted, "/sign-in")).await.unwrap().unwrap();
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.to_ascii_lowercase().contains("strict-transport-security: max-age="), "{page}");
    let plain = tokio::task::spawn_blocking(move || {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).ok();
        String::from_utf8_lossy(&answer).into_owned()
    });
    assert!(!plain.await.unwrap().contains("HTTP/1.1 200"), "nothing is told in clear");

    // A session over TLS: the edge marks its cookie.
    let router = stage.at_edges(Edges { tls: true, ..Edges::default() }).await;
    let request = axum::http::Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(axum::body::Body::from(format!("login=enterprise&password={}", super::stage::PASSWORD)))
        .unwrap();
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.ends_with("; Secure"), "{cookie}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    let told = |error: kernel::Error| error.to_string();
    assert!(told(config(&cert, &key).unwrap_err()).contains("--tls-key"), "a key of another certificate");
    assert!(told(config(&dir.path().join("none"), &key).unwrap_err()).contains("--tls-cert"));
}
