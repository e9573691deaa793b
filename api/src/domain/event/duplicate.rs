//! Making another event like one that is there: again, or somewhere else.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{ChangeKind, HostKind, event_host, series, timeslot};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    Content, Loaded, NewTimeslot, find,
    history::{self, By},
    open_private, require_edit,
    series::{Definition, insert, read_local},
    timeslots,
    write::{check_public_name, insert_draft},
};
use crate::{
    app::{App, Tx},
    domain::{
        Actor, campaign, host,
        idempotency::{self, IdempotencyKey},
        person,
    },
    local::at_local,
    refusal::{Problems, Refusal},
};

/// What is other than of the event that is duplicated.
#[derive(Clone, Debug, Default)]
pub struct Duplicate {
    /// Local start of the first date; all others are as far from it as they were.
    pub local_start: Option<String>,
    /// Whether dates to come are kept without a new start.
    pub keep_dates: bool,
    /// How the actor wants to be called; otherwise as at the event that is duplicated, or their given name and initial.
    pub public_name: Option<String>,
}

/// Makes a draft with everything of an event but its RSVPs, its review and, unless they are asked for, its dates; `apply`
/// changes it further. The actor hosts it, and sponsors come along; other people who host do not, as nobody asked them.
/// Local times stay, in another time zone too. For hosts and organizers.
pub async fn duplicate(
    app: &App,
    actor: &Actor,
    id: Uuid,
    wanted: &Duplicate,
    apply: impl FnOnce(&mut Content),
    key: Option<&IdempotencyKey>,
) -> Result<Loaded, Refusal> {
    let again = async |id: Option<Uuid>| find(app, actor, id.unwrap_or_default()).await;
    let action = async || duplicate_once(app, actor, id, wanted, apply, key).await;
    idempotency::run(app, key, action, again).await
}

async fn duplicate_once(
    app: &App,
    actor: &Actor,
    id: Uuid,
    wanted: &Duplicate,
    apply: impl FnOnce(&mut Content),
    key: Option<&IdempotencyKey>,
) -> Result<Loaded, Refusal> {
    let source = require_edit(app, actor, id).await?;
    let profile = person::profile(app, actor).await?;
    let me = profile.row.id;
    let mut content = Content::of(&source.row, open_private(app, &source.row)?);
    if let Some(campaign) = content.campaign_id {
        match campaign::require_open(app.db.reader(), campaign).await {
            Ok(_) => {}
            Err(Refusal::WrongState(_)) => content.campaign_id = None, // it takes no new events
            Err(refusal) => return Err(refusal),
        }
    }
    apply(&mut content);
    for question in &mut content.questions {
        (question.id, question.version) = (Uuid::now_v7(), 1); // it is asked by another event now
    }
    let hosts = source.hosts.iter();
    let here = hosts
        .clone()
        .find(|host| host.person_id == Some(me))
        .map(|host| host.public_name.clone());
    let given = wanted.public_name.as_ref().map(|name| name.trim().to_owned());
    let public_name = given.or(here).or(profile.name.map(|name| name.short()));
    let mut problems = Problems::default();
    content.check(app, &mut problems);
    let tier = host::tier(app, app.db.reader(), actor).await?;
    host::check_links(app, tier, &content.texts(), &[], &mut problems);
    match &public_name {
        Some(name) => check_public_name(app, name, &mut problems),
        None => problems.add("input.publicName", "is needed while your profile has no name"),
    }
    let zone = content.timezone.parse().unwrap_or(Tz::UTC); // a problem was noted if it is none
    let dates = Dates::of(&source, wanted, zone, app.clock.now(), &mut problems);
    problems.finish()?;
    let rows = series::Entity::find().filter(series::Column::EventId.eq(id));
    let rows = rows.all(app.db.reader()).await?;
    let new_id = Uuid::now_v7();
    let columns = content.columns(app, new_id).await?;
    let sponsors: Vec<_> = hosts
        .filter(|host| host.kind == HostKind::Sponsor)
        .cloned()
        .collect();
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(new_id)).await?;
        person::lock(tx, &[me]).await?;
        host::check_new_event(app, tx, actor).await?;
        let name = public_name.clone().unwrap_or_default();
        insert_draft(tx, new_id, columns.clone(), (me, name)).await?;
        history::note(tx, new_id, &By::host(actor), ChangeKind::Created, vec![]).await?;
        for sponsor in &sponsors {
            let host = event_host::ActiveModel {
                id: Set(Uuid::now_v7()),
                event_id: Set(new_id),
                created_at: Set(tx.now()),
                ..sponsor.clone().into()
            };
            event_host::Entity::insert(host)
                .exec_without_returning(tx.db())
                .await?;
        }
        dates.insert(tx, new_id, &rows).await
    })
    .await?;
    find(app, actor, new_id).await
}

/// The dates of the copy.
struct Dates {
    /// Each with the one it is made of.
    slots: Vec<(timeslot::Model, NewTimeslot)>,
    /// On the clock.
    shift: TimeDelta,
    old_zone: Tz,
    zone: Tz,
}

impl Dates {
    fn of(
        source: &Loaded,
        wanted: &Duplicate,
        zone: Tz,
        now: DateTime<Utc>,
        problems: &mut Problems,
    ) -> Self {
        let old_zone = source.timezone();
        let local = |slot: &timeslot::Model| slot.starts_at.with_timezone(&old_zone).naive_local();
        let standing = || source.timeslots.iter().filter(|slot| slot.cancelled_at.is_none());
        let mut shift = TimeDelta::zero();
        let local_start = wanted.local_start.as_deref();
        let local_start: Option<NaiveDateTime> = local_start.and_then(|text| read_local(text, problems));
        match (local_start, standing().next()) {
            (Some(start), Some(first)) => shift = start - local(first),
            (Some(_), None) => problems.add("input.localStart", "is for the first date, and there is none"),
            (None, _) => {}
        }
        let is_wanted =
            |slot: &&timeslot::Model| local_start.is_some() || (wanted.keep_dates && slot.ends_at > now);
        let copy = |slot: &timeslot::Model| {
            let starts_at = at_local(local(slot) + shift, zone);
            let new = NewTimeslot {
                starts_at,
                ends_at: starts_at + (slot.ends_at - slot.starts_at),
                capacity: slot.capacity,
            };
            (slot.clone(), new)
        };
        let slots: Vec<_> = standing().filter(is_wanted).map(copy).collect();
        let is_over = slots.iter().any(|(_, new)| new.ends_at <= now);
        problems.check(!is_over, "input.localStart", "must be so that no date is over");
        let is_far = slots
            .iter()
            .any(|(_, new)| new.starts_at.year() > timeslots::LAST_YEAR);
        problems.check(
            !is_far,
            "input.localStart",
            "must be so that all dates are before the year 2201",
        );
        Self {
            slots,
            shift,
            old_zone,
            zone,
        }
    }

    /// Adds them, and the series they are of. Where a rule cannot be moved so far, its dates become dates by themselves.
    async fn insert(&self, tx: &Tx, event_id: Uuid, rows: &[series::Model]) -> Result<(), Refusal> {
        let mut ids: HashMap<Uuid, Uuid> = HashMap::new();
        for row in rows {
            let has_dates = self.slots.iter().any(|(old, _)| old.series_id == Some(row.id));
            if let Some(definition) = self.moved(&Definition::of(row)?).filter(|_| has_dates) {
                let id = Uuid::now_v7();
                insert(tx, event_id, id, &definition).await?;
                ids.insert(row.id, id);
            }
        }
        let rows = self.slots.iter().map(|(old, new)| {
            let mut row = timeslots::row(tx, event_id, new);
            if let Some(id) = old.series_id.and_then(|id| ids.get(&id)) {
                row.series_id = Set(Some(*id));
                row.occurrence = Set(old.occurrence.map(|occurrence| occurrence + self.shift));
                row.excepted_at = Set(old.excepted_at.map(|_| tx.now()));
            }
            row
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            timeslot::Entity::insert_many(rows)
                .exec_without_returning(tx.db())
                .await?;
        }
        Ok(())
    }

    fn moved(&self, old: &Definition) -> Option<Definition> {
        if old.zone != self.old_zone {
            return None; // the event's zone was changed after its dates were made
        }
        let local_start = old.local_start + self.shift;
        let days = local_start.date() - old.local_start.date();
        Some(Definition {
            rule: old.rule.shifted(days.num_days())?,
            local_start,
            zone: self.zone,
            except_on: old.except_on.iter().map(|day| *day + days).collect(),
            ..old.clone()
        })
    }
}
