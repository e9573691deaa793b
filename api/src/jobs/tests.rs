//! Jobs against a database in a temporary folder, with mails as files. The helpers serve other modules' tests as well.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::{
    AddressVisibility, Channel, CodePurpose, MessageState, RsvpStatus, link, message, outbox as rows,
    sign_in_code,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use crate::{
    app::App,
    import::testing::TestApp,
    outbox::{self, Job, RsvpMail, State},
    sealed::Slot,
    worker::drain,
};

mod rows_of_an_rsvp;

use rows_of_an_rsvp::rsvp;

pub(crate) async fn start() -> TestApp {
    start_with(&[]).await
}

pub(crate) async fn start_with(flags: &[(&str, String)]) -> TestApp {
    let named = [("organisation", "Parks & People".to_owned())];
    TestApp::with("2026-11-20T10:00:00Z", &[&named[..], flags].concat()).await
}

/// A job that does no harm. Returns its id.
pub(crate) async fn enqueue_retain(app: &App, key: &str) -> Uuid {
    let now = app.clock.now();
    let db = app.db.writer();
    outbox::enqueue(db, &Job::Retain, now, now, Some(key.to_owned()))
        .await
        .unwrap();
    let row = rows::Entity::find().filter(rows::Column::UniqueKey.eq(key));
    row.one(db).await.unwrap().unwrap().id
}

pub(crate) async fn enqueue(app: &App, job: Job) {
    app.write(async |tx| tx.enqueue(&job, tx.now()).await)
        .await
        .unwrap();
}

/// A code that was asked for by `address`.
pub(crate) async fn ask_for_code(app: &App, address: &str) -> sign_in_code::Model {
    let id = Uuid::now_v7();
    let slot = Slot {
        column: "sign_in_code.value",
        row: &id,
    };
    let index = app.keys.index("EMAIL", address).unwrap();
    let row = sign_in_code::Model {
        id,
        purpose: CodePurpose::SignIn,
        person_id: None,
        channel: Channel::Email,
        value: app.keys.seal(slot, &address).unwrap(),
        index_key: index.key,
        value_index: index.value,
        code_hash: None,
        tries: 0,
        expires_at: app.clock.now() + TimeDelta::minutes(10),
        used_at: None,
        created_at: app.clock.now(),
    };
    sign_in_code::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .unwrap();
    enqueue(
        app,
        Job::SendSignInCode {
            code_id: id,
            language: None,
        },
    )
    .await;
    row
}

/// All mails so far, as text.
fn inbox(app: &App) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(app.config.data_dir.join("outbox")) else {
        return Vec::new();
    };
    files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

async fn code_of(app: &App, id: Uuid) -> sign_in_code::Model {
    let row = sign_in_code::Entity::find_by_id(id).one(app.db.reader()).await;
    row.unwrap().unwrap()
}

#[tokio::test]
async fn a_code_is_mailed_and_only_its_hash_is_kept() {
    let app = start().await;
    let row = ask_for_code(&app, "wren@example.org").await;
    assert_eq!(drain(&app).await.unwrap(), 1);
    let mails = inbox(&app);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: wren@example.org"), "{}", mails[0]);
    assert!(
        mails[0].contains("Subject: Parks & People: your sign-in code"),
        "{}",
        mails[0]
    );
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = mails[0].split_whitespace().find(is_code).unwrap();
    let kept = code_of(&app, row.id).await.code_hash.unwrap();
    assert_eq!(kept, app.keys.pepper(row.id, code).unwrap());
}

#[tokio::test]
async fn a_code_that_expired_is_not_sent() {
    let app = start().await;
    ask_for_code(&app, "wren@example.org").await;
    app.clock.advance(TimeDelta::minutes(11));
    assert_eq!(drain(&app).await.unwrap(), 1);
    assert!(inbox(&app).is_empty());
}

#[tokio::test]
async fn a_mail_whose_sender_died_is_not_sent_again() {
    let app = start().await;
    let row = ask_for_code(&app, "wren@example.org").await;
    let job = outbox::list(app.db.reader(), None, 1).await.unwrap().remove(0);
    let dead = message::Model {
        id: job.id,
        channel: Channel::Email,
        purpose: entity::Purpose::Transactional,
        template: "sign_in_code".to_owned(),
        index_key: row.index_key.clone(),
        value_index: row.value_index.clone(),
        person_id: None,
        rsvp_id: None,
        occasion: None,
        announcement_id: None,
        state: MessageState::Sending,
        sending_at: app.clock.now(),
        settled_at: None,
        detail: None,
    };
    message::Entity::insert(dead.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .unwrap();
    drain(&app).await.unwrap();
    assert!(inbox(&app).is_empty());
    let found = message::Entity::find_by_id(job.id).one(app.db.reader()).await;
    assert_eq!(found.unwrap().unwrap().state, MessageState::Unknown);
    assert!(
        code_of(&app, row.id).await.code_hash.is_none(),
        "a code that may have arrived stays good"
    );
}

#[tokio::test]
async fn a_mail_that_was_not_sent_is_sent_later() {
    let app = start().await;
    let folder = app.config.data_dir.join("outbox");
    std::fs::write(&folder, "in the way").unwrap();
    ask_for_code(&app, "wren@example.org").await;
    assert_eq!(drain(&app).await.unwrap(), 1);
    std::fs::remove_file(&folder).unwrap();
    app.clock.advance(TimeDelta::seconds(6));
    assert_eq!(drain(&app).await.unwrap(), 1);
    assert_eq!(inbox(&app).len(), 1);
}

#[tokio::test]
async fn a_confirmation_says_where_and_when_and_carries_a_calendar_file() {
    let app = start().await;
    let rsvp = rsvp(&app, RsvpStatus::Registered, AddressVisibility::AfterRsvp).await;
    mail(&app, rsvp, RsvpMail::Registered).await;
    let text = readable(&inbox(&app)[0]);
    let expected = [
        "Subject: You are coming: Save the park",
        "Saturday, November 21, 2026, 6:00 PM to 8:00 PM CST",
        "Hosted by Ada L.",
        "1 Secret St",
        "Des Moines, IA 50309",
        "https://meet.example.org/x",
        "We gather at 5:30 PM CST: the fountain",
        "Bring a pen.",
        "List-Unsubscribe: <http://127.0.0.1:8080/l/",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "text/calendar; charset=utf-8; method=PUBLISH",
    ];
    for part in expected {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let links = link::Entity::find().all(app.db.reader()).await.unwrap();
    let token = token_after(&text, "somebody else:");
    let cancel = links
        .iter()
        .find(|link| link.token_hash == crate::sealed::hash(&token));
    assert_eq!(cancel.unwrap().purpose, entity::LinkPurpose::CancelRsvp);
    assert_eq!(links.len(), 2);
}

#[tokio::test]
async fn an_address_for_hosts_only_stays_with_them() {
    let app = start().await;
    let rsvp = rsvp(&app, RsvpStatus::Registered, AddressVisibility::HostsOnly).await;
    mail(&app, rsvp, RsvpMail::Promoted).await;
    let text = readable(&inbox(&app)[0]);
    assert!(!text.contains("Secret") && text.contains("Des Moines"), "{text}");
}

#[tokio::test]
async fn before_confirming_nobody_reads_what_is_private() {
    let app = start().await;
    let rsvp = rsvp(
        &app,
        RsvpStatus::PendingConfirmation,
        AddressVisibility::AfterRsvp,
    )
    .await;
    mail(&app, rsvp, RsvpMail::PleaseConfirm).await;
    let text = readable(&inbox(&app)[0]);
    for hidden in [
        "Secret",
        "meet.example.org",
        "Bring a pen",
        "fountain",
        "Wren",
        "calendar",
    ] {
        assert!(!text.contains(hidden), "{hidden} is in {text}");
    }
    let token = token_after(&text, "Please confirm:\n");
    let found = link::Entity::find_by_id(crate::sealed::hash(&token))
        .one(app.db.reader())
        .await;
    assert_eq!(found.unwrap().unwrap().purpose, entity::LinkPurpose::ConfirmRsvp);
}

#[tokio::test]
async fn a_mail_that_no_longer_fits_is_not_sent() {
    let app = start().await;
    let rsvp = rsvp(&app, RsvpStatus::Cancelled, AddressVisibility::Public).await;
    for kind in [RsvpMail::Registered, RsvpMail::Waitlisted, RsvpMail::Promoted] {
        mail(&app, rsvp, kind).await;
    }
    assert!(inbox(&app).is_empty());
    assert_eq!(
        outbox::list(app.db.reader(), Some(State::Done), 9)
            .await
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn what_is_over_is_deleted_and_the_next_day_is_scheduled() {
    let app = start().await;
    let row = ask_for_code(&app, "wren@example.org").await;
    drain(&app).await.unwrap();
    super::retain::schedule(&app, app.clock.now()).await.unwrap();
    drain(&app).await.unwrap();
    assert!(code_of(&app, row.id).await.code_hash.is_some(), "not yet");
    for _ in 0..9 {
        app.clock.advance(TimeDelta::days(1));
        assert_eq!(drain(&app).await.unwrap(), 1);
    }
    let code = sign_in_code::Entity::find_by_id(row.id)
        .one(app.db.reader())
        .await;
    assert!(code.unwrap().is_none());
    let done = outbox::list(app.db.reader(), Some(State::Done), 99)
        .await
        .unwrap();
    assert!(
        done.iter().all(|job| job.kind == "retain"),
        "the code's job is gone"
    );
}

async fn mail(app: &Arc<App>, rsvp_id: Uuid, mail: RsvpMail) {
    enqueue(app, Job::SendRsvpMail { rsvp_id, mail }).await;
    drain(app).await.unwrap();
}

/// Undoes quoted-printable, as far as these tests need it.
fn readable(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=").replace('\r', "")
}

/// The token of the first link after `mark`.
fn token_after(text: &str, mark: &str) -> String {
    let (_, rest) = text.split_once(mark).unwrap();
    let (_, rest) = rest.split_once("/l/").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}
