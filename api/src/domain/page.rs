//! Pages of rows by keyset: strictly after the last row seen, so that changes in between repeat and lose nothing.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::refusal::Refusal;

/// How much of a list is asked for.
#[derive(Clone, Debug)]
pub struct PageArgs {
    /// At most so many.
    pub first: usize,
    /// After this row.
    pub after: Option<RowCursor>,
}

/// Where a row stands in its list: by `key`, then by `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCursor {
    /// The sort key: microseconds since 1970, or 0 in lists by id.
    pub key: i64,
    /// The row.
    pub id: Uuid,
}

/// A part of a list.
pub struct Page<T> {
    /// Rows with their cursors.
    pub items: Vec<(RowCursor, T)>,
    /// Whether there are more.
    pub has_next: bool,
}

impl PageArgs {
    /// Rows to ask the database for: one more than wanted, to know whether there are more.
    pub(crate) fn limit(&self) -> u64 {
        self.first as u64 + 1
    }

    /// Makes a page of at most `first` out of what [`PageArgs::limit`] brought.
    pub(crate) fn cut<T>(&self, rows: Vec<T>, cursor: impl Fn(&T) -> RowCursor) -> Page<T> {
        let has_next = rows.len() > self.first;
        let items = rows
            .into_iter()
            .take(self.first)
            .map(|row| (cursor(&row), row))
            .collect();
        Page { items, has_next }
    }
}

impl RowCursor {
    /// Its text for clients.
    pub fn encode(&self) -> String {
        let mut bytes = self.key.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.id.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor; BAD_USER_INPUT when it is none.
    pub fn decode(text: &str) -> Result<Self, Refusal> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let split = bytes.as_deref().and_then(|bytes| bytes.split_first_chunk::<8>());
        match split.and_then(|(key, id)| Some((key, Uuid::from_slice(id).ok()?))) {
            Some((key, id)) => Ok(Self {
                key: i64::from_be_bytes(*key),
                id,
            }),
            None => Err(Refusal::input(&["after"], "is not a cursor of this list")),
        }
    }
}
