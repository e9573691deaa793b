//! Every parameter of a request in every JSON type, in both media types an answer can have.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

const MEDIA: [&str; 2] = ["application/json", "application/graphql-response+json"];

#[tokio::test]
async fn parameters_of_a_wrong_type_are_refused() {
    let service = Service::start(&[]).await;
    let good = json!({"query": "query A($n: String) { hello(name: $n) }"});
    let all = [
        json!("text"),
        json!(0),
        json!(false),
        json!(["a"]),
        json!({"a": 1}),
    ];
    for name in ["query", "operationName", "variables", "extensions"] {
        for value in &all {
            let fits = match name {
                "query" | "operationName" => value.is_string(),
                _ => value.is_object(),
            };
            if fits {
                continue;
            }
            let mut body = good.clone();
            body[name] = value.clone();
            for accept in MEDIA {
                let request = service.post(body.to_string()).header("accept", accept);
                let refused = service.refused(request).await;
                assert_eq!(refused, is(400, "BAD_USER_INPUT"), "{accept}: {body}");
            }
        }
    }
    for accept in MEDIA {
        for body in ["", "{ \"not a JSON", "{}", "[]"] {
            let request = service.post(body).header("accept", accept);
            assert_eq!(
                service.refused(request).await,
                is(400, "BAD_USER_INPUT"),
                "{accept}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn parameters_of_the_right_type_are_taken() {
    let service = Service::start(&[]).await;
    let query = "query A($n: String) { hello(name: $n) }";
    for accept in MEDIA {
        for (body, name) in [
            (json!({"query": query}), ""),
            (json!({"query": query, "operationName": "A"}), ""),
            (json!({"query": query, "operationName": null}), ""),
            (json!({"query": query, "variables": {"n": "Zoë"}}), "Zoë"),
            (json!({"query": query, "variables": {}}), ""),
            (json!({"query": query, "variables": null}), ""),
            (
                json!({"query": query, "extensions": {"some": ["map", {"of": 1}]}}),
                "",
            ),
            (json!({"query": query, "extensions": null}), ""),
            (json!({"query": "{ hello(name: \"naïve – ✓\") }"}), "naïve – ✓"),
        ] {
            let request = service.post(body.to_string()).header("accept", accept);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{accept}: {body}");
            assert!(
                header(&response, "content-type").ends_with("; charset=utf-8"),
                "{body}"
            );
            let hello = json!({"data": {"hello": format!("Hello {name}")}});
            assert_eq!(json_of(response).await, hello, "{accept}: {body}");
        }
        let path =
            "/graphql?query=query(%24n:String)%7Bhello(name:%24n)%7D&variables=%7B%22n%22:%22Zo%C3%AB%22%7D";
        let response = service.get(path).header("accept", accept).send().await.unwrap();
        assert_eq!(
            json_of(response).await,
            json!({"data": {"hello": "Hello Zoë"}}),
            "{accept}"
        );
    }
}

/// By hand, because a client library would add the header.
#[tokio::test]
async fn without_an_accept_header_the_answer_is_json() {
    let service = Service::start(&[]).await;
    let body = r#"{"query":"{ hello }"}"#;
    let address = service.url.trim_start_matches("http://");
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("content-type: application/json; charset=utf-8\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with(r#"{"data":{"hello":"Hello "}}"#), "{answer}");
}
