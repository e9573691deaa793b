//! The real binary, embedded, as a newcomer meets it.

use serde_json::{Value, json};

use crate::harness::{
    Caller,
    process::{Folder, Process, run},
};

const FOUND: &str = "{ nearbyEvents(near: {postalCode: {code: \"50309\"}}, radius: 500000, first: 100) { edges { node { id } } } }";

async fn found(process: &Process) -> usize {
    process
        .anonymous()
        .ask(FOUND, Value::Null)
        .await
        .at("/nearbyEvents/edges")
        .as_array()
        .unwrap()
        .len()
}

/// An empty folder, one command: it serves, tells where to look, and stops when it is told to.
#[tokio::test]
async fn it_serves_from_an_empty_folder_and_stops() {
    let folder = Folder::new();
    let process = Process::serve(&folder.0, &["--demo"]).await;
    assert!(found(&process).await > 10);
    let output = process.output();
    assert!(
        output.contains(&format!("Turnout listens on {}", process.url)),
        "{output}"
    );
    assert!(output.contains("turnout token --email"));
    assert!(process.terminate());
    let again = Process::serve(&folder.0, &["--demo"]).await;
    assert!(found(&again).await > 10);
    assert!(again.terminate());
}

/// What a command writes while the service runs is seen within two seconds; running it again changes nothing.
#[tokio::test]
async fn an_import_is_seen_by_the_running_service() {
    let folder = Folder::new();
    let process = Process::serve(&folder.0, &[]).await;
    assert_eq!(found(&process).await, 0);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/mobilize-events.json");
    let monday = (api::clock::Clock::System.now() + chrono::TimeDelta::days(14))
        .format("%F")
        .to_string();
    let arguments = ["import", "mobilize", file, "--shift-to", &monday];
    assert!(
        run(&folder.0, &arguments).starts_with("100 events new, 0 changed, 0 as they were; 6048 timeslots")
    );
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert!(found(&process).await > 10);
    assert!(run(&folder.0, &arguments).starts_with("0 events new, 0 changed, 100 as they were"));
    assert!(process.terminate());
}

/// Tokens of the command line work; the first admin comes to be by one.
#[tokio::test]
async fn a_token_from_the_command_line_signs_in() {
    let folder = Folder::new();
    let process = Process::serve(&folder.0, &[]).await;
    let token = run(
        &folder.0,
        &["token", "--email", "ada@example.org", "--staff", "ADMIN"],
    );
    let ada = Caller::new(&process.url, Some(token.trim().to_owned()), "");
    let viewer = ada.ask("{ viewer { email staffRoles } }", Value::Null).await;
    assert_eq!(
        viewer.at("/viewer"),
        &json!({"email": "ada@example.org", "staffRoles": ["ADMIN"]})
    );
    assert_eq!(run(&folder.0, &["jobs"]), "");
    assert!(run(&folder.0, &["jobs", "stats"]).contains("SOON"));
    assert!(
        run(&folder.0, &["migrate", "status"])
            .lines()
            .all(|line| line.starts_with("done"))
    );
    assert!(run(&folder.0, &["config"]).contains("[retention]"));
}

/// Addresses, names, codes and tokens are in no line of the log, at its most talkative.
#[tokio::test]
async fn the_log_knows_nobody() {
    let folder = Folder::new();
    let process = Process::serve(&folder.0, &["--demo"]).await;
    let anonymous = process.anonymous();
    anonymous
        .mutate(
            "requestSignInCode",
            json!({"email": "canary-one@example.org"}),
            "expiresAt",
        )
        .await
        .data();
    let code = process.mails(1).await[0].code();
    let input = json!({"phone": "(515) 555-0179"});
    anonymous
        .mutate("requestSignInCode", input, "expiresAt")
        .await
        .data();
    let input = json!({"email": "canary-one@example.org", "code": code});
    let tokens = anonymous
        .mutate("signIn", input, "accessToken refreshToken")
        .await;
    let timeslots = "{ events(hasSeats: true, first: 1) { edges { timeslot { id } } } }";
    let timeslot = anonymous
        .ask(timeslots, Value::Null)
        .await
        .text("/events/edges/0/timeslot/id");
    let input = json!({"timeslotId": timeslot, "name": {"givenName": "Canaryname"}, "email": "canary-two@example.org"});
    anonymous.mutate("rsvp", input, "status").await.data();
    let asked = process.mails(2).await[1].tokens();
    for token in &asked {
        let page = reqwest::get(format!("{}/l/{token}", process.url)).await.unwrap();
        assert_eq!(page.status(), 200);
    }
    anonymous
        .mutate("confirmRsvp", json!({"token": asked[0]}), "status")
        .await
        .data();
    process.mails(3).await;
    let finch = Caller::new(&process.url, Some(tokens.text("/signIn/accessToken")), "");
    let made = finch
        .ask("mutation { createCalendarLink { url } }", Value::Null)
        .await;
    let url = made.text("/createCalendarLink/url");
    let calendar = url
        .rsplit('/')
        .next()
        .unwrap()
        .trim_end_matches(".ics")
        .to_owned();
    let page = reqwest::get(format!("{}/calendar/{calendar}.ics", process.url))
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    let mut secrets = vec![
        calendar,
        code,
        "canary-one".to_owned(),
        "canary-two".to_owned(),
        "555-0179".to_owned(),
        "5550179".to_owned(),
        "Canaryname".to_owned(),
    ];
    secrets.extend(["accessToken", "refreshToken"].map(|name| tokens.text(&format!("/signIn/{name}"))));
    secrets.extend(asked);
    let output = process.output();
    assert!(output.contains("/l/{token}"), "{output}");
    for secret in secrets {
        assert!(!output.contains(&secret), "{secret} is in the log");
    }
    assert!(process.terminate());
}

/// Killed right after it answered: what was promised is kept, once.
#[tokio::test]
async fn a_kill_after_the_answer_loses_nothing() {
    let folder = Folder::new();
    let process = Process::serve(&folder.0, &["--demo", "--no-worker"]).await;
    let token = run(&folder.0, &["token", "--email", "finch@example.org"]);
    let finch = Caller::new(&process.url, Some(token.trim().to_owned()), "");
    let timeslots = "{ events(hasSeats: true, first: 1) { edges { timeslot { id } } } }";
    let timeslot = finch
        .ask(timeslots, Value::Null)
        .await
        .text("/events/edges/0/timeslot/id");
    let input = json!({"timeslotId": timeslot, "name": {"givenName": "Finch"}});
    assert_eq!(
        finch
            .mutate("rsvp", input.clone(), "status")
            .await
            .at("/rsvp/status"),
        "REGISTERED"
    );
    process.kill();

    let process = Process::serve(&folder.0, &[]).await;
    let finch = finch.at(&process.url);
    assert_eq!(process.mails(1).await[0].to, "finch@example.org");
    assert_eq!(
        finch.mutate("rsvp", input, "status").await.at("/rsvp/status"),
        "REGISTERED"
    );
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(process.mails(1).await.len(), 1);
    assert!(process.terminate());
}
