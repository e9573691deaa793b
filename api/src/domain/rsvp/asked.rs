//! What somebody asks for, checked against what there is.

use chrono::{DateTime, Utc};
use entity::{AddressVisibility, JoinPolicy, RsvpStatus, rsvp};
use uuid::Uuid;

use super::{
    ACTIVE, Answer, Details, Outcome, check_party, check_referrer,
    details::open_details,
    details_slot,
    look::{Found, look},
    name_slot, sharing,
};
use crate::{
    app::App,
    domain::{
        Actor,
        address::Address,
        event::{self, questions},
        invitation::{self, Pass},
        person::{self, Name},
    },
    limits::Client,
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
    /// The person who is signed in; otherwise the RSVP waits for the link in the mail, unless there is `invited`.
    pub member: Option<Uuid>,
    /// What they brought.
    pub pass: Option<Pass>,
    /// The address that somebody who is not signed in has proved to read, by the token that was mailed there.
    pub invited: Option<Address>,
    /// Whether a host invited this very person, and so has approved them.
    pub approved: bool,
    /// The RSVP by whose link they came, and whose it is.
    pub shared_by: Option<(Uuid, Uuid)>,
    pub policy: JoinPolicy,
    /// Whether nothing stands in its way: it is the first answer, and there are seats.
    pub goes_through: bool,
}

impl Asked {
    /// Collects all problems of an answer. NOT_FOUND, WRONG_STATE, BAD_USER_INPUT.
    pub async fn check(
        app: &App,
        actor: &Actor,
        client: Client,
        mut answer: Answer,
    ) -> Result<Self, Refusal> {
        let member = match actor {
            Actor::Anonymous | Actor::Visitor(_) => None,
            _ => Some(actor.member()?.id),
        };
        let pass = match answer.invitation.take() {
            Some(token) => Some(invitation::pass(app, client, &token).await?),
            None => None,
        };
        let (invited, me) = match (member, &pass) {
            (None, Some(pass)) => bearer(app, pass).await?,
            _ => (None, member),
        };
        let found = look(app, actor, me, answer.timeslot_id, pass.as_ref()).await?;
        let shared_by = match answer.share_code.take() {
            Some(code) => sharing::sharer(app, found.event_id, &code).await?,
            None => None,
        };
        let is_invited = is_invited(app, actor, me, &found, pass.as_ref()).await?;
        if answer.coming {
            let is_in = found
                .before
                .as_ref()
                .is_some_and(|(_, status, _)| ACTIVE.contains(status));
            match found.policy {
                JoinPolicy::External => return Err(Refusal::WrongState(Reason::JoinElsewhere)),
                JoinPolicy::Invite if is_invited.is_none() && !is_in => {
                    return Err(Refusal::WrongState(Reason::InvitationNeeded));
                }
                JoinPolicy::Invite | JoinPolicy::Open | JoinPolicy::Approval => {}
            }
        }
        let name = match (answer.name.take(), me, &found.name) {
            (None, Some(id), Some(sealed)) => Some(person::open_name(app, id, sealed)?),
            (given, _, _) => given,
        };
        let mut problems = Problems::default();
        check_party(app, answer.party_size, &mut problems);
        match &name {
            Some(name) => name.check(app, "input.name", &mut problems),
            None => problems.add("input.name", "is needed"),
        }
        if member.is_none() && invited.is_none() {
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
            Some((id, status, sealed)) => (
                false,
                ACTIVE.contains(status),
                open_details(app, id, sealed.as_ref())?,
            ),
        };
        let details = Details::check(app, &mut answer, &asked, said, comes_already, &mut problems);
        problems.finish()?;
        let Some(name) = name else {
            return Err(Refusal::internal("checked above"));
        };
        Ok(Self {
            goes_through: answer.coming
                && is_first
                && pass.is_none()
                && found.policy == JoinPolicy::Open
                && found.has_seats(answer.party_size),
            event_id: found.event_id,
            policy: found.policy,
            name,
            details,
            member,
            pass,
            invited,
            approved: is_invited == Some(true),
            shared_by,
            answer,
        })
    }

    /// The row of a first answer, as if there were seats for it.
    pub fn row(&self, app: &App, person_id: Uuid, now: DateTime<Utc>) -> Result<rsvp::Model, Refusal> {
        let id = Uuid::now_v7();
        let is_decided = self.approved || self.policy != JoinPolicy::Approval;
        let takes_seats = self.answer.coming && is_decided;
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
            approved_at: (self.approved && self.answer.coming).then_some(now),
            listed: self.listed().unwrap_or(false),
            share_code: None,
            shared_by: self.shared_by_other(person_id),
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
            None if self.member.is_none() => None, // what somebody else said for this address does not stay
            None => before.details,
        };
        Ok(rsvp::Model {
            name: app.keys.seal(name_slot(&before.id), &self.name)?,
            party_size: self.answer.party_size,
            details,
            approved_at: before.approved_at.or(self.approved.then_some(app.clock.now())),
            listed: self.listed().unwrap_or(before.listed),
            shared_by: before.shared_by.or(self.shared_by_other(before.person_id)),
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
        if !self.is_proven() {
            return Outcome {
                status: RsvpStatus::PendingConfirmation,
                rsvp: None,
            };
        }
        Outcome {
            status: row.status,
            rsvp: self.member.map(|_| row),
        }
    }

    /// Whether it is known whose answer this is.
    pub fn is_proven(&self) -> bool {
        self.member.is_some() || self.invited.is_some()
    }

    /// What was said of being listed. An address that somebody typed in says nothing for its owner.
    pub fn listed(&self) -> Option<bool> {
        self.answer.listed.filter(|_| self.is_proven())
    }

    /// Nobody comes by their own link.
    fn shared_by_other(&self, person_id: Uuid) -> Option<Uuid> {
        let (rsvp_id, sharer) = self.shared_by?;
        (sharer != person_id).then_some(rsvp_id)
    }

    fn wished(&self) -> RsvpStatus {
        match (self.answer.coming, self.is_proven(), self.policy) {
            (false, ..) => RsvpStatus::Declined,
            (true, false, _) => RsvpStatus::PendingConfirmation,
            (true, true, JoinPolicy::Approval) if !self.approved => RsvpStatus::PendingApproval,
            (true, true, _) => RsvpStatus::Registered,
        }
    }
}

/// The address that the bearer of a token has proved to read, and whose it is.
pub(super) async fn bearer(app: &App, pass: &Pass) -> Result<(Option<Address>, Option<Uuid>), Refusal> {
    let Some(email) = pass.address(app)? else {
        return Ok((None, None));
    };
    let address = Address::from(email);
    let known = person::find(app, app.db.reader(), &address).await?;
    Ok((Some(address), known.map(|contact| contact.person_id)))
}

/// Whether who answers is invited, and if so, whether by a host who meant them. Looked up only where it matters.
async fn is_invited(
    app: &App,
    actor: &Actor,
    me: Option<Uuid>,
    found: &Found,
    pass: Option<&Pass>,
) -> Result<Option<bool>, Refusal> {
    let asks = matches!(found.policy, JoinPolicy::Invite | JoinPolicy::Approval)
        || found.address_visibility == AddressVisibility::AfterApproval;
    if pass.is_some_and(Pass::is_personal) {
        return Ok(Some(true));
    }
    let Some(me) = me.filter(|_| asks) else {
        return Ok(pass.map(|_| false));
    };
    let personally = invitation::is_invited_personally(app.db.reader(), me, found.event_id).await?;
    if personally.is_some() || pass.is_some() || found.policy != JoinPolicy::Invite {
        return Ok(personally.or(pass.map(|_| false)));
    }
    let access = event::access(app, actor, &[found.event_id]).await?;
    let runs_it = access.values().any(|access| access.may_edit());
    Ok(runs_it.then_some(false))
}
