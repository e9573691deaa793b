//! Offers, answers, volunteers, handing over.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{attendee, comes, offer, refused, role, status, step, task};

scenario! {
    /// A host asks by mail; looking at a link does nothing, following it does; the hosts are told.
    async fn an_offer_is_answered_by_its_links(world) {
        let (host, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let event = world.event(&host, json!({})).await;
        comes(&finch, &event).await;
        comes(&jay, &event).await;
        let id = role(&host, &event, json!({"maxPeople": 2, "title": "Greeter at www.evil.example"})).await;
        let (first, second) = (offer(&host, &finch, &event, &id).await, offer(&host, &jay, &event, &id).await);
        assert_eq!(offer(&host, &finch, &event, &id).await, first, "who is asked is not asked again");
        world.drain().await;
        let mails = world.mails_to(&finch.address);
        let asked = mails.iter().filter(|mail| mail.subject.starts_with("Would you do this?")).collect::<Vec<_>>();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].text.contains("Welcome people.") && !asked[0].text.contains("www.evil.example"), "{}", asked[0].text);
        let tokens = asked[0].tokens();
        let page = reqwest::get(format!("{}/l/{}", world.url, tokens[0])).await.unwrap();
        assert!(page.text().await.unwrap().contains("I do it"));
        assert_eq!(status(&finch, &first).await, "OFFERED");
        let taken = reqwest::Client::new().post(format!("{}/l/{}", world.url, tokens[0])).send().await.unwrap();
        assert_eq!(taken.status(), 200);
        assert_eq!(status(&host, &first).await, "ACCEPTED");
        assert_eq!(step(&finch, "acceptRole", &first).await, "ACCEPTED", "once more");
        let no = json!({"token": tokens[1]});
        assert_eq!(world.anonymous().mutate("declineRole", no, "accepted").await.code(), "NOT_FOUND", "there is nothing to decline");

        let why = json!({"id": second, "reason": "I am away."});
        jay.mutate("declineRole", why, "accepted").await.data();
        assert_eq!(refused(&jay, "acceptRole", &second).await, "ROLE_NOT_HELD");
        assert_eq!(finch.mutate("declineRole", json!({"id": second}), "accepted").await.code(), "NOT_FOUND");
        world.drain().await;
        let mails = world.mails_to(&host.address);
        let told = |words: &str| mails.iter().filter(|mail| mail.subject.starts_with(words)).count();
        assert_eq!((told("Taken"), told("Declined")), (1, 1));
        let declined = mails.iter().find(|mail| mail.subject.starts_with("Declined")).unwrap();
        assert!(declined.text.contains("Jay Testperson") && declined.text.contains("I am away."), "{}", declined.text);
        let query = "query($id: ID!) { event(id: $id) { roles { brief assignments { name status reason } } } }";
        let seen = jay.ask(query, json!({"id": event.id})).await;
        assert_eq!(seen.at("/event/roles"), &json!([]), "closed, and nothing of theirs any more");
        let seen = finch.ask(query, json!({"id": event.id})).await;
        assert_eq!(seen.at("/event/roles/0"), &json!({"brief": "Welcome people.", "assignments": null}));
        let seen = host.ask(query, json!({"id": event.id})).await;
        assert_eq!(seen.at("/event/roles/0/assignments/1"), &json!({"name": "Jay Testperson", "status": "DECLINED", "reason": "I am away."}));
    }
}

scenario! {
    /// An offer takes a place until it runs out, and cannot be accepted afterwards; the place is free again.
    async fn an_offer_runs_out(world) {
        let (host, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let slot = json!([{"startsAt": "2030-02-18T00:00:00Z", "endsAt": "2030-02-18T02:00:00Z"}]);
        let event = world.event(&host, json!({"timeslots": slot})).await;
        comes(&finch, &event).await;
        comes(&jay, &event).await;
        let id = role(&host, &event, json!({})).await;
        let first = offer(&host, &finch, &event, &id).await;
        let input = json!({"roleId": id, "to": {"attendeeId": attendee(&jay, &event).await}});
        assert_eq!(host.mutate("offerRole", input.clone(), "assignment { id }").await.reason(), "ROLE_FULL");
        world.drain().await;
        world.advance(TimeDelta::days(3));
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        assert_eq!(refused(&finch, "acceptRole", &first).await, "ROLE_OFFER_EXPIRED");
        world.drain().await;
        assert_eq!(status(&host, &first).await, "EXPIRED");
        let told = world.mails_to(&host.address);
        assert_eq!(told.iter().filter(|mail| mail.subject.starts_with("Not answered")).count(), 1);
        host.mutate("offerRole", input, "assignment { id }").await.data();
        world.drain().await;
    }
}

scenario! {
    /// Nobody holds two roles at the same time, unless a host says why; tasks take no time of day.
    async fn roles_do_not_overlap(world) {
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = world.event(&host, json!({})).await;
        comes(&finch, &event).await;
        let mut asked = vec![];
        for title in ["Greeter", "Medic"] {
            let id = role(&host, &event, json!({"title": title})).await;
            asked.push(offer(&host, &finch, &event, &id).await);
        }
        let after = json!({"title": "Clean up", "startsAt": "2030-01-18T02:00:00Z", "endsAt": "2030-01-18T03:00:00Z"});
        let after = role(&host, &event, after).await;
        asked.push(offer(&host, &finch, &event, &after).await);
        let banner = task(&host, &event).await;
        asked.push(offer(&host, &finch, &event, &banner).await);
        assert_eq!(step(&finch, "acceptRole", &asked[0]).await, "ACCEPTED");
        assert_eq!(refused(&finch, "acceptRole", &asked[1]).await, "ROLE_OVERLAPS");
        assert_eq!(step(&finch, "acceptRole", &asked[2]).await, "ACCEPTED", "one ends when the other begins");
        assert_eq!(step(&finch, "acceptRole", &asked[3]).await, "ACCEPTED");
        step(&host, "withdrawRole", &asked[1]).await;
        let query = "query($id: ID!) { event(id: $id) { roles { id title } } }";
        let roles = host.ask(query, json!({"id": event.id})).await;
        let medic = roles.at("/event/roles/1/id").clone();
        let both = json!({"roleId": medic, "to": {"attendeeId": attendee(&finch, &event).await}, "overlapReason": "They stand side by side."});
        host.mutate("offerRole", both, "assignment { id }").await.data();
        assert_eq!(step(&finch, "acceptRole", &asked[1]).await, "ACCEPTED");
        let mine = "{ viewer { roles { edges { node { role { title } overlapReason eventTitle } } } } }";
        let mine = finch.ask(mine, Value::Null).await;
        assert_eq!(mine.at("/viewer/roles/edges").as_array().unwrap().len(), 4);
        assert_eq!(mine.at("/viewer/roles/edges/1/node/overlapReason"), "They stand side by side.");
        let gone = json!({"id": medic, "expectedVersion": 1});
        assert_eq!(host.mutate("deleteRole", gone, "deleted").await.reason(), "ROLE_HELD");
        world.drain().await;
    }
}

scenario! {
    /// Whoever comes volunteers for what is open; a host decides, unless it is open to all.
    async fn people_volunteer(world) {
        let (host, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let event = world.event(&host, json!({})).await;
        let asked = role(&host, &event, json!({"isOpen": true})).await;
        let free = role(&host, &event, json!({"isOpen": true, "openToAll": true, "title": "Medic"})).await;
        let closed = role(&host, &event, json!({"title": "Marshal"})).await;
        let volunteer = async |who: &crate::harness::Caller, id: &str| {
            who.mutate("volunteerForRole", json!({"roleId": id}), "assignment { id status }").await
        };
        let query = "query($id: ID!) { event(id: $id) { roles { title brief notes assignments { id } } } }";
        let seen = world.anonymous().ask(query, json!({"id": event.id})).await;
        assert_eq!(seen.at("/event/roles").as_array().unwrap().len(), 2);
        assert_eq!(seen.at("/event/roles/0"), &json!({"title": "Greeter", "brief": null, "notes": null, "assignments": null}));
        assert_eq!(volunteer(&finch, &asked).await.reason(), "RSVP_NOT_ACTIVE", "who comes");
        comes(&finch, &event).await;
        comes(&jay, &event).await;
        assert_eq!(volunteer(&finch, &closed).await.code(), "NOT_FOUND");
        let wants = volunteer(&finch, &asked).await;
        assert_eq!(wants.at("/volunteerForRole/assignment/status"), "VOLUNTEERED");
        let wish = wants.text("/volunteerForRole/assignment/id");
        assert_eq!(volunteer(&finch, &asked).await.text("/volunteerForRole/assignment/id"), wish);
        assert_eq!(finch.mutate("approveVolunteer", json!({"id": wish}), "assignment { id }").await.code(), "NOT_FOUND");
        let also = volunteer(&jay, &asked).await.text("/volunteerForRole/assignment/id");
        world.drain().await;
        assert_eq!(step(&host, "approveVolunteer", &wish).await, "ACCEPTED");
        assert_eq!(refused(&host, "approveVolunteer", &also).await, "ROLE_FULL");
        assert_eq!(step(&host, "withdrawRole", &also).await, "WITHDRAWN");
        assert_eq!(volunteer(&jay, &asked).await.reason(), "ROLE_NOT_OPEN", "a host said no");
        assert_eq!(volunteer(&finch, &free).await.reason(), "ROLE_OVERLAPS");
        assert_eq!(volunteer(&jay, &free).await.at("/volunteerForRole/assignment/status"), "ACCEPTED");
        world.drain().await;
        let mails = world.mails_to(&finch.address);
        assert!(mails.iter().any(|mail| mail.subject.starts_with("It is yours")));
        assert!(world.mails_to(&jay.address).iter().any(|mail| mail.subject.starts_with("You need not do this")));
        assert_eq!(world.mails_to(&host.address).iter().filter(|mail| mail.subject.starts_with("Somebody volunteers")).count(), 2);
    }
}

scenario! {
    /// Who holds a role holds it until the next one accepts; the place is one all the time. Notes go along.
    async fn roles_are_handed_over(world) {
        let (host, finch, jay) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let event = world.event(&host, json!({"attendeeVisibility": "ATTENDEES"})).await;
        comes(&finch, &event).await;
        let listed = json!({"timeslotId": event.timeslot, "listed": true});
        jay.mutate("rsvp", listed, "status").await.data();
        let id = role(&host, &event, json!({})).await;
        let first = offer(&host, &finch, &event, &id).await;
        let to = json!({"participantId": attendee(&jay, &event).await.replace("attendee:", "participant:")});
        let input = json!({"id": first, "to": to, "notes": "The key is under the oak."});
        assert_eq!(finch.mutate("handOverRole", input.clone(), "assignment { id }").await.reason(), "ROLE_NOT_HELD");
        step(&finch, "acceptRole", &first).await;
        let known = json!({"id": first, "to": {"attendeeId": attendee(&jay, &event).await}});
        assert_eq!(finch.mutate("handOverRole", known, "assignment { id }").await.code(), "NOT_FOUND", "hosts know them so");
        let next = finch.mutate("handOverRole", input, "assignment { id status }").await;
        let second = next.text("/handOverRole/assignment/id");
        assert_eq!(status(&finch, &first).await, "ACCEPTED");
        assert_eq!(step(&jay, "acceptRole", &second).await, "ACCEPTED");
        assert_eq!(status(&finch, &first).await, "RELEASED");
        let query = "query($id: ID!) { node(id: $id) { ... on RoleAssignment { role { notes } } } }";
        assert_eq!(jay.ask(query, json!({"id": second})).await.at("/node/role/notes"), "The key is under the oak.");

        let early = json!({"id": second, "outcome": "FULFILLED"});
        assert_eq!(host.mutate("reportRole", early.clone(), "assignment { id }").await.reason(), "ROLE_NOT_BEGUN");
        world.drain().await;
        world.advance(TimeDelta::days(3));
        world.drain().await;
        let host = world.activist("Wren").await;
        let done = host.mutate("reportRole", early, "assignment { status }").await;
        assert_eq!(done.at("/reportRole/assignment/status"), "FULFILLED");
        let missed = json!({"id": second, "outcome": "MISSED"});
        let other = host.mutate("reportRole", missed, "assignment { status }").await;
        assert_eq!(other.at("/reportRole/assignment/status"), "MISSED", "it was said too soon");
        world.drain().await;
    }
}
