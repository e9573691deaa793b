//! One's own data: pronouns and languages, consents, what sessions are shown as, and what a one-time code is for.

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
            ("person", blob_null("pronouns").to_owned()),
            ("person", text("languages").default("[]").to_owned()),
            ("session", string_len_null("device", 32).to_owned()),
            // A version of the program that knows no other purpose asks for codes to sign in.
            (
                "sign_in_code",
                string_len("purpose", 32).default("SIGN_IN").to_owned(),
            ),
            ("sign_in_code", uuid_null("person_id").to_owned()),
        ] {
            let change = Table::alter().table(table).add_column(column).to_owned();
            m.alter_table(change).await?;
        }
        m.create_table(
            Table::create()
                .table("consent")
                .col(uuid("id").primary_key())
                .col(uuid("person_id"))
                .col(string_len("channel", 32))
                .col(string_len("purpose", 32))
                .col(boolean("granted"))
                .col(string_len("text_version", 64))
                .col(string_len("source", 32))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("consent", "person_id")
                        .to("person", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(index("consent", &["person_id", "channel", "purpose"]))
            .await?;
        m.create_index(index("message", &["person_id"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_index(
            Index::drop()
                .name("message_person_id")
                .table("message")
                .to_owned(),
        )
        .await?;
        drop_tables(m, &["consent"]).await?;
        for (table, column) in [
            ("sign_in_code", "person_id"),
            ("sign_in_code", "purpose"),
            ("session", "device"),
            ("person", "languages"),
            ("person", "pronouns"),
        ] {
            let change = Table::alter().table(table).drop_column(column).to_owned();
            m.alter_table(change).await?;
        }
        Ok(())
    }
}
