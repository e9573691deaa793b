//! Announcements: what a host writes to those who answered for an event.
//!
//! What was written is a row; who gets it is found in parts, each in a transaction that leaves a job for each person of it
//! and for the next part. So a part is done once, and every person has one job, whose message goes out once at most.

mod audience;
mod spread;

pub use audience::{Audience, LeftOut, audience};
pub(crate) use spread::spread;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{MessageState, announcement, event as event_rows, event_mute, message, rsvp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Actor, audit,
    event::{self, content::text},
    host,
    idempotency::{self, IdempotencyKey},
    page::{Page, PageArgs},
    person,
    rsvp::{ACTIVE, Filter},
};
use crate::{
    app::{App, Tx},
    outbox::Job,
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// People are counted for a host in steps of so many: few could be told apart.
const STEP: i64 = 5;
/// What to write, and to whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Content {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Whether answers go to the author's address, which everybody then sees.
    pub shows_address: bool,
    /// Which RSVPs.
    pub filter: Filter,
    /// Whose events count for who came before; of nobody in particular for organizers.
    #[serde(default)]
    hosted_by: Option<Uuid>,
}

/// An announcement as those who run its event see it.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// The row.
    pub row: announcement::Model,
    /// What it says.
    pub content: Content,
    /// People who did not get it, in steps of five; none when they are fewer, or the filter may mean single people.
    pub not_reached: Option<i64>,
}

impl Content {
    /// What to write to those whom `filter` leaves.
    pub fn new(subject: String, text: String, shows_address: bool, filter: Filter) -> Self {
        Self {
            subject,
            text,
            shows_address,
            filter,
            hosted_by: None,
        }
    }

    fn check(&self, app: &App, problems: &mut Problems) {
        for (field, words, most) in [
            ("input.subject", &self.subject, app.config.limits.title),
            ("input.text", &self.text, app.config.announcements.text),
        ] {
            problems.check(!words.trim().is_empty(), field, "must not be empty");
            text(problems, field, Some(words), most);
        }
        let is_line = !self.subject.contains(['\n', '\r']);
        problems.check(is_line, "input.subject", "must be one line");
    }
}

/// Writes to those who answered for an event until now, of those who come, wait or ask to come. For its hosts and for
/// organizers, who alone may when it was taken down (WRONG_STATE). NOT_FOUND, FORBIDDEN; BAD_USER_INPUT, also when nobody is
/// meant; RATE_LIMITED after `announcements.per_event_and_day` and `announcements.per_person_and_day`, or fewer of a new host.
pub async fn send(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    content: Content,
    key: Option<&IdempotencyKey>,
) -> Result<Announcement, Refusal> {
    let again = async |id: Option<Uuid>| find(app, actor, id.unwrap_or_default()).await;
    let action = async || send_once(app, actor, event_id, content, key).await;
    idempotency::run(app, key, action, again).await
}

async fn send_once(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    content: Content,
    key: Option<&IdempotencyKey>,
) -> Result<Announcement, Refusal> {
    let me = actor.member()?.id;
    event::require_reach(app, actor, event_id).await?;
    let mut problems = Problems::default();
    content.check(app, &mut problems);
    let filter = written_to(content.filter.clone(), "input.filter", &mut problems);
    problems.finish()?;
    let content = Content {
        filter,
        hosted_by: actor.hosts_only(),
        ..content
    };
    let now = app.clock.now();
    let people = audience::people(app, event_id, &content, now).await?;
    if people == 0 {
        return Err(Refusal::input(&["input", "filter"], "means nobody"));
    }
    let id = Uuid::now_v7();
    let row = announcement::Model {
        id,
        event_id,
        person_id: Some(me),
        content: app.keys.seal(slot(&id), &content)?,
        recipients: 0,
        part: 0,
        reached: None,
        created_at: now,
    };
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        person::lock(tx, &[me]).await?; // of two at once, the second one counts the first
        let most = host::announcements_per_day(app, tx, actor).await?;
        check_budget(app, tx, event_id, (me, most)).await?;
        let why = format!("{people} people: {}", content.filter.told());
        audit::record_why(tx, actor, "event.announce", &[event_id], Some(&why)).await?;
        announcement::Entity::insert(announcement::ActiveModel::from(row.clone()))
            .exec_without_returning(tx.db())
            .await?;
        let first = Job::SpreadAnnouncement {
            announcement_id: id,
            part: 0,
        };
        tx.enqueue(&first, tx.now()).await
    })
    .await?;
    Ok(Announcement {
        row: announcement::Model {
            recipients: i32::try_from(people).map_err(Refusal::internal)?,
            ..row
        },
        content,
        not_reached: None,
    })
}

async fn check_budget(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    (me, most_of_mine): (Uuid, u64),
) -> Result<(), Refusal> {
    let limits = &app.config.announcements;
    let day = TimeDelta::days(1);
    for (of, most, whom) in [
        (
            announcement::Column::EventId.eq(event_id),
            limits.per_event_and_day,
            "about one event",
        ),
        (
            announcement::Column::PersonId.eq(me),
            most_of_mine,
            "by one person",
        ),
    ] {
        let recent = announcement::Entity::find()
            .filter(of)
            .filter(announcement::Column::CreatedAt.gt(tx.now() - day))
            .order_by_desc(announcement::Column::CreatedAt)
            .limit(most)
            .select_only()
            .column(announcement::Column::CreatedAt)
            .into_tuple::<DateTime<Utc>>()
            .all(tx.db())
            .await?;
        if let Some(oldest) = recent.last().filter(|_| recent.len() as u64 >= most) {
            let wait = *oldest + day - tx.now();
            let seconds = u64::try_from(wait.num_seconds()).unwrap_or_default() + 1;
            let limit = format!("At most {most} announcements a day may be sent {whom}");
            return Err(Refusal::Budget(limit, seconds));
        }
    }
    Ok(())
}

/// `filter` for those who may be written to; notes where it means others.
fn written_to(filter: Filter, path: &str, problems: &mut Problems) -> Filter {
    filter.check(path, problems);
    if filter.statuses.is_empty() {
        return Filter {
            statuses: ACTIVE.into(),
            ..filter
        };
    }
    let all = filter.statuses.iter().all(|status| ACTIVE.contains(status));
    let rule = "can only be REGISTERED, OFFERED, WAITLISTED and PENDING_APPROVAL";
    problems.check(all, &format!("{path}.statuses"), rule);
    filter
}

/// Those whom an announcement of `content` at `time` is for, as far as columns decide.
fn condition(content: &Content, event_id: Uuid, time: DateTime<Utc>) -> Condition {
    let filter = content.filter.condition(content.hosted_by, time);
    filter
        .add(rsvp::Column::EventId.eq(event_id))
        .add(rsvp::Column::CreatedAt.lte(time))
}

/// Whether an RSVP still is one that the announcement is for, as far as where it stands.
pub(crate) fn is_for(content: &Content, row: &rsvp::Model) -> bool {
    content.filter.statuses.contains(&row.status)
}

/// Whether it may still go out. About an event that was taken down only organizers write, who know that it was.
pub(crate) fn may_go(
    announcement: &announcement::Model,
    content: &Content,
    event: &event_rows::Model,
) -> bool {
    event
        .suppressed_at
        .is_none_or(|at| content.hosted_by.is_none() && announcement.created_at >= at)
}

/// What an announcement says.
pub(crate) fn open(app: &App, row: &announcement::Model) -> Result<Content, Refusal> {
    app.keys.open(slot(&row.id), &row.content)
}

/// One of an event that the actor runs. NOT_FOUND for any other.
pub async fn find(app: &App, actor: &Actor, id: Uuid) -> Result<Announcement, Refusal> {
    actor.member()?;
    const NONE: Refusal = Refusal::NotFound("announcement");
    let row = announcement::Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(NONE)?;
    let event = event::require_edit(app, actor, row.event_id).await;
    event.map_err(|refusal| refusal.hiding("announcement"))?;
    let mut counted = counted(app, vec![row]).await?;
    counted.pop().ok_or(NONE)
}

/// Those about an event, newest first. For its hosts and for organizers.
pub async fn of_event(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    page: &PageArgs,
) -> Result<Page<Announcement>, Refusal> {
    event::require_edit(app, actor, event_id).await?;
    let rows = announcement::Entity::find().filter(announcement::Column::EventId.eq(event_id));
    let rows = page.by_id(rows, announcement::Column::Id, Order::Desc);
    let rows = counted(app, rows.all(app.db.reader()).await?).await?;
    Ok(page.cut_by_id(rows, |one| one.row.id))
}

#[derive(FromQueryResult)]
struct Count {
    announcement_id: Option<Uuid>,
    number: i64,
}

/// With the counts of those who did not get them, in one statement.
async fn counted(app: &App, rows: Vec<announcement::Model>) -> Result<Vec<Announcement>, Refusal> {
    let not_sent = [MessageState::Failed, MessageState::Suppressed];
    let counts: Vec<Count> = message::Entity::find()
        .select_only()
        .column(message::Column::AnnouncementId)
        .column_as(message::Column::Id.count(), "number")
        .filter(message::Column::AnnouncementId.is_in(rows.iter().map(|row| row.id)))
        .filter(message::Column::State.is_in(not_sent))
        .group_by(message::Column::AnnouncementId)
        .into_model()
        .all(app.db.reader())
        .await?;
    let of = |id| counts.iter().find(|count| count.announcement_id == Some(id));
    let seen = |row: announcement::Model| {
        let content = open(app, &row)?;
        let number = of(row.id).map(|count| count.number);
        let number = number.filter(|_| !content.filter.names_people());
        Ok(Announcement {
            content,
            not_reached: number.and_then(blurred),
            row,
        })
    };
    rows.into_iter().map(seen).collect()
}

/// `number` down to a whole step; none below the first one.
fn blurred(number: i64) -> Option<i64> {
    Some(number / STEP * STEP).filter(|number| *number > 0)
}

/// Notes that somebody wants no more announcements about an event. Saying so twice is fine.
pub(super) async fn mute(tx: &Tx, event_id: Uuid, person_id: Uuid) -> Result<(), Refusal> {
    let row = event_mute::ActiveModel {
        event_id: Set(event_id),
        person_id: Set(person_id),
        created_at: Set(tx.now()),
    };
    let key = [event_mute::Column::EventId, event_mute::Column::PersonId];
    event_mute::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Makes what `from` wrote and muted that of `to`.
pub(super) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    announcement::Entity::update_many()
        .col_expr(announcement::Column::PersonId, Expr::value(to))
        .filter(announcement::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    let muted = event_mute::Entity::find()
        .filter(event_mute::Column::PersonId.eq(from))
        .all(tx.db())
        .await?;
    for row in muted {
        mute(tx, row.event_id, to).await?;
    }
    Ok(())
}

fn slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "announcement.content",
        row: id,
    }
}
