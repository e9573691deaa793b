//! Consents: what somebody may be written for, by which channel. Said by the person, and kept as a ledger.
//!
//! Withdrawing is not STOP. A consent is what a person says of one purpose, and ends with their account; a suppression is
//! what was said at an address, holds for everything optional, outlives the account, and no consent lifts it.

use entity::{Channel, ConsentSource, Purpose, consent, suppression};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Actor, contact, person};
use crate::{
    app::App,
    refusal::{Problems, Refusal},
};

/// The channels a consent can be for.
const CHANNELS: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Call];
/// The purposes a consent can be for. Other messages are asked for one by one.
const PURPOSES: [Purpose; 3] = [Purpose::Notice, Purpose::Recruitment, Purpose::Invitation];
const LONGEST_VERSION: usize = 64;

/// What somebody may be written for, by one channel.
#[derive(Clone, Debug)]
pub struct Standing {
    /// By which channel.
    pub channel: Channel,
    /// For which messages.
    pub purpose: Purpose,
    /// Whether it is consented to.
    pub granted: bool,
    /// The row that says so; without one it is as usual for the purpose.
    pub said: Option<consent::Model>,
    /// Whether an address of the person said STOP, so that nothing optional comes by this channel in any case.
    pub suppressed: bool,
}

/// Something that somebody grants or withdraws.
#[derive(Clone, Debug)]
pub struct Change {
    /// By which channel.
    pub channel: Channel,
    /// For which messages: NOTICE, RECRUITMENT or INVITATION.
    pub purpose: Purpose,
    /// Granted; or withdrawn.
    pub granted: bool,
    /// Names the text that was shown: 1 to 64 visible ASCII characters.
    pub text_version: String,
}

/// What holds for somebody who said nothing: who answers for an event wants to hear of changes to it, one may be invited by
/// somebody who knows one's address, and nobody wants to be asked for more.
pub(crate) fn is_usual(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Notice | Purpose::Invitation)
}

/// What the signed-in person consents to, for every channel and purpose.
pub async fn mine(app: &App, actor: &Actor) -> Result<Vec<Standing>, Refusal> {
    let (me, db) = (actor.member()?.id, app.db.reader());
    let ledger = consent::Entity::find()
        .filter(consent::Column::PersonId.eq(me))
        .order_by_asc(consent::Column::CreatedAt)
        .order_by_asc(consent::Column::Id)
        .all(db)
        .await?;
    let stopped = stopped(app, db, me).await?;
    let of = |channel, purpose| {
        let fits = |row: &&consent::Model| row.channel == channel && row.purpose == purpose;
        let said = ledger.iter().rfind(fits).cloned();
        Standing {
            channel,
            purpose,
            granted: said.as_ref().map_or(is_usual(purpose), |said| said.granted),
            said,
            suppressed: stopped.contains(&channel),
        }
    };
    let all = CHANNELS.into_iter();
    Ok(all
        .flat_map(|channel| PURPOSES.map(|purpose| of(channel, purpose)))
        .collect())
}

/// Grants or withdraws a consent of the signed-in person, by adding to the ledger. BAD_USER_INPUT.
pub async fn update(app: &App, actor: &Actor, change: &Change) -> Result<Standing, Refusal> {
    let me = actor.member()?.id;
    let version = &change.text_version;
    let mut problems = Problems::default();
    let is_version =
        (1..=LONGEST_VERSION).contains(&version.len()) && version.bytes().all(|b| b.is_ascii_graphic());
    problems.check(
        is_version,
        "input.textVersion",
        format!("must have 1 to {LONGEST_VERSION} visible ASCII characters"),
    );
    problems.finish()?;
    let said = app
        .write(async |tx| {
            person::lock(tx, &[me]).await?; // so that of two at once the later one counts
            let row = consent::ActiveModel {
                id: Set(Uuid::now_v7()),
                person_id: Set(me),
                channel: Set(change.channel),
                purpose: Set(change.purpose),
                granted: Set(change.granted),
                text_version: Set(version.clone()),
                source: Set(ConsentSource::Settings),
                created_at: Set(tx.now()),
            };
            Ok(consent::Entity::insert(row).exec_with_returning(tx.db()).await?)
        })
        .await?;
    Ok(Standing {
        channel: said.channel,
        purpose: said.purpose,
        granted: said.granted,
        suppressed: stopped(app, app.db.reader(), me).await?.contains(&said.channel),
        said: Some(said),
    })
}

/// Whether a message of `purpose` may go to somebody by `channel`, as far as consent goes.
pub(super) async fn is_granted(
    db: &impl ConnectionTrait,
    person_id: Uuid,
    channel: Channel,
    purpose: Purpose,
) -> Result<bool, DbErr> {
    let said = consent::Entity::find()
        .filter(consent::Column::PersonId.eq(person_id))
        .filter(consent::Column::Channel.eq(channel))
        .filter(consent::Column::Purpose.eq(purpose))
        .order_by_desc(consent::Column::CreatedAt)
        .order_by_desc(consent::Column::Id)
        .one(db)
        .await?;
    Ok(said.map_or(is_usual(purpose), |said| said.granted))
}

/// The channels by which an address of somebody said STOP.
async fn stopped(app: &App, db: &impl ConnectionTrait, person_id: Uuid) -> Result<Vec<Channel>, Refusal> {
    let contacts = contact::of(app, db, person_id).await?;
    let rows = suppression::Entity::find()
        .filter(suppression::Column::ValueIndex.is_in(contact::indexes(app, &contacts)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.channel).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            actor::Member,
            message::{self, Begin, Letter},
        },
        jobs::tests::start,
        letter::Language,
    };

    #[tokio::test]
    async fn the_gate_asks_for_consent() {
        let app = start().await;
        let id = Uuid::now_v7();
        app.write(async |tx| person::make(tx, id, Language::default(), tx.now()).await)
            .await
            .unwrap();
        let actor = Actor::Person(Member {
            id,
            session_id: Uuid::now_v7(),
            roles: vec![],
            device: crate::domain::device::Device::default(),
        });
        let send = async |purpose, channel, person_id| {
            let letter = Letter {
                id: Uuid::now_v7(),
                channel,
                purpose,
                template: crate::letter::Template::RsvpRegistered,
                address: "a@example.org".to_owned(),
                person_id,
                rsvp_id: None,
                occasion: None,
                links: vec![],
                unconfirmed: false,
            };
            message::begin(&app, &letter).await.unwrap()
        };
        let say = async |purpose, granted| {
            let change = Change {
                channel: Channel::Email,
                purpose,
                granted,
                text_version: "1".to_owned(),
            };
            update(&app, &actor, &change).await.unwrap();
        };
        let (refused, mail) = (Begin::Refused("no consent"), Channel::Email);
        assert_eq!(send(Purpose::Notice, mail, Some(id)).await, Begin::Go);
        assert_eq!(send(Purpose::Recruitment, mail, Some(id)).await, refused);
        assert_eq!(send(Purpose::Recruitment, mail, None).await, refused);
        say(Purpose::Notice, false).await;
        say(Purpose::Recruitment, true).await;
        assert_eq!(send(Purpose::Notice, mail, Some(id)).await, refused);
        assert_eq!(send(Purpose::Recruitment, mail, Some(id)).await, Begin::Go);
        assert_eq!(send(Purpose::Recruitment, Channel::Sms, Some(id)).await, refused);
        say(Purpose::Recruitment, false).await;
        assert_eq!(send(Purpose::Recruitment, mail, Some(id)).await, refused);
        assert_eq!(send(Purpose::Reply, mail, Some(id)).await, Begin::Go);
    }
}
