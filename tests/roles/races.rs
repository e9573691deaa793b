//! Many at once: one person is never in two places, and no role has more people than places. And the control: without the rows
//! that are taken, the same check finds both.

use std::time::Duration;

use api::app::App;
use entity::{RoleStatus, event_role, role_assignment};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::{comes, offer, role};

/// What people hold of an event: everything that is not as it should be.
async fn wrong(app: &App, event: &str) -> Vec<String> {
    let id: Uuid = event.trim_start_matches("event:").parse().unwrap();
    let db = app.db.reader();
    let roles = event_role::Entity::find()
        .filter(event_role::Column::EventId.eq(id))
        .all(db)
        .await
        .unwrap();
    let held = role_assignment::Entity::find()
        .filter(role_assignment::Column::EventId.eq(id))
        .filter(role_assignment::Column::Status.eq(RoleStatus::Accepted))
        .all(db)
        .await
        .unwrap();
    let mut wrong = vec![];
    for role in &roles {
        let people = held.iter().filter(|row| row.role_id == role.id).count();
        if people > role.max_people as usize {
            wrong.push(format!("{people} in {} places", role.max_people));
        }
    }
    let times = |id| {
        roles
            .iter()
            .find(|role| role.id == id)
            .and_then(|role| role.starts_at.zip(role.ends_at))
    };
    for (i, one) in held.iter().enumerate() {
        for other in held
            .iter()
            .take(i)
            .filter(|other| other.person_id == one.person_id)
        {
            if let (Some(a), Some(b)) = (times(one.role_id), times(other.role_id))
                && a.0 < b.1
                && b.0 < a.1
            {
                wrong.push("twice at one time".to_owned());
            }
        }
    }
    wrong
}

scenario! {
    /// Twenty offers for one evening, accepted at once: one is held.
    async fn nobody_is_in_two_places(world) {
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = world.event(&host, json!({})).await;
        comes(&finch, &event).await;
        let mut asked = vec![];
        for i in 0..20 {
            let id = role(&host, &event, json!({"title": format!("Role {i}")})).await;
            asked.push(offer(&host, &finch, &event, &id).await);
        }
        let answers = join_all(asked.iter().map(|id| finch.mutate("acceptRole", json!({"id": id}), "accepted"))).await;
        let held = answers.iter().filter(|answer| answer.code_if_any().is_none()).count();
        assert_eq!(held, 1);
        for answer in answers.iter().filter(|answer| answer.code_if_any().is_some()) {
            assert_eq!(answer.reason(), "ROLE_OVERLAPS");
        }
        assert_eq!(wrong(&world.app, &event.id).await, [""; 0]);
        world.drain().await;
    }
}

scenario! {
    /// Twenty volunteers for five places at once: five hold it.
    async fn no_role_has_more_people_than_places(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({})).await;
        let id = role(&host, &event, json!({"maxPeople": 5, "isOpen": true, "openToAll": true})).await;
        let mut guests = vec![];
        for i in 0..20 {
            let guest = world.activist(&format!("Guest{i}")).await;
            comes(&guest, &event).await;
            guests.push(guest);
        }
        let input = json!({"roleId": id});
        let answers = guests.iter().map(|guest| guest.mutate("volunteerForRole", input.clone(), "assignment { status }"));
        let answers = join_all(answers).await;
        let held = answers.iter().filter(|answer| answer.code_if_any().is_none()).count();
        assert_eq!(held, 5);
        assert_eq!(wrong(&world.app, &event.id).await, [""; 0]);
        world.drain().await;
    }
}

/// Looks, thinks, then writes what was allowed when it looked.
async fn look_then_accept(app: &App, assignment: Uuid) {
    let db = app.db.writer();
    let row = role_assignment::Entity::find_by_id(assignment)
        .one(db)
        .await
        .unwrap()
        .unwrap();
    let others = role_assignment::Entity::find()
        .filter(role_assignment::Column::PersonId.eq(row.person_id))
        .filter(role_assignment::Column::Status.eq(RoleStatus::Accepted))
        .all(db)
        .await
        .unwrap();
    sleep(Duration::from_millis(200)).await;
    if others.is_empty() {
        let row = role_assignment::ActiveModel {
            status: Set(RoleStatus::Accepted),
            ..row.into()
        };
        row.update(db).await.unwrap();
    }
}

scenario! {
    /// What a first draft would do is found by the same check.
    async fn looking_first_is_not_enough(world) {
        let (host, finch) = (world.activist("Wren").await, world.activist("Finch").await);
        let event = world.event(&host, json!({})).await;
        comes(&finch, &event).await;
        let mut asked = vec![];
        for i in 0..5 {
            let id = role(&host, &event, json!({"title": format!("Role {i}")})).await;
            asked.push(offer(&host, &finch, &event, &id).await);
        }
        let ids = asked.iter().map(|id| id.trim_start_matches("role-assignment:").parse().unwrap());
        join_all(ids.map(|id| look_then_accept(&world.app, id))).await;
        assert!(wrong(&world.app, &event.id).await.contains(&"twice at one time".to_owned()));
        world.drain().await;
    }
}
