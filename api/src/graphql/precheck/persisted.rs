//! Persisted queries, by Apollo's protocol: a client sends the SHA-256 of a document alone, and the document beside it
//! when the server does not know it yet.

use async_graphql::{Request, ServerError, Value};
use sha2::{Digest, Sha256};

use crate::{graphql::errors, refusal::Code};

/// SHA-256 of a document's text.
pub type Hash = [u8; 32];

/// The hash that `request` names in `extensions.persistedQuery`.
pub fn claimed(request: &Request) -> Result<Option<Hash>, ServerError> {
    let refuse = |message| Err(errors::error(Code::BadUserInput, message));
    let claim = match request.extensions.get("persistedQuery") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(claim)) => claim,
        Some(_) => return refuse("`extensions.persistedQuery` must be an object."),
    };
    match claim.get("version") {
        Some(Value::Number(version)) if version.as_u64() == Some(1) => {}
        _ => return refuse("`extensions.persistedQuery.version` must be 1."),
    }
    let hash = match claim.get("sha256Hash") {
        Some(Value::String(text)) => from_hex(text),
        _ => None,
    };
    match hash {
        Some(hash) => Ok(Some(hash)),
        None => refuse("`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits."),
    }
}

/// Refuses a document whose hash is another one: it would be answered to everybody who sends that hash.
pub fn verify(hash: &Hash, text: &str) -> Result<(), ServerError> {
    let actual: Hash = Sha256::digest(text.as_bytes()).into();
    if actual == *hash {
        return Ok(());
    }
    let message = "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`.";
    Err(errors::error(Code::BadUserInput, message))
}

/// The error on which a client sends the document. Clients look for this very message.
pub fn not_found() -> ServerError {
    errors::error(Code::PersistedQueryNotFound, "PersistedQueryNotFound")
}

fn from_hex(text: &str) -> Option<Hash> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() {
        return None;
    }
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(hash)
}
