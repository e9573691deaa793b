//! Seals and opens personal data, and finds addresses without reading them.
//!
//! Sealing is XChaCha20-Poly1305; the associated data names table, column and row, so that a value moved elsewhere
//! does not open. Lookup goes by blind index: HMAC-SHA-256 of the normalised value. The two kinds of key are separate
//! and each has an id: the sealing key may be rotated (old ids keep opening), index keys are only ever added.

use std::{fmt, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use entity::SealedBytes;
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{config::Config, refusal::Refusal};

const NONCE: usize = 24;
const MOST_INDEX_KEYS: usize = 3;

/// The sealing and index keys of this deployment, newest first.
#[derive(Clone)]
pub struct Keys {
    sealing: Vec<Key>,
    index: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    bytes: [u8; 32],
}

/// Where a sealed value belongs.
#[derive(Clone, Copy)]
pub struct Slot<'a> {
    /// `table.column`
    pub column: &'static str,
    /// The row's key as text.
    pub row: &'a dyn fmt::Display,
}

/// A blind index and the id of the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindIndex {
    /// Id of the index key.
    pub key: String,
    /// 32 bytes.
    pub value: Vec<u8>,
}

impl Keys {
    /// The keys of the settings; in the embedded mode, those kept in `data_dir/key`, made when missing.
    pub fn load(config: &Config) -> Result<Self> {
        if !config.key.is_empty() || !config.index_key.is_empty() {
            return Self::parse(&config.key, &config.index_key);
        }
        ensure!(
            !config.is_production(),
            "key and index_key are needed in production"
        );
        let path = config.data_dir.join("key");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key_file(&path)?,
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let (key, index_key) = text
            .trim()
            .split_once('\n')
            .context("data_dir/key: needs two lines")?;
        Self::parse(key.trim(), index_key.trim())
    }

    fn parse(key: &str, index_key: &str) -> Result<Self> {
        let keys = Self {
            sealing: parse_keys(key).context("key")?,
            index: parse_keys(index_key).context("index_key")?,
        };
        ensure!(
            keys.index.len() <= MOST_INDEX_KEYS,
            "index_key: at most {MOST_INDEX_KEYS} keys are kept"
        );
        Ok(keys)
    }

    /// Seals `value` as JSON for `slot`.
    pub fn seal<T: Serialize>(&self, slot: Slot<'_>, value: &T) -> Result<SealedBytes, Refusal> {
        let text = serde_json::to_vec(value).map_err(Refusal::internal)?;
        let key = self
            .sealing
            .first()
            .ok_or_else(|| Refusal::internal("no sealing key"))?;
        let nonce = random::<NONCE>()?;
        let sealed = cipher(key)
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: &text,
                    aad: slot.name().as_bytes(),
                },
            )
            .map_err(|_| Refusal::internal("sealing failed"))?;
        let mut bytes = vec![u8::try_from(key.id.len()).map_err(Refusal::internal)?];
        bytes.extend_from_slice(key.id.as_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(SealedBytes(bytes))
    }

    /// Opens what [`Keys::seal`] sealed for the same slot.
    pub fn open<T: DeserializeOwned>(&self, slot: Slot<'_>, sealed: &SealedBytes) -> Result<T, Refusal> {
        let fail = || Refusal::internal(format!("{} does not open", slot.name()));
        let (&length, rest) = sealed.0.split_first().ok_or_else(fail)?;
        let (id, rest) = rest.split_at_checked(usize::from(length)).ok_or_else(fail)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or_else(fail)?;
        let key = self
            .sealing
            .iter()
            .find(|key| key.id.as_bytes() == id)
            .ok_or_else(fail)?;
        let opened = cipher(key)
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: text,
                    aad: slot.name().as_bytes(),
                },
            )
            .map_err(|_| fail())?;
        serde_json::from_slice(&opened).map_err(|_| fail())
    }

    /// The index of `value` under the newest key, for writing. `scope` keeps equal texts of different kinds apart.
    pub fn index(&self, scope: &str, value: &str) -> Result<BlindIndex, Refusal> {
        self.indexes(scope, value)
            .into_iter()
            .next()
            .ok_or_else(|| Refusal::internal("no index key"))
    }

    /// The indexes of `value` under every kept key, for looking it up.
    pub fn indexes(&self, scope: &str, value: &str) -> Vec<BlindIndex> {
        let of = |key: &Key| BlindIndex {
            key: key.id.clone(),
            value: mac(&key.bytes, &[scope.as_bytes(), &[0], value.as_bytes()]),
        };
        self.index.iter().map(of).collect()
    }

    /// A keyed hash of a short secret, such as a one-time code, that could be guessed from a plain hash.
    pub fn pepper(&self, row: Uuid, secret: &str) -> Result<Vec<u8>, Refusal> {
        let key = self
            .index
            .first()
            .ok_or_else(|| Refusal::internal("no index key"))?;
        Ok(mac(&key.bytes, &[b"pepper", row.as_bytes(), secret.as_bytes()]))
    }
}

/// Shows nothing of the keys.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Slot<'_> {
    fn name(&self) -> String {
        format!("{}.{}", self.column, self.row)
    }
}

/// Random bytes of the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Refusal::internal)?;
    Ok(bytes)
}

/// A secret of 192 bits for a link: letters, digits, `-` and `_`.
pub fn token() -> Result<String, Refusal> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<24>()?))
}

/// SHA-256 of a secret that is too long to guess.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.bytes.into())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn parse_keys(text: &str) -> Result<Vec<Key>> {
    let parse = |part: &str| -> Result<Key> {
        let (id, secret) = part.trim().split_once(':').context("must be `id:base64`")?;
        ensure!((1..=16).contains(&id.len()), "a key's id has 1 to 16 characters");
        match BASE64_STANDARD
            .decode(secret)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
        {
            Some(bytes) => Ok(Key {
                id: id.to_owned(),
                bytes,
            }),
            None => bail!("key {id}: must be base64 of 32 bytes"),
        }
    };
    text.split(',').map(parse).collect()
}

fn make_key_file(path: &Path) -> Result<String> {
    let line = || -> Result<String> { Ok(format!("1:{}\n", BASE64_STANDARD.encode(random::<32>()?))) };
    let text = line()? + &line()?;
    if let Some(folder) = path.parent() {
        crate::db::make_private_folder(folder)?;
    }
    write_private(path, &text).with_context(|| path.display().to_string())?;
    Ok(text)
}

/// Only the owner may read it; two processes that start at once agree on one file.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(key: &str) -> Keys {
        let of = |id: &str, byte: u8| format!("{id}:{}", BASE64_STANDARD.encode([byte; 32]));
        let sealing: Vec<String> = key
            .split(',')
            .map(|id| of(id, id.bytes().next().unwrap_or_default()))
            .collect();
        Keys::parse(&sealing.join(","), &of("i", 9)).unwrap()
    }

    const ROW: Slot<'_> = Slot {
        column: "person.name",
        row: &1,
    };

    #[test]
    fn opens_only_where_it_was_sealed() {
        let sealed = keys("a").seal(ROW, &"Wren").unwrap();
        assert_eq!(keys("a").open::<String>(ROW, &sealed).unwrap(), "Wren");
        assert!(
            keys("a")
                .open::<String>(Slot { row: &2, ..ROW }, &sealed)
                .is_err()
        );
        assert!(
            keys("a")
                .open::<String>(
                    Slot {
                        column: "person.mail",
                        ..ROW
                    },
                    &sealed
                )
                .is_err()
        );
    }

    #[test]
    fn a_rotated_key_still_opens_what_it_sealed() {
        let sealed = keys("a").seal(ROW, &"Wren").unwrap();
        assert_eq!(keys("b,a").open::<String>(ROW, &sealed).unwrap(), "Wren");
        assert!(keys("b").open::<String>(ROW, &sealed).is_err());
    }

    #[test]
    fn an_index_depends_on_scope_and_value_only() {
        let keys = keys("a");
        assert_eq!(
            keys.index("EMAIL", "a@x").unwrap(),
            keys.index("EMAIL", "a@x").unwrap()
        );
        assert_ne!(
            keys.index("EMAIL", "a@x").unwrap(),
            keys.index("SMS", "a@x").unwrap()
        );
    }

    #[test]
    fn nothing_prints_a_key() {
        assert_eq!(format!("{:?}", keys("a")), "Keys(…)");
    }
}
