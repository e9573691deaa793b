//! Nothing of a person is forgotten when they read or erase what is known of them: looked for in every table there is.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::StaffRole;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use serde_json::{Value, json};

use super::{another_device, data_of, erase};
use crate::{
    harness::{Caller, World},
    invitations::token_in,
    rsvps::rsvp,
};

/// The tables with a `person_id`, and the list of `/me/data.json` that shows their rows.
const TABLES: [(&str, &str); 18] = [
    ("announcement", "announcements"),
    ("attendee_export", "exports"),
    ("calendar_link", "calendarLinks"),
    ("consent", "consents"),
    ("contact_point", "contactPoints"),
    ("event_change", "changes"),
    ("event_host", "hosting"),
    ("event_mute", "mutedEvents"),
    ("guidelines_acceptance", "guidelines"),
    ("host_invitation", "hostInvitations"),
    ("host_message", "hostMessages"),
    ("host_standing", "standing"),
    ("invitation", "invitations"),
    ("message", "messages"),
    ("rsvp", "rsvps"),
    ("session", "sessions"),
    ("sign_in_code", "codes"),
    ("staff_role", "staffRoles"),
];

/// Lists of what is of a person without that column.
const OTHERS: [&str; 5] = [
    "invitationLinks",
    "reviews",
    "suppressions",
    "records",
    "hostLinks",
];

/// Every table, each row as text in lower case, without the dashes of ids.
type Dump = BTreeMap<String, Vec<String>>;

#[expect(
    clippy::disallowed_methods,
    reason = "only SQL can ask a database what it has"
)]
async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
}

/// The columns of the database, as `table.column`.
async fn columns(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DatabaseBackend::Sqlite => {
            "SELECT t.name || '.' || c.name AS text FROM sqlite_master t, pragma_table_info(t.name) c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid"
        }
        _ => {
            "SELECT table_name || '.' || column_name AS text FROM information_schema.columns
            WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    texts(db, sql).await
}

async fn dump(world: &World) -> Dump {
    let db = world.app.db.writer();
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in columns(db).await {
        let (table, column) = column.split_once('.').unwrap();
        tables
            .entry(table.to_owned())
            .or_default()
            .push(format!("quote(\"{column}\")"));
    }
    let mut dump = Dump::new();
    for (table, columns) in tables {
        let sql = match db.get_database_backend() {
            DatabaseBackend::Sqlite => {
                format!("SELECT {} AS text FROM \"{table}\"", columns.join(" || '|' || "))
            }
            _ => format!("SELECT t::text AS text FROM \"{table}\" t"),
        };
        let rows = texts(db, &sql).await.into_iter();
        dump.insert(
            table,
            rows.map(|row| row.to_lowercase().replace('-', "")).collect(),
        );
    }
    dump
}

/// The tables that hold `what`.
fn holding<'a>(dump: &'a Dump, what: &str) -> Vec<&'a str> {
    let what = what.to_lowercase().replace('-', "");
    let holds = |rows: &[String]| rows.iter().any(|row| row.contains(&what));
    let found = dump.iter().filter(|(_, rows)| holds(rows));
    found.map(|(table, _)| table.as_str()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn every_table_of_people_is_known() {
    let world = World::embedded().await;
    let columns = columns(world.app.db.reader()).await;
    let of_people = columns
        .iter()
        .filter_map(|column| column.strip_suffix(".person_id"));
    let of_people: Vec<_> = of_people.collect();
    assert_eq!(
        of_people,
        TABLES.map(|(table, _)| table),
        "what of it does somebody read in /me/data.json, and what is left when they erase their account?"
    );
    world.finish().await;
}

/// Wren has something in every table: an admin who reviews, grants, hosts, answers, consents and says STOP.
async fn somebody_with_everything(world: &World) -> Caller {
    let (wren, finch) = (
        world.staff("Wren", StaffRole::Admin).await,
        world.activist("Finch").await,
    );
    let input = json!({"pronouns": "they/them", "postalCode": "50309", "languages": ["en"]});
    wren.mutate("updateViewer", input, "viewer { id }").await.data();
    let role = json!({"email": "jay@example.org", "role": "CALLER"});
    wren.mutate("grantStaffRole", role, "id").await.data();
    let consent = json!({"channel": "EMAIL", "purpose": "RECRUITMENT", "granted": true, "textVersion": "1"});
    wren.mutate("updateConsent", consent, "consent { granted }")
        .await
        .data();
    let campaign = crate::campaigns::campaign(&wren, "Clean water", "Be friendly.").await;
    let accepted = json!({"campaignId": campaign, "version": 1});
    wren.mutate("acceptGuidelines", accepted, "campaign { id }")
        .await
        .data();
    let reviewed = world.draft(&finch, json!({})).await;
    for (by, step) in [(&finch, "publishEvent"), (&wren, "approveEvent")] {
        by.mutate(step, json!({"id": reviewed.id}), "event { id }")
            .await
            .data();
    }
    let tomorrow =
        json!([{"startsAt": "2030-01-16T12:00:00Z", "endsAt": "2030-01-16T13:00:00Z", "capacity": 5}]);
    let hidden =
        json!({"timeslots": tomorrow, "addressVisibility": "AFTER_RSVP", "publicName": "Wren of the creek"});
    let hosted = world.event(&wren, hidden).await;
    let me = wren
        .ask("{ viewer { asHost { id } } }", Value::Null)
        .await
        .text("/viewer/asHost/id");
    wren.mutate("trustHost", json!({"id": me}), "host { id }")
        .await
        .data();
    let over = world.event(&finch, json!({"timeslots": tomorrow})).await;
    for made in [&reviewed, &over] {
        let guest = json!([{"givenName": "Robin", "familyName": "Testguest"}]);
        let input = json!({"timeslotId": made.timeslot, "partySize": 2, "guests": guest});
        wren.mutate("rsvp", input, "status").await.data();
    }
    wren.ask("mutation { createCalendarLink { url } }", Value::Null)
        .await
        .data();
    rsvp(&finch, &hosted, 1).await.data();
    let input = json!({"eventId": over.id, "text": "Where do I park?"});
    wren.mutate("messageHost", input, "accepted").await.data();
    let input = json!({"eventId": hosted.id, "label": "Robin", "rights": ["VIEW_RSVPS"]});
    wren.mutate("createHostLink", input, "token").await.data();
    let me = wren.ask("{ viewer { id } }", Value::Null).await;
    let input =
        json!({"eventId": over.id, "personId": me.at("/viewer/id"), "publicName": "Wren of the creek"});
    finch
        .mutate("inviteHost", input, "invitation { id }")
        .await
        .data();
    let said = |id: &str| json!({"eventId": id, "subject": "Bring a pen", "text": "See you."});
    let sent = wren.mutate("messageAttendees", said(&hosted.id), "announcement { id }");
    sent.await.data();
    let sent = finch.mutate("messageAttendees", said(&reviewed.id), "announcement { id }");
    sent.await.data();
    world.drain().await;
    let mails = world.mails_to("wren@example.org");
    let said = mails.iter().rfind(|mail| mail.subject == "Bring a pen");
    let mute = json!({"token": said.unwrap().tokens().pop().unwrap()});
    let muted = world
        .anonymous()
        .mutate("unsubscribe", mute, "unsubscribed")
        .await;
    assert_eq!(muted.at("/unsubscribe/unsubscribed"), true);
    let whole = json!({"eventId": hosted.id});
    wren.mutate("exportAttendees", whole, "rows").await.data();
    let link = json!({"eventId": hosted.id, "label": "Wren of the creek"});
    let link = wren
        .mutate("createInvitationLink", link, "invitationLink { url }")
        .await;
    assert!(
        link.text("/createInvitationLink/invitationLink/url")
            .contains("/i/")
    );
    let invite =
        json!({"eventId": hosted.id, "contacts": ["jay@example.org"], "note": "Yours, Wren of the creek"});
    wren.mutate("inviteToEvent", invite, "invitations { id }")
        .await
        .data();
    let invite = json!({"eventId": over.id, "contacts": ["wren@example.org", "robin@example.org"]});
    finch
        .mutate("inviteToEvent", invite, "invitations { id }")
        .await
        .data();
    world.drain().await;
    let mail = world.mails_to("wren@example.org").pop().unwrap();
    let again = json!({"timeslotId": over.timeslot, "invitation": token_in(&mail.text)});
    wren.mutate("rsvp", again, "status").await.data();
    world.drain().await;
    let stop = world.mails_to("wren@example.org")[0].tokens().pop().unwrap();
    world
        .anonymous()
        .mutate("unsubscribe", json!({"token": stop}), "unsubscribed")
        .await
        .data();
    world.advance(TimeDelta::days(2));
    let wren = another_device(world, &wren).await;
    world
        .anonymous()
        .mutate(
            "requestSignInCode",
            json!({"email": "wren@example.org"}),
            "expiresAt",
        )
        .await
        .data();
    wren.mutate("requestErasureCode", json!({}), "expiresAt")
        .await
        .data();
    world.drain().await;
    wren
}

scenario! {
    /// The file shows every row that is about somebody, and says what is not in it. It is recorded, and nobody else's.
    async fn everything_known_is_read(world) {
        let wren = somebody_with_everything(world).await;
        let (status, data) = data_of(&wren).await;
        assert_eq!(status, 200);
        let id = data["person"]["id"].as_str().unwrap();
        let dump = dump(world).await;
        for (table, list) in TABLES {
            let rows = dump[table].iter().filter(|row| row.contains(&id.replace('-', ""))).count();
            assert!(rows > 0, "{table}: Wren has no row of it, so nobody knows whether it would be shown");
            let shown = data[list].as_array().unwrap_or_else(|| panic!("no {list}")).len();
            assert!(shown >= rows, "{table} has {rows} rows, {list} shows {shown}");
        }
        for list in OTHERS {
            assert!(!data[list].as_array().unwrap().is_empty(), "{list}");
        }
        assert_eq!(data["person"]["givenName"], "Wren");
        assert_eq!(data["person"]["pronouns"], "they/them");
        assert_eq!(data["contactPoints"][0]["value"], "wren@example.org");
        assert_eq!(data["rsvps"][0]["familyName"], "Testperson");
        assert_eq!(data["rsvps"][0]["guests"][0]["familyName"], "Testguest");
        assert_eq!(data["hosting"][0]["publicName"], "Wren of the creek");
        assert!(data["notListed"].as_array().unwrap().len() > 2);
        let grant = data["records"].as_array().unwrap().iter().rfind(|row| row["kind"] == "staff_role.grant");
        assert_eq!(grant.unwrap()["by"], "OPERATOR");

        let (_, again) = data_of(&wren).await;
        let read = again["records"].as_array().unwrap().iter().filter(|row| row["kind"] == "person.export").count();
        assert_eq!(read, 1, "each reading is recorded");
        let (_, finch) = data_of(&world.activist("Finch").await).await;
        let finch = finch.to_string();
        for word in ["wren@example.org", "they/them", id] {
            assert!(!finch.contains(word), "{word} in {finch}");
        }
        assert_eq!(data_of(&world.anonymous()).await.0, 401);
    }
}

scenario! {
    /// What is left says nothing of who it was: no address, no name, not even sealed, and no id but in the record of what
    /// staff did.
    async fn nothing_that_names_is_left(world) {
        let wren = somebody_with_everything(world).await;
        let (_, data) = data_of(&wren).await;
        let id = data["person"]["id"].as_str().unwrap();
        let before = dump(world).await;
        let index = hex(&world.app.keys.index("EMAIL", "wren@example.org").unwrap().value);
        assert!(holding(&before, &index).contains(&"outbox"), "jobs are named after where they send to");
        let sealed = sealed_of(world, id).await;
        for bytes in &sealed {
            assert!(!holding(&before, bytes).is_empty());
        }

        let answer = erase(world, &wren).await;
        let residue = answer.at("/eraseViewer/residue").as_array().unwrap();
        let kinds: Vec<_> = residue.iter().map(|left| left["kind"].as_str().unwrap()).collect();
        let expected = ["SEATS", "EVENTS", "SUPPRESSIONS", "MESSAGES", "AUDIT", "REQUESTS", "COPIES"];
        assert_eq!(kinds, expected);
        assert_eq!([&residue[0]["count"], &residue[1]["count"], &residue[2]["count"]], [1, 1, 1]);
        world.drain().await;

        let after = dump(world).await;
        assert_eq!(holding(&after, id), ["audit", "staff_role"], "who granted a role");
        assert_eq!(holding(&after, &index), ["suppression"]);
        for what in ["wren@example.org", "Wren of the creek", "they/them"] {
            assert_eq!(holding(&after, what), [""; 0], "{what}");
        }
        for bytes in sealed {
            assert_eq!(holding(&after, &bytes), [""; 0]);
        }
        assert_eq!(wren.ask("{ viewer { id } }", Value::Null).await.code(), "UNAUTHENTICATED");
        assert_eq!(data_of(&wren).await.0, 401);
        let anew = world.activist("Wren").await;
        let (_, anew) = data_of(&anew).await;
        assert_ne!(anew["person"]["id"], id);
        assert_eq!(anew["rsvps"], json!([]), "who comes again begins anew");
        assert_eq!(anew["suppressions"].as_array().unwrap().len(), 1, "but STOP still holds");
    }
}

/// What is kept sealed of somebody: name, pronouns, addresses, the names of RSVPs, and what was private of their event.
async fn sealed_of(world: &World, id: &str) -> Vec<String> {
    use entity::{contact_point, event, event_host, person, rsvp};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let (db, id) = (world.app.db.writer(), id.parse::<uuid::Uuid>().unwrap());
    let person = person::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    let mut sealed = vec![person.name.unwrap(), person.pronouns.unwrap()];
    let contacts = contact_point::Entity::find().filter(contact_point::Column::PersonId.eq(id));
    sealed.extend(contacts.all(db).await.unwrap().into_iter().map(|row| row.value));
    let rsvps = rsvp::Entity::find().filter(rsvp::Column::PersonId.eq(id));
    for row in rsvps.all(db).await.unwrap() {
        sealed.extend([row.name, row.details.unwrap()]);
    }
    let hosted = event_host::Entity::find().filter(event_host::Column::PersonId.eq(id));
    let hosted = hosted.one(db).await.unwrap().unwrap().event_id;
    let event = event::Entity::find_by_id(hosted).one(db).await.unwrap().unwrap();
    sealed.push(event.private);
    sealed.into_iter().map(|bytes| hex(&bytes.0)).collect()
}
