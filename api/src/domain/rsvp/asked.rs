//! What somebody asks for, checked against what there is.

use chrono::{DateTime, Utc};
use entity::{JoinPolicy, RsvpStatus, rsvp};
use uuid::Uuid;

use super::{
    Answer, Details, Outcome, check_party, check_referrer, details::open_details, details_slot, look::look,
    name_slot,
};
use crate::{
    app::App,
    domain::{
        Actor,
        event::questions,
        person::{self, Name},
    },
    outbox::RsvpMail,
    refusal::{Problems, Reason, Refusal},
};

/// An answer that passed the checks.
pub(super) struct Asked {
    pub answer: Answer,
    pub event_id: Uuid,
    pub name: Name,
    /// What was said beside; nothing when an earlier answer is to stay as it is.
    pub details: Option<Details>,
    /// The person who is signed in; otherwise the RSVP waits for the link in the mail.
    pub member: Option<Uuid>,
    pub policy: JoinPolicy,
    /// Whether nothing stands in its way: it is the first answer, and there are seats.
    pub goes_through: bool,
}

impl Asked {
    /// Collects all problems of an answer. NOT_FOUND, WRONG_STATE, BAD_USER_INPUT.
    pub async fn check(app: &App, actor: &Actor, mut answer: Answer) -> Result<Self, Refusal> {
        let member = match actor {
            Actor::Anonymous | Actor::Visitor(_) => None,
            _ => Some(actor.member()?.id),
        };
        let found = look(app, actor, member, answer.timeslot_id).await?;
        if answer.coming && found.policy == JoinPolicy::External {
            return Err(Refusal::WrongState(Reason::JoinElsewhere));
        }
        let name = match (answer.name.take(), member, &found.name) {
            (None, Some(id), Some(sealed)) => Some(person::open_name(app, id, sealed)?),
            (given, _, _) => given,
        };
        let mut problems = Problems::default();
        check_party(app, answer.party_size, &mut problems);
        match &name {
            Some(name) => name.check(app, "input.name", &mut problems),
            None => problems.add("input.name", "is needed"),
        }
        if member.is_none() {
            problems.check(
                answer.address.is_some(),
                "input.email",
                "or phone is needed without an account",
            );
            problems.check(
                answer.coming,
                "input.response",
                "needs an account to be NO; use the link in the message",
            );
        }
        check_referrer(answer.referrer.as_ref(), &mut problems);
        let asked = questions::read(found.questions.as_deref());
        let (is_first, comes_already, said) = match &found.before {
            None => (true, false, Details::default()),
            Some((id, status, sealed)) => {
                let comes = matches!(
                    status,
                    RsvpStatus::Registered
                        | RsvpStatus::Waitlisted
                        | RsvpStatus::Offered
                        | RsvpStatus::PendingApproval
                );
                (false, comes, open_details(app, id, sealed.as_ref())?)
            }
        };
        let details = Details::check(app, &mut answer, &asked, said, comes_already, &mut problems);
        problems.finish()?;
        let Some(name) = name else {
            return Err(Refusal::internal("checked above"));
        };
        Ok(Self {
            goes_through: answer.coming
                && is_first
                && found.policy == JoinPolicy::Open
                && found.has_seats(answer.party_size),
            event_id: found.event_id,
            policy: found.policy,
            name,
            details,
            member,
            answer,
        })
    }

    /// The row of a first answer, as if there were seats for it.
    pub fn row(&self, app: &App, person_id: Uuid, now: DateTime<Utc>) -> Result<rsvp::Model, Refusal> {
        let id = Uuid::now_v7();
        let takes_seats = self.answer.coming && self.policy == JoinPolicy::Open;
        let referrer = self.answer.referrer.as_ref().map(serde_json::to_string);
        let details = self.details.as_ref();
        Ok(rsvp::Model {
            id,
            timeslot_id: self.answer.timeslot_id,
            event_id: self.event_id,
            person_id,
            status: self.wished(),
            party_size: self.answer.party_size,
            seats: if takes_seats { self.answer.party_size } else { 0 },
            name: app.keys.seal(name_slot(&id), &self.name)?,
            details: details
                .map(|said| app.keys.seal(details_slot(&id), said))
                .transpose()?,
            waitlisted_at: None,
            offer_expires_at: None,
            referrer: referrer.transpose().map_err(Refusal::internal)?,
            confirmed_at: None,
            attendance_confirmed_at: None,
            version: 1,
            changed_at: now,
            created_at: now,
        })
    }

    /// `before` with the name, party and details of this answer.
    pub fn renew(&self, app: &App, before: rsvp::Model) -> Result<rsvp::Model, Refusal> {
        let details = match &self.details {
            Some(said) => Some(app.keys.seal(details_slot(&before.id), said)?),
            None => before.details,
        };
        Ok(rsvp::Model {
            name: app.keys.seal(name_slot(&before.id), &self.name)?,
            party_size: self.answer.party_size,
            details,
            ..before
        })
    }

    /// The mail about a first answer that says yes.
    pub fn mail(&self) -> RsvpMail {
        match self.wished() {
            RsvpStatus::PendingConfirmation => RsvpMail::PleaseConfirm,
            RsvpStatus::PendingApproval => RsvpMail::PendingApproval,
            _ => RsvpMail::Registered,
        }
    }

    /// What the one who asked is told.
    pub fn outcome(&self, row: rsvp::Model) -> Outcome {
        if self.member.is_none() {
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

    fn wished(&self) -> RsvpStatus {
        match (self.answer.coming, self.member, self.policy) {
            (false, ..) => RsvpStatus::Declined,
            (true, None, _) => RsvpStatus::PendingConfirmation,
            (true, Some(_), JoinPolicy::Approval) => RsvpStatus::PendingApproval,
            (true, Some(_), _) => RsvpStatus::Registered,
        }
    }
}
