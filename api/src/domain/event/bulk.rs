//! One change of many events, for organizers. Each event is changed or refused by itself, all in one transaction, and
//! what was changed is recorded.

use std::collections::{BTreeMap, BTreeSet};

use entity::{
    AddressVisibility, ChangeKind, ChangeSource, EventStatus, EventType, StaffRole, Visibility, event,
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{
    Content, Loaded, News, content,
    history::{self, By, FieldChange, difference},
    load,
    notice::{self, About},
    open_private, state,
};
use crate::{
    app::App,
    domain::{Actor, audit, campaign},
    refusal::{Problems, Reason, Refusal},
};

/// What to change; what is empty or `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct BulkChange {
    /// Added unless they are there.
    pub add_tags: Vec<String>,
    /// Removed if they are there.
    pub remove_tags: Vec<String>,
    /// What kind of event.
    pub event_type: Option<EventType>,
    /// Who may find it.
    pub visibility: Option<Visibility>,
    /// Who may read the exact place.
    pub address_visibility: Option<AddressVisibility>,
    /// The campaign they are part of; `Some(None)` is none.
    pub campaign_id: Option<Option<Uuid>>,
}

/// What became of each event, in the order of the ids.
pub type Results = Vec<(Uuid, Result<Loaded, Refusal>)>;

/// Changes at most `limits.bulk` events. Those that are as they should be stay at their version; for each of the others
/// the refusal is NOT_FOUND, WRONG_STATE, BAD_USER_INPUT or CONFLICT. FORBIDDEN for anybody but organizers; NOT_FOUND or
/// WRONG_STATE (CAMPAIGN_ARCHIVED) for all when it is the campaign.
pub async fn bulk_update(
    app: &App,
    actor: &Actor,
    ids: &[Uuid],
    change: &BulkChange,
) -> Result<Results, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let mut problems = Problems::default();
    change.check(app, &mut problems);
    let events = read(app, ids, problems).await?;
    if let Some(Some(campaign)) = change.campaign_id {
        campaign::require_open(app.db.reader(), campaign).await?;
    }
    let mut decided = vec![];
    for (id, event) in &events {
        decided.push((*id, change.decide(app, event).await));
    }
    let recorded = ("event.bulk_update", ChangeKind::Edited, None);
    carry_out(app, actor, ids, &events, decided, recorded, None).await
}

/// Calls at most `limits.bulk` events off, for good, with a note that the public reads; those that are off already stay
/// as they are. Those who answered are told if `notify`. FORBIDDEN for anybody but organizers.
pub async fn bulk_cancel(
    app: &App,
    actor: &Actor,
    ids: &[Uuid],
    note: Option<&str>,
    notify: bool,
) -> Result<Results, Refusal> {
    actor.require(StaffRole::Organizer)?;
    let mut problems = Problems::default();
    let note = note.map(|note| note.trim().to_owned());
    content::text(&mut problems, "input.note", note.as_ref(), app.config.limits.text);
    let events = read(app, ids, problems).await?;
    let decide = |event: &Loaded| {
        let off = event::ActiveModel {
            status: Set(EventStatus::Cancelled),
            cancellation_note: Set(note.clone()),
            pending: Set(None),
            pending_at: Set(None),
            ..Default::default()
        };
        let said = note
            .as_ref()
            .map(|note| FieldChange::new("cancellationNote", note));
        let change = (off, said.into_iter().collect());
        Ok((event.row.status != EventStatus::Cancelled).then_some(change))
    };
    let decided = events.iter().map(|(id, event)| (*id, decide(event))).collect();
    let recorded = ("event.bulk_cancel", ChangeKind::Cancelled, note.as_deref());
    let news = News {
        notify,
        message: note.clone(),
    };
    carry_out(app, actor, ids, &events, decided, recorded, Some(&news)).await
}

/// The events that there are, by id.
async fn read(app: &App, ids: &[Uuid], mut problems: Problems) -> Result<BTreeMap<Uuid, Loaded>, Refusal> {
    let most = app.config.limits.bulk;
    let fits = (1..=most).contains(&ids.len());
    problems.check(fits, "input.ids", format!("must be between 1 and {most} events"));
    problems.finish()?;
    Ok(load(app.db.reader(), ids).await?.into_iter().collect())
}

/// A change of an event and what its history says of it, none if it is as it should be, or why it cannot be.
type Decided = Result<Option<(event::ActiveModel, Vec<FieldChange>)>, Refusal>;

/// Makes the changes, and tells `news` of events that are off, in the order of the events' ids; one that comes too late does not
/// keep the others from it.
async fn carry_out(
    app: &App,
    actor: &Actor,
    ids: &[Uuid],
    events: &BTreeMap<Uuid, Loaded>,
    decided: Vec<(Uuid, Decided)>,
    (kind, change, reason): (&str, ChangeKind, Option<&str>),
    news: Option<&News>,
) -> Result<Results, Refusal> {
    let mut refused: BTreeMap<Uuid, Refusal> = BTreeMap::new();
    let mut changes = vec![];
    for ((id, decided), event) in decided.into_iter().zip(events.values()) {
        match decided {
            Ok(change) => changes.extend(change.map(|change| (event, change))),
            Err(refusal @ (Refusal::Internal(_) | Refusal::Unavailable)) => return Err(refusal),
            Err(refusal) => _ = refused.insert(id, refusal),
        }
    }
    if !changes.is_empty() {
        let late = app
            .write(async |tx| {
                let (mut late, mut done, mut told) = (vec![], vec![], vec![]);
                for (event, (row, fields)) in &changes {
                    match state::step(tx, &event.row, row.clone()).await {
                        Ok(()) => {
                            if let Some(news) = news {
                                let private = open_private(app, &event.row)?;
                                notice::in_any_case(app, tx, &event.row, About::Event(&private), news)
                                    .await?;
                            }
                            done.push(event.row.id);
                            told.push((event.row.id, By::of(actor, &event.hosts), change, fields.clone()));
                        }
                        Err(refusal @ Refusal::Conflict(_)) => late.push((event.row.id, refusal)),
                        Err(refusal) => return Err(refusal),
                    }
                }
                if !done.is_empty() {
                    audit::record_why(tx, actor, kind, &done, reason).await?;
                }
                history::note_all(tx, ChangeSource::Bulk, told).await?;
                Ok(late)
            })
            .await?;
        refused.extend(late);
    }
    let mut after = load(app.db.reader(), ids).await?;
    let mut seen = BTreeSet::new();
    let once = ids.iter().filter(|id| seen.insert(**id));
    let result = |id: &Uuid| match refused.remove(id) {
        Some(refusal) => (*id, Err(refusal)),
        None => (*id, after.remove(id).ok_or(Refusal::NotFound("event"))),
    };
    Ok(once.map(result).collect())
}

impl BulkChange {
    fn check(&self, app: &App, problems: &mut Problems) {
        for (field, tags) in [("addTags", &self.add_tags), ("removeTags", &self.remove_tags)] {
            let most = app.config.limits.tags;
            let path = format!("input.{field}");
            problems.check(tags.len() <= most, &path, format!("has more than {most} tags"));
            for (i, tag) in tags.iter().enumerate() {
                let path = format!("{path}.{i}");
                problems.check(!tag.trim().is_empty(), &path, "must not be empty");
                content::text(problems, &path, Some(tag), 50);
            }
        }
        let changes = !self.add_tags.is_empty()
            || !self.remove_tags.is_empty()
            || self.event_type.is_some()
            || self.visibility.is_some()
            || self.address_visibility.is_some()
            || self.campaign_id.is_some();
        problems.check(changes, "input", "must say what to change");
    }

    async fn decide(&self, app: &App, event: &Loaded) -> Decided {
        let before = &event.row;
        if before.status == EventStatus::Cancelled {
            return Err(Refusal::WrongState(Reason::EventCancelled));
        }
        let old = Content::of(before, open_private(app, before)?);
        let new = self.apply(old.clone());
        if new == old {
            return Ok(None);
        }
        let mut problems = Problems::default();
        new.check(app, &mut problems);
        problems.finish()?;
        let columns = new.columns(app, before.id).await?;
        Ok(Some((columns, difference(&old, &new))))
    }

    fn apply(&self, mut content: Content) -> Content {
        content.tags.retain(|tag| !self.remove_tags.contains(tag));
        for tag in &self.add_tags {
            if !content.tags.contains(tag) {
                content.tags.push(tag.clone());
            }
        }
        content.event_type = self.event_type.unwrap_or(content.event_type);
        content.visibility = self.visibility.unwrap_or(content.visibility);
        content.campaign_id = self.campaign_id.unwrap_or(content.campaign_id);
        content.address_visibility = self.address_visibility.unwrap_or(content.address_visibility);
        content
    }
}
