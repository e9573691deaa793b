//! What files of those who answered say of who came.

use entity::{StaffRole, audit};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{OVER, at, came, close, record_at, was_absent, whom};
use crate::{
    account::another_device as again,
    attendees::export::{column, export, read},
    door::person,
    rsvps::rsvp,
};
use api::domain::attendance::What;

scenario! {
    /// Whether each came, with how many, since when and how that is known; who came without an RSVP has a line as well, is
    /// counted and recorded, and nothing they call themselves is a formula.
    async fn files_say_who_came(world) {
        let host = world.activist("Wren").await;
        let event = world.event(&host, json!({"questions": [{"kind": "TEXT", "label": "Food?"}]})).await;
        let mut guests = vec![];
        for name in ["Finch", "Jay", "Robin"] {
            let guest = world.activist(name).await;
            rsvp(&guest, &event, 1).await.data();
            guests.push(guest);
        }
        let heron = world.activist("Heron").await;
        at(world, OVER).await;
        let (host, heron) = (again(world, &host).await, again(world, &heron).await);
        let guests = [again(world, &guests[0]).await, again(world, &guests[1]).await];
        came(world, &event, &guests[0], 3).await;
        was_absent(world, &event, &guests[1]).await;
        let name = Some(("=1+1", "@Testperson"));
        record_at(world, &event, 30, What::In(whom(&event, &heron, name).await, 2)).await;
        let link = export(&host, &event, json!({})).await;
        assert_eq!(link.at("/exportAttendees/rows"), 4);
        let lines = read(world, &link).await;
        assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{lines:?}");
        assert_eq!(column(&lines, "given name"), ["Finch", "Jay", "Robin", "'=1+1"]);
        assert_eq!(column(&lines, "family name")[3], "'@Testperson");
        assert_eq!(column(&lines, "status"), ["REGISTERED", "REGISTERED", "REGISTERED", "WALK_IN"]);
        assert_eq!(column(&lines, "attendance"), ["CAME", "NO_SHOW", "UNKNOWN", "CAME"]);
        assert_eq!(column(&lines, "party that came"), ["3", "", "", "2"]);
        assert_eq!(column(&lines, "first in at"), ["2030-01-18T00:05:00Z", "", "", "2030-01-18T00:30:00Z"]);
        assert_eq!(column(&lines, "attendance from"), ["HOST", "HOST", "", "HOST"]);
        assert_eq!(column(&lines, "date")[3], "2030-01-17 18:00");
        let recorded = audit::Entity::find().filter(audit::Column::Kind.eq("rsvp.export")).all(world.app.db.reader()).await.unwrap();
        let walked = person(&heron).await.to_string();
        assert!(recorded.iter().any(|row| row.subjects.contains(&walked)), "{recorded:?}");
        close(&host, &event).await.data();
        for (filter, expected) in [
            (json!({"attended": ["NO_SHOW"]}), vec!["Jay", "Robin"]),
            (json!({"attended": ["CAME"]}), vec!["Finch", "'=1+1"]),
            (json!({"statuses": ["REGISTERED"]}), vec!["Finch", "Jay", "Robin"]),
            (json!({"timeslotIds": [event.timeslot]}), vec!["Finch", "Jay", "Robin", "'=1+1"]),
        ] {
            let link = export(&host, &event, json!({"filter": filter})).await;
            assert_eq!(link.at("/exportAttendees/rows"), expected.len(), "{filter}");
            assert_eq!(column(&read(world, &link).await, "given name"), expected, "{filter}");
        }
        let admin = world.staff("Admin", StaffRole::Admin).await;
        let link = export(&admin, &event, json!({"addresses": true})).await;
        assert_eq!(column(&read(world, &link).await, "address")[3], heron.address);
        world.drain().await;
    }
}
