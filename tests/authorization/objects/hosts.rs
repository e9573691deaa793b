//! Hosts, those who are to be, and what organizers decide about them.

use serde_json::{Value, json};

use super::{APPROVED, Objects};

impl Objects<'_> {
    /// An event of the host that the other host was invited to and hosts as well.
    pub(super) async fn shared(&mut self) {
        let (host, other) = (&self.callers[3], &self.callers[4]);
        self.event("shared", APPROVED, json!({})).await;
        let input = json!({"eventId": self.made["shared"], "email": other.address, "publicName": "Jay"});
        let asked = host.mutate("inviteHost", input, "invitation { id }").await;
        let id = json!({"id": asked.text("/inviteHost/invitation/id")});
        let joined = other
            .mutate("acceptHostInvitation", id, "event { team { id } }")
            .await;
        let input = json!({"eventId": self.made["shared"], "label": "Jay", "rights": ["VIEW_RSVPS"]});
        host.mutate("createHostLink", input, "token").await.data();
        let input =
            json!({"eventId": self.made["shared"], "visibility": "AFTER_RSVP", "email": "host@example.org"});
        host.mutate("setHostContact", input, "event { id }").await.data();
        for (at, name) in ["firstHost", "coHost"].iter().enumerate() {
            let id = joined.text(&format!("/acceptHostInvitation/event/team/{at}/id"));
            self.keep(name, id);
        }
    }

    /// The attendee is asked to host an event.
    pub(super) async fn invitation(&mut self, name: &str, event: &str) {
        let event: String = serde_json::from_str(&Box::pin(self.fill(&format!("${event}"))).await).unwrap();
        let (attendee, host) = (&self.callers[2], &self.callers[3]);
        let input = json!({"eventId": event, "email": attendee.address, "publicName": "Jay"});
        let asked = host.mutate("inviteHost", input, "invitation { id }").await;
        self.keep(name, asked.text("/inviteHost/invitation/id"));
    }

    pub(super) async fn host(&mut self) {
        Box::pin(self.fill("$draft")).await; // who hosts nothing is no host
        let me = self.callers[3]
            .ask("{ viewer { asHost { id } } }", Value::Null)
            .await;
        self.keep("host", me.text("/viewer/asHost/id"));
    }

    pub(super) async fn suppressed(&mut self) {
        self.event("suppressed", APPROVED, json!({})).await;
        let id = self.made["suppressed"].clone();
        let (host, organizer) = (&self.callers[3], &self.callers[8]);
        let why = json!({"id": id, "category": "UNSAFE", "reason": "Is the bridge open?"});
        let taken = organizer.mutate("suppressEvent", why, "event { version }").await;
        let version = taken.at("/suppressEvent/event/version");
        let edit = json!({"id": id, "expectedVersion": version, "title": "Guarded change"});
        host.mutate("updateEvent", edit, "event { id }").await.data();
    }
}
