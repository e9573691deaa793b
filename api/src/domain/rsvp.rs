//! stub
/// r
pub async fn release_hold(_: &crate::app::App, _: uuid::Uuid) -> Result<(), crate::refusal::Refusal> {
    Ok(())
}
