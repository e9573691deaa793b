//! A gateway for texts on loopback: speaks just enough HTTP to be honest about what it took.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the gateway does with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Answers so, with a body.
    Answer(u16, &'static str),
    /// Takes it, then hangs up without an answer.
    HangUp,
    /// Takes it, then never answers.
    Silent,
}

/// A request that came in whole.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Names in small letters and values, a line each.
    pub headers: Vec<String>,
    /// What was sent.
    pub body: String,
}

/// A gateway that runs until the test ends.
pub struct Gateway {
    port: u16,
    mode: Arc<Mutex<Mode>>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Gateway {
    /// Listens on a free port.
    pub fn start(mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(Mutex::new(mode));
        let taken = Arc::new(Mutex::new(Vec::new()));
        let (now, ledger) = (Arc::clone(&mode), Arc::clone(&taken));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (now, ledger) = (Arc::clone(&now), Arc::clone(&ledger));
                thread::spawn(move || converse(stream.unwrap(), &now, &ledger));
            }
        });
        Self { port, mode, taken }
    }

    /// For the setting `sms.url`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/send?account=1", self.port)
    }

    /// From now on.
    pub fn becomes(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    /// What came in, whatever was answered.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
}

/// One request. An I/O error is the client's leaving.
fn converse(mut stream: TcpStream, mode: &Mutex<Mode>, ledger: &Mutex<Vec<Taken>>) -> Option<()> {
    let mut input = BufReader::new(stream.try_clone().ok()?);
    let mut headers = vec![];
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => headers.push(line.to_owned()),
        }
    }
    let length = headers
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.parse().ok()?];
    input.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    ledger.lock().unwrap().push(Taken { headers, body });
    let mode = *mode.lock().unwrap();
    match mode {
        Mode::Answer(status, body) => {
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).ok()
        }
        Mode::HangUp => None,
        Mode::Silent => input.read_line(&mut String::new()).ok().map(|_| ()),
    }
}
