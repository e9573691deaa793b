//! Which events were published, and when they changed or went off the map; and whole numbers for programs that know no
//! other ids.

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
                .table("publication")
                // No foreign key: that an event is gone is just what is to be told.
                .col(uuid("event_id").primary_key())
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone_null("listed_at"))
                .col(timestamp_with_time_zone_null("removed_at"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("publication", &["changed_at", "event_id"]))
            .await?;
        m.create_index(index("publication", &["removed_at", "event_id"]))
            .await?;
        let listed = Query::select()
            .columns(["id", "changed_at", "changed_at"])
            .from("event")
            .and_where(Expr::col("status").eq("APPROVED"))
            .and_where(Expr::col("visibility").eq("PUBLIC"))
            .to_owned();
        let unlisted = Query::select()
            .columns(["id", "changed_at"])
            .from("event")
            .and_where(Expr::col("status").eq("APPROVED"))
            .and_where(Expr::col("visibility").ne("PUBLIC"))
            .to_owned();
        fill(m, &["event_id", "changed_at", "listed_at"], listed).await?;
        fill(m, &["event_id", "changed_at"], unlisted).await?;
        m.create_table(
            Table::create()
                .table("number")
                .col(big_integer("value").primary_key().auto_increment())
                .col(uuid("id"))
                .to_owned(),
        )
        .await?;
        m.create_index(unique("number", &["id"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["number", "publication"]).await
    }
}

/// Takes the events that are published by now.
async fn fill(m: &SchemaManager<'_>, columns: &[&'static str], from: SelectStatement) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert
        .into_table("publication")
        .columns(columns.iter().copied())
        .select_from(from)
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    m.exec_stmt(insert).await
}
