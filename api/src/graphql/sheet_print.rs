//! Attendance sheets to print.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    id::{Kind, key_of},
};
use crate::{
    domain::transcript::{self, Printing},
    letter::Language,
    refusal::Refusal,
};

/// The size of the paper.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::PaperSize")]
pub enum PaperSize {
    /// 210 × 297 mm.
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

/// A sheet to print.
#[derive(InputObject)]
pub struct PrintAttendanceSheetInput {
    /// For which date.
    timeslot_id: ID,
    /// The size of the paper.
    #[graphql(default_with = "PaperSize::A4")]
    paper: PaperSize,
    /// Empty rows for those who are not on the list, at most 500.
    #[graphql(default = 15)]
    blank_rows: i32,
    /// The language of its words, a BCP 47 tag: `en` or `es`, whatever the country.
    #[graphql(default_with = "\"en\".to_owned()")]
    language: String,
    /// Names this request, so that sending it again gives a new link to the same sheet, which counts once: 8 to 255 visible
    /// ASCII characters, such as a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    idempotency_key: Option<String>,
}

/// A sheet that can be printed.
#[derive(SimpleObject)]
pub struct PrintAttendanceSheetPayload {
    /// Where its PDF file is. Whoever has the address can read it, while it works; no token is needed. It is told only now.
    url: String,
    /// When the address stops working. It also does when your session ends.
    expires_at: DateTime<Utc>,
    /// How many pages it has.
    pages: i32,
    /// How many names are on it.
    names: i32,
}

/// Printing.
#[derive(Default)]
pub struct SheetPrintMutation;

#[Object]
impl SheetPrintMutation {
    /// Makes an attendance sheet to print: everybody who is registered for a date now, each with a box to tick, empty rows, and on
    /// each page a code by which a photo of it is known again. For the event's hosts and for organizers; it is recorded.
    /// BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, CONFLICT, WRONG_STATE; RATE_LIMITED after so many names a day.
    async fn print_attendance_sheet(
        &self,
        ctx: &Context<'_>,
        input: PrintAttendanceSheetInput,
    ) -> Result<PrintAttendanceSheetPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let wrong = |field, problem: &str| Refusal::input(&["input", field], problem);
        let language = Language::of_tag(&input.language);
        let printing = Printing {
            timeslot_id: key_of(Kind::Timeslot, &input.timeslot_id, &["input", "timeslotId"])?,
            paper: input.paper.into(),
            blank: usize::try_from(input.blank_rows)
                .map_err(|_| wrong("blankRows", "must not be negative"))?,
            language: language.ok_or_else(|| wrong("language", "must be en or es"))?,
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let link = transcript::print(app, actor, &printing, key.as_ref()).await?;
        Ok(PrintAttendanceSheetPayload {
            url: link.url,
            expires_at: link.expires_at,
            pages: i32::try_from(link.pages).unwrap_or(i32::MAX),
            names: link.names,
        })
    }
}
