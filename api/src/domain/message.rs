//! The ledger of messages to people: claimed before it is sent, so that nobody gets the same message twice.
//!
//! The row is committed as SENDING before the channel sees the message. Who finds it so in a later attempt cannot
//! know whether it went out, marks it UNKNOWN and does not send. The id of a message is that of its job.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{Channel, MessageState, Purpose, StaffRole, link, message, suppression};
use sea_orm::{
    ActiveEnum, ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, Func, OnConflict, Order, Query, WindowStatement},
};
use uuid::Uuid;

use super::{Actor, gate, person};
use crate::{
    app::App,
    db::hold,
    letter::{Language, Template, Words},
    refusal::Refusal,
    sealed::BlindIndex,
};

/// A message to send.
pub struct Letter {
    /// The job's id; stays the same when the job is tried again.
    pub id: Uuid,
    /// How.
    pub channel: Channel,
    /// Why.
    pub purpose: Purpose,
    /// Which text.
    pub template: Template,
    /// The normalised address.
    pub address: String,
    /// To whom, if that is known.
    pub person_id: Option<Uuid>,
    /// The RSVP it is about, if it is about one.
    pub rsvp_id: Option<Uuid>,
    /// What gives rise to it, if nobody shall hear of that twice for one RSVP: at most 64 characters.
    pub occasion: Option<String>,
    /// The links in it, which begin to work when it is claimed.
    pub links: Vec<link::Model>,
    /// Whether the address never confirmed anything, so that messages to it are counted. False for sign-in codes,
    /// which are limited when they are asked for.
    pub unconfirmed: bool,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Hand it to the channel now, then [`settle`] or [`release`].
    Go,
    /// An earlier attempt came to an end.
    AlreadySettled,
    /// An earlier attempt died while sending. It is not sent again.
    Unknown,
    /// The gate says no, and why.
    Refused(&'static str),
}

/// Claims the message, if it is new and the gate lets it through.
pub async fn begin(app: &App, letter: &Letter) -> Result<Begin, Refusal> {
    claim(app, letter, None).await
}

/// The same for one of an announcement about an event: neither to who wants no more of these.
pub async fn begin_announced(app: &App, letter: &Letter, about: (Uuid, Uuid)) -> Result<Begin, Refusal> {
    claim(app, letter, Some(about)).await
}

async fn claim(app: &App, letter: &Letter, about: Option<(Uuid, Uuid)>) -> Result<Begin, Refusal> {
    let indexes = app.keys.indexes(&letter.channel.to_value(), &letter.address);
    app.write(async |tx| {
        if let Some(row) = message::Entity::find_by_id(letter.id).one(tx.db()).await? {
            if row.state != MessageState::Sending {
                return Ok(Begin::AlreadySettled);
            }
            let detail = "the attempt that sent it did not come back";
            change(tx.db(), row.id, MessageState::Unknown, detail, tx.now()).await?;
            return Ok(Begin::Unknown);
        }
        // Whoever was erased since the job began is not written back.
        if let Some(id) = letter.person_id
            && !person::keep(tx, id).await?
        {
            return Ok(Begin::Refused("the person is gone"));
        }
        if is_told(tx.db(), letter).await? {
            return Ok(Begin::AlreadySettled);
        }
        lock_address(tx.db(), &indexes).await?;
        let mut refused = gate::refuses(tx.db(), &app.config, letter, &indexes, tx.now()).await?;
        if let (Some((_, event_id)), Some(person_id)) = (about, letter.person_id)
            && refused.is_none()
        {
            refused = gate::is_muted(tx.db(), event_id, person_id)
                .await?
                .then_some("muted");
        }
        let newest = indexes.first().ok_or_else(|| Refusal::internal("no index key"))?;
        let row = message::ActiveModel {
            id: Set(letter.id),
            channel: Set(letter.channel),
            purpose: Set(letter.purpose),
            template: Set(letter.template.name().to_owned()),
            index_key: Set(newest.key.clone()),
            value_index: Set(newest.value.clone()),
            person_id: Set(letter.person_id),
            rsvp_id: Set(letter.rsvp_id),
            occasion: Set(letter.occasion.clone()),
            announcement_id: Set(about.map(|(announcement_id, _)| announcement_id)),
            state: Set(refused.map_or(MessageState::Sending, |_| MessageState::Suppressed)),
            sending_at: Set(app.clock.now()), // the transaction may have waited for locks since it began
            settled_at: Set(refused.map(|_| tx.now())),
            detail: Set(refused.map(str::to_owned)),
        };
        message::Entity::insert(row)
            .exec_without_returning(tx.db())
            .await?;
        if refused.is_none() && !letter.links.is_empty() {
            let links = letter
                .links
                .iter()
                .map(|link| link.clone().into_active_model().reset_all());
            link::Entity::insert_many(links)
                .exec_without_returning(tx.db())
                .await?;
        }
        Ok(refused.map_or(Begin::Go, Begin::Refused))
    })
    .await
}

/// The words of a message, about an invented event, for organizers. BAD_USER_INPUT for a language that there are no texts in.
pub fn preview(app: &App, actor: &Actor, template: Template, language: &str) -> Result<Words, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let language =
        Language::of_tag(language).ok_or_else(|| Refusal::input(&["language"], "must be en or es"))?;
    app.letters.sample(template, language)
}

/// At most so many messages about an RSVP are listed.
const LISTED: i32 = 50;

/// The messages about each of some RSVPs, newest first, whoever asks: who may see the RSVP may know of them.
pub async fn about(app: &App, rsvps: &[Uuid]) -> Result<HashMap<Uuid, Vec<message::Model>>, Refusal> {
    let newest = WindowStatement::partition_by(message::Column::RsvpId)
        .order_by(message::Column::SendingAt, Order::Desc)
        .order_by(message::Column::Id, Order::Desc)
        .to_owned();
    let (ranked, place) = ("ranked", "place");
    let all = Query::select()
        .column(message::Column::Id)
        .expr_window_as(Func::cust("ROW_NUMBER"), newest, place)
        .from(message::Entity)
        .and_where(message::Column::RsvpId.is_in(rsvps.iter().copied()))
        .to_owned();
    let listed = Query::select()
        .column((ranked, message::Column::Id))
        .from_subquery(all, ranked)
        .and_where(Expr::col((ranked, place)).lte(LISTED))
        .to_owned();
    let rows = message::Entity::find()
        .filter(message::Column::Id.in_subquery(listed))
        .order_by_desc(message::Column::SendingAt)
        .order_by_desc(message::Column::Id)
        .all(app.db.reader())
        .await?;
    let mut by_rsvp: HashMap<Uuid, Vec<message::Model>> = HashMap::new();
    for row in rows {
        let Some(id) = row.rsvp_id else { continue };
        by_rsvp.entry(id).or_default().push(row);
    }
    Ok(by_rsvp)
}

/// Whether no message was handed over for an address before.
pub async fn is_first(app: &App, channel: Channel, address: &str) -> Result<bool, Refusal> {
    let indexes = app.keys.indexes(&channel.to_value(), address).into_iter();
    let sent = message::Entity::find()
        .filter(message::Column::ValueIndex.is_in(indexes.map(|index| index.value)))
        .filter(message::Column::State.ne(MessageState::Suppressed))
        .one(app.db.writer())
        .await?;
    Ok(sent.is_none())
}

/// Writes down what became of a message. `detail` carries no personal data.
pub async fn settle(app: &App, id: Uuid, state: MessageState, detail: &str) -> Result<(), Refusal> {
    Ok(change(app.db.writer(), id, state, detail, app.clock.now()).await?)
}

/// The message is known not to have been sent: another attempt may claim it.
pub async fn release(app: &App, id: Uuid) -> Result<(), Refusal> {
    message::Entity::delete_many()
        .filter(message::Column::Id.eq(id))
        .filter(message::Column::State.eq(MessageState::Sending))
        .exec(app.db.writer())
        .await?;
    Ok(())
}

/// Notes that the address with `index` wants no more optional messages by `channel`. Saying so twice is fine.
pub async fn suppress(
    db: &impl ConnectionTrait,
    channel: Channel,
    index: &BlindIndex,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let row = suppression::ActiveModel {
        id: Set(Uuid::now_v7()),
        channel: Set(channel),
        index_key: Set(index.key.clone()),
        value_index: Set(index.value.clone()),
        reason: Set(reason.to_owned()),
        created_at: Set(now),
    };
    let key = [
        suppression::Column::Channel,
        suppression::Column::IndexKey,
        suppression::Column::ValueIndex,
    ];
    suppression::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Whether somebody heard of the occasion before, by another job.
async fn is_told(db: &impl ConnectionTrait, letter: &Letter) -> Result<bool, DbErr> {
    let (Some(rsvp_id), Some(occasion)) = (letter.rsvp_id, &letter.occasion) else {
        return Ok(false);
    };
    let told = message::Entity::find()
        .filter(message::Column::RsvpId.eq(rsvp_id))
        .filter(message::Column::Occasion.eq(occasion));
    Ok(told.one(db).await?.is_some())
}

/// Two jobs that write to the same address at once are counted one after the other, and a STOP from it comes before or after
/// them: also when nobody is known to have it. Taken after rows of people.
pub(super) async fn lock_address(db: &impl ConnectionTrait, indexes: &[BlindIndex]) -> Result<(), DbErr> {
    let first = indexes.first().and_then(|index| index.value.first_chunk());
    match first {
        Some(first) => hold(db, i64::from_le_bytes(*first)).await,
        None => Ok(()),
    }
}

/// A late answer still counts for a message that was given up as unknown; other ends are final.
async fn change(
    db: &impl ConnectionTrait,
    id: Uuid,
    state: MessageState,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = message::ActiveModel {
        state: Set(state),
        settled_at: Set(Some(now)),
        detail: Set(Some(detail.to_owned())),
        ..Default::default()
    };
    message::Entity::update_many()
        .set(row)
        .filter(message::Column::Id.eq(id))
        .filter(message::Column::State.is_in([MessageState::Sending, MessageState::Unknown]))
        .exec(db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::tests::start;

    fn letter(address: &str) -> Letter {
        Letter {
            id: Uuid::now_v7(),
            channel: Channel::Email,
            purpose: Purpose::Transactional,
            template: Template::RsvpRegistered,
            address: address.to_owned(),
            person_id: None,
            rsvp_id: None,
            occasion: None,
            links: vec![],
            unconfirmed: true,
        }
    }

    async fn state(app: &App, id: Uuid) -> MessageState {
        let row = message::Entity::find_by_id(id).one(app.db.reader()).await;
        row.unwrap().unwrap().state
    }

    #[tokio::test]
    async fn a_message_found_sending_becomes_unknown_and_a_late_answer_counts() {
        let app = start().await;
        let letter = letter("a@example.org");
        assert_eq!(begin(&app, &letter).await.unwrap(), Begin::Go);
        assert_eq!(begin(&app, &letter).await.unwrap(), Begin::Unknown);
        assert_eq!(state(&app, letter.id).await, MessageState::Unknown);
        assert_eq!(begin(&app, &letter).await.unwrap(), Begin::AlreadySettled);
        release(&app, letter.id).await.unwrap();
        assert_eq!(state(&app, letter.id).await, MessageState::Unknown);
        settle(&app, letter.id, MessageState::Sent, "250").await.unwrap();
        settle(&app, letter.id, MessageState::Failed, "550")
            .await
            .unwrap();
        assert_eq!(state(&app, letter.id).await, MessageState::Sent);
    }

    #[tokio::test]
    async fn nothing_is_written_to_who_is_gone() {
        let app = start().await;
        let gone = Letter {
            person_id: Some(Uuid::now_v7()),
            ..letter("a@example.org")
        };
        let refused = begin(&app, &gone).await.unwrap();
        assert_eq!(refused, Begin::Refused("the person is gone"));
        let row = message::Entity::find_by_id(gone.id).one(app.db.reader()).await;
        assert_eq!(row.unwrap(), None, "nor is it written down whom it was for");
    }

    #[tokio::test]
    async fn a_message_known_not_sent_may_be_claimed_again() {
        let app = start().await;
        let letter = letter("a@example.org");
        begin(&app, &letter).await.unwrap();
        release(&app, letter.id).await.unwrap();
        assert_eq!(begin(&app, &letter).await.unwrap(), Begin::Go);
    }

    #[tokio::test]
    async fn an_unconfirmed_address_gets_only_so_many_an_hour() {
        let app = start().await;
        for _ in 0..app.config.rsvp.mails_per_unconfirmed_address_and_hour {
            assert_eq!(begin(&app, &letter("a@example.org")).await.unwrap(), Begin::Go);
        }
        let refused = begin(&app, &letter("a@example.org")).await.unwrap();
        assert!(matches!(refused, Begin::Refused(_)), "{refused:?}");
        assert_eq!(begin(&app, &letter("b@example.org")).await.unwrap(), Begin::Go);
        let code = Letter {
            template: Template::SignInCode,
            unconfirmed: false,
            ..letter("a@example.org")
        };
        assert_eq!(begin(&app, &code).await.unwrap(), Begin::Go);
        app.clock.advance(chrono::TimeDelta::minutes(61));
        assert_eq!(begin(&app, &letter("a@example.org")).await.unwrap(), Begin::Go);
    }

    #[tokio::test]
    async fn a_suppressed_address_gets_transactional_mail_only() {
        let app = start().await;
        let index = app.keys.index("EMAIL", "a@example.org").unwrap();
        for _ in 0..2 {
            suppress(
                app.db.writer(),
                Channel::Email,
                &index,
                "unsubscribed",
                app.clock.now(),
            )
            .await
            .unwrap();
        }
        assert_eq!(begin(&app, &letter("a@example.org")).await.unwrap(), Begin::Go);
        let notice = Letter {
            purpose: Purpose::Notice,
            ..letter("a@example.org")
        };
        assert_eq!(begin(&app, &notice).await.unwrap(), Begin::Refused("suppressed"));
        assert_eq!(state(&app, notice.id).await, MessageState::Suppressed);
    }
}
