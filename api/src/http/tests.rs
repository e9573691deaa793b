use std::time::Duration;

use actix_web::dev::ServerHandle;
use async_graphql::{Context, EmptySubscription, Object, Schema};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    clock::Clock,
    config::Config,
    graphql::Caller,
    refusal::{Problem, Reason, Refusal},
};

struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("Hello {}", name.unwrap_or_default())
    }

    async fn me(&self) -> Query {
        Query
    }

    async fn client(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Caller>().client().to_string()
    }

    async fn fails(&self, how: i32) -> Option<Result<i32, Refusal>> {
        let problem = Problem {
            path: vec!["input".to_owned(), "title".to_owned()],
            problem: "is too long".to_owned(),
        };
        Some(Err(match how {
            0 => Refusal::Input(vec![problem]),
            1 => Refusal::WrongState(Reason::EventCancelled),
            2 => Refusal::RateLimited(30),
            3 => Refusal::Internal("secret of the database".to_owned()),
            4 => Refusal::Forbidden,
            _ => return None,
        }))
    }

    async fn leaks(&self) -> async_graphql::Result<i32> {
        Err(std::io::Error::other("boom at /srv/app/db.rs:12"))?
    }

    async fn forgot(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        ctx.data::<u128>().map(|_| 1)
    }

    async fn panics(&self, number: Option<i32>) -> i32 {
        number.unwrap()
    }

    async fn sleeps(&self, millis: u64) -> u64 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        millis
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn change(&self) -> bool {
        true
    }
}

/// A service on a socket; its folder goes when it is dropped.
struct Service {
    url: String,
    handle: ServerHandle,
    folder: std::path::PathBuf,
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Service {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("turnout-http-{}", Uuid::now_v7()));
        let mut flags = vec![
            ("database_url", format!("sqlite://{}/rows.db", folder.display())),
            ("data_dir", folder.display().to_string()),
        ];
        flags.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        std::fs::create_dir_all(&folder).unwrap();
        let app = App::start(Config::with(&flags).unwrap(), Clock::System)
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let schema = Schema::build(Query, Mutation, EmptySubscription).finish();
        let server = serve(app, schema, listener).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, handle, folder }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        Client::new().get(format!("{}{path}", self.url))
    }

    fn post(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = Client::new().post(format!("{}/graphql", self.url));
        request.header("content-type", "application/json").body(body)
    }

    fn query(&self, query: &str) -> RequestBuilder {
        self.post(json!({ "query": query }).to_string())
    }

    /// Status and code of the first error.
    async fn refused(&self, request: RequestBuilder) -> (u16, String) {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body = json_of(response).await;
        assert!(body.get("data").is_none(), "{body}");
        (
            status,
            body["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap()
                .to_owned(),
        )
    }
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn media_types_and_statuses_follow_the_specification() {
    let service = Service::start(&[]).await;
    for (accept, kind, status) in [
        ("application/json", "application/json; charset=utf-8", 200),
        ("*/*", "application/json; charset=utf-8", 200),
        (
            "application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
            400,
        ),
    ] {
        let good = service
            .query("{ hello }")
            .header("accept", accept)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (good.status().as_u16(), header(&good, "content-type")),
            (200, kind)
        );
        assert_eq!(header(&good, "cache-control"), "private, no-store");
        assert_eq!(json_of(good).await, json!({ "data": { "hello": "Hello " } }));
        for (query, code) in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("query($n: Int!) { fails(how: $n) }", "BAD_USER_INPUT"),
        ] {
            let request = service.query(query).header("accept", accept);
            assert_eq!(service.refused(request).await, is(status, code), "{query}");
        }
    }
    let request = service.query("{ hello }").header("accept", "text/html");
    assert_eq!(service.refused(request).await, is(406, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn only_json_is_read_from_a_body() {
    let service = Service::start(&[]).await;
    let body = json!({ "query": "mutation { change }" }).to_string();
    let send = |kind: Option<&str>| {
        let request = Client::new()
            .post(format!("{}/graphql", service.url))
            .body(body.clone());
        match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        }
    };
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/json; charset=utf-16"),
        Some("application/jsonx"),
    ] {
        assert_eq!(
            service.refused(send(kind)).await,
            is(415, "BAD_USER_INPUT"),
            "{kind:?}"
        );
    }
    let packed = send(Some("application/json")).header("content-encoding", "gzip");
    assert_eq!(service.refused(packed).await, is(415, "BAD_USER_INPUT"));
    for kind in [
        "application/json",
        "application/json; charset=UTF-8",
        "Application/JSON;charset=\"utf-8\"",
    ] {
        let response = send(Some(kind)).send().await.unwrap();
        assert_eq!(
            json_of(response).await,
            json!({ "data": { "change": true } }),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn malformed_parameters_are_refused() {
    let service = Service::start(&[]).await;
    for body in [
        "",
        "{ \"not a JSON",
        "null",
        "1",
        "\"{ hello }\"",
        "{}",
        r#"{"query":null}"#,
        r#"{"query":{"a":1}}"#,
        r#"{"query":["array"]}"#,
        r#"{"query":"{ hello }","variables":"text"}"#,
        r#"{"query":"{ hello }","variables":[1]}"#,
        r#"{"query":"{ hello }","operationName":1}"#,
        r#"{"query":"{ hello }","extensions":[]}"#,
        r#"[{"query":"{ hello }"}]"#,
        " [ ]",
        r#"{"query":"{ hello }","query":"{ hello }"}"#,
        "\u{0}",
    ] {
        assert_eq!(
            service.refused(service.post(body)).await,
            is(400, "BAD_USER_INPUT"),
            "{body}"
        );
    }
    let deep = format!(
        r#"{{"query":"{{ hello }}","variables":{{"a":{}{}}}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert_eq!(
        service.refused(service.post(deep)).await,
        is(400, "BAD_USER_INPUT")
    );
    let nulls = r#"{"query":"{ hello }","variables":null,"operationName":null,"extensions":null,"id":7}"#;
    let response = service.post(nulls).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn f3_large_bodies_are_refused() {
    let service = Service::start(&[]).await;
    let whole = |bytes: usize| {
        let text = r#"{"query":"{ hello }"}"#;
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    let response = service.post(whole(262_144)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        service.refused(service.post(whole(262_145))).await,
        is(413, "PAYLOAD_TOO_LARGE")
    );
    // In chunks of unknown number.
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\n{}",
        format!("10000\r\n{}\r\n", "x".repeat(65_536)).repeat(5)
    );
    assert!(raw(&service, &request).await.starts_with("HTTP/1.1 413"));
}

/// What the service answers to `request`, written as it stands.
async fn raw(service: &Service, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(service.url.trim_start_matches("http://"))
        .await
        .unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4_096];
    let length = socket.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn f4_get_only_asks() {
    let service = Service::start(&[]).await;
    let get = |parameters: &[(&str, &str)]| {
        let encode = |text: &str| {
            text.bytes()
                .map(|byte| format!("%{byte:02x}"))
                .collect::<String>()
        };
        let pairs: Vec<_> = parameters
            .iter()
            .map(|(name, text)| format!("{name}={}", encode(text)))
            .collect();
        service.get(&format!("/graphql?{}", pairs.join("&")))
    };
    let query = ("query", "query A($n: String) { hello(name: $n) }");
    let rest = [
        ("variables", r#"{"n":"Ada"}"#),
        ("operationName", "A"),
        ("extensions", "{}"),
    ];
    let response = get(&[&[query][..], &rest[..]].concat()).send().await.unwrap();
    assert_eq!(
        json_of(response).await,
        json!({ "data": { "hello": "Hello Ada" } })
    );
    for accept in ["application/json", "application/graphql-response+json"] {
        let request = get(&[("query", "mutation { change }")]).header("accept", accept);
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), header(&response, "allow")),
            (405, "POST")
        );
        assert_eq!(
            json_of(response).await["errors"][0]["extensions"]["code"],
            "BAD_USER_INPUT"
        );
    }
    for bad in [
        &[][..],
        &[query, ("variables", "[1]")],
        &[query, query],
        &[query, ("extensions", "1")],
    ] {
        assert_eq!(
            service.refused(get(bad)).await,
            is(400, "BAD_USER_INPUT"),
            "{bad:?}"
        );
    }
    let put = Client::new().put(format!("{}/graphql", service.url));
    assert_eq!(service.refused(put).await, is(405, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn f1_a_fragment_bomb_costs_nothing() {
    let service = Service::start(&[]).await;
    let mut bomb = "{ ...F0 }".to_owned();
    for level in 0..50 {
        bomb.push_str(&format!(
            " fragment F{level} on Query {{ ...F{0} ...F{0} }}",
            level + 1
        ));
    }
    bomb.push_str(" fragment F50 on Query { hello }");
    let started = std::time::Instant::now();
    assert_eq!(
        service.refused(service.query(&bomb)).await,
        is(200, "QUERY_TOO_COMPLEX")
    );
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn f2_a_pretended_file_panics_nothing() {
    let service = Service::start(&[]).await;
    let body = json!({ "query": "query($n: String) { hello(name: $n) }", "variables": { "n": "#__graphql_file__:7" } });
    assert_eq!(
        service.refused(service.post(body.to_string())).await,
        is(200, "BAD_USER_INPUT")
    );
}

#[tokio::test]
async fn every_error_has_a_code_and_faults_stay_inside() {
    let service = Service::start(&[]).await;
    let error = async |query: &str| {
        let response = service
            .query(query)
            .header("x-request-id", "request-7")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = json_of(response).await;
        assert!(body.as_object().unwrap().contains_key("data"), "{body}");
        body["errors"][0].clone()
    };
    let input = error("{ fails(how: 0) }").await;
    assert_eq!(
        input["extensions"],
        json!({ "code": "BAD_USER_INPUT", "fields": [{ "path": ["input", "title"], "problem": "is too long" }] })
    );
    assert_eq!(input["path"], json!(["fails"]));
    let state = error("{ fails(how: 1) }").await;
    assert_eq!(
        state["extensions"],
        json!({ "code": "WRONG_STATE", "reason": "EVENT_CANCELLED" })
    );
    let limited = error("{ fails(how: 2) }").await;
    assert_eq!(
        limited["extensions"],
        json!({ "code": "RATE_LIMITED", "retryAfter": 30 })
    );
    assert_eq!(
        error("{ fails(how: 4) }").await["extensions"],
        json!({ "code": "FORBIDDEN" })
    );
    for query in ["{ fails(how: 3) }", "{ leaks }", "{ me { leaks } }", "{ forgot }"] {
        let hidden = error(query).await;
        assert_eq!(hidden["message"], "Internal error.", "{query}");
        assert_eq!(
            hidden["extensions"],
            json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": "request-7" })
        );
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_service_lives() {
    let service = Service::start(&[]).await;
    for _ in 0..8 {
        assert_eq!(
            service.refused(service.query("{ panics }")).await,
            is(500, "INTERNAL_SERVER_ERROR")
        );
    }
    assert_eq!(
        service.query("{ hello }").send().await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn slow_requests_are_given_up() {
    let service = Service::start(&[("http.deadline_seconds", "1")]).await;
    let started = std::time::Instant::now();
    assert_eq!(
        service.refused(service.query("{ sleeps(millis: 60000) }")).await,
        is(503, "UNAVAILABLE")
    );
    let waits =
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    assert!(raw(&service, waits).await.starts_with("HTTP/1.1 408"));
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_token_that_is_no_good_is_refused() {
    let service = Service::start(&[]).await;
    for value in ["Bearer nonsense", "bearer  ", "Basic YTpi", "nonsense"] {
        let response = service
            .query("{ hello }")
            .header("authorization", value)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{value}");
        assert!(header(&response, "www-authenticate").starts_with("Bearer"));
        assert_eq!(
            json_of(response).await["errors"][0]["extensions"]["code"],
            "UNAUTHENTICATED"
        );
    }
}

#[tokio::test]
async fn every_answer_carries_its_id_and_protects_browsers() {
    let service = Service::start(&[]).await;
    for path in ["/healthz", "/graphql", "/nowhere", "/"] {
        let response = service
            .get(path)
            .header("x-request-id", "from-the-proxy.1")
            .send()
            .await
            .unwrap();
        assert_eq!(header(&response, "x-request-id"), "from-the-proxy.1");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert!(header(&response, "content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header(&response, "access-control-allow-origin"), "");
        for bad in ["short", "has a space in it", &"x".repeat(65)] {
            let response = service
                .get(path)
                .header("x-request-id", bad)
                .send()
                .await
                .unwrap();
            assert_eq!(header(&response, "x-request-id").len(), 32, "{bad}");
        }
    }
    assert_eq!(
        service.refused(service.get("/nowhere")).await,
        is(404, "NOT_FOUND")
    );
}

#[tokio::test]
async fn named_origins_may_call_and_others_not() {
    let service = Service::start(&[("http.cors_origins", "https://map.example")]).await;
    let preflight = |origin: &str| {
        Client::new()
            .request(reqwest::Method::OPTIONS, format!("{}/graphql", service.url))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .send()
    };
    let response = preflight("https://map.example").await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        header(&response, "access-control-allow-origin"),
        "https://map.example"
    );
    assert!(header(&response, "access-control-allow-headers").contains("Authorization"));
    assert_eq!(header(&response, "access-control-allow-credentials"), "");
    let other = preflight("https://other.example").await.unwrap();
    assert_eq!(
        (
            other.status().as_u16(),
            header(&other, "access-control-allow-origin")
        ),
        (405, "")
    );
    let call = service
        .query("{ hello }")
        .header("origin", "https://map.example")
        .send()
        .await
        .unwrap();
    assert_eq!(
        header(&call, "access-control-allow-origin"),
        "https://map.example"
    );
    assert_eq!(header(&call, "vary"), "Origin");
}

#[tokio::test]
async fn trusted_proxies_say_who_calls() {
    let from = async |settings: &[(&str, &str)]| {
        let service = Service::start(settings).await;
        let request = service
            .query("{ client }")
            .header("x-forwarded-for", "1.1.1.1, 198.51.100.7");
        json_of(request.send().await.unwrap()).await["data"]["client"].clone()
    };
    assert_eq!(from(&[]).await, "127.0.0.1");
    assert_eq!(
        from(&[("http.trusted_proxies", "127.0.0.1")]).await,
        "198.51.100.7"
    );
}

#[tokio::test]
async fn probes_and_keys_answer() {
    let service = Service::start(&[]).await;
    assert_eq!(
        service
            .get("/healthz")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "ok"
    );
    let ready = service.get("/readyz").send().await.unwrap();
    assert_eq!(json_of(ready).await, json!({ "ready": true, "problems": [] }));
    let keys = service.get("/.well-known/jwks.json").send().await.unwrap();
    assert_eq!(header(&keys, "cache-control"), "public, max-age=300");
    assert!(json_of(keys).await["keys"].is_array());
}

#[tokio::test]
async fn graphiql_is_ours_and_can_be_off() {
    let service = Service::start(&[]).await;
    let page = service.get("/").send().await.unwrap();
    assert!(header(&page, "content-security-policy").contains("script-src 'self';"));
    let text = page.text().await.unwrap();
    let assets: Vec<&str> = text
        .split('"')
        .filter(|part| part.starts_with("/graphiql/"))
        .collect();
    assert!(assets.len() >= 5 && !text.contains("https://"), "{text}");
    for asset in assets {
        assert_eq!(
            service.get(asset).send().await.unwrap().status(),
            StatusCode::OK,
            "{asset}"
        );
    }
    let off = Service::start(&[
        ("graphql.graphiql", "off"),
        ("graphql.anonymous_introspection", "off"),
    ])
    .await;
    assert!(
        off.get("/")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .starts_with("Turnout")
    );
    assert_eq!(
        off.get("/graphiql/boot.js").send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    let request = off.query("{ __schema { types { name } } }");
    assert_eq!(off.refused(request).await, is(200, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn a_graceful_stop_finishes_what_has_begun() {
    let service = Service::start(&[]).await;
    let slow = tokio::spawn(service.query("{ sleeps(millis: 700) }").send());
    tokio::time::sleep(Duration::from_millis(200)).await;
    service.handle.stop(true).await;
    let response = slow.await.unwrap().unwrap();
    assert_eq!(json_of(response).await, json!({ "data": { "sleeps": 700 } }));
    assert!(service.query("{ hello }").send().await.is_err());
}
