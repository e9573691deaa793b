//! stub
use crate::{refusal::Refusal, sealed::BlindIndex};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
/// s
pub async fn suppress(
    _: &impl ConnectionTrait,
    _: entity::Channel,
    _: &BlindIndex,
    _: &str,
    _: DateTime<Utc>,
) -> Result<(), Refusal> {
    Ok(())
}
