//! Answering for a timeslot.

use entity::{RsvpStatus, WebhookKind, rsvp, timeslot};
use sea_orm::{ActiveModelTrait, EntityTrait};
use uuid::Uuid;

use super::{
    Answer, Outcome,
    asked::{Asked, bearer},
    batch::First,
    change, details_of, find_of, lock, name_of, offers, seats, unless_answered,
};
use crate::{
    app::{App, Tx, again},
    domain::{
        Actor,
        address::Address,
        idempotency::{self, IdempotencyKey},
        invitation, person, texts,
        webhook::Happening,
    },
    limits::{Client, Doing},
    outbox::RsvpMail,
    refusal::{Reason, Refusal},
};

/// Says whether somebody comes. Answering again replaces the answer; the same answer again changes nothing.
///
/// Without an account, the RSVP waits for the link in a message; whether the address is known is not told.
/// NOT_FOUND; WRONG_STATE (EVENT_CANCELLED, TIMESLOT_CANCELLED, EVENT_STARTED, JOIN_ELSEWHERE, RSVP_REFUSED,
/// INVITATION_NEEDED, LINK_USED, LINK_EXPIRED);
/// BAD_USER_INPUT; without an account RATE_LIMITED after `rates.rsvps_per_client_and_hour`, with a
/// phone number after `rates.texts_per_client_and_hour` and by what else bounds texts as well.
pub async fn answer(
    app: &App,
    actor: &Actor,
    client: Client,
    answer: Answer,
    key: Option<&IdempotencyKey>,
) -> Result<Outcome, Refusal> {
    let slot_id = answer.timeslot_id;
    let token = answer.invitation.clone();
    let again = async |_| read_again(app, actor, client, slot_id, token.as_deref()).await;
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
    let asked = Asked::check(app, actor, client, answer).await?;
    match asked.member {
        None if asked.invited.is_some() => {}
        None => {
            app.limits.check(Doing::Rsvp, client).await?;
            if let Some(Address::Phone(_)) = asked.answer.address {
                app.limits.check(Doing::Text, client).await?;
            }
        }
        Some(me) if asked.goes_through => {
            let row = asked.row(app, me, app.clock.now())?;
            let key = key.cloned();
            if let Some(row) = app.rsvps.write(First { row, key }).await {
                return Ok(asked.outcome(row));
            }
        }
        Some(_) => {}
    }
    again(|| {
        app.write(async |tx| {
            idempotency::claim(tx, key, None).await?;
            let address = asked.invited.as_ref().or(asked.answer.address.as_ref());
            let person_id = match (asked.member, address) {
                (Some(id), _) => id,
                (None, Some(address)) => {
                    if let Address::Phone(phone) = address {
                        texts::ask(app, tx, phone, texts::Asked::Link).await?;
                    }
                    let language = asked.answer.language;
                    person::find_or_create(app, tx, address, language)
                        .await?
                        .person_id
                }
                (None, None) => return Err(Refusal::Unauthenticated),
            };
            let row = asked.record(app, tx, person_id).await?;
            Ok(asked.outcome(row))
        })
    })
    .await
}

impl Asked {
    /// Carries the answer out: as a first one, or in place of an earlier one.
    pub(super) async fn record(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<rsvp::Model, Refusal> {
        if let Some(pass) = &self.pass {
            invitation::redeem(app, tx, pass, person_id, self.is_proven()).await?;
        }
        match self.insert(app, tx, person_id).await? {
            Some(row) => Ok(row),
            None => self.answer_again(app, tx, person_id).await,
        }
    }

    /// A first answer. `None` when the person answered before.
    async fn insert(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<Option<rsvp::Model>, Refusal> {
        let row = self.row(app, person_id, tx.now())?;
        let insert = rsvp::Entity::insert(rsvp::ActiveModel::from(row.clone()).reset_all());
        if insert
            .on_conflict(unless_answered())
            .exec_without_returning(tx.db())
            .await?
            == 0
        {
            return Ok(None);
        }
        tx.rsvp_changed(row.event_id);
        tx.happened(Happening::rsvp(WebhookKind::RsvpCreated, &row));
        if !self.answer.coming {
            return Ok(Some(row));
        }
        seats::mail(tx, row.id, self.mail()).await?;
        if row.seats == 0 {
            // A host decides first; what took seats would look by itself.
            change::not_over(tx, &lock(tx, row.timeslot_id).await?).await?;
            return Ok(Some(row));
        }
        seats::expire_hold(app, tx, &row).await?;
        seats::take_first(app, tx, row).await.map(Some)
    }

    /// A further answer: the timeslot's row first, then the RSVP's.
    async fn answer_again(&self, app: &App, tx: &Tx, person_id: Uuid) -> Result<rsvp::Model, Refusal> {
        let slot = lock(tx, self.answer.timeslot_id).await?;
        if slot.cancelled_at.is_some() && self.answer.coming {
            return Err(Refusal::WrongState(Reason::TimeslotCancelled));
        }
        let before = find_of(tx.db(), slot.id, person_id).await?;
        let before = before.ok_or_else(|| Refusal::internal("an RSVP vanished"))?;
        if !self.is_proven() {
            return self.answer_unproven(app, tx, &slot, before).await;
        }
        let same = before.party_size == self.answer.party_size;
        match (before.status, self.answer.coming) {
            (RsvpStatus::Refused, true) => Err(Refusal::WrongState(Reason::RsvpRefused)),
            (RsvpStatus::Declined | RsvpStatus::Refused, false) => Ok(before),
            (_, false) => change::leave(app, tx, &slot, before, RsvpStatus::Declined).await,
            (RsvpStatus::PendingApproval, true) if self.is_let_in(tx, &slot).await? => {
                // Nobody decides any more, or a host just did.
                change::join(app, tx, &slot, self.renew(app, before)?, true).await
            }
            (RsvpStatus::Registered | RsvpStatus::Waitlisted | RsvpStatus::PendingApproval, true) if same => {
                let says_more = self.details.is_some()
                    || self.listed().is_some_and(|listed| listed != before.listed)
                    || (self.approved && before.approved_at.is_none());
                match says_more {
                    false => Ok(before),
                    true => seats::store(tx, self.renew(app, before)?).await,
                }
            }
            (RsvpStatus::Offered, true) if offers::is_over(tx, &slot, &before) => {
                // The job that ends it has not come to it yet.
                let row = change::leave(app, tx, &slot, before, RsvpStatus::OfferExpired).await?;
                change::join(app, tx, &slot, self.renew(app, row)?, true).await
            }
            (RsvpStatus::Offered, true) => {
                // To say that one comes is to accept.
                let party_size = before.party_size;
                let row = rsvp::Model {
                    party_size,
                    ..self.renew(app, before)?
                };
                let row = offers::accept(tx, &slot, row).await?;
                match row.party_size == self.answer.party_size {
                    true => Ok(row),
                    false => change::resize(app, tx, &slot, row, self.answer.party_size).await,
                }
            }
            (RsvpStatus::Registered | RsvpStatus::Waitlisted | RsvpStatus::PendingApproval, true) => {
                let party = self.answer.party_size;
                let held = before.party_size;
                let row = rsvp::Model {
                    party_size: held,
                    ..self.renew(app, before)?
                };
                change::resize(app, tx, &slot, row, party).await
            }
            (_, true) => change::join(app, tx, &slot, self.renew(app, before)?, true).await,
        }
    }

    /// Whether somebody who asked the hosts need not wait for them any more.
    async fn is_let_in(&self, tx: &Tx, slot: &timeslot::Model) -> Result<bool, Refusal> {
        Ok(self.approved || !change::is_by_approval(tx, slot).await?)
    }
}

impl Asked {
    /// Somebody who only knows the address changes nothing of what its owner said; the mail asks or tells the owner, and
    /// the answer tells nobody. While the owner said nothing, the newest answer is the one that waits for them: whoever
    /// types in an address first must not decide what its owner gets to confirm.
    async fn answer_unproven(
        &self,
        app: &App,
        tx: &Tx,
        slot: &timeslot::Model,
        before: rsvp::Model,
    ) -> Result<rsvp::Model, Refusal> {
        // Without an account nothing stays of an earlier answer: no details are none.
        let same = before.party_size == self.answer.party_size
            && name_of(app, &before)? == self.name
            && self.details.clone().unwrap_or_default() == details_of(app, &before)?;
        if before.status == RsvpStatus::PendingConfirmation && !same {
            return change::join(app, tx, slot, self.renew(app, before)?, false).await;
        }
        seats::remind(tx, before.id, reminder(before.status)).await?;
        Ok(before)
    }
}

/// What the owner of an address is told when somebody answers with it.
fn reminder(status: RsvpStatus) -> RsvpMail {
    match status {
        RsvpStatus::Registered => RsvpMail::Registered,
        RsvpStatus::Waitlisted => RsvpMail::Waitlisted,
        RsvpStatus::Offered => RsvpMail::Offered,
        RsvpStatus::PendingApproval => RsvpMail::PendingApproval,
        RsvpStatus::Refused => RsvpMail::Refused,
        RsvpStatus::PendingConfirmation
        | RsvpStatus::Declined
        | RsvpStatus::Cancelled
        | RsvpStatus::OfferExpired => RsvpMail::PleaseConfirm,
    }
}

/// What an answer that was given before has become.
async fn read_again(
    app: &App,
    actor: &Actor,
    client: Client,
    slot_id: Uuid,
    token: Option<&str>,
) -> Result<Outcome, Refusal> {
    let member = actor.person_id();
    let who = match (member, token) {
        (None, Some(token)) => bearer(app, &invitation::pass(app, client, token).await?).await?.1,
        _ => member,
    };
    let Some(who) = who else {
        return Ok(Outcome {
            status: RsvpStatus::PendingConfirmation,
            rsvp: None,
        });
    };
    let row = find_of(app.db.reader(), slot_id, who).await?;
    let row = row.ok_or(Refusal::NotFound("rsvp"))?;
    Ok(Outcome {
        status: row.status,
        rsvp: member.map(|_| row),
    })
}
