//! The type of encrypted columns.

use std::fmt;

use sea_orm::DeriveValueType;

/// Encrypted bytes: key id, nonce and ciphertext, as `api::sealed` writes them.
///
/// The `Debug` form shows the length only, so that a logged row says nothing about a person.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct SealedBytes(pub Vec<u8>);

impl fmt::Debug for SealedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBytes({} bytes)", self.0.len())
    }
}
