//! Staff roles, for admins.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::staff_role;
use uuid::Uuid;

use super::{
    caller::{actor_of, app_of, idempotency_key},
    enums::StaffRole,
    id::{Kind, global, key_of},
    page::{self, Rows},
};
use crate::{
    domain::{email::Email, page::PageArgs, staff},
    refusal::Refusal,
};

/// A role somebody holds.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct StaffMember {
    #[graphql(skip)]
    grant: Uuid,
    /// Global id of the person.
    person_id: ID,
    /// Their mail address.
    email: Option<String>,
    /// What they may do.
    role: StaffRole,
    /// Since when.
    granted_at: DateTime<Utc>,
}

#[ComplexObject]
impl StaffMember {
    /// Global id of the grant.
    pub(super) async fn id(&self) -> ID {
        global(Kind::StaffRole, self.grant)
    }
}

/// A role to grant.
#[derive(InputObject)]
pub struct GrantStaffRoleInput {
    /// Address of the person; they need not have signed in yet.
    email: String,
    /// What they may do.
    role: StaffRole,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A role to take back.
#[derive(InputObject)]
pub struct RevokeStaffRoleInput {
    /// Id of the grant.
    id: ID,
}

/// A role was granted or taken back.
#[derive(SimpleObject)]
pub struct StaffRolePayload {
    /// Global id of the grant.
    id: ID,
    /// Which role.
    role: StaffRole,
}

/// Queries of staff.
#[derive(Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// Everybody who holds a role, newest first. For admins; reading it is recorded.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<StaffMember>>> {
        Some(members(ctx, page::args(app_of(ctx), first, after, last, before)).await)
    }
}

async fn members(ctx: &Context<'_>, page: Result<PageArgs, Refusal>) -> Result<Rows<StaffMember>> {
    let rows = staff::list(app_of(ctx), actor_of(ctx).await?, page?).await?;
    Ok(page::rows(rows, StaffMember::from))
}

impl From<(staff_role::Model, Option<String>)> for StaffMember {
    fn from((row, email): (staff_role::Model, Option<String>)) -> Self {
        Self {
            grant: row.id,
            person_id: global(Kind::Person, row.person_id),
            email,
            role: row.role.into(),
            granted_at: row.created_at,
        }
    }
}

/// Mutations of staff roles.
#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Grants a role; granting it again changes nothing. For admins. BAD_USER_INPUT, CONFLICT.
    async fn grant_staff_role(
        &self,
        ctx: &Context<'_>,
        input: GrantStaffRoleInput,
    ) -> Result<StaffRolePayload> {
        let actor = actor_of(ctx).await?;
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let email = Email::parse(&input.email, &["input", "email"])?;
        Ok(
            staff::grant(app_of(ctx), actor, &email, input.role.into(), key.as_ref())
                .await?
                .into(),
        )
    }

    /// Takes a role back; it counts no more from the next request on. For admins. NOT_FOUND.
    async fn revoke_staff_role(
        &self,
        ctx: &Context<'_>,
        input: RevokeStaffRoleInput,
    ) -> Result<StaffRolePayload> {
        let id = key_of(Kind::StaffRole, &input.id, &["input", "id"])?;
        Ok(staff::revoke(app_of(ctx), actor_of(ctx).await?, id).await?.into())
    }
}

impl From<staff_role::Model> for StaffRolePayload {
    fn from(row: staff_role::Model) -> Self {
        Self {
            id: global(Kind::StaffRole, row.id),
            role: row.role.into(),
        }
    }
}
