//! Where somebody is reached: a mail address or a phone number, each looked up in one way.

use std::fmt;

use entity::{Channel, contact_point};
use sea_orm::{ActiveEnum, ColumnTrait, Condition};

use super::{email::Email, phone::Phone};
use crate::{
    app::App,
    config::Config,
    refusal::Refusal,
    sealed::{BlindIndex, Slot},
};

/// A mail address or a phone number. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// Of mail.
    Email(Email),
    /// Of texts.
    Phone(Phone),
}

impl Address {
    /// Reads the one of `email` and `phone` that was given. Refuses both, neither, and what is none, naming fields of the
    /// input.
    pub fn parse(config: &Config, email: Option<&str>, phone: Option<&str>) -> Result<Self, Refusal> {
        match Self::parse_if_any(config, email, phone)? {
            Some(address) => Ok(address),
            None => Err(Refusal::input(&["input", "email"], "or phone is needed")),
        }
    }

    /// The same where none may be needed.
    pub fn parse_if_any(
        config: &Config,
        email: Option<&str>,
        phone: Option<&str>,
    ) -> Result<Option<Self>, Refusal> {
        match (email, phone) {
            (None, None) => Ok(None),
            (Some(email), None) => {
                Email::parse(email, &["input", "email"]).map(|email| Some(Self::Email(email)))
            }
            (None, Some(phone)) => {
                Phone::parse(config, phone, &["input", "phone"]).map(|phone| Some(Self::Phone(phone)))
            }
            (Some(_), Some(_)) => Err(Refusal::input(
                &["input", "phone"],
                "must not be given beside email",
            )),
        }
    }

    /// One that was parsed before it was stored.
    pub(crate) fn stored(channel: Channel, text: String) -> Self {
        match channel {
            Channel::Email => Self::Email(Email::stored(text)),
            Channel::Sms | Channel::Call => Self::Phone(Phone::stored(text)),
        }
    }

    /// That of a row.
    pub(crate) fn of(app: &App, row: &contact_point::Model) -> Result<Self, Refusal> {
        let slot = Slot {
            column: "contact_point.value",
            row: &row.id,
        };
        Ok(Self::stored(row.channel, app.keys.open(slot, &row.value)?))
    }

    /// How it is written to.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
        }
    }

    /// The address itself, for sending to it and for its owner.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Email(email) => email.reveal(),
            Self::Phone(phone) => phone.reveal(),
        }
    }

    /// Its blind index, for writing.
    pub(crate) fn index(&self, app: &App) -> Result<BlindIndex, Refusal> {
        app.keys.index(&self.channel().to_value(), self.reveal())
    }

    /// Its blind indexes under every kept key, for looking it up.
    pub(crate) fn indexes(&self, app: &App) -> Vec<BlindIndex> {
        app.keys.indexes(&self.channel().to_value(), self.reveal())
    }

    /// The rows whose blind index is that of this address, under any of the kept keys.
    pub(crate) fn is_in<C: ColumnTrait>(&self, app: &App, key: C, value: C) -> Condition {
        let of = |index: BlindIndex| Condition::all().add(key.eq(index.key)).add(value.eq(index.value));
        let all = self.indexes(app).into_iter();
        all.map(of).fold(Condition::any(), Condition::add)
    }
}

impl From<Email> for Address {
    fn from(email: Email) -> Self {
        Self::Email(email)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}
