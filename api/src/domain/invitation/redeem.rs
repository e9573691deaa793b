//! Answering by a token: it makes who answers a guest.

use chrono::{DateTime, Utc};
use entity::{InvitationStatus, contact_point, invitation, invitation_link};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, Select,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{Pass, invited_to};
use crate::{
    app::{App, Tx},
    domain::address::Address,
    refusal::{Reason, Refusal},
};

/// Makes somebody who answers by `pass` a guest, once: of a link, this is one use. Nobody comes back by a link after a host took
/// their invitation back. NOT_FOUND; WRONG_STATE (LINK_USED).
///
/// When only an address was typed in (`!is_proven`), nobody is a guest before its owner says so (`confirm`), and what is
/// answered does not depend on whose address it is: otherwise whoever has the link could ask it for guests.
pub(crate) async fn redeem(
    app: &App,
    tx: &Tx,
    pass: &Pass,
    person_id: Uuid,
    is_proven: bool,
) -> Result<(), Refusal> {
    match pass {
        Pass::Link(link) => by_link(tx, link, person_id, is_proven).await,
        Pass::Mail(row) => by_mail(app, tx, row, person_id).await,
    }
}

/// Makes somebody a guest of an event by the link they answered with before they had proved who they are. WRONG_STATE:
/// LINK_USED, or INVITATION_NEEDED when there was none, or a host took it back.
pub(crate) async fn confirm(tx: &Tx, event_id: Uuid, person_id: Uuid) -> Result<(), Refusal> {
    let row = of(event_id, person_id).one(tx.db()).await?;
    match row {
        Some(row) if row.status == InvitationStatus::Invited => become_guest(tx, row.id, row.link_id).await,
        _ if invited_to(tx.db(), person_id, &[event_id]).await?.is_empty() => {
            Err(Refusal::WrongState(Reason::InvitationNeeded))
        }
        _ => Ok(()),
    }
}

fn of(event_id: Uuid, person_id: Uuid) -> Select<invitation::Entity> {
    invitation::Entity::find()
        .filter(invitation::Column::EventId.eq(event_id))
        .filter(invitation::Column::PersonId.eq(person_id))
}

async fn by_link(
    tx: &Tx,
    link: &invitation_link::Model,
    person_id: Uuid,
    is_proven: bool,
) -> Result<(), Refusal> {
    if !is_proven {
        let now = invitation_link::Entity::find_by_id(link.id).one(tx.db()).await?;
        let has_left = |link: invitation_link::Model| link.most_uses.is_none_or(|most| link.uses < most);
        if !now.is_some_and(has_left) {
            return Err(Refusal::WrongState(Reason::LinkUsed));
        }
    }
    let row = invitation::Model {
        id: Uuid::now_v7(),
        event_id: link.event_id,
        person_id: Some(person_id),
        link_id: Some(link.id),
        contact: None,
        index_key: None,
        value_index: None,
        note: None,
        token_hash: None,
        status: InvitationStatus::Invited,
        invited_by: None,
        mails: 0,
        expires_at: Some(tx.now()), // soon forgotten if nobody confirms
        answered_at: None,
        created_at: tx.now(),
    };
    let columns = [invitation::Column::EventId, invitation::Column::PersonId];
    let unless_guest = OnConflict::columns(columns).do_nothing().to_owned();
    let insert = invitation::Entity::insert(invitation::ActiveModel::from(row).reset_all());
    insert
        .on_conflict(unless_guest)
        .exec_without_returning(tx.db())
        .await?;
    if !is_proven {
        return Ok(());
    }
    let row = of(link.event_id, person_id).one(tx.db()).await?;
    let row = row.ok_or_else(|| Refusal::internal("an invitation vanished"))?;
    match row.status {
        InvitationStatus::Revoked => Err(Refusal::NotFound("invitation")),
        InvitationStatus::Invited if row.token_hash.is_none() => {
            become_guest(tx, row.id, Some(link.id)).await
        }
        InvitationStatus::Invited | InvitationStatus::Answered | InvitationStatus::Declined => Ok(()),
    }
}

/// One use of a link. LINK_USED when it has none left; INVITATION_NEEDED when it was taken back.
async fn become_guest(tx: &Tx, id: Uuid, link_id: Option<Uuid>) -> Result<(), Refusal> {
    let uses = || Expr::col(invitation_link::Column::Uses);
    let has_left = Condition::any()
        .add(invitation_link::Column::MostUses.is_null())
        .add(uses().lt(Expr::col(invitation_link::Column::MostUses)));
    let working = Condition::all()
        .add(invitation_link::Column::Id.eq(link_id))
        .add(invitation_link::Column::RevokedAt.is_null());
    let used = invitation_link::Entity::update_many()
        .col_expr(invitation_link::Column::Uses, uses().add(1))
        .filter(working.clone())
        .filter(has_left)
        .exec(tx.db())
        .await?;
    if used.rows_affected == 0 {
        let link = invitation_link::Entity::find().filter(working);
        return Err(Refusal::WrongState(match link.one(tx.db()).await? {
            Some(_) => Reason::LinkUsed,
            None => Reason::InvitationNeeded,
        }));
    }
    invitation::Entity::update_many()
        .col_expr(
            invitation::Column::Status,
            Expr::value(InvitationStatus::Answered),
        )
        .col_expr(invitation::Column::LinkId, Expr::value(link_id))
        .col_expr(invitation::Column::AnsweredAt, Expr::value(tx.now()))
        // What was not confirmed had an end; a guest has none, also when a host refuses them.
        .col_expr(invitation::Column::ExpiresAt, Expr::value(None::<DateTime<Utc>>))
        .filter(invitation::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn by_mail(app: &App, tx: &Tx, row: &invitation::Model, person_id: Uuid) -> Result<(), Refusal> {
    // Who came by a link before is now a guest by name.
    invitation::Entity::delete_many()
        .filter(invitation::Column::EventId.eq(row.event_id))
        .filter(invitation::Column::PersonId.eq(person_id))
        .filter(invitation::Column::TokenHash.is_null())
        .exec(tx.db())
        .await?;
    let theirs = Condition::any()
        .add(invitation::Column::PersonId.is_null())
        .add(invitation::Column::PersonId.eq(person_id));
    // Invited by two addresses, one is a guest once.
    let other = invitation::Entity::find()
        .filter(invitation::Column::EventId.eq(row.event_id))
        .filter(invitation::Column::PersonId.eq(person_id))
        .filter(invitation::Column::Id.ne(row.id));
    let mut answer = invitation::Entity::update_many();
    if other.one(tx.db()).await?.is_none() {
        answer = answer.col_expr(invitation::Column::PersonId, Expr::value(person_id));
    }
    let answered = answer
        .col_expr(
            invitation::Column::Status,
            Expr::value(InvitationStatus::Answered),
        )
        .col_expr(invitation::Column::AnsweredAt, Expr::value(tx.now()))
        .filter(invitation::Column::Id.eq(row.id))
        .filter(invitation::Column::Status.ne(InvitationStatus::Revoked))
        .filter(theirs)
        .exec(tx.db())
        .await?;
    if answered.rows_affected == 0 {
        return Err(Refusal::WrongState(Reason::LinkUsed));
    }
    // The token went to this address alone: if it is theirs, they read it.
    if let Some(email) = super::open_contact(app, row)? {
        contact_point::Entity::update_many()
            .col_expr(contact_point::Column::VerifiedAt, Expr::value(tx.now()))
            .filter(contact_point::Column::PersonId.eq(person_id))
            .filter(contact_point::Column::VerifiedAt.is_null())
            .filter(Address::from(email).is_in(
                app,
                contact_point::Column::IndexKey,
                contact_point::Column::ValueIndex,
            ))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}
