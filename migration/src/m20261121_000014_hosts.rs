//! Several hosts of an event: invitations, which of them is the first, and the history of changes.

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
        for (table, column) in [
            ("event_host", boolean("leads").default(false).to_owned()),
            ("link", uuid_null("host_invitation_id").to_owned()),
        ] {
            let change = Table::alter().table(table).add_column(column).to_owned();
            m.alter_table(change).await?;
        }
        m.create_index(index("link", &["host_invitation_id"])).await?;
        m.create_table(
            Table::create()
                .table("host_invitation")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(uuid_null("invited_by"))
                .col(uuid_null("person_id"))
                .col(blob("details"))
                .col(string_len_null("index_key", 16))
                .col(blob_null("value_index"))
                .col(string_len("status", 32))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("closed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut of_event("host_invitation"))
                .foreign_key(&mut of_person(
                    "host_invitation",
                    "invited_by",
                    ForeignKeyAction::SetNull,
                ))
                .foreign_key(&mut of_person(
                    "host_invitation",
                    "person_id",
                    ForeignKeyAction::Cascade,
                ))
                .to_owned(),
        )
        .await?;
        for columns in [
            ["event_id"].as_slice(),
            &["invited_by"],
            &["person_id"],
            &["value_index"],
            &["expires_at"],
        ] {
            m.create_index(index("host_invitation", columns)).await?;
        }
        m.create_table(
            Table::create()
                .table("event_change")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(timestamp_with_time_zone("at"))
                .col(string_len("kind", 32))
                .col(string_len("source", 32))
                .col(string_len("role", 32))
                .col(uuid_null("person_id"))
                .col(string_len_null("device", 32))
                .col(text("fields"))
                .foreign_key(&mut of_event("event_change"))
                .foreign_key(&mut of_person(
                    "event_change",
                    "person_id",
                    ForeignKeyAction::SetNull,
                ))
                .to_owned(),
        )
        .await?;
        for columns in [["event_id", "id"].as_slice(), &["person_id"], &["at"]] {
            m.create_index(index("event_change", columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["event_change", "host_invitation"]).await?;
        let index = Index::drop()
            .name("link_host_invitation_id")
            .table("link")
            .to_owned();
        m.drop_index(index).await?;
        for (table, column) in [("link", "host_invitation_id"), ("event_host", "leads")] {
            let change = Table::alter().table(table).drop_column(column).to_owned();
            m.alter_table(change).await?;
        }
        Ok(())
    }
}

fn of_event(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "event_id")
        .to("event", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn of_person(table: &'static str, column: &'static str, gone: ForeignKeyAction) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to("person", "id")
        .on_delete(gone)
        .to_owned()
}
