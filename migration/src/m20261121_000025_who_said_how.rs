//! Who said how the hosts of an event are reached, so that it goes with them; and when the reading by a host link was
//! recorded last.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let by = Table::alter()
            .table("event")
            .add_column(uuid_null("contact_by"))
            .to_owned();
        m.alter_table(by).await?;
        m.create_index(super::index("event", &["contact_by"])).await?;
        let read = Table::alter()
            .table("host_link")
            .add_column(timestamp_with_time_zone_null("read_at"))
            .to_owned();
        m.alter_table(read).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let read = Table::alter()
            .table("host_link")
            .drop_column("read_at")
            .to_owned();
        m.alter_table(read).await?;
        let index = Index::drop().name("event_contact_by").table("event").to_owned();
        m.drop_index(index).await?;
        let by = Table::alter().table("event").drop_column("contact_by").to_owned();
        m.alter_table(by).await
    }
}
