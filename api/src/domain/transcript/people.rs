//! Sheets and those who go away: erased, or found to be somebody else as well.

use entity::{sheet_application, sheet_print, sheet_reading, sheet_row, sheet_work};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};
use uuid::Uuid;

use crate::{app::Tx, refusal::Refusal};

/// Deletes what stands on sheets of somebody, as far as it is known to be of them. That they read, decided and applied goes
/// with their row.
pub(crate) async fn forget(tx: &Tx, person_id: Uuid) -> Result<(), Refusal> {
    let theirs = sheet_row::Entity::find()
        .select_only()
        .column(sheet_row::Column::Id)
        .filter(sheet_row::Column::PersonId.eq(person_id));
    sheet_reading::Entity::delete_many()
        .filter(sheet_reading::Column::RowId.in_subquery(theirs.into_query()))
        .exec(tx.db())
        .await?;
    sheet_row::Entity::update_many()
        .col_expr(sheet_row::Column::Words, Expr::value(None::<Vec<u8>>))
        .filter(sheet_row::Column::PersonId.eq(person_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Makes what `from` was and did on sheets that of `to`.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    // Of a row that both read, what who stays read stays.
    let read = sheet_reading::Entity::find()
        .select_only()
        .column(sheet_reading::Column::RowId)
        .filter(sheet_reading::Column::Reader.eq(to));
    let read: Vec<Uuid> = read.into_tuple().all(tx.db()).await?;
    sheet_reading::Entity::delete_many()
        .filter(sheet_reading::Column::Reader.eq(from))
        .filter(sheet_reading::Column::RowId.is_in(read))
        .exec(tx.db())
        .await?;
    sheet_reading::Entity::update_many()
        .col_expr(sheet_reading::Column::Reader, Expr::value(to))
        .filter(sheet_reading::Column::Reader.eq(from))
        .exec(tx.db())
        .await?;
    for column in [sheet_row::Column::PersonId, sheet_row::Column::DecidedBy] {
        sheet_row::Entity::update_many()
            .col_expr(column, Expr::value(to))
            .filter(column.eq(from))
            .exec(tx.db())
            .await?;
    }
    for column in [sheet_work::Column::Holder, sheet_work::Column::FirstReader] {
        sheet_work::Entity::update_many()
            .col_expr(column, Expr::value(to))
            .filter(column.eq(from))
            .exec(tx.db())
            .await?;
    }
    for column in [
        sheet_application::Column::AppliedBy,
        sheet_application::Column::RevertedBy,
    ] {
        sheet_application::Entity::update_many()
            .col_expr(column, Expr::value(to))
            .filter(column.eq(from))
            .exec(tx.db())
            .await?;
    }
    sheet_print::Entity::update_many()
        .col_expr(sheet_print::Column::PersonId, Expr::value(to))
        .filter(sheet_print::Column::PersonId.eq(from))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Deletes the words that were read on a sheet whose pictures are deleted, and what was settled of them: what it said is in
/// the attendance, which says from which row it is.
pub(crate) async fn forget_words(tx: &Tx, sheet_id: Uuid) -> Result<(), Refusal> {
    let rows = sheet_row::Entity::find()
        .select_only()
        .column(sheet_row::Column::Id)
        .filter(sheet_row::Column::SheetId.eq(sheet_id));
    sheet_reading::Entity::delete_many()
        .filter(sheet_reading::Column::RowId.in_subquery(rows.into_query()))
        .exec(tx.db())
        .await?;
    sheet_row::Entity::update_many()
        .col_expr(sheet_row::Column::Words, Expr::value(None::<Vec<u8>>))
        .filter(sheet_row::Column::SheetId.eq(sheet_id))
        .exec(tx.db())
        .await?;
    Ok(())
}
