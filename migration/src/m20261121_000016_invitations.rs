//! Invitations to events, by link and by mail; what a host approved; who may read the place of an event, and when; who may
//! know who comes.

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
        for (table, column) in [
            ("event", integer_null("address_hours").to_owned()),
            (
                "event",
                string_len("attendee_visibility", 32).default("HOSTS").to_owned(),
            ),
            ("rsvp", timestamp_with_time_zone_null("approved_at").to_owned()),
            ("rsvp", boolean("listed").default(false).to_owned()),
        ] {
            let change = Table::alter().table(table).add_column(column).to_owned();
            m.alter_table(change).await?;
        }
        m.create_table(
            Table::create()
                .table("invitation_link")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(uuid_null("made_by"))
                .col(blob_null("label"))
                .col(blob("token_hash"))
                .col(timestamp_with_time_zone_null("expires_at"))
                .col(integer_null("most_uses"))
                .col(integer("uses"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut key(
                    "invitation_link",
                    "event_id",
                    "event",
                    ForeignKeyAction::Cascade,
                ))
                .foreign_key(&mut key(
                    "invitation_link",
                    "made_by",
                    "person",
                    ForeignKeyAction::SetNull,
                ))
                .to_owned(),
        )
        .await?;
        m.create_index(unique("invitation_link", &["token_hash"])).await?;
        m.create_index(index("invitation_link", &["event_id"])).await?;
        m.create_index(index("invitation_link", &["made_by"])).await?;
        m.create_table(
            Table::create()
                .table("invitation")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(uuid_null("person_id"))
                .col(uuid_null("link_id"))
                .col(blob_null("contact"))
                .col(string_len_null("index_key", 16))
                .col(blob_null("value_index"))
                .col(blob_null("note"))
                .col(blob_null("token_hash"))
                .col(string_len("status", 32))
                .col(uuid_null("invited_by"))
                .col(integer("mails"))
                .col(timestamp_with_time_zone_null("expires_at"))
                .col(timestamp_with_time_zone_null("answered_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut key(
                    "invitation",
                    "event_id",
                    "event",
                    ForeignKeyAction::Cascade,
                ))
                .foreign_key(&mut key(
                    "invitation",
                    "person_id",
                    "person",
                    ForeignKeyAction::Cascade,
                ))
                .foreign_key(&mut key(
                    "invitation",
                    "link_id",
                    "invitation_link",
                    ForeignKeyAction::SetNull,
                ))
                .foreign_key(&mut key(
                    "invitation",
                    "invited_by",
                    "person",
                    ForeignKeyAction::SetNull,
                ))
                .to_owned(),
        )
        .await?;
        m.create_index(unique("invitation", &["token_hash"])).await?;
        m.create_index(unique("invitation", &["event_id", "person_id"]))
            .await?;
        m.create_index(unique("invitation", &["event_id", "index_key", "value_index"]))
            .await?;
        m.create_index(index("invitation", &["person_id"])).await?;
        m.create_index(index("invitation", &["value_index"])).await?;
        m.create_index(index("invitation", &["invited_by", "created_at"]))
            .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["invitation", "invitation_link"]).await?;
        for (table, column) in [
            ("rsvp", "listed"),
            ("rsvp", "approved_at"),
            ("event", "attendee_visibility"),
            ("event", "address_hours"),
        ] {
            m.alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn key(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(to, "id")
        .on_delete(on_delete)
        .to_owned()
}
