//! What somebody does as a host, and writes to hosts, as they read it.

use entity::{event_change, host_invitation, host_link, host_message, host_standing};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Rows, titles};
use crate::{
    app::App,
    domain::event::{contact, invitations::open_details},
};

/// Those sent to somebody, with the address they went to, and those they sent, without.
pub(super) async fn invitations(app: &App, db: &impl ConnectionTrait, me: Uuid, indexes: &[Vec<u8>]) -> Rows {
    let theirs = Condition::any()
        .add(host_invitation::Column::PersonId.eq(me))
        .add(host_invitation::Column::InvitedBy.eq(me))
        .add(host_invitation::Column::ValueIndex.is_in(indexes.iter().cloned()));
    let rows = host_invitation::Entity::find()
        .filter(theirs)
        .order_by_asc(host_invitation::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: host_invitation::Model| {
        let details = open_details(app, &row)?;
        let is_yours = row.invited_by != Some(me);
        Ok(json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "invitedByYou": !is_yours,
            "publicName": is_yours.then_some(details.public_name),
            "email": details.email.filter(|_| is_yours),
            "status": row.status.to_value(),
            "createdAt": row.created_at,
            "expiresAt": row.expires_at,
            "closedAt": row.closed_at,
        }))
    };
    rows.into_iter().map(show).collect()
}

/// Those somebody made, without whom they gave them to.
pub(super) async fn links(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = host_link::Entity::find()
        .filter(host_link::Column::CreatedBy.eq(me))
        .order_by_asc(host_link::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: host_link::Model| {
        json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "createdAt": row.created_at,
            "expiresAt": row.expires_at,
            "revokedAt": row.revoked_at,
            "lastUsedAt": row.last_used_at,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}

/// What somebody wrote to hosts, or as one.
pub(super) async fn messages(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = host_message::Entity::find()
        .filter(host_message::Column::PersonId.eq(me))
        .order_by_asc(host_message::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: host_message::Model| {
        Ok(json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "isAnswer": row.answers.is_some(),
            "text": contact::body(app, &row)?,
            "sharesAddress": row.shares_address,
            "createdAt": row.created_at,
        }))
    };
    rows.into_iter().map(show).collect()
}

/// What somebody changed of events.
pub(super) async fn changes(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = event_change::Entity::find()
        .filter(event_change::Column::PersonId.eq(me))
        .order_by_asc(event_change::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: event_change::Model| {
        json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "at": row.at,
            "kind": row.kind.to_value(),
            "role": row.role.to_value(),
            "source": row.source.to_value(),
            "device": row.device,
            "fields": serde_json::from_str::<Value>(&row.fields).unwrap_or_default(),
        })
    };
    Ok(rows.into_iter().map(show).collect())
}

/// What organizers decided about somebody as a host, and whom they trust.
pub(super) async fn standing(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let theirs_or_given = Condition::any()
        .add(host_standing::Column::PersonId.eq(me))
        .add(host_standing::Column::TrustedBy.eq(me));
    let rows = host_standing::Entity::find()
        .filter(theirs_or_given)
        .order_by_asc(host_standing::Column::PersonId);
    let show = |row: host_standing::Model| match row.person_id == me {
        true => json!({
            "yours": true,
            "approvedEvents": row.approved,
            "inARow": row.streak,
            "trustedSince": row.trusted_at,
            "createdAt": row.created_at,
        }),
        false => json!({"yours": false, "trustedByYou": true, "trustedSince": row.trusted_at}),
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}
