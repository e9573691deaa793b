//! How people join an event: its policy, its questions, and what an RSVP says beside the party's size.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let policy = string_len("join_policy", 32).default("OPEN").to_owned();
        for column in [policy, text_null("external_url"), text_null("questions")] {
            m.alter_table(Table::alter().table("event").add_column(column).to_owned())
                .await?;
        }
        for column in [
            blob_null("details"),
            timestamp_with_time_zone_null("attendance_confirmed_at"),
        ] {
            m.alter_table(Table::alter().table("rsvp").add_column(column).to_owned())
                .await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("rsvp", "attendance_confirmed_at"),
            ("rsvp", "details"),
            ("event", "questions"),
            ("event", "external_url"),
            ("event", "join_policy"),
        ] {
            m.alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
