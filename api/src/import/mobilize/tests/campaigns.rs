//! Campaigns that rows name.

use entity::campaign;

use super::*;

#[tokio::test]
async fn campaigns_are_made_once_and_what_organizers_chose_stays() {
    let app = app().await;
    let mut row = sample(1);
    row["event_campaign"] =
        json!({"id": 7, "slug": "clean-water_now", "event_create_page_url": "https://example.org"});
    let mut other = sample(2);
    other["event_campaign"] = json!({"id": 7, "slug": "clean-water_now"});
    let rows = [row.clone(), other, sample(3)];
    import_rows(&app, &rows).await;
    let campaigns = campaign::Entity::find().all(app.db.reader()).await.unwrap();
    let names: Vec<_> = campaigns.iter().map(|campaign| campaign.name.as_str()).collect();
    assert_eq!(names, ["Clean water now"]);
    let of = async |id: &str| {
        let events = events(&app).await.into_iter();
        let mut events = events.filter(|event| event.origin_id.as_deref() == Some(id));
        events.next().unwrap().campaign_id
    };
    let id = Some(campaigns[0].id);
    assert_eq!([of("1").await, of("2").await, of("3").await], [id, id, None]);
    assert_eq!(import_rows(&app, &rows).await.unchanged, 3);
    row["event_campaign"] = Value::Null;
    import_rows(&app, &[row]).await;
    assert_eq!(of("1").await, id, "a source that names none takes it out of none");
    let mut nameless = sample(4);
    nameless["event_campaign"] = json!({"slug": "x"});
    let report = import_rows(&app, &[nameless]).await;
    assert_eq!(texts(&report.left_out), ["4: event_campaign.id is missing"]);
}
