//! The server as a person starts it: time to ready and resident memory, read from outside. Linux only.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kernel::access::{Actor, NewAccount, create_account};
use kernel::store::Store;
use kernel::{Error, Result};
use serde::Serialize;

use super::dice::Dice;
use super::file_error;
use super::load::random_day;
use super::timing::{Samples, Spread};

/// The account that asks for boards, and that signs in to be measured.
pub(super) const LOGIN: &str = "bench";
pub(super) const PASSWORD: &str = "bench-only-0000";
/// How often the server is started to see how long that takes.
const STARTS: usize = 7;
/// How long a server may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What one running server measured.
#[derive(Debug, Serialize)]
pub(super) struct Served {
    /// From starting the process to the first good answer of `/healthz`.
    pub start: Spread,
    /// Resident memory once it is ready and quiet, in MB (10⁶ bytes).
    pub idle_mb: f64,
    /// The same after the board was asked for; absent when it was not.
    pub after_boards_mb: Option<f64>,
    /// Boards over HTTP, one after the other.
    pub boards: Option<Spread>,
}

/// Makes the account that asks for boards; one that is there already will do.
pub(super) async fn account(store: &Store) -> Result<()> {
    let new =
        NewAccount {
            login: LOGIN, name: "性能测试", role: "bureau_leader", password: PASSWORD, unit: None, org: None
        };
    match store.write(&Actor::system("性能测试"), async |tx| create_account(tx, new).await).await {
        Ok(_) | Err(Error::Conflict(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Starts the server on `dir` several times, then asks `boards` boards at the address `path`.
pub(super) fn measure(dir: &Path, path: &str, boards: usize) -> Result<Served> {
    let mut start = Samples::default();
    for _ in 1..STARTS {
        let (server, ready) = Server::start(dir)?;
        start.add(ready);
        drop(server);
    }
    let (server, ready) = Server::start(dir)?;
    start.add(ready);
    std::thread::sleep(Duration::from_secs(2));
    let idle_mb = server.resident_mb()?;
    let mut served = Served { start: start.spread(), idle_mb, after_boards_mb: None, boards: None };
    if boards > 0 {
        served.boards = Some(server.ask_boards(path, boards)?);
        served.after_boards_mb = Some(server.resident_mb()?);
    }
    Ok(served)
}

/// A server process of ours; it ends with this value.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Server {
    fn start(dir: &Path) -> Result<(Self, Duration)> {
        let program = std::env::current_exe().map_err(|e| file_error(Path::new("qishu"), &e))?;
        let address = free_address()?;
        let started = Instant::now();
        let process = Command::new(&program)
            .arg("serve")
            .arg("--data")
            .arg(dir)
            .args(["--listen", &address.to_string(), "--requests-per-minute", "0", "--sign-ins-per-minute", "0"])
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| file_error(&program, &e))?;
        let mut server = Self { process, address };
        while !server.get("/healthz", "").is_ok_and(|answer| answer.status == 200) {
            let ended = server.process.try_wait().ok().flatten();
            if let Some(status) = ended {
                return Err(Error::Unavailable(format!("qishu serve 没有起来（{status}）")));
            }
            if started.elapsed() > PATIENCE {
                return Err(Error::Unavailable("qishu serve 在一分钟内没有就绪".into()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok((server, started.elapsed()))
    }

    fn resident_mb(&self) -> Result<f64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(&path).map_err(|e| file_error(Path::new(&path), &e))?;
        let kib = status
            .lines()
            .find_map(|l| l.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        kib.map(|kib| (kib * 0.010_24).round() / 10.0).ok_or_else(|| Error::Unavailable("读不到进程的常驻内存".into()))
    }

    fn ask_boards(&self, path: &str, times: usize) -> Result<Spread> {
        let cookie = self.sign_in()?;
        let mut dice = Dice::new(70);
        let mut samples = Samples::default();
        for _ in 0..times {
            let address = format!("{path}?about={}", random_day(&mut dice));
            let started = Instant::now();
            let answer = self.get(&address, &cookie)?;
            samples.add(started.elapsed());
            if answer.status != 200 {
                return Err(Error::Unavailable(format!("{address} 应答 {}，而不是 200", answer.status)));
            }
        }
        Ok(samples.spread())
    }

    /// The session's cookie.
    fn sign_in(&self) -> Result<String> {
        let form = format!("login={LOGIN}&password={PASSWORD}");
        let request = format!(
            "POST /sign-in HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {1}\r\nConnection: close\r\n\r\n{form}",
            self.address,
            form.len()
        );
        let answer = self.exchange(&request)?;
        let cookies: Vec<&str> = answer
            .head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next())
            .map(str::trim)
            .collect();
        if cookies.is_empty() {
            return Err(Error::Unavailable(format!("登录没有成功（应答 {}）", answer.status)));
        }
        Ok(cookies.join("; "))
    }

    fn get(&self, path: &str, cookie: &str) -> Result<Answer> {
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{cookie}Connection: close\r\n\r\n", self.address))
    }

    /// One request, one connection.
    fn exchange(&self, request: &str) -> Result<Answer> {
        let failed = |e: std::io::Error| Error::Unavailable(format!("{} 没有应答：{e}", self.address));
        let mut stream = TcpStream::connect(self.address).map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        stream.write_all(request.as_bytes()).map_err(failed)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map_err(failed)?;
        Answer::of(&bytes).ok_or_else(|| Error::Unavailable(format!("{} 的应答不是 HTTP", self.address)))
    }
}

struct Answer {
    status: u16,
    head: String,
}

impl Answer {
    fn of(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, head: head.to_owned() })
    }
}

/// An address that nobody listens at; it could be taken before the server takes it, which then says so.
fn free_address() -> Result<SocketAddr> {
    let found = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    found.map_err(|e| Error::Unavailable(format!("没有空闲端口：{e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_a_head() {
        let answer = Answer::of(b"HTTP/1.1 303 See Other\r\nset-cookie: a=b; Path=/\r\n\r\nbody").expect("an answer");
        assert_eq!(answer.status, 303);
        assert!(answer.head.contains("set-cookie: a=b"));
        assert!(Answer::of(b"garbage").is_none());
    }
}
