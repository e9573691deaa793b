//! Mail over SMTP.

use std::time::Duration;

use anyhow::Result;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{Error, response::Code},
};

use super::Outcome;

/// A server that does not take the connection within this time has not seen the mail.
const CONNECT: Duration = Duration::from_secs(4);
const DEADLINE: Duration = Duration::from_secs(10);
/// Answers that refuse our login and not the mail (RFC 4954): somebody will correct the settings.
const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// A mail server.
pub(super) struct Server(AsyncSmtpTransport<Tokio1Executor>);

impl Server {
    /// `smtp://user:password@host:port` or `smtps://…`.
    pub(super) fn new(url: &str) -> Result<Self> {
        let opportunistic = url.starts_with("smtp://") && !url.contains("tls=");
        let url = match (opportunistic, url.contains('?')) {
            (false, _) => url.to_owned(),
            (true, true) => format!("{url}&tls=opportunistic"),
            (true, false) => format!("{url}?tls=opportunistic"),
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)?;
        Ok(Self(transport.timeout(Some(CONNECT)).build()))
    }

    pub(super) async fn send(&self, message: Message) -> Outcome {
        match tokio::time::timeout(DEADLINE, self.0.send(message)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) => outcome(&error),
            Err(_) => Outcome::Unknown("no answer in time".to_owned()),
        }
    }
}

/// What an error says about the mail. The server's own words may quote the address and are left out.
fn outcome(error: &Error) -> Outcome {
    if let Some(code) = error.status() {
        let reason = format!("the mail server answered {code}");
        return if error.is_permanent() && !LOGIN_REFUSED.contains(&number(code)) {
            Outcome::Refused(reason)
        } else {
            Outcome::NotSent(reason)
        };
    }
    if error.is_tls() || error.is_client() || is_connection(error) {
        return Outcome::NotSent("the mail server cannot be reached or cannot be talked to".to_owned());
    }
    Outcome::Unknown("the connection broke while sending".to_owned())
}

/// Whether the connection could not be made. The library has no question for it and says it in words.
fn is_connection(error: &Error) -> bool {
    error.to_string().starts_with("Connection error")
}

fn number(code: Code) -> u16 {
    u16::from(code)
}
