//! Planning the roles of an event, and what campaigns suggest.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    campaign::Campaign,
    id::{Kind, key_of},
    role::{EventRole, language_of},
    role_input::{CreateRoleInput, RoleTemplateInput, UpdateRoleInput},
};
use crate::domain::{
    campaign as campaigns,
    role::{self, Shown, Source, View},
};

/// Roles to add to an event all at once.
#[derive(InputObject)]
pub struct PlanRolesInput {
    /// The event.
    event_id: ID,
    /// The date they are for; may be absent where the event has only one to come.
    timeslot_id: Option<ID>,
    /// Another event that you host, whose roles they are, with their notes. Absent: what `roleTemplates` suggests.
    from_event_id: Option<ID>,
    /// Of what is suggested these, by their keys; absent: all of it.
    keys: Option<Vec<String>>,
    /// Of the usual roles: en or es; absent: the language you are written in.
    language: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A role to delete.
#[derive(InputObject)]
pub struct DeleteRoleInput {
    /// The role.
    id: ID,
    /// The version that was looked at; CONFLICT when it is no longer that.
    expected_version: i32,
}

/// What a campaign suggests, all of it.
#[derive(InputObject)]
pub struct SetCampaignRolesInput {
    /// The campaign.
    campaign_id: ID,
    /// `CampaignRoles.version` as it was read, 0 before the first; CONFLICT when it is no longer that.
    expected_version: i32,
    /// At most 50, in this order.
    templates: Vec<RoleTemplateInput>,
    /// Whether they take the place of the usual ones, instead of coming before them.
    #[graphql(default)]
    replaces_usual: bool,
}

/// The role as it is now.
#[derive(SimpleObject)]
pub struct RolePayload {
    /// The role.
    role: EventRole,
}

/// The roles of the event as they are now.
#[derive(SimpleObject)]
pub struct PlanRolesPayload {
    /// All of them, oldest first.
    roles: Vec<EventRole>,
    /// How many roles were added; 0 for a request that was sent again.
    added: i32,
}

/// The role is gone.
#[derive(SimpleObject)]
pub struct DeleteRolePayload {
    /// Always true.
    deleted: bool,
}

/// The campaign with what it suggests now.
#[derive(SimpleObject)]
pub struct SetCampaignRolesPayload {
    /// The campaign.
    campaign: Campaign,
}

/// Mutations of roles.
#[derive(Default)]
pub struct RoleMutation;

#[Object]
impl RoleMutation {
    /// Adds a role to an event, at most 50. For its hosts and for organizers. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, CONFLICT,
    /// WRONG_STATE.
    async fn create_role(&self, ctx: &Context<'_>, input: CreateRoleInput) -> Result<RolePayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let content = input.content()?;
        let actor = actor_of(ctx).await?;
        let row = role::create(app_of(ctx), actor, event_id, &content, key.as_ref()).await?;
        Ok(payload(row))
    }

    /// Changes a role. When its times become others, those who hold it or are asked to are asked anew. For the event's hosts and
    /// for organizers. BAD_USER_INPUT, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn update_role(&self, ctx: &Context<'_>, input: UpdateRoleInput) -> Result<RolePayload> {
        let id = key_of(Kind::Role, &input.id, &["input", "id"])?;
        let (version, actor) = (input.expected_version, actor_of(ctx).await?);
        let row = role::update(app_of(ctx), actor, id, version, input.change()?).await?;
        Ok(payload(row))
    }

    /// Deletes a role that nobody holds or is asked to do. For the event's hosts and for organizers. NOT_FOUND, CONFLICT,
    /// WRONG_STATE.
    async fn delete_role(&self, ctx: &Context<'_>, input: DeleteRoleInput) -> Result<DeleteRolePayload> {
        let id = key_of(Kind::Role, &input.id, &["input", "id"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        role::delete(app, actor, id, input.expected_version).await?;
        Ok(DeleteRolePayload { deleted: true })
    }

    /// Adds roles to an event all at once: those that are suggested, or those of another event of yours. What is there already
    /// is not added again. For its hosts and for organizers. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, CONFLICT, WRONG_STATE.
    async fn plan_roles(&self, ctx: &Context<'_>, input: PlanRolesInput) -> Result<PlanRolesPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let event_id = key_of(Kind::Event, &input.event_id, &["input", "eventId"])?;
        let date = input.timeslot_id.as_ref();
        let date = date.map(|id| key_of(Kind::Timeslot, id, &["input", "timeslotId"]));
        let language = input.language.as_deref();
        let language = language.map(|tag| language_of(tag, &["input", "language"]));
        let from = match &input.from_event_id {
            Some(id) => Source::Event(key_of(Kind::Event, id, &["input", "fromEventId"])?),
            None => Source::Template(input.keys),
        };
        let (date, language) = (date.transpose()?, language.transpose()?);
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let planned = role::plan(app, actor, event_id, date, &from, language, key.as_ref());
        let added = planned.await?;
        let mut found = role::of_events(app, actor, &[event_id]).await?;
        let roles = found.remove(&event_id).unwrap_or_default();
        Ok(PlanRolesPayload {
            roles: roles.into_iter().map(Into::into).collect(),
            added: i32::try_from(added).unwrap_or(i32::MAX),
        })
    }

    /// Says which roles a campaign suggests to its events; what was planned stays. Recorded. For organizers. BAD_USER_INPUT,
    /// FORBIDDEN, NOT_FOUND, CONFLICT.
    async fn set_campaign_roles(
        &self,
        ctx: &Context<'_>,
        input: SetCampaignRolesInput,
    ) -> Result<SetCampaignRolesPayload> {
        let id = key_of(Kind::Campaign, &input.campaign_id, &["input", "campaignId"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let templates = input.templates.into_iter().map(Into::into).collect();
        let (version, replaces) = (input.expected_version, input.replaces_usual);
        role::replace(app, actor, id, version, templates, replaces).await?;
        Ok(SetCampaignRolesPayload {
            campaign: campaigns::find(app, id).await?.into(),
        })
    }
}

/// For who may change it.
fn payload(row: entity::event_role::Model) -> RolePayload {
    let role = Shown {
        row,
        view: View::Host,
    };
    RolePayload { role: role.into() }
}
