//! A file for each message, instead of sending it. Any mail program opens those of mails.

use std::{io, path::PathBuf};

use tokio::{fs, io::AsyncWriteExt};
use uuid::Uuid;

use super::Outcome;

/// Where the files go.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Writes the message as `{id}.{kind}`. The log names its path and nothing of what is in it.
    pub(super) async fn write(&self, id: Uuid, kind: &str, message: &[u8]) -> Outcome {
        let path = self.0.join(format!("{id}.{kind}"));
        match self.put(&path, message).await {
            Ok(()) => {
                tracing::info!(path = %path.display(), "a message was written");
                Outcome::Sent
            }
            Err(error) => Outcome::NotSent(format!("the file could not be written: {error}")),
        }
    }

    /// Under another name first, so that nobody reads half a message.
    async fn put(&self, path: &PathBuf, message: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.0).await?;
        let unfinished = path.with_extension("part");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&unfinished).await?;
        file.write_all(message).await?;
        file.sync_all().await?;
        fs::rename(unfinished, path).await
    }
}
