//! People: finding them by address, and what somebody sees and changes of themselves.

mod profile;

pub use profile::{Profile, ProfileChange, profile, update_profile};
pub(super) use profile::{profile_in, pronouns_slot};

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{Channel, SealedBytes, contact_point, person};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockType, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{address::Address, email::Email};
use crate::{
    app::{App, Tx},
    letter::Language,
    refusal::{Problems, Refusal},
    sealed::{self, Slot},
};

/// A person's name. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Given name.
    pub given: String,
    /// Family name; may be empty.
    pub family: String,
}

/// The name somebody told.
pub(crate) fn open_name(app: &App, id: Uuid, sealed: &SealedBytes) -> Result<Name, Refusal> {
    app.keys.open(name_slot(&id), sealed)
}

/// The person whose address this is; makes one who has not signed in yet when there is none, and is written in `language`.
pub(crate) async fn find_or_create(
    app: &App,
    tx: &Tx,
    address: &Address,
    language: Option<Language>,
) -> Result<contact_point::Model, Refusal> {
    if let Some(contact) = find(app, tx.db(), address).await? {
        return Ok(contact);
    }
    let id = Uuid::now_v7();
    let language = language.unwrap_or_else(|| app.config.language());
    make(tx, id, language, tx.now()).await?;
    let index = address.index(app)?;
    let contact_id = Uuid::now_v7();
    let contact = contact_point::ActiveModel {
        id: Set(contact_id),
        person_id: Set(id),
        channel: Set(address.channel()),
        value: Set(app.keys.seal(contact_slot(&contact_id), &address.reveal())?),
        index_key: Set(index.key),
        value_index: Set(index.value),
        verified_at: Set(None),
        created_at: Set(tx.now()),
    };
    let columns = [
        contact_point::Column::Channel,
        contact_point::Column::IndexKey,
        contact_point::Column::ValueIndex,
    ];
    let on_conflict = OnConflict::columns(columns).do_nothing().to_owned();
    contact_point::Entity::insert(contact)
        .on_conflict(on_conflict)
        .exec_without_returning(tx.db())
        .await?;
    let contact = find(app, tx.db(), address)
        .await?
        .ok_or_else(|| Refusal::internal("the contact is gone"))?;
    if contact.person_id != id {
        // Somebody else made a person for this address at the same moment.
        person::Entity::delete_by_id(id).exec(tx.db()).await?;
    }
    Ok(contact)
}

/// Makes a person of whom nothing is known.
pub(super) async fn make(
    tx: &Tx,
    id: Uuid,
    language: Language,
    created_at: DateTime<Utc>,
) -> Result<(), Refusal> {
    let shuffle = i32::from_le_bytes(sealed::random::<4>()?);
    let person = person::ActiveModel {
        id: Set(id),
        language: Set(language.tag().to_owned()),
        shuffle: Set(shuffle),
        version: Set(1),
        changed_at: Set(created_at),
        created_at: Set(created_at),
        ..Default::default()
    };
    person::Entity::insert(person)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Takes the rows of `ids` for this transaction, in one order for everybody, so that whatever belongs to these people waits.
/// They come first: then events, timeslots, RSVPs. UNAUTHENTICATED when the first of them, who acts, is gone: erased, or
/// made part of another account, at the same moment.
pub(super) async fn lock(tx: &Tx, ids: &[Uuid]) -> Result<Vec<person::Model>, Refusal> {
    let rows = person::Entity::find()
        .filter(person::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(person::Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    if rows.iter().any(|row| Some(&row.id) == ids.first()) {
        Ok(rows)
    } else {
        Err(Refusal::Unauthenticated)
    }
}

/// Keeps somebody from being erased or merged while this transaction lasts; false when they are gone. Before the rows of
/// timeslots: whoever erases has the person's row and waits for these.
pub(crate) async fn keep(tx: &Tx, id: Uuid) -> Result<bool, Refusal> {
    let row = person::Entity::find_by_id(id)
        .select_only()
        .column(person::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple::<Uuid>();
    Ok(row.one(tx.db()).await?.is_some())
}

/// The language somebody is written in.
pub(crate) async fn language_of(app: &App, db: &impl ConnectionTrait, id: Uuid) -> Result<Language, Refusal> {
    let row = person::Entity::find_by_id(id).one(db).await?;
    let language = row.as_ref().and_then(Language::of_person);
    Ok(language.unwrap_or_else(|| app.config.language()))
}

/// The contact point of an address, if there is one.
pub(crate) async fn find(
    app: &App,
    db: &impl ConnectionTrait,
    address: &Address,
) -> Result<Option<contact_point::Model>, Refusal> {
    let any = address.is_in(
        app,
        contact_point::Column::IndexKey,
        contact_point::Column::ValueIndex,
    );
    Ok(contact_point::Entity::find()
        .filter(contact_point::Column::Channel.eq(address.channel()))
        .filter(any)
        .one(db)
        .await?)
}

/// Given name and initial of somebody, if they told it.
pub(crate) async fn short_name(
    app: &App,
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<String>, Refusal> {
    let row = person::Entity::find_by_id(id).one(db).await?;
    let sealed = row.and_then(|row| row.name);
    let name = sealed.map(|sealed| open_name(app, id, &sealed)).transpose()?;
    Ok(name.map(|name| name.short()))
}

/// The mail address that messages to a person go to.
pub(crate) async fn email_of(
    app: &App,
    db: &impl ConnectionTrait,
    person_id: Uuid,
) -> Result<Option<(contact_point::Model, Email)>, Refusal> {
    Ok(emails_of(app, db, &[person_id]).await?.remove(&person_id))
}

/// The mail address that messages to each of some people go to: the oldest of each, in one statement.
pub(crate) async fn emails_of(
    app: &App,
    db: &impl ConnectionTrait,
    people: &[Uuid],
) -> Result<HashMap<Uuid, (contact_point::Model, Email)>, Refusal> {
    let contacts = contact_point::Entity::find()
        .filter(contact_point::Column::PersonId.is_in(people.iter().copied()))
        .filter(contact_point::Column::Channel.eq(Channel::Email))
        .order_by_desc(contact_point::Column::CreatedAt)
        .order_by_desc(contact_point::Column::Id)
        .all(db)
        .await?;
    let open = |contact: contact_point::Model| {
        let text = app.keys.open(contact_slot(&contact.id), &contact.value)?;
        Ok((contact.person_id, (contact, Email::stored(text))))
    };
    contacts.into_iter().map(open).collect() // of several the oldest, which comes last, stays
}

impl Name {
    /// Notes what is wrong with it: nothing, control characters, or more than `limits.name` characters.
    pub fn check(&self, app: &App, path: &str, problems: &mut Problems) {
        let most = app.config.limits.name;
        for (field, text, needed) in [
            ("givenName", &self.given, true),
            ("familyName", &self.family, false),
        ] {
            let field = format!("{path}.{field}");
            problems.check(!needed || !text.trim().is_empty(), &field, "must not be empty");
            problems.check(
                text.chars().count() <= most,
                &field,
                format!("has more than {most} characters"),
            );
            problems.check(
                !text.chars().any(char::is_control),
                &field,
                "has control characters",
            );
        }
    }

    /// Given name and initial: what others may see at the most.
    pub fn short(&self) -> String {
        match self.family.trim().chars().next() {
            Some(initial) => format!("{} {initial}.", self.given.trim()),
            None => self.given.trim().to_owned(),
        }
    }

    /// Both names.
    pub fn full(&self) -> String {
        format!("{} {}", self.given.trim(), self.family.trim())
            .trim()
            .to_owned()
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(…)")
    }
}

/// Keeps indexes of mail addresses apart from those of other things.
pub(crate) const SCOPE: &str = "EMAIL";

pub(crate) fn name_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "person.name",
        row: id,
    }
}

pub(crate) fn contact_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "contact_point.value",
        row: id,
    }
}
