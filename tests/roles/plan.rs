//! What is suggested, and planning it.

use entity::StaffRole;
use serde_json::{Value, json};

use super::role;

scenario! {
    /// The guide's list comes first, the usual ones after it; nothing is planned before the host asks, and nothing twice.
    async fn an_action_gets_the_guide_s_roles(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let suggested = world.anonymous()
            .ask("{ roleTemplates(eventType: ACTION) { key kind dueHours minPeople } }", Value::Null).await;
        let all = suggested.at("/roleTemplates").as_array().unwrap();
        assert_eq!(all.len(), 12);
        assert_eq!(all[0], json!({"key": "schedule-official-meeting", "kind": "TASK", "dueHours": 336, "minPeople": 1}));
        let spanish = world.anonymous()
            .ask("{ roleTemplates(eventType: OFFICIAL_MEETING, language: \"es\") { title } }", Value::Null).await;
        assert_eq!(spanish.at("/roleTemplates/0/title"), "Portavoz principal");

        let query = "query($id: ID!) { event(id: $id) { roles { id } } }";
        let none = host.ask(query, json!({"id": event.id})).await;
        assert_eq!(none.at("/event/roles"), &json!([]), "nobody asked");
        let two = json!({"eventId": event.id, "keys": ["upload-sheets", "greeter"]});
        let planned = host.mutate("planRoles", two.clone(), "added roles { title kind dueAt startsAt endsAt isOpen }").await;
        assert_eq!(planned.at("/planRoles/added"), 2);
        assert_eq!(planned.at("/planRoles/roles/0/dueAt"), "2030-01-19T02:00:00+00:00", "a day after the end");
        let greeter = planned.at("/planRoles/roles/1");
        assert_eq!(greeter["startsAt"], "2030-01-18T00:00:00+00:00");
        assert_eq!(greeter["isOpen"], true);
        let again = host.mutate("planRoles", two, "added").await;
        assert_eq!(again.at("/planRoles/added"), 0);
        let all = host.mutate("planRoles", json!({"eventId": event.id}), "added").await;
        assert_eq!(all.at("/planRoles/added"), 10);
        let wrong = json!({"eventId": event.id, "keys": ["greeter", "chief-spokesperson"]});
        assert_eq!(host.mutate("planRoles", wrong, "added").await.wrong_fields(), ["input.keys.1"]);
    }
}

scenario! {
    /// A campaign's set comes before the usual ones or in their place, and one key is one role.
    async fn campaigns_suggest_their_own(world) {
        let organizer = world.staff("Organizer", StaffRole::Organizer).await;
        let campaign = crate::campaigns::campaign(&organizer, "Clean water", "").await;
        let template = |key: &str| json!({"key": key, "kind": "TASK", "title": "Water samples", "dueHours": -24});
        let set = |version: i32, replaces: bool| json!({"campaignId": campaign, "expectedVersion": version,
            "templates": [template("samples"), template("greeter")], "replacesUsual": replaces});
        let selection = "campaign { roles { version replacesUsual templates { key } } }";
        let said = organizer.mutate("setCampaignRoles", set(0, false), selection).await;
        assert_eq!(said.at("/setCampaignRoles/campaign/roles/version"), 1);
        assert_eq!(organizer.mutate("setCampaignRoles", set(0, false), selection).await.code(), "CONFLICT");
        let query = "query($id: ID!) { roleTemplates(eventType: RALLY, campaignId: $id) { key title } }";
        let all = world.anonymous().ask(query, json!({"id": campaign})).await;
        let keys: Vec<_> = all.at("/roleTemplates").as_array().unwrap().iter().map(|one| one["key"].clone()).collect();
        assert_eq!(keys[..2], [json!("samples"), json!("greeter")]);
        assert_eq!((keys.len(), all.at("/roleTemplates/1/title")), (8, &json!("Water samples")));
        organizer.mutate("setCampaignRoles", set(1, true), selection).await.data();
        let all = world.anonymous().ask(query, json!({"id": campaign})).await;
        assert_eq!(all.at("/roleTemplates").as_array().unwrap().len(), 2);
        let mut wrong = set(2, true);
        wrong["templates"] = json!([template("Greeter!"), {"key": "x", "kind": "ON_SITE", "title": " ", "maxPeople": 0, "dueHours": 1}]);
        let wrong = organizer.mutate("setCampaignRoles", wrong, selection).await;
        assert_eq!(wrong.wrong_fields(), ["input.templates.0.key", "input.templates.1.title", "input.templates.1.maxPeople",
            "input.templates.1.minPeople", "input.templates.1.dueHours"]);
        let host = world.activist("Wren").await;
        assert_eq!(host.mutate("setCampaignRoles", set(2, true), selection).await.code(), "FORBIDDEN");
        let event = world.event(&host, json!({"campaignId": campaign})).await;
        let planned = host.mutate("planRoles", json!({"eventId": event.id}), "roles { title dueAt }").await;
        assert_eq!(planned.at("/planRoles/roles/0/dueAt"), "2030-01-17T00:00:00+00:00", "a day before the start");
    }
}

scenario! {
    /// Another event's plan comes with its notes, without its people, and its own times as far from the date.
    async fn plans_are_copied(world) {
        let (host, guest, other) = (world.activist("Wren").await, world.activist("Finch").await, world.activist("Jay").await);
        let first = world.event(&host, json!({})).await;
        let early = json!({"startsAt": "2030-01-17T23:00:00Z", "endsAt": "2030-01-18T00:30:00Z", "notes": "The key is under the oak."});
        let id = role(&host, &first, early).await;
        super::comes(&guest, &first).await;
        super::offer(&host, &guest, &first, &id).await;
        let slot = json!([{"startsAt": "2030-01-25T00:00:00+00:00", "endsAt": "2030-01-25T02:00:00+00:00"}]);
        let second = world.event(&host, json!({"timeslots": slot})).await;
        let input = json!({"eventId": second.id, "fromEventId": first.id});
        let copied = host.mutate("planRoles", input.clone(), "added roles { startsAt endsAt notes assignments { id } }").await;
        assert_eq!(copied.at("/planRoles/roles/0"), &json!({"startsAt": "2030-01-24T23:00:00+00:00", "endsAt": "2030-01-25T00:30:00+00:00",
            "notes": "The key is under the oak.", "assignments": []}));
        assert_eq!(host.mutate("planRoles", input, "added").await.at("/planRoles/added"), 0);
        let mine = world.event(&other, json!({})).await;
        let input = json!({"eventId": mine.id, "fromEventId": first.id});
        assert_eq!(other.mutate("planRoles", input, "added").await.code(), "FORBIDDEN", "it is not theirs");
        world.drain().await;
    }
}

scenario! {
    /// All problems at once; a request that is sent again is one role; and only the version that was read is changed.
    async fn roles_are_written_once_and_right(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let wrong = json!({"eventId": event.id, "kind": "TASK", "title": "two\nlines", "skills": ["!"], "minPeople": 3, "maxPeople": 2,
            "startsAt": "2030-01-18T00:00:00+00:00", "dueAt": "2030-01-18T00:00:00+00:00", "dueHours": 9999});
        let answer = host.mutate("createRole", wrong, "role { id }").await;
        assert_eq!(answer.wrong_fields(), ["input.title", "input.skills.0", "input.minPeople", "input.startsAt", "input.dueHours",
            "input.dueHours", "input.endsAt"]);
        let input = json!({"eventId": event.id, "kind": "ON_SITE", "title": "Medic", "skills": ["First  Aid", "first aid"],
            "idempotencyKey": "medic-0001"});
        let made = host.mutate("createRole", input.clone(), "role { id version skills }").await;
        assert_eq!(made.at("/createRole/role/skills"), &json!(["first aid"]));
        let again = host.mutate("createRole", input, "role { id }").await;
        assert_eq!(again.text("/createRole/role/id"), made.text("/createRole/role/id"));
        let id = made.text("/createRole/role/id");
        let change = |version: i32| json!({"id": id, "expectedVersion": version, "title": "First aid", "notes": "Ask for Robin."});
        let changed = host.mutate("updateRole", change(1), "role { version title notes }").await;
        assert_eq!(changed.at("/updateRole/role"), &json!({"version": 2, "title": "First aid", "notes": "Ask for Robin."}));
        assert_eq!(host.mutate("updateRole", change(1), "role { id }").await.code(), "CONFLICT");
        let gone = |version: i32| json!({"id": id, "expectedVersion": version});
        assert_eq!(host.mutate("deleteRole", gone(1), "deleted").await.code(), "CONFLICT");
        host.mutate("deleteRole", gone(2), "deleted").await.data();
        assert_eq!(host.mutate("deleteRole", gone(2), "deleted").await.code(), "NOT_FOUND");
    }
}
