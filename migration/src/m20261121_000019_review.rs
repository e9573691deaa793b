//! Review: what hosts may do by themselves, changes that wait, and events that were taken down.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{drop_tables, index};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Approvals by organizers count for hosts who had them before there was this table.
const APPROVALS: &str = "INSERT INTO host_standing (person_id, approved, streak, changed_at, created_at) \
    SELECT h.person_id, COUNT(*), COUNT(*), MAX(e.reviewed_at), MIN(e.reviewed_at) \
    FROM event_host h JOIN event e ON e.id = h.event_id \
    WHERE h.person_id IS NOT NULL AND e.reviewed_by IS NOT NULL AND e.reviewed_at IS NOT NULL \
    AND e.rejection_reason IS NULL GROUP BY h.person_id";

#[expect(
    clippy::disallowed_methods,
    reason = "one statement that reads and writes, the same for both databases"
)]
async fn count_approvals(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.get_connection().execute_unprepared(APPROVALS).await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table("host_standing")
                .col(uuid("person_id").primary_key())
                .col(integer("approved"))
                .col(integer("streak"))
                .col(timestamp_with_time_zone_null("trusted_at"))
                .col(uuid_null("trusted_by"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("host_standing", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("host_standing", &["trusted_at"])).await?;
        count_approvals(m).await?;
        for column in [
            string_len_null("review_category", 32),
            text_null("host_note"),
            timestamp_with_time_zone_null("suppressed_at"),
            text_null("suppression_reason"),
            blob_null("pending"),
            timestamp_with_time_zone_null("pending_at"),
        ] {
            m.alter_table(Table::alter().table("event").add_column(column).to_owned())
                .await?;
        }
        let wanted_name = Table::alter()
            .table("event_host")
            .add_column(text_null("wanted_name"))
            .to_owned();
        m.alter_table(wanted_name).await?;
        m.create_index(index("event", &["pending_at"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_index(Index::drop().name("event_pending_at").table("event").to_owned())
            .await?;
        let wanted_name = Table::alter()
            .table("event_host")
            .drop_column("wanted_name")
            .to_owned();
        m.alter_table(wanted_name).await?;
        for column in [
            "pending_at",
            "pending",
            "suppression_reason",
            "suppressed_at",
            "host_note",
            "review_category",
        ] {
            m.alter_table(Table::alter().table("event").drop_column(column).to_owned())
                .await?;
        }
        drop_tables(m, &["host_standing"]).await
    }
}
