//! Invitations, and dates that repeat.

use serde_json::json;

use super::{Objects, address};
use crate::{harness::Made, invitations::token_in};

impl Objects<'_> {
    /// A link to an event, whose token is the answer, and a mail.
    pub(super) async fn invitations(&mut self, made: &Made) -> String {
        let host = &self.callers[3];
        let (input, selection) = (json!({"eventId": made.id}), "invitationLink { id url }");
        let link = host.mutate("createInvitationLink", input, selection).await;
        let token = token_in(&link.text("/createInvitationLink/invitationLink/url"));
        let contact = address();
        let input = json!({"eventId": made.id, "contacts": [contact]});
        let told = host.mutate("inviteToEvent", input, "invitations { id }").await;
        self.world.drain().await;
        let mailed = token_in(&self.world.mails_to(&contact)[0].text);
        self.keep("guestInvitation", told.text("/inviteToEvent/invitations/0/id"));
        self.keep("mailToken", mailed);
        self.keep("inviteLink", link.text("/createInvitationLink/invitationLink/id"));
        self.keep("inviteToken", token.clone());
        token
    }

    /// The series of an event that is published, or not.
    pub(super) async fn series(&mut self, name: &str) {
        let event = if name == "series" { "$open" } else { "$draft" };
        let event: String = serde_json::from_str(&Box::pin(self.fill(event)).await).unwrap();
        let input = json!({
            "eventId": event, "rule": "FREQ=DAILY;COUNT=2", "localStart": "2030-03-01T19:00:00", "durationMinutes": 60
        });
        let selection = "event { timeslots(last: 1) { edges { node { occurrence { series { id } } } } } }";
        let added = self.callers[3].mutate("addSeries", input, selection).await;
        let path = "/addSeries/event/timeslots/edges/0/node/occurrence/series/id";
        self.keep(name, added.text(path));
    }
}
