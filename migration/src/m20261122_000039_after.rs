//! After an event: dates of which the hosts said who came, and lists of what is left to do that nobody wants to hear of.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{drop_tables, index};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table("attendance_close")
                .col(uuid("timeslot_id").primary_key())
                .col(uuid("event_id"))
                .col(timestamp_with_time_zone("closed_at"))
                .col(timestamp_with_time_zone_null("forgotten_at"))
                .foreign_key(&mut cascade("attendance_close", "timeslot_id", "timeslot"))
                .foreign_key(&mut cascade("attendance_close", "event_id", "event"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("attendance_close", &["event_id"])).await?;
        m.create_table(
            Table::create()
                .table("closing_dismissal")
                .col(uuid("event_id").primary_key())
                .col(timestamp_with_time_zone("dismissed_at"))
                .foreign_key(&mut cascade("closing_dismissal", "event_id", "event"))
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["closing_dismissal", "attendance_close"]).await
    }
}

fn cascade(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
