//! Guidelines, and who accepted which version of them.

use std::collections::HashMap;

use entity::{StaffRole, campaign, campaign_guidelines, guidelines_acceptance as acceptance};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{find, require_open};
use crate::{
    app::{App, Tx},
    domain::{Actor, person},
    refusal::Refusal,
};

/// Guidelines of a campaign in one version. NOT_FOUND.
pub async fn guidelines(app: &App, id: Uuid, version: i32) -> Result<String, Refusal> {
    let row = campaign_guidelines::Entity::find()
        .filter(campaign_guidelines::Column::CampaignId.eq(id))
        .filter(campaign_guidelines::Column::Version.eq(version))
        .one(app.db.reader())
        .await?;
    row.map(|row| row.text).ok_or(Refusal::NotFound("version"))
}

/// Notes that the signed-in person accepts the present guidelines; `version` is the one they read. Accepting it again
/// changes nothing. CONFLICT when there is a newer one; WRONG_STATE (CAMPAIGN_ARCHIVED); UNAUTHENTICATED.
pub async fn accept(app: &App, actor: &Actor, id: Uuid, version: i32) -> Result<campaign::Model, Refusal> {
    let me = actor.member()?.id;
    app.write(async |tx| {
        if !person::keep(tx, me).await? {
            return Err(Refusal::Unauthenticated);
        }
        let campaign = require_open(tx.db(), id).await?;
        if campaign.guidelines_version != version {
            return Err(Refusal::Conflict(
                "These are not the present guidelines; read them again.",
            ));
        }
        let row = acceptance::ActiveModel {
            id: Set(Uuid::now_v7()),
            campaign_id: Set(id),
            person_id: Set(me),
            version: Set(version),
            created_at: Set(tx.now()),
        };
        let columns = [
            acceptance::Column::PersonId,
            acceptance::Column::CampaignId,
            acceptance::Column::Version,
        ];
        acceptance::Entity::insert(row)
            .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
            .exec_without_returning(tx.db())
            .await?;
        Ok(())
    })
    .await?;
    find(app, id).await
}

/// What the actor accepted last of each of these campaigns. Nothing for who is not signed in.
pub async fn acceptances(
    app: &App,
    actor: &Actor,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, acceptance::Model>, Refusal> {
    let Some(me) = actor.person_id() else {
        return Ok(HashMap::new());
    };
    let rows = acceptance::Entity::find()
        .filter(acceptance::Column::PersonId.eq(me))
        .filter(acceptance::Column::CampaignId.is_in(ids.iter().copied()))
        .order_by_asc(acceptance::Column::Version);
    let rows = rows.all(app.db.reader()).await?.into_iter();
    Ok(rows.map(|row| (row.campaign_id, row)).collect())
}

/// Refuses, with the version to accept, unless the actor may publish into the campaign: it takes events, and they accepted
/// its present guidelines. Organizers answer for the guidelines themselves.
pub(crate) async fn require_accepted(tx: &Tx, actor: &Actor, id: Uuid) -> Result<(), Refusal> {
    let campaign = require_open(tx.db(), id).await?;
    if campaign.guidelines.is_empty() || actor.is(StaffRole::Organizer) {
        return Ok(());
    }
    let accepted = acceptance::Entity::find()
        .filter(acceptance::Column::PersonId.eq(actor.member()?.id))
        .filter(acceptance::Column::CampaignId.eq(id))
        .filter(acceptance::Column::Version.eq(campaign.guidelines_version))
        .one(tx.db())
        .await?;
    match accepted {
        Some(_) => Ok(()),
        None => Err(Refusal::GuidelinesNotAccepted {
            campaign: id,
            version: campaign.guidelines_version,
        }),
    }
}

/// What `from` accepted was accepted by `to`, who are one person. The caller has both people's rows.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<(), Refusal> {
    let rows = acceptance::Entity::find().filter(acceptance::Column::PersonId.is_in([from, to]));
    let rows = rows.all(tx.db()).await?;
    let (mine, theirs): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.person_id == to);
    let what = |row: &acceptance::Model| (row.campaign_id, row.version);
    let is_new = |row: &&acceptance::Model| mine.iter().all(|same| what(same) != what(row));
    let moved: Vec<Uuid> = theirs.iter().filter(is_new).map(|row| row.id).collect();
    acceptance::Entity::update_many()
        .col_expr(acceptance::Column::PersonId, Expr::value(to))
        .filter(acceptance::Column::Id.is_in(moved))
        .exec(tx.db())
        .await?;
    Ok(())
}
