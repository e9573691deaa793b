//! The events of a host who goes away: erased, or found to be somebody else as well.

use chrono::{DateTime, Utc};
use entity::{
    ChangeKind, EventStatus, event, event_change, event_host, host_invitation, host_link, host_standing,
    staff_role,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;

use super::{
    Loaded, Private,
    contact::hand_over_messages,
    history::{self, By},
    load, private_slot,
    team::take_back,
    timeslots::bump_event,
    was_published,
};
use crate::{
    app::{App, Tx},
    domain::Actor,
    refusal::{Reason, Refusal},
};

/// Takes somebody off all events that they host. What nobody else ever knew of, as drafts, is deleted; what is over or
/// cancelled stays without a host, and without what only those coming could read. Says how many these are. WRONG_STATE
/// (SOLE_HOST) when an event is to come that nobody else would run. The caller has the person's row.
pub(crate) async fn leave_all(app: &App, tx: &Tx, person_id: Uuid) -> Result<usize, Refusal> {
    // Before events, as a review does.
    host_standing::Entity::update_many()
        .col_expr(host_standing::Column::TrustedBy, Expr::value(None::<Uuid>))
        .filter(host_standing::Column::TrustedBy.eq(person_id))
        .exec(tx.db())
        .await?;
    take_all(tx, person_id).await?;
    let ids = hosted(tx, person_id).await?;
    for id in &ids {
        bump_event(tx, *id).await?; // takes its row: of two hosts who leave at once, the second one sees the first gone
    }
    let mut left = 0;
    for (id, loaded) in load(tx.db(), &ids).await? {
        match without(&loaded, person_id, tx.now()) {
            Without::Runs => {
                let gone = By::host(&Actor::System);
                history::note(tx, id, &gone, ChangeKind::HostLeft, vec![]).await?;
            }
            Without::Waits => return Err(Refusal::WrongState(Reason::SoleHost)),
            Without::Unknown => {
                event::Entity::delete_by_id(id).exec(tx.db()).await?;
            }
            Without::Over => {
                left += 1;
                let nothing = app.keys.seal(private_slot(&id), &Private::default())?;
                event::Entity::update_many()
                    .col_expr(event::Column::Private, Expr::value(nothing.0))
                    .col_expr(event::Column::Contact, Expr::value(None::<Vec<u8>>))
                    .col_expr(event::Column::Pending, Expr::value(None::<Vec<u8>>))
                    .col_expr(event::Column::PendingAt, Expr::value(None::<DateTime<Utc>>))
                    .col_expr(event::Column::HostNote, Expr::value(None::<String>))
                    .filter(event::Column::Id.eq(id))
                    .exec(tx.db())
                    .await?;
            }
        }
    }
    event_host::Entity::delete_many()
        .filter(event_host::Column::PersonId.eq(person_id))
        .exec(tx.db())
        .await?;
    take_back(tx, person_id, None).await?;
    event::Entity::update_many()
        .col_expr(event::Column::ReviewedBy, Expr::value(None::<Uuid>))
        .filter(event::Column::ReviewedBy.eq(person_id))
        .exec(tx.db())
        .await?;
    Ok(left)
}

/// What an event is without one of its hosts.
enum Without {
    /// Others run it.
    Runs,
    /// People may come, and nobody would be there.
    Waits,
    /// Nobody knows of it.
    Unknown,
    /// Nothing more happens.
    Over,
}

fn without(loaded: &Loaded, person_id: Uuid, now: DateTime<Utc>) -> Without {
    let others = |host: &event_host::Model| host.person_id.is_some_and(|id| id != person_id);
    let to_come = |slot: &entity::timeslot::Model| slot.cancelled_at.is_none() && slot.ends_at > now;
    match loaded.row.status {
        _ if loaded.hosts.iter().any(others) => Without::Runs,
        EventStatus::Draft | EventStatus::Rejected => Without::Unknown,
        EventStatus::NeedsApproval | EventStatus::Approved | EventStatus::Suppressed
            if loaded.timeslots.iter().any(to_come) =>
        {
            Without::Waits
        }
        _ if was_published(&loaded.row) => Without::Over,
        EventStatus::NeedsApproval
        | EventStatus::Approved
        | EventStatus::Suppressed
        | EventStatus::Cancelled => Without::Unknown,
    }
}

/// Makes the events of `from` those of `to`, who stays host once where both were, and so what they changed, reviewed and
/// granted, and invitations. The
/// caller has both people's rows.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    take_all(tx, from).await?;
    let ids = hosted(tx, from).await?;
    for id in &ids {
        bump_event(tx, *id).await?;
    }
    let both = hosted(tx, to).await?;
    let led = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::EventId)
        .filter(event_host::Column::PersonId.eq(from))
        .filter(event_host::Column::Leads.eq(true))
        .into_tuple::<Uuid>();
    let led = led.all(tx.db()).await?;
    event_host::Entity::update_many()
        .col_expr(event_host::Column::Leads, Expr::value(true))
        .filter(event_host::Column::PersonId.eq(to))
        .filter(event_host::Column::EventId.is_in(led))
        .exec(tx.db())
        .await?;
    event_host::Entity::delete_many()
        .filter(event_host::Column::PersonId.eq(from))
        .filter(event_host::Column::EventId.is_in(both))
        .exec(tx.db())
        .await?;
    event_host::Entity::update_many()
        .col_expr(event_host::Column::PersonId, Expr::value(to))
        .filter(event_host::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    hand_over_messages(tx, from, to).await?;
    event_change::Entity::update_many()
        .col_expr(event_change::Column::PersonId, Expr::value(to))
        .filter(event_change::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    host_link::Entity::update_many()
        .col_expr(host_link::Column::CreatedBy, Expr::value(to))
        .filter(host_link::Column::CreatedBy.eq(from))
        .exec(tx.db())
        .await?;
    for column in [
        host_invitation::Column::PersonId,
        host_invitation::Column::InvitedBy,
    ] {
        host_invitation::Entity::update_many()
            .col_expr(column, Expr::value(to))
            .filter(column.eq(from))
            .exec(tx.db())
            .await?;
    }
    for column in [event::Column::ReviewedBy, event::Column::ContactBy] {
        event::Entity::update_many()
            .col_expr(column, Expr::value(to))
            .filter(column.eq(from))
            .exec(tx.db())
            .await?;
    }
    staff_role::Entity::update_many()
        .col_expr(staff_role::Column::GrantedBy, Expr::value(to))
        .filter(staff_role::Column::GrantedBy.eq(from))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Takes the rows of all events that somebody hosts, reviewed or said the contact of, in the order in which everybody takes them.
async fn take_all(tx: &Tx, person_id: Uuid) -> Result<(), Refusal> {
    let theirs = Condition::any()
        .add(event::Column::ReviewedBy.eq(person_id))
        .add(event::Column::ContactBy.eq(person_id))
        .add(event::Column::Id.is_in(hosted(tx, person_id).await?));
    event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(theirs)
        .order_by_asc(event::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .all(tx.db())
        .await?;
    Ok(())
}

/// The events somebody hosts, in the order in which they are locked.
async fn hosted(tx: &Tx, person_id: Uuid) -> Result<Vec<Uuid>, Refusal> {
    let ids = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::EventId)
        .filter(event_host::Column::PersonId.eq(person_id))
        .order_by_asc(event_host::Column::EventId)
        .into_tuple();
    Ok(ids.all(tx.db()).await?)
}
