//! For how many a mailed link confirms: as many as its mail said.

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
        let party = Table::alter()
            .table("link")
            .add_column(integer_null("party_size"))
            .to_owned();
        m.alter_table(party).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let party = Table::alter().table("link").drop_column("party_size").to_owned();
        m.alter_table(party).await
    }
}
