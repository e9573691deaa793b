//! Roles at events, who holds them, what campaigns suggest, and the skills of people.

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
        for (table, column) in [
            ("link", uuid_null("role_assignment_id").to_owned()),
            ("person", boolean("shows_skills").default(false).to_owned()),
        ] {
            let change = Table::alter().table(table).add_column(column).to_owned();
            m.alter_table(change).await?;
        }
        m.create_index(index("link", &["role_assignment_id"])).await?;
        m.create_table(
            Table::create()
                .table("event_role")
                .col(uuid("id").primary_key())
                .col(uuid("event_id"))
                .col(uuid_null("timeslot_id"))
                .col(string_len("kind", 32))
                .col(string_len_null("template", 64))
                .col(string("title"))
                .col(text("brief"))
                .col(text("skills"))
                .col(integer("min_people"))
                .col(integer("max_people"))
                .col(timestamp_with_time_zone_null("starts_at"))
                .col(timestamp_with_time_zone_null("ends_at"))
                .col(boolean("own_times"))
                .col(timestamp_with_time_zone_null("due_at"))
                .col(integer_null("due_hours"))
                .col(boolean("is_open"))
                .col(boolean("open_to_all"))
                .col(blob_null("notes"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut key("event_role", "event_id", "event"))
                .foreign_key(&mut key("event_role", "timeslot_id", "timeslot"))
                .to_owned(),
        )
        .await?;
        for columns in [
            ["event_id"].as_slice(),
            &["timeslot_id"],
            &["due_at"],
            &["starts_at"],
        ] {
            m.create_index(index("event_role", columns)).await?;
        }
        m.create_table(
            Table::create()
                .table("role_assignment")
                .col(uuid("id").primary_key())
                .col(uuid("role_id"))
                .col(uuid("event_id"))
                .col(uuid("person_id"))
                .col(string_len("status", 32))
                .col(timestamp_with_time_zone_null("expires_at"))
                .col(blob_null("reason"))
                .col(blob_null("overlap_reason"))
                .col(uuid_null("replaces"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut key("role_assignment", "role_id", "event_role"))
                .foreign_key(&mut key("role_assignment", "event_id", "event"))
                .foreign_key(&mut key("role_assignment", "person_id", "person"))
                .to_owned(),
        )
        .await?;
        m.create_index(unique("role_assignment", &["role_id", "person_id"]))
            .await?;
        for columns in [
            ["event_id", "person_id"].as_slice(),
            &["person_id", "status"],
            &["status", "changed_at"],
        ] {
            m.create_index(index("role_assignment", columns)).await?;
        }
        m.create_table(
            Table::create()
                .table("campaign_roles")
                .col(uuid("campaign_id").primary_key())
                .col(text("templates"))
                .col(boolean("replaces"))
                .col(integer("version"))
                .col(timestamp_with_time_zone("changed_at"))
                .foreign_key(&mut key("campaign_roles", "campaign_id", "campaign"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table("person_skill")
                .col(uuid("person_id"))
                .col(string_len("skill", 64))
                .primary_key(Index::create().col("person_id").col("skill"))
                .foreign_key(&mut key("person_skill", "person_id", "person"))
                .to_owned(),
        )
        .await?;
        m.create_index(index("person_skill", &["skill"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            m,
            &["person_skill", "campaign_roles", "role_assignment", "event_role"],
        )
        .await?;
        let index = Index::drop()
            .name("link_role_assignment_id")
            .table("link")
            .to_owned();
        m.drop_index(index).await?;
        for (table, column) in [("person", "shows_skills"), ("link", "role_assignment_id")] {
            let change = Table::alter().table(table).drop_column(column).to_owned();
            m.alter_table(change).await?;
        }
        Ok(())
    }
}

fn key(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
