//! Around `/graphql`: headers, origins, addresses, probes, GraphiQL, the stop.

use super::*;

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

#[tokio::test]
async fn an_answer_that_depends_on_the_caller_is_not_shared() {
    let service = Service::start(&[("http.cors_origins", "*")]).await;
    for (query, expected) in [
        ("{ hello }", "public, max-age=30"),
        ("{ client }", "private, no-store"),
        ("{ hello client }", "private, no-store"),
    ] {
        let request = service
            .get_query(&[("query", query)])
            .header("origin", "https://map.example");
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "cache-control"), expected, "{query}");
        assert!(header(&response, "vary").ends_with("Origin"));
    }
}
