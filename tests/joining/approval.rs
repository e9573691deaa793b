//! Where hosts decide who comes.

use serde_json::json;

use crate::{
    harness::{Caller, Made, World},
    rsvps::{answer_by_mail, confirm, rsvp, seats_left, status},
};

const ATTENDEES: &str = "attendees { name status }";

async fn asking(world: &World, seats: i32) -> (Caller, Made) {
    let host = world.activist("Wren").await;
    let slot =
        json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": seats}]);
    let made = world
        .event(&host, json!({"joinPolicy": "APPROVAL", "timeslots": slot}))
        .await;
    (host, made)
}

async fn decide(caller: &Caller, made: &Made, ids: &[&str], decision: &str) -> crate::harness::Answer {
    let input = json!({"eventId": made.id, "rsvpIds": ids, "decision": decision});
    caller.mutate("decideRsvps", input, ATTENDEES).await
}

scenario! {
    /// Who asks holds no seat until a host approves; then seats go in the order of asking, and the rest waits.
    async fn hosts_approve(world) {
        let (host, made) = asking(world, 3).await;
        let mut ids = vec![];
        for (name, party) in [("Finch", 2), ("Robin", 2), ("Jay", 1)] {
            let guest = world.activist(name).await;
            let told = rsvp(&guest, &made, party).await;
            assert_eq!(told.at("/rsvp/status"), "PENDING_APPROVAL");
            ids.push(told.text("/rsvp/rsvp/id"));
        }
        assert_eq!(seats_left(world, &made).await, 3, "none is held");
        world.drain().await;
        let asked: Vec<_> = world.mails_to("finch@example.org");
        assert!(asked[0].subject.starts_with("The hosts will decide"), "{:?}", asked[0].subject);
        // Given in another order than asked.
        let told = decide(&host, &made, &[&ids[2], &ids[1], &ids[0]], "APPROVE").await;
        let decided = |name: &str, status: &str| json!({"name": format!("{name} Testperson"), "status": status});
        assert_eq!(told.at("/decideRsvps/attendees"), &json!([
            decided("Finch", "REGISTERED"), decided("Robin", "WAITLISTED"), decided("Jay", "REGISTERED"),
        ]), "in the order of asking");
        assert_eq!(seats_left(world, &made).await, 0);
        let again = decide(&host, &made, &[&ids[0]], "REFUSE").await;
        assert_eq!(again.at("/decideRsvps/attendees/0/status"), "REGISTERED", "decided is decided");
        world.drain().await;
        assert!(world.mails_to("robin@example.org").iter().any(|mail| mail.subject.contains("waitlist")));
        // A seat that comes free goes to who was approved and waits.
        let finch = world.activist("Finch").await;
        finch.mutate("cancelRsvp", json!({"id": ids[0]}), "status").await.data();
        assert_eq!(status(&world.activist("Robin").await, &made).await, "REGISTERED");
        world.drain().await;
    }
}

scenario! {
    /// What the hosts approved cannot be made larger without them, and who still asks when all may come, comes.
    async fn what_is_approved_does_not_grow(world) {
        let (host, made) = asking(world, 9).await;
        let (finch, jay) = (world.activist("Finch").await, world.activist("Jay").await);
        let id = rsvp(&finch, &made, 2).await.text("/rsvp/rsvp/id");
        assert_eq!(rsvp(&jay, &made, 1).await.at("/rsvp/status"), "PENDING_APPROVAL");
        decide(&host, &made, &[&id], "APPROVE").await.data();
        let grown = json!({"id": id, "partySize": 9});
        assert_eq!(finch.mutate("updateRsvp", grown, "status").await.wrong_fields(), ["input.partySize"]);
        assert_eq!(rsvp(&finch, &made, 9).await.wrong_fields(), ["input.partySize"]);
        assert_eq!(rsvp(&finch, &made, 1).await.at("/rsvp/rsvp/partySize"), 1, "smaller is fine");
        let query = "query($id: ID!) { event(id: $id) { version } }";
        let version = host.ask(query, json!({"id": made.id})).await.at("/event/version").clone();
        let open = json!({"id": made.id, "expectedVersion": version, "joinPolicy": "OPEN"});
        host.mutate("updateEvent", open, "event { id }").await.data();
        assert_eq!(rsvp(&jay, &made, 1).await.at("/rsvp/status"), "REGISTERED");
        assert_eq!(rsvp(&finch, &made, 3).await.at("/rsvp/rsvp/partySize"), 3);
        world.drain().await;
    }
}

scenario! {
    /// A no is for good, and told once.
    async fn hosts_refuse(world) {
        let (host, made) = asking(world, 3).await;
        let finch = world.activist("Finch").await;
        let id = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        decide(&host, &made, &[&id], "REFUSE").await.data();
        assert_eq!(rsvp(&finch, &made, 1).await.reason(), "RSVP_REFUSED");
        assert_eq!(status(&finch, &made).await, "REFUSED");
        world.drain().await;
        let mails = world.mails_to("finch@example.org");
        let told = mails.iter().filter(|mail| mail.subject.starts_with("About your RSVP")).count();
        assert_eq!(told, 1);
    }
}

scenario! {
    /// Without an account: the link first, then the host.
    async fn approval_without_an_account(world) {
        let (host, made) = asking(world, 1).await;
        answer_by_mail(world, &made, "Finch", 1).await.data();
        assert_eq!(seats_left(world, &made).await, 1, "none is held");
        assert_eq!(confirm(world, "Finch").await.at("/confirmRsvp/status"), "PENDING_APPROVAL");
        let query = "query($id: ID!) { event(id: $id) { attendees(status: PENDING_APPROVAL) { edges { node { rsvpId } } }
            rsvpCounts { status rsvps people } } }";
        let seen = host.ask(query, json!({"id": made.id})).await;
        let id = seen.text("/event/attendees/edges/0/node/rsvpId");
        assert_eq!(seen.at("/event/rsvpCounts"), &json!([{"status": "PENDING_APPROVAL", "rsvps": 1, "people": 1}]));
        let told = decide(&host, &made, &[&id], "APPROVE").await;
        assert_eq!(told.at("/decideRsvps/attendees/0/status"), "REGISTERED");
        assert_eq!(seats_left(world, &made).await, 0);
        world.drain().await;
    }
}

scenario! {
    /// Only who runs the event decides, and only about RSVPs to it.
    async fn nobody_else_decides(world) {
        let (host, made) = asking(world, 3).await;
        let (other, theirs) = (world.activist("Jay").await, asking(world, 3).await.1);
        let finch = world.activist("Finch").await;
        let id = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        for caller in [&finch, &other] {
            assert_eq!(decide(caller, &made, &[&id], "APPROVE").await.code(), "FORBIDDEN");
        }
        assert_eq!(decide(&world.anonymous(), &made, &[&id], "APPROVE").await.code(), "UNAUTHENTICATED");
        assert_eq!(decide(&host, &theirs, &[&id], "APPROVE").await.code(), "NOT_FOUND", "an RSVP to another event");
        assert_eq!(decide(&host, &made, &[], "APPROVE").await.wrong_fields(), ["input.rsvpIds"]);
        assert_eq!(status(&finch, &made).await, "PENDING_APPROVAL");
        // Counts are for those who run the event.
        let query = "query($id: ID!) { event(id: $id) { rsvpCounts { rsvps } } }";
        assert!(finch.ask(query, json!({"id": made.id})).await.at("/event/rsvpCounts").is_null());
        world.drain().await;
    }
}

scenario! {
    /// When hosts begin to decide, those who wait for a seat ask them, in their order; who has a seat keeps it.
    async fn those_who_wait_ask_when_hosts_begin_to_decide(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 1).await;
        let (finch, robin, jay) =
            (world.activist("Finch").await, world.activist("Robin").await, world.activist("Jay").await);
        let id = rsvp(&finch, &made, 1).await.text("/rsvp/rsvp/id");
        let mut waiting = vec![];
        for guest in [&robin, &jay] {
            let told = rsvp(guest, &made, 1).await;
            assert_eq!(told.at("/rsvp/status"), "WAITLISTED");
            waiting.push(told.text("/rsvp/rsvp/id"));
        }
        let query = "query($id: ID!) { event(id: $id) { version } }";
        let version = host.ask(query, json!({"id": made.id})).await.at("/event/version").clone();
        let input = json!({"id": made.id, "expectedVersion": version, "joinPolicy": "APPROVAL"});
        host.mutate("updateEvent", input, "event { id }").await.data();
        assert_eq!(status(&finch, &made).await, "REGISTERED");
        for guest in [&robin, &jay] {
            assert_eq!(status(guest, &made).await, "PENDING_APPROVAL");
        }
        world.drain().await;
        assert!(world.mails_to("jay@example.org").iter().any(|mail| mail.subject.starts_with("The hosts will decide")));
        // A seat that comes free is nobody's until a host decides.
        finch.mutate("cancelRsvp", json!({"id": id}), "status").await.data();
        assert_eq!(seats_left(world, &made).await, 1);
        let told = decide(&host, &made, &[&waiting[1], &waiting[0]], "APPROVE").await;
        assert_eq!(told.at("/decideRsvps/attendees/0/status"), "REGISTERED");
        assert_eq!(told.at("/decideRsvps/attendees/1/status"), "WAITLISTED");
        assert_eq!(status(&robin, &made).await, "REGISTERED", "who asked first");
        world.drain().await;
    }
}
