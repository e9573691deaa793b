//! The key of an event, which signs what is shown at its door: codes of those who come, and pages of its sheets. Whoever has
//! the public half can check a code without asking us, so a door without a network can.
//!
//! What is signed is text for a QR code: base64url, without padding, of
//!
//! | bytes | |
//! |---|---|
//! | 1 | version of this form: 1 |
//! | 1 | of what kind it is |
//! | 16 | the event's key, as in its global id |
//! | … | what it says, by its kind |
//! | 64 | Ed25519 signature of all before |

use std::collections::{BTreeSet, HashMap};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey};
use entity::event_key;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use crate::{
    app::App,
    refusal::Refusal,
    sealed::{self, Slot},
};

const VERSION: u8 = 1;
const HEAD: usize = 18;
const SIGNATURE: usize = 64;
/// Longer text is none of ours, and is not looked at.
const LONGEST: usize = 400;

/// What a signed text is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody's RSVP.
    Attendee,
    /// A page of a sheet for an event.
    SheetPage,
}

/// The key of one event.
pub struct EventKey {
    event_id: Uuid,
    key: SigningKey,
}

/// What a signed text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Of which event.
    pub event_id: Uuid,
    /// What it is of.
    pub kind: Kind,
    /// What it says, by its kind.
    pub payload: Vec<u8>,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Attendee => 1,
            Self::SheetPage => 2,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Self::Attendee, Self::SheetPage]
            .into_iter()
            .find(|kind| kind.byte() == byte)
    }
}

impl EventKey {
    /// The key of an event with this seed.
    pub(crate) fn of_seed(event_id: Uuid, seed: &[u8; 32]) -> Self {
        Self {
            event_id,
            key: SigningKey::from_bytes(seed),
        }
    }

    /// Signs what something says.
    pub fn sign(&self, kind: Kind, payload: &[u8]) -> String {
        let mut bytes = vec![VERSION, kind.byte()];
        bytes.extend_from_slice(self.event_id.as_bytes());
        bytes.extend_from_slice(payload);
        let signature = self.key.sign(&bytes);
        bytes.extend_from_slice(&signature.to_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The public half, 32 bytes as base64url.
    pub fn public(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes())
    }

    /// What a text says that this key signed.
    pub fn open(&self, text: &str) -> Option<Opened> {
        let bytes = bytes_of(text)?;
        let (signed, signature) = bytes.split_last_chunk::<SIGNATURE>()?;
        let signature = Signature::from_bytes(signature);
        self.key.verifying_key().verify_strict(signed, &signature).ok()?;
        Some(Opened {
            event_id: self.event_id,
            kind: Kind::of(*signed.get(1)?)?,
            payload: signed.get(HEAD..)?.to_vec(),
        })
    }
}

/// The key of an event, made if it has none. Not inside of a transaction: there is one writer on SQLite.
pub async fn of_event(app: &App, event_id: Uuid) -> Result<EventKey, Refusal> {
    let key = of_events(app, &BTreeSet::from([event_id]))
        .await?
        .remove(&event_id);
    key.ok_or(Refusal::NotFound("event"))
}

/// The same of some events, in as many statements.
pub async fn of_events(app: &App, events: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, EventKey>, Refusal> {
    let found = find(app, events).await?;
    let missing = events.iter().filter(|id| !found.contains_key(id));
    let make = |id: &Uuid| {
        Ok(event_key::ActiveModel {
            event_id: Set(*id),
            seed: Set(app.keys.seal(slot(id), &sealed::random::<32>()?)?),
            created_at: Set(app.clock.now()),
        })
    };
    let rows: Vec<_> = missing.map(make).collect::<Result<_, Refusal>>()?;
    if rows.is_empty() {
        return Ok(found);
    }
    let on_conflict = OnConflict::column(event_key::Column::EventId)
        .do_nothing()
        .to_owned();
    let made = event_key::Entity::insert_many(rows)
        .on_conflict(on_conflict)
        .exec_without_returning(app.db.writer());
    match made.await {
        Ok(_) | Err(DbErr::RecordNotInserted) => {}
        Err(error) => return Err(error.into()),
    }
    find(app, events).await
}

/// What each of some texts says; none for one that no event of ours signed. One statement for all.
pub async fn open(app: &App, texts: &[&str]) -> Result<Vec<Option<Opened>>, Refusal> {
    let events = texts.iter().filter_map(|text| event_of(text)).collect();
    let keys = find(app, &events).await?;
    let open = |text: &&str| keys.get(&event_of(text)?)?.open(text);
    Ok(texts.iter().map(open).collect())
}

async fn find(app: &App, events: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, EventKey>, Refusal> {
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = event_key::Entity::find()
        .filter(event_key::Column::EventId.is_in(events.iter().copied()))
        .all(app.db.reader())
        .await?;
    let read = |row: event_key::Model| {
        let seed: [u8; 32] = app.keys.open(slot(&row.event_id), &row.seed)?;
        Ok((row.event_id, EventKey::of_seed(row.event_id, &seed)))
    };
    rows.into_iter().map(read).collect()
}

/// The event that a text says it is of.
fn event_of(text: &str) -> Option<Uuid> {
    let bytes = bytes_of(text)?;
    Uuid::from_slice(bytes.get(2..HEAD)?).ok()
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let text = Some(text).filter(|text| text.len() <= LONGEST)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let is_ours = bytes.first() == Some(&VERSION) && bytes.len() >= HEAD + SIGNATURE;
    is_ours.then_some(bytes)
}

fn slot(event_id: &Uuid) -> Slot<'_> {
    Slot {
        column: "event_key.seed",
        row: event_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(event: u128, seed: u8) -> EventKey {
        EventKey::of_seed(Uuid::from_u128(event), &[seed; 32])
    }

    #[test]
    fn only_the_whole_text_opens_and_only_with_its_key() {
        let (key, other) = (key(1, 1), key(1, 2));
        let text = key.sign(Kind::Attendee, b"who");
        let opened = key.open(&text).unwrap();
        assert_eq!(
            (opened.kind, opened.payload.as_slice()),
            (Kind::Attendee, b"who".as_slice())
        );
        assert_eq!(event_of(&text), Some(Uuid::from_u128(1)));
        assert_eq!(other.open(&text), None);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&text).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            assert_eq!(key.open(&BASE64_URL_SAFE_NO_PAD.encode(&bent)), None, "byte {at}");
            assert_eq!(
                key.open(&BASE64_URL_SAFE_NO_PAD.encode(&bytes[..at])),
                None,
                "{at} bytes"
            );
        }
        assert_eq!(key.open(&"A".repeat(LONGEST + 1)), None);
        assert_eq!(key.open("no base64!"), None);
    }

    #[test]
    fn one_kind_is_not_another() {
        let key = key(1, 1);
        let (code, page) = (key.sign(Kind::Attendee, b"x"), key.sign(Kind::SheetPage, b"x"));
        assert_ne!(code, page);
        assert_eq!(key.open(&page).unwrap().kind, Kind::SheetPage);
    }
}
