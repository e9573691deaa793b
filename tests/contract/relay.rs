//! What Relay's compiler and the cursor connections specification ask of a schema, and what reads well in one: over the
//! whole schema, so that a new type has to keep it.

use std::collections::BTreeMap;

use api::graphql;
use serde_json::Value;

const INTROSPECTION: &str = "{ __schema {
    types { kind name interfaces { name }
        fields(includeDeprecated: true) { name isDeprecated deprecationReason args { ...I } type { ...T } }
        inputFields { ...I }
        enumValues(includeDeprecated: true) { name isDeprecated deprecationReason } } } }
    fragment I on __InputValue { name defaultValue type { ...T } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { name } } } } }";

/// The types of ours, by name.
async fn types() -> BTreeMap<String, Value> {
    let answer = graphql::bare_schema().finish().execute(INTROSPECTION).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let data: Value = serde_json::to_value(answer.data).unwrap();
    let types = data["__schema"]["types"].as_array().unwrap().clone();
    let named = types
        .into_iter()
        .map(|of| (of["name"].as_str().unwrap().to_owned(), of));
    named.filter(|(name, _)| !name.starts_with("__")).collect()
}

/// `[Event!]!`
fn text(of: &Value) -> String {
    match of["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", text(&of["ofType"])),
        Some("LIST") => format!("[{}]", text(&of["ofType"])),
        _ => of["name"].as_str().unwrap().to_owned(),
    }
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

/// The type of a field, or nothing.
fn field(of: &Value, name: &str) -> String {
    let field = list(of, "fields").find(|field| field["name"] == name);
    field.map(|field| text(&field["type"])).unwrap_or_default()
}

fn name(of: &Value) -> &str {
    of["name"].as_str().unwrap()
}

fn is_node(of: &Value) -> bool {
    list(of, "interfaces").any(|interface| interface["name"] == "Node")
}

#[tokio::test]
async fn objects_are_refetched_by_their_ids() {
    let types = types().await;
    assert_eq!(field(&types["Node"], "id"), "ID!");
    let node = list(&types["Query"], "fields")
        .find(|field| field["name"] == "node")
        .unwrap();
    assert_eq!(text(&node["type"]), "Node");
    let arguments: Vec<_> = list(node, "args")
        .map(|argument| (name(argument), text(&argument["type"])))
        .collect();
    assert_eq!(arguments, [("id", "ID!".to_owned())]);
    for (kind, of) in types.iter().filter(|(_, of)| is_node(of)) {
        assert_eq!(field(of, "id"), "ID!", "{kind}");
    }
    // Without `node` nothing else may be an object with an id of its own, but for a payload that only names one, and
    // a person, whom nobody but themselves may ask for, by `viewer`; and questions, hosts, invitations to host and host links, which are parts of their event.
    let others = types
        .iter()
        .filter(|(_, of)| of["kind"] == "OBJECT" && !is_node(of) && field(of, "id") == "ID!");
    let others: Vec<_> = others.map(|(kind, _)| kind.as_str()).collect();
    let expected = [
        "HostInvitation",
        "HostLink",
        "Person",
        "Question",
        "StaffRolePayload",
        "TeamMember",
    ];
    assert_eq!(others, expected);
}

#[tokio::test]
async fn connections_are_those_of_the_specification() {
    let types = types().await;
    let page_info = &types["PageInfo"];
    for (name, of) in [
        ("hasNextPage", "Boolean!"),
        ("hasPreviousPage", "Boolean!"),
        ("startCursor", "String"),
        ("endCursor", "String"),
    ] {
        assert_eq!(field(page_info, name), of, "{name}");
    }
    for (kind, of) in types.iter().filter(|(kind, _)| kind.ends_with("Connection")) {
        let edge = kind.replace("Connection", "Edge");
        assert_eq!(field(of, "pageInfo"), "PageInfo!", "{kind}");
        assert_eq!(field(of, "edges"), format!("[{edge}!]!"), "{kind}");
        assert_eq!(field(&types[&edge], "cursor"), "String!", "{edge}");
        let node = field(&types[&edge], "node");
        assert!(
            is_node(&types[node.trim_end_matches('!')]),
            "what {edge} holds is no Node"
        );
    }
    for (kind, of) in types
        .iter()
        .filter(|(_, of)| matches!(of["kind"].as_str(), Some("OBJECT" | "INTERFACE")))
    {
        for field in list(of, "fields") {
            let arguments: BTreeMap<_, _> = list(field, "args")
                .map(|argument| (name(argument), text(&argument["type"])))
                .collect();
            let paged =
                ["first", "after", "last", "before"].map(|name| arguments.get(name).map(String::as_str));
            let is_connection = text(&field["type"]).trim_end_matches('!').ends_with("Connection");
            let expected = if is_connection {
                [Some("Int"), Some("String"), Some("Int"), Some("String")]
            } else if name(field) == "changes" && kind == "Query" {
                // It is no list: it goes on for ever, in one direction, and what is gone is no node.
                [Some("Int!"), Some("String"), None, None]
            } else {
                [None; 4]
            };
            assert_eq!(paged, expected, "{kind}.{}", name(field));
        }
    }
}

/// Lists of objects that are no connections: they stay short.
const SHORT: [(&str, &str); 31] = [
    ("AnnouncementAudience.leftOut", "one for each reason"),
    (
        "Attendee.answers",
        "one for each question of the event, 20 at most",
    ),
    ("Attendee.deliveries", "50 at most"),
    (
        "BulkEventsPayload.results",
        "one for each event of the input, 100 at most",
    ),
    ("ChangedEvents.changes", "`first`, 100 at most"),
    (
        "DecideRsvpsPayload.attendees",
        "those that were decided about, 100 at most",
    ),
    ("EraseViewerPayload.residue", "one of each kind at most"),
    ("Event.questions", "20 at most"),
    ("Event.hosts", "`limits.hosts` people at most, and their sponsors"),
    ("Event.viewerRsvps", "one for each date of the event at most"),
    ("Event.team", "as `Event.hosts`"),
    ("Event.hostInvitations", "`limits.hosts` at most"),
    ("Event.hostLinks", "`limits.host_links` at most"),
    ("Event.rsvpCounts", "one for each status"),
    ("EventChange.fields", "one for each field of an event"),
    ("EventFacets.types", "the types at most"),
    ("EventFacets.campaigns", "the 50 most frequent at most"),
    ("EventFacets.days", "the days of the window at most"),
    ("EventReview.hosts", "as the hosts of the event"),
    ("EventsInBounds.events", "the limit that is asked for at most"),
    ("EventsInBounds.clusters", "the limit that is asked for at most"),
    (
        "InviteToEventPayload.invitations",
        "one for each address, 20 at most",
    ),
    (
        "PendingChanges.changes",
        "one for each field and host, and 20 dates",
    ),
    ("Person.contactPoints", "`limits.contact_points` at most"),
    ("Person.consents", "one for each channel and purpose"),
    (
        "Person.hostInvitations",
        "open ones, which are few for each event",
    ),
    ("Query.webhooks", "`webhooks.most`, 20"),
    ("Rsvp.answers", "one for each question of the event, 20 at most"),
    ("Rsvp.deliveries", "50 at most"),
    (
        "RsvpResult.fields",
        "one for each field of the input that is wrong",
    ),
    ("RsvpToAllPayload.results", "one for each date, 20 at most"),
];

#[tokio::test]
async fn what_grows_is_a_connection() {
    let types = types().await;
    let mut lists = vec![];
    for (kind, of) in &types {
        for field in list(of, "fields") {
            let of = text(&field["type"]);
            let inner = of.trim_matches(['[', ']', '!']);
            let is_object = types.get(inner).is_some_and(|of| of["kind"] == "OBJECT");
            if of.starts_with('[') && is_object && !inner.ends_with("Edge") {
                lists.push(format!("{kind}.{}", name(field)));
            }
        }
    }
    assert_eq!(lists, SHORT.map(|(path, _)| path.to_owned()));
}

#[tokio::test]
async fn mutations_take_one_input_and_give_a_payload() {
    for field in list(&types().await["Mutation"], "fields") {
        let mutation = name(field);
        let upper = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        let arguments: Vec<_> = list(field, "args")
            .map(|argument| (name(argument), text(&argument["type"])))
            .collect();
        let without_input = mutation.starts_with("signOut") || mutation.ends_with("CalendarLink");
        if without_input {
            assert!(arguments.is_empty(), "{mutation}");
        } else {
            assert_eq!(arguments, [("input", format!("{upper}Input!"))], "{mutation}");
        }
        let payload = text(&field["type"]);
        assert!(payload.ends_with("Payload!"), "{mutation} gives {payload}");
    }
}

#[tokio::test]
async fn names_are_written_as_everywhere() {
    let types = types().await;
    let lower = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let upper = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let shouted = |name: &str| {
        name.chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    for (kind, of) in &types {
        assert!(upper(kind), "{kind}");
        assert_eq!(
            kind.ends_with("Input"),
            of["kind"] == "INPUT_OBJECT",
            "{kind}: inputs, and only they, end so"
        );
        for part in list(of, "fields").chain(list(of, "inputFields")) {
            assert!(lower(name(part)), "{kind}.{}", name(part));
        }
        for value in list(of, "enumValues") {
            assert!(shouted(name(value)), "{kind}.{}", name(value));
        }
        for part in list(of, "fields").chain(list(of, "enumValues")) {
            let reason = part["deprecationReason"].as_str().unwrap_or_default();
            let library = reason.is_empty() || reason == "No longer supported";
            assert!(
                part["isDeprecated"] == false || !library,
                "{kind}.{}: why, and what instead?",
                name(part)
            );
        }
    }
}

#[test]
fn scalars_say_what_they_are() {
    let printed = graphql::printed();
    let scalars: Vec<_> = printed
        .lines()
        .filter(|line| line.starts_with("scalar "))
        .collect();
    assert!(!scalars.is_empty());
    for scalar in scalars {
        assert!(scalar.contains("@specifiedBy(url: \"https://"), "{scalar}");
    }
}
