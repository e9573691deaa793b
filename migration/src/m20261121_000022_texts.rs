//! Texts that were asked for.

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
                .table("text_ask")
                .col(uuid("id").primary_key())
                .col(string_len("index_key", 16))
                .col(blob("prefix_index"))
                .col(boolean("is_code"))
                .col(timestamp_with_time_zone_null("used_at"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("text_ask", &["prefix_index", "created_at"]))
            .await?;
        m.create_index(index("text_ask", &["created_at"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["text_ask"]).await
    }
}
