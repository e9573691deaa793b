//! Notices by text: not at night, unless somebody would come in vain.

use chrono::TimeDelta;
use serde_json::json;

use super::{WREN, sign_in};
use crate::harness::World;

async fn advance(world: &World, minutes: i64) {
    world.advance(TimeDelta::minutes(minutes));
    world.drain().await;
}

scenario! {
    /// Who has nothing but a number is told what changes: in the morning, or at once when that would be too late.
    async fn a_text_wakes_nobody_without_need(world) {
        let host = world.activist("Host").await;
        let (later, soon) = (world.event(&host, json!({})).await, json!([
            {"startsAt": "2030-01-16T15:30:00Z", "endsAt": "2030-01-16T17:00:00Z"}
        ]));
        let soon = world.event(&host, json!({"timeslots": soon})).await;
        let wren = sign_in(world, WREN).await;
        for made in [&later, &soon] {
            let input = json!({"timeslotId": made.timeslot, "name": {"givenName": "Wren"}});
            wren.mutate("rsvp", input, "status").await.data();
        }
        world.drain().await;
        let before = world.texts_to(WREN).len();

        let moved = json!({
            "id": later.timeslot, "startsAt": "2030-01-18T03:00:00Z", "endsAt": "2030-01-18T05:00:00Z", "message": "Bring boots."
        });
        host.mutate("updateTimeslot", moved, "event { id }").await.data();
        advance(world, 6).await; // six minutes past six, where it is
        assert_eq!(world.texts_to(WREN).len(), before);
        advance(world, 3 * 60).await;
        let texts = world.texts_to(WREN).split_off(before);
        assert_eq!(texts.len(), 1);
        let text = &texts[0].text;
        assert!(text.contains("Now it is Thu Jan 17, 9:00 PM CST. \"Bring boots.\""), "{text}");
        assert_eq!(text.matches("http").count(), 1, "{text}");

        advance(world, 17 * 60).await; // two o'clock in the night
        let host = world.activist("Host").await;
        host.mutate("cancelEvent", json!({"id": soon.id}), "event { id }").await.data();
        advance(world, 6).await;
        let texts = world.texts_to(WREN).split_off(before + 1);
        assert_eq!(texts.len(), 1, "until the morning would be too late");
        assert!(texts[0].text.contains(", Wed Jan 16, 9:30 AM CST, does not take place."), "{}", texts[0].text);
    }
}
