//! The personal calendar feed: its secret link, and the dates it shows.
//!
//! A link is for reading only, has no end, and goes where sessions do not: into calendar programs and to whoever runs them.
//! So it shows what the person may know as somebody who comes, and nothing that a staff role would add.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{RsvpStatus, calendar_link, rsvp, timeslot};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    Actor,
    event::{self, Loaded, Private},
};
use crate::{app::App, refusal::Refusal, sealed};

/// How long a date stays after it is over.
const PAST: TimeDelta = TimeDelta::days(90);

/// A link, told once.
pub struct Link {
    /// Its address. Whoever has it reads the feed.
    pub url: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a feed shows.
pub struct Dates {
    /// The person's RSVPs, coming and waiting, with their dates by start.
    pub rsvps: Vec<(rsvp::Model, timeslot::Model)>,
    /// Their events, with what the person may read of them.
    pub events: HashMap<Uuid, (Loaded, Private)>,
}

/// Makes the signed-in person's link; one that was there works no more. UNAUTHENTICATED.
pub async fn make_link(app: &App, actor: &Actor) -> Result<Link, Refusal> {
    let me = actor.member()?.id;
    let token = sealed::token()?;
    let created_at = app
        .write(async |tx| {
            let row = calendar_link::ActiveModel {
                person_id: Set(me),
                token_hash: Set(sealed::hash(&token)),
                created_at: Set(tx.now()),
            };
            let replace = OnConflict::column(calendar_link::Column::PersonId)
                .update_columns([calendar_link::Column::TokenHash, calendar_link::Column::CreatedAt])
                .to_owned();
            calendar_link::Entity::insert(row)
                .on_conflict(replace)
                .exec_without_returning(tx.db())
                .await?;
            Ok(tx.now())
        })
        .await?;
    Ok(Link {
        url: format!("{}/calendar/{token}.ics", app.config.base_url()),
        created_at,
    })
}

/// Since when the signed-in person has a link, if they do. UNAUTHENTICATED.
pub async fn link_since(app: &App, actor: &Actor) -> Result<Option<DateTime<Utc>>, Refusal> {
    let me = actor.member()?.id;
    let row = calendar_link::Entity::find_by_id(me).one(app.db.reader()).await?;
    Ok(row.map(|row| row.created_at))
}

/// Takes the signed-in person's link back; tells whether there was one. UNAUTHENTICATED.
pub async fn revoke_link(app: &App, actor: &Actor) -> Result<bool, Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| {
        let deleted = calendar_link::Entity::delete_by_id(me).exec(tx.db()).await?;
        Ok(deleted.rows_affected > 0)
    })
    .await
}

/// The dates that the person of a link answered for, from some time ago on, at most `limits.feed`. An RSVP that was not
/// confirmed may be somebody else's doing and is not shown. NOT_FOUND.
pub async fn dates(app: &App, token: &str) -> Result<Dates, Refusal> {
    let row = calendar_link::Entity::find()
        .filter(calendar_link::Column::TokenHash.eq(sealed::hash(token)))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(Refusal::NotFound("calendar"))?;
    let actor = Actor::by_link(row.person_id);
    let timeslot_of: RelationDef = rsvp::Entity::belongs_to(timeslot::Entity)
        .from(rsvp::Column::TimeslotId)
        .to(timeslot::Column::Id)
        .into();
    let rsvps = rsvp::Entity::find()
        .join(JoinType::InnerJoin, timeslot_of)
        .select_also(timeslot::Entity)
        .filter(rsvp::Column::PersonId.eq(row.person_id))
        .filter(rsvp::Column::Status.is_in([
            RsvpStatus::Registered,
            RsvpStatus::Offered,
            RsvpStatus::Waitlisted,
        ]))
        .filter(timeslot::Column::EndsAt.gt(app.clock.now() - PAST))
        // When there are too many, it is past ones that are left out.
        .order_by_asc(Expr::col((timeslot::Entity, timeslot::Column::EndsAt)).lte(app.clock.now()))
        .order_by_asc(timeslot::Column::StartsAt)
        .order_by_asc(rsvp::Column::Id)
        .limit(app.config.limits.feed as u64)
        .all(app.db.reader())
        .await?;
    let mut rsvps: Vec<(rsvp::Model, timeslot::Model)> = rsvps
        .into_iter()
        .filter_map(|(rsvp, timeslot)| Some((rsvp, timeslot?)))
        .collect();
    rsvps.sort_by_key(|(rsvp, timeslot)| (timeslot.starts_at, rsvp.id));
    let mut ids: Vec<Uuid> = rsvps.iter().map(|(rsvp, _)| rsvp.event_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let access = event::access(app, &actor, &ids).await?;
    let mut events = HashMap::new();
    for (id, loaded) in event::find_many(app, &actor, &ids).await? {
        let access = access.get(&id).copied().unwrap_or_default();
        let private = event::readable_private(app, &loaded.row, access)?;
        events.insert(id, (loaded, private));
    }
    Ok(Dates { rsvps, events })
}
