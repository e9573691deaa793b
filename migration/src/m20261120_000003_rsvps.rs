//! RSVPs and mailed links.

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
                .table("rsvp")
                .col(uuid("id").primary_key())
                .col(uuid("timeslot_id"))
                .col(uuid("event_id"))
                .col(uuid("person_id"))
                .col(string_len("status", 32))
                .col(integer("party_size"))
                .col(integer("seats"))
                .col(blob("name"))
                .col(timestamp_with_time_zone_null("waitlisted_at"))
                .col(text_null("referrer"))
                .col(timestamp_with_time_zone_null("confirmed_at"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("rsvp", "timeslot_id")
                        .to("timeslot", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("rsvp", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("rsvp", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .check(
                    Expr::col("party_size").gte(1).and(
                        Expr::col("seats")
                            .is_in([0])
                            .or(Expr::col("seats").eq(Expr::col("party_size"))),
                    ),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(unique("rsvp", &["timeslot_id", "person_id"]))
            .await?;
        m.create_index(index("rsvp", &["person_id"])).await?;
        m.create_index(index("rsvp", &["event_id", "status"])).await?;
        m.create_index(
            index("rsvp", &["timeslot_id", "waitlisted_at"])
                .and_where(Expr::col("waitlisted_at").is_not_null())
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("link")
                .col(blob("token_hash").primary_key())
                .col(string_len("purpose", 32))
                .col(uuid_null("rsvp_id"))
                .col(string_len_null("index_key", 16))
                .col(blob_null("value_index"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("link", "rsvp_id")
                        .to("rsvp", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("link", &["rsvp_id"])).await?;
        m.create_index(index("link", &["expires_at"])).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["link", "rsvp"]).await
    }
}
