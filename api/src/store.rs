//! Files: a folder, or a bucket of any service that speaks S3. What is in it is sealed, and an object's name is a random id
//! that says nothing.
//!
//! An object is written before the row that knows of it, so a process that dies in between leaves an object that no row
//! knows: [`Store::list`] is how these are found.

mod client;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
};
use url::Url;
use uuid::Uuid;

use self::client::Connector;
use crate::{
    channel::http::Http,
    config::{Config, Files},
    db::make_private_folder,
    refusal::Refusal,
    sealed::{Keys, Slot},
};

/// Objects of one deployment begin with it, so that a bucket may hold other things too.
const FOLDER: &str = "objects";
/// A bucket that answers badly is asked so often once more, so long at most: somebody waits for it.
const RETRIES: usize = 2;
const PATIENCE: Duration = Duration::from_secs(20);

/// Where files are. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    folder: Path,
    keys: Keys,
}

/// What is known of an object without opening it.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Its name.
    pub id: Uuid,
    /// When it was written, by the clock of whatever keeps it.
    pub written_at: DateTime<Utc>,
}

/// Nothing is there by that name.
#[derive(Debug)]
pub enum Missing {
    /// It was deleted, or never written.
    Gone,
    /// It cannot be read now, or is not what was written.
    Failed(Refusal),
}

impl Store {
    /// The store that `files.url` names; a folder is made, a bucket is not asked yet.
    pub fn open(config: &Config, keys: &Keys, http: &Http) -> Result<Self> {
        let url = &config.files.url;
        let (objects, prefix) = if url.is_empty() {
            let folder = config.data_dir.join("files");
            (folder_of(folder).context("data_dir/files")?, Path::default())
        } else {
            bucket(&config.files, http).context("files.url")?
        };
        Ok(Self {
            objects,
            folder: prefix.join(FOLDER),
            keys: keys.clone(),
        })
    }

    /// Whether it answers, and lets us read. UNAVAILABLE.
    pub async fn check(&self) -> Result<(), Refusal> {
        match self.objects.head(&self.path(Uuid::nil())).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Seals `bytes` and keeps them as `id`, of a kind that [`Store::get`] must name again.
    pub async fn put(&self, kind: &'static str, id: Uuid, bytes: &[u8]) -> Result<(), Refusal> {
        let sealed = self.keys.seal_bytes(slot(kind, &id), bytes)?;
        let written = self.objects.put(&self.path(id), PutPayload::from(sealed)).await;
        written.map(drop).map_err(|error| failed(&error))
    }

    /// What [`Store::put`] kept as `id`.
    pub async fn get(&self, kind: &'static str, id: Uuid) -> Result<Vec<u8>, Missing> {
        let read = async { self.objects.get(&self.path(id)).await?.bytes().await };
        match read.await {
            Ok(sealed) => {
                let opened = self.keys.open_bytes(slot(kind, &id), &sealed);
                opened.map_err(Missing::Failed)
            }
            Err(object_store::Error::NotFound { .. }) => Err(Missing::Gone),
            Err(error) => Err(Missing::Failed(failed(&error))),
        }
    }

    /// Deletes an object; one that is not there is deleted already.
    pub async fn delete(&self, id: Uuid) -> Result<(), Refusal> {
        match self.objects.delete(&self.path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Everything there is, `size` at a time. UNAVAILABLE.
    pub fn list(&self, size: usize) -> BoxStream<'static, Result<Vec<Found>, Refusal>> {
        let found = self.objects.list(Some(&self.folder)).map_ok(|object| {
            let id = object.location.filename()?.parse().ok()?;
            let written_at = object.last_modified;
            Some(Found { id, written_at })
        });
        let parts = found.try_chunks(size).map(|part| match part {
            Ok(part) => Ok(part.into_iter().flatten().collect()),
            Err(error) => Err(failed(&error.1)),
        });
        parts.boxed()
    }

    fn path(&self, id: Uuid) -> Path {
        self.folder.clone().join(id.simple().to_string())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(…)")
    }
}

fn slot<'a>(kind: &'static str, id: &'a Uuid) -> Slot<'a> {
    Slot {
        column: kind,
        row: id,
    }
}

/// What the service says may hold addresses and ids of requests, and no more: objects have no other names.
fn failed(error: &object_store::Error) -> Refusal {
    tracing::warn!(%error, "the store of files does not do as it should");
    Refusal::Unavailable
}

/// A file is there when the call returns, and after a power cut.
fn folder_of(folder: PathBuf) -> Result<Arc<dyn ObjectStore>> {
    make_private_folder(&folder)?;
    let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
    Ok(Arc::new(store))
}

/// `s3://bucket/prefix?endpoint=…&region=…&virtual_hosted=true`
fn bucket(files: &Files, http: &Http) -> Result<(Arc<dyn ObjectStore>, Path)> {
    let url = Url::parse(&files.url).context("it is no address")?;
    ensure!(url.scheme() == "s3", "it must begin with s3:// or be empty");
    let name = url.host_str().context("it names no bucket")?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_http_connector(Connector::new(http.clone()))
        // One more request for each, which every service understands.
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES,
            retry_timeout: PATIENCE,
        });
    for (name, value) in url.query_pairs() {
        builder = match &*name {
            "endpoint" => {
                let is_plain = value.starts_with("http://");
                builder.with_endpoint(value).with_allow_http(is_plain)
            }
            "region" => builder.with_region(value),
            "virtual_hosted" => builder.with_virtual_hosted_style_request(value == "true"),
            other => anyhow::bail!("{other} is none of endpoint, region and virtual_hosted"),
        };
    }
    let (id, secret) = (&files.access_key_id, &files.secret_access_key);
    ensure!(
        id.is_empty() == secret.is_empty(),
        "files.access_key_id and files.secret_access_key go together"
    );
    if !id.is_empty() {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    }
    let prefix = Path::from_url_path(url.path()).context("its path")?;
    Ok((Arc::new(builder.build()?), prefix))
}
