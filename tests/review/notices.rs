//! What those who come are told, and when, of changes that wait and of events that were taken down.

use api::jobs::plan_reminders;
use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use super::{edit, in_both_modes, queue, read};
use crate::{
    harness::{Caller, Made, Mail, World, event_input},
    rsvps::rsvp,
};

const ADDRESS: &str = "finch@example.org";

/// An event that Finch comes to and has a mail about.
async fn somebody_comes(world: &World) -> Made {
    let made = world.event(&world.activist("Wren").await, json!({})).await;
    rsvp(&world.activist("Finch").await, &made, 1).await.data();
    world.drain().await;
    assert_eq!(world.mails_to(ADDRESS).len(), 1);
    made
}

/// What came since the first `before` mails, once every notice would have gone out.
async fn news(world: &World, before: usize) -> Vec<Mail> {
    world.advance(TimeDelta::minutes(16));
    world.drain().await;
    world.mails_to(ADDRESS).split_off(before)
}

async fn version(caller: &Caller, made: &Made) -> i64 {
    let version = read(caller, &made.id).await;
    version.at("/event/version").as_i64().unwrap()
}

/// The host wants to meet in another street, and says something with it.
async fn elsewhere(world: &World, made: &Made, street: &str, message: Option<&str>) {
    let host = world.activist("Wren").await; // tokens are older than they may be by now
    let mut place = event_input(json!({}))["place"].clone();
    place["addressLines"] = json!([street]);
    let change = json!({"place": place, "message": message});
    edit(&host, made, version(&host, made).await, change).await.data();
}

async fn organize(world: &World, mutation: &str, made: &Made) {
    let organizer = world.staff("Owl", StaffRole::Organizer).await;
    let mut input = json!({"id": made.id});
    if matches!(mutation, "rejectEvent" | "suppressEvent") {
        input["category"] = json!("UNSAFE");
        input["reason"] = json!("Is the bridge open?");
    }
    organizer.mutate(mutation, input, "event { id }").await.data();
}

async fn move_to(world: &World, made: &Made, hour: u32) {
    let host = world.activist("Wren").await;
    let (starts_at, ends_at) = (
        format!("2030-01-18T{hour:02}:00:00Z"),
        format!("2030-01-18T{:02}:00:00Z", hour + 2),
    );
    let input = json!({"id": made.timeslot, "startsAt": starts_at, "endsAt": ends_at});
    host.mutate("updateTimeslot", input, "event { id }").await.data();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_tells_nobody_before_it_is_approved() {
    in_both_modes(&[], async |world| {
        let made = somebody_comes(world).await;
        elsewhere(world, &made, "2 Other Street", Some("Mind the dog.")).await;
        elsewhere(world, &made, "3 Other Street", None).await;
        assert_eq!(news(world, 1).await.len(), 0, "it waits");
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let query = "{ reviewQueue { edges { node { pendingChanges { message changes { field } } } } } }";
        let shown = organizer.ask(query, Value::Null).await;
        assert_eq!(
            shown.at("/reviewQueue/edges/0/node/pendingChanges"),
            &json!({"message": "Mind the dog.", "changes": [{"field": "PLACE"}]})
        );
        organize(world, "approveEvent", &made).await;
        let mails = news(world, 1).await;
        assert_eq!(mails.len(), 1);
        let text = &mails[0].text;
        for words in ["another place now", "3 Other Street", "Mind the dog."] {
            assert!(text.contains(words), "{words}: {text}");
        }

        elsewhere(world, &made, "4 Other Street", Some("Win money.")).await;
        organize(world, "rejectEvent", &made).await;
        assert_eq!(news(world, 2).await.len(), 0, "what was not taken was never said");
        elsewhere(world, &made, "5 Other Street", None).await;
        organize(world, "approveEvent", &made).await;
        let mails = news(world, 2).await;
        assert_eq!(mails.len(), 1);
        assert!(!mails[0].text.contains("Win money."), "{}", mails[0].text);

        // What changes nothing that waits is said at once.
        let host = world.activist("Wren").await;
        let words = json!({"eventType": "RALLY", "message": "Bring boots."});
        edit(&host, &made, version(&host, &made).await, words)
            .await
            .data();
        let mails = news(world, 3).await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].text.contains("Bring boots."), "{}", mails[0].text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_is_told_before_anybody_looked_at_it() {
    in_both_modes(&[], async |world| {
        let made = somebody_comes(world).await;
        move_to(world, &made, 5).await;
        let mails = news(world, 1).await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].text.contains("11:00 PM"), "{}", mails[0].text);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        assert_eq!(queue(&organizer).await, std::slice::from_ref(&made.id));
        organize(world, "approveEvent", &made).await;
        assert_eq!(news(world, 2).await.len(), 0, "they know");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_down_tells_nobody_until_it_is_back() {
    in_both_modes(&[], async |world| {
        let made = somebody_comes(world).await;
        move_to(world, &made, 3).await;
        organize(world, "suppressEvent", &made).await;
        assert_eq!(news(world, 1).await.len(), 0, "not what was about to go out");
        let later = json!({"id": made.timeslot, "startsAt": "2030-01-18T05:00:00Z", "endsAt": "2030-01-18T07:00:00Z", "message": "They lie about us."});
        world.activist("Wren").await.mutate("updateTimeslot", later, "event { id }").await.data();
        elsewhere(world, &made, "2 Other Street", Some("We go on.")).await;
        let host = world.activist("Wren").await;
        let ask = json!({"eventId": made.id, "email": "jay@example.org", "publicName": "Jay"});
        let asked = host.mutate("inviteHost", ask, "invitation { id }").await;
        assert_eq!(asked.reason(), "EVENT_NOT_PUBLISHED");
        let say = json!({"eventId": made.id, "subject": "Now", "text": "They lie about us."});
        let said = host.mutate("messageAttendees", say, "announcement { id }").await;
        assert_eq!(said.reason(), "EVENT_NOT_PUBLISHED");
        assert_eq!(news(world, 1).await.len(), 0);
        organize(world, "approveEvent", &made).await;
        let mails = news(world, 1).await;
        assert_eq!(mails.len(), 1, "of all of it at once");
        let text = &mails[0].text;
        for words in ["11:00 PM", "instead of", "6:00 PM", "2 Other Street", "We go on."] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("They lie"), "nobody looked at that");
        assert_eq!(world.mails_to("jay@example.org").len(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_called_off_while_it_is_down_tells_nobody() {
    in_both_modes(&[], async |world| {
        let made = somebody_comes(world).await;
        move_to(world, &made, 3).await;
        organize(world, "suppressEvent", &made).await;
        let host = world.activist("Wren").await;
        let off = json!({"id": made.id, "note": "They lie about us."});
        host.mutate("cancelEvent", off, "event { id }").await.data();
        assert_eq!(news(world, 1).await.len(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_reminded_of_what_is_down() {
    in_both_modes(&[], async |world| {
        let made = somebody_comes(world).await;
        let title = json!({"title": "Calls for rivers"});
        let other = world.event(&world.activist("Wren").await, title).await;
        rsvp(&world.activist("Finch").await, &other, 1).await.data();
        world.drain().await;
        plan_reminders::schedule(&world.app, world.now()).await.unwrap();
        world.drain().await;
        organize(world, "suppressEvent", &made).await;
        for _ in 0..16 {
            world.advance(TimeDelta::hours(6));
            world.drain().await;
        }
        let about = |title: &str| {
            let mails = world.mails_to(ADDRESS).into_iter();
            mails.filter(|mail| mail.subject.contains(title)).count()
        };
        assert_eq!(about("Calls for clean water"), 1);
        assert_eq!(
            about("Calls for rivers"),
            4,
            "an answer, two reminders and thanks"
        );
    })
    .await;
}
