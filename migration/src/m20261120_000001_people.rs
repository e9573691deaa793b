//! People, their sign-in, staff roles and what is never sent to.

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
                .table("person")
                .col(uuid("id").primary_key())
                .col(blob_null("name"))
                .col(string_len("language", 16))
                .col(big_integer_null("cell"))
                .col(integer("shuffle"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("person", &["cell", "shuffle"])).await?;
        m.create_table(
            Table::create()
                .table("contact_point")
                .col(uuid("id").primary_key())
                .col(uuid("person_id"))
                .col(string_len("channel", 32))
                .col(blob("value"))
                .col(string_len("index_key", 16))
                .col(blob("value_index"))
                .col(timestamp_with_time_zone_null("verified_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("contact_point", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("contact_point", &["person_id"])).await?;
        m.create_index(unique("contact_point", &["channel", "index_key", "value_index"]))
            .await?;
        m.create_table(
            Table::create()
                .table("session")
                .col(uuid("id").primary_key())
                .col(uuid("person_id"))
                .col(timestamp_with_time_zone("last_used_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("session", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("session", &["person_id"])).await?;
        m.create_table(
            Table::create()
                .table("refresh_token")
                .col(blob("token_hash").primary_key())
                .col(uuid("session_id"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("replaced_at"))
                .col(blob_null("successor"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("refresh_token", "session_id")
                        .to("session", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("refresh_token", &["session_id"])).await?;
        m.create_table(
            Table::create()
                .table("sign_in_code")
                .col(uuid("id").primary_key())
                .col(string_len("channel", 32))
                .col(blob("value"))
                .col(string_len("index_key", 16))
                .col(blob("value_index"))
                .col(blob_null("code_hash"))
                .col(integer("tries"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("sign_in_code", &["value_index", "created_at"]))
            .await?;
        m.create_table(
            Table::create()
                .table("signing_key")
                .col(string_len("id", 32).primary_key())
                .col(blob("seed"))
                .col(timestamp_with_time_zone("active_at"))
                .col(timestamp_with_time_zone_null("retired_at"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("staff_role")
                .col(uuid("id").primary_key())
                .col(uuid("person_id"))
                .col(string_len("role", 32))
                .col(uuid_null("granted_by"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("staff_role", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        let active = Expr::col("revoked_at").is_null();
        m.create_index(
            unique("staff_role", &["person_id", "role"])
                .and_where(active)
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("audit")
                .col(uuid("id").primary_key())
                .col(timestamp_with_time_zone("at"))
                .col(uuid_null("actor_id"))
                .col(string_len("kind", 64))
                .col(text_null("reason"))
                .col(text("subjects"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("audit", &["at"])).await?;
        m.create_table(
            Table::create()
                .table("suppression")
                .col(uuid("id").primary_key())
                .col(string_len("channel", 32))
                .col(string_len("index_key", 16))
                .col(blob("value_index"))
                .col(string_len("reason", 64))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(unique("suppression", &["channel", "index_key", "value_index"]))
            .await?;
        m.create_table(
            Table::create()
                .table("postal_code")
                .col(string_len("country", 2))
                .col(string_len("code", 16))
                .col(double("latitude"))
                .col(double("longitude"))
                .primary_key(Index::create().col("country").col("code"))
                .to_owned(),
        )
        .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            m,
            &[
                "postal_code",
                "suppression",
                "audit",
                "staff_role",
                "signing_key",
                "sign_in_code",
                "refresh_token",
                "session",
                "contact_point",
                "person",
            ],
        )
        .await
    }
}
