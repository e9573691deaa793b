//! What somebody is reached at: reading all of it, and proving that one reads what goes to a further address.

use entity::{Channel, contact_point};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use uuid::Uuid;

use super::{Actor, address::Address, person::contact_slot};
use crate::{
    app::{App, Tx},
    refusal::Refusal,
};

/// An address of somebody, opened. Prints nothing of it.
pub struct Contact {
    /// The row.
    pub row: contact_point::Model,
    /// The address.
    pub value: Address,
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
        let value = Address::of(app, &row)?;
        Ok(Contact { row, value })
    };
    rows.into_iter().map(open).collect()
}

/// Where messages to somebody go: the first mail address, because more fits into a mail; the first phone number of those
/// who have none.
pub(crate) async fn reach(
    app: &App,
    db: &impl ConnectionTrait,
    person_id: Uuid,
) -> Result<Option<Contact>, Refusal> {
    let mut all = of(app, db, person_id).await?;
    let first = |channel| all.iter().position(|contact| contact.row.channel == channel);
    let wanted = first(Channel::Email).or_else(|| first(Channel::Sms));
    Ok(wanted.map(|at| all.swap_remove(at)))
}

/// The blind indexes of all of `contacts`, under every kept key.
pub(super) fn indexes(app: &App, contacts: &[Contact]) -> Vec<Vec<u8>> {
    let all = contacts.iter().flat_map(|contact| contact.value.indexes(app));
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
    value: &Address,
) -> Result<contact_point::Model, Refusal> {
    let id = Uuid::now_v7();
    let index = value.index(app)?;
    let row = contact_point::ActiveModel {
        id: Set(id),
        person_id: Set(person_id),
        channel: Set(value.channel()),
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
