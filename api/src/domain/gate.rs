//! What a message is checked for before it may go: one table, by purpose and channel.
//!
//! Quiet hours and caps per recipient come with recruitment, as further columns.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Channel, MessageState, Purpose, event_mute, message, suppression};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{
    config::Config,
    domain::{consent, message::Letter},
    letter::Template,
    sealed::BlindIndex,
};

/// What a message is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Not to an address that said stop.
    pub suppression: bool,
    /// Only to a person who consents to such messages by this channel.
    pub consent: bool,
    /// Not too often to an address that never confirmed anything.
    pub unconfirmed_cap: bool,
    /// Not too often to one phone number, whoever it is of: each text costs, and some numbers earn by it. Notices are not asked
    /// for by anybody, and whoever would be told that all is off must not be left out because of what strangers asked for.
    pub number_cap: bool,
}

/// The table.
///
/// Suppression holds always but for transactional mail: mail knows no STOP by law, unsubscribing is about news, and a
/// suppressed address could never sign in again. A number that said STOP gets no text at all, not even a code; mail is
/// offered instead. Consent is asked for what comes without a question of the person's own: notices unless they were
/// withdrawn, and so a host's invitations; recruitment only if it was granted. The cap keeps somebody who types in another's address from filling that mailbox.
pub fn checks(purpose: Purpose, channel: Channel) -> Checks {
    let of = |suppression, consent| Checks {
        suppression,
        consent,
        unconfirmed_cap: true,
        number_cap: channel == Channel::Sms && purpose != Purpose::Notice,
    };
    match (purpose, channel) {
        (Purpose::Transactional, Channel::Email) => of(false, false),
        (Purpose::Transactional, Channel::Sms | Channel::Call) => of(true, false),
        (Purpose::Reply, _) => of(true, false),
        (Purpose::Notice | Purpose::Recruitment | Purpose::Invitation, _) => of(true, true),
    }
}

/// Why `letter` may not go to the address with these `indexes` (one for each index key), if so. Runs in the
/// transaction that claims the message.
pub(super) async fn refuses(
    db: &impl ConnectionTrait,
    config: &Config,
    letter: &Letter,
    indexes: &[BlindIndex],
    now: DateTime<Utc>,
) -> Result<Option<&'static str>, DbErr> {
    let checks = checks(letter.purpose, letter.channel);
    let values = || indexes.iter().map(|index| index.value.clone());
    if checks.suppression {
        let suppressed = suppression::Entity::find()
            .filter(suppression::Column::Channel.eq(letter.channel))
            .filter(suppression::Column::ValueIndex.is_in(values()))
            .one(db)
            .await?;
        if suppressed.is_some() {
            return Ok(Some("suppressed"));
        }
    }
    if checks.consent {
        let granted = match letter.person_id {
            Some(person) => consent::is_granted(db, person, letter.channel, letter.purpose).await?,
            None => consent::is_usual(letter.purpose),
        };
        if !granted {
            return Ok(Some("no consent"));
        }
    }
    if checks.unconfirmed_cap && letter.unconfirmed {
        let sent = message::Entity::find()
            .filter(message::Column::ValueIndex.is_in(values()))
            .filter(message::Column::SendingAt.gt(now - TimeDelta::hours(1)))
            .filter(message::Column::Template.is_not_in(Template::CODES.map(Template::name))) // those have a limit of their own, when they are asked for
            .filter(message::Column::State.ne(MessageState::Suppressed))
            .count(db)
            .await?;
        if sent >= config.rsvp.mails_per_unconfirmed_address_and_hour {
            return Ok(Some("too many to an unconfirmed address"));
        }
    }
    if checks.number_cap && !Template::CODES.contains(&letter.template) {
        let sent = message::Entity::find()
            .filter(message::Column::ValueIndex.is_in(values()))
            .filter(message::Column::SendingAt.gt(now - TimeDelta::days(1)))
            .filter(message::Column::Template.is_not_in(Template::CODES.map(Template::name)))
            .filter(message::Column::State.ne(MessageState::Suppressed))
            .count(db)
            .await?;
        if sent >= config.sms.texts_per_number_and_day {
            return Ok(Some("too many texts to a number"));
        }
    }
    Ok(None)
}

/// Whether somebody wants no more announcements about an event.
pub(super) async fn is_muted(
    db: &impl ConnectionTrait,
    event_id: uuid::Uuid,
    person_id: uuid::Uuid,
) -> Result<bool, DbErr> {
    let row = event_mute::Entity::find_by_id((event_id, person_id))
        .one(db)
        .await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_transactional_mail_reaches_a_suppressed_address() {
        let purposes = [
            Purpose::Transactional,
            Purpose::Notice,
            Purpose::Reply,
            Purpose::Recruitment,
            Purpose::Invitation,
        ];
        for purpose in purposes {
            for channel in [Channel::Email, Channel::Sms, Channel::Call] {
                let mail = purpose == Purpose::Transactional && channel == Channel::Email;
                assert_eq!(
                    checks(purpose, channel).suppression,
                    !mail,
                    "{purpose:?} {channel:?}"
                );
                assert!(checks(purpose, channel).unconfirmed_cap);
                let capped = channel == Channel::Sms && purpose != Purpose::Notice;
                assert_eq!(
                    checks(purpose, channel).number_cap,
                    capped,
                    "{purpose:?} {channel:?}"
                );
                let asked = matches!(
                    purpose,
                    Purpose::Notice | Purpose::Recruitment | Purpose::Invitation
                );
                assert_eq!(checks(purpose, channel).consent, asked, "{purpose:?} {channel:?}");
            }
        }
    }
}
