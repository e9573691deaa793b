//! Who is asking.

use chrono::{DateTime, Utc};
use entity::{StaffRole, session, staff_role};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, RelationDef,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{device::Device, event::Rights};
use crate::{app::App, auth::Claims, refusal::Refusal};

/// Who is asking. Read anew for each request, so that a role taken back counts at once.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Nobody signed in.
    Anonymous,
    /// A signed-in person.
    Person(Member),
    /// Whoever has a host link: some rights at one event, and nobody's account.
    Visitor(Visitor),
    /// A job or a command of the operator.
    System,
}

/// A signed-in person, their session and their staff roles.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person.
    pub id: Uuid,
    /// The session.
    pub session_id: Uuid,
    /// Roles they hold now.
    pub roles: Vec<StaffRole>,
    /// What they act with.
    pub device: Device,
}

/// Whoever has a host link.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The link.
    pub link_id: Uuid,
    /// The only event it is for.
    pub event_id: Uuid,
    /// What it gives there.
    pub rights: Rights,
    /// When it was recorded last that it read who answered.
    pub read_at: Option<DateTime<Utc>>,
    /// What they act with.
    pub device: Device,
}

impl Actor {
    /// The actor of a checked token; UNAUTHENTICATED when its session has ended.
    pub async fn of(app: &App, claims: &Claims) -> Result<Self, Refusal> {
        Self::of_session(app, claims.sub, claims.sid).await
    }

    /// The person of a session; UNAUTHENTICATED when it has ended.
    pub(crate) async fn of_session(app: &App, person_id: Uuid, session_id: Uuid) -> Result<Self, Refusal> {
        let now = app.clock.now();
        let roles_of: RelationDef = session::Entity::belongs_to(staff_role::Entity)
            .from(session::Column::PersonId)
            .to(staff_role::Column::PersonId)
            .on_condition(|_, _| {
                Condition::all().add(Expr::col((staff_role::Entity, staff_role::Column::RevokedAt)).is_null())
            })
            .into();
        // One statement, because every request of somebody signed in begins with it: a row for each role they hold, or
        // one without a role.
        let rows: Vec<Option<StaffRole>> = session::Entity::find_by_id(session_id)
            .join(JoinType::LeftJoin, roles_of)
            .filter(session::Column::PersonId.eq(person_id))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now))
            .select_only()
            .column(staff_role::Column::Role)
            .into_tuple()
            .all(app.db.reader())
            .await?;
        if rows.is_empty() {
            return Err(Refusal::Unauthenticated);
        }
        Ok(Self::Person(Member {
            id: person_id,
            session_id,
            roles: rows.into_iter().flatten().collect(),
            device: Device::default(),
        }))
    }

    /// The same on a device.
    #[must_use]
    pub fn on(mut self, device: Device) -> Self {
        if let Self::Person(member) = &mut self {
            member.device = device;
        }
        self
    }

    /// Whoever has a secret link of a person: what that person may, but for their staff roles.
    pub(crate) fn by_link(person_id: Uuid) -> Self {
        Self::Person(Member {
            id: person_id,
            session_id: Uuid::nil(),
            roles: vec![],
            device: Device::default(),
        })
    }

    /// The signed-in person, or UNAUTHENTICATED.
    pub fn member(&self) -> Result<&Member, Refusal> {
        match self {
            Self::Person(member) => Ok(member),
            Self::Anonymous | Self::Visitor(_) | Self::System => Err(Refusal::Unauthenticated),
        }
    }

    /// The signed-in person's id, if anybody is signed in.
    pub fn person_id(&self) -> Option<Uuid> {
        self.member().ok().map(|member| member.id)
    }

    /// What the actor acts with, as far as that is known.
    pub(crate) fn device(&self) -> Device {
        match self {
            Self::Person(member) => member.device,
            Self::Visitor(visitor) => visitor.device,
            Self::Anonymous | Self::System => Device::default(),
        }
    }

    /// Whether the actor holds `role`. An admin holds every role, and so does the system.
    pub fn is(&self, role: StaffRole) -> bool {
        match self {
            Self::Anonymous | Self::Visitor(_) => false,
            Self::Person(member) => member
                .roles
                .iter()
                .any(|held| *held == role || *held == StaffRole::Admin),
            Self::System => true,
        }
    }

    /// The person whose own events count, for who may not look at those of others; whoever comes by a host link has none. `None`
    /// for organizers.
    pub(crate) fn hosts_only(&self) -> Option<Uuid> {
        let me = self.person_id().unwrap_or_default();
        (!self.is(StaffRole::Organizer)).then_some(me)
    }

    /// UNAUTHENTICATED or FORBIDDEN unless the actor holds `role`.
    pub fn require(&self, role: StaffRole) -> Result<(), Refusal> {
        match self {
            _ if self.is(role) => Ok(()),
            Self::Anonymous => Err(Refusal::Unauthenticated),
            _ => Err(Refusal::Forbidden),
        }
    }
}
