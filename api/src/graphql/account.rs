//! An account as a whole: consents, further addresses, and its end.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of, client_of, idempotency_key},
    consent::{Channel, UpdateConsentInput, UpdateConsentPayload},
    sign_in::read,
};
use crate::domain::{account, consent, contact::Contact};

/// Something a person is reached at.
#[derive(SimpleObject)]
pub struct ContactPoint {
    /// How.
    channel: Channel,
    /// The address, or the number with its country's code: `+15155550123`.
    value: String,
    /// When the person proved that they read it; null until then.
    verified_at: Option<DateTime<Utc>>,
}

/// An address to add.
#[derive(InputObject)]
pub struct RequestAddressCodeInput {
    /// The mail address. Either this or `phone`.
    email: Option<String>,
    /// The phone number; with its country's code, unless it is of the organisation's own country.
    phone: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A code was sent, whether or not the address was known before.
#[derive(SimpleObject)]
pub struct RequestAddressCodePayload {
    /// Until when the code works.
    expires_at: DateTime<Utc>,
}

/// An address and the code that was sent to it.
#[derive(InputObject)]
pub struct AddAddressInput {
    /// The mail address. Either this or `phone`.
    email: Option<String>,
    /// The phone number.
    phone: Option<String>,
    /// Eight digits.
    code: String,
}

/// An address was added.
#[derive(SimpleObject)]
pub struct AddAddressPayload {
    /// Whether another account had it, which is part of this one now.
    merged: bool,
}

/// A code to erase one's account.
#[derive(InputObject)]
pub struct RequestErasureCodeInput {
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A code was sent to the viewer's mail address, or phone number of those who have none.
#[derive(SimpleObject)]
pub struct RequestErasureCodePayload {
    /// Until when the code works.
    expires_at: DateTime<Utc>,
}

/// The account to erase is that of the viewer.
#[derive(InputObject)]
pub struct EraseViewerInput {
    /// Eight digits, as they were sent.
    code: String,
}

/// The account is erased.
#[derive(SimpleObject)]
pub struct EraseViewerPayload {
    /// What is left of it.
    residue: Vec<Residue>,
}

/// Something that is left of an account that was erased. None of it says whose it was.
#[derive(SimpleObject)]
pub struct Residue {
    /// What it is, and why it stays.
    kind: ResidueKind,
    /// How many there are, where they can be counted.
    count: Option<i32>,
    /// Until when it stays; null for good, or for as long as the operator keeps copies.
    until: Option<DateTime<Utc>>,
}

/// What is left of an account that was erased, and why.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "account::ResidueKind")]
pub enum ResidueKind {
    /// Seats on dates that are over, without a name, so that hosts' counts stay right.
    Seats,
    /// Events that are over or cancelled, with the texts that others read, but without their host and what was private.
    Events,
    /// Addresses at which STOP was said, as keyed hashes, so that nobody ever writes there again.
    Suppressions,
    /// That messages were sent and what became of them, without to whom, so that sums stay right.
    Messages,
    /// Who read or changed what of whom, with an id that is nobody's any more: it cannot be changed afterwards.
    Audit,
    /// Keyed hashes of requests, so that none is carried out twice.
    Requests,
    /// Back-ups, and mails in the mailboxes they were sent to.
    Copies,
}

/// Mutations of an account.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Grants or withdraws a consent. UNAUTHENTICATED, BAD_USER_INPUT.
    async fn update_consent(
        &self,
        ctx: &Context<'_>,
        input: UpdateConsentInput,
    ) -> Result<UpdateConsentPayload> {
        let consent = consent::update(app_of(ctx), actor_of(ctx).await?, &input.into()).await?;
        Ok(UpdateConsentPayload {
            consent: consent.into(),
        })
    }

    /// Sends a one-time code to an address that you want to add to your account. Works the same for every address.
    /// UNAUTHENTICATED, BAD_USER_INPUT, CONFLICT, RATE_LIMITED.
    async fn request_address_code(
        &self,
        ctx: &Context<'_>,
        input: RequestAddressCodeInput,
    ) -> Result<RequestAddressCodePayload> {
        let (app, actor, client) = (app_of(ctx), actor_of(ctx).await?, client_of(ctx));
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let address = read(ctx, input.email, input.phone)?;
        Ok(RequestAddressCodePayload {
            expires_at: account::request_address_code(app, actor, client, &address, key.as_ref()).await?,
        })
    }

    /// Adds an address to your account by the code that was sent there. If it has an account of its own, that one becomes
    /// part of yours, for good: its RSVPs (of two for the same date the stronger one stays), events, consents and addresses;
    /// its sessions end. UNAUTHENTICATED; BAD_USER_INPUT when the code is wrong, used, too old, or was guessed at five
    /// times; WRONG_STATE when the other account holds staff roles; CONFLICT, RATE_LIMITED.
    async fn add_address(&self, ctx: &Context<'_>, input: AddAddressInput) -> Result<AddAddressPayload> {
        let (app, actor, client) = (app_of(ctx), actor_of(ctx).await?, client_of(ctx));
        let address = read(ctx, input.email, input.phone)?;
        let added = account::add_address(app, actor, client, &address, &input.code).await?;
        Ok(AddAddressPayload { merged: added.merged })
    }

    /// Sends a one-time code to your address, by which you can erase your account. UNAUTHENTICATED, BAD_USER_INPUT,
    /// CONFLICT, RATE_LIMITED.
    async fn request_erasure_code(
        &self,
        ctx: &Context<'_>,
        input: RequestErasureCodeInput,
    ) -> Result<RequestErasureCodePayload> {
        let (app, actor, client) = (app_of(ctx), actor_of(ctx).await?, client_of(ctx));
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        Ok(RequestErasureCodePayload {
            expires_at: account::request_erasure_code(app, actor, client, key.as_ref()).await?,
        })
    }

    /// Erases your account, for good, by the code that was sent to your address: RSVPs to come are cancelled, name,
    /// addresses, sessions, consents and roles go. UNAUTHENTICATED; BAD_USER_INPUT when the code is wrong, used, too old, or
    /// was guessed at five times; WRONG_STATE when you alone host an event to come; RATE_LIMITED.
    async fn erase_viewer(&self, ctx: &Context<'_>, input: EraseViewerInput) -> Result<EraseViewerPayload> {
        let (app, actor, client) = (app_of(ctx), actor_of(ctx).await?, client_of(ctx));
        let residue = account::erase(app, actor, client, &input.code).await?;
        Ok(EraseViewerPayload {
            residue: residue.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<Contact> for ContactPoint {
    fn from(contact: Contact) -> Self {
        Self {
            channel: contact.row.channel.into(),
            value: contact.value.reveal().to_owned(),
            verified_at: contact.row.verified_at,
        }
    }
}

impl From<account::Residue> for Residue {
    fn from(residue: account::Residue) -> Self {
        Self {
            kind: residue.kind.into(),
            count: residue.count.and_then(|count| i32::try_from(count).ok()),
            until: residue.until,
        }
    }
}
