//! An app over a new folder, for the tests of this crate.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use uuid::Uuid;

use crate::{app::App, clock::Clock, config::Config};

/// An app over a new folder, which goes away with it.
pub(crate) struct TestApp {
    app: Arc<App>,
    folder: PathBuf,
}

impl TestApp {
    /// Its clock stands at `time` (RFC 3339).
    pub(crate) async fn start(time: &str) -> Self {
        Self::with(time, &[]).await
    }

    /// One whose settings differ in some.
    pub(crate) async fn with(time: &str, settings: &[(&str, String)]) -> Self {
        let folder = std::env::temp_dir().join(format!("turnout-test-{}", Uuid::now_v7()));
        let path = folder.display();
        let own = [
            ("data_dir", path.to_string()),
            ("database_url", format!("sqlite://{path}/turnout.db")),
        ];
        let flags = [&own[..], settings].concat();
        let config = Config::with(&flags).unwrap();
        let app = App::start(config, Clock::fixed(time.parse().unwrap())).await;
        Self {
            app: app.unwrap(),
            folder,
        }
    }

    /// Writes `text` to a file in the folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Deref for TestApp {
    type Target = Arc<App>;

    fn deref(&self) -> &Arc<App> {
        &self.app
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // A folder left behind in the temporary one is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
