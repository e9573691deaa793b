//! stub
/// p
pub struct PostalCodes;
impl PostalCodes {
    /// b
    pub fn built_in() -> Self {
        Self
    }
}
