//! Signing in and out.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of, client_of, device_of, idempotency_key},
    id::{Kind, key_of},
};
use crate::domain::{
    address::Address,
    session::{self, Tokens},
    sign_in,
};

/// Where a code should go.
#[derive(InputObject)]
pub struct RequestSignInCodeInput {
    /// Your mail address. Either this or `phone`.
    email: Option<String>,
    /// Your phone number; with its country's code, unless it is of the organisation's own country.
    phone: Option<String>,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A code was sent, whether or not the address was known before.
#[derive(SimpleObject)]
pub struct RequestSignInCodePayload {
    /// Until when the code works.
    expires_at: DateTime<Utc>,
}

/// An address and the code that was sent to it.
#[derive(InputObject)]
pub struct SignInInput {
    /// Your mail address. Either this or `phone`.
    email: Option<String>,
    /// Your phone number.
    phone: Option<String>,
    /// Eight digits.
    code: String,
}

/// A refresh token to exchange.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// From the sign-in or the last refresh. Works once.
    refresh_token: String,
}

/// What a signed-in device keeps.
#[derive(SimpleObject)]
pub struct SessionPayload {
    /// Goes with every request: `Authorization: Bearer …`.
    access_token: String,
    /// When the access token ends.
    access_expires_at: DateTime<Utc>,
    /// For the next pair, once.
    refresh_token: String,
}

/// A session to end.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// The session.
    id: ID,
}

/// A session has ended.
#[derive(SimpleObject)]
pub struct EndSessionPayload {
    /// Always true.
    ended: bool,
}

/// The session has ended.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Always true.
    signed_out: bool,
}

/// Mutations that begin and end sessions.
#[derive(Default)]
pub struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Sends a one-time code to an address, by mail or by text, at most five an hour. Works the same for every address.
    /// BAD_USER_INPUT, CONFLICT; RATE_LIMITED, by text also when too many texts are asked for by everybody: offer mail.
    async fn request_sign_in_code(
        &self,
        ctx: &Context<'_>,
        input: RequestSignInCodeInput,
    ) -> Result<RequestSignInCodePayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let address = read(ctx, input.email, input.phone)?;
        Ok(RequestSignInCodePayload {
            expires_at: sign_in::request_code(
                app_of(ctx),
                client_of(ctx),
                device_of(ctx),
                &address,
                key.as_ref(),
            )
            .await?,
        })
    }

    /// Exchanges a code for a session, and makes an account for a new address. BAD_USER_INPUT when the code is wrong,
    /// used, too old, or was guessed at five times. RATE_LIMITED.
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<SessionPayload> {
        let address = read(ctx, input.email, input.phone)?;
        let (client, device) = (client_of(ctx), device_of(ctx));
        Ok(
            sign_in::sign_in(app_of(ctx), client, device, &address, &input.code)
                .await?
                .into(),
        )
    }

    /// Exchanges a refresh token for a new pair. A token that was used before ends the session. UNAUTHENTICATED,
    /// RATE_LIMITED.
    async fn refresh_session(&self, ctx: &Context<'_>, input: RefreshSessionInput) -> Result<SessionPayload> {
        Ok(
            session::refresh(app_of(ctx), client_of(ctx), &input.refresh_token)
                .await?
                .into(),
        )
    }

    /// Ends this session. UNAUTHENTICATED.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload> {
        session::sign_out(app_of(ctx), actor_of(ctx).await?).await?;
        Ok(SignOutPayload { signed_out: true })
    }

    /// Ends one of your sessions, as of a device that was lost; ending it again changes nothing. UNAUTHENTICATED,
    /// NOT_FOUND.
    async fn end_session(&self, ctx: &Context<'_>, input: EndSessionInput) -> Result<EndSessionPayload> {
        let id = key_of(Kind::Session, &input.id, &["input", "id"])?;
        session::end_mine(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(EndSessionPayload { ended: true })
    }

    /// Ends all of your sessions, on every device. UNAUTHENTICATED.
    async fn sign_out_everywhere(&self, ctx: &Context<'_>) -> Result<SignOutPayload> {
        session::sign_out_everywhere(app_of(ctx), actor_of(ctx).await?).await?;
        Ok(SignOutPayload { signed_out: true })
    }
}

/// The one of both that was given.
pub(super) fn read(ctx: &Context<'_>, email: Option<String>, phone: Option<String>) -> Result<Address> {
    let config = &app_of(ctx).config;
    Ok(Address::parse(config, email.as_deref(), phone.as_deref())?)
}

impl From<Tokens> for SessionPayload {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token,
            access_expires_at: tokens.access_expires_at,
            refresh_token: tokens.refresh_token,
        }
    }
}
