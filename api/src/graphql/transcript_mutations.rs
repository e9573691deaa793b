//! Reading pages of attendance sheets, and deciding who their rows are.

use async_graphql::{Context, ID, Object, Result};

use super::{
    caller::{actor_of, app_of, idempotency_key},
    id::{Kind, key_of},
    transcript_input::{
        ApplySheetInput, ClaimSheetPageInput, ClaimSheetPagePayload, DecideSheetRowsInput,
        DecideSheetRowsPayload, KeySheetRowsInput, KeySheetRowsPayload, ProposeSheetReadingsInput,
        ReleaseSheetPageInput, RequestSecondReadingInput, RevertSheetInput, SettleSheetRowInput,
        SheetAppliedPayload, SheetDecisionInput, SheetTaskPayload,
    },
};
use crate::{
    domain::transcript::{self as domain, Applying, Deciding},
    refusal::Refusal,
};

/// Mutations of sheets.
#[derive(Default)]
pub struct TranscriptMutation;

#[Object]
impl TranscriptMutation {
    /// Takes a page for 15 minutes, or as long as the operator says, from the last row you key on. Again, anew: on another
    /// device, the first one writes nothing more. For transcribers, the event's hosts, and organizers. UNAUTHENTICATED,
    /// NOT_FOUND, WRONG_STATE.
    async fn claim_sheet_page(
        &self,
        ctx: &Context<'_>,
        input: ClaimSheetPageInput,
    ) -> Result<ClaimSheetPagePayload> {
        let page_id = key_of(Kind::SheetPage, &input.page_id, &["input", "pageId"])?;
        let claiming = domain::claim(app_of(ctx), actor_of(ctx).await?, page_id).await?;
        Ok(claiming.into())
    }

    /// Gives a page back. UNAUTHENTICATED, NOT_FOUND, CONFLICT, WRONG_STATE.
    async fn release_sheet_page(
        &self,
        ctx: &Context<'_>,
        input: ReleaseSheetPageInput,
    ) -> Result<SheetTaskPayload> {
        let page_id = key_of(Kind::SheetPage, &input.page_id, &["input", "pageId"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let task = domain::release(app, actor, page_id, input.fence, input.done).await?;
        Ok(SheetTaskPayload { task: task.into() })
    }

    /// Keeps what you read in rows of a page that you have. Sending it again changes nothing. BAD_USER_INPUT, UNAUTHENTICATED,
    /// NOT_FOUND, WRONG_STATE; CONFLICT when the page is not yours any more.
    async fn key_sheet_rows(
        &self,
        ctx: &Context<'_>,
        input: KeySheetRowsInput,
    ) -> Result<KeySheetRowsPayload> {
        let page_id = key_of(Kind::SheetPage, &input.page_id, &["input", "pageId"])?;
        let rows = input.rows.into_iter().map(Into::into).collect();
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let claim = domain::key(app, actor, page_id, input.fence, rows).await?;
        Ok(KeySheetRowsPayload {
            until: claim.held_until,
        })
    }

    /// Keeps what a program read in rows of a page: those who run the event see it, and it settles nothing. For transcribers;
    /// FORBIDDEN for hosts. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
    async fn propose_sheet_readings(
        &self,
        ctx: &Context<'_>,
        input: ProposeSheetReadingsInput,
    ) -> Result<SheetTaskPayload> {
        let page_id = key_of(Kind::SheetPage, &input.page_id, &["input", "pageId"])?;
        let rows = input.rows.into_iter().map(Into::into).collect();
        let task = domain::propose(app_of(ctx), actor_of(ctx).await?, page_id, rows).await?;
        Ok(SheetTaskPayload { task: task.into() })
    }

    /// Asks for somebody else to read a page as well, without seeing what was read. For the event's hosts and for organizers;
    /// FORBIDDEN for transcribers. UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
    async fn request_second_reading(
        &self,
        ctx: &Context<'_>,
        input: RequestSecondReadingInput,
    ) -> Result<SheetTaskPayload> {
        let page_id = key_of(Kind::SheetPage, &input.page_id, &["input", "pageId"])?;
        let task = domain::request_second_reading(app_of(ctx), actor_of(ctx).await?, page_id).await?;
        Ok(SheetTaskPayload { task: task.into() })
    }

    /// Says what stands in a row, whatever was read. What was decided about other words counts no more. For the event's hosts
    /// and for organizers. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
    async fn settle_sheet_row(
        &self,
        ctx: &Context<'_>,
        input: SettleSheetRowInput,
    ) -> Result<SheetTaskPayload> {
        let row_id = key_of(Kind::SheetRow, &input.row_id, &["input", "rowId"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let page_id = domain::settle(app, actor, row_id, input.into()).await?;
        let task = domain::find_task(app, actor, page_id).await?;
        Ok(SheetTaskPayload { task: task.into() })
    }

    /// Decides who rows of a sheet are; again, otherwise. Nothing is written to the attendance by it. For the event's hosts and for
    /// organizers. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
    async fn decide_sheet_rows(
        &self,
        ctx: &Context<'_>,
        input: DecideSheetRowsInput,
    ) -> Result<DecideSheetRowsPayload> {
        let sheet_id = key_of(Kind::AttendanceSheet, &input.sheet_id, &["input", "sheetId"])?;
        let read = |(i, row): (usize, SheetDecisionInput)| {
            let number = i.to_string();
            let key = |kind, id: &ID, field| key_of(kind, id, &["input", "rows", &number, field]);
            let attendee = row.attendee_id.as_ref();
            let duplicate = row.duplicate_of.as_ref();
            Ok::<_, Refusal>(Deciding {
                row_id: key(Kind::SheetRow, &row.row_id, "rowId")?,
                decision: row.decision.map(Into::into),
                rsvp_id: attendee
                    .map(|id| key(Kind::Attendee, id, "attendeeId"))
                    .transpose()?,
                duplicate_of: duplicate
                    .map(|id| key(Kind::SheetRow, id, "duplicateOf"))
                    .transpose()?,
            })
        };
        let rows = input.rows.into_iter().enumerate().map(read);
        let rows: Vec<Deciding> = rows.collect::<Result<_, Refusal>>()?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let decided = domain::decide(app, actor, sheet_id, &rows, input.accept_proposals).await?;
        Ok(DecideSheetRowsPayload {
            rows: decided.rows,
            progress: decided.progress.into(),
        })
    }

    /// Writes what a sheet says into the attendance, all at once; whoever is new becomes a person, with the consent they ticked.
    /// Of addresses that are known already nothing is told. Applying it again changes nothing. For the event's hosts and for
    /// organizers. BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, CONFLICT; WRONG_STATE, also for hosts of an event that was taken
    /// down.
    async fn apply_sheet(&self, ctx: &Context<'_>, input: ApplySheetInput) -> Result<SheetAppliedPayload> {
        let key = idempotency_key(ctx, input.idempotency_key.as_ref(), &input).await?;
        let date = input.timeslot_id.as_ref();
        let date = date.map(|id| key_of(Kind::Timeslot, id, &["input", "timeslotId"]));
        let applying = Applying {
            sheet_id: key_of(Kind::AttendanceSheet, &input.sheet_id, &["input", "sheetId"])?,
            timeslot_id: date.transpose()?,
            leave_undecided: input.leave_undecided,
        };
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let done = domain::apply(app, actor, applying, key.as_ref()).await?;
        Ok(done.into())
    }

    /// Takes back what applying a sheet wrote: the attendance it told of, and the consents of those who became known by it. Its rows
    /// can be decided otherwise then, and it be applied again. Doing it twice changes nothing. For the event's hosts and for
    /// organizers. UNAUTHENTICATED, NOT_FOUND, WRONG_STATE.
    async fn revert_sheet(&self, ctx: &Context<'_>, input: RevertSheetInput) -> Result<SheetAppliedPayload> {
        let sheet_id = key_of(Kind::AttendanceSheet, &input.sheet_id, &["input", "sheetId"])?;
        let done = domain::revert(app_of(ctx), actor_of(ctx).await?, sheet_id).await?;
        Ok(done.into())
    }
}
