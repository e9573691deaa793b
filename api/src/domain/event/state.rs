//! The life of an event: DRAFT → NEEDS_APPROVAL → APPROVED or REJECTED → …, SUPPRESSED and back, and CANCELLED at any time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{ChangeKind, Channel, EventStatus, StaffRole, contact_point, event, event_host};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef};
use uuid::Uuid;

use super::{
    Loaded, News, content, find,
    history::{self, By, FieldChange},
    notice::{self, About},
    open_private, proposal, require_edit, review,
};
use crate::{
    app::{App, Tx},
    domain::{Actor, campaign, host, person, rsvp},
    refusal::{Problems, Reason, Refusal},
};

/// What comes with an event that is handed in.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// The version that was looked at; CONFLICT when it is no longer that.
    pub expected_version: Option<i32>,
    /// For the reviewers.
    pub note: Option<String>,
}

/// Hands a draft or a rejected event in. It is published at once when the actor is an organizer or a trusted host, or when
/// `events.review` is off and they are not new; otherwise it waits in the review queue. Needs a timeslot to come, and a place
/// or a virtual link. The actor has accepted the present guidelines of its campaign, or gets the version to accept
/// (WRONG_STATE). Of an event that was taken down this is the hosts' objection, with all that they changed since; an organizer
/// puts it back. RATE_LIMITED when too many events of the actor wait.
pub async fn publish(app: &App, actor: &Actor, id: Uuid, handed_in: &Submission) -> Result<Loaded, Refusal> {
    let loaded = require_edit(app, actor, id).await?;
    is_at(&loaded.row, handed_in.expected_version)?;
    let mut problems = Problems::default();
    let note = handed_in.note.as_ref().map(|note| note.trim().to_owned());
    let note = note.filter(|note| !note.is_empty());
    content::text(&mut problems, "input.note", note.as_ref(), app.config.limits.text);
    problems.finish()?;
    match loaded.row.status {
        EventStatus::Draft | EventStatus::Rejected => {}
        EventStatus::Suppressed if actor.is(StaffRole::Organizer) => {
            return review::reinstate(app, actor, id, handed_in.expected_version).await;
        }
        EventStatus::Suppressed => return object(app, actor, loaded, note).await,
        EventStatus::Cancelled => return Err(Refusal::WrongState(Reason::EventCancelled)),
        EventStatus::NeedsApproval | EventStatus::Approved => {
            return Err(Refusal::WrongState(Reason::EventAlreadySubmitted));
        }
    }
    require_verified(app, actor).await?;
    let now = app.clock.now();
    let to_come = |slot: &entity::timeslot::Model| slot.cancelled_at.is_none() && slot.ends_at > now;
    if !loaded.timeslots.iter().any(to_come) {
        return Err(Refusal::WrongState(Reason::EventHasNoTimeslot));
    }
    let private = open_private(app, &loaded.row)?;
    if private.place.is_none() && private.virtual_url.is_none() {
        return Err(Refusal::input(
            &["input", "id"],
            "has neither a place nor a virtual link",
        ));
    }
    let approved = !host::is_reviewed(app, actor).await?;
    let reviewed = approved.then_some(now);
    let change = event::ActiveModel {
        status: Set(if approved {
            EventStatus::Approved
        } else {
            EventStatus::NeedsApproval
        }),
        submitted_at: Set(Some(now)),
        reviewed_at: Set(reviewed),
        // Of somebody who is trusted, nobody looked at it.
        reviewed_by: Set(actor
            .person_id()
            .filter(|_| approved && actor.is(StaffRole::Organizer))),
        rejection_reason: Set(None),
        review_category: Set(None),
        host_note: Set(note),
        ..Default::default()
    };
    let kind = if approved {
        ChangeKind::Published
    } else {
        ChangeKind::Submitted
    };
    app.write(async |tx| {
        if !approved {
            person::lock(tx, &[actor.member()?.id]).await?; // of several at once, each counts
            host::check_pending(app, tx, actor).await?;
        }
        if let Some(campaign) = loaded.row.campaign_id {
            campaign::require_accepted(tx, actor, campaign).await?;
        }
        step(tx, &loaded.row, change.clone()).await?;
        history::note(tx, id, &By::of(actor, &loaded.hosts), kind, vec![]).await
    })
    .await?;
    find(app, actor, id).await
}

/// The hosts of an event that was taken down want it back: it waits in the review queue.
async fn object(app: &App, actor: &Actor, loaded: Loaded, note: Option<String>) -> Result<Loaded, Refusal> {
    let now = app.clock.now();
    let mut pending = proposal::open(app, &loaded.row)?;
    pending.drop_refused();
    let change = event::ActiveModel {
        pending: pending.columns(app, &loaded.row, now)?.pending,
        submitted_at: Set(loaded.row.pending_at.or(Some(now))),
        pending_at: Set(loaded.row.pending_at.or(Some(now))),
        host_note: Set(note.or(loaded.row.host_note.clone())),
        ..Default::default()
    };
    take_step(app, actor, &loaded, change, (ChangeKind::Submitted, vec![])).await
}

/// Calls an event off, for good. Those who answered are told, with the note, if `notify`. Calling it off again changes nothing.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: Uuid,
    note: Option<&str>,
    notify: bool,
) -> Result<Loaded, Refusal> {
    let loaded = require_edit(app, actor, id).await?;
    if loaded.row.status == EventStatus::Cancelled {
        return Ok(loaded);
    }
    let mut problems = Problems::default();
    let note = note.map(|note| note.trim().to_owned());
    // Those who answered read it, and nobody looked at it.
    let may_say = loaded.row.status != EventStatus::Suppressed || actor.is(StaffRole::Organizer);
    let note = note.filter(|_| may_say);
    content::text(&mut problems, "input.note", note.as_ref(), app.config.limits.text);
    problems.finish()?;
    let fields = note.iter().map(|note| FieldChange::new("cancellationNote", note));
    let fields: Vec<FieldChange> = fields.collect();
    let change = event::ActiveModel {
        status: Set(EventStatus::Cancelled),
        cancellation_note: Set(note.clone()),
        pending: Set(None),
        pending_at: Set(None),
        ..Default::default()
    };
    let private = open_private(app, &loaded.row)?;
    let news = News {
        notify,
        message: note,
    };
    app.write(async |tx| {
        step(tx, &loaded.row, change.clone()).await?;
        notice::in_any_case(app, tx, &loaded.row, About::Event(&private), &news).await?;
        let by = By::of(actor, &loaded.hosts);
        history::note(tx, id, &by, ChangeKind::Cancelled, fields.clone()).await
    })
    .await?;
    find(app, actor, id).await
}

/// Applies `change`, and notes it in the event's history.
pub(super) async fn take_step(
    app: &App,
    actor: &Actor,
    before: &Loaded,
    change: event::ActiveModel,
    (kind, fields): (ChangeKind, Vec<FieldChange>),
) -> Result<Loaded, Refusal> {
    let id = before.row.id;
    app.write(async |tx| {
        step(tx, &before.row, change.clone()).await?;
        history::note(tx, id, &By::of(actor, &before.hosts), kind, fields.clone()).await
    })
    .await?;
    find(app, actor, id).await
}

/// WRONG_STATE (HOST_NOT_VERIFIED) unless the actor has proved to read mail to an address of theirs, so that whoever posts
/// events can be written to. Organizers need not.
async fn require_verified(app: &App, actor: &Actor) -> Result<(), Refusal> {
    if !app.config.events.host_verification || actor.is(StaffRole::Organizer) {
        return Ok(());
    }
    let proved = contact_point::Entity::find()
        .filter(contact_point::Column::PersonId.eq(actor.member()?.id))
        .filter(contact_point::Column::Channel.eq(Channel::Email))
        .filter(contact_point::Column::VerifiedAt.is_not_null())
        .one(app.db.reader())
        .await?;
    match proved {
        Some(_) => Ok(()),
        None => Err(Refusal::WrongState(Reason::HostNotVerified)),
    }
}

/// Since when one of the hosts of each event is known to read mail to an address of theirs; nothing of events whose hosts
/// never proved any. Says nothing of which host: for those who run the events.
pub async fn verified_since(app: &App, events: &[Uuid]) -> Result<HashMap<Uuid, DateTime<Utc>>, Refusal> {
    let address_of: RelationDef = event_host::Entity::belongs_to(contact_point::Entity)
        .from(event_host::Column::PersonId)
        .to(contact_point::Column::PersonId)
        .into();
    let proved: Vec<(Uuid, Option<DateTime<Utc>>)> = event_host::Entity::find()
        .join(JoinType::InnerJoin, address_of)
        .filter(event_host::Column::EventId.is_in(events.iter().copied()))
        .filter(contact_point::Column::Channel.eq(Channel::Email))
        .filter(contact_point::Column::VerifiedAt.is_not_null())
        .select_only()
        .column(event_host::Column::EventId)
        .column(contact_point::Column::VerifiedAt)
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let mut since = HashMap::new();
    for (event, at) in proved.into_iter().filter_map(|(event, at)| Some((event, at?))) {
        let first = since.entry(event).or_insert(at);
        *first = at.min(*first);
    }
    Ok(since)
}

pub(super) fn is_at(row: &event::Model, expected_version: Option<i32>) -> Result<(), Refusal> {
    match expected_version {
        Some(version) if version != row.version => Err(CHANGED),
        _ => Ok(()),
    }
}

pub(super) const CHANGED: Refusal = Refusal::Conflict("The event was changed meanwhile; read it again.");

/// Applies `change` to the event as it was read, or refuses with CONFLICT.
pub(super) async fn step(tx: &Tx, before: &event::Model, change: event::ActiveModel) -> Result<(), Refusal> {
    let is_end = change.status == Set(EventStatus::Cancelled);
    let mut change = event::ActiveModel {
        version: Set(before.version + 1),
        changed_at: Set(tx.now()),
        ..change
    };
    if is_end {
        // The transaction's own time: by it webhooks tell the end from later changes of what is off.
        change.cancelled_at = Set(Some(tx.now()));
    }
    let changed = event::Entity::update_many()
        .set(change)
        .filter(event::Column::Id.eq(before.id))
        .filter(event::Column::Version.eq(before.version))
        .exec(tx.db())
        .await?;
    if changed.rows_affected == 0 {
        return Err(CHANGED);
    }
    if is_end {
        rsvp::close(tx, before.id).await?;
    }
    tx.event_changed(before.id);
    Ok(())
}
