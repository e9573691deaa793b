//! Answering for several dates, moving between them, saying once more that one comes, and a host's decision.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use entity::LinkPurpose;

use super::{
    caller::{actor_of, app_of, client_of},
    error_codes::{ErrorCode, FieldProblem, WrongStateReason},
    id::{Kind, global, key_of},
    question::{self, AnswerInput},
    rsvp::{Attendee, Rsvp},
    rsvp_mutations::{NameInput, ReferrerInput, RsvpPayload, follow},
};
use crate::{
    domain::rsvp::{self, Answer},
    refusal::Refusal,
};

/// Whether an answer for several dates may be carried out for some of them.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum SeveralMode {
    /// You are registered for each of them, or nothing changes.
    AllOrNone,
    /// Each date by itself.
    Each,
}

/// An answer for several dates: you come to all of them.
#[derive(InputObject)]
pub struct RsvpToAllInput {
    /// The timeslots, 1 to 20.
    timeslot_ids: Vec<ID>,
    /// What happens when there is no seat at one of them.
    mode: SeveralMode,
    /// How many come, you included: 1 to 20.
    #[graphql(default = 1)]
    party_size: i32,
    /// Your name for these RSVPs; needed while your profile has none.
    name: Option<NameInput>,
    /// Names of those who come along, as far as you tell them. When absent, those you told before stay.
    guests: Option<Vec<NameInput>>,
    /// Answers to the questions of the event.
    answers: Option<Vec<AnswerInput>>,
    /// Where the answer came from.
    referrer: Option<ReferrerInput>,
    /// Whether others who come may read your given name and initial, where the event has such a list. When absent, what you
    /// said before stays, which is no at first.
    listed: Option<bool>,
    /// The token of an invitation, for events that need one.
    invitation: Option<String>,
    /// The code of a link that somebody who comes shared (`shareRsvp`). One that is no good changes nothing.
    share_code: Option<String>,
}

/// What became of each date.
#[derive(SimpleObject)]
pub struct RsvpToAllPayload {
    /// One for each date.
    results: Vec<RsvpResult>,
}

/// What became of one date.
#[derive(SimpleObject)]
pub struct RsvpResult {
    /// The date.
    timeslot_id: ID,
    /// The RSVP; null when it was refused.
    rsvp: Option<Rsvp>,
    /// Why it was refused.
    code: Option<ErrorCode>,
    /// With WRONG_STATE: which.
    reason: Option<WrongStateReason>,
    /// With BAD_USER_INPUT: what is wrong with which field.
    fields: Vec<FieldProblem>,
    /// The same as a sentence.
    message: Option<String>,
}

/// An RSVP to move.
#[derive(InputObject)]
pub struct MoveRsvpInput {
    /// The RSVP.
    id: ID,
    /// Another date of the same event.
    timeslot_id: ID,
    /// The version the change was made for; CONFLICT when it is no longer that.
    expected_version: Option<i32>,
}

/// An RSVP that is meant: by its id when signed in, or by the token of a mailed link.
#[derive(InputObject)]
pub struct ConfirmAttendanceInput {
    /// The RSVP.
    id: Option<ID>,
    /// The token of the link.
    token: Option<String>,
}

/// What a host decides about those who ask to come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum RsvpDecision {
    /// They come, or wait when there are no seats.
    Approve,
    /// They do not, for good.
    Refuse,
}

/// An RSVP to tell others of.
#[derive(InputObject)]
pub struct ShareRsvpInput {
    /// The RSVP.
    id: ID,
}

/// RSVPs to decide about.
#[derive(InputObject)]
pub struct DecideRsvpsInput {
    /// The event.
    event_id: ID,
    /// RSVPs to it, 1 to 100.
    rsvp_ids: Vec<ID>,
    /// What about them.
    decision: RsvpDecision,
}

/// What was decided.
#[derive(SimpleObject)]
pub struct DecideRsvpsPayload {
    /// Where the RSVPs stand now, in the order of their first answers, in which seats are given.
    attendees: Vec<Attendee>,
}

/// Further mutations of RSVPs.
#[derive(Default)]
pub struct RsvpChangeMutation;

#[Object]
impl RsvpChangeMutation {
    /// Says that you come to several dates, all or none or each by itself. Sending it again changes nothing. Each date
    /// counts as a mutation. UNAUTHENTICATED; BAD_USER_INPUT, NOT_FOUND, RATE_LIMITED and WRONG_STATE (TIMESLOT_FULL and
    /// others) with ALL_OR_NONE.
    async fn rsvp_to_all(&self, ctx: &Context<'_>, input: RsvpToAllInput) -> Result<RsvpToAllPayload> {
        let mut slots = vec![];
        for (i, id) in input.timeslot_ids.iter().enumerate() {
            slots.push(key_of(
                Kind::Timeslot,
                id,
                &["input", "timeslotIds", &i.to_string()],
            )?);
        }
        let answer = Answer {
            timeslot_id: slots.first().copied().unwrap_or_default(),
            coming: true,
            party_size: input.party_size,
            name: input.name.map(Into::into),
            guests: input
                .guests
                .map(|guests| guests.into_iter().map(Into::into).collect()),
            answers: input.answers.map(question::answers).transpose()?,
            address: None,
            language: None,
            referrer: input.referrer.map(Into::into),
            listed: input.listed,
            invitation: input.invitation,
            share_code: input.share_code,
        };
        let for_slot = |timeslot_id| Answer {
            timeslot_id,
            ..answer.clone()
        };
        let answers = slots.into_iter().map(for_slot).collect();
        let (app, actor, client) = (app_of(ctx), actor_of(ctx).await?, client_of(ctx));
        let all_or_none = input.mode == SeveralMode::AllOrNone;
        let each = rsvp::answer_all(app, actor, client, answers, all_or_none).await?;
        Ok(RsvpToAllPayload {
            results: each.into_iter().map(Into::into).collect(),
        })
    }

    /// Moves your RSVP to another date of the event, with party and answers. Whoever has a seat gets one there, or
    /// nothing changes. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn move_rsvp(&self, ctx: &Context<'_>, input: MoveRsvpInput) -> Result<RsvpPayload> {
        let id = key_of(Kind::Rsvp, &input.id, &["input", "id"])?;
        let slot_id = key_of(Kind::Timeslot, &input.timeslot_id, &["input", "timeslotId"])?;
        let actor = actor_of(ctx).await?;
        let row = rsvp::move_to(app_of(ctx), actor, id, slot_id, input.expected_version).await?;
        Ok(row.into())
    }

    /// Says once more that you will be there. BAD_USER_INPUT, NOT_FOUND, WRONG_STATE.
    async fn confirm_attendance(
        &self,
        ctx: &Context<'_>,
        input: ConfirmAttendanceInput,
    ) -> Result<RsvpPayload> {
        match (input.id, input.token) {
            (Some(id), None) => {
                let id = key_of(Kind::Rsvp, &id, &["input", "id"])?;
                let row = rsvp::confirm_attendance(app_of(ctx), actor_of(ctx).await?, id).await?;
                Ok(row.into())
            }
            (None, Some(token)) => follow(ctx, &token, LinkPurpose::ConfirmAttendance).await,
            _ => Err(Refusal::input(&["input"], "needs either id or token").into()),
        }
    }

    /// Makes a code for a link of your own, by which others come (`shareCode` of their answers). It opens nothing and does not say
    /// who you are. NOT_FOUND, WRONG_STATE.
    async fn share_rsvp(&self, ctx: &Context<'_>, input: ShareRsvpInput) -> Result<RsvpPayload> {
        let id = key_of(Kind::Rsvp, &input.id, &["input", "id"])?;
        let row = rsvp::share(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(row.into())
    }

    /// Approves or refuses RSVPs that wait for it; others stay as they are. For the event's hosts and for organizers.
    /// BAD_USER_INPUT, NOT_FOUND, WRONG_STATE.
    async fn decide_rsvps(&self, ctx: &Context<'_>, input: DecideRsvpsInput) -> Result<DecideRsvpsPayload> {
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let mut ids = vec![];
        for (i, id) in input.rsvp_ids.iter().enumerate() {
            ids.push(key_of(Kind::Rsvp, id, &["input", "rsvpIds", &i.to_string()])?);
        }
        let approve = input.decision == RsvpDecision::Approve;
        let attendees = rsvp::decide(app_of(ctx), actor_of(ctx).await?, event_id, &ids, approve).await?;
        Ok(DecideRsvpsPayload {
            attendees: attendees.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<rsvp::Each> for RsvpResult {
    fn from(each: rsvp::Each) -> Self {
        let timeslot_id = global(Kind::Timeslot, each.timeslot_id);
        match each.outcome {
            Ok(outcome) => Self {
                timeslot_id,
                rsvp: outcome.rsvp.map(Into::into),
                code: None,
                reason: None,
                fields: vec![],
                message: None,
            },
            Err(refusal) => Self {
                timeslot_id,
                rsvp: None,
                code: Some(refusal.code().into()),
                reason: match refusal {
                    Refusal::WrongState(reason) => Some(reason.into()),
                    _ => None,
                },
                message: Some(refusal.to_string()),
                fields: match refusal {
                    Refusal::Input(problems) => problems.into_iter().map(Into::into).collect(),
                    _ => vec![],
                },
            },
        }
    }
}
