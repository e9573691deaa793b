//! Host links, and how a host is reached.

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
        let change = Table::alter()
            .table("event_change")
            .add_column(uuid_null("host_link_id"))
            .to_owned();
        m.alter_table(change).await?;
        m.create_table(
            Table::create()
                .table("host_link")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(blob("token_hash"))
                .col(blob("label"))
                .col(boolean("may_change"))
                .col(boolean("may_see_rsvps"))
                .col(uuid_null("created_by"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .col(timestamp_with_time_zone_null("last_used_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("host_link", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("host_link", "created_by")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::SetNull),
                )
                .to_owned(),
        )
        .await?;
        for column in [
            blob_null("contact").to_owned(),
            string_len("contact_visibility", 32).default("RELAYED").to_owned(),
        ] {
            m.alter_table(Table::alter().table("event").add_column(column).to_owned())
                .await?;
        }
        m.create_table(
            Table::create()
                .table("host_message")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(uuid("person_id"))
                .col(uuid_null("answers"))
                .col(blob("body"))
                .col(boolean("shares_address"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("host_message", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("host_message", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        for column in ["event_id", "person_id", "created_at"] {
            m.create_index(index("host_message", &[column])).await?;
        }
        m.create_index(unique("host_link", &["token_hash"])).await?;
        for column in ["event_id", "created_by", "expires_at"] {
            m.create_index(index("host_link", &[column])).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["host_message", "host_link"]).await?;
        for column in ["contact_visibility", "contact"] {
            m.alter_table(Table::alter().table("event").drop_column(column).to_owned())
                .await?;
        }
        let change = Table::alter()
            .table("event_change")
            .drop_column("host_link_id")
            .to_owned();
        m.alter_table(change).await
    }
}
