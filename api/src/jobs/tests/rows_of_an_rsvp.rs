//! Rows that mails about RSVPs need.

use chrono::{DateTime, Utc};
use entity::{
    AddressVisibility, Channel, EventStatus, EventType, HostKind, RsvpStatus, Visibility, contact_point,
    event, event_host, person, rsvp, timeslot,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        event::{Gathering, Private},
        place::Place,
    },
    sealed::Slot,
};

/// A person's RSVP to an event with a place of `visibility`.
pub(super) async fn rsvp(app: &App, status: RsvpStatus, visibility: AddressVisibility) -> Uuid {
    let [event_id, timeslot_id, person_id, rsvp_id] = [(); 4].map(|()| Uuid::now_v7());
    let (db, now) = (app.db.writer(), app.clock.now());
    person::Model {
        id: person_id,
        name: None,
        pronouns: None,
        language: "en".to_owned(),
        languages: "[]".to_owned(),
        timezone: None,
        cell: None,
        shuffle: 1,
        version: 1,
        changed_at: now,
        created_at: now,
    }
    .into_active_model()
    .insert(db)
    .await
    .unwrap();
    contact(app, person_id, now).await;
    insert_event(app, event_id, visibility).await;
    timeslot::Model {
        id: timeslot_id,
        event_id,
        starts_at: "2026-11-22T00:00:00Z".parse().unwrap(),
        ends_at: "2026-11-22T02:00:00Z".parse().unwrap(),
        capacity: None,
        taken: 0,
        held: 0,
        waitlist_first: false,
        cancelled_at: None,
        origin_id: None,
        series_id: None,
        occurrence: None,
        excepted_at: None,
        version: 1,
        changed_at: now,
    }
    .into_active_model()
    .insert(db)
    .await
    .unwrap();
    let name = Slot {
        column: "rsvp.name",
        row: &rsvp_id,
    };
    rsvp::Model {
        id: rsvp_id,
        timeslot_id,
        event_id,
        person_id,
        status,
        party_size: 2,
        seats: 0,
        name: app.keys.seal(name, &"Wren").unwrap(),
        details: None,
        waitlisted_at: None,
        offer_expires_at: None,
        referrer: None,
        approved_at: None,
        listed: false,
        share_code: None,
        shared_by: None,
        confirmed_at: None,
        attendance_confirmed_at: None,
        version: 1,
        changed_at: now,
        created_at: now,
    }
    .into_active_model()
    .insert(db)
    .await
    .unwrap();
    rsvp_id
}

async fn contact(app: &App, person_id: Uuid, now: DateTime<Utc>) {
    let id = Uuid::now_v7();
    let index = app.keys.index("EMAIL", "wren@example.org").unwrap();
    let slot = Slot {
        column: "contact_point.value",
        row: &id,
    };
    contact_point::Model {
        id,
        person_id,
        channel: Channel::Email,
        value: app.keys.seal(slot, &"wren@example.org").unwrap(),
        index_key: index.key,
        value_index: index.value,
        verified_at: None,
        created_at: now,
    }
    .into_active_model()
    .insert(app.db.writer())
    .await
    .unwrap();
}

async fn insert_event(app: &App, id: Uuid, address_visibility: AddressVisibility) {
    let now = app.clock.now();
    let private = Private {
        place: Some(Place {
            venue: Some("The house".to_owned()),
            address_lines: vec!["1 Secret St".to_owned()],
            locality: Some("Des Moines".to_owned()),
            region: Some("IA".to_owned()),
            postal_code: Some("50309".to_owned()),
            ..Place::default()
        }),
        virtual_url: Some("https://meet.example.org/x".to_owned()),
        instructions: Some("Bring a pen.".to_owned()),
        gathering: Some(Gathering {
            place: "the fountain".to_owned(),
            minutes_before: 30,
        }),
    };
    let slot = Slot {
        column: "event.private",
        row: &id,
    };
    let row = event::ActiveModel {
        id: Set(id),
        status: Set(EventStatus::Approved),
        title: Set("Save the park".to_owned()),
        summary: Set(Some("An evening for the park.".to_owned())),
        description: Set(String::new()),
        event_type: Set(EventType::Action),
        tags: Set("[]".to_owned()),
        accessibility_features: Set("[]".to_owned()),
        visibility: Set(Visibility::Public),
        address_visibility: Set(address_visibility),
        timezone: Set("America/Chicago".to_owned()),
        is_virtual: Set(false),
        address_lines: Set("[]".to_owned()),
        locality: Set(Some("Des Moines".to_owned())),
        private: Set(app.keys.seal(slot, &private).unwrap()),
        version: Set(1),
        changed_at: Set(now),
        created_at: Set(now),
        ..Default::default()
    };
    row.insert(app.db.writer()).await.unwrap();
    event_host::Model {
        id: Uuid::now_v7(),
        event_id: id,
        kind: HostKind::Sponsor,
        person_id: None,
        public_name: "Ada L.".to_owned(),
        wanted_name: None,
        leads: false,
        created_at: now,
    }
    .into_active_model()
    .insert(app.db.writer())
    .await
    .unwrap();
}
