//! GraphQL over HTTP: media types, statuses, parameters, methods.

use super::*;

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
async fn f4_get_only_asks() {
    let service = Service::start(&[]).await;
    let get = |parameters: &[(&str, &str)]| service.get_query(parameters);
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
