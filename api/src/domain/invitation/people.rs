//! Invitations of and by somebody who goes away: erased, or found to be somebody else as well; and those that are over.

use chrono::{DateTime, Utc};
use entity::{InvitationStatus, invitation, invitation_link};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::{theirs, unconfirmed};
use crate::{app::Tx, refusal::Refusal};

/// Takes back what somebody was invited by, when a host refuses them: they do not know of a private event any more, and come
/// back by no link.
pub(crate) async fn take_back(tx: &Tx, event_id: Uuid, person_id: Uuid) -> Result<(), Refusal> {
    invitation::Entity::update_many()
        .col_expr(invitation::Column::Status, Expr::value(InvitationStatus::Revoked))
        .filter(invitation::Column::EventId.eq(event_id))
        .filter(theirs(person_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Deletes the invitations of somebody: as a guest, and to their addresses. What they made as a host stays with the event,
/// without them, and without what they wrote.
pub(crate) async fn forget(tx: &Tx, person_id: Uuid, indexes: &[Vec<u8>]) -> Result<(), Refusal> {
    let theirs = Condition::any()
        .add(invitation::Column::PersonId.eq(person_id))
        .add(invitation::Column::ValueIndex.is_in(indexes.iter().cloned()));
    invitation::Entity::delete_many()
        .filter(theirs)
        .exec(tx.db())
        .await?;
    invitation::Entity::update_many()
        .col_expr(invitation::Column::InvitedBy, Expr::value(None::<Uuid>))
        .col_expr(invitation::Column::Note, Expr::value(None::<Vec<u8>>))
        .filter(invitation::Column::InvitedBy.eq(person_id))
        .exec(tx.db())
        .await?;
    invitation_link::Entity::update_many()
        .col_expr(invitation_link::Column::MadeBy, Expr::value(None::<Uuid>))
        .col_expr(invitation_link::Column::Label, Expr::value(None::<Vec<u8>>))
        .filter(invitation_link::Column::MadeBy.eq(person_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Makes the invitations of `from`, and those that `from` made, those of `to`. Who is a guest by both is one once.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    // What was not confirmed goes first, so that it takes nothing away.
    invitation::Entity::delete_many()
        .filter(invitation::Column::PersonId.eq(to))
        .filter(unconfirmed())
        .filter(invitation::Column::EventId.is_in(events(tx, from).await?))
        .exec(tx.db())
        .await?;
    invitation::Entity::delete_many()
        .filter(invitation::Column::PersonId.eq(from))
        .filter(invitation::Column::EventId.is_in(events(tx, to).await?))
        .exec(tx.db())
        .await?;
    for column in [invitation::Column::PersonId, invitation::Column::InvitedBy] {
        invitation::Entity::update_many()
            .col_expr(column, Expr::value(to))
            .filter(column.eq(from))
            .exec(tx.db())
            .await?;
    }
    invitation_link::Entity::update_many()
        .col_expr(invitation_link::Column::MadeBy, Expr::value(to))
        .filter(invitation_link::Column::MadeBy.eq(from))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn events(tx: &Tx, person_id: Uuid) -> Result<Vec<Uuid>, Refusal> {
    let rows = invitation::Entity::find()
        .select_only()
        .column(invitation::Column::EventId)
        .filter(invitation::Column::PersonId.eq(person_id))
        .into_tuple::<Uuid>();
    Ok(rows.all(tx.db()).await?)
}

/// Deletes what is left of invitations whose event was over before `until`: those that nobody answered; of others the address
/// and the note. Says how many rows.
pub(crate) async fn retain(db: &impl ConnectionTrait, until: DateTime<Utc>) -> Result<u64, DbErr> {
    let over = || invitation::Column::ExpiresAt.lt(until);
    let unanswered = invitation::Entity::delete_many()
        .filter(over())
        .filter(invitation::Column::Status.ne(InvitationStatus::Answered))
        .exec(db)
        .await?;
    let answered = invitation::Entity::update_many()
        .col_expr(invitation::Column::Contact, Expr::value(None::<Vec<u8>>))
        .col_expr(invitation::Column::IndexKey, Expr::value(None::<String>))
        .col_expr(invitation::Column::ValueIndex, Expr::value(None::<Vec<u8>>))
        .col_expr(invitation::Column::Note, Expr::value(None::<Vec<u8>>))
        .filter(over())
        .filter(invitation::Column::Contact.is_not_null())
        .exec(db)
        .await?;
    Ok(unanswered.rows_affected + answered.rows_affected)
}
