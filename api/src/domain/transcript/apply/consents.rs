//! Consents that people ticked on a sheet. Only rows of this source are added or taken back here: what somebody said by
//! themselves stands, whatever becomes of the paper.

use entity::{Channel, ConsentSource, Purpose, consent};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{app::Tx, domain::transcript::Words, refusal::Refusal};

/// Counts the changes of what is printed beside the box.
const TEXT: i32 = 1;

/// Grants what was ticked, for the addresses that were written, unless the person has said something by themselves since.
pub(super) async fn grant(tx: &Tx, person_id: Uuid, words: &Words, language: &str) -> Result<(), Refusal> {
    let channels = [
        (words.email.is_some(), Channel::Email),
        (words.phone.is_some(), Channel::Sms),
    ];
    let written = channels.into_iter().filter(|(is_written, _)| *is_written);
    for (_, channel) in written {
        let last = last(tx, person_id, channel).await?;
        let is_ours = last
            .as_ref()
            .is_none_or(|last| last.source == ConsentSource::Sheet);
        if is_ours && last.is_none_or(|last| !last.granted) {
            add(tx, person_id, channel, true, format!("sheet-{language}-{TEXT}")).await?;
        }
    }
    Ok(())
}

/// Takes back what sheets granted these people, where nothing was said since.
pub(super) async fn withdraw(tx: &Tx, people: &[Uuid]) -> Result<(), Refusal> {
    for person_id in people {
        for channel in [Channel::Email, Channel::Sms] {
            let last = last(tx, *person_id, channel).await?;
            let ours = last.filter(|last| last.granted && last.source == ConsentSource::Sheet);
            if let Some(ours) = ours {
                add(tx, *person_id, channel, false, ours.text_version).await?;
            }
        }
    }
    Ok(())
}

async fn last(tx: &Tx, person_id: Uuid, channel: Channel) -> Result<Option<consent::Model>, Refusal> {
    let said = consent::Entity::find()
        .filter(consent::Column::PersonId.eq(person_id))
        .filter(consent::Column::Channel.eq(channel))
        .filter(consent::Column::Purpose.eq(Purpose::Recruitment))
        .order_by_desc(consent::Column::CreatedAt)
        .order_by_desc(consent::Column::Id);
    Ok(said.one(tx.db()).await?)
}

async fn add(
    tx: &Tx,
    person_id: Uuid,
    channel: Channel,
    granted: bool,
    text_version: String,
) -> Result<(), Refusal> {
    let row = consent::ActiveModel {
        id: Set(Uuid::now_v7()),
        person_id: Set(person_id),
        channel: Set(channel),
        purpose: Set(Purpose::Recruitment),
        granted: Set(granted),
        text_version: Set(text_version),
        source: Set(ConsentSource::Sheet),
        created_at: Set(tx.now()),
    };
    consent::Entity::insert(row)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}
