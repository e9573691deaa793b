//! Persisted queries: a hash alone, the document beside it, and what must not come of either.

use super::*;
use crate::sealed;

const HELLO: &str = "{ hello }";

fn hash_of(document: &str) -> String {
    let bytes = sealed::hash(document);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn claim(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

impl Service {
    fn by_hash(&self, document: &str) -> RequestBuilder {
        self.post(json!({ "extensions": claim(&hash_of(document)) }).to_string())
    }

    fn get_by_hash(&self, document: &str) -> RequestBuilder {
        self.get_query(&[("extensions", &claim(&hash_of(document)).to_string())])
    }

    /// Sends the document beside a hash.
    fn with_hash(&self, document: &str, hash: &str) -> RequestBuilder {
        self.post(json!({ "query": document, "extensions": claim(hash) }).to_string())
    }

    /// Whether the document is known; sends only its hash.
    async fn knows(&self, document: &str) -> bool {
        let body = json_of(self.by_hash(document).send().await.unwrap()).await;
        body.get("errors").is_none()
    }
}

#[tokio::test]
async fn a_document_is_sent_once() {
    let service = Service::start(&[]).await;
    for (accept, status) in [
        ("application/json", 200),
        ("application/graphql-response+json", 400),
    ] {
        for request in [service.by_hash(HELLO), service.get_by_hash(HELLO)] {
            let response = request.header("accept", accept).send().await.unwrap();
            assert_eq!(
                (response.status().as_u16(), header(&response, "cache-control")),
                (status, "private, no-store")
            );
            let error = json!({ "message": "PersistedQueryNotFound", "extensions": { "code": "PERSISTED_QUERY_NOT_FOUND" } });
            assert_eq!(json_of(response).await, json!({ "errors": [error] }));
        }
    }
    let expected = json!({ "data": { "hello": "Hello " } });
    for request in [
        service.with_hash(HELLO, &hash_of(HELLO)),
        service.by_hash(HELLO),
        service.get_by_hash(HELLO),
        service.with_hash("", &hash_of(HELLO)),
        service.with_hash(HELLO, &hash_of(HELLO).to_uppercase()),
    ] {
        assert_eq!(json_of(request.send().await.unwrap()).await, expected);
    }
    let document = "query A($n: String) { hello(name: $n) }";
    let parameters = [
        ("query", document),
        ("variables", r#"{"n":"Ada"}"#),
        ("extensions", &claim(&hash_of(document)).to_string()),
    ];
    for parameters in [&parameters[..], &parameters[1..]] {
        let response = service.get_query(parameters).send().await.unwrap();
        assert_eq!(json_of(response).await["data"]["hello"], "Hello Ada");
    }
}

#[tokio::test]
async fn a_document_is_kept_under_its_own_hash_only() {
    let service = Service::start(&[]).await;
    let request = service.with_hash("{ me { hello } }", &hash_of(HELLO));
    assert_eq!(service.refused(request).await, is(200, "BAD_USER_INPUT"));
    assert!(!service.knows(HELLO).await && !service.knows("{ me { hello } }").await);
    for bad in [
        json!(7),
        json!({}),
        json!({ "sha256Hash": hash_of(HELLO) }),
        json!({ "version": 2, "sha256Hash": hash_of(HELLO) }),
        json!({ "version": 1, "sha256Hash": 7 }),
        json!({ "version": 1, "sha256Hash": "" }),
        json!({ "version": 1, "sha256Hash": "g".repeat(64) }),
        json!({ "version": 1, "sha256Hash": "é".repeat(32) }),
    ] {
        let body = json!({ "query": HELLO, "extensions": { "persistedQuery": bad } });
        let refused = service.refused(service.post(body.to_string())).await;
        assert_eq!(refused, is(200, "BAD_USER_INPUT"), "{bad}");
    }
    let nothing = json!({ "query": HELLO, "extensions": { "persistedQuery": null, "other": [1] } });
    assert!(
        json_of(service.post(nothing.to_string()).send().await.unwrap()).await["data"]["hello"].is_string()
    );
}

#[tokio::test]
async fn what_is_refused_is_not_kept() {
    let service = Service::start(&[]).await;
    let long = format!("{{ hello }} # {}", "x".repeat(20_000));
    let deep = format!("{}hello{}", "{ me ".repeat(20) + "{ ", " }".repeat(21));
    for (document, code) in [
        (long.as_str(), "QUERY_TOO_COMPLEX"),
        (&deep, "QUERY_TOO_COMPLEX"),
        ("{", "GRAPHQL_PARSE_FAILED"),
    ] {
        let request = service.with_hash(document, &hash_of(document));
        assert_eq!(service.refused(request).await, is(200, code));
        assert!(!service.knows(document).await);
    }
}

#[tokio::test]
async fn a_known_mutation_still_needs_a_post() {
    let service = Service::start(&[]).await;
    let mutation = "mutation { change }";
    let response = service
        .with_hash(mutation, &hash_of(mutation))
        .send()
        .await
        .unwrap();
    assert_eq!(json_of(response).await["data"]["change"], true);
    let refused = service.refused(service.get_by_hash(mutation)).await;
    assert_eq!(refused, is(405, "BAD_USER_INPUT"));
    assert!(service.knows(mutation).await);
}

#[tokio::test]
async fn memory_is_bounded_and_what_is_used_stays() {
    let service = Service::start(&[("graphql.persisted_bytes", "20000")]).await;
    let send = async |document: &str| {
        let request = service.with_hash(document, &hash_of(document));
        assert!(json_of(request.send().await.unwrap()).await["data"].is_object());
    };
    let document = |n: usize| format!("query Q{n} {{ hello }}");
    send(HELLO).await;
    for n in 0..40 {
        send(&document(n)).await;
        assert!(service.knows(HELLO).await);
    }
    assert!(service.knows(&document(39)).await && !service.knows(&document(0)).await);
    let service = Service::start(&[("graphql.persisted_bytes", "0")]).await;
    let request = service.with_hash(HELLO, &hash_of(HELLO));
    assert!(json_of(request.send().await.unwrap()).await["data"].is_object());
    assert!(!service.knows(HELLO).await);
}
