//! Reading the history of an event.

use entity::{StaffRole, event_change};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter};
use uuid::Uuid;

use super::FieldChange;
use crate::{
    app::App,
    domain::{
        Actor,
        event::{Loaded, links, require_edit},
        page::{Page, PageArgs},
    },
    refusal::Refusal,
};

/// A change, as far as the actor may read it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The row.
    pub row: event_change::Model,
    /// What was changed.
    pub fields: Vec<FieldChange>,
    /// What who did it is called at the event, if they host it now; whom the hosts gave the link to.
    pub public_name: Option<String>,
    /// Who did it, for organizers.
    pub person_id: Option<Uuid>,
    /// Whether the actor did it.
    pub is_mine: bool,
}

/// What was changed of an event, newest first. For its hosts and for organizers.
pub async fn history(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    page: &PageArgs,
) -> Result<Page<Change>, Refusal> {
    let event = require_edit(app, actor, event_id).await?;
    let query = event_change::Entity::find().filter(event_change::Column::EventId.eq(event_id));
    let query = page.by_id(query, event_change::Column::Id, Order::Desc);
    let rows = query.all(app.db.reader()).await?;
    let links: Vec<Uuid> = rows.iter().filter_map(|row| row.host_link_id).collect();
    let labels = links::labels(app, &links).await?;
    let shown = rows.into_iter().map(|row| show(actor, &event, &labels, row));
    Ok(
        page.cut_by_id(shown.collect::<Result<_, Refusal>>()?, |change: &Change| {
            change.row.id
        }),
    )
}

/// A change of an event that the actor hosts, or of any for organizers. NOT_FOUND for others.
pub async fn find_change(app: &App, actor: &Actor, id: Uuid) -> Result<Change, Refusal> {
    actor.member()?;
    let row = event_change::Entity::find_by_id(id).one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("change"))?;
    let event = require_edit(app, actor, row.event_id).await;
    let event = event.map_err(|refusal| refusal.hiding("change"))?;
    let labels = links::labels(app, row.host_link_id.as_slice()).await?;
    show(actor, &event, &labels, row)
}

fn show(
    actor: &Actor,
    event: &Loaded,
    labels: &[(Uuid, String)],
    row: event_change::Model,
) -> Result<Change, Refusal> {
    let host = |id| event.hosts.iter().find(|host| host.person_id == Some(id));
    let label = labels.iter().find(|(id, _)| Some(*id) == row.host_link_id);
    let label = label.map(|(_, label)| label.clone());
    Ok(Change {
        fields: serde_json::from_str(&row.fields).map_err(Refusal::internal)?,
        public_name: row
            .person_id
            .and_then(host)
            .map(|host| host.public_name.clone())
            .or(label),
        person_id: row.person_id.filter(|_| actor.is(StaffRole::Organizer)),
        is_mine: row.person_id.is_some() && row.person_id == actor.person_id(),
        row,
    })
}
