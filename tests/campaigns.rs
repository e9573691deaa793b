//! Campaigns: their guidelines, who publishes into them, and how their events are found.

use entity::StaffRole;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Made, event_input};

const CAMPAIGN: &str = "campaign { id version name description guidelines guidelinesVersion archivedAt }";

/// A new campaign.
pub(crate) async fn campaign(organizer: &Caller, name: &str, guidelines: &str) -> String {
    let input = json!({"name": name, "description": "By the river.", "guidelines": guidelines});
    let made = organizer.mutate("createCampaign", input, CAMPAIGN).await;
    made.text("/createCampaign/campaign/id")
}

async fn read(caller: &Caller, id: &str, selection: &str) -> Answer {
    let query = format!("query($id: ID!) {{ campaign(id: $id) {{ {selection} }} }}");
    caller.ask(&query, json!({"id": id})).await
}

async fn publish(host: &Caller, made: &Made) -> Answer {
    host.mutate(
        "publishEvent",
        json!({"id": made.id}),
        "event { status campaign { name } }",
    )
    .await
}

async fn accept(caller: &Caller, id: &str, version: i32) -> Answer {
    let input = json!({"campaignId": id, "version": version});
    let selection = "campaign { viewerAcceptance { version acceptedAt } }";
    caller.mutate("acceptGuidelines", input, selection).await
}

scenario! {
    /// Organizers make, edit, close and open campaigns; everybody reads them.
    async fn a_campaign_is_written_and_read(world) {
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let (host, anybody) = (world.activist("Wren").await, world.anonymous());
        let id = campaign(&organizer, "  Clean water ", "Be friendly.").await;
        let shown = read(&anybody, &id, "name description guidelines guidelinesVersion viewerAcceptance { version }").await;
        assert_eq!(shown.at("/campaign"), &json!({"name": "Clean water", "description": "By the river.",
            "guidelines": "Be friendly.", "guidelinesVersion": 1, "viewerAcceptance": null}));

        let edit = json!({"id": id, "expectedVersion": 1, "name": "Clean rivers"});
        for (caller, code) in [(&anybody, "UNAUTHENTICATED"), (&host, "FORBIDDEN")] {
            assert_eq!(caller.mutate("updateCampaign", edit.clone(), CAMPAIGN).await.code(), code);
            assert_eq!(caller.mutate("createCampaign", json!({"name": "Mine"}), CAMPAIGN).await.code(), code);
        }
        let edited = organizer.mutate("updateCampaign", edit.clone(), CAMPAIGN).await;
        assert_eq!(edited.at("/updateCampaign/campaign/guidelinesVersion"), 1, "other words, the same guidelines");
        assert_eq!(organizer.mutate("updateCampaign", edit, CAMPAIGN).await.code(), "CONFLICT");

        let listed = async |arguments: &str| {
            let answer = anybody.ask(&format!("{{ campaigns{arguments} {{ edges {{ node {{ id }} }} }} }}"), Value::Null).await;
            answer.at("/campaigns/edges").as_array().unwrap().len()
        };
        assert_eq!(listed("").await, 1);
        for _ in 0..2 {
            let closed = organizer.mutate("archiveCampaign", json!({"id": id}), CAMPAIGN).await;
            assert_eq!(closed.at("/archiveCampaign/campaign/version"), 3, "closing it again changes nothing");
        }
        assert_eq!((listed("").await, listed("(includeArchived: true)").await), (0, 1));
        let into = event_input(json!({"campaignId": id}));
        let refused = host.mutate("createEvent", into.clone(), "event { id }").await;
        assert_eq!(refused.reason(), "CAMPAIGN_ARCHIVED");
        assert_eq!(accept(&host, &id, 1).await.reason(), "CAMPAIGN_ARCHIVED");
        organizer.mutate("restoreCampaign", json!({"id": id}), CAMPAIGN).await.data();
        host.mutate("createEvent", into, "event { id }").await.data();

        let gone = "campaign:0199a1b2-0000-7000-8000-000000000000";
        assert_eq!(read(&anybody, gone, "id").await.code(), "NOT_FOUND");
        let nowhere = event_input(json!({"campaignId": gone}));
        assert_eq!(host.mutate("createEvent", nowhere, "event { id }").await.code(), "NOT_FOUND");
    }
}

scenario! {
    /// Hosts accept the present guidelines before they publish; a new version asks again, for new events only.
    async fn guidelines_are_accepted_before_publishing(world) {
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let (host, other) = (world.activist("Wren").await, world.activist("Jay").await);
        let id = campaign(&organizer, "Clean water", "Be friendly.").await;
        let made = world.draft(&host, json!({"campaignId": id})).await;
        let refused = publish(&host, &made).await;
        assert_eq!(refused.reason(), "GUIDELINES_NOT_ACCEPTED");
        let extensions = &refused.body["errors"][0]["extensions"];
        assert_eq!((&extensions["campaignId"], &extensions["guidelinesVersion"]), (&json!(id), &json!(1)));

        assert_eq!(accept(&world.anonymous(), &id, 1).await.code(), "UNAUTHENTICATED");
        assert_eq!(accept(&host, &id, 2).await.code(), "CONFLICT");
        accept(&other, &id, 1).await.data();
        assert_eq!(publish(&host, &made).await.reason(), "GUIDELINES_NOT_ACCEPTED", "another person's word");
        for _ in 0..2 {
            let accepted = accept(&host, &id, 1).await;
            assert_eq!(accepted.at("/acceptGuidelines/campaign/viewerAcceptance/version"), 1);
        }
        let published = publish(&host, &made).await;
        assert_eq!(published.at("/publishEvent/event/campaign/name"), "Clean water");
        organizer.mutate("approveEvent", json!({"id": made.id}), "event { id }").await.data();

        let edit = json!({"id": id, "expectedVersion": 1, "guidelines": "Be friendly. Take notes."});
        let edited = organizer.mutate("updateCampaign", edit, CAMPAIGN).await;
        assert_eq!(edited.at("/updateCampaign/campaign/guidelinesVersion"), 2);
        let status = world.anonymous().ask(&format!("{{ event(id: \"{}\") {{ status }} }}", made.id), Value::Null).await;
        assert_eq!(status.at("/event/status"), "APPROVED", "what is published stays");
        let next = world.draft(&host, json!({"campaignId": id})).await;
        let refused = publish(&host, &next).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["guidelinesVersion"], 2);
        assert_eq!(accept(&host, &id, 1).await.code(), "CONFLICT");
        let known = read(&host, &id, "now: guidelines then: guidelines(version: 1) viewerAcceptance { version }").await;
        assert_eq!(known.at("/campaign"), &json!({"now": "Be friendly. Take notes.", "then": "Be friendly.",
            "viewerAcceptance": {"version": 1}}));
        let unknown = read(&host, &id, "guidelines(version: 3)").await;
        assert_eq!(unknown.code(), "NOT_FOUND");
        accept(&host, &id, 2).await.data();
        publish(&host, &next).await.data();
        let own = world.draft(&organizer, json!({"campaignId": id})).await;
        let published = publish(&organizer, &own).await;
        assert_eq!(published.at("/publishEvent/event/status"), "APPROVED", "organizers answer for guidelines themselves");
    }
}

scenario! {
    /// An event that was handed in comes into no campaign whose guidelines its host did not accept; a draft does.
    async fn joining_a_campaign_later_asks_as_well(world) {
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let host = world.activist("Wren").await;
        let id = campaign(&organizer, "Clean water", "Be friendly.").await;
        let made = world.draft(&host, json!({})).await;
        let join = |version: i64, campaign: Value| json!({"id": made.id, "expectedVersion": version, "campaignId": campaign});
        let selection = "event { version campaignId }";
        let joined = host.mutate("updateEvent", join(1, json!(id)), selection).await;
        assert_eq!(joined.at("/updateEvent/event/campaignId"), &json!(id));
        let left = host.mutate("updateEvent", join(2, Value::Null), selection).await;
        assert_eq!(left.at("/updateEvent/event/campaignId"), &Value::Null);
        publish(&host, &made).await.data();
        let refused = host.mutate("updateEvent", join(4, json!(id)), selection).await;
        assert_eq!(refused.reason(), "GUIDELINES_NOT_ACCEPTED");
        accept(&host, &id, 1).await.data();
        host.mutate("updateEvent", join(4, json!(id)), selection).await.data();
        let wrong = host.mutate("updateEvent", join(5, json!(made.id)), selection).await;
        assert_eq!(wrong.wrong_fields(), ["input.campaignId"]);
    }
}

scenario! {
    /// Searches, maps and counts tell campaigns apart, and a change shows at once.
    async fn events_of_a_campaign_are_found_and_counted(world) {
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let host = world.activist("Wren").await;
        let (water, air) = (campaign(&organizer, "Water", "").await, campaign(&organizer, "Air", "").await);
        let first = world.event(&host, json!({"campaignId": water})).await;
        world.event(&host, json!({"campaignId": water, "eventType": "RALLY"})).await;
        world.event(&host, json!({"campaignId": air, "eventType": "RALLY"})).await;
        world.event(&host, json!({})).await;
        let anybody = world.anonymous();
        let facets = "facets { count types { eventType count } campaigns { campaignId campaign { name } count } }";
        let find = async |filter: &str| {
            let query = format!("{{ events({filter}) {{ edges {{ node {{ id campaignId }} }} {facets} }} }}");
            anybody.ask(&query, Value::Null).await.at("/events").clone()
        };
        let of_water = json!({"campaignId": water, "campaign": {"name": "Water"}, "count": 2});
        let of_air = json!({"campaignId": air, "campaign": {"name": "Air"}, "count": 1});
        let found = find(&format!("campaigns: [\"{water}\"]")).await;
        assert_eq!(found["edges"].as_array().unwrap().len(), 2);
        assert_eq!(found["facets"]["count"], 2);
        assert_eq!(found["facets"]["campaigns"], json!([of_water, of_air]), "as if no campaign had been chosen");
        let rallies = find("types: [RALLY]").await;
        assert_eq!(rallies["facets"]["campaigns"].as_array().unwrap().len(), 2);
        assert_eq!(rallies["facets"]["campaigns"][0]["count"], 1, "of the types that were chosen");
        let both = find(&format!("types: [RALLY], campaigns: [\"{water}\"]")).await;
        assert_eq!((&both["facets"]["count"], &both["facets"]["types"][1]["count"]), (&json!(1), &json!(1)));
        let either = find(&format!("campaigns: [\"{water}\", \"{air}\"]")).await;
        assert_eq!(either["edges"].as_array().unwrap().len(), 3);
        let nothing = find("campaigns: [\"campaign:0199a1b2-0000-7000-8000-000000000000\"]").await;
        assert_eq!(nothing["edges"], json!([]));

        let map = format!("{{ eventsInBounds(box: {{north: 42, south: 41, east: -93, west: -94}}, zoom: 9, limit: 1,
            campaigns: [\"{water}\"]) {{ count clusters {{ count }} {facets} }} }}");
        let shown = anybody.ask(&map, Value::Null).await;
        assert_eq!(shown.at("/eventsInBounds/clusters/0/count"), 2);
        assert_eq!(shown.at("/eventsInBounds/facets/campaigns/0"), &of_water);
        let near = format!("{{ nearbyEvents(near: {{postalCode: {{code: \"50309\"}}}}, campaigns: [\"{air}\"]) {{
            edges {{ node {{ campaign {{ name }} }} }} }} }}");
        assert_eq!(anybody.ask(&near, Value::Null).await.at("/nearbyEvents/edges"), &json!([{"node": {"campaign": {"name": "Air"}}}]));

        let moved = json!({"ids": [first.id], "campaignId": air});
        let moved = organizer.mutate("bulkUpdateEvents", moved, "results { event { campaign { name } } }").await;
        assert_eq!(moved.at("/bulkUpdateEvents/results/0/event/campaign/name"), "Air");
        let found = find(&format!("campaigns: [\"{air}\"]")).await;
        assert_eq!(found["facets"]["count"], 2);

        let many = vec![format!("\"{water}\""); 21].join(", ");
        let many = anybody.ask(&format!("{{ events(campaigns: [{many}]) {{ edges {{ cursor }} }} }}"), Value::Null).await;
        assert_eq!(many.wrong_fields(), ["campaigns"]);
        let wrong = anybody.ask(&format!("{{ events(campaigns: [\"{}\"]) {{ edges {{ cursor }} }} }}", first.id), Value::Null).await;
        assert_eq!(wrong.wrong_fields(), ["campaigns.0"]);
    }
}

scenario! {
    /// A copy of an event is in its campaign, unless that takes no more events.
    async fn copies_stay_in_campaigns_that_are_open(world) {
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let host = world.activist("Wren").await;
        let id = campaign(&organizer, "Clean water", "").await;
        let made = world.event(&host, json!({"campaignId": id})).await;
        let copy = async || {
            let copy = host.mutate("duplicateEvent", json!({"id": made.id}), "event { campaignId }").await;
            copy.at("/duplicateEvent/event/campaignId").clone()
        };
        assert_eq!(copy().await, json!(id));
        organizer.mutate("archiveCampaign", json!({"id": id}), CAMPAIGN).await.data();
        assert_eq!(copy().await, Value::Null);
        let late = world.draft(&host, json!({})).await;
        let join = json!({"id": late.id, "expectedVersion": 1, "campaignId": id});
        assert_eq!(host.mutate("updateEvent", join, "event { id }").await.reason(), "CAMPAIGN_ARCHIVED");
        let stays = json!({"id": made.id, "expectedVersion": made.version, "title": "Calls again"});
        host.mutate("updateEvent", stays, "event { id }").await.data();
    }
}

scenario! {
    /// Whatever organizers write, it breaks out of no text, and too much of it is named.
    async fn what_is_written_of_campaigns_is_harmless(world) {
        let organizer = world.staff("Owl", StaffRole::Organizer).await;
        let host = world.activist("Wren").await;
        let long = "x".repeat(20_001);
        let wrong = json!({"name": "a\r\nX-EVIL:1", "description": long, "guidelines": "bell \u{7}"});
        let mut wrong = organizer.mutate("createCampaign", wrong, CAMPAIGN).await.wrong_fields();
        wrong.sort();
        assert_eq!(wrong, ["input.description", "input.guidelines", "input.name"]);
        let name = "Water, <b>air</b>; \u{202e}\u{200b}=1+1";
        let evil = json!({"name": name, "guidelines": "<script>alert(1)</script> [go](javascript:alert(2))\n\n**ok**"});
        let made = organizer.mutate("createCampaign", evil, CAMPAIGN).await;
        let id = made.text("/createCampaign/campaign/id");
        let shown = read(&world.anonymous(), &id, "name guidelines guidelinesHtml").await;
        assert_eq!(shown.at("/campaign/name"), name);
        for field in ["guidelines", "guidelinesHtml"] {
            let text = shown.text(&format!("/campaign/{field}"));
            assert!(!text.contains("<script") && !text.contains("javascript:") && text.contains("ok"), "{text}");
        }
        let made = world.event(&host, json!({"campaignId": id})).await;
        let page = async |path: String| {
            let response = reqwest::get(format!("{}{path}", world.url)).await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            response.text().await.unwrap()
        };
        for path in [format!("/events/{}.ics", made.id), "/events.ics?postal=50309".to_owned()] {
            let calendar = page(path).await.replace("\r\n ", "");
            assert!(calendar.contains("\r\nCATEGORIES:Water\\, <b>air</b>\\;"), "{calendar}");
        }
        let feed = page("/events.atom?postal=50309".to_owned()).await;
        assert!(feed.contains("label=\"Water, &lt;b&gt;air&lt;/b&gt;;") && !feed.contains("<b>"), "{feed}");
        let points = page("/events.geojson?bbox=-94,41,-93,42".to_owned()).await;
        assert!(points.contains(&format!("\"campaignId\":\"{id}\"")), "{points}");
    }
}
