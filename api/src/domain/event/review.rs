//! What organizers decide about events: approving, sending back, taking down and putting back.

use entity::{ChangeKind, EventStatus, JoinPolicy, ReviewCategory, StaffRole, event, timeslot};
use sea_orm::{ActiveEnum, ActiveValue::Set};
use uuid::Uuid;

use super::{
    Content, Loaded, content, find,
    history::{self, By, FieldChange, difference},
    notice::{self, About},
    open_private, proposal,
    state::{is_at, step},
};
use crate::{
    app::{App, Tx},
    domain::{Actor, audit, host, rsvp},
    refusal::{Problems, Reason, Refusal},
};

/// Why an event, or a change of it, was not taken, or was taken down.
#[derive(Clone, Debug)]
pub struct Why {
    /// Out of a closed set.
    pub category: ReviewCategory,
    /// In the reviewer's words, for the hosts.
    pub reason: String,
}

impl Why {
    fn checked(&self, app: &App) -> Result<Self, Refusal> {
        let reason = self.reason.trim().to_owned();
        let mut problems = Problems::default();
        problems.check(!reason.is_empty(), "input.reason", "must not be empty");
        content::text(
            &mut problems,
            "input.reason",
            Some(&reason),
            app.config.limits.text,
        );
        problems.finish()?;
        Ok(Self {
            category: self.category,
            reason,
        })
    }
}

/// Publishes an event that waits for review, with the changes that wait, of which those who answered are told now; one that was
/// taken down is put back. For organizers.
/// CONFLICT when it is no longer at `expected_version`, so that nothing is published that nobody looked at.
pub async fn approve(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: Option<i32>,
) -> Result<Loaded, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let loaded = find(app, actor, id).await?;
    let row = &loaded.row;
    is_at(row, expected_version)?;
    let private = open_private(app, row)?;
    let (mut news, mut begins_to_ask) = (None, false);
    let (columns, told) = match row.status {
        EventStatus::NeedsApproval => (event::ActiveModel::default(), (ChangeKind::Published, vec![])),
        EventStatus::Approved | EventStatus::Suppressed if row.pending_at.is_some() => {
            let live = Content::of(row, private.clone());
            let mut wanted = live.clone();
            let pending = proposal::open(app, row)?;
            pending.overlay(&mut wanted)?;
            let said = pending.news().cloned();
            news = said.filter(|news| wanted.is_elsewhere(&private) || news.has_words());
            let mut problems = Problems::default();
            wanted.check(app, &mut problems); // an organizer may have changed what it was made for
            problems.finish()?;
            let fields = difference(&live, &wanted);
            begins_to_ask =
                wanted.join_policy == JoinPolicy::Approval && live.join_policy != JoinPolicy::Approval;
            (wanted.columns(app, id).await?, (ChangeKind::Edited, fields))
        }
        _ => return Err(Refusal::WrongState(Reason::EventNotInReview)),
    };
    let change = event::ActiveModel {
        reviewed_at: Set(Some(app.clock.now())),
        reviewed_by: Set(actor.person_id()),
        rejection_reason: Set(None),
        ..back(columns)
    };
    app.write(async |tx| {
        if row.status == EventStatus::NeedsApproval {
            host::approved(app, tx, &host::people(&loaded.hosts)).await?;
        }
        if row.status == EventStatus::Suppressed {
            audit::record(tx, actor, "event.reinstate", &[id]).await?;
        }
        step(tx, row, change.clone()).await?;
        proposal::settle_names(tx, id, true).await?;
        if begins_to_ask {
            rsvp::ask_for_those_who_wait(tx, id).await?;
            rsvp::look_again(tx, id).await?; // who waits no longer keeps no seats
        }
        note(tx, actor, &loaded, told.clone()).await?;
        if row.status == EventStatus::Suppressed {
            note(tx, actor, &loaded, (ChangeKind::Reinstated, vec![])).await?;
        }
        if let Some(news) = &news {
            notice::in_any_case(app, tx, row, About::Event(&private), news).await?;
        }
        return_to(app, tx, &loaded).await
    })
    .await?;
    find(app, actor, id).await
}

/// Sends an event that waits for review back to its hosts, or does not take the changes that wait: then what is published
/// stays, and dates that were moved stay moved. For organizers. CONFLICT as for [`approve`].
pub async fn reject(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: Option<i32>,
    why: &Why,
) -> Result<Loaded, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let why = why.checked(app)?;
    let loaded = find(app, actor, id).await?;
    let row = &loaded.row;
    is_at(row, expected_version)?;
    let now = app.clock.now();
    let change = match row.status {
        EventStatus::NeedsApproval => event::ActiveModel {
            status: Set(EventStatus::Rejected),
            reviewed_at: Set(Some(now)),
            reviewed_by: Set(actor.person_id()),
            rejection_reason: Set(Some(why.reason.clone())),
            review_category: Set(Some(why.category)),
            ..Default::default()
        },
        EventStatus::Approved | EventStatus::Suppressed if row.pending_at.is_some() => {
            let mut pending = proposal::open(app, row)?;
            pending.refuse(proposal::Refused::new(why.category, &why.reason, now));
            event::ActiveModel {
                submitted_at: Set(row.submitted_at),
                ..pending.columns(app, row, now)?
            }
        }
        _ => return Err(Refusal::WrongState(Reason::EventNotInReview)),
    };
    app.write(async |tx| {
        host::rejected(tx, &host::people(&loaded.hosts)).await?;
        step(tx, row, change.clone()).await?;
        proposal::settle_names(tx, id, false).await?;
        let fields = vec![FieldChange::new("rejectionReason", &why.reason)];
        note(tx, actor, &loaded, (ChangeKind::Rejected, fields)).await
    })
    .await?;
    find(app, actor, id).await
}

/// Takes a published event down without cancelling it: the public and those coming find it no more until it is put back, and
/// nobody is written to. Taking it down again changes nothing. Recorded. For organizers. WRONG_STATE, CONFLICT.
pub async fn suppress(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: Option<i32>,
    why: &Why,
) -> Result<Loaded, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let why = why.checked(app)?;
    let loaded = find(app, actor, id).await?;
    let row = &loaded.row;
    match row.status {
        EventStatus::Suppressed => return Ok(loaded),
        EventStatus::Approved => is_at(row, expected_version)?,
        EventStatus::Cancelled => return Err(Refusal::WrongState(Reason::EventCancelled)),
        _ => return Err(Refusal::WrongState(Reason::EventNotPublished)),
    }
    let change = event::ActiveModel {
        status: Set(EventStatus::Suppressed),
        suppression_reason: Set(Some(why.reason.clone())),
        review_category: Set(Some(why.category)),
        host_note: Set(None),
        pending_at: Set(None),
        ..Default::default()
    };
    app.write(async |tx| {
        host::rejected(tx, &host::people(&loaded.hosts)).await?;
        audit::record_why(
            tx,
            actor,
            "event.suppress",
            &[id],
            Some(why.category.to_value().as_str()),
        )
        .await?;
        let down = event::ActiveModel {
            suppressed_at: Set(Some(tx.now())),
            ..change.clone()
        };
        step(tx, row, down).await?;
        let fields = vec![FieldChange::new("suppressionReason", &why.reason)];
        note(tx, actor, &loaded, (ChangeKind::Suppressed, fields)).await
    })
    .await?;
    find(app, actor, id).await
}

/// Puts an event back that was taken down, as it was; changes that its hosts want wait on. Recorded. For organizers.
/// WRONG_STATE, CONFLICT.
pub async fn reinstate(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: Option<i32>,
) -> Result<Loaded, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let loaded = find(app, actor, id).await?;
    let row = &loaded.row;
    is_at(row, expected_version)?;
    if row.status != EventStatus::Suppressed {
        return Err(Refusal::WrongState(Reason::EventNotSuppressed));
    }
    let before = event::Model {
        status: EventStatus::Approved, // an objection alone has nothing to wait for any more
        ..row.clone()
    };
    let waiting = proposal::open(app, row)?.columns(app, &before, app.clock.now())?;
    let change = event::ActiveModel {
        pending: waiting.pending.clone(),
        pending_at: waiting.pending_at.clone(),
        ..back(event::ActiveModel::default())
    };
    app.write(async |tx| {
        audit::record(tx, actor, "event.reinstate", &[id]).await?;
        step(tx, row, change.clone()).await?;
        note(tx, actor, &loaded, (ChangeKind::Reinstated, vec![])).await?;
        return_to(app, tx, &loaded).await
    })
    .await?;
    find(app, actor, id).await
}

async fn note(
    tx: &Tx,
    actor: &Actor,
    event: &Loaded,
    (kind, fields): (ChangeKind, Vec<FieldChange>),
) -> Result<(), Refusal> {
    history::note(tx, event.row.id, &By::of(actor, &event.hosts), kind, fields).await
}

/// Published, with nothing against it and nothing that waits.
fn back(columns: event::ActiveModel) -> event::ActiveModel {
    event::ActiveModel {
        status: Set(EventStatus::Approved),
        review_category: Set(None),
        suppressed_at: Set(None),
        suppression_reason: Set(None),
        pending: Set(None),
        pending_at: Set(None),
        ..columns
    }
}

/// While an event was down, seats that came free went to nobody, and nobody was told of what changed.
async fn return_to(app: &App, tx: &Tx, loaded: &Loaded) -> Result<(), Refusal> {
    if loaded.row.status != EventStatus::Suppressed {
        return Ok(());
    }
    let to_come = |slot: &&timeslot::Model| slot.cancelled_at.is_none() && slot.starts_at > tx.now();
    let mut slots: Vec<Uuid> = loaded
        .timeslots
        .iter()
        .filter(to_come)
        .map(|slot| slot.id)
        .collect();
    slots.sort_unstable();
    rsvp::renew_offers(app, tx, &slots).await?;
    rsvp::promote_all(app, tx, &slots).await?;
    notice::resume(app, tx, loaded.row.id).await
}
