//! Answering, changing, confirming and cancelling.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use entity::LinkPurpose;

use super::{
    caller::{actor_of, app_of, client_of, device_of, idempotency_key},
    enums::RsvpStatus,
    id::{Kind, key_of},
    question::{self, AnswerInput},
    rsvp::Rsvp,
};
use crate::{
    domain::{
        address::Address,
        link::{self, Followed},
        person::Name,
        rsvp::{self, Answer, Referrer},
    },
    refusal::Refusal,
};

/// Whether somebody comes.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum RsvpResponse {
    /// Coming.
    Yes,
    /// Not coming.
    No,
}

/// A person's name.
#[derive(InputObject)]
pub struct NameInput {
    /// Given name, at most 100 characters.
    given_name: String,
    /// Family name, at most 100 characters; may be empty.
    #[graphql(default)]
    family_name: String,
}

/// Where an answer came from; each at most 200 characters.
#[derive(InputObject)]
pub struct ReferrerInput {
    /// `utm_source`
    utm_source: Option<String>,
    /// `utm_medium`
    utm_medium: Option<String>,
    /// `utm_campaign`
    utm_campaign: Option<String>,
    /// `utm_term`
    utm_term: Option<String>,
    /// `utm_content`
    utm_content: Option<String>,
    /// The page.
    url: Option<String>,
}

/// An answer for one date of an event.
#[derive(InputObject)]
pub struct RsvpInput {
    /// The timeslot.
    timeslot_id: ID,
    /// Whether you come.
    #[graphql(default_with = "RsvpResponse::Yes")]
    response: RsvpResponse,
    /// How many come, you included: 1 to 20.
    #[graphql(default = 1)]
    party_size: i32,
    /// Your name for this RSVP; needed without an account, and while your profile has none.
    name: Option<NameInput>,
    /// Names of those who come along, as far as you tell them. When absent, those you told before stay.
    guests: Option<Vec<NameInput>>,
    /// All your answers to the event's questions. When absent, those you gave before stay.
    answers: Option<Vec<AnswerInput>>,
    /// Without an account: the mail address that the link to confirm goes to. Either this or `phone`; neither is needed with
    /// the token of an invitation by mail.
    email: Option<String>,
    /// Without an account: the phone number that the link to confirm is texted to, or mailed where an account with a mail
    /// address has it. With its country's code, unless it is of the organisation's own country.
    phone: Option<String>,
    /// Where the answer came from.
    referrer: Option<ReferrerInput>,
    /// Whether others who come may read your given name and initial, where the event has such a list. When absent, what you
    /// said before stays, which is no at first. Without an account only with the token of an invitation by mail.
    listed: Option<bool>,
    /// The token of an invitation, for events that need one.
    invitation: Option<String>,
    /// The code of a link that somebody who comes shared (`shareRsvp`). One that is no good changes nothing.
    share_code: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A change of one's own RSVP.
#[derive(InputObject)]
pub struct UpdateRsvpInput {
    /// The RSVP.
    id: ID,
    /// How many come, you included: 1 to 20.
    party_size: Option<i32>,
    /// Whether others who come may read your given name and initial, where the event has such a list.
    listed: Option<bool>,
    /// The version the change was made for; CONFLICT when it is no longer that.
    expected_version: Option<i32>,
}

/// An RSVP to take back: by its id when signed in, or by the token of a mailed link.
#[derive(InputObject)]
pub struct CancelRsvpInput {
    /// The RSVP.
    id: Option<ID>,
    /// The token of the link.
    token: Option<String>,
}

/// An RSVP to confirm.
#[derive(InputObject)]
pub struct ConfirmRsvpInput {
    /// The token of the mailed link.
    token: String,
}

/// Mail to stop.
#[derive(InputObject)]
pub struct UnsubscribeInput {
    /// The token of the mailed link.
    token: String,
}

/// Where an RSVP stands.
#[derive(SimpleObject)]
pub struct RsvpPayload {
    /// REGISTERED, WAITLISTED when there was no seat, or PENDING_APPROVAL where the hosts decide. Without an account PENDING_CONFIRMATION: follow the
    /// link in the message; with the token of an invitation by mail, as with an account.
    status: RsvpStatus,
    /// The RSVP, for its owner when signed in.
    rsvp: Option<Rsvp>,
}

/// Mail was stopped.
#[derive(SimpleObject)]
pub struct UnsubscribePayload {
    /// Always true.
    unsubscribed: bool,
}

/// Mutations of RSVPs.
#[derive(Default)]
pub struct RsvpMutation;

#[Object]
impl RsvpMutation {
    /// Says whether you come. Answering again replaces the answer. A full date answers with WAITLISTED. Without an
    /// account, give a name and an email or a phone, and follow the link that is sent there. BAD_USER_INPUT, NOT_FOUND, CONFLICT,
    /// WRONG_STATE, RATE_LIMITED.
    async fn rsvp(&self, ctx: &Context<'_>, input: RsvpInput) -> Result<RsvpPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let answer = Answer {
            timeslot_id: key_of(Kind::Timeslot, &input.timeslot_id, &["input", "timeslotId"])?,
            coming: input.response == RsvpResponse::Yes,
            party_size: input.party_size,
            name: input.name.map(Into::into),
            address: Address::parse_if_any(
                &app_of(ctx).config,
                input.email.as_deref(),
                input.phone.as_deref(),
            )?,
            guests: input
                .guests
                .map(|guests| guests.into_iter().map(Into::into).collect()),
            answers: input.answers.map(question::answers).transpose()?,
            language: device_of(ctx).language(),
            referrer: input.referrer.map(Into::into),
            listed: input.listed,
            invitation: input.invitation,
            share_code: input.share_code,
        };
        let (app, actor, client) = (app_of(ctx), actor_of(ctx).await?, client_of(ctx));
        let outcome = rsvp::answer(app, actor, client, answer, key.as_ref()).await?;
        Ok(RsvpPayload {
            status: outcome.status.into(),
            rsvp: outcome.rsvp.map(Into::into),
        })
    }

    /// Changes your RSVP; what is absent stays. BAD_USER_INPUT when there are not so many seats, NOT_FOUND, CONFLICT,
    /// WRONG_STATE.
    async fn update_rsvp(&self, ctx: &Context<'_>, input: UpdateRsvpInput) -> Result<RsvpPayload> {
        let id = key_of(Kind::Rsvp, &input.id, &["input", "id"])?;
        let actor = actor_of(ctx).await?;
        let change = rsvp::Change {
            party_size: input.party_size,
            listed: input.listed,
        };
        let row = rsvp::update(app_of(ctx), actor, id, input.expected_version, change).await?;
        Ok(row.into())
    }

    /// Takes your RSVP back; its seats go to the waitlist. NOT_FOUND, WRONG_STATE.
    async fn cancel_rsvp(&self, ctx: &Context<'_>, input: CancelRsvpInput) -> Result<RsvpPayload> {
        match (input.id, input.token) {
            (Some(id), None) => {
                let id = key_of(Kind::Rsvp, &id, &["input", "id"])?;
                Ok(rsvp::cancel(app_of(ctx), actor_of(ctx).await?, id).await?.into())
            }
            (None, Some(token)) => follow(ctx, &token, LinkPurpose::CancelRsvp).await,
            _ => Err(Refusal::input(&["input"], "needs either id or token").into()),
        }
    }

    /// Confirms an RSVP given without an account. The token works once. NOT_FOUND, WRONG_STATE.
    async fn confirm_rsvp(&self, ctx: &Context<'_>, input: ConfirmRsvpInput) -> Result<RsvpPayload> {
        follow(ctx, &input.token, LinkPurpose::ConfirmRsvp).await
    }

    /// Stops optional mail to the address a link was mailed to, or what hosts write about an event. The token works once.
    /// NOT_FOUND, WRONG_STATE.
    async fn unsubscribe(&self, ctx: &Context<'_>, input: UnsubscribeInput) -> Result<UnsubscribePayload> {
        link::follow(
            app_of(ctx),
            &input.token,
            &[LinkPurpose::Unsubscribe, LinkPurpose::MuteEvent],
        )
        .await?;
        Ok(UnsubscribePayload { unsubscribed: true })
    }
}

pub(super) async fn follow(ctx: &Context<'_>, token: &str, purpose: LinkPurpose) -> Result<RsvpPayload> {
    match link::follow(app_of(ctx), token, &[purpose]).await? {
        Followed::Rsvp(row) | Followed::AttendanceConfirmed(row) => Ok(RsvpPayload {
            status: row.status.into(),
            rsvp: None,
        }),
        Followed::Unsubscribed | Followed::Muted | Followed::HostingAccepted | Followed::HostingDeclined => {
            Err(Refusal::NotFound("link").into())
        }
    }
}

impl From<entity::rsvp::Model> for RsvpPayload {
    fn from(row: entity::rsvp::Model) -> Self {
        Self {
            status: row.status.into(),
            rsvp: Some(row.into()),
        }
    }
}

impl From<NameInput> for Name {
    fn from(input: NameInput) -> Self {
        Self {
            given: input.given_name,
            family: input.family_name,
        }
    }
}

impl From<ReferrerInput> for Referrer {
    fn from(input: ReferrerInput) -> Self {
        Self {
            utm_source: input.utm_source,
            utm_medium: input.utm_medium,
            utm_campaign: input.utm_campaign,
            utm_term: input.utm_term,
            utm_content: input.utm_content,
            url: input.url,
        }
    }
}
