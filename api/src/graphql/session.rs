//! The devices the viewer is signed in on.

use async_graphql::{ComplexObject, ID, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::id::{Kind, global};
use crate::domain::session;

/// A device somebody is signed in on.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Session {
    #[graphql(skip)]
    key: Uuid,
    /// Browser and system, such as `Firefox, Android`; null for what is not well known. Nothing more exact is kept.
    device: Option<String>,
    /// When the person signed in.
    created_at: DateTime<Utc>,
    /// When it was last refreshed.
    last_used_at: DateTime<Utc>,
    /// When it ends at the latest.
    expires_at: DateTime<Utc>,
    /// Whether this request comes from it.
    is_current: bool,
}

#[ComplexObject]
impl Session {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::Session, self.key)
    }
}

impl From<session::Session> for Session {
    fn from(session: session::Session) -> Self {
        Self {
            key: session.row.id,
            device: session.row.device,
            created_at: session.row.created_at,
            last_used_at: session.row.last_used_at,
            expires_at: session.row.expires_at,
            is_current: session.is_current,
        }
    }
}
