//! A file while it comes: on disk, in a folder that only we may look into, and without a name, so that nothing is left of it
//! however this ends, be it by a power cut.

use std::{
    fmt, fs, io,
    io::SeekFrom,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::{clock, db::make_private_folder, sealed};

/// A file has its name for a moment only; one that is older was left by a process that died in it.
const MOMENT: TimeDelta = TimeDelta::seconds(60);

/// Where files are while they come.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// A file that comes.
pub struct Incoming {
    file: tokio::fs::File,
    hash: Sha256,
    bytes: usize,
}

/// A file that has come.
pub struct Arrived {
    file: tokio::fs::File,
    /// SHA-256 of it.
    pub hash: Vec<u8>,
    /// How many bytes it has.
    pub bytes: usize,
}

impl Folder {
    /// Makes the folder, and removes what was left in it.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        make_private_folder(&path)?;
        let folder = Self(path);
        folder.sweep()?;
        Ok(folder)
    }

    /// Removes what was left in it.
    pub fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let written_at = entry.metadata().and_then(|data| data.modified());
            // By this machine's time, as the file's is, whatever a test's clock says.
            let age = written_at.map(|time| clock::system_now() - DateTime::<Utc>::from(time));
            if age.is_ok_and(|age| age > MOMENT) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// A new file, empty and already without a name.
    pub async fn begin(&self) -> io::Result<Incoming> {
        let name = sealed::token().map_err(io::Error::other)?;
        let path = self.0.join(name);
        let file = tokio::task::spawn_blocking(move || {
            let mut options = fs::OpenOptions::new();
            let file = options
                .read(true)
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            remove(&path)?;
            Ok::<_, io::Error>(file)
        });
        Ok(Incoming {
            file: file.await.map_err(io::Error::other)??.into(),
            hash: Sha256::new(),
            bytes: 0,
        })
    }
}

/// Another process may have been faster.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Incoming {
    /// How many bytes have come.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What comes next.
    pub async fn write(&mut self, part: &[u8]) -> io::Result<()> {
        self.hash.update(part);
        self.bytes += part.len();
        self.file.write_all(part).await
    }

    /// That was all.
    pub async fn end(mut self) -> io::Result<Arrived> {
        self.file.flush().await?;
        Ok(Arrived {
            file: self.file,
            hash: self.hash.finalize().to_vec(),
            bytes: self.bytes,
        })
    }
}

impl Arrived {
    /// All of it, in memory.
    pub async fn read(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.bytes);
        self.file.seek(SeekFrom::Start(0)).await?;
        self.file.read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arrived({} bytes)", self.bytes)
    }
}
