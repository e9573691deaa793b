//! One page of an attendance sheet. Its picture is an object of the store.

use sea_orm::entity::prelude::*;

/// One page of an attendance sheet. Its picture is an object of the store.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sheet_page")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which sheet.
    pub sheet_id: Uuid,
    /// From which file.
    pub upload_id: Uuid,
    /// Its place in the sheet, from 1 on, in the order in which pages came.
    pub number: i32,
    /// The object that holds its picture; null once that is deleted.
    pub object_id: Option<Uuid>,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// Bytes of the picture.
    pub bytes: i32,
    /// SHA-256 of the picture.
    pub hash: Vec<u8>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
