//! Events to test with.

use entity::StaffRole;
use serde_json::{Value, json};

use super::{Caller, World};

/// An event and its first timeslot, by global id.
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) timeslot: String,
    pub(crate) version: i64,
}

/// Input of an event in Des Moines, on the day after tomorrow at 18:00 local time, with what `over` says instead.
pub(crate) fn event_input(over: Value) -> Value {
    let mut input = json!({
        "title": "Calls for clean water",
        "summary": "We call the county board.",
        "description": "Bring a **phone**.",
        "eventType": "ACTION",
        "timezone": "America/Chicago",
        "place": {
            "venue": "Test Library", "addressLines": ["1 Example Street"], "locality": "Des Moines", "region": "IA",
            "postalCode": "50309", "latitude": 41.5868, "longitude": -93.625
        },
        "timeslots": [{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z"}],
        "publicName": "Host of Tests"
    });
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

impl World {
    /// A draft of `host`.
    pub(crate) async fn draft(&self, host: &Caller, over: Value) -> Made {
        let selection = "event { id version timeslots { edges { node { id } } } }";
        let answer = host.mutate("createEvent", event_input(over), selection).await;
        let event = answer.at("/createEvent/event");
        Made {
            id: event["id"].as_str().unwrap().to_owned(),
            timeslot: event
                .pointer("/timeslots/edges/0/node/id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            version: event["version"].as_i64().unwrap(),
        }
    }

    /// A published event of `host`.
    pub(crate) async fn event(&self, host: &Caller, over: Value) -> Made {
        let made = self.draft(host, over).await;
        let organizer = self.staff("Organizer", StaffRole::Organizer).await;
        let answer = organizer
            .mutate("publishEvent", json!({"id": made.id}), "event { version status }")
            .await;
        assert_eq!(answer.at("/publishEvent/event/status"), "APPROVED");
        Made {
            version: answer.at("/publishEvent/event/version").as_i64().unwrap(),
            ..made
        }
    }

    /// A published event whose only timeslot has so many seats.
    pub(crate) async fn event_with_seats(&self, host: &Caller, seats: i32) -> Made {
        let slot = json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": seats}]);
        self.event(host, json!({"timeslots": slot})).await
    }
}
