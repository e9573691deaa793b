//! What somebody can do who knows no more than another's address: ask that person, now and then.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Made, World},
    rsvps::{PAYLOAD, answer_by_mail, confirm, rsvp, seats_left, status},
};

/// Seats that are free as everybody reads it.
async fn seats_shown(world: &World, made: &Made) -> Value {
    const QUERY: &str = "query($id: ID!) { event(id: $id) { timeslots { edges { node { seatsLeft } } } } }";
    let answer = world.anonymous().ask(QUERY, json!({"id": made.id})).await;
    answer.at("/event/timeslots/edges/0/node/seatsLeft").clone()
}

scenario! {
    /// At most five mails an hour to an address that others type in, whether it was confirmed once or not.
    async fn a_mailbox_is_not_flooded(world) {
        let host = world.activist("Wren").await;
        world.activist("Known").await;
        for name in ["Victim", "Known"] {
            for _ in 0..7 {
                let made = world.event_with_seats(&host, 50).await;
                answer_by_mail(world, &made, name, 1).await.data();
                answer_by_mail(world, &made, name, 2).await.data();
                world.drain().await;
            }
            assert_eq!(world.mails_to(&format!("{}@", name.to_lowercase())).len(), 5);
        }
        world.advance(TimeDelta::minutes(61));
        world.drain().await;
    }
}

scenario! {
    /// What an address is asked with shows nowhere: not in the seats that everybody reads, nor in what its owner said.
    async fn asking_with_an_address_tells_and_changes_nothing(world) {
        let host = world.activist("Wren").await;
        let made = world.event_with_seats(&host, 100).await;
        let finch = world.activist("Finch").await;
        rsvp(&finch, &made, 2).await.data();
        let shown = seats_shown(world, &made).await;
        for name in ["Finch", "Stranger"] {
            answer_by_mail(world, &made, name, 5).await.data();
            assert_eq!(seats_shown(world, &made).await, shown, "{name}");
        }
        let id = rsvp(&finch, &made, 2).await.text("/rsvp/rsvp/id");
        finch.mutate("cancelRsvp", json!({"id": id}), PAYLOAD).await.data();
        answer_by_mail(world, &made, "Finch", 5).await.data();
        assert_eq!(status(&finch, &made).await, "CANCELLED");
        world.advance(TimeDelta::hours(1));
        answer_by_mail(world, &made, "Finch", 5).await.data();
        assert_eq!(confirm(world, "Finch").await.at("/confirmRsvp/status"), "REGISTERED");
        let finch = world.activist("Finch").await;
        assert_eq!(rsvp(&finch, &made, 2).await.at("/rsvp/rsvp/partySize"), 2);
        world.drain().await;
    }
}

scenario! {
    /// Somebody who types another's address changes nothing of what that person said.
    async fn nobody_answers_for_somebody_else(world) {
        let made = world.event_with_seats(&world.activist("Wren").await, 5).await;
        let finch = world.activist("Finch").await;
        rsvp(&finch, &made, 2).await.data();
        let answer = answer_by_mail(world, &made, "Finch", 5).await;
        assert_eq!(answer.at("/rsvp/status"), "PENDING_CONFIRMATION");
        assert_eq!(status(&finch, &made).await, "REGISTERED");
        assert_eq!(seats_left(world, &made).await, 3);
        world.drain().await;
        let mails = world.mails_to("finch@example.org");
        assert!(mails.iter().all(|mail| !mail.subject.starts_with("Please confirm")));
    }
}
