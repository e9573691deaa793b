//! What a hostile or unlucky request can do: nothing.

use super::*;

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
