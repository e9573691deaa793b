//! What somebody is reached at: reading all of it, and proving that one reads mail to a further address.

use entity::{Channel, contact_point};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{Actor, email::Email, person::contact_slot};
use crate::{
    app::{App, Tx},
    refusal::Refusal,
};

/// An address of somebody, opened. Prints nothing of it.
pub struct Contact {
    /// The row.
    pub row: contact_point::Model,
    /// The address.
    pub value: Email,
}

/// What the signed-in person is reached at; messages go to the first of each channel.
pub async fn mine(app: &App, actor: &Actor) -> Result<Vec<Contact>, Refusal> {
    of(app, app.db.reader(), actor.member()?.id).await
}

/// What somebody is reached at, oldest first.
pub(super) async fn of(
    app: &App,
    db: &impl ConnectionTrait,
    person_id: Uuid,
) -> Result<Vec<Contact>, Refusal> {
    let rows = contact_point::Entity::find()
        .filter(contact_point::Column::PersonId.eq(person_id))
        .order_by_asc(contact_point::Column::CreatedAt)
        .order_by_asc(contact_point::Column::Id)
        .all(db)
        .await?;
    let open = |row: contact_point::Model| {
        let value = app.keys.open(contact_slot(&row.id), &row.value)?;
        Ok(Contact {
            value: Email::stored(value),
            row,
        })
    };
    rows.into_iter().map(open).collect()
}

/// The blind indexes of all of `contacts`, under every kept key.
pub(super) fn indexes(app: &App, contacts: &[Contact]) -> Vec<Vec<u8>> {
    let of = |contact: &Contact| {
        let scope = contact.row.channel.to_value();
        app.keys.indexes(&scope, contact.value.reveal())
    };
    let all = contacts.iter().flat_map(of);
    all.map(|index| index.value).collect()
}

/// Notes that the person of a contact point reads what goes there.
pub(super) async fn prove(tx: &Tx, id: Uuid) -> Result<(), Refusal> {
    contact_point::Entity::update_many()
        .col_expr(contact_point::Column::VerifiedAt, Expr::value(tx.now()))
        .filter(contact_point::Column::Id.eq(id))
        .filter(contact_point::Column::VerifiedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Gives somebody an address that nobody has, as one they have proved to read.
pub(super) async fn add(
    app: &App,
    tx: &Tx,
    person_id: Uuid,
    channel: Channel,
    value: &Email,
) -> Result<contact_point::Model, Refusal> {
    let id = Uuid::now_v7();
    let index = app.keys.index(&channel.to_value(), value.reveal())?;
    let row = contact_point::ActiveModel {
        id: Set(id),
        person_id: Set(person_id),
        channel: Set(channel),
        value: Set(app.keys.seal(contact_slot(&id), &value.reveal())?),
        index_key: Set(index.key),
        value_index: Set(index.value),
        verified_at: Set(Some(tx.now())),
        created_at: Set(tx.now()),
    };
    let added = contact_point::Entity::insert(row).exec_with_returning(tx.db());
    added.await.map_err(|error| match error {
        error if crate::db::is_unique_violation(&error) => {
            Refusal::Conflict("The address was given to somebody at the same moment.")
        }
        error => error.into(),
    })
}
