//! The door of an event: its pack, what a device tells, and who follows that.

use chrono::TimeDelta;
use serde_json::json;

use super::App;
use crate::{harness::World, rsvps::rsvp};

pub(super) async fn people_come(world: &World, app: &App) {
    let (host, jay) = (world.activist("Wren").await, world.activist("Jay").await);
    let start = world.now() + TimeDelta::hours(1);
    let slot = json!([{"startsAt": start, "endsAt": start + TimeDelta::hours(2)}]);
    let made = world.event(&host, json!({"timeslots": slot})).await;
    rsvp(&jay, &made, 2).await.data();
    let pack = app.run(&host, "DoorPack", json!({"event": made.id})).await;
    assert_eq!(pack.at("/eventPack/entries/0/partySize"), 2);
    let known = json!({"event": made.id, "version": pack.at("/eventPack/version")});
    let again = app.run(&host, "DoorPack", known).await;
    assert_eq!(again.at("/eventPack/unchanged"), true);
    let mine = app.run(&jay, "MyCode", json!({"event": made.id})).await;
    let other = json!({"id": mine.at("/event/viewerRsvps/0/id")});
    let other = app.run(&jay, "AnotherCode", other).await;
    let code = other.text("/renewCheckInCode/rsvp/checkInCode");
    let guest = json!({"name": {"givenName": "Finch"}, "email": "finch@example.org",
        "consent": {"purpose": "RECRUITMENT", "textVersion": "2030-01"}});
    let items = json!([{"nonce": "1", "code": code}, {"nonce": "2", "walkIn": guest}]);
    let input = json!({"eventId": made.id, "clientId": "north gate", "items": items});
    let told = app.run(&host, "TellTheDoor", json!({"input": input})).await;
    assert_eq!(told.at("/checkIn/results/0/name"), "Jay Testperson");
    let heard = app.hear(&host, "FollowTurnout", json!({"event": made.id})).await;
    assert_eq!(
        heard["turnoutChanged"],
        json!({"coming": 2, "here": 3, "left": 0, "walkIns": 1, "noShows": 0})
    );
    let came = app.run(&host, "WhoCame", json!({"event": made.id})).await;
    assert_eq!(came.at("/event/attendees/edges/0/node/attendance/came"), true);
    let walk_in = came.at("/event/walkIns/edges/0/node/id");
    let undo = json!({"input": {"eventId": made.id, "walkInId": walk_in}});
    let undone = app.run(&host, "NotThere", undo).await;
    assert!(undone.at("/undoCheckIn/attendance/came").is_null());
    world.drain().await;
}
