//! Who does what: offering roles, answering, volunteering, handing over.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use entity::LinkPurpose;
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of, idempotency_key},
    id::{Kind, key_of},
    role::RoleAssignment,
    role_input::RolePersonInput,
};
use crate::{
    domain::{
        link,
        role::{self, Held, Offer},
    },
    refusal::Refusal,
};

/// A role to offer.
#[derive(InputObject)]
pub struct OfferRoleInput {
    /// The role.
    role_id: ID,
    /// To whom: somebody who comes, or hosts. One's own is held at once.
    to: RolePersonInput,
    /// Why the person may hold it beside another role at the same time; without it they may not.
    overlap_reason: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A role to accept, by exactly one of `id` and `token`.
#[derive(InputObject)]
pub struct AcceptRoleInput {
    /// The assignment, of the viewer.
    id: Option<ID>,
    /// What stands in the mailed link.
    token: Option<String>,
}

/// A role to decline, by exactly one of `id` and `token`.
#[derive(InputObject)]
pub struct DeclineRoleInput {
    /// The assignment, of the viewer.
    id: Option<ID>,
    /// What stands in the mailed link.
    token: Option<String>,
    /// With `id`: why, for the hosts; at most 2,000 characters.
    reason: Option<String>,
}

/// An open role that the viewer would do.
#[derive(InputObject)]
pub struct VolunteerForRoleInput {
    /// The role.
    role_id: ID,
}

/// A volunteer to let in.
#[derive(InputObject)]
pub struct ApproveVolunteerInput {
    /// The assignment.
    id: ID,
    /// Why the person may hold it beside another role at the same time; without it they may not.
    overlap_reason: Option<String>,
}

/// A role to take back from somebody.
#[derive(InputObject)]
pub struct WithdrawRoleInput {
    /// The assignment.
    id: ID,
    /// Why, for the person; at most 2,000 characters.
    reason: Option<String>,
}

/// A role that the viewer gives back.
#[derive(InputObject)]
pub struct ReleaseRoleInput {
    /// The assignment, of the viewer.
    id: ID,
    /// Why, for the hosts; at most 2,000 characters.
    reason: Option<String>,
}

/// A role to hand over.
#[derive(InputObject)]
pub struct HandOverRoleInput {
    /// The assignment: the viewer's, or one at an event that the viewer hosts.
    id: ID,
    /// To whom.
    to: RolePersonInput,
    /// What they should know, in place of the role's notes; at most 2,000 characters.
    notes: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// Whether somebody did what they held.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum RoleOutcome {
    /// They did.
    Fulfilled,
    /// They did not.
    Missed,
}

/// What came of a role.
#[derive(InputObject)]
pub struct ReportRoleInput {
    /// The assignment.
    id: ID,
    /// Whether the person did it.
    outcome: RoleOutcome,
}

/// What somebody is to the role now.
#[derive(SimpleObject)]
pub struct RoleAssignmentPayload {
    /// What they are to it.
    assignment: RoleAssignment,
}

/// What the viewer, or whoever has the token, said.
#[derive(SimpleObject)]
pub struct RoleAnswerPayload {
    /// What they are to the role now; null when a token was used.
    assignment: Option<RoleAssignment>,
    /// Whether they hold it.
    accepted: bool,
}

/// Mutations of who does what.
#[derive(Default)]
pub struct RoleStepMutation;

#[Object]
impl RoleStepMutation {
    /// Offers a role to somebody who comes or hosts, by a message; who is asked already is not asked again. For the event's hosts
    /// and for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn offer_role(&self, ctx: &Context<'_>, input: OfferRoleInput) -> Result<RoleAssignmentPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let id = key_of(Kind::Role, &input.role_id, &["input", "roleId"])?;
        let (app, actor, whom) = (app_of(ctx), actor_of(ctx).await?, input.to.read("to")?);
        let with = Offer {
            overlap_reason: input.overlap_reason,
        };
        let offered = role::offer(app, actor, id, whom, &with, key.as_ref()).await?;
        Ok(offered.into())
    }

    /// Accepts a role that is offered to you; by the token of the message without signing in. UNAUTHENTICATED, BAD_USER_INPUT,
    /// NOT_FOUND, WRONG_STATE.
    async fn accept_role(&self, ctx: &Context<'_>, input: AcceptRoleInput) -> Result<RoleAnswerPayload> {
        let app = app_of(ctx);
        let held = match either(input.id.as_ref(), input.token.as_deref())? {
            Which::Token(token) => {
                link::follow(app, token, &[LinkPurpose::AcceptRole]).await?;
                None
            }
            Which::Id(id) => Some(role::accept(app, actor_of(ctx).await?, id).await?.into()),
        };
        Ok(RoleAnswerPayload {
            assignment: held,
            accepted: true,
        })
    }

    /// Declines a role that is offered to you; by the token of the message without signing in. UNAUTHENTICATED, BAD_USER_INPUT,
    /// NOT_FOUND, WRONG_STATE.
    async fn decline_role(&self, ctx: &Context<'_>, input: DeclineRoleInput) -> Result<RoleAnswerPayload> {
        let app = app_of(ctx);
        let held = match either(input.id.as_ref(), input.token.as_deref())? {
            Which::Token(token) => {
                link::follow(app, token, &[LinkPurpose::DeclineRole]).await?;
                None
            }
            Which::Id(id) => {
                let reason = input.reason.as_deref();
                Some(role::decline(app, actor_of(ctx).await?, id, reason).await?.into())
            }
        };
        Ok(RoleAnswerPayload {
            assignment: held,
            accepted: false,
        })
    }

    /// Says that you would do an open role; you come to the event, or host it. You hold it at once where it is open to all, and
    /// where it is offered to you; else a host decides. UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
    async fn volunteer_for_role(
        &self,
        ctx: &Context<'_>,
        input: VolunteerForRoleInput,
    ) -> Result<RoleAssignmentPayload> {
        let id = key_of(Kind::Role, &input.role_id, &["input", "roleId"])?;
        Ok(role::volunteer(app_of(ctx), actor_of(ctx).await?, id)
            .await?
            .into())
    }

    /// Lets somebody hold a role who volunteered for it. For the event's hosts and for organizers. BAD_USER_INPUT, NOT_FOUND,
    /// WRONG_STATE.
    async fn approve_volunteer(
        &self,
        ctx: &Context<'_>,
        input: ApproveVolunteerInput,
    ) -> Result<RoleAssignmentPayload> {
        let (id, actor) = (assignment_key(&input.id)?, actor_of(ctx).await?);
        let with = Offer {
            overlap_reason: input.overlap_reason,
        };
        Ok(role::approve(app_of(ctx), actor, id, &with).await?.into())
    }

    /// Takes a role back: an offer, a wish that is not granted, or a role that somebody holds, who is told. For the event's hosts
    /// and for organizers. BAD_USER_INPUT, NOT_FOUND, WRONG_STATE.
    async fn withdraw_role(
        &self,
        ctx: &Context<'_>,
        input: WithdrawRoleInput,
    ) -> Result<RoleAssignmentPayload> {
        let (id, reason) = (assignment_key(&input.id)?, input.reason.as_deref());
        let actor = actor_of(ctx).await?;
        Ok(role::withdraw(app_of(ctx), actor, id, reason).await?.into())
    }

    /// Gives back a role that you hold or volunteered for; the hosts are told. UNAUTHENTICATED, BAD_USER_INPUT, NOT_FOUND,
    /// WRONG_STATE.
    async fn release_role(
        &self,
        ctx: &Context<'_>,
        input: ReleaseRoleInput,
    ) -> Result<RoleAssignmentPayload> {
        let (id, reason) = (assignment_key(&input.id)?, input.reason.as_deref());
        let actor = actor_of(ctx).await?;
        Ok(role::release(app_of(ctx), actor, id, reason).await?.into())
    }

    /// Offers a role that somebody holds to another person, with notes; the first holds it until the second accepts. For who
    /// holds it, and for the event's hosts and organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn hand_over_role(
        &self,
        ctx: &Context<'_>,
        input: HandOverRoleInput,
    ) -> Result<RoleAssignmentPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let (id, whom) = (assignment_key(&input.id)?, input.to.read("to")?);
        let (app, actor, notes) = (app_of(ctx), actor_of(ctx).await?, input.notes.as_deref());
        let offered = role::hand_over_to(app, actor, id, whom, notes, key.as_ref()).await?;
        Ok(offered.into())
    }

    /// Says whether somebody did what they held, a role on site once it has begun; it may be said otherwise later. For the event's
    /// hosts and for organizers. NOT_FOUND, WRONG_STATE.
    async fn report_role(&self, ctx: &Context<'_>, input: ReportRoleInput) -> Result<RoleAssignmentPayload> {
        let (id, actor) = (assignment_key(&input.id)?, actor_of(ctx).await?);
        let fulfilled = input.outcome == RoleOutcome::Fulfilled;
        Ok(role::report(app_of(ctx), actor, id, fulfilled).await?.into())
    }
}

enum Which<'a> {
    Id(Uuid),
    Token(&'a str),
}

fn either<'a>(id: Option<&ID>, token: Option<&'a str>) -> Result<Which<'a>, Refusal> {
    match (id, token) {
        (Some(id), None) => assignment_key(id).map(Which::Id),
        (None, Some(token)) => Ok(Which::Token(token)),
        _ => Err(Refusal::input(&["input"], "needs one of id and token")),
    }
}

fn assignment_key(id: &ID) -> Result<Uuid, Refusal> {
    key_of(Kind::RoleAssignment, id, &["input", "id"])
}

impl From<Held> for RoleAssignmentPayload {
    fn from(held: Held) -> Self {
        Self {
            assignment: held.into(),
        }
    }
}
