//! What errors of the database mean to a client.

use sea_orm::DbErr;

use super::Refusal;

/// A lost or exhausted connection is a passing fault, and a row whose owner is gone was too late; all else is ours.
impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        match error {
            _ if crate::db::is_deadlock(&error) => {
                tracing::info!("a transaction was given up for another");
                Self::Deadlock
            }
            _ if crate::db::is_passing(&error) => {
                tracing::warn!(%error, "the database gave up");
                Self::Unavailable
            }
            _ if crate::db::is_lost(&error) => {
                tracing::warn!(%error, "the database does not answer");
                Self::Unavailable
            }
            _ if crate::db::is_foreign_key_violation(&error) => {
                Self::Conflict("What this belongs to was removed at the same moment.")
            }
            other => Self::internal(other),
        }
    }
}
