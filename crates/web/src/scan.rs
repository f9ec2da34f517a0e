//! The hook for a virus scanner: a command that reads a file from its input and says by its exit code what it found.

use std::process::Stdio;
use std::time::Duration;

use kernel::case::Scanned;
use kernel::{Error, Result};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Longer than this nobody waits.
const PATIENCE: Duration = Duration::from_secs(40);

/// Has a file looked at by the command, such as `clamdscan --no-summary -`. Exit code 0: nothing found; 1: something;
/// anything else: it could not look, and then the file is not taken. Without a command nobody looks.
///
/// # Errors
/// [`Error::Invalid`] at `file` when something was found; [`Error::Unavailable`] when it could not look.
pub(crate) async fn scan(command: Option<&str>, bytes: &[u8]) -> Result<Scanned> {
    let mut words = command.unwrap_or_default().split_whitespace();
    let Some(program) = words.next() else { return Ok(Scanned::Not) };
    let looked = tokio::time::timeout(PATIENCE, run(program, words, bytes)).await;
    let code = match looked {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => return Err(cannot(&error.to_string())),
        Err(_) => return Err(cannot("no answer in time")),
    };
    match code {
        Some(0) => Ok(Scanned::Clean),
        Some(1) => Err(Error::invalid("file", "查毒程序认为文件带有病毒，没有保存；请在本机查杀后再上传")),
        other => Err(cannot(&format!("exit code {other:?}"))),
    }
}

async fn run(program: &str, words: impl Iterator<Item = &str>, bytes: &[u8]) -> std::io::Result<Option<i32>> {
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A scanner that has seen enough closes its input.
        input.write_all(bytes).await.ok();
    }
    Ok(child.wait().await?.code())
}

fn cannot(why: &str) -> Error {
    tracing::error!(why, "the virus scanner could not look at a file");
    Error::Unavailable("查毒程序没有应答，文件没有保存，请稍后再试；一直如此请告诉系统管理员".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_taken_only_when_the_scanner_says_so() {
        assert!(matches!(scan(None, b"x").await, Ok(Scanned::Not)));
        assert!(matches!(scan(Some("true"), b"x").await, Ok(Scanned::Clean)));
        assert!(matches!(scan(Some("false"), b"x").await, Err(Error::Invalid(_))));
        assert!(matches!(scan(Some("no-such-scanner --stdin"), b"x").await, Err(Error::Unavailable(_))));
        // It reads what it is given: found, not found.
        assert!(matches!(scan(Some("grep -q -v EICAR"), b"EICAR").await, Err(Error::Invalid(_))));
        assert!(matches!(scan(Some("grep -q -v EICAR"), b"harmless").await, Ok(Scanned::Clean)));
    }
}
