//! How long people worked in roles.

use sea_orm_migration::{prelude::*, schema::*};

use crate::drop_tables;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut assignment = ForeignKey::create();
        assignment
            .from("role_hours", "assignment_id")
            .to("role_assignment", "id")
            .on_delete(ForeignKeyAction::Cascade);
        m.create_table(
            Table::create()
                .table("role_hours")
                .col(uuid("assignment_id").primary_key())
                .col(integer_null("proposed_minutes"))
                .col(integer_null("confirmed_minutes"))
                .col(timestamp_with_time_zone("changed_at"))
                .foreign_key(&mut assignment)
                .check(Expr::col("proposed_minutes").gte(0))
                .check(Expr::col("confirmed_minutes").gte(0))
                .to_owned(),
        )
        .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(m, &["role_hours"]).await
    }
}
