//! What people answer to texts: STOP, START and HELP, in the languages that texts are written in.
//!
//! STOP is said at a number, not by a person: it holds for everything that would go there, whatever anybody consents to,
//! and is kept under the number's blind index alone. Once it is answered, nothing more is sent.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{Channel, MessageState, message, suppression};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tokio::time::sleep;

use super::{address::Address, message as messages, phone::Phone};
use crate::{app::App, channel::TEXT_DEADLINE, refusal::Refusal, sealed::BlindIndex};

/// What a word asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// Who is this?
    Help,
}

/// Words that stop with anything behind them: `stop please`.
const STOP_FIRST: [&str; 7] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "OPTOUT",
    "REVOKE",
    "ALTO",
    "PARAR",
];
/// Words that stop if they are all that is said: `end of the street` is an answer to something else.
const STOP_ALONE: [&str; 7] = ["CANCEL", "END", "QUIT", "CANCELAR", "BAJA", "FIN", "SALIR"];
const START: [&str; 4] = ["START", "UNSTOP", "COMENZAR", "ALTA"];
const HELP: [&str; 3] = ["HELP", "INFO", "AYUDA"];

impl Keyword {
    /// What `text` asks for, if it is one of the words, however it is written.
    pub fn of(text: &str) -> Option<Self> {
        let letters = |word: &str| {
            let letters = word.chars().filter(|c| c.is_alphabetic());
            letters.flat_map(char::to_uppercase).collect::<String>()
        };
        let mut words = text
            .split_whitespace()
            .take(20)
            .map(letters)
            .filter(|word| !word.is_empty());
        let first = words.next()?;
        let second = words.next();
        let (first, alone) = (first.as_str(), second.is_none());
        match first {
            "OPT" if second.as_deref() == Some("OUT") => Some(Self::Stop),
            _ if STOP_FIRST.contains(&first) => Some(Self::Stop),
            _ if !alone => None,
            _ if STOP_ALONE.contains(&first) => Some(Self::Stop),
            _ if START.contains(&first) => Some(Self::Start),
            _ if HELP.contains(&first) => Some(Self::Help),
            _ => None,
        }
    }
}

/// Does what a text from `phone` asks for, and answers when it holds: after STOP, no text to that number is on its way that
/// was not handed over before. Saying it twice is fine.
pub async fn hear(app: &App, phone: &Phone, keyword: Keyword) -> Result<(), Refusal> {
    let address = Address::Phone(phone.clone());
    let indexes = address.indexes(app);
    match keyword {
        Keyword::Help => return Ok(()),
        Keyword::Stop => {
            let index = address.index(app)?;
            app.write(async |tx| {
                messages::lock_address(tx.db(), &indexes).await?;
                messages::suppress(tx.db(), Channel::Sms, &index, "STOP", tx.now()).await
            })
            .await?;
            settled(app, &indexes).await?;
        }
        Keyword::Start => {
            suppression::Entity::delete_many()
                .filter(suppression::Column::Channel.eq(Channel::Sms))
                .filter(suppression::Column::ValueIndex.is_in(values(&indexes)))
                .exec(app.db.writer())
                .await?;
        }
    }
    tracing::info!(?keyword, "a number said a word");
    Ok(())
}

/// Waits, as long as a gateway may take, until no text to the number is being handed over.
async fn settled(app: &App, indexes: &[BlindIndex]) -> Result<(), Refusal> {
    const PAUSE: Duration = Duration::from_millis(100);
    // A claim may have waited for its commit as long again.
    let longest = TEXT_DEADLINE * 2;
    let seconds = i64::try_from(longest.as_secs()).unwrap_or(i64::MAX);
    let mut waited = Duration::ZERO;
    while waited < longest {
        let sending = message::Entity::find()
            .filter(message::Column::ValueIndex.is_in(values(indexes)))
            .filter(message::Column::Channel.eq(Channel::Sms))
            .filter(message::Column::State.eq(MessageState::Sending))
            .filter(message::Column::SendingAt.gt(app.clock.now() - TimeDelta::seconds(seconds)));
        if sending.count(app.db.writer()).await? == 0 {
            break;
        }
        sleep(PAUSE).await;
        waited += PAUSE;
    }
    Ok(())
}

fn values(indexes: &[BlindIndex]) -> impl Iterator<Item = Vec<u8>> {
    indexes.iter().map(|index| index.value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_however_they_are_written() {
        for stop in [
            "STOP",
            "stop",
            " Stop. ",
            "\"STOP\"",
            "stop please",
            "STOP!!",
            "Stop\n",
            "opt-out",
            "Opt out",
            "opt out please",
            "Unsubscribe",
            "quit",
            "END",
            "alto",
            "¡Alto!",
            "baja",
            "s.t.o.p",
        ] {
            assert_eq!(Keyword::of(stop), Some(Keyword::Stop), "{stop}");
        }
        assert_eq!(Keyword::of("Start"), Some(Keyword::Start));
        assert_eq!(Keyword::of("ayuda"), Some(Keyword::Help));
        assert_eq!(Keyword::of("HELP?"), Some(Keyword::Help));
        for other in [
            "",
            " ",
            "1",
            "yes",
            "end of the street",
            "please do not stop",
            "stopping by later",
            "start at 5?",
            "help me",
            "opt in",
            "\u{1F44D}",
        ] {
            assert_eq!(Keyword::of(other), None, "{other}");
        }
        assert_eq!(Keyword::of(&"x ".repeat(100_000)), None);
    }
}
