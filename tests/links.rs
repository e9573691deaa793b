//! Mailed links: looking consumes nothing, following acts once.

use chrono::TimeDelta;
use entity::suppression;
use reqwest::{Method, Response};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::harness::{Backend, Made, Mail, World};

async fn send(world: &World, method: Method, path: &str) -> Response {
    let request = reqwest::Client::new().request(method, format!("{}{path}", world.url));
    request.send().await.unwrap()
}

async fn get(world: &World, token: &str) -> (u16, String) {
    let response = send(world, Method::GET, &format!("/l/{token}")).await;
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn post(world: &World, token: &str) -> (u16, String) {
    let response = send(world, Method::POST, &format!("/l/{token}")).await;
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Wren answers without an account; the mail that asks to confirm.
async fn asked(world: &World, made: &Made) -> Mail {
    let input =
        json!({"timeslotId": made.timeslot, "email": "wren@example.org", "name": {"givenName": "Wren"}});
    world.anonymous().mutate("rsvp", input, "status").await.data();
    world.drain().await;
    world.mails_to("wren@example.org").remove(0)
}

/// The statuses of all RSVPs to an event.
async fn statuses(world: &World, made: &Made) -> Vec<String> {
    let rows = entity::rsvp::Entity::find()
        .all(world.app.db.reader())
        .await
        .unwrap();
    let of_event = rows
        .iter()
        .filter(|row| made.id.ends_with(&row.event_id.to_string()));
    of_event.map(|row| format!("{:?}", row.status)).collect()
}

scenario! {
    /// The previews of mail programs, however often they look, confirm nothing; the button does, once.
    async fn looking_consumes_nothing_and_the_button_acts_once(world) {
        let made = world.event_with_seats(&world.activist("Host").await, 2).await;
        let token = asked(world, &made).await.tokens()[0].clone();
        for _ in 0..2 {
            let (status, page) = get(world, &token).await;
            assert_eq!(status, 200);
            assert!(page.contains("<form method=\"post\">") && page.contains("Calls for clean water"), "{page}");
            let head = send(world, Method::HEAD, &format!("/l/{token}")).await;
            assert_eq!((head.status().as_u16(), head.text().await.unwrap()), (200, String::new()));
        }
        assert_eq!(statuses(world, &made).await, ["PendingConfirmation"]);
        let (status, page) = post(world, &token).await;
        assert_eq!(status, 200);
        assert!(page.contains("You are coming") && !page.contains("<form"), "{page}");
        assert_eq!(statuses(world, &made).await, ["Registered"]);
        for (status, page) in [post(world, &token).await, get(world, &token).await] {
            assert_eq!(status, 410);
            assert!(page.contains("This link was used already.") && !page.contains("<form"), "{page}");
        }
        world.drain().await;
        let mails = world.mails_to("wren@example.org");
        assert_eq!(mails.len(), 2);
        let cancel = &mails[1].tokens()[0];
        assert!(get(world, cancel).await.1.contains("Cancel your RSVP"));
        assert_eq!(post(world, cancel).await.0, 200);
        assert_eq!(statuses(world, &made).await, ["Cancelled"]);
        assert_eq!(post(world, cancel).await.0, 410);
    }
}

scenario! {
    /// A token that was never made, and one that is too old.
    async fn unknown_and_expired_links_say_so(world) {
        for path in ["/l/guessed", "/l/%00%FF", "/l/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            for method in [Method::GET, Method::POST] {
                let response = send(world, method, path).await;
                assert!(matches!(response.status().as_u16(), 400 | 404), "{path}: {}", response.status());
            }
        }
        assert_eq!(get(world, "guessed").await.0, 404);
        assert_eq!(post(world, "guessed").await.0, 404);
        let made = world.event_with_seats(&world.activist("Host").await, 2).await;
        let token = asked(world, &made).await.tokens()[0].clone();
        world.advance(TimeDelta::days(3));
        for (status, page) in [get(world, &token).await, post(world, &token).await] {
            assert_eq!(status, 410);
            assert!(page.contains("This link has expired."), "{page}");
        }
        assert_eq!(statuses(world, &made).await, ["PendingConfirmation"]);
        world.drain().await;
    }
}

scenario! {
    /// What a mail program sends for its own button (RFC 8058): a POST to the address in the header, with a fixed body,
    /// no cookie and no page before it. It stops optional mail, and the RSVP stays.
    async fn one_click_unsubscribes(world) {
        let made = world.event_with_seats(&world.activist("Host").await, 2).await;
        let mail = asked(world, &made).await;
        let header = |name: &str| {
            let unfolded = mail.raw.replace("\r\n ", " ").replace("\r\n\t", " ");
            let line = unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
            line.unwrap_or_else(|| panic!("no {name} in {}", mail.raw))
        };
        assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        let url = header("List-Unsubscribe");
        let url = url.trim().trim_start_matches('<').trim_end_matches('>');
        let path = &url[url.find("/l/").unwrap()..];
        assert!(url.starts_with(&world.app.config.base_url()), "{url}");
        let click = async || {
            let request = reqwest::Client::new().post(format!("{}{path}", world.url));
            let form = request.header("content-type", "application/x-www-form-urlencoded");
            form.body("List-Unsubscribe=One-Click").send().await.unwrap().status().as_u16()
        };
        assert_eq!(click().await, 200);
        let rows = suppression::Entity::find().all(world.app.db.reader()).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(), ["LINK"]);
        assert_eq!(click().await, 410);
        assert_eq!(statuses(world, &made).await, ["PendingConfirmation"]);
    }
}

scenario! {
    /// The page runs no script, loads nothing, is kept nowhere and tells nobody where it was.
    async fn the_page_is_closed(world) {
        let host = world.activist("Host").await;
        let made = world.event(&host, json!({"title": "<script>alert(1)</script> & more"})).await;
        let token = asked(world, &made).await.tokens()[0].clone();
        let response = send(world, Method::GET, &format!("/l/{token}")).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("form-action 'self'") && !policy.contains("script-src"), "{policy}");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert!(response.headers().get("set-cookie").is_none());
        let page = response.text().await.unwrap();
        for never in ["<script", "src=", "href=", "http", &token] {
            assert!(!page.contains(never), "{never} in {page}");
        }
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }
}

scenario! {
    /// A link does what it was made for and nothing else, in GraphQL as well, and works once whichever way it is followed.
    async fn a_link_is_for_one_thing(world) {
        let made = world.event_with_seats(&world.activist("Host").await, 2).await;
        let token = json!({"token": asked(world, &made).await.tokens()[0]});
        let anonymous = world.anonymous();
        assert_eq!(anonymous.mutate("cancelRsvp", token.clone(), "status").await.code(), "NOT_FOUND");
        assert_eq!(anonymous.mutate("unsubscribe", token.clone(), "unsubscribed").await.code(), "NOT_FOUND");
        let confirmed = anonymous.mutate("confirmRsvp", token.clone(), "status rsvp { id }").await;
        assert_eq!(confirmed.at("/confirmRsvp"), &json!({"status": "REGISTERED", "rsvp": Value::Null}));
        assert_eq!(post(world, token["token"].as_str().unwrap()).await.0, 410);
        assert_eq!(anonymous.mutate("confirmRsvp", token, "status").await.reason(), "LINK_USED");
        world.drain().await;
    }
}

/// Where a client has pages of its own, people are sent there; the address for mail programs stays ours.
async fn clients_pages(backend: Backend) {
    let settings = [
        ("links.confirm_rsvp", "https://app.example.org/confirm#{token}"),
        ("links.cancel_rsvp", "https://app.example.org/cancel#{token}"),
        ("links.unsubscribe", "https://app.example.org/stop#{token}"),
    ];
    let world = World::with(backend, &settings).await;
    let made = world.event_with_seats(&world.activist("Host").await, 2).await;
    let mail = asked(&world, &made).await;
    let token_of = |mail: &Mail, page: &str| -> String {
        let start = format!("https://app.example.org/{page}#");
        let rest = mail
            .text
            .split(&start)
            .nth(1)
            .unwrap_or_else(|| panic!("no {start} in {}", mail.text));
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let html = mail.html.replace("&#x2f;", "/");
    assert!(html.contains("https://app.example.org/confirm#"), "{html}");
    assert!(
        !mail.text.contains("/l/") && !html.contains("/l/"),
        "{}",
        mail.text
    );
    let unsubscribe = token_of(&mail, "stop");
    assert!(
        mail.raw
            .replace("\r\n ", "")
            .contains(&format!("{}/l/{unsubscribe}", world.app.config.base_url()))
    );
    let confirm = json!({"token": token_of(&mail, "confirm")});
    world
        .anonymous()
        .mutate("confirmRsvp", confirm, "status")
        .await
        .data();
    world.drain().await;
    let registered = world.mails_to("wren@example.org").remove(1);
    let cancel = json!({"token": token_of(&registered, "cancel")});
    let cancelled = world.anonymous().mutate("cancelRsvp", cancel, "status").await;
    assert_eq!(cancelled.at("/cancelRsvp/status"), "CANCELLED");
    let stop = json!({"token": unsubscribe});
    world
        .anonymous()
        .mutate("unsubscribe", stop, "unsubscribed")
        .await
        .data();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_pages_embedded() {
    clients_pages(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_pages_production() {
    clients_pages(Backend::production().await).await;
}
