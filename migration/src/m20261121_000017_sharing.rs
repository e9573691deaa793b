//! By whose link somebody came.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{index, unique};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            string_len_null("share_code", 32).to_owned(),
            uuid_null("shared_by").to_owned(),
        ] {
            m.alter_table(Table::alter().table("rsvp").add_column(column).to_owned())
                .await?;
        }
        // Partial, because most RSVPs have neither, and inserting them must stay cheap.
        let code = unique("rsvp", &["share_code"])
            .and_where(Expr::col("share_code").is_not_null())
            .to_owned();
        let by = index("rsvp", &["shared_by"])
            .and_where(Expr::col("shared_by").is_not_null())
            .to_owned();
        m.create_index(code).await?;
        m.create_index(by).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (index, column) in [("rsvp_shared_by", "shared_by"), ("rsvp_share_code", "share_code")] {
            m.drop_index(Index::drop().name(index).table("rsvp").to_owned())
                .await?;
            m.alter_table(Table::alter().table("rsvp").drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
