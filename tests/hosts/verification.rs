//! Who hands an event in has proved to read mail.

use entity::StaffRole;
use serde_json::{Value, json};

const QUEUE: &str = "{ reviewQueue { edges { node { id review { hostVerifiedAt } } } } }";

scenario! {
    async fn an_address_is_proved_before_an_event_is_handed_in(world) {
        let owl = world.newcomer("Owl").await;
        let made = world.draft(&owl, json!({})).await;
        let publish = async || owl.mutate("publishEvent", json!({"id": made.id}), "event { status review { hostVerifiedAt } }").await;
        assert_eq!(publish().await.reason(), "HOST_NOT_VERIFIED");
        let state = "query($id: ID!) { event(id: $id) { status version review { hostVerifiedAt } } }";
        let before = owl.ask(state, json!({"id": made.id})).await;
        assert_eq!(before.at("/event"), &json!({"status": "DRAFT", "version": 1, "review": {"hostVerifiedAt": null}}));

        let email = json!({"email": "owl@example.org"});
        world.anonymous().mutate("requestSignInCode", email, "expiresAt").await.data();
        world.drain().await;
        let code = world.mails_to("owl@example.org")[0].code();
        let input = json!({"email": "owl@example.org", "code": code});
        world.anonymous().mutate("signIn", input, "accessToken").await.data();
        let published = publish().await;
        assert_eq!(published.at("/publishEvent/event/status"), "NEEDS_APPROVAL");
        assert!(published.at("/publishEvent/event/review/hostVerifiedAt").is_string());
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let queue = organizer.ask(QUEUE, Value::Null).await;
        assert!(queue.at("/reviewQueue/edges/0/node/review/hostVerifiedAt").is_string());
    }
}

scenario! {
    /// Organizers answer for what they publish, and see that nobody proved anything.
    async fn organizers_may_publish_it_all_the_same(world) {
        let owl = world.newcomer("Owl").await;
        let made = world.event(&owl, json!({})).await;
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let state = "query($id: ID!) { event(id: $id) { status review { hostVerifiedAt } } }";
        let event = organizer.ask(state, json!({"id": made.id})).await;
        assert_eq!(event.at("/event"), &json!({"status": "APPROVED", "review": {"hostVerifiedAt": null}}));
        let anybody = world.anonymous().ask(state, json!({"id": made.id})).await;
        assert_eq!(anybody.at("/event/review"), &Value::Null);
    }
}
