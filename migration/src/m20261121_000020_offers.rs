//! Seats that are offered to those who wait, the rule by which these are asked, and an index that is their line.

use sea_orm_migration::{prelude::*, schema::*};

use crate::index;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let rule = string_len("waitlist_rule", 32).default("SKIP").to_owned();
        let first = boolean("waitlist_first").default(false).to_owned();
        for (table, column) in [
            ("event", rule),
            ("event", integer_null("waitlist_offer_hours")),
            ("timeslot", first),
            ("rsvp", timestamp_with_time_zone_null("offer_expires_at")),
        ] {
            m.alter_table(Table::alter().table(table).add_column(column).to_owned())
                .await?;
        }
        // All that the line is asked for is in its index: who is next, for how many, and who stands before whom.
        m.drop_index(
            Index::drop()
                .table("rsvp")
                .name("rsvp_timeslot_id_waitlisted_at")
                .to_owned(),
        )
        .await?;
        m.create_index(
            index("rsvp", &["timeslot_id", "waitlisted_at", "id", "party_size"])
                .and_where(Expr::col("waitlisted_at").is_not_null())
                .to_owned(),
        )
        .await?;
        m.create_index(
            index("rsvp", &["timeslot_id", "offer_expires_at"])
                .and_where(Expr::col("offer_expires_at").is_not_null())
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "rsvp_timeslot_id_offer_expires_at",
            "rsvp_timeslot_id_waitlisted_at_id_party_size",
        ] {
            m.drop_index(Index::drop().table("rsvp").name(name).to_owned())
                .await?;
        }
        m.create_index(
            index("rsvp", &["timeslot_id", "waitlisted_at"])
                .and_where(Expr::col("waitlisted_at").is_not_null())
                .to_owned(),
        )
        .await?;
        for (table, column) in [
            ("rsvp", "offer_expires_at"),
            ("timeslot", "waitlist_first"),
            ("event", "waitlist_offer_hours"),
            ("event", "waitlist_rule"),
        ] {
            m.alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
