//! Files that are about to be sent. They go to an address of their own, never through GraphQL.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    id::{Kind, global, key_of},
};
use crate::domain::upload::{self, Wanted};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::UploadPurpose")]
pub enum UploadPurpose {
    /// Pages of an attendance sheet.
    AttendanceSheet,
}

/// A file to send.
#[derive(InputObject)]
pub struct CreateUploadInput {
    /// What for.
    purpose: UploadPurpose,
    /// The event.
    event_id: ID,
    /// Which of its dates, if that is known.
    timeslot_id: Option<ID>,
    /// The sheet that it is more pages of; absent for a new one.
    sheet_id: Option<ID>,
    /// Its size in bytes, at most 20 MiB. As many have to come.
    bytes: i32,
    /// Its type: `image/jpeg`, `image/png`, `image/webp` or `application/pdf`. What it is, its first bytes say.
    media_type: String,
    /// Names this request, so that sending it again gives a new address for the same upload: 8 to 255 visible ASCII
    /// characters, such as a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// Where to send it.
#[derive(SimpleObject)]
pub struct CreateUploadPayload {
    /// Global id of the upload; the answer to the file names it.
    upload_id: ID,
    /// Where to PUT the file as it is, once: no token, no form. Answers with JSON: `uploadId`, `sheetId`, `pageIds`, and
    /// `known`, whether the same file was there already. One that broke off may be sent again. It is told only now.
    url: String,
    /// When the address stops working. It also does when your session ends.
    expires_at: DateTime<Utc>,
}

/// Mutations of files.
#[derive(Default)]
pub struct UploadMutation;

#[Object]
impl UploadMutation {
    /// Makes an address to which one file may be sent. For hosts and organizers. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN,
    /// CONFLICT; WRONG_STATE for a sheet that was applied or rejected, and for hosts of an event that was taken down;
    /// RATE_LIMITED.
    async fn create_upload(
        &self,
        ctx: &Context<'_>,
        input: CreateUploadInput,
    ) -> Result<CreateUploadPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let timeslot = |id| key_of(Kind::Timeslot, &id, &["input", "timeslotId"]);
        let sheet = |id| key_of(Kind::AttendanceSheet, &id, &["input", "sheetId"]);
        let wanted = Wanted {
            purpose: input.purpose.into(),
            event_id: key_of(Kind::Event, &input.event_id, &["input", "eventId"])?,
            timeslot_id: input.timeslot_id.map(timeslot).transpose()?,
            sheet_id: input.sheet_id.map(sheet).transpose()?,
            bytes: input.bytes.into(),
            media_type: input.media_type,
        };
        let ticket = upload::create(app_of(ctx), actor_of(ctx).await?, &wanted, key.as_ref()).await?;
        Ok(CreateUploadPayload {
            upload_id: global(Kind::Upload, ticket.id),
            url: ticket.url,
            expires_at: ticket.expires_at,
        })
    }
}
