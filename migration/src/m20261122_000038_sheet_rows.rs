//! From paper to rows: sheets as they were printed, who reads which page, what stands in its rows, and what was applied.

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
        m.create_table(print()).await?;
        m.create_index(unique("sheet_print", &["event_id", "version"]))
            .await?;
        m.create_index(unique("sheet_print", &["token_hash"])).await?;
        m.create_index(index("sheet_print", &["person_id", "created_at"]))
            .await?;
        m.create_table(work()).await?;
        for columns in [
            ["sheet_id"].as_slice(),
            &["event_id", "created_at"],
            &["created_at", "page_id"],
            &["holder"],
            &["print_id"],
        ] {
            m.create_index(index("sheet_work", columns)).await?;
        }
        m.create_table(row()).await?;
        m.create_index(unique("sheet_row", &["page_id", "number"]))
            .await?;
        for column in ["sheet_id", "event_id", "rsvp_id", "person_id"] {
            m.create_index(index("sheet_row", &[column])).await?;
        }
        m.create_table(reading()).await?;
        m.create_index(unique("sheet_reading", &["row_id", "reader", "source"]))
            .await?;
        m.create_index(index("sheet_reading", &["reader"])).await?;
        m.create_table(application()).await?;
        m.create_index(index("sheet_application", &["sheet_id"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "sheet_application",
            "sheet_reading",
            "sheet_row",
            "sheet_work",
            "sheet_print",
        ];
        drop_tables(m, &tables).await
    }
}

fn print() -> TableCreateStatement {
    Table::create()
        .table("sheet_print")
        .col(uuid("id").primary_key())
        .col(uuid("event_id"))
        .col(uuid("timeslot_id"))
        .col(uuid_null("person_id"))
        .col(uuid("session_id"))
        .col(integer("version"))
        .col(string_len("paper", 32))
        .col(string_len("language", 16))
        .col(text("pages"))
        .col(integer("names"))
        .col(blob("token_hash"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut cascade("sheet_print", "event_id", "event"))
        .foreign_key(&mut cascade("sheet_print", "timeslot_id", "timeslot"))
        .foreign_key(&mut or_null("sheet_print", "person_id", "person"))
        .to_owned()
}

fn work() -> TableCreateStatement {
    Table::create()
        .table("sheet_work")
        .col(uuid("page_id").primary_key())
        .col(uuid("sheet_id"))
        .col(uuid("event_id"))
        .col(string_len("reading", 32))
        .col(uuid_null("print_id"))
        .col(integer_null("print_page"))
        .col(integer("wanted"))
        .col(integer("finished"))
        .col(uuid_null("first_reader"))
        .col(uuid_null("holder"))
        .col(timestamp_with_time_zone_null("held_until"))
        .col(integer("fence"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut cascade("sheet_work", "page_id", "sheet_page"))
        .foreign_key(&mut cascade("sheet_work", "sheet_id", "attendance_sheet"))
        .foreign_key(&mut cascade("sheet_work", "event_id", "event"))
        .foreign_key(&mut or_null("sheet_work", "print_id", "sheet_print"))
        .foreign_key(&mut or_null("sheet_work", "first_reader", "person"))
        .foreign_key(&mut or_null("sheet_work", "holder", "person"))
        .check(Expr::col("wanted").gte(1))
        .to_owned()
}

fn row() -> TableCreateStatement {
    Table::create()
        .table("sheet_row")
        .col(uuid("id").primary_key())
        .col(uuid("page_id"))
        .col(uuid("sheet_id"))
        .col(uuid("event_id"))
        .col(integer("number"))
        .col(uuid_null("rsvp_id"))
        .col(string_len_null("mark", 32))
        .col(integer_null("confidence"))
        .col(string_len("state", 32))
        .col(blob_null("words"))
        .col(string_len_null("decision", 32))
        .col(uuid_null("person_id"))
        .col(boolean("made"))
        .col(uuid_null("duplicate_of"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut cascade("sheet_row", "page_id", "sheet_page"))
        .foreign_key(&mut cascade("sheet_row", "sheet_id", "attendance_sheet"))
        .foreign_key(&mut cascade("sheet_row", "event_id", "event"))
        .foreign_key(&mut or_null("sheet_row", "rsvp_id", "rsvp"))
        .foreign_key(&mut or_null("sheet_row", "person_id", "person"))
        .foreign_key(&mut or_null("sheet_row", "duplicate_of", "sheet_row"))
        .foreign_key(&mut or_null("sheet_row", "decided_by", "person"))
        .to_owned()
}

fn reading() -> TableCreateStatement {
    Table::create()
        .table("sheet_reading")
        .col(uuid("id").primary_key())
        .col(uuid("row_id"))
        .col(uuid_null("reader"))
        .col(string_len("source", 32))
        .col(blob("words"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut cascade("sheet_reading", "row_id", "sheet_row"))
        .foreign_key(&mut or_null("sheet_reading", "reader", "person"))
        .to_owned()
}

fn application() -> TableCreateStatement {
    Table::create()
        .table("sheet_application")
        .col(uuid("id").primary_key())
        .col(uuid("sheet_id"))
        .col(uuid("event_id"))
        .col(integer("rows"))
        .col(uuid_null("applied_by"))
        .col(timestamp_with_time_zone("applied_at"))
        .col(uuid_null("reverted_by"))
        .col(timestamp_with_time_zone_null("reverted_at"))
        .foreign_key(&mut cascade("sheet_application", "sheet_id", "attendance_sheet"))
        .foreign_key(&mut cascade("sheet_application", "event_id", "event"))
        .foreign_key(&mut or_null("sheet_application", "applied_by", "person"))
        .foreign_key(&mut or_null("sheet_application", "reverted_by", "person"))
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
