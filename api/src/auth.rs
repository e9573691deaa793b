//! Access tokens: signed with Ed25519, checked against our clock, without roles or personal data in them.
//!
//! A signing key belongs to a period of `auth.signing_key_days`, counted from 1970, and is named after it; so every
//! process arrives at the same keys without asking another. The key of the next period is published with the present
//! one in `/.well-known/jwks.json`, long before it signs.

use std::sync::Arc;

use anyhow::Result;
use arc_swap::ArcSwap;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use entity::signing_key;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    config::Config,
    db::Db,
    refusal::Refusal,
    sealed::{self, Keys, Slot},
};

const AUDIENCE: &str = "turnout";
/// How long a key is still accepted after its last signature, beyond the life of a token.
const MARGIN: TimeDelta = TimeDelta::hours(1);
/// DER of an Ed25519 private key up to the seed (RFC 8410).
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Signs and checks access tokens.
pub struct Signer {
    keys: ArcSwap<Vec<Key>>,
    issuer: String,
    life: TimeDelta,
    period: TimeDelta,
}

struct Key {
    id: String,
    active_at: DateTime<Utc>,
    public: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The person.
    pub sub: Uuid,
    /// Their session.
    pub sid: Uuid,
    /// Unique for each token.
    pub jti: Uuid,
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
}

/// What a request shows of who sends it.
#[derive(Clone)]
pub enum Pass {
    /// A token of a session.
    Session(Claims),
    /// A host link, by the SHA-256 of its token.
    HostLink(Vec<u8>),
}

impl Pass {
    /// What the token of a session says.
    pub fn claims(&self) -> Option<&Claims> {
        match self {
            Self::Session(claims) => Some(claims),
            Self::HostLink(_) => None,
        }
    }
}

impl Claims {
    /// Whether the token is too old at `now`.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.exp <= now.timestamp()
    }
}

impl Signer {
    /// Makes the keys of this and the next period where they are missing, and reads all that count.
    pub async fn load(config: &Config, db: &Db, keys: &Keys, now: DateTime<Utc>) -> Result<Self> {
        let signer = Self {
            keys: ArcSwap::default(),
            // Not the address it listens on: a command on the side makes tokens for the same deployment.
            issuer: match config.public_url.as_str() {
                "" => "turnout".to_owned(),
                url => url.trim_end_matches('/').to_owned(),
            },
            life: TimeDelta::minutes(config.auth.access_minutes),
            period: TimeDelta::days(config.auth.signing_key_days),
        };
        signer.refresh(db, keys, now).await?;
        Ok(signer)
    }

    /// Takes notice of a new period. To be called every hour or so.
    pub async fn refresh(&self, db: &Db, sealing: &Keys, now: DateTime<Utc>) -> Result<(), Refusal> {
        let present = now.timestamp().div_euclid(self.period.num_seconds());
        for number in [present, present + 1] {
            self.make(db, sealing, number, now).await?;
        }
        let rows = signing_key::Entity::find()
            .filter(signing_key::Column::RetiredAt.gt(now))
            .order_by_desc(signing_key::Column::ActiveAt)
            .all(db.reader())
            .await?;
        let open = |row: signing_key::Model| {
            let seed: [u8; 32] = sealing.open(slot(&row.id), &row.seed)?;
            Key::new(row.id, row.active_at, &seed)
        };
        let keys: Vec<Key> = rows.into_iter().map(open).collect::<Result<_, Refusal>>()?;
        self.keys.store(Arc::new(keys));
        Ok(())
    }

    async fn make(&self, db: &Db, sealing: &Keys, number: i64, now: DateTime<Utc>) -> Result<(), Refusal> {
        let start =
            |number: i64| DateTime::from_timestamp(number * self.period.num_seconds(), 0).unwrap_or(now);
        let id = number.to_string();
        if signing_key::Entity::find_by_id(&id)
            .one(db.reader())
            .await?
            .is_some()
        {
            return Ok(());
        }
        let row = signing_key::ActiveModel {
            seed: Set(sealing.seal(slot(&id), &sealed::random::<32>()?)?),
            id: Set(id),
            active_at: Set(start(number)),
            retired_at: Set(Some(start(number + 1) + self.life + MARGIN)),
            created_at: Set(now),
        };
        let on_conflict = OnConflict::column(signing_key::Column::Id)
            .do_nothing()
            .to_owned();
        let made = signing_key::Entity::insert(row)
            .on_conflict(on_conflict)
            .exec_without_returning(db.writer());
        match made.await {
            Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A token for a session, and when it ends.
    pub fn sign(
        &self,
        person: Uuid,
        session: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>), Refusal> {
        let keys = self.keys.load();
        let key = keys
            .iter()
            .find(|key| key.active_at <= now)
            .ok_or_else(|| Refusal::internal("there is no signing key for now"))?;
        let expires_at = now + self.life;
        let claims = Claims {
            sub: person,
            sid: session,
            jti: Uuid::now_v7(),
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let header = Header {
            kid: Some(key.id.clone()),
            typ: Some("at+jwt".to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Refusal::internal)?;
        Ok((token, expires_at))
    }

    /// What `token` says, if it is one of ours and still good. UNAUTHENTICATED otherwise, without saying why.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Refusal> {
        let no = |_| Refusal::Unauthenticated;
        let header = jsonwebtoken::decode_header(token).map_err(no)?;
        if header.typ.as_deref() != Some("at+jwt") {
            return Err(Refusal::Unauthenticated);
        }
        let keys = self.keys.load();
        let key = keys
            .iter()
            .find(|key| header.kid.as_deref() == Some(key.id.as_str()));
        let key = key.ok_or(Refusal::Unauthenticated)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_exp = false; // by our clock, below
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation)
            .map_err(no)?
            .claims;
        if claims.is_over(now) || claims.iat > now.timestamp() + MARGIN.num_seconds() {
            return Err(Refusal::Unauthenticated);
        }
        Ok(claims)
    }

    /// The public keys, as `/.well-known/jwks.json` shows them (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> Value {
        let show = |key: &Key| json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": key.public});
        json!({"keys": self.keys.load().iter().map(show).collect::<Vec<_>>()})
    }
}

impl Key {
    fn new(id: String, active_at: DateTime<Utc>, seed: &[u8; 32]) -> Result<Self, Refusal> {
        let public = BASE64_URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(seed).verifying_key().as_bytes());
        let der = [PKCS8_PREFIX.as_slice(), seed.as_slice()].concat();
        Ok(Self {
            id,
            active_at,
            encoding: EncodingKey::from_ed_der(&der),
            decoding: DecodingKey::from_ed_components(&public).map_err(Refusal::internal)?,
            public,
        })
    }
}

fn slot(id: &String) -> Slot<'_> {
    Slot {
        column: "signing_key.seed",
        row: id,
    }
}
