//! Answering an offer of seats.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::LinkPurpose;

use super::{
    caller::{actor_of, app_of},
    id::{Kind, key_of},
    rsvp_mutations::{RsvpPayload, follow},
};
use crate::{domain::rsvp, refusal::Refusal};

/// An offer to accept: by its RSVP when signed in, or by the token of the mailed link.
#[derive(InputObject)]
pub struct AcceptOfferInput {
    /// The RSVP.
    id: Option<ID>,
    /// The token of the link.
    token: Option<String>,
}

/// An offer to decline: by its RSVP when signed in, or by the token of the mailed link.
#[derive(InputObject)]
pub struct DeclineOfferInput {
    /// The RSVP.
    id: Option<ID>,
    /// The token of the link.
    token: Option<String>,
}

/// Mutations of offers.
#[derive(Default)]
pub struct OfferMutation;

#[Object]
impl OfferMutation {
    /// Takes the seats that your RSVP was offered; it is then REGISTERED. Sending it again changes nothing. BAD_USER_INPUT,
    /// NOT_FOUND, WRONG_STATE (NO_OFFER, OFFER_EXPIRED and others).
    async fn accept_offer(&self, ctx: &Context<'_>, input: AcceptOfferInput) -> Result<RsvpPayload> {
        match (input.id, input.token) {
            (Some(id), None) => {
                let id = key_of(Kind::Rsvp, &id, &["input", "id"])?;
                Ok(rsvp::accept_offer(app_of(ctx), actor_of(ctx).await?, id)
                    .await?
                    .into())
            }
            (None, Some(token)) => follow(ctx, &token, LinkPurpose::AcceptOffer).await,
            _ => Err(Refusal::input(&["input"], "needs either id or token").into()),
        }
    }

    /// Gives the seats that your RSVP was offered to the next who waits; it is then DECLINED. Sending it again changes
    /// nothing. BAD_USER_INPUT, NOT_FOUND, WRONG_STATE (NO_OFFER, OFFER_EXPIRED).
    async fn decline_offer(&self, ctx: &Context<'_>, input: DeclineOfferInput) -> Result<RsvpPayload> {
        match (input.id, input.token) {
            (Some(id), None) => {
                let id = key_of(Kind::Rsvp, &id, &["input", "id"])?;
                Ok(rsvp::decline_offer(app_of(ctx), actor_of(ctx).await?, id)
                    .await?
                    .into())
            }
            (None, Some(token)) => follow(ctx, &token, LinkPurpose::DeclineOffer).await,
            _ => Err(Refusal::input(&["input"], "needs either id or token").into()),
        }
    }
}
