//! Roles of an event, and what the attendee is to them.

use serde_json::{Value, json};

use super::Objects;

impl Objects<'_> {
    /// An open role that is offered to the attendee, a task that they hold, one that they volunteered for, and some that nobody
    /// is anything to.
    pub(super) async fn roles(&mut self, event: &str, rsvp: &str) {
        let (attendee, host) = (&self.callers[2], &self.callers[3]);
        let make = async |over: Value| {
            let mut input = json!({"eventId": event, "kind": "TASK", "title": "Guarded role"});
            for (name, value) in over.as_object().unwrap() {
                input[name] = value.clone();
            }
            let made = host.mutate("createRole", input, "role { id }").await;
            made.text("/createRole/role/id")
        };
        let site =
            json!({"kind": "ON_SITE", "isOpen": true, "brief": "Guarded brief", "notes": "Guarded notes"});
        let role = make(site).await;
        let (held, wanted) = (make(json!({})).await, make(json!({"isOpen": true})).await);
        let (empty, banner) = (make(json!({"isOpen": true})).await, make(json!({})).await);
        let to = json!({"attendeeId": rsvp.replace("rsvp:", "attendee:")});
        let offer = async |role: &str| {
            let input = json!({"roleId": role, "to": to});
            let offered = host.mutate("offerRole", input, "assignment { id }").await;
            offered.text("/offerRole/assignment/id")
        };
        let (offered, task) = (offer(&role).await, offer(&held).await);
        attendee
            .mutate("acceptRole", json!({"id": task}), "accepted")
            .await
            .data();
        let wish = json!({"roleId": wanted});
        let wish = attendee
            .mutate("volunteerForRole", wish, "assignment { id }")
            .await;
        let team = "query($id: ID!) { event(id: $id) { team { id } } }";
        let team = host.ask(team, json!({"id": event})).await;
        for (name, id) in [
            ("role", role),
            ("roleOffer", offered),
            ("heldRole", task),
            ("volunteer", wish.text("/volunteerForRole/assignment/id")),
            ("emptyRole", empty),
            ("bannerRole", banner),
            ("roleHost", team.text("/event/team/0/id")),
        ] {
            self.keep(name, id);
        }
    }

    /// An open role of an event that only its hosts know of.
    pub(super) async fn draft_role(&mut self) {
        let input =
            json!({"eventId": self.made["draft"], "kind": "TASK", "title": "Guarded role", "isOpen": true});
        let made = self.callers[3].mutate("createRole", input, "role { id }").await;
        self.keep("draftRole", made.text("/createRole/role/id"));
    }
}
