//! What people send: announcements, messages to hosts, and pages of sheets.

use entity::host_message;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::Objects;

impl Objects<'_> {
    async fn published(&mut self) -> String {
        serde_json::from_str(&Box::pin(self.fill("$published")).await).unwrap()
    }

    /// What the host writes to those who come.
    pub(super) async fn announcement(&mut self) {
        let input = json!({"eventId": self.published().await, "subject": "Hello", "text": "Hello"});
        let sent = self.callers[3]
            .mutate("messageAttendees", input, "announcement { id }")
            .await;
        self.keep("announcement", sent.text("/messageAttendees/announcement/id"));
    }

    /// What the attendee writes to the hosts.
    pub(super) async fn host_message(&mut self) {
        let input = json!({"eventId": self.published().await, "text": "Where do I park?"});
        self.callers[2]
            .mutate("messageHost", input, "accepted")
            .await
            .data();
        let rows = host_message::Entity::find().order_by_desc(host_message::Column::Id);
        let newest = rows.one(self.world.app.db.reader()).await.unwrap().unwrap();
        self.keep("hostMessage", format!("host-message:{}", newest.id));
    }

    /// What the host photographs.
    pub(super) async fn sheet(&mut self) {
        let event = self.published().await;
        let (sheet, page) = crate::uploads::sheet(self.world, &self.callers[3], &event).await;
        self.keep("sheet", sheet);
        self.keep("page", page);
    }
}
