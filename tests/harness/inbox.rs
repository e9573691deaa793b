//! Mails that were written to files.

use std::{fs, path::Path};

use mail_parser::MessageParser;

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
        let token = |rest: &str| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                .collect()
        };
        self.text.split("/l/").skip(1).map(token).collect()
    }

    /// The first eight digits in a row.
    pub(crate) fn code(&self) -> String {
        let words = self.text.split(|c: char| !c.is_ascii_digit());
        words
            .into_iter()
            .find(|word| word.len() == 8)
            .unwrap_or_else(|| panic!("no code in {}", self.text))
            .to_owned()
    }
}

/// Every mail in `folder`, oldest first.
pub(super) fn read(folder: &Path) -> Vec<Mail> {
    let Ok(entries) = fs::read_dir(folder) else {
        return vec![];
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    paths.sort_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    paths.iter().map(|path| parse(&fs::read(path).unwrap())).collect()
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
