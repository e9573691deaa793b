//! Jobs and messages.

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
        m.create_table(
            Table::create()
                .table("outbox")
                .col(uuid("id").primary_key())
                .col(string_len("lane", 32))
                .col(string_len("kind", 64))
                .col(text("payload"))
                .col(integer("attempts"))
                .col(timestamp_with_time_zone("due_at"))
                .col(timestamp_with_time_zone_null("rung_at"))
                .col(timestamp_with_time_zone_null("done_at"))
                .col(timestamp_with_time_zone_null("failed_at"))
                .col(text_null("last_error"))
                .col(string_len_null("unique_key", 128))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(
            index("outbox", &["lane", "due_at"])
                .and_where(
                    Expr::col("done_at")
                        .is_null()
                        .and(Expr::col("failed_at").is_null()),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("outbox", &["done_at"])).await?;
        m.create_index(unique("outbox", &["unique_key"])).await?;
        m.create_table(
            Table::create()
                .table("message")
                .col(uuid("id").primary_key())
                .col(string_len("channel", 32))
                .col(string_len("purpose", 32))
                .col(string_len("template", 64))
                .col(string_len("index_key", 16))
                .col(blob("value_index"))
                .col(uuid_null("person_id"))
                .col(string_len("state", 32))
                .col(timestamp_with_time_zone("sending_at"))
                .col(timestamp_with_time_zone_null("settled_at"))
                .col(text_null("detail"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("message", &["value_index", "sending_at"]))
            .await?;
        m.create_index(index("message", &["state", "sending_at"])).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["message", "outbox"]).await
    }
}
