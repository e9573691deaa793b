//! People: finding them by address, and what somebody sees and changes of themselves.

use std::collections::HashMap;

use entity::{Channel, SealedBytes, contact_point, person};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Actor, email::Email};
use crate::{
    app::{App, Tx},
    cells,
    refusal::{Problems, Refusal},
    sealed::{self, BlindIndex, Slot},
};

/// A person's name. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Given name.
    pub given: String,
    /// Family name; may be empty.
    pub family: String,
}

/// What somebody sees of themselves.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The row.
    pub row: person::Model,
    /// Their name, once they told it.
    pub name: Option<Name>,
    /// Their mail address.
    pub email: Option<Email>,
}

/// What somebody changes of themselves: `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// A new name.
    pub name: Option<Name>,
    /// BCP 47 tag of the language messages are written in.
    pub language: Option<String>,
    /// Country and postal code; only the cell around it is kept. `Some(None)` forgets it.
    pub postal_code: Option<Option<(String, String)>>,
}

/// The signed-in person. UNAUTHENTICATED for anybody else.
pub async fn profile(app: &App, actor: &Actor) -> Result<Profile, Refusal> {
    let id = actor.member()?.id;
    let row = person::Entity::find_by_id(id)
        .one(app.db.reader())
        .await?
        .ok_or(Refusal::Unauthenticated)?;
    let name = row
        .name
        .as_ref()
        .map(|sealed| app.keys.open(name_slot(&id), sealed))
        .transpose()?;
    Ok(Profile {
        name,
        email: email_of(app, app.db.reader(), id).await?.map(|(_, email)| email),
        row,
    })
}

/// The name somebody told.
pub(crate) fn open_name(app: &App, id: Uuid, sealed: &SealedBytes) -> Result<Name, Refusal> {
    app.keys.open(name_slot(&id), sealed)
}

/// Changes the signed-in person's own profile. BAD_USER_INPUT names what is wrong.
pub async fn update_profile(app: &App, actor: &Actor, change: ProfileChange) -> Result<(), Refusal> {
    let id = actor.member()?.id;
    let mut problems = Problems::default();
    if let Some(name) = &change.name {
        name.check(app, "input.name", &mut problems);
    }
    let language = change.language.as_deref().unwrap_or("en");
    let tag = language.len() <= 16
        && language
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
    problems.check(tag, "input.language", "must be a BCP 47 language tag");
    let mut cell = None;
    if let Some(place) = &change.postal_code {
        cell = Some(None);
        if let Some((country, code)) = place {
            match app.postal.find(&app.db, country, code).await? {
                Some(point) => cell = Some(Some(cells::home_cell(point))),
                None => problems.add("input.postalCode", "is not known"),
            }
        }
    }
    problems.finish()?;
    app.write(async |tx| {
        let row = person::Entity::find_by_id(id)
            .one(tx.db())
            .await?
            .ok_or(Refusal::Unauthenticated)?;
        let name = change
            .name
            .as_ref()
            .map(|name| app.keys.seal(name_slot(&id), name))
            .transpose()?;
        let change = person::ActiveModel {
            id: Unchanged(id),
            name: name.map_or(NotSet, |sealed| Set(Some(sealed))),
            language: change.language.clone().map_or(NotSet, Set),
            cell: cell.map_or(NotSet, Set),
            version: Set(row.version + 1),
            changed_at: Set(tx.now()),
            ..Default::default()
        };
        change.update(tx.db()).await?;
        Ok(())
    })
    .await
}

/// The person whose address this is; makes one who has not signed in yet when there is none.
pub(crate) async fn find_or_create(
    app: &App,
    tx: &Tx,
    email: &Email,
) -> Result<contact_point::Model, Refusal> {
    if let Some(contact) = find(app, tx.db(), email).await? {
        return Ok(contact);
    }
    let id = Uuid::now_v7();
    let shuffle = i32::from_le_bytes(sealed::random::<4>()?);
    let person = person::ActiveModel {
        id: Set(id),
        language: Set("en".to_owned()),
        shuffle: Set(shuffle),
        version: Set(1),
        changed_at: Set(tx.now()),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    person::Entity::insert(person)
        .exec_without_returning(tx.db())
        .await?;
    let index = app.keys.index(SCOPE, email.reveal())?;
    let contact_id = Uuid::now_v7();
    let contact = contact_point::ActiveModel {
        id: Set(contact_id),
        person_id: Set(id),
        channel: Set(Channel::Email),
        value: Set(app.keys.seal(contact_slot(&contact_id), &email.reveal())?),
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
    let contact = find(app, tx.db(), email)
        .await?
        .ok_or_else(|| Refusal::internal("the contact is gone"))?;
    if contact.person_id != id {
        // Somebody else made a person for this address at the same moment.
        person::Entity::delete_by_id(id).exec(tx.db()).await?;
    }
    Ok(contact)
}

/// The contact point of an address, if there is one.
pub(crate) async fn find(
    app: &App,
    db: &impl ConnectionTrait,
    email: &Email,
) -> Result<Option<contact_point::Model>, Refusal> {
    let any = any_index(
        app,
        email,
        contact_point::Column::IndexKey,
        contact_point::Column::ValueIndex,
    );
    Ok(contact_point::Entity::find()
        .filter(contact_point::Column::Channel.eq(Channel::Email))
        .filter(any)
        .one(db)
        .await?)
}

/// The rows whose blind index is that of `email`, under any of the kept keys.
pub(crate) fn any_index<C: ColumnTrait>(app: &App, email: &Email, key: C, value: C) -> Condition {
    let of = |index: BlindIndex| Condition::all().add(key.eq(index.key)).add(value.eq(index.value));
    app.keys
        .indexes(SCOPE, email.reveal())
        .into_iter()
        .map(of)
        .fold(Condition::any(), Condition::add)
}

/// The address messages to a person go to.
pub(crate) async fn email_of(
    app: &App,
    db: &impl ConnectionTrait,
    person_id: Uuid,
) -> Result<Option<(contact_point::Model, Email)>, Refusal> {
    Ok(emails_of(app, db, &[person_id]).await?.remove(&person_id))
}

/// The address messages to each of some people go to: the oldest of each, in one statement.
pub(crate) async fn emails_of(
    app: &App,
    db: &impl ConnectionTrait,
    people: &[Uuid],
) -> Result<HashMap<Uuid, (contact_point::Model, Email)>, Refusal> {
    let contacts = contact_point::Entity::find()
        .filter(contact_point::Column::PersonId.is_in(people.iter().copied()))
        .filter(contact_point::Column::Channel.eq(Channel::Email))
        .order_by_desc(contact_point::Column::CreatedAt)
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
