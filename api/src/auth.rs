//! stub
use crate::{config::Config, db::Db, sealed::Keys};
use chrono::{DateTime, Utc};
/// s
pub struct Signer;
impl Signer {
    /// l
    pub async fn load(_: &Config, _: &Db, _: &Keys, _: DateTime<Utc>) -> anyhow::Result<Self> {
        Ok(Self)
    }
}
