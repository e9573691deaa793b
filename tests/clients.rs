//! The documents in `clients/` are the screens of a typical app. Every one of them is executed here, with variables as
//! an app would send them, and none may fail in any part.

mod campaigns;
mod documents;
mod hosts;
mod inviting;
mod joining;
mod services;

use std::{cell::RefCell, collections::BTreeSet};

use entity::StaffRole;
use serde_json::{Value, json};

use crate::{
    account::code_to,
    harness::{Answer, Caller, World, event_input},
};
use documents::{Operation, operations};
use services::{admin_connects_services, app_follows_changes};

/// Runs documents, and knows which have run.
struct App {
    all: Vec<Operation>,
    ran: RefCell<BTreeSet<String>>,
}

impl App {
    /// Executes the operation of that name; fails on any error.
    async fn run(&self, caller: &Caller, name: &str, variables: Value) -> Answer {
        let answer = caller.ask(self.text(name), variables).await;
        assert!(answer.body.get("errors").is_none(), "{name}: {}", answer.body);
        answer
    }

    /// The first answer to a subscription; fails on any error.
    async fn hear(&self, caller: &Caller, name: &str, variables: Value) -> Value {
        let mut socket = caller.socket().await;
        socket.subscribe("1", self.text(name), variables).await;
        let payload = socket.answer("1").await;
        assert!(payload.get("errors").is_none(), "{name}: {payload}");
        payload["data"].clone()
    }

    fn text(&self, name: &str) -> &str {
        let operation = self.all.iter().find(|operation| operation.name == name);
        let operation = operation.unwrap_or_else(|| panic!("no document has {name}"));
        self.ran.borrow_mut().insert(name.to_owned());
        &operation.text
    }
}

scenario! {
    /// Every screen, one after the other, as the people of one story see them.
    async fn every_document_runs(world) {
        let app = App { all: operations(), ran: RefCell::default() };
        let event = host_makes_an_event(world, &app).await;
        app_follows_changes(world, &app, &event, async || organizer_reviews(world, &app, &event).await).await;
        campaigns::organizer_campaigns(world, &app).await;
        visitor_looks_around(world, &app, &event).await;
        visitor_answers_by_mail(world, &app, &event).await;
        activist_signs_in_and_answers(world, &app, &event).await;
        host_runs_it(world, &app, &event).await;
        host_repeats_it(world, &app, &event).await;
        hosts::work_together(world, &app).await;
        hosts::are_written_to(world, &app).await;
        admin_grants(world, &app).await;
        admin_connects_services(world, &app).await;
        joining::hosts_let_people_in(world, &app).await;
        joining::people_wait_for_seats(world, &app).await;
        inviting::host_invites(world, &app).await;
        activist_looks_after_the_account(world, &app).await;
        world.drain().await;
        let known: BTreeSet<_> = app.all.iter().map(|operation| operation.name.clone()).collect();
        assert_eq!(app.ran.into_inner(), known, "a document that nobody runs");
    }
}

/// The event and its date.
struct Event {
    id: String,
    timeslot: String,
}

async fn host_makes_an_event(world: &World, app: &App) -> Event {
    let host = world.activist("Wren").await;
    let over = json!({
        "addressVisibility": "AFTER_RSVP", "virtualUrl": "https://video.example.org/room", "tags": ["water"],
        "instructions": "Ring at the oak.", "gathering": {"place": "The old oak", "minutesBefore": 20},
        "accessibilityStatus": "ACCESSIBLE", "accessibilityFeatures": ["RAMP"], "timeslots": []
    });
    let made = app
        .run(&host, "CreateEvent", json!({"input": event_input(over)}))
        .await;
    let id = made.text("/createEvent/event/id");
    let dates = json!([
        {"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 40},
        {"startsAt": "2030-01-25T00:00:00Z", "endsAt": "2030-01-25T02:00:00Z"}
    ]);
    let dates = json!({"input": {"eventId": id, "timeslots": dates}});
    let dated = app.run(&host, "AddTimeslots", dates).await;
    let timeslot = dated.text("/addTimeslots/event/timeslots/edges/0/node/id");
    let handed_in = app.run(&host, "PublishEvent", json!({"id": id})).await;
    assert_eq!(handed_in.at("/publishEvent/event/status"), "NEEDS_APPROVAL");
    Event { id, timeslot }
}

async fn organizer_reviews(world: &World, app: &App, event: &Event) {
    let organizer = world.staff("Organizer", StaffRole::Organizer).await;
    let queue = app.run(&organizer, "ReviewQueue", json!({})).await;
    assert_eq!(queue.at("/reviewQueue/edges/0/node/id"), &json!(event.id));
    let reason = json!({"id": event.id, "reason": "Which floor?"});
    let back = app.run(&organizer, "SendBack", reason).await;
    assert_eq!(
        back.at("/rejectEvent/event/review/rejectionReason"),
        "Which floor?"
    );
    let host = world.activist("Wren").await;
    app.run(&host, "PublishEvent", json!({"id": event.id})).await;
    let queue = app.run(&organizer, "ReviewQueue", json!({})).await;
    let host_id = queue.text("/reviewQueue/edges/0/node/review/hosts/0/id");
    let approved = app.run(&organizer, "Approve", json!({"id": event.id})).await;
    assert_eq!(approved.at("/approveEvent/event/status"), "APPROVED");
    let why = json!({"id": event.id, "category": "UNSAFE", "reason": "Is the bridge open?"});
    let down = app.run(&organizer, "TakeDown", why).await;
    assert_eq!(
        down.at("/suppressEvent/event/review/suppressionReason"),
        "Is the bridge open?"
    );
    let up = app.run(&organizer, "PutBack", json!({"id": event.id})).await;
    assert_eq!(up.at("/reinstateEvent/event/status"), "APPROVED");
    let trusted = app.run(&organizer, "TrustHost", json!({"id": host_id})).await;
    assert_eq!(trusted.at("/trustHost/host/tier"), "TRUSTED");
    let list = app.run(&organizer, "TrustedHosts", json!({})).await;
    assert_eq!(list.at("/trustedHosts/edges/0/node/id"), &json!(host_id));
    let again = app.run(&organizer, "Refetch", json!({"id": host_id})).await;
    assert_eq!(again.at("/node/tier"), "TRUSTED");
    app.run(&organizer, "DistrustHost", json!({"id": host_id, "reason": null}))
        .await;
}

async fn visitor_looks_around(world: &World, app: &App, event: &Event) {
    let visitor = world.anonymous();
    let codes = app.run(&visitor, "Start", Value::Null).await;
    assert!(!codes.at("/errorCodes/codes").as_array().unwrap().is_empty());
    for near in [
        json!({"postalCode": {"code": "50309"}}),
        json!({"point": {"latitude": 41.6, "longitude": -93.6}}),
    ] {
        let window = json!({"from": "2030-01-16T00:00:00Z", "until": "2030-02-16T00:00:00Z"});
        let variables = json!({"near": near, "radius": 80_000.0, "types": ["ACTION"], "window": window});
        let found = app.run(&visitor, "EventsNear", variables).await;
        let edge = found.at("/nearbyEvents/edges/0");
        assert_eq!(edge["node"]["id"], json!(event.id));
        assert_eq!(edge["node"]["place"]["precision"], "APPROXIMATE");
        assert!(edge["distanceMetres"].as_f64().unwrap() < 80_000.0);
    }
    let words = json!({"text": "clean wat", "accessible": true, "hasSeats": true, "virtual": true});
    let found = app.run(&visitor, "SearchEvents", words).await;
    assert_eq!(found.at("/events/edges/0/node/tags"), &json!(["water"]));

    visitor_moves_the_map(app, &visitor, event).await;
    let window = json!({"from": "2030-01-01T00:00:00Z", "until": "2030-02-01T00:00:00Z"});
    for (name, size) in [("CalendarForward", "first"), ("CalendarBackward", "last")] {
        let month = app.run(&visitor, name, json!({"window": window, size: 10})).await;
        let edges = month.at("/events/edges").as_array().unwrap();
        assert_eq!(edges.len(), 1, "{name}");
        assert_eq!(edges[0]["timeslot"]["localStart"], "2030-01-17T18:00:00");
    }
    let page = app.run(&visitor, "EventPage", json!({"id": event.id})).await;
    assert_eq!(page.at("/event/timeslots/edges").as_array().unwrap().len(), 2);
    let heard = app.hear(&visitor, "EventChanges", json!({"id": event.id})).await;
    assert_eq!(heard["eventChanged"]["status"], "APPROVED");
    for hidden in ["virtualUrl", "instructions", "gathering"] {
        assert_eq!(page.at("/event")[hidden], Value::Null, "{hidden}");
    }
}

async fn visitor_moves_the_map(app: &App, visitor: &Caller, event: &Event) {
    let screen = json!({"north": 42.1, "south": 41.2, "east": -92.9, "west": -94.3});
    let shown = json!({"box": screen, "zoom": 9, "text": "clean", "facets": true});
    let shown = app.run(visitor, "MapInBounds", shown).await;
    let map = shown.at("/eventsInBounds");
    assert_eq!(map["events"][0]["event"]["id"], json!(event.id));
    assert_eq!(
        map["facets"]["types"],
        json!([{"eventType": "ACTION", "count": 1}])
    );
    let moved = json!({"box": {"north": 41.1, "south": 40.2, "east": -92.9, "west": -94.3}, "zoom": 9});
    let moved = app.run(visitor, "MapInBounds", moved).await;
    assert_eq!(moved.at("/eventsInBounds/count"), 0);
    let other = json!({"near": {"postalCode": {"code": "50309"}}, "types": ["RALLY"]});
    let other = app.run(visitor, "EventsFiltered", other).await;
    let facets = other.at("/nearbyEvents/facets");
    assert_eq!(
        (&facets["count"], &facets["types"][0]["count"]),
        (&json!(0), &json!(1))
    );
}

async fn visitor_answers_by_mail(world: &World, app: &App, event: &Event) {
    let visitor = world.anonymous();
    let variables = json!({
        "timeslot": event.timeslot, "email": "robin@example.org",
        "name": {"givenName": "Robin", "familyName": "Testperson"}, "referrer": {"utmSource": "flyer"}
    });
    let asked = app.run(&visitor, "AnswerByMail", variables).await;
    assert_eq!(asked.at("/rsvp/status"), "PENDING_CONFIRMATION");
    world.drain().await;
    let links = world.mails_to("robin@example.org")[0].tokens();
    let confirmed = app
        .run(&visitor, "ConfirmByMail", json!({"token": links[0]}))
        .await;
    assert_eq!(confirmed.at("/confirmRsvp/status"), "REGISTERED");
    app.run(&visitor, "StopMail", json!({"token": links[1]})).await;
    world.drain().await;
    let mails = world.mails_to("robin@example.org");
    let coming = mails
        .iter()
        .find(|mail| mail.subject.starts_with("You are coming"));
    let token = json!({"token": coming.unwrap().tokens()[0]});
    let cancelled = app.run(&visitor, "TakeBackByMail", token).await;
    assert_eq!(cancelled.at("/cancelRsvp/status"), "CANCELLED");
}

async fn activist_signs_in_and_answers(world: &World, app: &App, event: &Event) {
    let address = "finch@example.org";
    let visitor = world.anonymous();
    app.run(&visitor, "RequestCode", json!({"email": address})).await;
    world.drain().await;
    let code = world.mails_to(address)[0].code();
    let session = app
        .run(&visitor, "SignIn", json!({"email": address, "code": code}))
        .await;
    let number = "+15155550123";
    app.run(&visitor, "RequestCode", json!({"phone": number})).await;
    world.drain().await;
    let code = world.texts_to(number)[0].code();
    app.run(&visitor, "SignIn", json!({"phone": "515 555 0123", "code": code}))
        .await;
    let refresh = json!({"refreshToken": session.text("/signIn/refreshToken")});
    let session = app.run(&visitor, "RefreshSession", refresh).await;
    let finch = Caller::new(
        &world.url,
        Some(session.text("/refreshSession/accessToken")),
        address,
    );

    let settings = json!({"name": {"givenName": "Finch", "familyName": "Testperson"}, "postalCode": "50309", "language": "en"});
    app.run(&finch, "SaveProfile", json!({"input": settings})).await;
    let profile = app.run(&finch, "Profile", Value::Null).await;
    assert_eq!(profile.at("/viewer/hasLocation"), &json!(true));
    let made = app.run(&finch, "SubscribeCalendar", Value::Null).await;
    assert!(made.text("/createCalendarLink/url").ends_with(".ics"));
    let gone = app.run(&finch, "ForgetCalendar", Value::Null).await;
    assert_eq!(gone.at("/revokeCalendarLink/revoked"), true);

    let answer = json!({"input": {"timeslotId": event.timeslot, "partySize": 2}});
    let coming = app.run(&finch, "Answer", answer).await;
    let rsvp = coming.at("/rsvp/rsvp");
    let change = json!({"input": {"id": rsvp["id"], "partySize": 3, "expectedVersion": rsvp["version"]}});
    app.run(&finch, "ChangeParty", change).await;
    let mine = app.run(&finch, "MyRsvps", json!({"when": "UPCOMING"})).await;
    let shown = mine.at("/viewer/rsvps/edges/0/node");
    assert_eq!(shown["partySize"], 3);
    assert_eq!(shown["event"]["instructions"], "Ring at the oak.");
    for id in [&json!(event.id), &json!(event.timeslot), &rsvp["id"]] {
        let again = app.run(&finch, "Refetch", json!({"id": id})).await;
        assert_eq!(again.at("/node/id"), id);
    }
    let page = app.run(&finch, "EventPage", json!({"id": event.id})).await;
    assert_eq!(page.at("/event/gathering/place"), "The old oak");
    app.run(&finch, "TakeBack", json!({"input": {"id": rsvp["id"]}}))
        .await;
    app.run(&finch, "SignOut", Value::Null).await;
    let again = world.activist("Finch").await;
    app.run(&again, "SignOutEverywhere", Value::Null).await;
}

async fn host_runs_it(world: &World, app: &App, event: &Event) {
    let host = world.activist("Wren").await;
    let hosting = app.run(&host, "Hosting", json!({"when": "UPCOMING"})).await;
    let hosted = hosting.at("/viewer/hosting/edges").as_array().unwrap();
    assert!(
        hosted.iter().any(|edge| edge["node"]["id"] == event.id),
        "{hosted:?}"
    );
    let attendees = app.run(&host, "Attendees", json!({"event": event.id})).await;
    let edges = attendees.at("/event/attendees/edges").as_array().unwrap().clone();
    let names: Vec<_> = edges.iter().map(|edge| &edge["node"]["name"]).collect();
    assert_eq!(names, ["Robin Testperson", "Finch Testperson"]);
    let filter = json!({"text": "finch", "statuses": ["REGISTERED", "CANCELLED"]});
    let some = json!({"event": event.id, "filter": filter, "orderBy": "LAST_CHANGED"});
    let some = app.run(&host, "FilteredAttendees", some).await;
    assert_eq!(some.at("/event/attendees/edges").as_array().unwrap().len(), 1);
    let file = json!({"event": event.id, "filter": filter, "key": "attendees-1"});
    let file = app.run(&host, "DownloadAttendees", file).await;
    assert_eq!(file.at("/exportAttendees/rows"), 1);
    let one = app
        .run(&host, "Refetch", json!({"id": edges[1]["node"]["id"]}))
        .await;
    assert_eq!(one.at("/node/name"), "Finch Testperson");

    let form = app.run(&host, "EventForm", json!({"id": event.id})).await;
    let form = form.at("/event");
    assert_eq!(form["place"]["addressLines"], json!(["1 Example Street"]));
    let changes = json!({"id": event.id, "expectedVersion": form["version"], "title": "Calls for rivers"});
    let saved = app.run(&host, "SaveEvent", json!({"input": changes})).await;
    assert_eq!(saved.at("/updateEvent/event/title"), "Calls for rivers");
    let seats = json!({"input": {"id": event.timeslot, "capacity": 50}});
    app.run(&host, "SaveTimeslot", seats).await;
    app.run(&host, "CallOffTimeslot", json!({"id": event.timeslot}))
        .await;
    let note = json!({"id": event.id, "note": "The library is closed."});
    let off = app.run(&host, "CallOffEvent", note).await;
    assert_eq!(off.at("/cancelEvent/event/status"), "CANCELLED");
}

async fn activist_looks_after_the_account(world: &World, app: &App) {
    let finch = world.activist("Finch").await;
    world.activist("Finch").await;
    let devices = app.run(&finch, "Devices", json!({})).await;
    let lost = devices.at("/viewer/sessions/edges/0/node");
    assert_eq!(lost["isCurrent"], false);
    let ended = app.run(&finch, "EndSession", json!({"id": lost["id"]})).await;
    assert_eq!(ended.at("/endSession/ended"), true);
    let consent =
        json!({"channel": "EMAIL", "purpose": "RECRUITMENT", "granted": true, "textVersion": "2030-01"});
    app.run(&finch, "SaveConsent", json!({"input": consent})).await;
    let email = "finch.elsewhere@example.org";
    app.run(&finch, "RequestAddressCode", json!({"email": email}))
        .await;
    let code = code_to(world, email, "add").await;
    let address = json!({"email": email, "code": code});
    let added = app.run(&finch, "AddAddress", address).await;
    assert_eq!(added.at("/addAddress/merged"), false);
    let privacy = app.run(&finch, "Privacy", Value::Null).await;
    assert_eq!(privacy.at("/viewer/contactPoints/1/value"), email);
    assert_eq!(privacy.at("/viewer/consents/1/granted"), true);
    app.run(&finch, "RequestErasureCode", json!({})).await;
    let code = code_to(world, "finch@example.org", "erase").await;
    let erased = app.run(&finch, "Erase", json!({"code": code})).await;
    assert!(!erased.at("/eraseViewer/residue").as_array().unwrap().is_empty());
}

async fn host_repeats_it(world: &World, app: &App, event: &Event) {
    let host = world.activist("Wren").await;
    let again = json!({"input": {"id": event.id, "title": "Calls every week"}});
    let copy = app.run(&host, "DuplicateEvent", again).await;
    let id = copy.text("/duplicateEvent/event/id");
    let rule = "FREQ=WEEKLY;BYDAY=TU;COUNT=6";
    let input =
        json!({"eventId": id, "rule": rule, "localStart": "2030-02-05T19:00:00", "durationMinutes": 90});
    let added = app.run(&host, "AddSeries", json!({"input": input})).await;
    assert_eq!(added.at("/addSeries/added"), 6);
    let form = app.run(&host, "SeriesForm", json!({"event": id})).await;
    let second = form.at("/event/timeslots/edges/1/node");
    assert_eq!(second["occurrence"]["localStart"], "2030-02-12T19:00:00");
    let series = &second["occurrence"]["series"];
    let again = app.run(&host, "SeriesAgain", json!({"id": series["id"]})).await;
    assert_eq!(again.at("/node"), series);
    let later = json!({"id": second["id"], "scope": "FOLLOWING", "localStart": "2030-02-12T20:00:00"});
    let saved = app.run(&host, "SaveTimeslots", json!({"input": later})).await;
    assert_eq!(saved.at("/updateTimeslots/changed"), 5);
    let off = json!({"id": second["id"], "scope": "ALL"});
    let off = app.run(&host, "CallOffTimeslots", off).await;
    assert_eq!(off.at("/cancelTimeslots/cancelled"), 5);

    let organizer = world.staff("Organizer", StaffRole::Organizer).await;
    let checked = json!({"input": {"ids": [id, event.id], "addTags": ["weekly"]}});
    let changed = app.run(&organizer, "ChangeChecked", checked).await;
    let results = changed.at("/bulkUpdateEvents/results");
    assert_eq!(results[0]["event"]["id"], json!(id));
    assert_eq!(results[1]["reason"], "EVENT_CANCELLED");
    let ids = json!({"ids": [id], "note": "No more calls."});
    let off = app.run(&organizer, "CallOffChecked", ids).await;
    assert_eq!(off.at("/bulkCancelEvents/results/0/event/status"), "CANCELLED");
}

async fn admin_grants(world: &World, app: &App) {
    let admin = world.staff("Admin", StaffRole::Admin).await;
    let role = json!({"email": "jay@example.org", "role": "RECRUITER"});
    let granted = app.run(&admin, "GrantRole", role).await;
    let id = granted.at("/grantStaffRole/id");
    let staff = app.run(&admin, "Staff", json!({})).await;
    assert_eq!(staff.at("/staff/edges/0/node/email"), "jay@example.org");
    let again = app.run(&admin, "Refetch", json!({"id": id})).await;
    assert_eq!(again.at("/node/role"), "RECRUITER");
    app.run(&admin, "RevokeRole", json!({"id": id})).await;
    let words = json!({"template": "RSVP_REGISTERED", "language": "es"});
    let preview = app.run(&admin, "HowItReads", words).await;
    assert!(preview.text("/messagePreview/text").contains("Asistirás"));
}
