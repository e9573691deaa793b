//! What hosts keep closer than a source knows how to say.

use entity::AttendeeVisibility;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::*;

#[tokio::test]
async fn an_import_never_opens_what_hosts_keep_closer() {
    let app = app().await;
    let mut row = sample(1);
    row["address_visibility"] = json!("PRIVATE");
    import_rows(&app, &[row.clone()]).await;
    let kept = [
        (AddressVisibility::AfterRsvp, Some(24)),
        (AddressVisibility::AfterApproval, Some(24)),
        (AddressVisibility::HostsOnly, None),
    ];
    for (turn, (visibility, hours)) in kept.into_iter().enumerate() {
        let mut event = events(&app).await.remove(0).into_active_model();
        event.visibility = Set(Visibility::Private);
        event.address_visibility = Set(visibility);
        event.address_hours = Set(hours);
        event.attendee_visibility = Set(AttendeeVisibility::Attendees);
        event.update(app.db.writer()).await.unwrap();
        row["title"] = json!(format!("Canvass {turn}"));
        assert_eq!(import_rows(&app, &[row.clone()]).await.updated, 1);
        let event = events(&app).await.remove(0);
        assert_eq!(event.title, format!("Canvass {turn}"));
        assert_eq!(
            (event.address_visibility, event.address_hours),
            (visibility, hours)
        );
        assert_eq!(event.visibility, Visibility::Private);
        assert_eq!(event.attendee_visibility, AttendeeVisibility::Attendees);
        assert_eq!(import_rows(&app, &[row.clone()]).await.unchanged, 1);
    }
}
