//! Campaigns: what events may belong to, their guidelines in every version, and who accepted which.

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
                .table("campaign")
                .col(uuid("id").primary_key())
                .col(text("name"))
                .col(text("description"))
                .col(text("guidelines"))
                .col(integer("guidelines_version"))
                .col(timestamp_with_time_zone_null("archived_at"))
                .col(string_len_null("origin_system", 32))
                .col(string_len_null("origin_id", 64))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(unique("campaign", &["origin_system", "origin_id"]))
            .await?;
        m.create_table(
            Table::create()
                .table("campaign_guidelines")
                .col(uuid("id").primary_key())
                .col(uuid("campaign_id"))
                .col(integer("version"))
                .col(text("text"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("campaign_guidelines", "campaign_id")
                        .to("campaign", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(unique("campaign_guidelines", &["campaign_id", "version"]))
            .await?;
        m.create_table(
            Table::create()
                .table("guidelines_acceptance")
                .col(uuid("id").primary_key())
                .col(uuid("campaign_id"))
                .col(uuid("person_id"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("guidelines_acceptance", "campaign_id")
                        .to("campaign", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("guidelines_acceptance", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        let accepted = unique("guidelines_acceptance", &["person_id", "campaign_id", "version"]);
        m.create_index(accepted).await?;
        m.create_index(index("guidelines_acceptance", &["campaign_id"]))
            .await?;
        // No foreign key: SQLite cannot add one to a table that is there. Campaigns are archived, never deleted.
        let campaign = Table::alter()
            .table("event")
            .add_column(uuid_null("campaign_id"))
            .to_owned();
        m.alter_table(campaign).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let campaign = Table::alter()
            .table("event")
            .drop_column("campaign_id")
            .to_owned();
        m.alter_table(campaign).await?;
        drop_tables(m, &["guidelines_acceptance", "campaign_guidelines", "campaign"]).await
    }
}
