//! Offers: seats that are kept for a while for whose turn it is.

use chrono::{DateTime, TimeDelta, Utc};
use entity::outbox;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{cancel, position};
use crate::{
    account::{address_code, erasure_code},
    harness::{Answer, Caller, Made, World},
    rsvps::{rsvp, seats_left, status},
};

const PAYLOAD: &str = "status rsvp { id status partySize offerExpiresAt }";

/// An event in twelve hours.
async fn tonight(world: &World, host: &Caller, seats: i32) -> Made {
    let slot =
        json!([{"startsAt": "2030-01-16T00:00:00Z", "endsAt": "2030-01-16T02:00:00Z", "capacity": seats}]);
    world.event(host, json!({"timeslots": slot})).await
}

async fn answer_offer(caller: &Caller, mutation: &str, told: &Answer) -> Answer {
    let input = json!({"id": told.at("/rsvp/rsvp/id")});
    caller.mutate(mutation, input, PAYLOAD).await
}

/// Somebody's RSVP.
async fn mine(caller: &Caller, made: &Made) -> Value {
    let query =
        "query($id: ID!) { event(id: $id) { viewerRsvps { status offerExpiresAt waitlistPosition } } }";
    let answer = caller.ask(query, json!({"id": made.id})).await;
    answer.at("/event/viewerRsvps/0").clone()
}

scenario! {
    /// Near the start, whose turn it is says yes or no, or lets the time pass; then it is the next one's turn.
    async fn an_offer_is_accepted_declined_or_runs_out(world) {
        let made = tonight(world, &world.activist("Wren").await, 1).await;
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        let first = rsvp(&a, &made, 1).await;
        let (second, third, fourth) = (rsvp(&b, &made, 1).await, rsvp(&c, &made, 1).await, rsvp(&d, &made, 1).await);
        for waits in [&second, &third, &fourth] {
            assert_eq!(waits.at("/rsvp/status"), "WAITLISTED");
        }
        assert_eq!(answer_offer(&b, "acceptOffer", &second).await.reason(), "NO_OFFER");
        cancel(&a, &first).await;
        let offered = json!({"status": "OFFERED", "offerExpiresAt": "2030-01-15T14:00:00+00:00", "waitlistPosition": null});
        assert_eq!(mine(&b, &made).await, offered);
        assert_eq!((seats_left(world, &made).await, position(&c, &made).await), (json!(0), json!(1)));
        world.advance(TimeDelta::seconds(1));
        assert_eq!(rsvp(&a, &made, 1).await.at("/rsvp/status"), "WAITLISTED", "it is kept");
        // No.
        for _ in 0..2 {
            assert_eq!(answer_offer(&b, "declineOffer", &second).await.at("/declineOffer/status"), "DECLINED");
        }
        assert_eq!(answer_offer(&b, "acceptOffer", &second).await.reason(), "NO_OFFER");
        assert_eq!(mine(&c, &made).await["status"], "OFFERED");
        world.drain().await;
        let mail = world.mails_to("crake@example.org").into_iter().rfind(|mail| mail.subject.contains("came free")).unwrap();
        let deadline = "Tuesday, January 15, 2030, 8:00 AM CST";
        assert!(mail.subject.contains(deadline) && mail.text.contains(deadline) && mail.html.contains(deadline), "{}", mail.text);
        assert!(mail.calendar.is_none(), "nothing is certain yet");
        assert!(!mail.text.contains("1 Example Street"), "{}", mail.text);
        // Nothing.
        world.advance(TimeDelta::hours(2));
        let [b, c, d] = [world.activist("Booby").await, world.activist("Crake").await, world.activist("Dove").await];
        assert_eq!(answer_offer(&c, "acceptOffer", &third).await.reason(), "OFFER_EXPIRED", "also before the job has run");
        world.drain().await;
        assert_eq!(mine(&c, &made).await["status"], "OFFER_EXPIRED");
        for mutation in ["acceptOffer", "declineOffer"] {
            assert_eq!(answer_offer(&c, mutation, &third).await.reason(), "OFFER_EXPIRED");
        }
        let told = world.mails_to("crake@example.org");
        assert!(told.last().unwrap().subject.starts_with("Your place went to the next"), "{:?}", told.last());
        assert_eq!(rsvp(&c, &made, 1).await.at("/rsvp/status"), "WAITLISTED", "again, and at the end");
        assert_eq!(position(&c, &made).await, 2, "after Auk");
        // Yes.
        assert_eq!(mine(&d, &made).await["offerExpiresAt"], "2030-01-15T16:00:01+00:00");
        assert_eq!(answer_offer(&c, "acceptOffer", &fourth).await.code(), "NOT_FOUND", "not anybody's");
        for _ in 0..2 {
            assert_eq!(answer_offer(&d, "acceptOffer", &fourth).await.at("/acceptOffer/status"), "REGISTERED");
        }
        assert_eq!(answer_offer(&d, "declineOffer", &fourth).await.reason(), "NO_OFFER");
        world.drain().await;
        assert!(world.mails_to("dove@example.org").last().unwrap().calendar.is_some());
        assert_eq!(status(&b, &made).await, "DECLINED", "asked once, and never again");
        let both = json!({"id": fourth.at("/rsvp/rsvp/id"), "token": "guessed"});
        assert_eq!(d.mutate("acceptOffer", both, "status").await.wrong_fields(), ["input"]);
        assert_eq!(d.mutate("declineOffer", json!({"token": "guessed"}), "status").await.code(), "NOT_FOUND");
        assert_eq!(seats_left(world, &made).await, 0);
    }
}

scenario! {
    /// The links in the mail: looking does nothing, the button does, once, and not after the deadline.
    async fn an_offer_is_answered_by_mail(world) {
        let made = tonight(world, &world.activist("Wren").await, 1).await;
        let [a, b, c] = [world.activist("Auk").await, world.activist("Booby").await, world.activist("Crake").await];
        let first = rsvp(&a, &made, 1).await;
        rsvp(&b, &made, 1).await.data();
        rsvp(&c, &made, 1).await.data();
        cancel(&a, &first).await;
        world.drain().await;
        let tokens = world.mails_to("booby@example.org").last().unwrap().tokens();
        let send = async |method: Method, token: &str| {
            let request = reqwest::Client::new().request(method, format!("{}/l/{token}", world.url));
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        };
        for (token, button) in [(&tokens[0], "I am coming"), (&tokens[1], "I am not coming")] {
            let (code, page) = send(Method::GET, token).await;
            assert!(code == 200 && page.contains(button) && page.contains("<form method=\"post\">"), "{page}");
        }
        assert_eq!(status(&b, &made).await, "OFFERED");
        // Neither link is of another purpose.
        let cross = world.anonymous().mutate("acceptOffer", json!({"token": tokens[1]}), "status").await;
        assert_eq!(cross.code(), "NOT_FOUND");
        let (code, page) = send(Method::POST, &tokens[1]).await;
        assert!(code == 200 && page.contains("cancelled"), "{page}");
        assert_eq!(status(&b, &made).await, "DECLINED");
        assert_eq!(send(Method::POST, &tokens[1]).await.0, 410);
        assert_eq!(send(Method::POST, &tokens[0]).await.0, 410, "nothing is offered any more");
        world.drain().await;
        let tokens = world.mails_to("crake@example.org").last().unwrap().tokens();
        let accepted = world.anonymous().mutate("acceptOffer", json!({"token": tokens[0]}), "status").await;
        assert_eq!(accepted.at("/acceptOffer/status"), "REGISTERED");
        world.advance(TimeDelta::hours(3));
        assert_eq!(send(Method::GET, &tokens[1]).await.0, 410);
        world.drain().await;
        assert_eq!(status(&world.activist("Crake").await, &made).await, "REGISTERED");
    }
}

scenario! {
    /// The nearer the start, the shorter an offer, and none outlasts it. Hosts may begin with offers earlier, or never.
    async fn offers_become_shorter(world) {
        let host = world.activist("Wren").await;
        let start = |minutes: i64| world.now() + TimeDelta::minutes(minutes);
        let lasts = [(12 * 60, None, 120), (4 * 60, None, 60), (30, None, 15), (10, None, 10), (60 * 60, Some(100), 120)];
        for (number, (minutes, hours, lasts)) in lasts.into_iter().enumerate() {
            let starts_at: DateTime<Utc> = start(minutes);
            let slot = json!([{"startsAt": starts_at, "endsAt": starts_at + TimeDelta::hours(1), "capacity": 1}]);
            let made = world.event(&host, json!({"timeslots": slot, "waitlistOfferHours": hours})).await;
            let (a, b) = (world.activist("Auk").await, world.activist("Booby").await);
            let first = rsvp(&a, &made, 1).await;
            rsvp(&b, &made, 1).await.data();
            cancel(&a, &first).await;
            let until: DateTime<Utc> = mine(&b, &made).await["offerExpiresAt"].as_str().unwrap().parse().unwrap();
            assert_eq!(until, start(lasts), "{number}");
        }
        let slot = json!([{"startsAt": start(60), "endsAt": start(120), "capacity": 1}]);
        let made = world.event(&host, json!({"timeslots": slot, "waitlistOfferHours": 0})).await;
        let (a, b) = (world.activist("Auk").await, world.activist("Booby").await);
        let first = rsvp(&a, &made, 1).await;
        rsvp(&b, &made, 1).await.data();
        cancel(&a, &first).await;
        assert_eq!(mine(&b, &made).await["status"], "REGISTERED", "without asking");
        world.drain().await;
        world.advance(TimeDelta::hours(12));
        world.drain().await;
    }
}

scenario! {
    /// To answer that one comes accepts; a smaller party gives seats on; another date is a firm place there, or none.
    async fn offers_and_other_changes(world) {
        let host = world.activist("Wren").await;
        let slot = |seats: i32| json!({"startsAt": "2030-01-16T00:00:00Z", "endsAt": "2030-01-16T02:00:00Z", "capacity": seats});
        let made = world.event(&host, json!({"timeslots": [slot(4), slot(2)]})).await;
        let query = "query($id: ID!) { event(id: $id) { timeslots { edges { node { id } } } } }";
        let edges = host.ask(query, json!({"id": made.id})).await;
        let mut slots: Vec<String> = (0..2).map(|i| edges.text(&format!("/event/timeslots/edges/{i}/node/id"))).collect();
        let at = |id: &str, capacity: i32| json!({"id": id, "capacity": capacity});
        host.mutate("updateTimeslot", at(&slots[0], 4), "event { id }").await.data();
        host.mutate("updateTimeslot", at(&slots[1], 2), "event { id }").await.data();
        let other = slots.remove(1);
        let made = Made { timeslot: slots.remove(0), ..made };
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        let first = rsvp(&a, &made, 4).await;
        let (second, third) = (rsvp(&b, &made, 3).await, rsvp(&c, &made, 1).await);
        rsvp(&d, &made, 1).await.data();
        cancel(&a, &first).await;
        assert_eq!((status(&b, &made).await, status(&c, &made).await), ("OFFERED".to_owned(), "OFFERED".to_owned()));
        let full = json!({"id": second.at("/rsvp/rsvp/id"), "timeslotId": other});
        assert_eq!(b.mutate("moveRsvp", full, PAYLOAD).await.reason(), "TIMESLOT_FULL");
        let larger = json!({"id": second.at("/rsvp/rsvp/id"), "partySize": 4});
        assert_eq!(b.mutate("updateRsvp", larger, PAYLOAD).await.wrong_fields(), ["input.partySize"]);
        let smaller = json!({"id": second.at("/rsvp/rsvp/id"), "partySize": 2});
        assert_eq!(b.mutate("updateRsvp", smaller, PAYLOAD).await.at("/updateRsvp/status"), "OFFERED");
        assert_eq!(status(&d, &made).await, "OFFERED", "the third seat is passed on");
        assert_eq!(rsvp(&b, &made, 2).await.at("/rsvp/status"), "REGISTERED");
        let moved = json!({"id": third.at("/rsvp/rsvp/id"), "timeslotId": other});
        assert_eq!(c.mutate("moveRsvp", moved, PAYLOAD).await.at("/moveRsvp/status"), "REGISTERED");
        // Less room than was given away is refused; offers are given away.
        let less = host.mutate("updateTimeslot", at(&made.timeslot, 2), "event { id }").await;
        assert_eq!(less.wrong_fields(), ["input.capacity"]);
        host.mutate("cancelTimeslot", json!({"id": made.timeslot}), "event { id }").await.data();
        let offer = d.ask("query($id: ID!) { event(id: $id) { viewerRsvps { id } } }", json!({"id": made.id})).await;
        let offer = json!({"id": offer.at("/event/viewerRsvps/0/id")});
        assert_eq!(d.mutate("acceptOffer", offer, "status").await.reason(), "TIMESLOT_CANCELLED");
        world.advance(TimeDelta::hours(3));
        world.drain().await;
        assert_eq!(status(&world.activist("Dove").await, &made).await, "OFFER_EXPIRED");
        let mails = world.mails_to("dove@example.org");
        assert!(mails.iter().all(|mail| !mail.subject.starts_with("Your place went")), "nothing went to anybody");
    }
}

scenario! {
    /// The job that ends offers may run twice, late, and for nothing.
    async fn ending_offers_twice_ends_them_once(world) {
        let made = tonight(world, &world.activist("Wren").await, 1).await;
        let [a, b, c] = [world.activist("Auk").await, world.activist("Booby").await, world.activist("Crake").await];
        let first = rsvp(&a, &made, 1).await;
        rsvp(&b, &made, 1).await.data();
        rsvp(&c, &made, 1).await.data();
        cancel(&a, &first).await;
        world.drain().await;
        world.advance(TimeDelta::hours(2));
        for _ in 0..2 {
            world.drain().await;
            for job in outbox::Entity::find().all(world.app.db.writer()).await.unwrap() {
                if job.kind == "expire_offers" && job.due_at <= world.now() {
                    let again = outbox::ActiveModel { done_at: Set(None), ..job.into_active_model() };
                    again.update(world.app.db.writer()).await.unwrap();
                }
            }
        }
        world.drain().await;
        let (b, c) = (world.activist("Booby").await, world.activist("Crake").await);
        assert_eq!((status(&b, &made).await, status(&c, &made).await), ("OFFER_EXPIRED".to_owned(), "OFFERED".to_owned()));
        assert_eq!(seats_left(world, &made).await, 0);
        let count = |name: &str, subject: &str| {
            let mails = world.mails_to(name);
            mails.iter().filter(|mail| mail.subject.starts_with(subject)).count()
        };
        assert_eq!(count("booby@example.org", "Your place went"), 1);
        assert_eq!(count("crake@example.org", "A place came free"), 1);
    }
}

scenario! {
    /// Who is erased gives the offer to the next; of two accounts that become one, the offer goes on and the other place in
    /// line is given up.
    async fn offers_of_accounts_that_end(world) {
        let made = tonight(world, &world.activist("Wren").await, 1).await;
        let [a, b, c, d] = [
            world.activist("Auk").await, world.activist("Booby").await,
            world.activist("Crake").await, world.activist("Dove").await,
        ];
        let first = rsvp(&a, &made, 1).await;
        for waits in [&b, &c, &d] {
            rsvp(waits, &made, 1).await.data();
        }
        cancel(&a, &first).await;
        assert_eq!(status(&b, &made).await, "OFFERED");
        let code = erasure_code(world, &b).await;
        b.mutate("eraseViewer", json!({"code": code}), "residue { kind }").await.data();
        assert_eq!((status(&c, &made).await, position(&d, &made).await), ("OFFERED".to_owned(), json!(1)));
        let code = address_code(world, &d, "crake@example.org").await;
        let merged = d.mutate("addAddress", json!({"email": "crake@example.org", "code": code}), "merged").await;
        assert_eq!(merged.at("/addAddress/merged"), true);
        assert_eq!(status(&d, &made).await, "OFFERED");
        assert_eq!(seats_left(world, &made).await, 0);
        let late = rsvp(&world.activist("Egret").await, &made, 1).await;
        assert_eq!(late.at("/rsvp/status"), "WAITLISTED");
        assert_eq!(position(&world.activist("Egret").await, &made).await, 1);
        world.drain().await;
        world.advance(TimeDelta::hours(13));
        world.drain().await;
    }
}

scenario! {
    /// Who answers anew after the deadline is at the end of the line, also before the job came that ends the offer.
    async fn an_answer_after_the_deadline_is_a_new_one(world) {
        let made = tonight(world, &world.activist("Wren").await, 1).await;
        let [a, b, c] = [world.activist("Auk").await, world.activist("Booby").await, world.activist("Crake").await];
        let first = rsvp(&a, &made, 1).await;
        for waits in [&b, &c] {
            rsvp(waits, &made, 1).await.data();
        }
        cancel(&a, &first).await;
        world.advance(TimeDelta::hours(2));
        let (b, c) = (world.activist("Booby").await, world.activist("Crake").await);
        assert_eq!(rsvp(&b, &made, 1).await.at("/rsvp/status"), "WAITLISTED");
        assert_eq!((position(&b, &made).await, mine(&c, &made).await["status"].clone()), (json!(1), json!("OFFERED")));
        world.drain().await;
        assert_eq!(status(&b, &made).await, "WAITLISTED", "the job changes nothing of it");
        assert_eq!(seats_left(world, &made).await, 0);
    }
}

scenario! {
    /// While mails do not go out, nobody loses an offer that they were not told of; afterwards they are told its new end.
    async fn an_outage_does_not_use_up_the_line(world) {
        let made = tonight(world, &world.activist("Wren").await, 1).await;
        let [a, b, c] = [world.activist("Auk").await, world.activist("Booby").await, world.activist("Crake").await];
        let first = rsvp(&a, &made, 1).await;
        for waits in [&b, &c] {
            rsvp(waits, &made, 1).await.data();
        }
        world.drain().await;
        cancel(&a, &first).await;
        world.advance(TimeDelta::hours(3));
        let slot = made.timeslot.trim_start_matches("timeslot:").parse().unwrap();
        api::domain::rsvp::expire_offers(&world.app, slot).await.unwrap(); // before the mail, as when that fails
        let b = world.activist("Booby").await;
        let mine = mine(&b, &made).await;
        assert_eq!((&mine["status"], &mine["offerExpiresAt"]), (&json!("OFFERED"), &json!("2030-01-15T17:00:00+00:00")));
        world.drain().await;
        let mail = world.mails_to("booby@example.org").pop().unwrap();
        assert!(mail.text.contains("11:00 AM CST"), "{}", mail.text);
        world.advance(TimeDelta::hours(2));
        world.drain().await;
        assert_eq!(status(&world.activist("Booby").await, &made).await, "OFFER_EXPIRED");
        assert_eq!(status(&world.activist("Crake").await, &made).await, "OFFERED");
    }
}
