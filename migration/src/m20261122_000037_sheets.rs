//! Attendance sheets: files that are uploaded, the sheets they become, and their pages.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{drop_tables, index, unique};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(sheets()).await?;
        m.create_index(index("attendance_sheet", &["event_id", "id"]))
            .await?;
        m.create_index(index("attendance_sheet", &["timeslot_id"]))
            .await?;
        m.create_index(index("attendance_sheet", &["person_id"])).await?;
        // What its time may be over for: the pictures of all others are gone.
        m.create_index(index("attendance_sheet", &["images_deleted_at", "created_at"]))
            .await?;
        m.create_table(uploads()).await?;
        m.create_index(unique("upload", &["token_hash"])).await?;
        m.create_index(unique("upload", &["event_id", "purpose", "hash"]))
            .await?;
        m.create_index(index("upload", &["person_id", "created_at"]))
            .await?;
        m.create_index(index("upload", &["timeslot_id"])).await?;
        m.create_index(index("upload", &["sheet_id"])).await?;
        m.create_index(index("upload", &["used_at", "expires_at"]))
            .await?;
        m.create_table(pages()).await?;
        m.create_index(unique("sheet_page", &["sheet_id", "number"]))
            .await?;
        m.create_index(unique("sheet_page", &["object_id"])).await?;
        m.create_index(index("sheet_page", &["upload_id"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["sheet_page", "upload", "attendance_sheet"]).await
    }
}

fn sheets() -> TableCreateStatement {
    Table::create()
        .table("attendance_sheet")
        .col(uuid("id").primary_key())
        .col(uuid("event_id"))
        .col(uuid_null("timeslot_id"))
        .col(uuid_null("person_id"))
        .col(string_len("state", 32))
        .col(integer("version"))
        .col(timestamp_with_time_zone_null("applied_at"))
        .col(timestamp_with_time_zone_null("images_deleted_at"))
        .col(timestamp_with_time_zone("changed_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut belongs(
            "attendance_sheet",
            "event",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut belongs(
            "attendance_sheet",
            "timeslot",
            ForeignKeyAction::SetNull,
        ))
        .foreign_key(&mut belongs(
            "attendance_sheet",
            "person",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

fn uploads() -> TableCreateStatement {
    Table::create()
        .table("upload")
        .col(uuid("id").primary_key())
        .col(uuid_null("person_id"))
        .col(uuid("session_id"))
        .col(string_len("purpose", 32))
        .col(uuid("event_id"))
        .col(uuid_null("timeslot_id"))
        .col(uuid_null("sheet_id"))
        .col(blob("token_hash"))
        .col(integer("bytes"))
        .col(integer("tries"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(blob_null("hash"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut belongs("upload", "event", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs("upload", "timeslot", ForeignKeyAction::SetNull))
        .foreign_key(&mut belongs("upload", "person", ForeignKeyAction::SetNull))
        .foreign_key(
            ForeignKey::create()
                .from("upload", "sheet_id")
                .to("attendance_sheet", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn pages() -> TableCreateStatement {
    Table::create()
        .table("sheet_page")
        .col(uuid("id").primary_key())
        .col(uuid("sheet_id"))
        .col(uuid("upload_id"))
        .col(integer("number"))
        .col(uuid_null("object_id"))
        .col(integer("width"))
        .col(integer("height"))
        .col(integer("bytes"))
        .col(blob("hash"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(
            ForeignKey::create()
                .from("sheet_page", "sheet_id")
                .to("attendance_sheet", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(&mut belongs("sheet_page", "upload", ForeignKeyAction::Cascade))
        .to_owned()
}

/// `table.<other>_id` is the id of a row of `other`.
fn belongs(table: &'static str, other: &'static str, gone: ForeignKeyAction) -> ForeignKeyCreateStatement {
    let column = format!("{other}_id");
    ForeignKey::create()
        .from(table, column)
        .to(other, "id")
        .on_delete(gone)
        .to_owned()
}
