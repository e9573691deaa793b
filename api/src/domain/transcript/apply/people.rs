//! People who become known by a sheet: found by an exact address, or made.

use entity::{FactKind, RowDecision, attendance, attendance_fact, sheet_row};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::consents;
use crate::{
    app::{App, Tx},
    domain::{
        address::Address,
        attendance as attended, contact,
        person::{self, Name},
        transcript::words::{Words, open_row},
    },
    letter::Language,
    refusal::Refusal,
};

/// Everybody whom the rows of a sheet are about, as far as they are known: their rows are taken first.
pub(super) async fn known(app: &App, tx: &Tx, rows: &[sheet_row::Model]) -> Result<Vec<Uuid>, Refusal> {
    let mut known: Vec<Uuid> = rows.iter().filter_map(|row| row.person_id).collect();
    let fresh = rows
        .iter()
        .filter(|row| row.decision == Some(RowDecision::NewPerson));
    for row in fresh {
        if let Some(words) = open_row(app, row)? {
            known.extend(by_address(app, tx, &words).await?);
        }
    }
    known.sort_unstable();
    known.dedup();
    Ok(known)
}

/// Whoever a row makes known: the person who was made for it when the sheet was applied before, whoever has the address that
/// stands there, or somebody new. `printed_in` is the language of a page of ours, on which the box of consent counts.
pub(super) async fn become_known(
    app: &App,
    tx: &Tx,
    row: &sheet_row::Model,
    words: &Words,
    printed_in: Option<&str>,
) -> Result<Uuid, Refusal> {
    let before = row.person_id.filter(|_| row.made);
    let found = match before {
        Some(id) => Some(id),
        None => by_address(app, tx, words).await?,
    };
    let made = before.is_some() || found.is_none();
    let person_id = match found {
        Some(id) => id,
        None => make(app, tx, words).await?,
    };
    if let (true, true, Some(language)) = (made, words.consent, printed_in) {
        consents::grant(tx, person_id, words, language).await?;
    }
    let change = sheet_row::ActiveModel {
        id: Unchanged(row.id),
        person_id: Set(Some(person_id)),
        made: Set(made),
        version: Set(row.version + 1),
        ..Default::default()
    };
    change.update(tx.db()).await?;
    Ok(person_id)
}

/// The attendance that a row wrote when its sheet was applied before, if that was under the same name.
pub(super) async fn seen_before(
    app: &App,
    tx: &Tx,
    row: &sheet_row::Model,
    (person_id, name): (Uuid, &Name),
) -> Result<Option<Uuid>, Refusal> {
    let before = attendance_fact::Entity::find()
        .filter(attendance_fact::Column::EventId.eq(row.event_id))
        .filter(attendance_fact::Column::SheetRowId.eq(row.id))
        .filter(attendance_fact::Column::Kind.eq(FactKind::In))
        .order_by_desc(attendance_fact::Column::Id)
        .one(tx.db())
        .await?;
    let Some(id) = before.and_then(|fact| fact.attendance_id) else {
        return Ok(None);
    };
    let seen = attendance::Entity::find_by_id(id).one(tx.db()).await?;
    // Not of somebody else whom the row was said to be then.
    let is_it =
        |seen: &attendance::Model| seen.rsvp_id.is_none() && seen.person_id.is_none_or(|id| id == person_id);
    let Some(seen) = seen.filter(is_it) else {
        return Ok(None);
    };
    let same = attended::name_of(app, &seen)?.is_some_and(|known| known == *name);
    Ok(same.then_some(id))
}

/// By the mail address if there is one: a phone may be that of a whole household.
async fn by_address(app: &App, tx: &Tx, words: &Words) -> Result<Option<Uuid>, Refusal> {
    match addresses(words).first() {
        Some(first) => Ok(person::find(app, tx.db(), first)
            .await?
            .map(|contact| contact.person_id)),
        None => Ok(None),
    }
}

async fn make(app: &App, tx: &Tx, words: &Words) -> Result<Uuid, Refusal> {
    let mut addresses = addresses(words).into_iter();
    let Some(first) = addresses.next() else {
        let id = Uuid::now_v7();
        person::make(tx, id, Language::default(), tx.now()).await?;
        return Ok(id);
    };
    let id = person::find_or_create(app, tx, &first, None).await?.person_id;
    for other in addresses {
        if person::find(app, tx.db(), &other).await?.is_none() {
            contact::add_unproved(app, tx, id, &other).await?;
        }
    }
    Ok(id)
}

fn addresses(words: &Words) -> Vec<Address> {
    let email = words
        .email
        .clone()
        .map(|text| Address::stored(entity::Channel::Email, text));
    let phone = words
        .phone
        .clone()
        .map(|text| Address::stored(entity::Channel::Sms, text));
    email.into_iter().chain(phone).collect()
}
