//! Attendance sheets: what is written on paper becomes who was there.

mod lists;
mod look;
mod remove;
mod retain;

pub use lists::{Sheet, find, find_page, of_event};
pub use look::{Link, look, open};
pub use remove::remove;
pub(crate) use retain::retain;

use entity::{SheetState, attendance_sheet};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    app::Tx,
    refusal::{Reason, Refusal},
};

/// The kind of object that the picture of a page is.
pub(crate) const PICTURE: &str = "sheet_page.picture";

const NONE: Refusal = Refusal::NotFound("sheet");

/// Whether a sheet may still become another one: pages be added, or all of it deleted. WRONG_STATE (SHEET_CLOSED).
pub(crate) fn require_open(sheet: &attendance_sheet::Model) -> Result<(), Refusal> {
    let is_open = match sheet.state {
        SheetState::Paged | SheetState::Transcribing | SheetState::Review => {
            sheet.images_deleted_at.is_none()
        }
        SheetState::Applied | SheetState::Reverted | SheetState::Rejected => false,
    };
    match is_open {
        true => Ok(()),
        false => Err(Refusal::WrongState(Reason::SheetClosed)),
    }
}

/// Takes the row of a sheet, after that of its event. NOT_FOUND.
pub(crate) async fn lock(tx: &Tx, id: Uuid) -> Result<attendance_sheet::Model, Refusal> {
    let row = attendance_sheet::Entity::find_by_id(id).lock_exclusive();
    row.one(tx.db()).await?.ok_or(NONE)
}

/// Makes what `from` uploaded that of `to`.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    use entity::upload;
    attendance_sheet::Entity::update_many()
        .col_expr(attendance_sheet::Column::PersonId, Expr::value(to))
        .filter(attendance_sheet::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    upload::Entity::update_many()
        .col_expr(upload::Column::PersonId, Expr::value(to))
        .filter(upload::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    Ok(())
}
