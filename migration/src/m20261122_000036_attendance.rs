//! Who was there, as facts and what follows from them; the key that signs what is shown at the door; links for the door.

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
        m.create_table(attendance()).await?;
        m.create_index(unique("attendance", &["timeslot_id", "person_id"]))
            .await?;
        for column in ["event_id", "person_id", "rsvp_id"] {
            m.create_index(index("attendance", &[column])).await?;
        }
        m.create_table(attendance_fact()).await?;
        m.create_index(unique("attendance_fact", &["event_id", "client_id", "nonce"]))
            .await?;
        for columns in [
            ["attendance_id"].as_slice(),
            &["event_id", "undoes_nonce"],
            &["by_person"],
        ] {
            m.create_index(index("attendance_fact", columns)).await?;
        }
        m.create_table(
            Table::create()
                .table("event_key")
                .col(uuid("event_id").primary_key())
                .col(blob("seed"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut cascade("event_key", "event_id", "event"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("check_in_code")
                .col(uuid("rsvp_id"))
                .col(integer("issue"))
                .col(blob("hash"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("rsvp_id").col("issue"))
                .foreign_key(&mut cascade("check_in_code", "rsvp_id", "rsvp"))
                .to_owned(),
        )
        .await?;
        m.create_index(unique("check_in_code", &["hash"])).await?;
        let right = Table::alter()
            .table("host_link")
            .add_column(boolean("may_check_in").default(false))
            .to_owned();
        m.alter_table(right).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let right = Table::alter()
            .table("host_link")
            .drop_column("may_check_in")
            .to_owned();
        m.alter_table(right).await?;
        let tables = ["check_in_code", "event_key", "attendance_fact", "attendance"];
        drop_tables(m, &tables).await
    }
}

fn attendance() -> TableCreateStatement {
    Table::create()
        .table("attendance")
        .col(uuid("id").primary_key())
        .col(uuid("event_id"))
        .col(uuid("timeslot_id"))
        .col(uuid_null("person_id"))
        .col(uuid_null("rsvp_id"))
        .col(blob_null("name"))
        .col(boolean_null("came"))
        .col(integer("party_size"))
        .col(timestamp_with_time_zone_null("first_in_at"))
        .col(timestamp_with_time_zone_null("out_at"))
        .col(string_len_null("source", 32))
        .col(boolean_null("was_expected"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("changed_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut cascade("attendance", "event_id", "event"))
        .foreign_key(&mut cascade("attendance", "timeslot_id", "timeslot"))
        .foreign_key(&mut or_null("attendance", "person_id", "person"))
        .foreign_key(&mut or_null("attendance", "rsvp_id", "rsvp"))
        .check(Expr::col("party_size").gte(1))
        .to_owned()
}

fn attendance_fact() -> TableCreateStatement {
    Table::create()
        .table("attendance_fact")
        .col(uuid("id").primary_key())
        .col(uuid_null("attendance_id"))
        .col(uuid("event_id"))
        .col(uuid_null("timeslot_id"))
        .col(string_len("kind", 32))
        .col(timestamp_with_time_zone("at"))
        .col(timestamp_with_time_zone("received_at"))
        .col(string_len("source", 32))
        .col(string_len("client_id", 64))
        .col(string_len("nonce", 64))
        .col(string_len_null("undoes_client", 64))
        .col(string_len_null("undoes_nonce", 64))
        .col(integer_null("party_size"))
        .col(string_len_null("remark", 32))
        .col(uuid_null("by_person"))
        .col(uuid_null("by_link"))
        .col(uuid_null("sheet_row_id"))
        .foreign_key(&mut cascade("attendance_fact", "attendance_id", "attendance"))
        .foreign_key(&mut cascade("attendance_fact", "event_id", "event"))
        .foreign_key(&mut cascade("attendance_fact", "timeslot_id", "timeslot"))
        .foreign_key(&mut or_null("attendance_fact", "by_person", "person"))
        .foreign_key(&mut or_null("attendance_fact", "by_link", "host_link"))
        .to_owned()
}

fn cascade(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    key(table, column, to)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn or_null(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    key(table, column, to)
        .on_delete(ForeignKeyAction::SetNull)
        .to_owned()
}

fn key(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to(to, "id").to_owned()
}
