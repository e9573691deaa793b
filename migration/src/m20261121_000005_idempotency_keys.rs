//! Requests that were carried out, by the keys of their clients.

use sea_orm_migration::{prelude::*, schema::*};

use crate::drop_tables;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // No index for deleting old ones: there is a day of them, and they are looked through once a day.
        m.create_table(
            Table::create()
                .table("idempotency_key")
                .col(blob("id").primary_key())
                .col(blob("input"))
                .col(uuid_null("result_id"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["idempotency_key"]).await
    }
}
