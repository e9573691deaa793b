//! Too many requests: what is refused, to whom, and what is said about it.

use super::*;

fn told(response: &Response) -> [&str; 3] {
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-policy"].map(|name| header(response, name))
}

fn number(response: &Response, name: &str) -> u64 {
    header(response, name).parse().unwrap()
}

#[tokio::test]
async fn too_many_requests_are_refused_in_every_media_type() {
    // What caches may keep does not say where somebody stands.
    let settings = [
        ("rates.requests_per_client_and_minute", "4"),
        ("http.public_max_age_seconds", "0"),
    ];
    let service = Service::start(&settings).await;
    let good = [
        service.query("{ hello }"),
        service.get_query(&[("query", "{ hello }")]),
        service.query("{"),
        service.post("no JSON"),
    ];
    for (request, remaining) in good.into_iter().zip(["3", "2", "1", "0"]) {
        let response = request.send().await.unwrap();
        assert_eq!(told(&response), ["4", remaining, "4;w=60"]);
        assert!(number(&response, "ratelimit-reset") <= 60);
        assert_eq!(header(&response, "retry-after"), "");
    }
    for accept in ["application/json", "application/graphql-response+json"] {
        for request in [
            service.query("{ hello }"),
            service.get_query(&[("query", "{ hello }")]),
            service
                .query("{ hello }")
                .header("authorization", "Bearer nonsense"),
        ] {
            let response = request.header("accept", accept).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert!(header(&response, "content-type").starts_with(accept));
            assert_eq!(header(&response, "cache-control"), "private, no-store");
            assert_eq!(told(&response), ["4", "0", "4;w=60"]);
            let wait = number(&response, "retry-after");
            assert!((1..=15).contains(&wait));
            let body = json_of(response).await;
            let extensions = json!({ "code": "RATE_LIMITED", "retryAfter": wait });
            assert_eq!(body["errors"][0]["extensions"], extensions);
            assert!(body.get("data").is_none());
        }
    }
    assert_eq!(
        service.get("/healthz").send().await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_is_shared_says_nothing_of_one_caller() {
    let service = Service::start(&[]).await;
    for (query, limit) in [
        ("{ hello }", ""),
        ("{ client }", "1200"),
        ("{ fails(how: 4) }", "1200"),
    ] {
        let request = service.get_query(&[("query", query)]);
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "ratelimit-limit"), limit, "{query}");
        assert_eq!(header(&response, "ratelimit-reset").is_empty(), limit.is_empty());
    }
}

#[tokio::test]
async fn opening_a_socket_counts_before_the_token_is_looked_at() {
    let service = Service::start(&[("rates.requests_per_client_and_minute", "3")]).await;
    let open = || service.get("/graphql").header("upgrade", "websocket");
    let with_bad_token = || open().header("authorization", "Bearer nonsense");
    for (request, status) in [(open(), 400), (with_bad_token(), 401), (with_bad_token(), 401)] {
        assert_eq!(request.send().await.unwrap().status().as_u16(), status);
    }
    for request in [open(), with_bad_token()] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(told(&response), ["3", "0", "3;w=60"]);
        assert!((1..=20).contains(&number(&response, "retry-after")));
        let body = json_of(response).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    }
}

#[tokio::test]
async fn mutations_have_a_limit_of_their_own() {
    let service = Service::start(&[("rates.mutations_per_client_and_minute", "2")]).await;
    for remaining in ["1", "0"] {
        let response = service.query("mutation { change }").send().await.unwrap();
        assert_eq!(told(&response), ["2", remaining, "2;w=60"]);
    }
    let response = service.query("mutation { change }").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(told(&response), ["2", "0", "2;w=60"]);
    assert!((1..=30).contains(&number(&response, "retry-after")));
    assert_eq!(
        json_of(response).await["errors"][0]["extensions"]["code"],
        "RATE_LIMITED"
    );
    // Asking goes on, and what is refused for another reason is not counted as a mutation.
    let response = service.query("{ hello }").send().await.unwrap();
    assert_eq!((response.status(), told(&response)[0]), (StatusCode::OK, "1200"));
    let refused = service
        .refused(service.get_query(&[("query", "mutation { change }")]))
        .await;
    assert_eq!(refused, is(405, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn addresses_are_counted_apart_when_a_trusted_proxy_names_them() {
    let from = |service: &Service, address: &str| {
        let request = service.query("{ hello }").header("x-forwarded-for", address);
        async { request.send().await.unwrap().status().as_u16() }
    };
    let limit = ("rates.requests_per_client_and_minute", "1");
    let service = Service::start(&[limit, ("http.trusted_proxies", "127.0.0.1")]).await;
    for (address, status) in [
        ("203.0.113.1", 200),
        ("203.0.113.1", 429),
        ("203.0.113.2", 200),
        ("2001:db8::1", 200),
        ("2001:db8::2", 429),
        ("203.0.113.3, 203.0.113.2", 429),
    ] {
        assert_eq!(from(&service, address).await, status, "{address}");
    }
    let service = Service::start(&[limit]).await;
    assert_eq!(from(&service, "203.0.113.1").await, 200);
    assert_eq!(from(&service, "203.0.113.2").await, 429, "nobody believes it");
}

#[tokio::test]
async fn a_limit_of_zero_is_none() {
    let service = Service::start(&[
        ("rates.requests_per_client_and_minute", "0"),
        ("rates.mutations_per_client_and_minute", "0"),
    ])
    .await;
    let response = service.query("mutation { change }").send().await.unwrap();
    assert_eq!(told(&response), ["", "", ""]);
}

#[tokio::test]
async fn a_field_that_refuses_says_when_to_come_back() {
    let service = Service::start(&[]).await;
    let response = service.query("{ hello fails(how: 2) }").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "retry-after"), "30");
}
