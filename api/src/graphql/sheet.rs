//! Attendance sheets and their pages.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::sheet_page;

use super::{
    caller::{actor_of, app_of},
    id::{Kind, global, key_of},
};
use crate::domain::sheet::{self, Sheet};

/// Where a sheet stands, from its first page to the attendance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::SheetState")]
pub enum SheetState {
    /// Its pages can be looked at.
    Paged,
    /// People key what is on it.
    Transcribing,
    /// Everything is keyed; a host decides.
    Review,
    /// What it says is in the attendance.
    Applied,
    /// It was, and was taken back.
    Reverted,
    /// It is of no use.
    Rejected,
}

/// A sheet of paper, of one page or several, on which those who came are. For those who run the event.
pub struct AttendanceSheet(Sheet);

/// A sheet of paper, of one page or several, on which those who came are. For those who run the event.
#[Object]
impl AttendanceSheet {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::AttendanceSheet, self.0.row.id)
    }
    /// Of which event.
    async fn event_id(&self) -> ID {
        global(Kind::Event, self.0.row.event_id)
    }
    /// Of which of its dates, if whoever uploaded it said so.
    async fn timeslot_id(&self) -> Option<ID> {
        self.0.row.timeslot_id.map(|id| global(Kind::Timeslot, id))
    }
    /// Where it stands.
    async fn state(&self) -> SheetState {
        self.0.row.state.into()
    }
    /// Its pages, in the order in which they came.
    async fn pages(&self) -> Vec<SheetPage> {
        self.0.pages.iter().cloned().map(SheetPage).collect()
    }
    /// When what it says was written into the attendance, first.
    async fn applied_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.applied_at
    }
    /// When the pictures of its pages were deleted, because their time was over.
    async fn images_deleted_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.images_deleted_at
    }
    /// When its first page came.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }
}

impl From<Sheet> for AttendanceSheet {
    fn from(sheet: Sheet) -> Self {
        Self(sheet)
    }
}

/// One page of an attendance sheet. `viewSheetPage` shows it.
pub struct SheetPage(sheet_page::Model);

/// One page of an attendance sheet. `viewSheetPage` shows it.
#[Object]
impl SheetPage {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::SheetPage, self.0.id)
    }
    /// Of which sheet.
    async fn sheet_id(&self) -> ID {
        global(Kind::AttendanceSheet, self.0.sheet_id)
    }
    /// Its place in the sheet, from 1 on.
    async fn number(&self) -> i32 {
        self.0.number
    }
    /// Width of its picture, in pixels.
    async fn width(&self) -> i32 {
        self.0.width
    }
    /// Height of its picture, in pixels.
    async fn height(&self) -> i32 {
        self.0.height
    }
    /// Whether its picture is still there.
    async fn has_image(&self) -> bool {
        self.0.object_id.is_some()
    }
    /// When it came.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

impl From<sheet_page::Model> for SheetPage {
    fn from(row: sheet_page::Model) -> Self {
        Self(row)
    }
}

/// A page to look at.
#[derive(InputObject)]
pub struct ViewSheetPageInput {
    /// The page.
    page_id: ID,
    /// Why, for the record; at most 200 characters.
    reason: Option<String>,
}

/// A page that can be looked at.
#[derive(SimpleObject)]
pub struct ViewSheetPagePayload {
    /// Where its picture is, as JPEG. Whoever has the address sees it, while it works; no token is needed.
    url: String,
    /// When the address stops working. It also does when your session ends.
    expires_at: DateTime<Utc>,
}

/// A sheet to delete.
#[derive(InputObject)]
pub struct DeleteAttendanceSheetInput {
    /// The sheet.
    id: ID,
}

/// What was deleted.
#[derive(SimpleObject)]
pub struct DeleteAttendanceSheetPayload {
    /// Global id of the sheet that is gone.
    deleted_id: ID,
    /// Of which event it was.
    event_id: ID,
}

/// Mutations of sheets.
#[derive(Default)]
pub struct SheetMutation;

#[Object]
impl SheetMutation {
    /// Makes an address at which the picture of a page can be looked at for a minute, and records who looks. For hosts and
    /// organizers. NOT_FOUND, BAD_USER_INPUT; WRONG_STATE when the picture was deleted, and for hosts of an event that was
    /// taken down; RATE_LIMITED.
    async fn view_sheet_page(
        &self,
        ctx: &Context<'_>,
        input: ViewSheetPageInput,
    ) -> Result<ViewSheetPagePayload> {
        let id = key_of(Kind::SheetPage, &input.page_id, &["input", "pageId"])?;
        let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
        let link = sheet::look(app, actor, id, input.reason.as_ref()).await?;
        Ok(ViewSheetPagePayload {
            url: link.url,
            expires_at: link.expires_at,
        })
    }

    /// Deletes a sheet that was never applied, with its pages, their pictures and all that was read from them. For hosts and
    /// organizers. NOT_FOUND, WRONG_STATE.
    async fn delete_attendance_sheet(
        &self,
        ctx: &Context<'_>,
        input: DeleteAttendanceSheetInput,
    ) -> Result<DeleteAttendanceSheetPayload> {
        let id = key_of(Kind::AttendanceSheet, &input.id, &["input", "id"])?;
        let event_id = sheet::remove(app_of(ctx), actor_of(ctx).await?, id).await?;
        Ok(DeleteAttendanceSheetPayload {
            deleted_id: input.id,
            event_id: global(Kind::Event, event_id),
        })
    }
}
