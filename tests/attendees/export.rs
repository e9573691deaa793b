//! Files of those who answered: what is in them, for whom, how often, and what hostile words do to them.

use chrono::TimeDelta;
use entity::{RsvpStatus, StaffRole, audit};
use reqwest::Response;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::answered;
use crate::{
    harness::{Answer, Backend, Caller, Made, World},
    rsvps::rsvp,
};

const LINK: &str = "url expiresAt rows";

async fn export(host: &Caller, made: &Made, over: Value) -> Answer {
    let mut input = json!({"eventId": made.id});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    host.mutate("exportAttendees", input, LINK).await
}

async fn get(world: &World, link: &Answer) -> Response {
    let url = link.text("/exportAttendees/url");
    let path = url.replace(&world.app.config.base_url(), "");
    reqwest::get(format!("{}{path}", world.url)).await.unwrap()
}

/// The lines of a file, read as any reader of CSV does.
async fn read(world: &World, link: &Answer) -> Vec<Vec<String>> {
    let response = get(world, link).await;
    assert_eq!(response.status(), 200);
    lines(&response.text().await.unwrap())
}

fn lines(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut line, mut cell, mut quoted) = (vec![], vec![], String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(rest.next(), Some('\n'));
                line.push(std::mem::take(&mut cell));
                all.push(std::mem::take(&mut line));
            }
            c => {
                assert!(quoted, "{c:?} outside of quotes in {text}");
                cell.push(c);
            }
        }
    }
    assert!(cell.is_empty() && line.is_empty(), "the last line has an end");
    all
}

fn column<'a>(lines: &'a [Vec<String>], name: &str) -> Vec<&'a str> {
    let at = lines[0].iter().position(|heading| heading == name);
    let at = at.unwrap_or_else(|| panic!("no {name} in {:?}", lines[0]));
    lines[1..].iter().map(|line| line[at].as_str()).collect()
}

scenario! {
    /// A line for each RSVP, with guests and answers, those to earlier words in columns of their own.
    async fn a_line_for_each(world) {
        let host = world.activist("Wren").await;
        let (made, ..) = answered(world, &host).await;
        let form = host.ask("query($id: ID!) { event(id: $id) { version questions { id } } }", json!({"id": made.id})).await;
        let [food, days] = [0, 1].map(|i| form.text(&format!("/event/questions/{i}/id")));
        let edited = json!([
            {"id": days, "kind": "CHOICES", "label": "Days?", "options": ["Friday", "Saturday", "Sunday"]},
            {"id": food, "kind": "TEXT", "label": "Allergies?"}
        ]);
        let edit = json!({"id": made.id, "expectedVersion": form.at("/event/version"), "questions": edited});
        host.mutate("updateEvent", edit, "event { id }").await.data();
        let owl = world.activist("Owl").await;
        let answer = json!({"timeslotId": made.timeslot, "answers": [{"questionId": food, "value": {"text": "None"}}]});
        owl.mutate("rsvp", answer, "status").await.data();
        let link = export(&host, &made, json!({})).await;
        assert_eq!(link.at("/exportAttendees/rows"), 5);
        let response = get(world, &link).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(header("content-disposition"), "attachment; filename=\"attendees-calls-for-clean-water.csv\"");
        assert_eq!(header("cache-control"), "private, no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!((header("referrer-policy"), header("x-robots-tag")), ("no-referrer".to_owned(), "noindex".to_owned()));
        let lines = lines(&response.text().await.unwrap());
        assert!(lines.iter().all(|line| line.len() == lines[0].len()));
        assert_eq!(column(&lines, "given name"), ["Finch", "Jay", "Robin", "Owl", "Owl"]);
        assert_eq!(column(&lines, "status"), ["REGISTERED", "REGISTERED", "WAITLISTED", "DECLINED", "WAITLISTED"]);
        assert_eq!(column(&lines, "party size"), ["3", "2", "1", "1", "1"]);
        assert_eq!(column(&lines, "guest 1"), ["Señora Testpeña", "", "", "", ""]);
        assert!(!lines[0].contains(&"guest 2".to_owned()) && !lines[0].contains(&"address".to_owned()));
        assert_eq!(column(&lines, "Days?"), ["Friday; Sunday", "Friday", "", "", ""]);
        assert_eq!(column(&lines, "What do you eat? (version 1)"), ["Anything but NUTS", "", "", "", ""]);
        assert_eq!(column(&lines, "Allergies? (version 2)"), ["", "", "", "", "None"]);
        assert_eq!(column(&lines, "date")[0], "2030-01-17 18:00", "local");
        assert_eq!(column(&lines, "time zone")[0], "America/Chicago");
        assert!(column(&lines, "waiting since")[2].starts_with("2030-01-"));
        assert!(column(&lines, "id").iter().all(|id| id.starts_with("rsvp:")));
        let filter = json!({"filter": {"text": "testperson", "statuses": ["REGISTERED"]}, "byteOrderMark": true});
        let some = export(&host, &made, filter).await;
        assert_eq!(some.at("/exportAttendees/rows"), 2);
        let text = get(world, &some).await.bytes().await.unwrap();
        assert!(text.starts_with("\u{FEFF}\"id\"".as_bytes()));
        assert_eq!(text.iter().filter(|byte| **byte == b'\r').count(), 3);
        world.drain().await;
    }
}

scenario! {
    /// Whatever people call themselves and answer, each cell is a text, and the table keeps its form.
    async fn hostile_words_are_cells(world) {
        let host = world.activist("Wren").await;
        let evil = "\"=HYPERLINK(\"\"http://x.example\"\")";
        let over = json!({"title": "=cmd|' /C calc'!A0 \u{202E}<script>\"; filename=x.exe",
            "questions": [{"kind": "TEXT", "label": "@SUM(1,2)"}]});
        let made = world.event(&host, over).await;
        let asked = host.ask("query($id: ID!) { event(id: $id) { questions { id } } }", json!({"id": made.id})).await;
        let question = asked.text("/event/questions/0/id");
        for (i, (given, family, said)) in [
            ("=1+1", "+1", "=2+2\r\n=3+3"), ("＝1", "-1", "\t=1"), ("@x", "＠y", evil), ("a,b;c", "\"quoted\"", "\u{200B}\u{FEFF}=1"),
            ("<script>alert(1)</script>", "O'Test", &"=".repeat(2_000)),
        ].into_iter().enumerate() {
            let person = world.activist(&format!("Person{i}")).await;
            let input = json!({"timeslotId": made.timeslot, "name": {"givenName": given, "familyName": family}, "partySize": 2,
                "guests": [{"givenName": family}], "answers": [{"questionId": question, "value": {"text": said}}]});
            person.mutate("rsvp", input, "status").await.data();
        }
        let link = export(&host, &made, json!({})).await;
        let response = get(world, &link).await;
        let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert_eq!(name, "attachment; filename=\"attendees-cmd-c-calc-a0-script-filename-x-exe.csv\"");
        let lines = lines(&response.text().await.unwrap());
        assert_eq!(lines.len(), 6);
        for cell in lines.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']), "{cell:?}");
            assert!(!cell.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202E}'), "{cell:?}");
        }
        assert_eq!(column(&lines, "given name"), ["'=1+1", "'＝1", "'@x", "a,b;c", "<script>alert(1)</script>"]);
        assert_eq!(column(&lines, "family name"), ["'+1", "'-1", "'＠y", "\"quoted\"", "O'Test"]);
        assert_eq!(column(&lines, "guest 1")[0], "'+1");
        let said = column(&lines, "'@SUM(1,2)");
        assert_eq!(&said[..4], ["'=2+2\n=3+3", "'=1", evil, "'=1"]);
        world.drain().await;
    }
}

scenario! {
    /// The link works once, for minutes, and only while its session may read what it exports; a repeat of the request gives
    /// another link to the same export.
    async fn links_are_short(world) {
        let host = world.activist("Wren").await;
        let (made, ..) = answered(world, &host).await;
        let status = async |link: &Answer| get(world, link).await.status().as_u16();
        let key = json!({"idempotencyKey": "the-only-export"});
        let link = export(&host, &made, key.clone()).await;
        assert_eq!((status(&link).await, status(&link).await), (200, 410), "once");
        let again = export(&host, &made, key.clone()).await;
        let newest = export(&host, &made, key.clone()).await;
        assert_eq!((status(&again).await, status(&newest).await), (404, 200));
        let other = json!({"idempotencyKey": "the-only-export", "byteOrderMark": true});
        assert_eq!(export(&host, &made, other).await.code(), "CONFLICT");
        let late = export(&host, &made, json!({})).await;
        world.advance(TimeDelta::minutes(10));
        assert_eq!(status(&late).await, 410);
        let host = world.activist("Wren").await;
        let ended = export(&host, &made, json!({})).await;
        host.ask("mutation { signOut { signedOut } }", Value::Null).await.data();
        assert_eq!(status(&ended).await, 404);
        for path in ["/exports/guessed.csv", "/exports/.csv", "/exports/..%2f.csv"] {
            assert_eq!(reqwest::get(format!("{}{path}", world.url)).await.unwrap().status(), 404, "{path}");
        }
        let host = world.activist("Wren").await;
        let looked_at = export(&host, &made, json!({})).await;
        let url = looked_at.text("/exportAttendees/url").replace(&world.app.config.base_url(), &world.url);
        let head = reqwest::Client::new().head(&url).send().await.unwrap();
        assert_eq!(head.status(), 404, "looking does not use it up");
        assert_eq!(status(&looked_at).await, 200);
        // What is answered after it was asked for is not in it.
        let then = export(&host, &made, json!({})).await;
        world.advance(TimeDelta::seconds(1));
        rsvp(&world.activist("Late").await, &made, 1).await.data();
        assert_eq!(read(world, &then).await.len(), 5);
        world.drain().await;
    }
}

scenario! {
    /// Hosts and organizers export; addresses are for admins. Who asked for how much is recorded, and who was in it.
    async fn exports_are_recorded(world) {
        let (host, other) = (world.activist("Wren").await, world.activist("Other").await);
        let (made, people, _) = answered(world, &host).await;
        for (caller, code) in [(&other, "FORBIDDEN"), (&people[0], "FORBIDDEN"), (&world.anonymous(), "UNAUTHENTICATED")] {
            assert_eq!(export(caller, &made, json!({})).await.code(), code);
        }
        let draft = world.draft(&host, json!({})).await;
        assert_eq!(export(&other, &draft, json!({})).await.code(), "NOT_FOUND");
        let (organizer, admin) = (world.staff("Organizer", StaffRole::Organizer).await, world.staff("Admin", StaffRole::Admin).await);
        for caller in [&host, &organizer] {
            assert_eq!(export(caller, &made, json!({"addresses": true})).await.code(), "FORBIDDEN");
            let text = get(world, &export(caller, &made, json!({})).await).await.text().await.unwrap();
            assert!(text.contains("Finch") && !text.contains('@'), "{text}");
        }
        let filter = json!({"addresses": true, "filter": {"statuses": ["REGISTERED"], "text": "finch"}});
        let lines = read(world, &export(&admin, &made, filter).await).await;
        assert_eq!(column(&lines, "address"), ["finch@example.org"]);
        let rows = audit::Entity::find().order_by_asc(audit::Column::Id).all(world.app.db.reader()).await.unwrap();
        let of = |kind: &str| rows.iter().filter(|row| row.kind == kind).collect::<Vec<_>>();
        let asked: Vec<_> = of("event.export").iter().map(|row| row.reason.clone().unwrap()).collect();
        assert_eq!(asked, ["4 RSVPs: all", "4 RSVPs: all", "1 RSVPs: REGISTERED, by name"]);
        let people_of = |kind: &str| of(kind).iter().map(|row| row.subjects.matches(',').count() + 1).collect::<Vec<_>>();
        assert_eq!((people_of("rsvp.export"), people_of("rsvp.export_addresses")), (vec![4, 4], vec![1]));
        assert!(rows.iter().all(|row| !row.reason.as_ref().is_some_and(|why| why.contains("inch"))));
    }
}

/// So many RSVPs a person and day; a download that is tried again counts once, and the budget comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_have_a_budget() {
    for backend in [Backend::embedded(), Backend::production().await] {
        let world = World::with(backend, &[("exports.rows_per_person_and_day", "10")]).await;
        let host = world.activist("Wren").await;
        let (made, ..) = answered(&world, &host).await;
        let key = json!({"idempotencyKey": "the-first-export"});
        for _ in 0..3 {
            export(&host, &made, key.clone()).await.data();
        }
        world.advance(TimeDelta::hours(1));
        let host = world.activist("Wren").await;
        let one = json!({"filter": {"text": "finch"}});
        let (both, other) = tokio::join!(
            export(&host, &made, json!({})),
            export(&host, &made, json!({"filter": {"text": "testperson"}}))
        );
        let codes = [both.code_if_any(), other.code_if_any()];
        let refused = codes.iter().filter(|code| **code == Some("RATE_LIMITED")).count();
        assert_eq!(
            refused, 1,
            "of two at once, each of 4 lines, with 6 left: {codes:?}"
        );
        let refused = export(&host, &made, json!({})).await;
        assert_eq!(refused.code(), "RATE_LIMITED");
        assert!(
            refused.body.to_string().contains("at most 10 RSVPs a day"),
            "{}",
            refused.body
        );
        let seconds = refused.body["errors"][0]["extensions"]["retryAfter"]
            .as_u64()
            .unwrap();
        assert!(
            (82_000..=82_801).contains(&seconds),
            "{seconds}: when the first is a day old"
        );
        export(&host, &made, one).await.data();
        world.advance(TimeDelta::seconds(i64::try_from(seconds).unwrap()));
        let host = world.activist("Wren").await;
        export(&host, &made, json!({})).await.data();
        world.finish().await;
    }
}

/// More lines than are read at once, with the filter that opens them and without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_exports_come_in_parts() {
    let world = World::embedded().await;
    let host = world.activist("Wren").await;
    let made = world.event(&host, json!({})).await;
    rsvp(&world.activist("Finch").await, &made, 1).await.data();
    world.drain().await;
    many(&world, 1_200, RsvpStatus::Declined).await;
    for (filter, expected) in [(json!({}), 1_201), (json!({"text": "crowd"}), 1_200)] {
        let link = export(&host, &made, json!({"filter": filter})).await;
        assert_eq!(link.at("/exportAttendees/rows"), expected);
        let lines = read(&world, &link).await;
        assert_eq!(lines.len(), expected + 1);
        let mut ids = column(&lines, "id");
        ids.dedup();
        assert_eq!(ids.len(), expected);
    }
    world.finish().await;
}

/// So many further RSVPs like the one there is, without seats, of people who are called Crowd.
pub(crate) async fn many(world: &World, number: usize, status: RsvpStatus) {
    use entity::{person, rsvp};
    use sea_orm::{ActiveModelTrait, IntoActiveModel};
    use uuid::Uuid;
    let db = world.app.db.writer();
    let rsvp = rsvp::Entity::find().one(db).await.unwrap().unwrap();
    let somebody = person::Entity::find_by_id(rsvp.person_id)
        .one(db)
        .await
        .unwrap()
        .unwrap();
    let name = json!({"given": "Crowd", "family": "Testperson"});
    let mut people = vec![];
    let mut rsvps = vec![];
    for _ in 0..number {
        let (person_id, id) = (Uuid::now_v7(), Uuid::now_v7());
        let person = person::Model {
            id: person_id,
            name: None,
            pronouns: None,
            ..somebody.clone()
        };
        people.push(person.into_active_model().reset_all());
        let slot = api::sealed::Slot {
            column: "rsvp.name",
            row: &id,
        };
        let sealed = world.app.keys.seal(slot, &name).unwrap();
        let row = rsvp::Model {
            id,
            person_id,
            status,
            seats: 0,
            name: sealed,
            ..rsvp.clone()
        };
        rsvps.push(row.into_active_model().reset_all());
    }
    for rows in people.chunks(100) {
        person::Entity::insert_many(rows.to_vec())
            .exec_without_returning(db)
            .await
            .unwrap();
    }
    for rows in rsvps.chunks(100) {
        rsvp::Entity::insert_many(rows.to_vec())
            .exec_without_returning(db)
            .await
            .unwrap();
    }
}
