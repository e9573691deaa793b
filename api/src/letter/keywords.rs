//! What is replied to STOP, START and HELP.

use super::{Language, gsm::plain};
use crate::{config::Config, domain::keywords::Keyword};

/// What is replied to a word, in the language of messages to people of whom no other is known.
pub fn reply(config: &Config, keyword: Keyword) -> String {
    let organisation = plain(&config.organisation);
    let words = match (config.language(), keyword) {
        (Language::English, Keyword::Stop) => {
            "no more texts go to this number. Reply START to get them again."
        }
        (Language::English, Keyword::Start) => "you get texts again. Reply STOP to stop them.",
        (Language::English, Keyword::Help) => {
            "codes to sign in, where your RSVPs stand, reminders and changes. Reply STOP to stop texts. More:"
        }
        (Language::Spanish, Keyword::Stop) => {
            "no se envian mas mensajes a este numero. Responde START para recibirlos."
        }
        (Language::Spanish, Keyword::Start) => "recibes mensajes de nuevo. Responde STOP para no recibirlos.",
        (Language::Spanish, Keyword::Help) => {
            "codigos para entrar, avisos de tus respuestas, recordatorios y cambios. Responde STOP para no recibirlos. Mas:"
        }
    };
    match keyword {
        Keyword::Help => format!("{organisation}: {words} {}", config.base_url()),
        Keyword::Stop | Keyword::Start => format!("{organisation}: {words}"),
    }
}
