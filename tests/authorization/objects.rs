//! What the requests of the table are about, made when one first names it.

mod guests;
mod hosts;

use std::collections::HashMap;

use api::domain::{email::Email, session};
use entity::host_message;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::harness::{Caller, World, event_input, unique};

/// Objects by name, in a state in which the request they are in is possible.
pub(crate) struct Objects<'a> {
    world: &'a World,
    callers: &'a [Caller],
    made: HashMap<String, String>,
}

impl<'a> Objects<'a> {
    pub(crate) fn new(world: &'a World, callers: &'a [Caller]) -> Self {
        Self {
            world,
            callers,
            made: HashMap::new(),
        }
    }

    /// Makes everything anew from now on.
    pub(crate) fn forget(&mut self) {
        self.made.clear();
    }

    /// The id of an object, made when it is not there yet; none of those that only the answer names.
    pub(super) async fn id(&mut self, name: &str) -> Option<String> {
        let name = match name {
            "staff" => "grant",
            "viewer" | "own" => return None,
            name => name,
        };
        self.fill(&format!("${name}")).await;
        self.made.get(name).cloned()
    }

    /// `request` with a literal for every `$name`.
    pub(crate) async fn fill(&mut self, request: &str) -> String {
        let mut parts = request.split('$');
        let mut filled = parts.next().unwrap().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_alphanumeric()).unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            if !self.made.contains_key(name) {
                self.make(name).await;
            }
            filled.push_str(&json!(self.made[name]).to_string());
            filled.push_str(rest);
        }
        filled
    }

    async fn make(&mut self, name: &str) {
        match name {
            "draft" | "draftSlot" => self.event("draft", &[], json!({})).await,
            "inReview" => self.event(name, &["publishEvent"], json!({})).await,
            "rejected" => {
                self.event(name, &["publishEvent", "rejectEvent"], json!({}))
                    .await
            }
            "recalled" => self.event(name, &["cancelEvent"], json!({})).await,
            "published" | "slot" | "rsvp" | "attendee" | "question" | "participant" => {
                let campaign: String = serde_json::from_str(&Box::pin(self.fill("$campaign")).await).unwrap();
                let over = json!({"attendeeVisibility": "ATTENDEES", "questions": [{"kind": "TEXT", "label": "What do you eat?"}], "campaignId": campaign});
                self.event("published", APPROVED, over).await;
            }
            "cancelled" => {
                let steps = ["publishEvent", "approveEvent", "cancelEvent"];
                self.event(name, &steps, json!({})).await;
            }
            "hostsOnly" => {
                let over = json!({"addressVisibility": "HOSTS_ONLY"});
                self.event(name, APPROVED, over).await;
            }
            "open" => {
                let over = json!({"addressVisibility": "PUBLIC", "attendeeVisibility": "COUNT"});
                self.event(name, APPROVED, over).await;
            }
            "full" | "fullSlot" => {
                let slot = json!([{"startsAt": "2030-01-18T00:00:00Z", "endsAt": "2030-01-18T02:00:00Z", "capacity": 1}]);
                self.event("full", APPROVED, json!({"timeslots": slot})).await;
            }
            "shared" | "coHost" | "firstHost" => self.shared().await,
            "invitation" => self.invitation(name, "published").await,
            "asked" | "askedInvitation" => {
                self.event("asked", &[], json!({})).await;
                self.invitation("askedInvitation", "asked").await;
            }
            "hostMessage" => {
                let event: String = serde_json::from_str(&Box::pin(self.fill("$published")).await).unwrap();
                let input = json!({"eventId": event, "text": "Where do I park?"});
                self.callers[2]
                    .mutate("messageHost", input, "accepted")
                    .await
                    .data();
                let rows = host_message::Entity::find().order_by_desc(host_message::Column::Id);
                let newest = rows.one(self.world.app.db.reader()).await.unwrap().unwrap();
                self.keep(name, format!("host-message:{}", newest.id));
            }
            "hostLink" => {
                let event: String = serde_json::from_str(&Box::pin(self.fill("$published")).await).unwrap();
                let input = json!({"eventId": event, "label": "Jay", "rights": ["CHANGE"]});
                let made = self.callers[3]
                    .mutate("createHostLink", input, "hostLink { id }")
                    .await;
                self.keep(name, made.text("/createHostLink/hostLink/id"));
            }
            "change" => {
                let event: String = serde_json::from_str(&Box::pin(self.fill("$published")).await).unwrap();
                let query =
                    "query($id: ID!) { event(id: $id) { history(last: 1) { edges { node { id } } } } }";
                let first = self.callers[3].ask(query, json!({"id": event})).await;
                self.keep(name, first.text("/event/history/edges/0/node/id"));
            }
            "private" | "privateSlot" | "inviteLink" | "inviteToken" | "guestInvitation" | "mailToken" => {
                let over = json!({"visibility": "PRIVATE", "addressHours": 720});
                self.event("private", APPROVED, over).await;
            }
            "series" | "draftSeries" => self.series(name).await,
            "left" | "leftRsvp" => self.event("left", APPROVED, json!({})).await,
            "unlisted" => {
                let over = json!({"visibility": "UNLISTED"});
                self.event(name, APPROVED, over).await;
            }
            "person" => {
                let viewer = self.callers[2].ask("{ viewer { id } }", Value::Null).await;
                self.keep(name, viewer.text("/viewer/id"));
            }
            "grant" => {
                let input = json!({"email": address(), "role": "CALLER"});
                let granted = self.callers[9].mutate("grantStaffRole", input, "id").await;
                self.keep(name, granted.text("/grantStaffRole/id"));
            }
            "host" => self.host().await,
            "suppressed" => self.suppressed().await,
            "campaign" => {
                let id = crate::campaigns::campaign(&self.callers[8], "Guarded campaign", "").await;
                self.keep(name, id);
            }
            "announcement" => {
                let event = Box::pin(self.fill("$published")).await;
                let event: String = serde_json::from_str(&event).unwrap();
                let input = json!({"eventId": event, "subject": "Hello", "text": "Hello"});
                let sent = self.callers[3]
                    .mutate("messageAttendees", input, "announcement { id }")
                    .await;
                self.keep(name, sent.text("/messageAttendees/announcement/id"));
            }
            "session" => {
                let other = again(self.world, &self.callers[2]).await;
                let newest = "{ viewer { sessions(first: 1) { edges { node { id } } } } }";
                let sessions = other.ask(newest, Value::Null).await;
                self.keep(name, sessions.text("/viewer/sessions/edges/0/node/id"));
            }
            "webhook" | "delivery" => {
                let admin = &self.callers[9];
                // Nothing is ever sent there.
                let input = json!({"url": "https://localhost/", "kinds": ["EVENT_CANCELLED"]});
                let made = admin.mutate("createWebhook", input, "webhook { id }").await;
                let id = made.text("/createWebhook/webhook/id");
                let tried = admin
                    .mutate("testWebhook", json!({"id": id}), "delivery { id }")
                    .await;
                self.world.drain().await;
                self.keep("delivery", tried.text("/testWebhook/delivery/id"));
                self.keep("webhook", id);
            }
            "cursor" => self.cursor().await,
            "address" => self.keep(name, address()),
            "number" => self.keep(name, number()),
            "codeAddress" | "code" => self.code().await,
            "refresh" => {
                let email = Email::parse(&address(), &[]).unwrap();
                let tokens = session::open_for_operator(&self.world.app, &email).await;
                self.keep(name, tokens.unwrap().refresh_token);
            }
            "offer" | "acceptance" | "renunciation" => self.offer().await,
            "confirmation" | "cancellation" | "unsubscription" => self.links().await,
            _ => panic!("no object is called ${name}"),
        }
    }

    fn keep(&mut self, name: &str, value: String) {
        self.made.insert(name.to_owned(), value);
    }

    /// An event of the host after some steps; when it is published, the attendee comes.
    async fn event(&mut self, name: &str, steps: &[&str], over: Value) {
        let (attendee, host, organizer) = (&self.callers[2], &self.callers[3], &self.callers[8]);
        let mut input = guarded(name);
        for (field, value) in over.as_object().unwrap() {
            input[field] = value.clone();
        }
        let made = self.world.draft(host, input).await;
        for step in steps {
            let by = if matches!(*step, "approveEvent" | "rejectEvent") {
                organizer
            } else {
                host
            };
            let mut input = json!({"id": made.id});
            if *step == "publishEvent" {
                input["note"] = json!("Please look soon.");
            }
            if *step == "rejectEvent" {
                input["reason"] = json!("Where is the room?");
            }
            by.mutate(step, input, "event { id }").await.data();
        }
        if steps == APPROVED {
            let mut coming = json!({"timeslotId": made.timeslot});
            if name == "private" {
                coming["invitation"] = json!(self.invitations(&made).await);
            }
            if name == "published" {
                let query = "query($id: ID!) { event(id: $id) { questions { id } } }";
                let asked = host.ask(query, json!({"id": made.id})).await;
                let question = asked.text("/event/questions/0/id");
                coming["listed"] = json!(true);
                coming["partySize"] = json!(2);
                coming["guests"] = json!([{"givenName": "Guest"}]);
                coming["answers"] = json!([{"questionId": question, "value": {"text": "Anything"}}]);
                self.keep("question", question);
            }
            let answer = attendee.mutate("rsvp", coming, "rsvp { id }").await;
            let rsvp = answer.text("/rsvp/rsvp/id");
            match name {
                "published" => {
                    let sure = attendee.mutate("confirmAttendance", json!({"id": rsvp}), "status");
                    sure.await.data();
                    let share = attendee.mutate("shareRsvp", json!({"id": rsvp}), "status");
                    share.await.data();
                    let yes = json!({"eventId": made.id, "rsvpIds": [rsvp], "decision": "APPROVE"});
                    host.mutate("decideRsvps", yes, "__typename").await.data();
                    self.world.drain().await;
                    self.keep("attendee", rsvp.replace("rsvp:", "attendee:"));
                    self.keep("participant", rsvp.replace("rsvp:", "participant:"));
                    self.keep("rsvp", rsvp);
                }
                "left" => self.keep("leftRsvp", rsvp),
                _ => {}
            }
        }
        match name {
            "published" => self.keep("slot", made.timeslot),
            "draft" | "full" | "private" => self.keep(&format!("{name}Slot"), made.timeslot),
            _ => {}
        }
        self.keep(name, made.id);
    }

    /// Where `changes` goes on with `$published`.
    async fn cursor(&mut self) {
        const NEXT: &str =
            "query($after: String!) { changes(after: $after, first: 1) { cursor changes { eventId } } }";
        let event: Value = serde_json::from_str(&Box::pin(self.fill("$published")).await).unwrap();
        let begin = self.callers[0].ask("{ changes { cursor } }", Value::Null).await;
        let mut cursor = begin.text("/changes/cursor");
        loop {
            let next = self.callers[0].ask(NEXT, json!({"after": cursor})).await;
            if next.at("/changes/changes/0/eventId") == &event {
                break;
            }
            cursor = next.text("/changes/cursor");
        }
        self.keep("cursor", cursor);
    }

    async fn code(&mut self) {
        let address = address();
        let input = json!({"email": address});
        let sent = self.callers[0].mutate("requestSignInCode", input, "expiresAt");
        sent.await.data();
        self.world.drain().await;
        self.keep("code", self.world.mails_to(&address)[0].code());
        self.keep("codeAddress", address);
    }

    /// The attendee and a third person wait for the seats of somebody else, who gives them back a few hours before the
    /// start. The links are those of the third: at most five mails an hour go to an address that was never confirmed.
    async fn offer(&mut self) {
        let (other, attendee, host) = (&self.callers[1], &self.callers[2], &self.callers[3]);
        let starts_at = self.world.now() + chrono::TimeDelta::hours(9);
        let slot = json!([{"startsAt": starts_at, "endsAt": starts_at + chrono::TimeDelta::hours(1), "capacity": 2}]);
        let made = self.world.event(host, json!({"timeslots": slot})).await;
        let third = self.world.activist(&unique()).await;
        let coming = json!({"timeslotId": made.timeslot, "name": {"givenName": "Wren"}});
        let both = json!({"timeslotId": made.timeslot, "name": {"givenName": "Wren"}, "partySize": 2});
        let first = other.mutate("rsvp", both, "rsvp { id }").await;
        third.mutate("rsvp", coming.clone(), "status").await.data();
        let waits = attendee.mutate("rsvp", coming, "rsvp { id }").await;
        let back = json!({"id": first.at("/rsvp/rsvp/id")});
        other.mutate("cancelRsvp", back, "status").await.data();
        self.world.drain().await;
        let mails = self.world.mails_to(&third.address);
        let offered = mails
            .iter()
            .rfind(|mail| mail.subject.starts_with("A place came free"));
        let tokens = offered.unwrap().tokens();
        self.keep("offer", waits.text("/rsvp/rsvp/id"));
        self.keep("acceptance", tokens[0].clone());
        self.keep("renunciation", tokens[1].clone());
    }

    /// Somebody without an account answers, and gets a mail to confirm; somebody with one gets a mail to cancel.
    async fn links(&mut self) {
        let host = &self.callers[3];
        let made = self.world.event(host, json!({})).await;
        let input = |address: &str| json!({"timeslotId": made.timeslot, "email": address, "name": {"givenName": "Wren"}});
        let addresses = [address(), address()];
        for address in &addresses {
            self.callers[0]
                .mutate("rsvp", input(address), "status")
                .await
                .data();
        }
        self.world.drain().await;
        let [asked, other] = [0, 1].map(|i| self.world.mails_to(&addresses[i])[0].tokens());
        let confirm = json!({"token": other[0]});
        self.callers[0]
            .mutate("confirmRsvp", confirm, "status")
            .await
            .data();
        self.world.drain().await;
        let mails = self.world.mails_to(&addresses[1]);
        let registered = mails
            .iter()
            .find(|mail| mail.subject.starts_with("You are coming"));
        self.keep("cancellation", registered.unwrap().tokens()[0].clone());
        self.keep("confirmation", asked[0].clone());
        self.keep("unsubscription", asked[1].clone());
    }
}

const APPROVED: &[&str] = &["publishEvent", "approveEvent"];

/// An event that has everything that somebody may not read.
fn guarded(name: &str) -> Value {
    event_input(json!({
        "title": format!("Guarded {name}"), "addressVisibility": "AFTER_RSVP",
        "virtualUrl": "https://video.example.org/room", "instructions": "Ring at the oak.",
        "gathering": {"place": "The old oak", "minutesBefore": 20}, "accessibilityNotes": "Ramp."
    }))
}

fn address() -> String {
    format!("{}@example.org", unique())
}

/// The same caller with a new session.
pub(super) async fn again(world: &World, caller: &Caller) -> Caller {
    let Ok(email) = Email::parse(&caller.address, &[]) else {
        return world.anonymous();
    };
    let tokens = session::open_for_operator(&world.app, &email).await.unwrap();
    Caller::new(&world.url, Some(tokens.access_token), &caller.address)
}

/// A phone number that was hardly given yet.
fn number() -> String {
    let digits = unique()
        .bytes()
        .fold(0, |sum, byte| (sum * 31 + u32::from(byte)) % 8_000_000);
    format!("+1515{}", 2_000_000 + digits)
}
