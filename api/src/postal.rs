//! stub
use crate::{db::Db, refusal::Refusal};
/// p
pub struct PostalCodes;
/// p
#[derive(Clone, Copy)]
pub struct Point {
    /// l
    pub latitude: f64,
    /// l
    pub longitude: f64,
}
impl PostalCodes {
    /// b
    pub fn built_in() -> Self {
        Self
    }
    /// f
    pub async fn find(&self, _: &Db, _: &str, _: &str) -> Result<Option<Point>, Refusal> {
        Ok(None)
    }
}
