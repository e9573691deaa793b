//! Invented events, hosts and guests near a dozen cities, so that there is something to see.
//!
//! Saved like imported events, so that a further start adds nothing. Each date comes again every four weeks: when it
//! is over, the next start adds the next one.

mod scenes;

use anyhow::Result;
use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use entity::{
    AccessibilityStatus, AddressVisibility, AttendeeVisibility, EventType, HostKind, JoinPolicy, RsvpStatus,
    Visibility, WaitlistRule, person, rsvp, timeslot,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter,
};
use uuid::Uuid;

use crate::{
    app::{App, Tx},
    cells,
    domain::{
        campaign,
        email::Email,
        event::Content,
        person::{self as people, Name},
        place::Place,
        rsvp::name_slot,
    },
    import::{
        draft::{Draft, HostDraft, TimeslotDraft},
        save::Changed,
    },
    local::at_local,
    postal::Point,
    refusal::Refusal,
};
use scenes::{CITIES, City, SCENES, Scene, Setting};

/// What `origin_system` says of these events.
const SYSTEM: &str = "demo";
/// So that with twelve cities and fifteen scenes each scene is seen four times.
const EVENTS_PER_CITY: usize = 5;
/// Family names of the guests; no scene has more parties.
const GUESTS: [&str; 3] = ["Ant", "Bee", "Cricket"];
/// Days after which a date comes again.
const CYCLE: i32 = 28;

/// Adds the invented events that are not there, and the next dates of those that are over. The hosts can be signed
/// in as, with `turnout token --email heron@demo.example` and so on.
pub async fn load(app: &App) -> Result<()> {
    let hosts = app.write(async |tx| hosts(app, tx).await).await?;
    let campaign_id = campaign::imported(app, SYSTEM, "clean-water", &clean_water()).await?;
    let mut changed = Vec::new();
    for (index, city) in CITIES.iter().enumerate() {
        for number in index * EVENTS_PER_CITY..(index + 1) * EVENTS_PER_CITY {
            let Some((scene, host)) = SCENES.get(number % SCENES.len()).zip(hosts.get(index)) else {
                continue;
            };
            let mut draft = draft(number, city, scene, *host, app.clock.now());
            if CLEAN_WATER.contains(&scene.event_type) {
                draft.content.campaign_id = Some(campaign_id);
            }
            if let Some(event) = Changed::new(app, SYSTEM, draft, Uuid::now_v7()).await? {
                changed.push((event, scene));
            }
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    app.write(async |tx| {
        let guests = guests(app, tx).await?;
        for (event, scene) in changed {
            let id = event.id();
            event.save(app, tx, &mut Vec::new()).await?;
            seat_guests(app, tx, id, scene, &guests).await?;
        }
        Ok(())
    })
    .await?;
    Ok(())
}

/// What the events of the demo's campaign are.
const CLEAN_WATER: [EventType; 3] = [
    EventType::PhoneBank,
    EventType::LobbyVisit,
    EventType::LetterWriting,
];

fn clean_water() -> campaign::Content {
    campaign::Content {
        name: "Calls for clean water".to_owned(),
        description: "Everybody who decides about the river hears from the people beside it. **This campaign is \
                      invented.**"
            .to_owned(),
        guidelines: "- Say where you live, and who you are.\n- Be friendly, whatever you hear.\n- Write down the answer."
            .to_owned(),
    }
}

/// A guest's name and id.
type Guest = (Name, Uuid);

fn draft(number: usize, city: &City, scene: &Scene, host: Uuid, now: DateTime<Utc>) -> Draft {
    let online = scene.setting == Setting::Online;
    let content = Content {
        title: format!("{}, {}", scene.title, city.name),
        summary: Some(scene.summary.to_owned()),
        description: format!(
            "{}\n\n**This event is invented.** It shows what Turnout does; nobody will be there.",
            scene.summary
        ),
        event_type: scene.event_type,
        tags: vec!["demo".to_owned()],
        image_url: None,
        accessibility_status: (scene.setting == Setting::Open).then_some(AccessibilityStatus::Accessible),
        accessibility_notes: None,
        accessibility_features: Vec::new(),
        visibility: Visibility::Public,
        address_visibility: match scene.setting {
            Setting::Open | Setting::Online => AddressVisibility::Public,
            Setting::Home => AddressVisibility::AfterRsvp,
            Setting::Secret => AddressVisibility::HostsOnly,
        },
        address_hours: None,
        attendee_visibility: AttendeeVisibility::Hosts,
        join_policy: JoinPolicy::Open,
        waitlist_rule: WaitlistRule::Skip,
        waitlist_offer_hours: None,
        external_url: None,
        questions: Vec::new(),
        campaign_id: None,
        timezone: city.zone.name().to_owned(),
        place: (!online).then(|| place(number, city)),
        virtual_url: online.then(|| format!("https://meet.demo.example/{number}")),
        instructions: Some("Write to nobody: this event is invented.".to_owned()),
        gathering: None,
    };
    Draft {
        origin_id: number.to_string(),
        content,
        zone: city.zone,
        is_virtual: online,
        has_own: false,
        campaign: None,
        host: HostDraft {
            kind: HostKind::Person,
            person_id: Some(host),
            public_name: host_name(city).full(),
        },
        timeslots: timeslots(number, city, scene, now),
        unreadable_timeslots: Vec::new(),
    }
}

/// Somewhere within some kilometres of the city's centre, always the same.
fn place(number: usize, city: &City) -> Place {
    let angle = f64::from(u32::try_from(number).unwrap_or_default()) * 2.4;
    let away = 0.01 + 0.006 * angle.rem_euclid(5.0);
    Place {
        venue: Some("Demo Hall".to_owned()),
        address_lines: vec![format!("{} Example Street", number + 1)],
        locality: Some(city.name.to_owned()),
        region: Some(city.region.to_owned()),
        postal_code: Some(city.postal_code.to_owned()),
        country: "US".to_owned(),
        latitude: Some(city.latitude + away * angle.sin()),
        longitude: Some(city.longitude + away * angle.cos()),
    }
}

/// The next time of each of its dates; spread over the cycle by the event's number.
fn timeslots(number: usize, city: &City, scene: &Scene, now: DateTime<Utc>) -> Vec<TimeslotDraft> {
    let offset = i32::try_from(number * 11).unwrap_or_default();
    let step = CYCLE / i32::try_from(scene.dates).unwrap_or(1);
    let time = NaiveTime::from_hms_opt(scene.hour, 30, 0).unwrap_or_default();
    let yesterday = now.with_timezone(&city.zone).date_naive() - TimeDelta::days(1);
    let of = |date: i32| {
        let wait = (offset + date * step - yesterday.num_days_from_ce()).rem_euclid(CYCLE);
        let slot_on = |day| {
            let starts_at = at_local(chrono::NaiveDate::and_time(&day, time), city.zone);
            TimeslotDraft {
                origin_id: day.to_string(),
                starts_at,
                ends_at: starts_at + TimeDelta::minutes(scene.minutes),
                capacity: scene.capacity,
                cancelled_at: None,
            }
        };
        let first = yesterday + TimeDelta::days(i64::from(wait));
        let slot = slot_on(first);
        if slot.ends_at > now {
            slot
        } else {
            slot_on(first + TimeDelta::days(i64::from(CYCLE)))
        }
    };
    (0..i32::try_from(scene.dates).unwrap_or(1)).map(of).collect()
}

fn host_name(city: &City) -> Name {
    Name {
        given: "Demo".to_owned(),
        family: city.host.to_owned(),
    }
}

async fn hosts(app: &App, tx: &Tx) -> Result<Vec<Uuid>, Refusal> {
    let mut ids = Vec::new();
    for city in &CITIES {
        ids.push(somebody(app, tx, &host_name(city), city).await?);
    }
    Ok(ids)
}

async fn guests(app: &App, tx: &Tx) -> Result<Vec<Guest>, Refusal> {
    let mut guests = Vec::new();
    for (family, city) in GUESTS.into_iter().zip(&CITIES) {
        let name = Name {
            given: "Demo".to_owned(),
            family: family.to_owned(),
        };
        let id = somebody(app, tx, &name, city).await?;
        guests.push((name, id));
    }
    Ok(guests)
}

/// The person of that name, who lives in `city`.
async fn somebody(app: &App, tx: &Tx, name: &Name, city: &City) -> Result<Uuid, Refusal> {
    let address = format!("{}@demo.example", name.family.to_lowercase());
    let contact = people::find_or_create(app, tx, &Email::parse(&address, &["email"])?.into(), None).await?;
    let row = person::Entity::find_by_id(contact.person_id).one(tx.db()).await?;
    if row.is_some_and(|row| row.name.is_none()) {
        let id = contact.person_id;
        let home = Point::new(city.latitude, city.longitude).map(cells::home_cell);
        let row = person::ActiveModel {
            id: Unchanged(id),
            name: Set(Some(app.keys.seal(people::name_slot(&id), name)?)),
            cell: Set(home),
            ..Default::default()
        };
        row.update(tx.db()).await?;
    }
    Ok(contact.person_id)
}

/// Gives the parties of the scene their seats on every date that nobody has answered for yet.
async fn seat_guests(
    app: &App,
    tx: &Tx,
    event_id: Uuid,
    scene: &Scene,
    guests: &[Guest],
) -> Result<(), Refusal> {
    if scene.parties.is_empty() {
        return Ok(());
    }
    let empty = timeslot::Entity::find()
        .filter(timeslot::Column::EventId.eq(event_id))
        .filter(timeslot::Column::Version.eq(1))
        .filter(timeslot::Column::Taken.eq(0))
        .all(tx.db())
        .await?;
    for slot in empty {
        let parties = scene.parties.iter().zip(guests);
        let rows = parties.map(|(party, guest)| coming(app, tx, &slot, guest, *party));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        rsvp::Entity::insert_many(rows)
            .exec_without_returning(tx.db())
            .await?;
        let row = timeslot::ActiveModel {
            id: Unchanged(slot.id),
            taken: Set(scene.parties.iter().sum()),
            version: Set(slot.version + 1),
            ..Default::default()
        };
        row.update(tx.db()).await?;
    }
    Ok(())
}

fn coming(
    app: &App,
    tx: &Tx,
    slot: &timeslot::Model,
    (name, person_id): &Guest,
    party: i32,
) -> Result<rsvp::ActiveModel, Refusal> {
    let id = Uuid::now_v7();
    Ok(rsvp::ActiveModel {
        id: Set(id),
        timeslot_id: Set(slot.id),
        event_id: Set(slot.event_id),
        person_id: Set(*person_id),
        status: Set(RsvpStatus::Registered),
        party_size: Set(party),
        seats: Set(party),
        name: Set(app.keys.seal(name_slot(&id), name)?),
        details: Set(None),
        waitlisted_at: Set(None),
        offer_expires_at: Set(None),
        referrer: Set(None),
        approved_at: Set(None),
        listed: Set(false),
        share_code: Set(None),
        shared_by: Set(None),
        confirmed_at: Set(Some(tx.now())),
        attendance_confirmed_at: Set(None),
        version: Set(1),
        changed_at: Set(tx.now()),
        created_at: Set(tx.now()),
    })
}

#[cfg(test)]
mod tests;
