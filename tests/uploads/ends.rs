//! How sheets end: deleted by a host, when their time is over, or with what they belong to.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{SheetState, attendance_sheet, audit};
use reqwest::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use super::{SHEETS, files, kept, objects, send, sheet};
use crate::harness::{World, s3::S3};

scenario! {
    /// A host deletes a sheet that was not applied, with all that it is made of. Another host does not.
    async fn hosts_delete_sheets(world) {
        let (host, other) = (world.activist("Wren").await, world.activist("Other").await);
        let made = world.event(&host, json!({})).await;
        let (id, page) = sheet(world, &host, &made.id).await;
        assert_eq!(other.mutate("deleteAttendanceSheet", json!({"id": id}), "deletedId").await.code(), "NOT_FOUND");
        set_state(world, &id, SheetState::Applied, Some(world.now())).await;
        assert_eq!(host.mutate("deleteAttendanceSheet", json!({"id": id}), "deletedId").await.reason(), "SHEET_CLOSED");
        let (status, answer) = {
            let ticket = super::ticket(&host, &made.id, 10, json!({"sheetId": id})).await;
            (ticket.status, ticket.reason().to_owned())
        };
        assert_eq!((status, answer.as_str()), (200, "SHEET_CLOSED"));
        set_state(world, &id, SheetState::Review, None).await;
        let deleted = host.mutate("deleteAttendanceSheet", json!({"id": id}), "deletedId eventId").await;
        assert_eq!(deleted.text("/deleteAttendanceSheet/eventId"), made.id);
        world.drain().await;
        assert_eq!(kept(world).await, [0; 4]);
        assert_eq!(host.mutate("viewSheetPage", json!({"pageId": page}), "url").await.code(), "NOT_FOUND");
        assert_eq!(host.mutate("deleteAttendanceSheet", json!({"id": id}), "deletedId").await.code(), "NOT_FOUND");
    }
}

scenario! {
    /// Pictures are deleted some days after what they say was applied; what was never applied goes altogether. What was deleted
    /// is written down.
    async fn their_time_is_over(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let (applied, page) = sheet(world, &host, &made.id).await;
        let (status, never) = send(world, &host, &made.id, files::photo(99), json!({})).await;
        assert_eq!(status, StatusCode::CREATED);
        world.advance(TimeDelta::hours(1));
        world.drain().await; // programs have read them
        set_state(world, &applied, SheetState::Applied, Some(world.now())).await;
        let hash = hash_of(world, &page).await;
        later(world, 30).await;
        assert_eq!(kept(world).await, [2, 2, 2, 2], "not yet");
        later(world, 2).await;
        assert_eq!(kept(world).await, [1, 2, 2, 2]);
        let host = world.activist("Wren").await;
        let listed = host.ask(SHEETS, json!({"id": made.id})).await;
        let sheets = listed.at("/event/attendanceSheets/edges");
        assert_eq!(sheets[1]["node"]["pages"][0]["hasImage"], false, "{sheets}");
        assert_ne!(sheets[1]["node"]["imagesDeletedAt"], json!(null));
        assert_eq!(sheets[0]["node"]["pages"][0]["hasImage"], true);
        assert_eq!(host.mutate("viewSheetPage", json!({"pageId": page}), "url").await.reason(), "IMAGE_DELETED");
        let proofs = proofs(world).await;
        assert_eq!(proofs.len(), 1);
        assert!(proofs[0].contains(&hash) && proofs[0].contains(&applied.replace("attendance-sheet:", "")), "{proofs:?}");
        later(world, 150).await;
        assert_eq!(kept(world).await, [0, 1, 1, 1]);
        let host = world.activist("Wren").await;
        let gone = host.ask("query($id: ID!) { node(id: $id) { id } }", json!({"id": never["sheetId"]})).await;
        assert_eq!(gone.code(), "NOT_FOUND");
        assert_eq!(self::proofs(world).await.len(), 2);
    }
}

scenario! {
    /// An object that no row knows of goes once it is an hour old; others stay.
    async fn orphans_are_swept(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        for seed in 0..5 {
            send(world, &host, &made.id, files::photo(seed), json!({})).await;
        }
        for _ in 0..4 {
            world.app.store.put("sheet_page.picture", Uuid::now_v7(), b"left").await.unwrap();
        }
        assert_eq!(objects(world).len(), 9);
        let young = api::clock::system_now() - TimeDelta::hours(1);
        assert_eq!(api::domain::upload::sweep(&world.app, young).await.unwrap(), 0);
        assert_eq!(objects(world).len(), 9);
        age(world, api::clock::system_now() - TimeDelta::hours(2));
        later(world, 1).await;
        assert_eq!(objects(world).len(), 5);
    }
}

fn age(world: &World, time: DateTime<Utc>) {
    match world.backend.bucket() {
        Some(bucket) => S3::running().date(bucket, time),
        None => {
            for (path, _) in objects(world) {
                let file = std::fs::File::options().append(true).open(path).unwrap();
                file.set_modified(time.into()).unwrap();
            }
        }
    }
}

/// Some days later, when rows whose time is over were deleted.
async fn later(world: &World, days: i64) {
    world.advance(TimeDelta::days(days));
    api::jobs::retain::schedule(&world.app, world.now())
        .await
        .unwrap();
    world.drain().await;
}

pub(super) async fn set_state(
    world: &World,
    sheet: &str,
    state: SheetState,
    applied_at: Option<DateTime<Utc>>,
) {
    let id: Uuid = sheet.replace("attendance-sheet:", "").parse().unwrap();
    attendance_sheet::Entity::update_many()
        .col_expr(attendance_sheet::Column::State, Expr::value(state))
        .col_expr(attendance_sheet::Column::AppliedAt, Expr::value(applied_at))
        .filter(attendance_sheet::Column::Id.eq(id))
        .exec(world.app.db.writer())
        .await
        .unwrap();
}

async fn hash_of(world: &World, page: &str) -> String {
    let id: Uuid = page.replace("sheet-page:", "").parse().unwrap();
    let page = entity::sheet_page::Entity::find_by_id(id)
        .one(world.app.db.reader())
        .await
        .unwrap();
    page.unwrap()
        .hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn proofs(world: &World) -> Vec<String> {
    let rows = audit::Entity::find()
        .filter(audit::Column::Kind.eq("event.sheet_images_delete"))
        .order_by_asc(audit::Column::Id)
        .all(world.app.db.reader())
        .await
        .unwrap();
    rows.into_iter().map(|row| row.reason.unwrap()).collect()
}
