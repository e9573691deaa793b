//! Campaigns: what organizers call for. Their events keep to guidelines, which hosts accept before they publish.

mod guidelines;
mod imported;

pub use guidelines::{accept, acceptances, guidelines};
pub(crate) use guidelines::{hand_over, require_accepted};
pub(crate) use imported::imported;

use std::collections::HashMap;

use entity::{StaffRole, campaign, campaign_guidelines};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter,
};
use uuid::Uuid;

use super::{
    Actor, audit,
    event::text,
    idempotency::{self, IdempotencyKey},
    page::{Page, PageArgs},
};
use crate::{
    app::{App, Tx},
    refusal::{Problems, Reason, Refusal},
};

/// What organizers write of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// One line, at most `limits.title` characters.
    pub name: String,
    /// Markdown, at most `limits.description` characters.
    pub description: String,
    /// Markdown, at most `limits.description` characters; empty when hosts need accept nothing.
    pub guidelines: String,
}

impl Content {
    fn of(row: &campaign::Model) -> Self {
        Self {
            name: row.name.clone(),
            description: row.description.clone(),
            guidelines: row.guidelines.clone(),
        }
    }

    /// As it is kept, or everything that breaks a rule.
    fn checked(self, app: &App) -> Result<Self, Refusal> {
        let limits = &app.config.limits;
        let content = Self {
            name: self.name.trim().to_owned(),
            guidelines: self.guidelines.trim().to_owned(),
            ..self
        };
        let mut problems = Problems::default();
        problems.check(!content.name.is_empty(), "input.name", "must not be empty");
        let one_line = !content.name.contains(['\n', '\r', '\t']);
        problems.check(one_line, "input.name", "must be one line");
        text(&mut problems, "input.name", Some(&content.name), limits.title);
        for (path, value) in [
            ("input.description", &content.description),
            ("input.guidelines", &content.guidelines),
        ] {
            text(&mut problems, path, Some(value), limits.description);
        }
        problems.finish()?;
        Ok(content)
    }
}

/// Makes a campaign. FORBIDDEN for anybody but organizers; BAD_USER_INPUT with all problems at once.
pub async fn create(
    app: &App,
    actor: &Actor,
    content: Content,
    key: Option<&IdempotencyKey>,
) -> Result<campaign::Model, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let again = async |id: Option<Uuid>| find(app, id.unwrap_or_default()).await;
    let action = async || {
        let content = content.checked(app)?;
        let id = Uuid::now_v7();
        app.write(async |tx| {
            idempotency::claim(tx, key, Some(id)).await?;
            audit::record(tx, actor, "campaign.create", &[id]).await?;
            insert(tx, id, &content, None).await
        })
        .await
    };
    idempotency::run(app, key, action, again).await
}

/// A new campaign, and where it was imported from.
async fn insert(
    tx: &Tx,
    id: Uuid,
    content: &Content,
    origin: Option<(&str, &str)>,
) -> Result<campaign::Model, Refusal> {
    let row = campaign::Model {
        id,
        name: content.name.clone(),
        description: content.description.clone(),
        guidelines: content.guidelines.clone(),
        guidelines_version: 1,
        archived_at: None,
        origin_system: origin.map(|(system, _)| system.to_owned()),
        origin_id: origin.map(|(_, id)| id.to_owned()),
        version: 1,
        changed_at: tx.now(),
        created_at: tx.now(),
    };
    campaign::Entity::insert(campaign::ActiveModel::from(row.clone()))
        .exec_without_returning(tx.db())
        .await?;
    keep_guidelines(tx, &row).await?;
    Ok(row)
}

/// Keeps the guidelines in their present version for good.
async fn keep_guidelines(tx: &Tx, row: &campaign::Model) -> Result<(), Refusal> {
    let kept = campaign_guidelines::ActiveModel {
        id: Set(Uuid::now_v7()),
        campaign_id: Set(row.id),
        version: Set(row.guidelines_version),
        text: Set(row.guidelines.clone()),
        created_at: Set(tx.now()),
    };
    campaign_guidelines::Entity::insert(kept)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Changes what `apply` changes. Other guidelines are a new version, which hosts accept before they publish again; what is
/// published stays. FORBIDDEN for anybody but organizers; CONFLICT when it is no longer at `expected_version`.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: i32,
    apply: impl FnOnce(&mut Content),
) -> Result<campaign::Model, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let before = find(app, id).await?;
    if before.version != expected_version {
        return Err(CHANGED);
    }
    let mut content = Content::of(&before);
    apply(&mut content);
    let content = content.checked(app)?;
    let is_new_version = content.guidelines != before.guidelines;
    let after = campaign::Model {
        name: content.name,
        description: content.description,
        guidelines: content.guidelines,
        guidelines_version: before.guidelines_version + i32::from(is_new_version),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    app.write(async |tx| {
        let after = step(tx, actor, "campaign.update", after.clone()).await?;
        if is_new_version {
            keep_guidelines(tx, &after).await?;
        }
        Ok(after)
    })
    .await
}

/// Closes a campaign for new events, or opens it again; its events stay. FORBIDDEN for anybody but organizers.
pub async fn archive(app: &App, actor: &Actor, id: Uuid, archived: bool) -> Result<campaign::Model, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let before = find(app, id).await?;
    if before.archived_at.is_some() == archived {
        return Ok(before);
    }
    app.write(async |tx| {
        let after = campaign::Model {
            archived_at: archived.then_some(tx.now()),
            ..before.clone()
        };
        let kind = if archived {
            "campaign.archive"
        } else {
            "campaign.restore"
        };
        step(tx, actor, kind, after).await
    })
    .await
}

const CHANGED: Refusal = Refusal::Conflict("The campaign was changed meanwhile; read it again.");

/// Writes the row that `after` was made of, one version on, and records it; or refuses with CONFLICT.
async fn step(
    tx: &Tx,
    actor: &Actor,
    kind: &str,
    after: campaign::Model,
) -> Result<campaign::Model, Refusal> {
    let before = after.version;
    let after = campaign::Model {
        version: before + 1,
        changed_at: tx.now(),
        ..after
    };
    let changed = campaign::Entity::update_many()
        .set(campaign::ActiveModel::from(after.clone()).reset_all())
        .filter(campaign::Column::Id.eq(after.id))
        .filter(campaign::Column::Version.eq(before))
        .exec(tx.db())
        .await?;
    if changed.rows_affected == 0 {
        return Err(CHANGED);
    }
    audit::record(tx, actor, kind, &[after.id]).await?;
    Ok(after)
}

/// A campaign; everybody may know of it. NOT_FOUND.
pub async fn find(app: &App, id: Uuid) -> Result<campaign::Model, Refusal> {
    find_in(app.db.reader(), id).await
}

async fn find_in(db: &impl ConnectionTrait, id: Uuid) -> Result<campaign::Model, Refusal> {
    let row = campaign::Entity::find_by_id(id).one(db).await?;
    row.ok_or(Refusal::NotFound("campaign"))
}

/// Those of `ids` that there are.
pub async fn find_many(
    app: &App,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, campaign::Model>, Refusal> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = campaign::Entity::find().filter(campaign::Column::Id.is_in(ids));
    let rows = rows.all(app.db.reader()).await?.into_iter();
    Ok(rows.map(|row| (row.id, row)).collect())
}

/// Campaigns, newest first; those that are archived only when `archived_too`.
pub async fn list(app: &App, archived_too: bool, page: PageArgs) -> Result<Page<campaign::Model>, Refusal> {
    let mut query = campaign::Entity::find();
    if !archived_too {
        query = query.filter(campaign::Column::ArchivedAt.is_null());
    }
    let query = page.by_id(query, campaign::Column::Id, Order::Desc);
    let rows = query.all(app.db.reader()).await?;
    Ok(page.cut_by_id(rows, |row| row.id))
}

/// A campaign that takes new events. NOT_FOUND; WRONG_STATE (CAMPAIGN_ARCHIVED) when it takes none.
pub(crate) async fn require_open(db: &impl ConnectionTrait, id: Uuid) -> Result<campaign::Model, Refusal> {
    let row = find_in(db, id).await?;
    match row.archived_at {
        None => Ok(row),
        Some(_) => Err(Refusal::WrongState(Reason::CampaignArchived)),
    }
}
