//! The ways out to people. Each answer says what is known, because a message must not go out twice.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Attachment as Part, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use crate::config::Config;

mod file;
pub mod http;
mod sms;
mod smtp;

pub(crate) use sms::DEADLINE as TEXT_DEADLINE;
pub use sms::Text;

/// Mail: over SMTP, or as files. Texts: by a gateway, or as files.
pub struct Channels {
    from: Mailbox,
    host: String,
    mail: Mailer,
    texts: Texter,
}

enum Texter {
    File(file::Folder),
    Gateway(Box<sms::Gateway>),
}

enum Mailer {
    File(file::Folder),
    Smtp(smtp::Server),
}

/// A mail.
pub struct Mail {
    /// The message's id, which its Message-ID is made of.
    pub id: Uuid,
    /// When it is written.
    pub at: DateTime<Utc>,
    /// The address.
    pub to: String,
    /// One line; control characters become spaces.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// A file that goes with it.
    pub attachment: Option<Attachment>,
    /// Further headers: name and one line.
    pub headers: Vec<(&'static str, String)>,
}

/// A file that goes with a mail.
pub struct Attachment {
    /// Its name.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub content: String,
}

/// What is known after sending. The reasons carry no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted.
    Sent,
    /// Known not to have been sent; may be tried again.
    NotSent(String),
    /// Refused for good.
    Refused(String),
    /// Refused for good, and so would be everything that goes to that address: what it is to be suppressed for.
    Undeliverable(&'static str),
    /// It may have been sent or not.
    Unknown(String),
}

impl Channels {
    /// What the settings name.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self {
            from: config.mail.from.parse().context("mail.from")?,
            host: host(config),
            mail: if config.mail.url.is_empty() {
                Mailer::File(file::Folder::new(config.data_dir.join("outbox")))
            } else {
                Mailer::Smtp(smtp::Server::new(&config.mail.url).context("mail.url")?)
            },
            texts: if config.sms.url.is_empty() {
                Texter::File(file::Folder::new(config.data_dir.join("outbox")))
            } else {
                Texter::Gateway(Box::new(sms::Gateway::new(&config.sms)?))
            },
        })
    }

    /// Sends `text`, once, within 5 seconds.
    pub async fn send_text(&self, text: &Text) -> Outcome {
        match &self.texts {
            Texter::File(folder) => {
                let words = format!("To: {}\n\n{}\n", text.to, text.text);
                folder.write(text.id, "txt", words.as_bytes()).await
            }
            Texter::Gateway(gateway) => gateway.send(text).await,
        }
    }

    /// Sends `mail`, once, within 10 seconds.
    pub async fn send(&self, mail: &Mail) -> Outcome {
        let message = match self.message(mail) {
            Ok(message) => message,
            // The text of the error may quote the address.
            Err(_) => return Outcome::Refused("the address or a header is not valid".to_owned()),
        };
        match &self.mail {
            Mailer::File(folder) => folder.write(mail.id, "eml", &message.formatted()).await,
            Mailer::Smtp(server) => server.send(message).await,
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message> {
        let body = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        let body = match &mail.attachment {
            None => body,
            Some(file) => MultiPart::mixed().multipart(body).singlepart(part(file)?),
        };
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, mail.to.parse::<Address>()?))
            .date(mail.at.into())
            .message_id(Some(format!("<{}@{}>", mail.id, self.host)))
            .subject(one_line(&mail.subject));
        let automatic = ("Auto-Submitted", "auto-generated".to_owned());
        for (name, value) in mail.headers.iter().chain([&automatic]) {
            let name = HeaderName::new_from_ascii((*name).to_owned())?;
            builder = builder.raw_header(HeaderValue::new(name, one_line(value)));
        }
        Ok(builder.multipart(body)?)
    }
}

/// The host of our address, without its port: what follows the @ in ids that others keep.
pub fn host(config: &Config) -> String {
    let base = config.base_url();
    let rest = base.split_once("://").map_or(base.as_str(), |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    host.to_owned()
}

fn part(file: &Attachment) -> Result<SinglePart> {
    let media_type = ContentType::parse(file.media_type)?;
    // As bytes, because the line ends of the file are its own.
    Ok(Part::new(file.name.to_owned()).body(file.content.clone().into_bytes(), media_type))
}

/// Control characters, line ends among them, would begin another header.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            id: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
            to: "wren@example.org".to_owned(),
            subject: "Hello\r\nBcc: all@example.org \u{1F426}".to_owned(),
            text: "plain\n.\nend".to_owned(),
            html: "<p>marked up</p>".to_owned(),
            attachment: Some(Attachment {
                name: "event.ics",
                media_type: "text/calendar; charset=utf-8; method=PUBLISH",
                content: "BEGIN:VCALENDAR\r\n".to_owned(),
            }),
            headers: vec![("List-Unsubscribe", "<https://x/l/t>\r\nX-Evil: 1".to_owned())],
        }
    }

    fn formatted(mail: &Mail) -> String {
        let channels = Channels::new(&Config::with(&[]).unwrap()).unwrap();
        String::from_utf8(channels.message(mail).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_mail_has_text_html_and_a_stable_id() {
        let text = formatted(&mail());
        let expected = [
            "Message-ID: <00000000-0000-0000-0000-000000000000@127.0.0.1>",
            "Content-Type: text/plain",
            "Content-Type: text/html",
            "text/calendar; charset=utf-8; method=PUBLISH",
            "Auto-Submitted: auto-generated",
        ];
        for part in expected {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    #[test]
    fn nothing_begins_another_header() {
        let text = formatted(&mail());
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            !lines
                .iter()
                .any(|line| line.starts_with("Bcc") || line.starts_with("X-Evil"))
        );
    }

    #[test]
    fn the_host_is_what_stands_in_the_public_address() {
        let of = |url: &str| host(&Config::with(&[("public_url", url.to_owned())]).unwrap());
        assert_eq!(of("https://events.example.org/base"), "events.example.org");
        assert_eq!(of("http://[::1]:8080"), "[::1]");
    }

    #[tokio::test]
    async fn an_address_with_a_line_end_is_refused() {
        let channels = Channels::new(&Config::with(&[]).unwrap()).unwrap();
        let mail = Mail {
            to: "a@example.org\r\nBcc: b@example.org".to_owned(),
            ..mail()
        };
        assert!(matches!(channels.send(&mail).await, Outcome::Refused(_)));
    }
}
