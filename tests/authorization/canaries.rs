//! Words that only some may read, looked for in whatever can be answered: every caller asks for every field of everything
//! they know an id of, or find.

use std::collections::BTreeMap;

use entity::StaffRole;
use serde_json::{Value, json};

use super::CALLERS;
use crate::{
    fuzz::schema::{Schema, name_of},
    harness::{Caller, World, event_input},
    texts::add as add_number,
};

/// A word, what it is, and who may read it.
const CANARIES: [(&str, &str, &[&str]); 26] = [
    ("aattendee@example.org", "an attendee's address", &["attendee"]),
    (
        "Attendeefamily",
        "an attendee's family name",
        &["attendee", "host", "organizer", "admin"],
    ),
    (
        "guest-canary@example.org",
        "the address of somebody without an account",
        &[],
    ),
    ("ainvitee@example.org", "an invited address", &["host"]),
    ("Canary note to a guest", "what a host wrote to a guest", &[]),
    ("5155550177", "the number of somebody without an account", &[]),
    ("5155550178", "an attendee's number", &["attendee"]),
    (
        "Guestfamily",
        "the family name of somebody without an account",
        &["host", "organizer", "admin"],
    ),
    (
        "Companionfamily",
        "whom an attendee brings, and what they answered",
        &["attendee", "host", "organizer", "admin"],
    ),
    ("ahost@example.org", "a host's address", &["host"]),
    ("Hostfamily", "a host's family name", &["host"]),
    ("ahostpronouns", "a host's pronouns", &["host"]),
    (
        "arecruiter@example.org",
        "the address of a member of staff",
        &["recruiter", "admin"],
    ),
    (
        "13 Canary Lane",
        "a place for those coming",
        &["attendee", "host", "organizer", "admin"],
    ),
    (
        "41.58681313",
        "where exactly that is",
        &["attendee", "host", "organizer", "admin"],
    ),
    (
        "14 Canary Yard",
        "a place for hosts",
        &["host", "organizer", "admin"],
    ),
    (
        "canary-room",
        "where to take part online",
        &["attendee", "host", "organizer", "admin"],
    ),
    (
        "Canary instructions",
        "what those coming should know",
        &["attendee", "host", "organizer", "admin"],
    ),
    (
        "Canary oak",
        "where to gather",
        &["attendee", "host", "organizer", "admin"],
    ),
    (
        "Canary draft",
        "the title of a draft",
        &["host", "organizer", "admin"],
    ),
    (
        "cohost-canary@example.org",
        "the address of somebody who is asked to host",
        &["host"],
    ),
    (
        "Canary cohost",
        "who is asked to host",
        &["host", "organizer", "admin"],
    ),
    (
        "Canary link",
        "whom a host link was given to",
        &["host", "organizer", "admin"],
    ),
    (
        "contact-canary@example.org",
        "how a host is reached, for those coming",
        &["attendee", "host", "organizer", "admin"],
    ),
    (
        "Canary private",
        "the title of a private event",
        &["host", "organizer", "admin"],
    ),
    (
        "Canary reason",
        "why an event was sent back",
        &["host", "organizer", "admin"],
    ),
];

/// Fields inside of each other below an object.
const DEPTH: usize = 3;

scenario! {
    async fn are_read_by_those_who_may_and_by_nobody_else(world) {
        let callers = callers(world).await;
        let ids = everything(world, &callers).await;
        let schema = Schema::read();
        let mut heard: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for (caller, name) in callers.iter().zip(CALLERS) {
            for request in requests(&schema, &ids) {
                let answer = caller.ask(&request, Value::Null).await;
                assert_ne!(answer.code_if_any(), Some("QUERY_TOO_COMPLEX"), "{request}");
                assert_ne!(answer.code_if_any(), Some("GRAPHQL_VALIDATION_FAILED"), "{request}: {}", answer.body);
                let said = answer.body.to_string();
                for (word, ..) in CANARIES.iter().filter(|(word, ..)| said.contains(word)) {
                    heard.entry((word, name)).or_insert_with(|| request.clone());
                }
            }
        }
        for (word, what, readers) in CANARIES {
            for name in CALLERS {
                match (heard.get(&(word, name)), readers.contains(&name)) {
                    (Some(request), false) => panic!("{name} reads {what} by {request}"),
                    (None, true) => panic!("{name} does not come to read {what}"),
                    _ => {}
                }
            }
        }
        world.drain().await;
    }
}

/// Everybody who asks, by the names of the table, each with a family name and an address to look for.
async fn callers(world: &World) -> Vec<Caller> {
    let mut callers = vec![world.anonymous()];
    for name in &CALLERS[1..] {
        let given = format!("A{}", name.replace(' ', ""));
        let caller = match *name {
            "recruiter" => world.staff(&given, StaffRole::Recruiter).await,
            "caller" => world.staff(&given, StaffRole::Caller).await,
            "transcriber" => world.staff(&given, StaffRole::Transcriber).await,
            "organizer" => world.staff(&given, StaffRole::Organizer).await,
            "admin" => world.staff(&given, StaffRole::Admin).await,
            _ => world.activist(&given).await,
        };
        let mut family = name.replace(' ', "") + "family";
        family[..1].make_ascii_uppercase();
        let pronouns = format!("a{}pronouns", name.replace(' ', ""));
        let input = json!({"name": {"givenName": given, "familyName": family}, "pronouns": pronouns});
        caller.mutate("updateViewer", input, "viewer { id }").await.data();
        callers.push(caller);
    }
    callers
}

/// Makes what there is to read; gives every id, and where `changes` began.
async fn everything(world: &World, callers: &[Caller]) -> Vec<String> {
    let (attendee, host, organizer, admin) = (&callers[2], &callers[3], &callers[8], &callers[9]);
    add_number(world, attendee, "+15155550178").await.data();
    let begin = callers[0].ask("{ changes { cursor } }", Value::Null).await;
    let mut ids = vec![begin.text("/changes/cursor")];
    for (visibility, street) in [("AFTER_RSVP", "13 Canary Lane"), ("HOSTS_ONLY", "14 Canary Yard")] {
        let mut input = event_input(json!({
            "addressVisibility": visibility, "virtualUrl": "https://video.example.org/canary-room",
            "questions": [{"kind": "TEXT", "label": "What do you eat?"}], "instructions": "Canary instructions", "gathering": {"place": "Canary oak", "minutesBefore": 20}
        }));
        input["place"]["addressLines"] = json!([street]);
        input["place"]["latitude"] = json!(41.586_813_13);
        let made = world.event(host, input).await;
        let contact = "contact-canary@example.org";
        let input = json!({"eventId": made.id, "visibility": "AFTER_RSVP", "email": contact});
        host.mutate("setHostContact", input, "event { id }").await.data();
        let query = "query($id: ID!) { event(id: $id) { questions { id } } }";
        let asked = host.ask(query, json!({"id": made.id})).await;
        let companion = "Companionfamily";
        let coming = json!({
            "timeslotId": made.timeslot, "partySize": 2,
            "guests": [{"givenName": "Guest", "familyName": companion}],
            "answers": [{"questionId": asked.at("/event/questions/0/id"), "value": {"text": companion}}]
        });
        let rsvp = attendee
            .mutate("rsvp", coming, "rsvp { id }")
            .await
            .text("/rsvp/rsvp/id");
        let guest = json!({
            "timeslotId": made.timeslot, "email": "guest-canary@example.org",
            "name": {"givenName": "Guest", "familyName": "Guestfamily"}
        });
        callers[0].mutate("rsvp", guest, "status").await.data();
        let by_text = json!({
            "timeslotId": made.timeslot, "phone": "+15155550177",
            "name": {"givenName": "Guest", "familyName": "Guestfamily"}
        });
        callers[0].mutate("rsvp", by_text, "status").await.data();
        ids.extend([rsvp.replace("rsvp:", "attendee:"), rsvp, made.id, made.timeslot]);
    }
    let draft = world.draft(host, json!({"title": "Canary draft"})).await;
    let input =
        json!({"eventId": draft.id, "email": "cohost-canary@example.org", "publicName": "Canary cohost"});
    host.mutate("inviteHost", input, "invitation { id }").await.data();
    let input = json!({"eventId": draft.id, "label": "Canary link", "rights": ["CHANGE"]});
    host.mutate("createHostLink", input, "token").await.data();
    let rejected = world
        .draft(host, json!({"title": "Canary draft sent back"}))
        .await;
    let input = json!({"id": rejected.id});
    host.mutate("publishEvent", input, "event { id }").await.data();
    let input = json!({"id": rejected.id, "reason": "Canary reason"});
    organizer
        .mutate("rejectEvent", input, "event { id }")
        .await
        .data();
    let waiting = world
        .draft(host, json!({"title": "Canary draft in review"}))
        .await;
    let input = json!({"id": waiting.id});
    host.mutate("publishEvent", input, "event { id }").await.data();
    let private = json!({"title": "Canary private", "visibility": "PRIVATE"});
    let private = world.event(host, private).await;
    let asked = json!({"eventId": private.id, "contacts": ["ainvitee@example.org"], "note": "Canary note to a guest"});
    let asked = host.mutate("inviteToEvent", asked, "invitations { id }").await;
    ids.push(asked.text("/inviteToEvent/invitations/0/id"));
    ids.extend([private.id, private.timeslot]);
    let staff = admin
        .ask("{ staff { edges { node { id personId } } } }", Value::Null)
        .await;
    for edge in staff.at("/staff/edges").as_array().unwrap() {
        ids.extend(["id", "personId"].map(|field| edge["node"][field].as_str().unwrap().to_owned()));
    }
    ids.extend([draft.id, draft.timeslot, rejected.id, waiting.id]);
    ids
}

/// Questions for everything: each field of each root, with what it needs.
fn requests(schema: &Schema, ids: &[String]) -> Vec<String> {
    let mut requests = vec![];
    for (operation, field) in schema.roots() {
        if operation != "query" {
            continue; // payloads hold what the ways of the table lead to
        }
        let arguments: Vec<String> = match field.name.node.as_str() {
            "node" => {
                let ids = ids.iter().filter(|id| id.contains(':'));
                ids.map(|id| format!("(id: \"{id}\")")).collect()
            }
            "changes" => {
                let cursors = ids.iter().filter(|id| !id.contains(':'));
                cursors
                    .map(|cursor| format!("(after: \"{cursor}\", first: 5)"))
                    .collect()
            }
            "announcements" | "announcementAudience" => {
                let events = ids.iter().filter(|id| id.starts_with("event:"));
                events.map(|id| format!("(eventId: \"{id}\")")).collect()
            }
            "event" => {
                let events = ids.iter().filter(|id| id.starts_with("event:"));
                events.map(|id| format!("(id: \"{id}\")")).collect()
            }
            "campaign" => {
                let campaigns = ids.iter().filter(|id| id.starts_with("campaign:"));
                campaigns.map(|id| format!("(id: \"{id}\")")).collect()
            }
            "nearbyEvents" => vec!["(near: {postalCode: {code: \"50309\"}}, first: 5)".to_owned()],
            "eventsInBounds" => {
                vec!["(box: {north: 42, south: 41, east: -93, west: -94}, zoom: 9, limit: 5)".to_owned()]
            }
            "messagePreview" => vec!["(template: RSVP_REGISTERED)".to_owned()],
            "invitation" => vec!["(token: \"guessed\")".to_owned()],
            "errorCodes" | "viewer" | "hostPass" | "webhooks" => vec![String::new()],
            _ => vec!["(first: 5)".to_owned()],
        };
        for below in selections(schema, name_of(&field.ty.node)) {
            for arguments in &arguments {
                requests.push(format!("{{ {}{arguments} {below} }}", field.name.node));
            }
        }
    }
    requests
}

/// So many fields are asked for in one selection: three of them are one request, which may have 500.
const MOST: usize = 140;

/// Fields in selections of at most so many.
fn portions(fields: Vec<String>) -> Vec<String> {
    let size = |text: &String| {
        text.split_whitespace()
            .filter(|word| *word != "{" && *word != "}")
            .count()
    };
    let mut portions: Vec<Vec<String>> = vec![vec![]];
    for field in fields {
        let last = portions.last().map(|last| last.iter().map(size).sum::<usize>());
        if last.is_some_and(|so_far| so_far > 0 && so_far + size(&field) > MOST) {
            portions.push(vec![]);
        }
        portions.last_mut().unwrap().push(field);
    }
    portions
        .iter()
        .map(|fields| format!("{{ {} }}", fields.join(" ")))
        .collect()
}

/// Every field of a type, those of objects in selections of their own, so that none is too complex.
fn selections(schema: &Schema, of: &str) -> Vec<String> {
    if of == "Node" {
        // The first selection of each of a few types in one request, the second of each in the next, ...
        let by_type: Vec<_> = schema
            .nodes()
            .into_iter()
            .map(|name| (name, selections(schema, name)))
            .collect();
        let merged = |types: &[(&str, Vec<String>)]| {
            let most = types.iter().map(|(_, below)| below.len()).max().unwrap();
            let parts = |turn: usize| {
                let parts = types
                    .iter()
                    .filter_map(|(name, below)| Some(format!("... on {name} {}", below.get(turn)?)));
                format!("{{ {} }}", parts.collect::<Vec<_>>().join(" "))
            };
            (0..most).map(parts).collect::<Vec<_>>()
        };
        return by_type.chunks(3).flat_map(merged).collect();
    }
    let mut scalars = vec!["__typename".to_owned()];
    let mut all = vec![];
    for field in schema.fields(of) {
        let name = &field.name.node;
        let below = whole(schema, name_of(&field.ty.node), DEPTH);
        if below.is_empty() {
            scalars.push(name.to_string());
        }
        all.extend(below.iter().map(|below| format!("{{ {name} {below} }}")));
    }
    all.push(format!("{{ {} }}", scalars.join(" ")));
    all
}

/// Every field of a type that is no scalar, to a depth, in selections of at most [`MOST`]; lists beyond it stay out.
fn whole(schema: &Schema, of: &str, depth: usize) -> Vec<String> {
    let fields: Vec<_> = schema.fields(of).collect();
    if fields.is_empty() {
        return vec![];
    }
    let is_list = of.ends_with("Connection") || of.ends_with("Edge");
    let deeper = if is_list { depth } else { depth.saturating_sub(1) };
    let mut parts = vec!["__typename".to_owned()];
    for field in fields {
        let (name, below) = (&field.name.node, name_of(&field.ty.node));
        let is_scalar = schema.fields(below).next().is_none();
        if depth == 0 && !is_scalar && !is_list {
            continue;
        }
        let pages = field
            .arguments
            .iter()
            .any(|argument| argument.node.name.node == "first");
        let first = if pages { "(first: 3)" } else { "" };
        if is_scalar {
            parts.push(name.to_string());
        }
        let below = whole(schema, below, deeper).into_iter();
        parts.extend(below.map(|below| format!("{name}{first} {below}")));
    }
    portions(parts)
}
