//! Telling others: whoever comes has a code for a link of their own, and it is counted who came by it.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::{RsvpStatus, rsvp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{ACTIVE, change, seats};
use crate::{
    app::App,
    domain::Actor,
    refusal::{Reason, Refusal},
    sealed,
};

/// The code of one's own RSVP, made when it is first asked for. It opens nothing and names nobody: it is for a link to a page of
/// the client, and comes back with the answers of those who followed it. NOT_FOUND; WRONG_STATE (RSVP_NOT_ACTIVE unless registered
/// or waiting, EVENT_ENDED, …).
pub async fn share(app: &App, actor: &Actor, id: Uuid) -> Result<rsvp::Model, Refusal> {
    let me = actor.member()?.id;
    let code = BASE64_URL_SAFE_NO_PAD.encode(sealed::random::<12>()?);
    app.write(async |tx| {
        let (slot, row) = change::locked(tx, id, Some(me)).await?;
        change::not_over(tx, &slot).await?;
        if !matches!(row.status, RsvpStatus::Registered | RsvpStatus::Waitlisted) {
            return Err(Refusal::WrongState(Reason::RsvpNotActive));
        }
        if row.share_code.is_some() {
            return Ok(row);
        }
        let share_code = Some(code.clone());
        seats::store(tx, rsvp::Model { share_code, ..row }).await
    })
    .await
}

/// The RSVP to an event whose code it is, and whose that is; none for a code of nobody or of another event. A link that
/// somebody shared long ago keeps nobody from coming.
pub(super) async fn sharer(app: &App, event_id: Uuid, code: &str) -> Result<Option<(Uuid, Uuid)>, Refusal> {
    let is_code = code.len() == 16
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_code {
        return Ok(None); // databases do not take every text
    }
    let row = rsvp::Entity::find()
        .filter(rsvp::Column::ShareCode.eq(code))
        .filter(rsvp::Column::EventId.eq(event_id))
        .one(app.db.reader())
        .await?;
    Ok(row.map(|row| (row.id, row.person_id)))
}

/// How many came, wait or ask to come by the link of each of some RSVPs.
pub async fn brought(app: &App, rsvps: &[Uuid]) -> Result<HashMap<Uuid, i64>, Refusal> {
    let rows: Vec<(Uuid, i64)> = rsvp::Entity::find()
        .select_only()
        .column(rsvp::Column::SharedBy)
        .column_as(rsvp::Column::Id.count(), "brought")
        .filter(rsvp::Column::SharedBy.is_in(rsvps.iter().copied()))
        .filter(rsvp::Column::Status.is_in(ACTIVE))
        .group_by(rsvp::Column::SharedBy)
        .into_tuple()
        .all(app.db.reader())
        .await?;
    Ok(rows.into_iter().collect())
}
