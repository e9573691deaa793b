//! Further addresses, and two accounts that become one.

use entity::StaffRole;
use serde_json::{Value, json};

use super::{add_address, address_code, another_device, data_of, erasing::host_with};
use crate::{
    harness::Caller,
    rsvps::{rsvp, seats_left, status},
};

const ADDRESSES: &str = "{ viewer { email givenName contactPoints { channel value verifiedAt } } }";

async fn addresses(caller: &Caller) -> Vec<String> {
    let viewer = caller.ask(ADDRESSES, Value::Null).await;
    let all = viewer.at("/viewer/contactPoints").as_array().unwrap();
    let verified = all.iter().filter(|one| !one["verifiedAt"].is_null());
    verified
        .map(|one| one["value"].as_str().unwrap().to_owned())
        .collect()
}

scenario! {
    /// An address that nobody has is added, by who reads it; one signs in with it as well, and mail goes on as before.
    async fn an_address_is_added(world) {
        let wren = world.newcomer("Wren").await;
        let asked = async |address: &str| {
            wren.mutate("requestAddressCode", json!({"email": address}), "expiresAt").await.body
        };
        world.activist("Known").await;
        assert_eq!(asked("known@example.org").await, asked("unknown@example.org").await);
        let added = add_address(world, &wren, "Other@example.org").await;
        assert_eq!(added.at("/addAddress/merged"), false);
        assert_eq!(addresses(&wren).await, ["other@example.org"], "the first one was never proved here");
        assert_eq!(wren.ask(ADDRESSES, Value::Null).await.at("/viewer/email"), "wren@example.org");
        let other = Caller::new(&world.url, None, "other@example.org");
        let other = another_device(world, &other).await;
        assert_eq!(other.ask(ADDRESSES, Value::Null).await.at("/viewer/givenName"), "Wren");
        let again = add_address(world, &wren, "other@example.org").await;
        assert_eq!(again.at("/addAddress/merged"), false, "it is there already");
        add_address(world, &wren, "wren@example.org").await.data();
        assert_eq!(addresses(&wren).await, ["wren@example.org", "other@example.org"], "now it is proved");
    }
}

scenario! {
    /// Everything of the other account comes along, and its sessions end. Of two answers for one date the stronger stays.
    async fn two_accounts_become_one(world) {
        let host = world.activist("Finch").await;
        let (wren, old) = (world.activist("Wren").await, world.activist("Old").await);
        let [both_yes, waits, only_old, declined] = [
            world.event_with_seats(&host, 6).await, world.event_with_seats(&host, 2).await,
            world.event_with_seats(&host, 2).await, world.event_with_seats(&host, 2).await,
        ];
        let robin = world.activist("Robin").await;
        rsvp(&wren, &both_yes, 1).await.data();
        rsvp(&old, &both_yes, 3).await.data();
        rsvp(&old, &waits, 2).await.data();
        rsvp(&wren, &waits, 1).await.data();
        rsvp(&robin, &waits, 1).await.data();
        rsvp(&old, &only_old, 1).await.data();
        let no = json!({"timeslotId": declined.timeslot, "response": "NO"});
        wren.mutate("rsvp", no, "status").await.data();
        rsvp(&old, &declined, 2).await.data();
        let hosted = world.event(&old, json!({"title": "Of the old account"})).await;
        let shared = world.event(&old, json!({"title": "Of both"})).await;
        host_with(world, &wren, &shared).await;
        let consent = json!({"channel": "EMAIL", "purpose": "RECRUITMENT", "granted": true, "textVersion": "1"});
        old.mutate("updateConsent", consent, "consent { granted }").await.data();
        let past = data_of(&old).await.1["person"]["id"].clone();

        assert_eq!(add_address(world, &wren, "old@example.org").await.at("/addAddress/merged"), true);

        for (made, expected, left) in
            [(&both_yes, "REGISTERED", 3), (&waits, "REGISTERED", 0), (&only_old, "REGISTERED", 1), (&declined, "REGISTERED", 0)]
        {
            assert_eq!(status(&wren, made).await, expected);
            assert_eq!(seats_left(world, made).await, left);
        }
        assert_eq!(status(&robin, &waits).await, "WAITLISTED");
        let mine = wren.ask("{ viewer { rsvps { edges { node { partySize } } } } }", Value::Null).await;
        assert_eq!(mine.at("/viewer/rsvps/edges").as_array().unwrap().len(), 4, "one for each date");
        assert_eq!(old.ask(ADDRESSES, Value::Null).await.code(), "UNAUTHENTICATED");
        assert_eq!(addresses(&wren).await, ["wren@example.org", "old@example.org"]);
        assert_eq!(wren.ask(ADDRESSES, Value::Null).await.at("/viewer/email"), "wren@example.org");
        let hosting = wren.ask("{ viewer { hosting { edges { node { id hosts { publicName } } } } } }", Value::Null).await;
        let events = hosting.at("/viewer/hosting/edges").as_array().unwrap().clone();
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|edge| edge["node"]["hosts"].as_array().unwrap().len() == 1), "{events:?}");
        let (_, data) = data_of(&wren).await;
        assert_eq!(data["consents"][0]["granted"], true);
        let merged = data["records"].as_array().unwrap().iter().any(|row| row["kind"] == "person.merge");
        assert!(merged, "{}", data["records"]);
        let before = data["records"].as_array().unwrap().iter().any(|row| row["kind"] == "person.export" && row["by"] == "YOU");
        assert!(before, "what the other account did was done by the same person: {past}");
        for made in [&hosted, &shared] {
            wren.mutate("cancelEvent", json!({"id": made.id}), "event { id }").await.data();
        }
        world.drain().await;
    }
}

scenario! {
    /// A calendar that follows the link of one account goes on with the dates of both; where both have a link, that of the
    /// account that stays does.
    async fn calendar_links_come_along(world) {
        let host = world.activist("Finch").await;
        let (wren, old, older) = (world.activist("Wren").await, world.activist("Old").await, world.activist("Older").await);
        let (mine, theirs) = (world.event(&host, json!({})).await, world.event(&host, json!({})).await);
        rsvp(&wren, &mine, 1).await.data();
        rsvp(&old, &theirs, 1).await.data();
        let make = async |caller: &Caller| {
            let made = caller.ask("mutation { createCalendarLink { url } }", Value::Null).await;
            made.text("/createCalendarLink/url").replace(&world.app.config.base_url(), &world.url)
        };
        let read = async |url: &str| {
            let response = reqwest::get(url).await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap().matches("BEGIN:VEVENT").count())
        };
        let link = make(&old).await;
        assert_eq!(read(&link).await, (200, 1));
        add_address(world, &wren, "old@example.org").await.data();
        assert_eq!(read(&link).await, (200, 2));
        let other = make(&older).await;
        add_address(world, &wren, "older@example.org").await.data();
        assert_eq!((read(&link).await.0, read(&other).await.0), (200, 404));
        world.drain().await;
    }
}

scenario! {
    /// Seats of the weaker answer go to whoever waits.
    async fn freed_seats_are_given_on(world) {
        let host = world.activist("Finch").await;
        let (wren, old, robin) = (world.activist("Wren").await, world.activist("Old").await, world.activist("Robin").await);
        let made = world.event_with_seats(&host, 3).await;
        rsvp(&old, &made, 2).await.data();
        rsvp(&wren, &made, 1).await.data();
        assert_eq!(rsvp(&robin, &made, 1).await.at("/rsvp/status"), "WAITLISTED");
        add_address(world, &wren, "old@example.org").await.data();
        assert_eq!(status(&robin, &made).await, "REGISTERED");
        assert_eq!(seats_left(world, &made).await, 0);
        world.drain().await;
    }
}

scenario! {
    /// Staff roles do not come along, and nobody takes an account whose mail they do not read.
    async fn what_is_refused(world) {
        let wren = world.activist("Wren").await;
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let refused = add_address(world, &wren, "organizer@example.org").await;
        assert_eq!(refused.reason(), "STAFF_ACCOUNT");
        organizer.ask(ADDRESSES, Value::Null).await.data();

        let finch = world.activist("Finch").await;
        let code = address_code(world, &wren, "finch@example.org").await;
        let add = async |caller: &Caller, email: &str, code: &str| {
            caller.mutate("addAddress", json!({"email": email, "code": code}), "merged").await
        };
        let robin = world.activist("Robin").await;
        assert_eq!(add(&robin, "finch@example.org", &code).await.wrong_fields(), ["input.code"], "it was Wren who asked");
        assert_eq!(add(&wren, "robin@example.org", &code).await.wrong_fields(), ["input.code"], "of another address");
        assert_eq!(add(&wren, "finch@example.org", "00000000").await.wrong_fields(), ["input.code"]);
        finch.ask(ADDRESSES, Value::Null).await.data();
        assert_eq!(add(&wren, "finch@example.org", &code).await.at("/addAddress/merged"), true);
        assert_eq!(add(&wren, "finch@example.org", &code).await.wrong_fields(), ["input.code"], "it works once");
        for i in 0..8 {
            add_address(world, &wren, &format!("wren{i}@example.org")).await.data();
        }
        let many = add_address(world, &wren, "wren9@example.org").await;
        assert_eq!(many.wrong_fields(), ["input.email"]);
    }
}

scenario! {
    /// Of two accounts that take each other in at the same moment, one does.
    async fn at_the_same_moment(world) {
        let made = world.event_with_seats(&world.activist("Finch").await, 4).await;
        for round in 0..4 {
            let names = [format!("Wren{round}"), format!("Old{round}")];
            let (wren, old) = (world.activist(&names[0]).await, world.activist(&names[1]).await);
            rsvp(&wren, &made, 1).await.data();
            rsvp(&old, &made, 2).await.data();
            let codes = (address_code(world, &wren, &old.address).await, address_code(world, &old, &wren.address).await);
            let add = |caller: &Caller, email: &str, code: &str| {
                let (caller, input) = (caller.clone(), json!({"email": email, "code": code}));
                async move { caller.mutate("addAddress", input, "merged").await }
            };
            let (one, other) = tokio::join!(add(&wren, &old.address, &codes.0), add(&old, &wren.address, &codes.1));
            let refused: Vec<_> = [&one, &other].into_iter().filter_map(|answer| answer.code_if_any()).collect();
            assert_eq!(refused.len(), 1, "{} {}", one.body, other.body);
            assert!(matches!(refused[0], "UNAUTHENTICATED" | "CONFLICT" | "BAD_USER_INPUT"), "{refused:?}");
            let left = if one.code_if_any().is_none() { &wren } else { &old };
            assert_eq!(seats_left(world, &made).await, 2);
            assert_eq!(status(left, &made).await, "REGISTERED");
            left.mutate("rsvp", json!({"timeslotId": made.timeslot, "response": "NO"}), "status").await.data();
            world.drain().await;
        }
    }
}
