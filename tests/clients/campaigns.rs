//! What organizers call for.

use entity::StaffRole;
use serde_json::json;

use super::App;
use crate::harness::World;

pub(super) async fn organizer_campaigns(world: &World, app: &App) {
    let organizer = world.staff("Organizer", StaffRole::Organizer).await;
    let input = json!({"input": {"name": "Clean water", "guidelines": "Be friendly."}});
    let made = app.run(&organizer, "CreateCampaign", input).await;
    let id = made.text("/createCampaign/campaign/id");
    let host = world.activist("Wren").await;
    let terms = app.run(&host, "Guidelines", json!({"id": id})).await;
    assert_eq!(terms.at("/campaign/guidelinesHtml"), "<p>Be friendly.</p>\n");
    let read = json!({"campaign": id, "version": terms.at("/campaign/guidelinesVersion")});
    let accepted = app.run(&host, "AcceptGuidelines", read).await;
    assert_eq!(
        accepted.at("/acceptGuidelines/campaign/viewerAcceptance/version"),
        1
    );
    let made = world
        .event(&host, json!({"campaignId": id, "title": "Letters"}))
        .await;
    let page = app
        .run(&world.anonymous(), "CampaignPage", json!({"id": id}))
        .await;
    assert_eq!(page.at("/events/edges/0/node/title"), "Letters");
    let again = app.run(&host, "Refetch", json!({"id": id})).await;
    assert_eq!(again.at("/node/name"), "Clean water");
    let off = json!({"id": made.id, "note": null});
    app.run(&host, "CallOffEvent", off).await;
    let words = json!({"input": {"id": id, "expectedVersion": 1, "description": "By the river."}});
    let saved = app.run(&organizer, "SaveCampaign", words).await;
    assert_eq!(saved.at("/updateCampaign/campaign/version"), 2);
    app.run(&organizer, "CloseCampaign", json!({"id": id})).await;
    let open = app.run(&world.anonymous(), "Campaigns", json!({})).await;
    assert_eq!(open.at("/campaigns/edges"), &json!([]));
    app.run(&organizer, "OpenCampaign", json!({"id": id})).await;
}
