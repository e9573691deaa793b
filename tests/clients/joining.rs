//! Answers that hosts decide about, and those who wait.

use chrono::TimeDelta;
use serde_json::json;

use super::App;
use crate::harness::World;

pub(super) async fn hosts_let_people_in(world: &World, app: &App) {
    let (host, jay) = (world.activist("Wren").await, world.activist("Jay").await);
    let day = |day: u32| {
        json!({"startsAt": format!("2030-02-0{day}T00:00:00Z"), "endsAt": format!("2030-02-0{day}T02:00:00Z"),
            "capacity": 2})
    };
    let over = json!({"joinPolicy": "APPROVAL", "timeslots": [day(1), day(2)],
        "questions": [{"kind": "TEXT", "label": "What do you bring?"}]});
    let made = world.event(&host, over).await;
    let form = app.run(&jay, "JoinForm", json!({"id": made.id})).await;
    let answers = json!([{"questionId": form.at("/event/questions/0/id"), "value": {"text": "Cake"}}]);
    let input = json!({"timeslotIds": [made.timeslot], "mode": "ALL_OR_NONE", "answers": answers});
    let asked = app.run(&jay, "ComeToAll", json!({"input": input})).await;
    let id = asked.at("/rsvpToAll/results/0/rsvp/id").clone();
    let list = app.run(&host, "WhoAsks", json!({"event": made.id})).await;
    assert_eq!(list.at("/event/attendees/edges/0/node/answers/0/text"), "Cake");
    let let_in = json!({"event": made.id, "rsvps": [id]});
    let decided = app.run(&host, "LetIn", let_in).await;
    assert_eq!(decided.at("/decideRsvps/attendees/0/status"), "REGISTERED");
    app.run(&jay, "StillComing", json!({"id": id})).await;
    let whom = json!({"event": made.id, "filter": {"statuses": ["REGISTERED"]}});
    let whom = app.run(&host, "WhoWouldGetIt", whom).await;
    assert_eq!(whom.at("/announcementAudience/people"), 1);
    let words =
        json!({"input": {"eventId": made.id, "subject": "Bring a pen", "text": "See you at the oak."}});
    let written = app.run(&host, "WriteToAttendees", words).await;
    let sent = app
        .run(&host, "SentAnnouncements", json!({"event": made.id}))
        .await;
    let sent = sent.at("/announcements/edges/0/node/id");
    assert_eq!(written.at("/messageAttendees/announcement/id"), sent);
    let shared = app.run(&jay, "TellOthers", json!({"id": id})).await;
    assert_eq!(shared.at("/shareRsvp/rsvp/broughtCount"), 0);
    let list = app.run(&host, "WhoBroughtWhom", json!({"event": made.id})).await;
    assert_eq!(list.at("/event/attendees/edges/0/node/broughtCount"), 0);
    let page = app.run(&jay, "EventPage", json!({"id": made.id})).await;
    let other = page.at("/event/timeslots/edges/1/node/id");
    let moved = app
        .run(
            &jay,
            "ChangeDate",
            json!({"input": {"id": id, "timeslotId": other}}),
        )
        .await;
    assert_eq!(moved.at("/moveRsvp/rsvp/timeslot/id"), other);
    world.drain().await;
}

pub(super) async fn people_wait_for_seats(world: &World, app: &App) {
    let (host, jay, finch) = (
        world.activist("Wren").await,
        world.activist("Jay").await,
        world.activist("Finch").await,
    );
    let start = world.now() + TimeDelta::hours(9);
    let slot = json!([{"startsAt": start, "endsAt": start + TimeDelta::hours(1), "capacity": 1}]);
    let made = world.event(&host, json!({"timeslots": slot})).await;
    let come = json!({"input": {"timeslotId": made.timeslot}});
    let first = app.run(&finch, "Answer", come.clone()).await;
    app.run(&jay, "Answer", come.clone()).await;
    let line = app.run(&host, "WhoWaits", json!({"event": made.id})).await;
    assert_eq!(line.at("/event/attendees/edges/0/node/waitlistPosition"), 1);
    let back = json!({"input": {"id": first.at("/rsvp/rsvp/id")}});
    app.run(&finch, "TakeBack", back.clone()).await;
    let mine = app.run(&jay, "WhereIStand", json!({"event": made.id})).await;
    assert_eq!(mine.at("/event/viewerRsvps/0/status"), "OFFERED");
    let id = json!({"rsvp": mine.at("/event/viewerRsvps/0/id")});
    let taken = app.run(&jay, "TakeTheSeat", id.clone()).await;
    assert_eq!(taken.at("/acceptOffer/status"), "REGISTERED");
    // Finch waits now, then is asked by mail; Jay is asked again, and has something else to do.
    app.run(&finch, "Answer", come.clone()).await;
    app.run(&jay, "TakeBack", json!({"input": {"id": id["rsvp"]}}))
        .await;
    world.drain().await;
    let mails = world.mails_to("finch@example.org");
    let offer = mails
        .iter()
        .rfind(|mail| mail.subject.starts_with("A place came free"));
    let token = json!({"token": offer.unwrap().tokens()[0]});
    app.run(&world.anonymous(), "TakeTheSeatByMail", token).await;
    app.run(&jay, "Answer", come).await;
    app.run(&finch, "TakeBack", back).await;
    let passed = app.run(&jay, "PassTheSeatOn", id).await;
    assert_eq!(passed.at("/declineOffer/status"), "DECLINED");
    world.drain().await;
}
