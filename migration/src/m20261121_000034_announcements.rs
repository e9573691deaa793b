//! Announcements of hosts to those who answered, and who wants no more of them from an event.

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
                .table("announcement")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(uuid_null("person_id"))
                .col(blob("content"))
                .col(integer("recipients"))
                .col(integer("part"))
                .col(uuid_null("reached"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("announcement", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("announcement", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::SetNull),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("announcement", &["event_id", "id"])).await?;
        m.create_index(index("announcement", &["person_id"])).await?;
        m.create_table(
            Table::create()
                .table("event_mute")
                .col(uuid("event_id"))
                .col(uuid("person_id"))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("event_id").col("person_id"))
                .foreign_key(
                    ForeignKey::create()
                        .from("event_mute", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("event_mute", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("event_mute", &["person_id"])).await?;
        let column = Table::alter()
            .table("message")
            .add_column(uuid_null("announcement_id"))
            .to_owned();
        m.alter_table(column).await?;
        m.create_index(index("message", &["announcement_id", "state"]))
            .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_index(
            Index::drop()
                .name("message_announcement_id_state")
                .table("message")
                .to_owned(),
        )
        .await?;
        let column = Table::alter()
            .table("message")
            .drop_column("announcement_id")
            .to_owned();
        m.alter_table(column).await?;
        drop_tables(m, &["event_mute", "announcement"]).await
    }
}
