//! `qishu serve`.

use std::net::SocketAddr;

use kernel::{Error, Result};
use tokio::net::TcpListener;
use web::App;

use crate::Cli;

/// Serve pages and the API.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080", env = "QISHU_LISTEN")]
    listen: SocketAddr,
    #[command(flatten)]
    sealing: super::seal::Sealing,
}

/// Serves until it is told to stop; requests under way are finished.
///
/// # Errors
/// [`Error::Unavailable`] when there is no database or the port is taken.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let listener = TcpListener::bind(args.listen).await.map_err(|e| {
        let message = match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("{} 已被其他程序占用：请停止那个程序，或用 --listen 换一个端口", args.listen)
            }
            std::io::ErrorKind::PermissionDenied => format!("没有权限使用 {}：请用 1024 以上的端口", args.listen),
            _ => format!("无法监听 {}：{e}", args.listen),
        };
        Error::Unavailable(message)
    })?;
    let store = cli.open_existing().await?;
    let sealing = args.sealing.start(&store)?;
    let slices = qishu::city::slices();
    let app = App::new(store.clone(), &slices).await?;
    let router = app.router(slices);
    let address = listener.local_addr().map_err(|e| Error::Internal(e.to_string()))?;
    eprintln!("企枢已启动：http://{address}");
    for line in qishu::demo::sign_in_help(&store).await? {
        eprintln!("{line}");
    }
    let night = tokio::spawn(qishu::night::work(store.clone()));
    let house = tokio::spawn(app.keep_house());
    let served = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopped())
        .await
        .map_err(|e| Error::Internal(e.to_string()));
    night.abort();
    house.abort();
    if let Some(sealing) = sealing {
        sealing.abort();
    }
    served?;
    store.close().await
}

/// Waits for Ctrl-C or a polite request to end.
async fn stopped() {
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
