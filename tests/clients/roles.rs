//! Roles of an event, from the plan to what came of it.

use entity::StaffRole;
use serde_json::{Value, json};

use super::App;
use crate::harness::World;

pub(super) async fn people_run_the_event(world: &World, app: &App) {
    let organizer = world.staff("Organizer", StaffRole::Organizer).await;
    let campaign = crate::campaigns::campaign(&organizer, "Roles", "").await;
    let template = json!({"key": "samples", "kind": "TASK", "title": "Water samples", "dueHours": 24});
    let set = json!({"campaignId": campaign, "expectedVersion": 0, "templates": [template]});
    app.run(&organizer, "SuggestRoles", json!({"input": set})).await;
    let (host, guest) = (world.activist("Ibis").await, world.activist("Plover").await);
    let event = world.event(&host, json!({"campaignId": campaign})).await;
    let answer = json!({"timeslotId": event.timeslot});
    guest.mutate("rsvp", answer, "status").await.data();
    let suggested = json!({"type": "ACTION", "campaign": campaign});
    let suggested = app.run(&guest, "SuggestedRoles", suggested).await;
    assert_eq!(suggested.at("/roleTemplates/0/key"), "samples");
    let plan = json!({"input": {"eventId": event.id, "keys": ["samples", "greeter"], "idempotencyKey": "plan-roles-1"}});
    let planned = app.run(&host, "PlanRoles", plan).await;
    let roles = planned.at("/planRoles/roles");
    let (samples, greeter) = (roles[0]["id"].clone(), roles[1]["id"].clone());
    let more = json!({"input": {"eventId": event.id, "kind": "ON_SITE", "title": "Medic"}});
    let medic = app.run(&host, "AddRole", more).await;
    let medic = medic.at("/createRole/role/id").clone();
    let change = json!({"input": {"id": medic, "expectedVersion": 1, "maxPeople": 2}});
    app.run(&host, "SaveRole", change).await;
    app.run(&host, "DeleteRole", json!({"id": medic, "version": 2}))
        .await;

    let could = app.run(&host, "WhoCould", json!({"role": samples})).await;
    let to = json!({"attendeeId": could.at("/roleSubstitutes/edges/0/node/id")});
    let offered = json!({"input": {"roleId": samples, "to": to, "idempotencyKey": "offer-role-1"}});
    let offered = app.run(&host, "OfferRole", offered).await;
    let task = offered.at("/offerRole/assignment/id").clone();
    app.run(&guest, "DeclineRole", json!({"id": task, "reason": "Not then."}))
        .await;
    let offered = json!({"input": {"roleId": samples, "to": to}});
    app.run(&host, "OfferRole", offered).await;
    app.run(&guest, "AcceptRole", json!({"id": task})).await;
    let wish = app.run(&guest, "Volunteer", json!({"role": greeter})).await;
    let wish = wish.at("/volunteerForRole/assignment/id").clone();
    app.run(&host, "LetVolunteer", json!({"id": wish})).await;
    let mine = app.run(&guest, "MyRoles", json!({"which": "UPCOMING"})).await;
    assert_eq!(mine.at("/viewer/roles/edges").as_array().unwrap().len(), 2);
    let again = app.run(&guest, "Refetch", json!({"id": wish})).await;
    assert_eq!(again.at("/node/id"), &wish);
    app.run(&host, "EventRoles", json!({"event": event.id})).await;
    app.run(&host, "MissingAnywhere", Value::Null).await;
    let team = app.run(&host, "Team", json!({"event": event.id})).await;
    let next =
        json!({"input": {"id": wish, "to": {"hostId": team.at("/event/team/0/id")}, "notes": "Ring twice."}});
    let next = app.run(&guest, "HandRoleOver", next).await;
    let next = next.at("/handOverRole/assignment/id").clone();
    app.run(&host, "TakeRoleBack", json!({"id": next})).await;
    app.run(&guest, "GiveRoleBack", json!({"id": wish, "reason": "I am ill."}))
        .await;
    let done = json!({"id": task, "outcome": "FULFILLED"});
    let done = app.run(&host, "ReportRole", done).await;
    assert_eq!(done.at("/reportRole/assignment/status"), "FULFILLED");
}
