//! A mail server on this machine: the protocol is the crate `mailin`'s, here are only its connections and what it keeps.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use mailin::response::{NO_MAILBOX, OK, OUT_OF_SPACE};
use mailin::{Action, Handler, Response, SessionBuilder};

/// A letter that the server took.
#[derive(Debug, Clone, Default)]
pub struct Letter {
    pub to: Vec<String>,
    pub text: String,
}

impl Letter {
    /// A header of the letter.
    pub fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        self.text.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap_or_default().trim()
    }
}

struct Desk {
    letter: Letter,
    taken: Sender<Letter>,
}

impl Handler for Desk {
    fn rcpt(&mut self, to: &str) -> Response {
        match to.split('@').next() {
            Some("nobody") => return NO_MAILBOX,
            Some("full") => return OUT_OF_SPACE,
            _ => {}
        }
        self.letter.to.push(to.to_owned());
        OK
    }

    fn data(&mut self, some: &[u8]) -> std::io::Result<()> {
        self.letter.text.push_str(&String::from_utf8_lossy(some));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        // Nobody listens any more when the test has ended.
        self.taken.send(std::mem::take(&mut self.letter)).ok();
        OK
    }
}

/// Starts a server; it ends with the test's process.
pub fn serve() -> (String, Receiver<Letter>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (taken, letters) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let taken = taken.clone();
            std::thread::spawn(move || talk(stream.unwrap(), taken));
        }
    });
    (url, letters)
}

/// Until the other side ends, politely or not.
fn talk(mut stream: TcpStream, taken: Sender<Letter>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let desk = Desk { letter: Letter::default(), taken };
    let mut session = SessionBuilder::new("mail.example.cn").build(stream.peer_addr().unwrap().ip(), desk);
    let mut answer = session.greeting();
    loop {
        // In one piece, so that the other side need not wait for the rest.
        let mut said = Vec::new();
        answer.write_to(&mut said).unwrap();
        if stream.write_all(&said).is_err() {
            return;
        }
        let mut line = Vec::new();
        if answer.action == Action::Close || !matches!(lines.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            return;
        }
        // Cut off in the middle: not a line.
        if !line.ends_with(b"\n") {
            return;
        }
        answer = session.process(&line);
    }
}
