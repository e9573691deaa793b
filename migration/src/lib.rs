//! Schema changes, one file per change, each with `up` and `down`, for SQLite and PostgreSQL alike.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m20261120_000001_people;
mod m20261120_000002_events;
mod m20261120_000003_rsvps;
mod m20261120_000004_outbox;
mod m20261121_000005_idempotency_keys;
mod m20261121_000006_self;
mod m20261121_000007_series;
mod m20261121_000008_calendar_links;
mod m20261121_000009_joining;
mod m20261121_000010_occasions;
mod m20261121_000011_notices;
mod m20261121_000012_changes;
mod m20261121_000013_webhooks;
mod m20261121_000014_hosts;
mod m20261121_000015_host_links;
mod m20261121_000016_invitations;
mod m20261121_000017_sharing;
mod m20261121_000018_campaigns;
mod m20261121_000019_review;
mod m20261121_000020_offers;
mod m20261121_000021_confirmed_party;
mod m20261121_000022_texts;
mod m20261121_000024_exports;
mod m20261121_000025_who_said_how;
mod m20261121_000034_announcements;

/// Every change, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_people::Migration),
            Box::new(m20261120_000002_events::Migration),
            Box::new(m20261120_000003_rsvps::Migration),
            Box::new(m20261120_000004_outbox::Migration),
            Box::new(m20261121_000005_idempotency_keys::Migration),
            Box::new(m20261121_000006_self::Migration),
            Box::new(m20261121_000007_series::Migration),
            Box::new(m20261121_000008_calendar_links::Migration),
            Box::new(m20261121_000009_joining::Migration),
            Box::new(m20261121_000010_occasions::Migration),
            Box::new(m20261121_000011_notices::Migration),
            Box::new(m20261121_000018_campaigns::Migration),
            Box::new(m20261121_000012_changes::Migration),
            Box::new(m20261121_000013_webhooks::Migration),
            Box::new(m20261121_000014_hosts::Migration),
            Box::new(m20261121_000015_host_links::Migration),
            Box::new(m20261121_000016_invitations::Migration),
            Box::new(m20261121_000017_sharing::Migration),
            Box::new(m20261121_000020_offers::Migration),
            Box::new(m20261121_000021_confirmed_party::Migration),
            Box::new(m20261121_000022_texts::Migration),
            Box::new(m20261121_000024_exports::Migration),
            Box::new(m20261121_000025_who_said_how::Migration),
            Box::new(m20261121_000034_announcements::Migration),
            Box::new(m20261121_000019_review::Migration),
        ]
    }
}

/// An index over `columns`, named after them.
fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

/// Like [`index`], refusing equal rows.
fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

async fn drop_tables(m: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        m.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}
