//! Who is told of events and RSVPs by HTTP, and what they were told.

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
                .table("webhook")
                .col(uuid("id").primary_key())
                .col(text("url"))
                .col(text("kinds"))
                .col(blob("secret"))
                .col(blob_null("previous_secret"))
                .col(timestamp_with_time_zone_null("previous_until"))
                .col(integer("failures"))
                .col(timestamp_with_time_zone_null("failing_since"))
                .col(timestamp_with_time_zone_null("failed_at"))
                .col(timestamp_with_time_zone_null("disabled_at"))
                .col(string_len_null("disabled_reason", 32))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("webhook_delivery")
                .col(uuid("id").primary_key())
                .col(uuid("webhook_id"))
                .col(string_len("kind", 32))
                .col(text("body"))
                .col(integer("attempts"))
                .col(integer_null("last_status"))
                .col(text_null("last_error"))
                .col(timestamp_with_time_zone_null("delivered_at"))
                .col(timestamp_with_time_zone_null("failed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("webhook_delivery", "webhook_id")
                        .to("webhook", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("webhook_delivery", &["webhook_id", "id"]))
            .await?;
        m.create_index(index("webhook_delivery", &["created_at"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["webhook_delivery", "webhook"]).await
    }
}
