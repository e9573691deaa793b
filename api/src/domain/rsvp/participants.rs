//! Who comes, as others who come may know it: given names and initials of those who agreed, where the hosts allow it.

use entity::{AttendeeVisibility, RsvpStatus, rsvp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter};
use uuid::Uuid;

use super::name_of;
use crate::{
    app::App,
    domain::{
        Actor, event,
        page::{Page, PageArgs},
    },
    refusal::Refusal,
};

/// Somebody who comes, as others who come see them.
#[derive(Clone, Debug)]
pub struct Participant {
    /// The RSVP.
    pub id: Uuid,
    /// For which date.
    pub timeslot_id: Uuid,
    /// Given name and initial.
    pub name: String,
}

/// Those who come to an event and agreed to be listed, in the order they answered. None, without an error, unless its hosts let
/// people know and the actor comes too, or runs it.
pub async fn participants(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    page: &PageArgs,
) -> Result<Option<Page<Participant>>, Refusal> {
    if !may_know(app, actor, event_id).await? {
        return Ok(None);
    }
    let rows = listed().filter(rsvp::Column::EventId.eq(event_id));
    let rows = page.by_id(rows, rsvp::Column::Id, Order::Asc);
    let rows = rows.all(app.db.reader()).await?.into_iter();
    let rows: Vec<Participant> = rows.map(|row| named(app, &row)).collect::<Result<_, _>>()?;
    Ok(Some(page.cut_by_id(rows, |one| one.id)))
}

/// One of those whom [`participants`] lists. UNAUTHENTICATED, NOT_FOUND.
pub async fn find_participant(app: &App, actor: &Actor, id: Uuid) -> Result<Participant, Refusal> {
    actor.member()?;
    let row = listed()
        .filter(rsvp::Column::Id.eq(id))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("participant"))?;
    let may = may_know(app, actor, row.event_id).await;
    match may.map_err(|refusal| refusal.hiding("participant"))? {
        true => named(app, &row),
        false => Err(Refusal::NotFound("participant")),
    }
}

async fn may_know(app: &App, actor: &Actor, event_id: Uuid) -> Result<bool, Refusal> {
    if actor.person_id().is_none() {
        return Ok(false);
    }
    let access = event::access(app, actor, &[event_id]).await?;
    if !access.values().any(|access| access.may_read_private()) {
        return Ok(false);
    }
    let loaded = event::find(app, actor, event_id).await?;
    Ok(loaded.row.attendee_visibility == AttendeeVisibility::Attendees)
}

/// Whoever did not agree is left out here, so that no page, cursor or order tells of them.
fn listed() -> sea_orm::Select<rsvp::Entity> {
    rsvp::Entity::find().filter(
        Condition::all()
            .add(rsvp::Column::Status.eq(RsvpStatus::Registered))
            .add(rsvp::Column::Listed.eq(true)),
    )
}

fn named(app: &App, row: &rsvp::Model) -> Result<Participant, Refusal> {
    Ok(Participant {
        id: row.id,
        timeslot_id: row.timeslot_id,
        name: name_of(app, row)?.short(),
    })
}
