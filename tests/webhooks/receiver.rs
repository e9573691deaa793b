//! A receiver of webhooks on loopback, that checks signatures by itself.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A request that came.
#[derive(Clone, Debug)]
pub(super) struct Told {
    head: String,
    pub(super) body: String,
}

impl Told {
    pub(super) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = lines.filter(|(given, _)| given.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// As Standard Webhooks has it: any of the signatures may be the one.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{time}.{}", self.body).as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature")
            .split(' ')
            .any(|given| given == signature)
    }
}

/// Listens until the test ends.
pub(super) struct Receiver {
    port: u16,
    told: Arc<Mutex<Vec<Told>>>,
    /// What it answers with; 0 is nothing, ever.
    status: Arc<AtomicU16>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            told: Arc::default(),
            status: Arc::new(AtomicU16::new(204)),
        };
        let (told, status) = (Arc::clone(&receiver.told), Arc::clone(&receiver.status));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&told), Arc::clone(&status)));
            }
        });
        receiver
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks", self.port)
    }

    pub(super) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub(super) fn hang(&self) {
        self.answer(0);
    }

    pub(super) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    /// What came since the last time.
    pub(super) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

async fn converse(mut stream: TcpStream, told: Arc<Mutex<Vec<Told>>>, status: Arc<AtomicU16>) {
    let (mut text, mut bytes) = (String::new(), [0; 4096]);
    let (head, body) = loop {
        let count = stream.read(&mut bytes).await.unwrap_or_default();
        if count == 0 {
            return;
        }
        text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let told = Told {
                head: head.to_owned(),
                body: body.to_owned(),
            };
            if told.header("content-length").parse() == Ok(body.len()) {
                break (told.head, told.body);
            }
        }
    };
    told.lock().unwrap().push(Told { head, body });
    let status = status.load(Ordering::SeqCst);
    if status == 0 {
        std::future::pending::<()>().await;
    }
    let location = "http://169.254.169.254/latest";
    let answer = format!("HTTP/1.1 {status} So\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    // Whoever does not wait for it is gone.
    let _ = stream.write_all(answer.as_bytes()).await;
}
