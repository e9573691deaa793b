//! Series: dates of an event that one rule made.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{drop_tables, index};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 3] = ["series_id", "occurrence", "excepted_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table("series")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(text("rule"))
                .col(date_time("local_start"))
                .col(integer("duration_minutes"))
                .col(integer_null("capacity"))
                .col(string_len("timezone", 64))
                .col(text("except_on"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("series", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .check(Expr::col("duration_minutes").gt(0))
                .to_owned(),
        )
        .await?;
        m.create_index(index("series", &["event_id"])).await?;
        // No foreign key to the series: SQLite cannot add one to a table that is there. Both go with the event.
        for column in [
            uuid_null("series_id"),
            date_time_null("occurrence"),
            timestamp_with_time_zone_null("excepted_at"),
        ] {
            let add = Table::alter().table("timeslot").add_column(column).to_owned();
            m.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let drop = Table::alter().table("timeslot").drop_column(column).to_owned();
            m.alter_table(drop).await?;
        }
        drop_tables(m, &["series"]).await
    }
}
