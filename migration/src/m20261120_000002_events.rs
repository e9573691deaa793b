//! Events, hosts and timeslots.

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
                .table("event")
                .col(uuid("id").primary_key())
                .col(string_len("status", 32))
                .col(text("title"))
                .col(text_null("summary"))
                .col(text("description"))
                .col(string_len("event_type", 32))
                .col(text("tags"))
                .col(text_null("image_url"))
                .col(string_len_null("accessibility_status", 32))
                .col(text_null("accessibility_notes"))
                .col(text("accessibility_features"))
                .col(string_len("visibility", 32))
                .col(string_len("address_visibility", 32))
                .col(string_len("timezone", 64))
                .col(boolean("is_virtual"))
                .col(text_null("venue"))
                .col(text("address_lines"))
                .col(text_null("locality"))
                .col(text_null("region"))
                .col(string_len_null("postal_code", 16))
                .col(string_len_null("country", 2))
                .col(double_null("latitude"))
                .col(double_null("longitude"))
                .col(string_len_null("place_precision", 32))
                .col(blob("private"))
                .col(timestamp_with_time_zone_null("submitted_at"))
                .col(timestamp_with_time_zone_null("reviewed_at"))
                .col(uuid_null("reviewed_by"))
                .col(text_null("rejection_reason"))
                .col(timestamp_with_time_zone_null("cancelled_at"))
                .col(text_null("cancellation_note"))
                .col(string_len_null("origin_system", 32))
                .col(string_len_null("origin_id", 64))
                .col(blob_null("origin_hash"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("event", &["changed_at"])).await?;
        m.create_index(index("event", &["status", "submitted_at"]))
            .await?;
        m.create_index(unique("event", &["origin_system", "origin_id"]))
            .await?;
        m.create_table(
            Table::create()
                .table("event_host")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(string_len("kind", 32))
                .col(uuid_null("person_id"))
                .col(text("public_name"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("event_host", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("event_host", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("event_host", &["event_id"])).await?;
        m.create_index(index("event_host", &["person_id"])).await?;
        m.create_index(unique("event_host", &["event_id", "person_id"]))
            .await?;
        m.create_table(
            Table::create()
                .table("timeslot")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(timestamp_with_time_zone("starts_at"))
                .col(timestamp_with_time_zone("ends_at"))
                .col(integer_null("capacity"))
                .col(integer("taken"))
                .col(integer("held"))
                .col(timestamp_with_time_zone_null("cancelled_at"))
                .col(string_len_null("origin_id", 64))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("timeslot", "event_id")
                        .to("event", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                // The net under the conditional UPDATE of `domain::rsvp`: seats can never be oversold.
                .check(
                    Expr::col("taken")
                        .gte(0)
                        .and(Expr::col("held").gte(0))
                        .and(Expr::col("held").lte(Expr::col("taken"))),
                )
                .check(
                    Expr::col("capacity")
                        .is_null()
                        .or(Expr::col("taken").lte(Expr::col("capacity"))),
                )
                .check(Expr::col("ends_at").gt(Expr::col("starts_at")))
                .to_owned(),
        )
        .await?;
        m.create_index(index("timeslot", &["event_id", "starts_at"]))
            .await?;
        m.create_index(index("timeslot", &["changed_at"])).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["timeslot", "event_host", "event"]).await
    }
}
