//! Invitations to somebody, and by them.

use entity::{invitation, invitation_link};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::rows::{Rows, titles};
use crate::{
    app::App,
    domain::{email::Email, invitation as invitations},
};

/// Of those they sent, without the address: that is somebody else's.
pub(super) async fn invitations(app: &App, db: &impl ConnectionTrait, me: Uuid, indexes: &[Vec<u8>]) -> Rows {
    let by_or_to_me = Condition::any()
        .add(invitation::Column::PersonId.eq(me))
        .add(invitation::Column::ValueIndex.is_in(indexes.iter().cloned()))
        .add(invitation::Column::InvitedBy.eq(me));
    let rows = invitation::Entity::find()
        .filter(by_or_to_me)
        .order_by_asc(invitation::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let mut shown = vec![];
    for row in rows {
        let is_yours = row.invited_by != Some(me);
        let contact = invitations::open_contact(app, &row)?.filter(|_| is_yours);
        shown.push(json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "byYou": !is_yours,
            "byLink": row.link_id.is_some(),
            "address": contact.as_ref().map(Email::reveal),
            "note": invitations::note_of(app, &row)?,
            "status": row.status.to_value(),
            "answeredAt": row.answered_at,
            "createdAt": row.created_at,
        }));
    }
    Ok(shown)
}

pub(super) async fn links(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = invitation_link::Entity::find()
        .filter(invitation_link::Column::MadeBy.eq(me))
        .order_by_asc(invitation_link::Column::Id)
        .all(db)
        .await?;
    let mut shown = vec![];
    for row in rows {
        let (_, label) = invitations::url_of(app, &row)?;
        shown.push(json!({
            "eventId": row.event_id,
            "label": label,
            "uses": row.uses,
            "mostUses": row.most_uses,
            "expiresAt": row.expires_at,
            "revokedAt": row.revoked_at,
            "createdAt": row.created_at,
        }));
    }
    Ok(shown)
}
