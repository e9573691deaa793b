//! A mail server on loopback that speaks just enough RFC 5321 to be honest about what it took.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Takes it.
    Accept,
    /// Refuses the recipient for now.
    TryLater,
    /// Refuses the recipient for good.
    Refuse,
    /// Takes the whole mail, then closes without an answer.
    CloseAfterData,
    /// Takes the whole mail, then never answers.
    Silent,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Addresses of RCPT.
    pub recipients: Vec<String>,
    /// Header and body, dots unstuffed, lines ended by LF.
    pub text: String,
}

/// A server that runs until the test ends.
pub struct SmtpServer {
    port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl SmtpServer {
    /// Listens on a free port.
    pub fn start(mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let ledger = Arc::clone(&taken);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let ledger = Arc::clone(&ledger);
                thread::spawn(move || converse(stream.unwrap(), mode, &ledger));
            }
        });
        Self { port, taken }
    }

    /// For the setting `mail.url`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Mails whose data came in completely, whatever was answered.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
}

/// One connection, until the client leaves. An I/O error is the client's leaving.
fn converse(stream: TcpStream, mode: Mode, ledger: &Mutex<Vec<Taken>>) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut input = BufReader::new(stream);
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).ok();
    let (mut sender, mut recipients) = (false, Vec::new());
    say("220 localhost ready")?;
    loop {
        let command = line(&mut input)?;
        let verb = command.split([' ', ':']).next().unwrap().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => say("250-localhost\r\n250 8BITMIME")?,
            "HELO" | "NOOP" => say("250 OK")?,
            "RSET" => {
                (sender, recipients) = (false, Vec::new());
                say("250 OK")?;
            }
            "MAIL" => {
                sender = true;
                say("250 OK")?;
            }
            "RCPT" if !sender => say("503 MAIL first")?,
            "RCPT" if mode == Mode::TryLater => say("451 try again later")?,
            "RCPT" if mode == Mode::Refuse => say("550 no such user")?,
            "RCPT" => {
                let address = command.split_once('<')?.1.split_once('>')?.0;
                recipients.push(address.to_owned());
                say("250 OK")?;
            }
            "DATA" if recipients.is_empty() => say("503 RCPT first")?,
            "DATA" => {
                say("354 end with a dot")?;
                let text = data(&mut input)?;
                let recipients = std::mem::take(&mut recipients);
                ledger.lock().unwrap().push(Taken { recipients, text });
                sender = false;
                match mode {
                    Mode::CloseAfterData => return None,
                    Mode::Silent => while line(&mut input).is_some() {},
                    _ => say("250 taken")?,
                }
            }
            "QUIT" => {
                say("221 bye")?;
                return None;
            }
            _ => say("502 not known")?,
        }
    }
}

fn line(input: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    let count = input.read_line(&mut text).ok()?;
    (count > 0).then(|| text.trim_end_matches(['\r', '\n']).to_owned())
}

fn data(input: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    loop {
        let line = line(input)?;
        if line == "." {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push('\n');
    }
}
