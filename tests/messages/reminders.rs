//! Reminders and thanks: at their hour, once, to those who come.

use api::{jobs::plan_reminders, outbox::Job};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    harness::{Mail, World},
    rsvps::rsvp,
};

/// Moves the clock to `time` and does what is due.
async fn at(world: &World, time: &str) {
    let time: DateTime<Utc> = time.parse().unwrap();
    world.advance(time - world.now());
    world.drain().await;
}

async fn begin(world: &World) {
    world.drain().await;
    plan_reminders::schedule(&world.app, world.now()).await.unwrap();
    world.drain().await;
}

/// The mails to an address that nobody asked for.
fn reminders(world: &World, name: &str) -> Vec<Mail> {
    let mut mails = world.mails_to(&format!("{name}@example.org"));
    let kinds = [
        "Tomorrow: ",
        "Today: ",
        "Thank you",
        "Mañana: ",
        "Hoy: ",
        "Gracias",
    ];
    mails.retain(|mail| kinds.iter().any(|kind| mail.subject.starts_with(kind)));
    mails
}

scenario! {
    /// On the day before at eleven, on the day at nine, and thanks in the morning after an evening; not a minute earlier,
    /// and not twice, whatever runs again. The links confirm and cancel.
    async fn each_comes_once_at_its_hour(world) {
        let made = world.event(&world.activist("Host").await, json!({"instructions": "Ring at the oak."})).await;
        let (wren, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        for caller in [&wren, &finch] {
            rsvp(caller, &made, 1).await.data();
        }
        begin(world).await;
        at(world, "2030-01-16T16:59:00Z").await;
        assert!(reminders(world, "wren").is_empty());
        at(world, "2030-01-16T17:00:00Z").await;
        let mails = reminders(world, "wren");
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].subject, "Tomorrow: Calls for clean water");
        let text = &mails[0].text;
        assert!(text.contains("Thursday, January 17, 2030, 6:00 PM to 8:00 PM CST"), "{text}");
        assert!(text.contains("Ring at the oak.") && text.contains("Still coming?"), "{text}");
        let tokens = mails[0].tokens();
        let (confirm, cancel) = (&tokens[0], &tokens[1]);
        let sure = world.anonymous().mutate("confirmAttendance", json!({"token": confirm}), "status").await;
        assert_eq!(sure.at("/confirmAttendance/status"), "REGISTERED");
        let again = world.anonymous().mutate("confirmAttendance", json!({"token": confirm}), "status").await;
        assert_eq!(again.reason(), "LINK_USED");
        let both = world.anonymous().mutate("confirmAttendance", json!({"token": cancel, "id": "rsvp:x"}), "status").await;
        assert_eq!(both.code(), "BAD_USER_INPUT");
        assert_eq!(world.anonymous().mutate("confirmAttendance", json!({"token": cancel}), "status").await.code(), "NOT_FOUND");

        let cancel = reminders(world, "finch")[0].tokens()[1].clone();
        world.anonymous().mutate("cancelRsvp", json!({"token": cancel}), "status").await.data();
        at(world, "2030-01-17T14:59:00Z").await;
        assert_eq!(reminders(world, "wren").len(), 1);
        at(world, "2030-01-17T15:00:00Z").await;
        let mails = reminders(world, "wren");
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[1].subject, "Today: Calls for clean water");
        assert!(!mails[1].text.contains("Still coming?"), "she said so: {}", mails[1].text);
        at(world, "2030-01-18T14:59:00Z").await;
        assert_eq!(reminders(world, "wren").len(), 2, "nobody is woken for thanks");
        at(world, "2030-01-18T15:00:00Z").await;
        let mails = reminders(world, "wren");
        assert_eq!(mails.len(), 3);
        assert_eq!(mails[2].subject, "Thank you for coming: Calls for clean water");
        assert_eq!(reminders(world, "finch").len(), 1, "who cancelled is neither reminded nor thanked");
        again_and_again(world).await;
        assert_eq!(reminders(world, "wren").len(), 3);
    }
}

/// Leaves every job for a person once more, as if what came before had been forgotten.
async fn again_and_again(world: &World) {
    let rows = entity::outbox::Entity::find().filter(entity::outbox::Column::Kind.eq("send_reminder"));
    for row in rows.all(world.app.db.writer()).await.unwrap() {
        let job: Job = serde_json::from_str(&row.payload).unwrap();
        world
            .app
            .write(async |tx| tx.enqueue(&job, tx.now()).await)
            .await
            .unwrap();
    }
    world.drain().await;
}

scenario! {
    /// A date that is moved is not reminded of at its old time; at its new one it is, as often as one that was never moved.
    async fn a_moved_date_is_reminded_of_anew(world) {
        let host = world.activist("Host").await;
        let made = world.event(&host, json!({})).await;
        rsvp(&world.activist("Wren").await, &made, 1).await.data();
        begin(world).await;
        at(world, "2030-01-16T16:59:00Z").await;
        let input = json!({"id": made.timeslot, "startsAt": "2030-01-20T00:00:00Z", "endsAt": "2030-01-20T01:00:00Z", "notify": false});
        world.activist("Host").await.mutate("updateTimeslot", input, "event { id }").await.data();
        at(world, "2030-01-16T17:00:00Z").await;
        at(world, "2030-01-17T18:00:00Z").await;
        assert!(reminders(world, "wren").is_empty());
        at(world, "2030-01-18T17:00:00Z").await;
        at(world, "2030-01-19T18:00:00Z").await;
        let subjects: Vec<_> = reminders(world, "wren").iter().map(|mail| mail.subject.clone()).collect();
        assert_eq!(subjects, ["Tomorrow: Calls for clean water", "Today: Calls for clean water"]);
    }
}

scenario! {
    /// A mistake that is mended costs nobody their reminder: moved away over its hour, and back.
    async fn a_date_that_is_moved_back_is_reminded_of(world) {
        let made = world.event(&world.activist("Host").await, json!({})).await;
        rsvp(&world.activist("Wren").await, &made, 1).await.data();
        let move_to = async |starts_at: &str, ends_at: &str| {
            let input = json!({"id": made.timeslot, "startsAt": starts_at, "endsAt": ends_at, "notify": false});
            world.activist("Host").await.mutate("updateTimeslot", input, "event { id }").await.data();
        };
        begin(world).await;
        at(world, "2030-01-16T16:55:00Z").await;
        move_to("2030-01-19T00:00:00Z", "2030-01-19T02:00:00Z").await;
        at(world, "2030-01-16T17:00:00Z").await;
        at(world, "2030-01-16T17:10:00Z").await;
        move_to("2030-01-18T00:00:00Z", "2030-01-18T02:00:00Z").await;
        assert!(reminders(world, "wren").is_empty());
        at(world, "2030-01-16T17:40:00Z").await;
        at(world, "2030-01-16T18:10:00Z").await;
        let subjects: Vec<_> = reminders(world, "wren").iter().map(|mail| mail.subject.clone()).collect();
        assert_eq!(subjects, ["Tomorrow: Calls for clean water"]);
    }
}

scenario! {
    /// Also who is reminded later than others, because it is night where they live.
    async fn a_date_is_moved_and_back_while_somebody_sleeps(world) {
        let made = world.event(&world.activist("Host").await, json!({})).await;
        let (wren, robin) = (world.activist("Wren").await, world.activist("Robin").await);
        wren.mutate("updateViewer", json!({"timezone": "Asia/Tokyo"}), "viewer { timezone }").await.data();
        for caller in [&wren, &robin] {
            rsvp(caller, &made, 1).await.data();
        }
        let move_to = async |starts_at: &str, ends_at: &str| {
            let input = json!({"id": made.timeslot, "startsAt": starts_at, "endsAt": ends_at, "notify": false});
            world.activist("Host").await.mutate("updateTimeslot", input, "event { id }").await.data();
        };
        begin(world).await;
        at(world, "2030-01-16T17:00:00Z").await;
        move_to("2030-01-19T00:00:00Z", "2030-01-19T02:00:00Z").await;
        at(world, "2030-01-17T00:00:00Z").await;
        assert!(reminders(world, "wren").is_empty(), "it is another day now");
        move_to("2030-01-18T00:00:00Z", "2030-01-18T02:00:00Z").await;
        at(world, "2030-01-17T00:10:00Z").await;
        at(world, "2030-01-17T00:20:00Z").await;
        for name in ["wren", "robin"] {
            let subjects: Vec<_> = reminders(world, name).iter().map(|mail| mail.subject.clone()).collect();
            assert_eq!(subjects, ["Tomorrow: Calls for clean water"], "{name}");
        }
    }
}

scenario! {
    /// In the daytime of where somebody lives, in their language; nobody who wants no such mail, and nobody for what is off.
    async fn people_are_reminded_in_their_daytime(world) {
        let host = world.activist("Host").await;
        let made = world.event(&host, json!({})).await;
        let (wren, finch, robin) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Robin").await);
        let tokyo = json!({"timezone": "Asia/Tokyo", "language": "es"});
        wren.mutate("updateViewer", tokyo, "viewer { timezone }").await.data();
        let wrong = wren.mutate("updateViewer", json!({"timezone": "Tokyo"}), "viewer { id }").await;
        assert_eq!(wrong.wrong_fields(), ["input.timezone"]);
        for caller in [&wren, &finch, &robin] {
            rsvp(caller, &made, 1).await.data();
        }
        let no = json!({"channel": "EMAIL", "purpose": "NOTICE", "granted": false, "textVersion": "1"});
        finch.mutate("updateConsent", no, "consent { granted }").await.data();
        begin(world).await;
        at(world, "2030-01-16T17:00:00Z").await;
        assert_eq!(reminders(world, "robin").len(), 1);
        at(world, "2030-01-16T23:59:00Z").await;
        assert!(reminders(world, "wren").is_empty(), "it is the middle of the night in Tokyo");
        at(world, "2030-01-17T00:00:00Z").await;
        assert_eq!(reminders(world, "wren")[0].subject, "Mañana: Calls for clean water");
        let off = json!({"id": made.id, "notify": false});
        world.activist("Host").await.mutate("cancelEvent", off, "event { id }").await.data();
        at(world, "2030-01-18T18:00:00Z").await;
        assert_eq!(reminders(world, "robin").len(), 1);
        assert!(reminders(world, "finch").is_empty());
        let mine = world.activist("Wren").await.ask("{ viewer { timezone rsvps(when: PAST) { edges { node { deliveries { template state } } } } } }", Value::Null).await;
        assert_eq!(mine.at("/viewer/timezone"), "Asia/Tokyo");
        let newest = mine.at("/viewer/rsvps/edges/0/node/deliveries/0");
        assert_eq!(newest, &json!({"template": "REMINDER_DAY_BEFORE", "state": "SENT"}));
    }
}

scenario! {
    /// More people than one transaction takes are all reminded, each once.
    async fn many_are_reminded(world) {
        let host = world.activist("Host").await;
        let made = world.event(&host, json!({})).await;
        rsvp(&world.activist("Wren").await, &made, 1).await.data();
        crate::attendees::export::many(world, 1202, entity::RsvpStatus::Registered).await;
        begin(world).await;
        at(world, "2030-01-16T17:00:00Z").await;
        let kind = entity::outbox::Column::Kind.eq("send_reminder");
        let jobs = entity::outbox::Entity::find().filter(kind).all(world.app.db.reader()).await.unwrap();
        let people: std::collections::HashSet<_> = jobs.iter().map(|job| &job.payload).collect();
        assert_eq!((jobs.len(), people.len()), (1203, 1203));
    }
}
