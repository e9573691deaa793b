//! Deletes files whose time is over, once a day: apart from rows, because the store may be away.

use crate::{
    app::App,
    clock,
    domain::{sheet, upload},
    jobs::JobError,
};

pub(super) async fn run(app: &App) -> Result<(), JobError> {
    let sheets = sheet::retain(app, app.clock.now()).await?;
    tracing::info!(sheets, "pictures of sheets whose time was over are deleted");
    // The store tells ages by its own time, whatever a test's clock says.
    let swept = upload::sweep(app, clock::system_now() - upload::LONGEST).await?;
    if swept > 0 {
        tracing::warn!(swept, "objects that no row knew of are deleted");
    }
    Ok(())
}
