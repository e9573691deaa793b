//! What a reviewer should look at twice.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, StaffRole, event, event_host};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use uuid::Uuid;

use super::load;
use crate::{
    app::App,
    domain::{
        Actor,
        host::{self, Tier},
    },
    refusal::Refusal,
};

/// Of the newest so many events of hosts, those with the same words are found.
const MOST: u64 = 500;

/// What a reviewer should look at twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// None of its hosts is more than new.
    NewHost,
    /// A host of it made another event with the same words within a day.
    DuplicateText,
    /// It was taken down, and its hosts want it back.
    Appeal,
}

/// What to look at twice of these events. Nothing for anybody but organizers.
pub async fn flags(app: &App, actor: &Actor, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Flag>>, Refusal> {
    if !actor.is(StaffRole::Organizer) {
        return Ok(HashMap::new());
    }
    let events = load(app.db.reader(), ids).await?;
    let hosts = events.values().flat_map(|event| host::people(&event.hosts));
    let people: HashSet<Uuid> = hosts.collect();
    let people: Vec<Uuid> = people.into_iter().collect();
    let standings = host::standings(app, actor, &people).await?;
    let texts = texts(app, &people, events.values().map(|event| event.row.created_at)).await?;
    let mut flags = HashMap::new();
    for (id, event) in &events {
        let people = host::people(&event.hosts);
        let mut found = vec![];
        let is_new = |id: &Uuid| {
            standings
                .get(id)
                .is_none_or(|host: &host::Standing| host.tier == Tier::New)
        };
        if people.iter().all(is_new) {
            found.push(Flag::NewHost);
        }
        let words = folded(&event.row.title, &event.row.description);
        let is_same = |text: &Text| {
            text.event_id != *id
                && people.contains(&text.person_id)
                && (text.created_at - event.row.created_at).abs() <= TimeDelta::days(1)
                && text.words == words
        };
        if texts.iter().any(is_same) {
            found.push(Flag::DuplicateText);
        }
        if event.row.status == EventStatus::Suppressed && event.row.pending_at.is_some() {
            found.push(Flag::Appeal);
        }
        flags.insert(*id, found);
    }
    Ok(flags)
}

/// The words of an event of somebody.
struct Text {
    person_id: Uuid,
    event_id: Uuid,
    created_at: DateTime<Utc>,
    words: String,
}

/// Host, event, when it was made, title and description.
type Row = (Option<Uuid>, Uuid, DateTime<Utc>, String, String);

/// Those of events that these people made within a day of `times`.
async fn texts(
    app: &App,
    people: &[Uuid],
    times: impl Iterator<Item = DateTime<Utc>> + Clone,
) -> Result<Vec<Text>, Refusal> {
    let (Some(first), Some(last)) = (times.clone().min(), times.max()) else {
        return Ok(vec![]);
    };
    let event_of: RelationDef = event_host::Entity::belongs_to(event::Entity)
        .from(event_host::Column::EventId)
        .to(event::Column::Id)
        .into();
    let rows: Vec<Row> = event_host::Entity::find()
        .join(JoinType::InnerJoin, event_of)
        .select_only()
        .columns([event_host::Column::PersonId, event_host::Column::EventId])
        .columns([
            event::Column::CreatedAt,
            event::Column::Title,
            event::Column::Description,
        ])
        .filter(event_host::Column::PersonId.is_in(people.iter().copied()))
        .filter(event::Column::CreatedAt.gte(first - TimeDelta::days(1)))
        .filter(event::Column::CreatedAt.lte(last + TimeDelta::days(1)))
        .order_by_desc(event::Column::CreatedAt)
        .limit(MOST)
        .into_tuple()
        .all(app.db.reader())
        .await?;
    let text = |(person_id, event_id, created_at, title, description): Row| {
        Some(Text {
            person_id: person_id?,
            event_id,
            created_at,
            words: folded(&title, &description),
        })
    };
    Ok(rows.into_iter().filter_map(text).collect())
}

/// Letters and digits alone, so that blanks and signs make no difference.
fn folded(title: &str, description: &str) -> String {
    let characters = title.chars().chain(['\n']).chain(description.chars());
    let letters = characters.filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
