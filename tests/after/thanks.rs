//! Who is thanked for having come, and what they hear of next.

use api::jobs::plan_reminders;
use serde_json::{Value, json};

use super::{OVER, at, came, close, was_absent};
use crate::{
    harness::{Caller, Made, World},
    rsvps::rsvp,
};

/// The morning after, when people are thanked.
const MORNING: &str = "2030-01-18T15:00:00Z";

async fn begin(world: &World) {
    world.drain().await;
    plan_reminders::schedule(&world.app, world.now()).await.unwrap();
    world.drain().await;
}

/// What somebody was thanked with, once at most.
fn thanks(world: &World, name: &str) -> Option<String> {
    let mut mails = world.mails_to(&format!("{name}@example.org"));
    mails.retain(|mail| mail.subject.starts_with("Thank you"));
    assert!(mails.len() <= 1);
    mails.pop().map(|mail| mail.text)
}

async fn guests(world: &World, event: &Made, names: &[&str]) -> Vec<Caller> {
    let mut guests = vec![];
    for name in names {
        let guest = world.activist(name).await;
        rsvp(&guest, event, 1).await.data();
        guests.push(guest);
    }
    guests
}

scenario! {
    /// Where it is known who came they are thanked, also if they had said no; who was not seen is not.
    async fn who_came_is_thanked(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let all = guests(world, &event, &["Finch", "Jay", "Robin", "Owl"]).await;
        let mine = all[3].ask("{ viewer { rsvps { edges { node { id } } } } }", Value::Null).await;
        let cancel = json!({"id": mine.text("/viewer/rsvps/edges/0/node/id")});
        all[3].mutate("cancelRsvp", cancel, "status").await.data();
        begin(world).await;
        at(world, "2030-01-18T02:30:00Z").await;
        came(world, &event, &world.activist("Finch").await, 1).await;
        was_absent(world, &event, &world.activist("Jay").await).await;
        came(world, &event, &world.activist("Owl").await, 1).await;
        at(world, MORNING).await;
        let thanked = ["finch", "jay", "robin", "owl"].map(|name| thanks(world, name).is_some());
        assert_eq!(thanked, [true, false, false, true]);
    }
}

scenario! {
    /// Where nobody says anything all who were registered are; where the date is closed without a word nobody is.
    async fn silence_thanks_everybody_until_it_is_closed(world) {
        let host = world.activist("Wren").await;
        let (open, closed) = (world.event(&host, json!({})).await, world.event(&host, json!({"title": "Another one"})).await);
        guests(world, &open, &["Finch"]).await;
        guests(world, &closed, &["Jay"]).await;
        begin(world).await;
        at(world, OVER).await;
        close(&world.activist("Wren").await, &closed).await.data();
        at(world, MORNING).await;
        assert!(thanks(world, "finch").is_some() && thanks(world, "jay").is_none());
    }
}

async fn agrees(guest: &Caller) {
    let yes = json!({"channel": "EMAIL", "purpose": "RECRUITMENT", "granted": true, "textVersion": "1"});
    guest
        .mutate("updateConsent", yes, "consent { granted }")
        .await
        .data();
}

scenario! {
    /// Who agreed to hear of events hears of the next one near what they came to: of its campaign before others, none that
    /// they answered for, and none that is far away. Others hear of none.
    async fn thanks_name_the_next_event_to_those_who_agreed(world) {
        let host = world.activist("Wren").await;
        let organizer = world.staff("Sparrow", entity::StaffRole::Organizer).await;
        let campaign = crate::campaigns::campaign(&organizer, "Clean water", "").await;
        let of = |title: &str, day: i32, over: Value| {
            let mut input = json!({"title": title, "timeslots": [{"startsAt": format!("2030-01-{day}T00:00:00Z"), "endsAt": format!("2030-01-{day}T02:00:00Z")}]});
            for (name, value) in over.as_object().unwrap() {
                input[name] = value.clone();
            }
            input
        };
        let event = world.event(&host, of("First one", 18, json!({"campaignId": campaign}))).await;
        let far = json!({"venue": "Far Library", "addressLines": ["1 Far Street"], "locality": "Chicago", "region": "IL",
            "postalCode": "60601", "latitude": 41.8858, "longitude": -87.6229});
        world.event(&host, of("Far away", 19, json!({"place": far, "campaignId": campaign}))).await;
        world.event(&host, of("Something near", 20, json!({}))).await;
        let same = world.event(&host, of("Of the campaign", 22, json!({"campaignId": campaign}))).await;
        let all = guests(world, &event, &["Finch", "Jay", "Robin"]).await;
        agrees(&all[0]).await;
        agrees(&all[1]).await;
        rsvp(&all[1], &same, 1).await.data();
        begin(world).await;
        at(world, MORNING).await;
        let finch = thanks(world, "finch").unwrap();
        assert!(finch.contains("Of the campaign"), "{finch}");
        assert!(!finch.contains("Something near") && !finch.contains("Far away"), "{finch}");
        let jay = thanks(world, "jay").unwrap();
        assert!(jay.contains("Something near") && !jay.contains("Of the campaign"), "{jay}");
        let robin = thanks(world, "robin").unwrap();
        assert!(!robin.contains("Next near there") && !robin.contains("Something near"), "{robin}");
    }
}
