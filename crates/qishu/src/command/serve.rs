//! `qishu serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use kernel::store::{MirrorState, Store};
use kernel::{Error, Result};
use qishu::channels::Outside;
use qishu::tls::{self, Peer, Tls};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web::{App, Edges, Network};

use crate::Cli;

/// Serve pages and the API.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080", env = "QISHU_LISTEN")]
    listen: SocketAddr,
    /// Directory on another disk where a copy of the embedded database is kept, at most a second old.
    #[arg(long, env = "QISHU_MIRROR", value_name = "DIR")]
    mirror: Option<PathBuf>,
    #[command(flatten)]
    sealing: super::seal::Sealing,
    #[command(flatten)]
    outside: Outside,
    #[command(flatten)]
    edge: Edge,
}

/// How the server stands towards the network.
#[derive(Debug, clap::Args)]
struct Edge {
    /// File with the certificate chain (PEM): speak TLS without a web server in front.
    #[arg(long, env = "QISHU_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// File with the certificate's private key (PEM).
    #[arg(long, env = "QISHU_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Address or network of a web server in front, whose X-Forwarded-For and X-Forwarded-Proto are believed; give it once for each.
    #[arg(long = "trusted-proxy", env = "QISHU_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',')]
    proxies: Vec<Network>,
    /// Requests that one address or account may send in a minute; 0 for any number.
    #[arg(long, env = "QISHU_REQUESTS_PER_MINUTE", default_value_t = 3000, value_name = "N")]
    requests_per_minute: u32,
    /// Attempts to sign in that one address may make in a minute, a third of them on one login; 0 for any number.
    #[arg(long, env = "QISHU_SIGN_INS_PER_MINUTE", default_value_t = 60, value_name = "N")]
    sign_ins_per_minute: u32,
    /// Command that looks through uploaded files: reads one from its input, exit code 0 for nothing found, 1 for something, such as "clamdscan --no-summary -".
    #[arg(long, env = "QISHU_SCAN", value_name = "COMMAND")]
    scan: Option<String>,
    /// Address on which /metrics is served for Prometheus; without it there are none.
    #[arg(long, env = "QISHU_METRICS_LISTEN", value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    #[command(flatten)]
    oidc: super::oidc::Provider,
}

impl Edge {
    fn edges(&self, own: Option<&str>) -> Result<Edges> {
        Ok(Edges {
            proxies: self.proxies.clone(),
            tls: self.tls_cert.is_some(),
            requests: self.requests_per_minute,
            sign_ins: self.sign_ins_per_minute,
            scan: self.scan.clone(),
            oidc: self.oidc.oidc(own)?,
            own: own.map(|url| url.trim_end_matches('/').to_owned()),
        })
    }
}

/// Serves until it is told to stop; requests under way are finished.
///
/// # Errors
/// [`Error::Unavailable`] when there is no database or the port is taken.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let listener = bound(args.listen, "--listen").await?;
    let tls = match (&args.edge.tls_cert, &args.edge.tls_key) {
        (Some(cert), Some(key)) => Some(tls::config(cert, key)?),
        _ => None,
    };
    let metrics = match args.edge.metrics_listen {
        Some(address) => Some(bound(address, "--metrics-listen").await?),
        None => None,
    };
    let store = cli.open_existing().await?;
    if let Some(mirror) = &args.mirror {
        keep_mirror(&store, mirror).await?;
    }
    let sealing = args.sealing.start(&store)?;
    let work = super::work::start(&store, &args.outside)?;
    let slices = qishu::city::slices();
    let app = App::at_edges(store.clone(), &slices, args.edge.edges(args.outside.public_url.as_deref())?).await?;
    let router = app.router(slices).layer(map_request(with_peer));
    let address = listener.local_addr().map_err(|e| Error::Internal(e.to_string()))?;
    eprintln!("企枢已启动：{}://{address}", if tls.is_some() { "https" } else { "http" });
    for line in qishu::demo::sign_in_help(&store).await? {
        eprintln!("{line}");
    }
    let metrics = metrics.map(|listener| tokio::spawn(axum::serve(listener, app.metrics_router()).into_future()));
    let imports = tokio::spawn(intake::imports::work(store.clone()));
    let bulks = tokio::spawn(kernel::case::work(store.clone()));
    let house = tokio::spawn(app.keep_house());
    let served = match tls {
        Some(config) => serve(Tls::new(listener, config)?, router).await,
        None => serve(listener, router).await,
    };
    work.iter().for_each(JoinHandle::abort);
    imports.abort();
    bulks.abort();
    house.abort();
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    if let Some(sealing) = sealing {
        sealing.abort();
    }
    served?;
    store.close().await
}

async fn bound(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| {
        let message = match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("{address} 已被其他程序占用：请停止那个程序，或用 {option} 换一个端口")
            }
            std::io::ErrorKind::PermissionDenied => format!("没有权限使用 {address}：请用 1024 以上的端口"),
            _ => format!("无法监听 {address}：{e}"),
        };
        Error::Unavailable(message)
    })
}

async fn serve<L>(listener: L, router: Router) -> Result<()>
where
    L: axum::serve::Listener<Addr = SocketAddr>,
    Peer: for<'a> axum::extract::connect_info::Connected<axum::serve::IncomingStream<'a, L>>,
{
    axum::serve(listener, router.into_make_service_with_connect_info::<Peer>())
        .with_graceful_shutdown(stopped())
        .await
        .map_err(|e| Error::Internal(e.to_string()))
}

/// Tells the application where a connection comes from, however it came in.
async fn with_peer(ConnectInfo(Peer(address)): ConnectInfo<Peer>, mut request: Request) -> Request {
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

/// Makes the first copy before anybody writes.
async fn keep_mirror(store: &Store, mirror: &Path) -> Result<()> {
    eprintln!("正在建立镜像：{}", mirror.display());
    store.mirror(mirror).await?;
    match store.mirror_state() {
        Some(MirrorState::Refused(why)) => eprintln!("镜像没有建成，主库照常启动，稍后重试：{why}"),
        _ => eprintln!("镜像已建成，此后最多落后一秒"),
    }
    Ok(())
}

/// Waits for Ctrl-C or a polite request to end.
pub(super) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            // Without the signal there is still Ctrl-C.
            tokio::signal::ctrl_c().await.ok();
        }
    }
}
