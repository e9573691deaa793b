//! Who came: facts from several devices, and what follows from them.

mod batches;
mod facts;
mod links;
mod races;

use api::{
    app::again,
    domain::{
        attendance::{By, NewFact, Recorded, What, Whom, record},
        person::Name,
    },
    refusal::Refusal,
};
use entity::{AttendanceSource, attendance};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::{Caller, Made, World};

pub(crate) fn key(id: &str) -> Uuid {
    id.rsplit(':').next().unwrap().parse().unwrap()
}

pub(crate) async fn person(caller: &Caller) -> Uuid {
    key(&caller
        .ask("{ viewer { id } }", Value::Null)
        .await
        .text("/viewer/id"))
}

/// What becomes of facts about an event.
async fn recorded(world: &World, event: &Made, by: By, facts: &[NewFact]) -> Result<Vec<Recorded>, Refusal> {
    let app = &world.app;
    again(|| app.write(async |tx| record(app, tx, key(&event.id), by, facts).await)).await
}

/// The attendance of a date.
async fn rows(world: &World, event: &Made) -> Vec<attendance::Model> {
    let rows = attendance::Entity::find()
        .filter(attendance::Column::TimeslotId.eq(key(&event.timeslot)))
        .order_by_asc(attendance::Column::Id);
    rows.all(world.app.db.reader()).await.unwrap()
}

fn fact(client: &str, nonce: &str, world: &World, what: What) -> NewFact {
    NewFact {
        client_id: client.to_owned(),
        nonce: nonce.to_owned(),
        at: world.app.clock.now(),
        source: AttendanceSource::Host,
        what,
        remark: None,
        sheet_row_id: None,
    }
}

fn whom(event: &Made, person_id: Uuid) -> Whom {
    Whom::Person {
        timeslot_id: key(&event.timeslot),
        person_id,
        name: None,
    }
}

/// Somebody is seen at an event without an RSVP, by a host.
pub(crate) async fn walk_in(world: &World, host: &Caller, event: &Made, guest: &Caller) {
    let by = By {
        person_id: Some(person(host).await),
        link_id: None,
    };
    let name = Name {
        given: "Wren".to_owned(),
        family: "Testperson".to_owned(),
    };
    let whom = Whom::Guest {
        timeslot_id: key(&event.timeslot),
        person_id: Some(person(guest).await),
        name,
    };
    let seen = fact("list", "1", world, What::In(whom, 1));
    recorded(world, event, by, &[seen]).await.unwrap();
}
