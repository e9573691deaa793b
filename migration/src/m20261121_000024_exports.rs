//! Exports of those who answered, and indexes to list these in the order in which they came.

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
                .table("attendee_export")
                .col(uuid("id").primary_key())
                .col(uuid("person_id"))
                .col(uuid("session_id"))
                .col(uuid("event_id"))
                .col(blob("asked"))
                .col(integer("rows"))
                .col(blob("token_hash"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("attendee_export", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("attendee_export", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(unique("attendee_export", &["token_hash"])).await?;
        m.create_index(index("attendee_export", &["person_id", "created_at"]))
            .await?;
        m.create_index(index("attendee_export", &["event_id"])).await?;
        drop_index(m, "rsvp_event_id_status").await?;
        m.create_index(index("rsvp", &["event_id", "status", "id"]))
            .await?;
        m.create_index(index("rsvp", &["event_id", "id"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_index(m, "rsvp_event_id_id").await?;
        drop_index(m, "rsvp_event_id_status_id").await?;
        m.create_index(index("rsvp", &["event_id", "status"])).await?;
        drop_tables(m, &["attendee_export"]).await
    }
}

async fn drop_index(m: &SchemaManager<'_>, name: &'static str) -> Result<(), DbErr> {
    m.drop_index(Index::drop().name(name).table("rsvp").to_owned())
        .await
}
