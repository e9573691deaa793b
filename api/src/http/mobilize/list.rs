//! What is listed, and its pages.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{EventStatus, Visibility, timeslot};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, parse};
use uuid::Uuid;

use super::ask::Asked;
use crate::{
    app::App,
    domain::{
        Actor,
        event::{self, Loaded},
        number::{self, Numbers},
        page::RowCursor,
        publication,
    },
    export::mobilize::{self, Source, sponsor_of},
    map::Listing,
    refusal::Refusal,
};

/// Events that are to come, of everybody or of one organisation: the oldest first, or the nearest. `count` counts all.
pub(super) async fn events(
    app: &App,
    organization: Option<&str>,
    path: &str,
    query: &str,
) -> Result<Value, Refusal> {
    let mut asked = Asked::read(app, query).await?;
    if let Some(organization) = organization {
        asked.organizations = vec![known(app, organization).await?];
    }
    let sponsors = sponsors(app, &asked.organizations).await?;
    let now = app.clock.now();
    let mut found = Vec::new();
    app.map.each(|listing| {
        let fits = asked.fits(listing)
            && listing.ends_after(now)
            && listing.timeslots.iter().any(|slot| asked.fits_slot(slot))
            && sponsors.as_ref().is_none_or(|sponsors| is_of(listing, sponsors));
        if fits && let Some(key) = key(&asked, listing) {
            found.push((key, listing.id));
        }
    });
    found.sort_unstable();
    let page = Page::of(&asked, found.len(), |cursor| {
        found.partition_point(|place| *place <= (cursor.key, cursor.id))
    });
    let shown = found.get(page.range()).unwrap_or_default();
    let ids: Vec<Uuid> = shown.iter().map(|(_, id)| *id).collect();
    let mut loaded = event::find_many(app, &Actor::Anonymous, &ids).await?;
    let shown_events = ids.iter().filter_map(|id| loaded.remove(id)).filter(is_public);
    let sources: Vec<Source> = shown_events.map(source).collect();
    let data = mobilize::events(app, &sources, |slot| {
        asked.fits_times(slot.starts_at, slot.ends_at)
    });
    let cursor_at = |index: usize| {
        let (key, id) = *found.get(index)?;
        Some(RowCursor { key, id })
    };
    Ok(page.answer(app, path, query, data.await?, cursor_at))
}

/// One event, over or not, if everybody may find it.
pub(super) async fn event(app: &App, organization: Option<&str>, id: &str) -> Result<Value, Refusal> {
    const NONE: Refusal = Refusal::NotFound("event");
    if let Some(organization) = organization {
        known(app, organization).await?;
    }
    let number: i64 = id.parse().map_err(|_| NONE)?;
    let id = number::id_of(app, number).await?.ok_or(NONE)?;
    let loaded = event::find(app, &Actor::Anonymous, id).await?;
    if !is_public(&loaded) {
        return Err(NONE);
    }
    let mut data = mobilize::events(app, &[source(loaded)], |_| true).await?;
    Ok(json!({"data": data.pop()}))
}

/// Events that were listed once and are no more, the longest gone first.
pub(super) async fn deleted(
    app: &App,
    organization: Option<&str>,
    path: &str,
    query: &str,
) -> Result<Value, Refusal> {
    let asked = Asked::read(app, query).await?;
    if let Some(organization) = organization {
        known(app, organization).await?;
    }
    let page_number = asked.page.unwrap_or(1);
    let skip = (page_number - 1).saturating_mul(asked.per_page);
    let since = asked.updated_since;
    let (gone, count) = publication::removed(app, since, skip as u64, asked.per_page as u64).await?;
    let ids: Vec<Uuid> = gone.iter().map(|(id, _)| *id).collect();
    // Only for the numbers that some of them have elsewhere.
    let rows = entity::event::Entity::find()
        .filter(entity::event::Column::Id.is_in(ids.iter().copied()))
        .all(app.db.reader())
        .await?;
    let lost = ids
        .iter()
        .filter(|id| rows.iter().all(|row| row.id != **id))
        .copied();
    const NO_DATES: &[timeslot::Model] = &[];
    let found = rows.iter().map(|row| (row, NO_DATES));
    let numbers = Numbers::of(app, found, lost).await?;
    let deleted =
        |(id, at): &(Uuid, DateTime<Utc>)| json!({"id": numbers.get(*id), "deleted_date": at.timestamp()});
    let page = Page {
        begin: skip,
        per_page: asked.per_page,
        count: usize::try_from(count).unwrap_or(usize::MAX),
        number: Some(page_number),
    };
    let data = gone.iter().map(deleted).collect();
    Ok(page.answer(app, path, query, data, |_| None))
}

/// Our own organisation, and those that sponsor events to come.
pub(super) async fn organizations(app: &App, path: &str, query: &str) -> Result<Value, Refusal> {
    let asked = Asked::read(app, query).await?;
    let mut names: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    let mut own: Option<DateTime<Utc>> = None;
    app.map.each(|listing| {
        own = own.max(Some(listing.changed_at));
        if let Some(name) = sponsor_of(listing).filter(|name| *name != app.config.organisation) {
            let changed = names.entry(name.to_owned()).or_default();
            *changed = (*changed).max(listing.changed_at);
        }
    });
    let since = asked.updated_since;
    let is_new = |changed: Option<DateTime<Utc>>| since.is_none_or(|since| changed >= Some(since));
    let mut shown: Vec<(Option<String>, Option<DateTime<Utc>>)> = vec![(None, own)];
    shown.extend(
        names
            .into_iter()
            .map(|(name, changed)| (Some(name), Some(changed))),
    );
    shown.retain(|(_, changed)| is_new(*changed));
    let number = asked.page.unwrap_or(1);
    let page = Page {
        begin: (number - 1).saturating_mul(asked.per_page),
        per_page: asked.per_page,
        count: shown.len(),
        number: Some(number),
    };
    let shown = shown.get(page.range()).unwrap_or_default();
    let ids = shown.iter().filter_map(|(name, _)| name.as_deref());
    let ids = ids.map(|name| number::of_name("sponsor", name));
    let numbers = Numbers::of(app, [], ids.collect::<Vec<_>>()).await?;
    let organization = |(name, changed): &(Option<String>, Option<DateTime<Utc>>)| {
        let mut data = mobilize::sponsor(app, name.as_deref().map(|name| (name, &numbers)));
        if let Value::Object(fields) = &mut data {
            let changed = changed.map(|changed| changed.timestamp());
            fields.insert("modified_date".to_owned(), changed.into());
        }
        data
    };
    let data = shown.iter().map(organization).collect();
    Ok(page.answer(app, path, query, data, |_| None))
}

fn source(event: Loaded) -> Source {
    Source {
        event,
        private: None,
        is_export: false,
    }
}

/// A number names any event; only those that everybody may find are told.
fn is_public(event: &Loaded) -> bool {
    (event.row.status, event.row.visibility) == (EventStatus::Approved, Visibility::Public)
}

/// Where an event stands in its list, if it is in it.
fn key(asked: &Asked, listing: &Listing) -> Option<i64> {
    let Some((place, metres)) = asked.near else {
        return Some(0);
    };
    let distance = listing
        .distance_from(place)
        .filter(|distance| *distance <= metres)?;
    // Distances are not negative: their bits are in their order.
    i64::try_from(distance.to_bits()).ok()
}

/// The number of an organisation that there is; NOT_FOUND.
async fn known(app: &App, organization: &str) -> Result<i64, Refusal> {
    const NONE: Refusal = Refusal::NotFound("organization");
    let number: i64 = organization.parse().map_err(|_| NONE)?;
    if number == app.config.mobilize.organization {
        return Ok(number);
    }
    let id = number::id_of(app, number).await?.ok_or(NONE)?;
    let sponsors = HashSet::from([id]);
    let mut is_there = false;
    app.map
        .each(|listing| is_there = is_there || is_of(listing, &sponsors));
    is_there.then_some(number).ok_or(NONE)
}

/// The sponsors that are asked for; none when everybody's events are, which are all our own organisation's.
async fn sponsors(app: &App, organizations: &[i64]) -> Result<Option<HashSet<Uuid>>, Refusal> {
    if organizations.is_empty() || organizations.contains(&app.config.mobilize.organization) {
        return Ok(None);
    }
    Ok(Some(number::ids_of(app, organizations).await?))
}

fn is_of(listing: &Listing, sponsors: &HashSet<Uuid>) -> bool {
    sponsor_of(listing).is_some_and(|name| sponsors.contains(&number::of_name("sponsor", name)))
}

/// A part of a list.
struct Page {
    begin: usize,
    per_page: usize,
    count: usize,
    /// Its number, where pages are asked for by numbers.
    number: Option<usize>,
}

impl Page {
    /// The one that is asked for, by its number or past a cursor.
    fn of(asked: &Asked, count: usize, past: impl Fn(RowCursor) -> usize) -> Self {
        let begin = match (asked.page, asked.cursor) {
            (Some(page), _) => (page - 1).saturating_mul(asked.per_page),
            (None, Some(cursor)) => past(cursor),
            (None, None) => 0,
        };
        Self {
            begin,
            per_page: asked.per_page,
            count,
            number: asked.page,
        }
    }

    fn range(&self) -> std::ops::Range<usize> {
        let end = self.begin.saturating_add(self.per_page).min(self.count);
        self.begin.min(end)..end
    }

    /// The answer with `data`; links to the pages around it are by number or by cursor, as the request was.
    fn answer(
        &self,
        app: &App,
        path: &str,
        query: &str,
        data: Vec<Value>,
        cursor_at: impl Fn(usize) -> Option<RowCursor>,
    ) -> Value {
        let end = self.range().end;
        let link = |name: &str, value: Option<String>| {
            let given = parse(query.as_bytes()).filter(|(name, _)| name != "page" && name != "cursor");
            let mut text = Serializer::new(String::new());
            text.extend_pairs(given);
            if let Some(value) = value {
                text.append_pair(name, &value);
            }
            let text = text.finish();
            let mark = if text.is_empty() { "" } else { "?" };
            format!("{}{path}{mark}{text}", app.config.base_url())
        };
        let by_cursor = |last: Option<usize>| {
            let cursor = last.and_then(&cursor_at);
            link("cursor", cursor.map(|cursor| cursor.encode()))
        };
        let next = (end < self.count).then(|| match self.number {
            Some(number) => link("page", Some((number + 1).to_string())),
            None => by_cursor(end.checked_sub(1)),
        });
        let previous = (self.begin > 0).then(|| match self.number {
            Some(number) => link("page", Some((number - 1).to_string())),
            None => by_cursor(self.begin.checked_sub(self.per_page + 1)),
        });
        json!({"count": self.count, "next": next, "previous": previous, "data": data})
    }
}
