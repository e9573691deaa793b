//! Answering for a timeslot.

use chrono::{DateTime, Utc};
use entity::{RsvpStatus, rsvp};
use sea_orm::{ActiveModelTrait, EntityTrait, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    Answer, Outcome, batch::First, change, check_party, check_referrer, find_of, lock, look::look, name_slot,
    seats,
};
use crate::{
    app::{App, Tx},
    domain::{
        Actor,
        idempotency::{self, IdempotencyKey},
        person::{self, Name},
    },
    limits::{Client, Doing},
    outbox::RsvpMail,
    refusal::{Problems, Reason, Refusal},
};

/// Says whether somebody comes. Answering again replaces the answer; the same answer again changes nothing.
///
/// Without an account, the RSVP waits for the link in a mail; whether the address is known is not told.
/// NOT_FOUND; WRONG_STATE (EVENT_CANCELLED, TIMESLOT_CANCELLED, EVENT_STARTED); BAD_USER_INPUT; without an
/// account RATE_LIMITED after `rates.rsvps_per_client_and_hour`.
pub async fn answer(
    app: &App,
    actor: &Actor,
    client: Client,
    answer: Answer,
    key: Option<&IdempotencyKey>,
) -> Result<Outcome, Refusal> {
    let slot_id = answer.timeslot_id;
    let again = async |_| read_again(app, actor, slot_id).await;
    let action = async || answer_once(app, actor, client, answer, key).await;
    idempotency::run(app, key, action, again).await
}

async fn answer_once(
    app: &App,
    actor: &Actor,
    client: Client,
    answer: Answer,
    key: Option<&IdempotencyKey>,
) -> Result<Outcome, Refusal> {
    let member = match actor {
        Actor::Anonymous => None,
        _ => Some(actor.member()?.id),
    };
    let found = look(app, actor, member, answer.timeslot_id).await?;
    let name = match (&answer.name, member, &found.name) {
        (None, Some(id), Some(sealed)) => Some(person::open_name(app, id, sealed)?),
        (given, _, _) => given.clone(),
    };
    let mut problems = Problems::default();
    check_party(app, answer.party_size, &mut problems);
    match &name {
        Some(name) => name.check(app, "input.name", &mut problems),
        None => problems.add("input.name", "is needed"),
    }
    if member.is_none() {
        problems.check(
            answer.email.is_some(),
            "input.email",
            "is needed without an account",
        );
        problems.check(
            answer.coming,
            "input.response",
            "needs an account to be NO; use the link in the mail",
        );
    }
    check_referrer(answer.referrer.as_ref(), &mut problems);
    problems.finish()?;
    let Some(name) = name else {
        return Err(Refusal::internal("checked above"));
    };
    if member.is_none() {
        app.limits.check(Doing::Rsvp, client).await?;
    }
    let goes_through = answer.coming && found.is_first && found.has_seats(answer.party_size);
    let asked = Asked {
        event_id: found.event_id,
        name,
        answer,
        confirmed: member.is_some(),
    };
    if let Some(me) = member
        && goes_through
    {
        let row = asked.row(app, me, app.clock.now())?;
        let key = key.cloned();
        if let Some(row) = app.rsvps.write(First { row, key }).await {
            return Ok(asked.outcome(row));
        }
    }
    app.write(async |tx| {
        idempotency::claim(tx, key, None).await?;
        let person_id = match (member, &asked.answer.email) {
            (Some(id), _) => id,
            (None, Some(email)) => person::find_or_create(app, tx, email).await?.person_id,
            (None, None) => return Err(Refusal::Unauthenticated),
        };
        asked.record(app, tx, person_id).await
    })
    .await
}

/// An answer that passed the checks.
struct Asked {
    event_id: Uuid,
    name: Name,
    answer: Answer,
    /// The person is signed in; otherwise the RSVP waits for the link in the mail.
    confirmed: bool,
}

impl Asked {
    async fn record(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<Outcome, Refusal> {
        let row = match self.insert(app, tx, person_id).await? {
            Some(row) => row,
            None => self.answer_again(app, tx, person_id).await?,
        };
        Ok(self.outcome(row))
    }

    fn outcome(&self, row: rsvp::Model) -> Outcome {
        if !self.confirmed {
            return Outcome {
                status: RsvpStatus::PendingConfirmation,
                rsvp: None,
            };
        }
        Outcome {
            status: row.status,
            rsvp: Some(row),
        }
    }

    /// The row of a first answer, as if there were seats for it.
    fn row(&self, app: &App, person_id: Uuid, now: DateTime<Utc>) -> Result<rsvp::Model, Refusal> {
        let id = Uuid::now_v7();
        Ok(rsvp::Model {
            id,
            timeslot_id: self.answer.timeslot_id,
            event_id: self.event_id,
            person_id,
            status: self.wished(),
            party_size: self.answer.party_size,
            seats: if self.answer.coming {
                self.answer.party_size
            } else {
                0
            },
            name: app.keys.seal(name_slot(&id), &self.name)?,
            waitlisted_at: None,
            referrer: self.referrer()?,
            confirmed_at: None,
            version: 1,
            changed_at: now,
            created_at: now,
        })
    }

    /// A first answer. `None` when the person answered before.
    async fn insert(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<Option<rsvp::Model>, Refusal> {
        let mut row = self.row(app, person_id, tx.now())?;
        let columns = [rsvp::Column::TimeslotId, rsvp::Column::PersonId];
        let on_conflict = OnConflict::columns(columns).do_nothing().to_owned();
        let insert = rsvp::Entity::insert(rsvp::ActiveModel::from(row.clone()).reset_all());
        if insert
            .on_conflict(on_conflict)
            .exec_without_returning(tx.db())
            .await?
            == 0
        {
            return Ok(None);
        }
        tx.rsvp_changed(row.event_id);
        if self.answer.coming {
            seats::mail(
                tx,
                row.id,
                if self.confirmed {
                    RsvpMail::Registered
                } else {
                    RsvpMail::PleaseConfirm
                },
            )
            .await?;
            seats::expire_hold(app, tx, &row).await?;
            row = seats::take_first(app, tx, row).await?;
        }
        Ok(Some(row))
    }

    /// A further answer: the timeslot's row first, then the RSVP's.
    async fn answer_again(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<rsvp::Model, Refusal> {
        let slot = lock(tx, self.answer.timeslot_id).await?;
        if slot.cancelled_at.is_some() && self.answer.coming {
            return Err(Refusal::WrongState(Reason::TimeslotCancelled));
        }
        let before = find_of(tx.db(), slot.id, person_id).await?;
        let before = before.ok_or_else(|| Refusal::internal("an RSVP vanished"))?;
        let same = before.party_size == self.answer.party_size;
        match (before.status, self.confirmed, self.answer.coming) {
            (status, false, _) => {
                // Somebody who only knows the address changes nothing of what its owner said; the mail asks or tells
                // the owner, and the answer tells nobody.
                let mail = match status {
                    RsvpStatus::Registered => RsvpMail::Registered,
                    RsvpStatus::Waitlisted => RsvpMail::Waitlisted,
                    _ => RsvpMail::PleaseConfirm,
                };
                seats::remind(tx, before.id, mail).await?;
                Ok(before)
            }
            (RsvpStatus::Registered | RsvpStatus::Waitlisted, true, true) if same => Ok(before),
            (RsvpStatus::Declined, true, false) => Ok(before),
            (RsvpStatus::Registered, true, true) => {
                change::resize(app, tx, &slot, before, self.answer.party_size).await
            }
            (_, true, false) => change::leave(tx, &slot, before, RsvpStatus::Declined).await,
            (_, true, true) => {
                let name = app.keys.seal(name_slot(&before.id), &self.name)?;
                let before = rsvp::Model {
                    name,
                    party_size: self.answer.party_size,
                    ..before
                };
                change::join(app, tx, &slot, before, true).await
            }
        }
    }

    fn wished(&self) -> RsvpStatus {
        match (self.answer.coming, self.confirmed) {
            (false, _) => RsvpStatus::Declined,
            (true, true) => RsvpStatus::Registered,
            (true, false) => RsvpStatus::PendingConfirmation,
        }
    }

    fn referrer(&self) -> Result<Option<String>, Refusal> {
        let text = self.answer.referrer.as_ref().map(serde_json::to_string);
        text.transpose().map_err(Refusal::internal)
    }
}

/// What an answer that was given before has become.
async fn read_again(app: &App, actor: &Actor, slot_id: Uuid) -> Result<Outcome, Refusal> {
    let Some(me) = actor.person_id() else {
        return Ok(Outcome {
            status: RsvpStatus::PendingConfirmation,
            rsvp: None,
        });
    };
    let row = find_of(app.db.reader(), slot_id, me).await?;
    let row = row.ok_or(Refusal::NotFound("rsvp"))?;
    Ok(Outcome {
        status: row.status,
        rsvp: Some(row),
    })
}
