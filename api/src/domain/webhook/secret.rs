//! What deliveries are signed with.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::{SealedBytes, webhook};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::{
    app::App,
    refusal::Refusal,
    sealed::{self, Slot},
};

const PREFIX: &str = "whsec_";

/// The secret of a webhook, as it is told to whoever runs the receiver: once.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub(super) fn make() -> Result<Self, Refusal> {
        let random = sealed::random::<32>()?;
        Ok(Self(format!("{PREFIX}{}", BASE64_STANDARD.encode(random))))
    }

    pub(super) fn seal(&self, app: &App, id: Uuid) -> Result<SealedBytes, Refusal> {
        app.keys.seal(slot(&id), &self.0)
    }

    fn open(app: &App, id: Uuid, sealed: &SealedBytes) -> Result<Self, Refusal> {
        Ok(Self(app.keys.open(slot(&id), sealed)?))
    }

    /// Its text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn sign(&self, id: &str, timestamp: i64, body: &str) -> Result<String, Refusal> {
        let key = self.0.trim_start_matches(PREFIX);
        let key = BASE64_STANDARD.decode(key).map_err(Refusal::internal)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Refusal::internal)?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        Ok(format!("v1,{signature}"))
    }
}

/// Shows nothing of it.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The signatures of a delivery: by the secret of the webhook, and for a while after a change by the one before it.
pub(super) fn signatures(
    app: &App,
    hook: &webhook::Model,
    (id, timestamp, body): (Uuid, i64, &str),
) -> Result<String, Refusal> {
    let is_valid = hook
        .previous_until
        .is_some_and(|until| until.timestamp() > timestamp);
    let previous = hook.previous_secret.as_ref().filter(|_| is_valid);
    let signed = [Some(&hook.secret), previous].into_iter().flatten();
    let id = id.to_string();
    let signed = signed.map(|sealed| Secret::open(app, hook.id, sealed)?.sign(&id, timestamp, body));
    Ok(signed.collect::<Result<Vec<_>, _>>()?.join(" "))
}

fn slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "webhook.secret",
        row: id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn it_signs_as_others_do() {
        let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}");
        let signed = secret.sign(id, 1_614_265_330, body).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn no_two_are_alike() {
        let (one, other) = (Secret::make().unwrap(), Secret::make().unwrap());
        assert!(one.reveal().starts_with("whsec_") && one.reveal().len() == 50);
        assert_ne!(one.reveal(), other.reveal());
    }
}
