//! Telling what was seen at the door of an event, in batches.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of},
    consent::ConsentPurpose,
    door::{CheckInKind, CheckInPayload, RenewCheckInCodePayload, UndoCheckInPayload},
    id::{Kind, key_of},
    rsvp_mutations::NameInput,
};
use crate::{
    app::App,
    domain::{
        address::Address,
        door::{self, Consent, Guest, Item, Subject},
    },
    refusal::Refusal,
};

/// What a device saw at the door.
#[derive(InputObject)]
pub struct CheckInInput {
    /// The event.
    event_id: ID,
    /// What the device calls itself, the same for all that it ever sends: 1 to 64 printable ASCII characters, such as a UUID.
    client_id: String,
    /// What it saw, 1 to 500.
    items: Vec<CheckInItemInput>,
}

/// One thing that was seen. Exactly one of `code`, `codeHash`, `attendeeId`, `walkInId`, `name`, `walkIn` and `fact` says of whom.
#[derive(InputObject)]
pub struct CheckInItemInput {
    /// What the device calls this one: 1 to 64 printable ASCII characters. What is sent again under the same `clientId` and nonce
    /// is taken once, and answered as it was.
    nonce: String,
    /// What was seen.
    #[graphql(default_with = "CheckInKind::In")]
    kind: CheckInKind,
    /// The code that they showed.
    code: Option<String>,
    /// Their `codeHash` in the pack.
    code_hash: Option<String>,
    /// The attendee; for hosts and organizers.
    attendee_id: Option<ID>,
    /// Somebody who was seen before as a walk-in.
    walk_in_id: Option<ID>,
    /// The name that they say, or its beginning: of those who are registered. Whoever has a host link finds given names and initials.
    name: Option<String>,
    /// Somebody who comes without an RSVP.
    walk_in: Option<WalkInInput>,
    /// With UNDO: what was a mistake.
    fact: Option<CheckInFactInput>,
    /// On which date; needed for a name and a walk-in where it is not the present or next date. A code for another one is
    /// WRONG_EVENT.
    timeslot_id: Option<ID>,
    /// How many came in, 1 to 20; as the RSVP says when absent.
    party_size: Option<i32>,
    /// When, by the clock of the device; now when absent. What is later than now counts as now, and what is earlier than a day
    /// before the start as that.
    at: Option<DateTime<Utc>>,
    /// It has happened, with or without a network: it is kept even though the answer has a reason why it should not have been,
    /// unless nobody is named by it.
    #[graphql(default = false)]
    force: bool,
}

/// Names something that was seen before, or will be told later.
#[derive(InputObject)]
pub struct CheckInFactInput {
    /// The `clientId` it is sent under.
    client_id: String,
    /// Its nonce.
    nonce: String,
}

/// Somebody who comes without an RSVP. They take no seat. Whose address it is, or whether anybody's, is not told.
#[derive(InputObject)]
pub struct WalkInInput {
    /// The name that they tell.
    name: NameInput,
    /// A mail address, if they tell one. Either this or `phone`.
    email: Option<String>,
    /// A phone number, if they tell one.
    phone: Option<String>,
    /// What they agreed to hear of there. It is not noted for an address whose owner has said something of it before.
    consent: Option<WalkInConsentInput>,
}

/// What a walk-in agreed to.
#[derive(InputObject)]
pub struct WalkInConsentInput {
    /// For what they may be written to.
    purpose: ConsentPurpose,
    /// Names the text that was shown or read to them, such as `2030-01`: 1 to 64 printable ASCII characters. It is kept as proof.
    text_version: String,
}

/// Somebody who was checked in by mistake. Exactly one of `codeHash`, `attendeeId` and `walkInId`.
#[derive(InputObject)]
pub struct UndoCheckInInput {
    /// The event.
    event_id: ID,
    /// Their `codeHash` in the pack.
    code_hash: Option<String>,
    /// The attendee; for hosts and organizers.
    attendee_id: Option<ID>,
    /// The walk-in.
    walk_in_id: Option<ID>,
}

/// An RSVP whose code is replaced.
#[derive(InputObject)]
pub struct RenewCheckInCodeInput {
    /// The RSVP.
    id: ID,
}

/// Mutations of the door.
#[derive(Default)]
pub struct DoorMutation;

#[Object]
impl DoorMutation {
    /// Takes what a device saw at the door, in any order and however often it is sent; each item is answered by itself. For the event's
    /// hosts, for organizers, and by a host link with CHECK_IN until 12 hours after the last date. BAD_USER_INPUT, NOT_FOUND,
    /// FORBIDDEN; WRONG_STATE before the event is published, once it was taken down, and 30 days after its last date.
    async fn check_in(&self, ctx: &Context<'_>, input: CheckInInput) -> Result<CheckInPayload> {
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let items = input.items.into_iter().enumerate();
        let items: Vec<Item> = items
            .map(|(i, item)| item.read(app, &format!("input.items.{i}")))
            .collect::<Result<_, Refusal>>()?;
        let outcomes = door::check_in(app, actor, event_id, &input.client_id, &items).await?;
        Ok(CheckInPayload {
            results: outcomes.into_iter().map(Into::into).collect(),
        })
    }

    /// Takes back all that was seen of somebody on a date. Again changes nothing; they can be checked in anew. For whom `checkIn` is.
    /// BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, WRONG_STATE.
    async fn undo_check_in(&self, ctx: &Context<'_>, input: UndoCheckInInput) -> Result<UndoCheckInPayload> {
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let subject = one_of(
            "input",
            subjects(input.code_hash, input.attendee_id, input.walk_in_id, "input")?,
        )?;
        let outcome = door::undo_all(app_of(ctx), actor_of(ctx).await?, event_id, &subject).await?;
        Ok(UndoCheckInPayload {
            attendance: outcome.attendance.map(Into::into),
        })
    }

    /// Gives one of the viewer's RSVPs another code for the door; the old one is REVOKED from then on. UNAUTHENTICATED, NOT_FOUND,
    /// WRONG_STATE.
    async fn renew_check_in_code(
        &self,
        ctx: &Context<'_>,
        input: RenewCheckInCodeInput,
    ) -> Result<RenewCheckInCodePayload> {
        let id = key_of(Kind::Rsvp, &input.id, &["input", "id"])?;
        let rsvp = door::renew(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(RenewCheckInCodePayload { rsvp: rsvp.into() })
    }
}

impl CheckInItemInput {
    fn read(self, app: &App, path: &str) -> Result<Item, Refusal> {
        let mut given = subjects(self.code_hash, self.attendee_id, self.walk_in_id, path)?;
        given.extend(self.code.map(Subject::Code));
        given.extend(self.name.map(Subject::Name));
        given.extend(self.fact.map(|fact| Subject::Fact(fact.client_id, fact.nonce)));
        if let Some(walk_in) = self.walk_in {
            given.push(Subject::Guest(walk_in.read(app, path)?));
        }
        let slot = self
            .timeslot_id
            .map(|id| key_of(Kind::Timeslot, &id, &at(path, "timeslotId")));
        Ok(Item {
            nonce: self.nonce,
            kind: self.kind.into(),
            subject: one_of(path, given)?,
            timeslot_id: slot.transpose()?,
            party_size: self.party_size,
            at: self.at,
            force: self.force,
        })
    }
}

impl WalkInInput {
    fn read(self, app: &App, path: &str) -> Result<Guest, Refusal> {
        let address = Address::parse_if_any(&app.config, self.email.as_deref(), self.phone.as_deref());
        Ok(Guest {
            name: self.name.into(),
            address: address.map_err(|refusal| under(refusal, path))?,
            consent: self.consent.map(|consent| Consent {
                purpose: consent.purpose.into(),
                text_version: consent.text_version,
            }),
        })
    }
}

/// Problems of `input`, as those of a walk-in at `path`.
fn under(refusal: Refusal, path: &str) -> Refusal {
    match refusal {
        Refusal::Input(mut problems) => {
            for problem in &mut problems {
                let field = problem.path.split_off(1);
                problem.path = path.split('.').chain(["walkIn"]).map(str::to_owned).collect();
                problem.path.extend(field);
            }
            Refusal::Input(problems)
        }
        other => other,
    }
}

fn at<'a>(path: &'a str, field: &'a str) -> Vec<&'a str> {
    path.split('.').chain([field]).collect()
}

fn subjects(
    hash: Option<String>,
    attendee: Option<ID>,
    walk_in: Option<ID>,
    path: &str,
) -> Result<Vec<Subject>, Refusal> {
    let mut given = vec![];
    if let Some(text) = hash {
        let problem = || Refusal::input(&at(path, "codeHash"), "must have 64 hexadecimal digits");
        given.push(Subject::Hash(bytes(&text).ok_or_else(problem)?));
    }
    if let Some(id) = attendee {
        given.push(Subject::Rsvp(key_of(
            Kind::Attendee,
            &id,
            &at(path, "attendeeId"),
        )?));
    }
    if let Some(id) = walk_in {
        given.push(Subject::Row(key_of(Kind::WalkIn, &id, &at(path, "walkInId"))?));
    }
    Ok(given)
}

fn one_of(path: &str, mut given: Vec<Subject>) -> Result<Subject, Refusal> {
    match (given.pop(), given.is_empty()) {
        (Some(subject), true) => Ok(subject),
        _ => {
            let path: Vec<&str> = path.split('.').collect();
            Err(Refusal::input(&path, "must say exactly once who is meant"))
        }
    }
}

/// 32 bytes of hexadecimal digits.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    is_hash.then(|| (0..64).step_by(2).filter_map(pair).collect())
}
