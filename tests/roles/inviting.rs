//! Everybody who came to one event is invited to the next, once.

use api::domain::{
    attendance::{By, NewFact, What, Whom, record},
    person::Name,
};
use entity::AttendanceSource;
use serde_json::json;

use super::comes;
use crate::{
    door::{key, person},
    harness::{Caller, Made, World},
    invitations::token_in,
};

const INVITE: &str = "people answered invitedBefore";

/// Somebody was seen at an event.
async fn came(world: &World, event: &Made, guest: &Caller) {
    let whom = Whom::Person {
        timeslot_id: key(&event.timeslot),
        person_id: person(guest).await,
        name: Some(Name {
            given: "Guest".to_owned(),
            family: "Testperson".to_owned(),
        }),
    };
    let fact = NewFact {
        client_id: "list".to_owned(),
        nonce: guest.address.clone(),
        at: world.now(),
        source: AttendanceSource::Host,
        what: What::In(whom, 1),
        remark: None,
        sheet_row_id: None,
    };
    let (app, id) = (&world.app, key(&event.id));
    let recorded =
        app.write(async |tx| record(app, tx, id, By::default(), std::slice::from_ref(&fact)).await);
    recorded.await.unwrap();
}

/// How many invitations somebody got.
fn mails(world: &World, to: &Caller) -> usize {
    let mails = world.mails_to(&to.address);
    mails.iter().filter(|mail| mail.text.contains("/i/")).count()
}

scenario! {
    /// By jobs, once each by whichever way, with consent; who answered or hosts is left out, and no address is told.
    async fn who_came_is_invited_once(world) {
        let host = world.activist("Wren").await;
        let first = world.event(&host, json!({})).await;
        let next = world.event(&host, json!({"visibility": "PRIVATE"})).await;
        let mut guests = vec![];
        for name in ["Finch", "Jay", "Robin", "Heron"] {
            let guest = world.activist(name).await;
            came(world, &first, &guest).await;
            guests.push(guest);
        }
        let [finch, jay, robin, heron] = [0, 1, 2, 3].map(|i| guests[i].clone());
        let typed = json!({"eventId": next.id, "contacts": [jay.address]});
        host.mutate("inviteToEvent", typed.clone(), "invitations { id }").await.data();
        let no = json!({"channel": "EMAIL", "purpose": "INVITATION", "granted": false, "textVersion": "1"});
        robin.mutate("updateConsent", no, "consent { granted }").await.data();
        let input = json!({"fromEventId": first.id, "toEventId": next.id, "idempotencyKey": "invite-all-1"});
        let invited = host.mutate("inviteAttendees", input.clone(), INVITE).await;
        assert_eq!(invited.at("/inviteAttendees"), &json!({"people": 3, "answered": 0, "invitedBefore": 1}));
        host.mutate("inviteAttendees", input, INVITE).await.data();
        world.drain().await;
        let again = json!({"fromEventId": first.id, "toEventId": next.id});
        let repeated = host.mutate("inviteAttendees", again.clone(), INVITE).await;
        assert_eq!(repeated.at("/inviteAttendees"), &json!({"people": 0, "answered": 0, "invitedBefore": 4}));
        let typed = json!({"eventId": next.id, "contacts": [finch.address]});
        host.mutate("inviteToEvent", typed, "invitations { id }").await.data();
        world.drain().await;
        assert_eq!([&finch, &jay, &robin, &heron].map(|guest| mails(world, guest)), [1, 1, 0, 1]);

        let list = "query($id: ID!) { event(id: $id) { invitations { edges { node { contact status } } } } }";
        let list = host.ask(list, json!({"id": next.id})).await;
        assert!(!list.body.to_string().contains(&heron.address), "{}", list.body);
        let seen = heron.ask("query($id: ID!) { event(id: $id) { id } }", json!({"id": next.id})).await;
        assert_eq!(seen.at("/event/id"), &json!(next.id), "they may know of a private event");
        comes(&heron, &next).await;
        let token = token_in(&world.mails_to(&finch.address).pop().unwrap().text);
        let yes = json!({"timeslotId": next.timeslot, "invitation": token, "name": {"givenName": "Finch"}});
        let yes = world.anonymous().mutate("rsvp", yes, "status").await;
        assert_eq!(yes.code_if_any(), None, "{}", yes.body);
        let repeated = host.mutate("inviteAttendees", again, INVITE).await;
        assert_eq!(repeated.at("/inviteAttendees/answered"), 2);
        let mine = json!({"fromEventId": first.id, "toEventId": first.id});
        assert_eq!(host.mutate("inviteAttendees", mine, INVITE).await.wrong_fields(), ["input.toEventId"]);
        let other = json!({"fromEventId": first.id, "toEventId": next.id});
        assert_eq!(finch.mutate("inviteAttendees", other, INVITE).await.code(), "FORBIDDEN");
        world.drain().await;
    }
}
