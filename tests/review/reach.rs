//! Whom hosts reach: nobody by an event that was taken down, and few while they are new.

use chrono::TimeDelta;
use entity::StaffRole;
use serde_json::{Value, json};

use super::{edit, in_both_modes, suppression::suppress};
use crate::{
    harness::Caller,
    hosts::contact::newest,
    rsvps::{rsvp, status},
};

async fn say(caller: &Caller, id: &str) -> crate::harness::Answer {
    let input = json!({"eventId": id, "subject": "About Friday", "text": "We are sorry."});
    caller
        .mutate("messageAttendees", input, "announcement { id }")
        .await
}

async fn join(caller: &Caller, invitation: &str) -> crate::harness::Answer {
    let input = json!({"id": invitation});
    caller.mutate("acceptHostInvitation", input, "event { id }").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_of_what_is_down_reach_nobody() {
    in_both_modes(&[], async |world| {
        let (host, guest) = (world.activist("Wren").await, world.activist("Finch").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        rsvp(&guest, &made, 1).await.data();
        let question = json!({"eventId": made.id, "text": "May I bring a dog?"});
        guest.mutate("messageHost", question, "accepted").await.data();
        world.drain().await;
        let before = world.mails_to("finch@example.org").len();
        let export = async |caller: &Caller| {
            let input = json!({"eventId": made.id});
            caller.mutate("exportAttendees", input, "url").await
        };
        let link = export(&host).await.text("/exportAttendees/url");
        let jay = world.activist("Jay").await;
        let ask = json!({"eventId": made.id, "email": "jay@example.org", "publicName": "Jay"});
        let invited = host.mutate("inviteHost", ask, "invitation { id }").await;
        let invited = invited.text("/inviteHost/invitation/id");
        // On its way when the event is taken down.
        say(&host, &made.id).await.data();
        suppress(&organizer, &made.id).await.data();
        world.drain().await;
        let path = link.replace(&world.app.config.base_url(), "");
        let file = reqwest::get(format!("{}{path}", world.url)).await.unwrap();
        assert!(!file.status().is_success(), "{}", file.status());
        assert!(!file.text().await.unwrap().contains("Finch"));
        assert_eq!(export(&host).await.reason(), "EVENT_NOT_PUBLISHED");
        assert_eq!(say(&host, &made.id).await.reason(), "EVENT_NOT_PUBLISHED");
        let link = json!({"eventId": made.id, "label": "Door", "rights": ["VIEW_RSVPS"]});
        let link = host.mutate("createHostLink", link, "token").await;
        assert_eq!(link.reason(), "EVENT_NOT_PUBLISHED");
        assert_eq!(join(&jay, &invited).await.reason(), "EVENT_NOT_PUBLISHED");
        let answer = json!({"id": newest(world).await, "text": "They lie about us."});
        let answer = host.mutate("answerHostMessage", answer, "accepted").await;
        assert_eq!(answer.reason(), "EVENT_NOT_PUBLISHED");
        assert_eq!(
            world.mails_to("finch@example.org").len(),
            before,
            "nothing went out"
        );
        // Organizers may, when people should hear of it.
        export(&organizer).await.data();
        say(&organizer, &made.id).await.data();
        world.drain().await;
        let mails = world.mails_to("finch@example.org").split_off(before);
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.contains("About Friday"), "{}", mails[0].subject);
        let back = json!({"id": made.id});
        organizer
            .mutate("reinstateEvent", back, "event { id }")
            .await
            .data();
        join(&jay, &invited).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_is_kept_while_the_event_is_down() {
    in_both_modes(&[], async |world| {
        let host = world.activist("Wren").await;
        let (guest, next) = (world.activist("Finch").await, world.activist("Jay").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let slot =
            json!([{"startsAt": "2030-01-16T00:00:00Z", "endsAt": "2030-01-16T02:00:00Z", "capacity": 1}]);
        let made = world.event(&host, json!({"timeslots": slot})).await;
        let first = rsvp(&guest, &made, 1).await;
        rsvp(&next, &made, 1).await.data();
        let back = json!({"id": first.at("/rsvp/rsvp/id")});
        guest.mutate("cancelRsvp", back, "status").await.data();
        world.drain().await;
        let mine = async || {
            let next = world.activist("Jay").await;
            let mine = "{ viewer { rsvps { edges { node { id status } } } } }";
            next.ask(mine, Value::Null)
                .await
                .at("/viewer/rsvps/edges/0/node")
                .clone()
        };
        assert_eq!(mine().await["status"], "OFFERED");
        suppress(&organizer, &made.id).await.data();
        let id = json!({"id": mine().await["id"]});
        let no = next.mutate("acceptOffer", id.clone(), "status").await;
        assert_eq!(no.reason(), "EVENT_NOT_PUBLISHED");
        for _ in 0..3 {
            world.advance(TimeDelta::hours(1));
            world.drain().await;
        }
        assert_eq!(mine().await["status"], "OFFERED", "nobody could accept it");
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let back = json!({"id": made.id});
        organizer
            .mutate("reinstateEvent", back, "event { id }")
            .await
            .data();
        // The link of the first mail has run out: there is another one.
        let before = world.mails_to("jay@example.org").len();
        world.drain().await;
        let mails = world.mails_to("jay@example.org").split_off(before);
        assert_eq!(mails.len(), 1);
        let token = json!({"token": mails[0].tokens()[0]});
        let yes = world.anonymous().mutate("acceptOffer", token, "status").await;
        assert_eq!(yes.at("/acceptOffer/status"), "REGISTERED");
        world.drain().await;
    })
    .await;
}

/// Whoever was refused, and may not know of the event any more, is not shown what they said about it either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_refused_goes_with_the_event() {
    in_both_modes(&[], async |world| {
        let (host, guest) = (world.activist("Wren").await, world.activist("Finch").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({"joinPolicy": "APPROVAL"})).await;
        let asked = rsvp(&guest, &made, 1).await;
        let no = json!({"eventId": made.id, "rsvpIds": [asked.at("/rsvp/rsvp/id")], "decision": "REFUSE"});
        host.mutate("decideRsvps", no, "__typename").await.data();
        world.drain().await;
        let mine = async || {
            let mine = "{ viewer { rsvps { edges { node { status event { title } } } } } }";
            let mine = guest.ask(mine, Value::Null).await;
            mine.at("/viewer/rsvps/edges").as_array().unwrap().len()
        };
        assert_eq!(mine().await, 1);
        suppress(&organizer, &made.id).await.data();
        assert_eq!(mine().await, 0);
        let node = "query($id: ID!) { node(id: $id) { id } }";
        let node = guest.ask(node, json!({"id": asked.at("/rsvp/rsvp/id")})).await;
        assert_eq!(node.code(), "NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_hosts_write_to_few_people_a_day() {
    let settings = [
        ("hosts.new_invitations_per_day", "2"),
        ("hosts.new_announcements_per_day", "1"),
    ];
    in_both_modes(&settings, async |world| {
        let (host, guest) = (world.activist("Wren").await, world.activist("Finch").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event(&host, json!({})).await;
        rsvp(&guest, &made, 1).await.data();
        let invite = async |names: &[&str]| {
            let contacts: Vec<_> = names.iter().map(|name| format!("{name}@example.org")).collect();
            let input = json!({"eventId": made.id, "contacts": contacts});
            host.mutate("inviteToEvent", input, "invitations { id }").await
        };
        invite(&["a", "b"]).await.data();
        say(&host, &made.id).await.data();
        let refused = [invite(&["c"]).await, say(&host, &made.id).await];
        for (answer, limit) in refused
            .iter()
            .zip(["invite 2 addresses", "At most 1 announcements"])
        {
            assert_eq!(answer.code(), "RATE_LIMITED");
            let told = answer.body["errors"][0]["message"].as_str().unwrap();
            assert!(told.contains(limit), "{told}");
        }
        let query = "{ viewer { asHost { id limits { invitationsPerDay announcementsPerDay } } } }";
        let limits = async || host.ask(query, Value::Null).await;
        let few = json!({"invitationsPerDay": 2, "announcementsPerDay": 1});
        assert_eq!(limits().await.at("/viewer/asHost/limits"), &few);
        let id = json!({"id": limits().await.at("/viewer/asHost/id")});
        organizer.mutate("trustHost", id, "host { id }").await.data();
        let all = json!({"invitationsPerDay": 50, "announcementsPerDay": 10});
        assert_eq!(limits().await.at("/viewer/asHost/limits"), &all);
        invite(&["c", "d"]).await.data();
        say(&host, &made.id).await.data();
        world.drain().await;
    })
    .await;
}

/// Hosts begin to approve who comes when that is published, and not when they ask for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_way_to_join_waits() {
    in_both_modes(&[], async |world| {
        let (host, waiting) = (world.activist("Wren").await, world.activist("Jay").await);
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let made = world.event_with_seats(&host, 1).await;
        rsvp(&world.activist("Finch").await, &made, 1).await.data();
        rsvp(&waiting, &made, 1).await.data();
        edit(&host, &made, made.version, json!({"joinPolicy": "APPROVAL"}))
            .await
            .data();
        assert_eq!(status(&waiting, &made).await, "WAITLISTED");
        let yes = json!({"id": made.id});
        let yes = organizer
            .mutate("approveEvent", yes, "event { joinPolicy }")
            .await;
        assert_eq!(yes.at("/approveEvent/event/joinPolicy"), "APPROVAL");
        assert_eq!(status(&waiting, &made).await, "PENDING_APPROVAL");
        world.drain().await;
    })
    .await;
}
