//! Signing in with a one-time code, which also signs up: known and unknown addresses take the same way, so that
//! nobody learns which is which.

use chrono::{DateTime, Utc};
use entity::CodePurpose;

use super::{
    address::Address,
    code::{self, Use},
    contact,
    device::Device,
    idempotency::IdempotencyKey,
    person,
    session::{self, Tokens},
};
use crate::{
    app::{App, Tx},
    limits::{Client, Doing},
    refusal::Refusal,
};

const TO_SIGN_IN: Use = Use {
    purpose: CodePurpose::SignIn,
    person_id: None,
};

/// Sends a code to an address, and says until when it works. RATE_LIMITED.
pub async fn request_code(
    app: &App,
    client: Client,
    device: Device,
    address: &Address,
    key: Option<&IdempotencyKey>,
) -> Result<DateTime<Utc>, Refusal> {
    code::request(app, client, address, TO_SIGN_IN, device.language(), key).await
}

/// Exchanges the newest code of an address for a session on `device`. BAD_USER_INPUT when it is wrong, used, too old, or was
/// guessed at too often; which of them is not said. RATE_LIMITED.
pub async fn sign_in(
    app: &App,
    client: Client,
    device: Device,
    address: &Address,
    code: &str,
) -> Result<Tokens, Refusal> {
    app.limits.check(Doing::SignIn, client).await?;
    // A wrong try must be counted, so it commits and refuses afterwards.
    let tokens = app
        .write(async |tx| attempt(app, tx, device, address, code).await)
        .await?;
    tokens.ok_or_else(code::wrong)
}

async fn attempt(
    app: &App,
    tx: &Tx,
    device: Device,
    address: &Address,
    code: &str,
) -> Result<Option<Tokens>, Refusal> {
    if !code::spend(app, tx, address, TO_SIGN_IN, code).await? {
        return Ok(None);
    }
    let contact = person::find_or_create(app, tx, address, device.language()).await?;
    contact::prove(tx, contact.id).await?;
    session::open(app, tx, contact.person_id, device).await.map(Some)
}
