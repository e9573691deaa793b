//! What messages are about, when somebody may be woken, and finding dates by when they begin and end.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, unique};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("message", uuid_null("rsvp_id")),
            ("message", string_len_null("occasion", 64)),
            ("person", string_len_null("timezone", 64)),
        ] {
            m.alter_table(Table::alter().table(table).add_column(column).to_owned())
                .await?;
        }
        // Of messages without an occasion there may be many.
        m.create_index(unique("message", &["rsvp_id", "occasion"]))
            .await?;
        m.create_index(index("timeslot", &["starts_at"])).await?;
        m.create_index(index("timeslot", &["ends_at"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (table, index) in [
            ("timeslot", "timeslot_ends_at"),
            ("timeslot", "timeslot_starts_at"),
            ("message", "message_rsvp_id_occasion"),
        ] {
            m.drop_index(Index::drop().name(index).table(table).to_owned())
                .await?;
        }
        for (table, column) in [
            ("person", "timezone"),
            ("message", "occasion"),
            ("message", "rsvp_id"),
        ] {
            m.alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
