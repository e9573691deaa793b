//! Mails and texts that were written to files.

use std::{fs, path::Path};

use mail_parser::MessageParser;

/// A text message.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) to: String,
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// The calendar file, if there is one.
    pub(crate) calendar: Option<String>,
    pub(crate) raw: String,
}

impl Mail {
    /// The tokens of the links to our own pages, in order.
    pub(crate) fn tokens(&self) -> Vec<String> {
        tokens(&self.text)
    }

    /// The first eight digits in a row.
    pub(crate) fn code(&self) -> String {
        code(&self.text)
    }
}

impl Text {
    /// The tokens of the links to our own pages, in order.
    pub(crate) fn tokens(&self) -> Vec<String> {
        tokens(&self.text)
    }

    /// The first eight digits in a row.
    pub(crate) fn code(&self) -> String {
        code(&self.text)
    }
}

fn tokens(text: &str) -> Vec<String> {
    let token = |rest: &str| {
        rest.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect()
    };
    text.split("/l/").skip(1).map(token).collect()
}

fn code(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_digit());
    words
        .into_iter()
        .find(|word| word.len() == 8)
        .unwrap_or_else(|| panic!("no code in {text}"))
        .to_owned()
}

/// Every mail in `folder`, oldest first.
pub(super) fn read(folder: &Path) -> Vec<Mail> {
    let mails = files(folder, "eml");
    mails.iter().map(|bytes| parse(bytes)).collect()
}

/// Every text in `folder`, oldest first.
pub(super) fn texts(folder: &Path) -> Vec<Text> {
    let text = |bytes: &Vec<u8>| {
        let file = String::from_utf8(bytes.clone()).unwrap();
        let (to, text) = file.split_once("\n\n").unwrap();
        Text {
            to: to.strip_prefix("To: ").unwrap().to_owned(),
            text: text.strip_suffix('\n').unwrap().to_owned(),
        }
    };
    files(folder, "txt").iter().map(text).collect()
}

/// What is in the files of a kind, oldest first.
fn files(folder: &Path, kind: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return vec![];
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == kind));
    paths.sort_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn parse(bytes: &[u8]) -> Mail {
    let message = MessageParser::default().parse(bytes).unwrap();
    let to = message
        .to()
        .unwrap()
        .first()
        .unwrap()
        .address()
        .unwrap()
        .to_owned();
    let calendar = message.attachments().find(|part| {
        mail_parser::MimeHeaders::content_type(*part).is_some_and(|kind| kind.subtype() == Some("calendar"))
    });
    Mail {
        to,
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
        calendar: calendar.map(|part| String::from_utf8(part.contents().to_vec()).unwrap()),
        raw: String::from_utf8_lossy(bytes).into_owned(),
    }
}
