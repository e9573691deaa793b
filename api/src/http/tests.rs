//! On a real socket, over a schema of our own that fails in every way.

mod deliveries;
mod pages;
mod parameters;
mod persisted;
mod protocol;
mod rates;
mod safety;

use std::time::Duration;

use actix_web::dev::ServerHandle;
use async_graphql::{Context, Object, Schema};
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
        ctx.data_unchecked::<Caller>().client().to_be_hashed()
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
    app: Arc<App>,
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
        let schema = Schema::build(Query, Mutation, deliveries::Follow).finish();
        let (server, _) = serve(Arc::clone(&app), schema, listener).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            app,
            url,
            handle,
            folder,
        }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        Client::new().get(format!("{}{path}", self.url))
    }

    fn post(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = Client::new().post(format!("{}/graphql", self.url));
        request.header("content-type", "application/json").body(body)
    }

    fn get_query(&self, parameters: &[(&str, &str)]) -> RequestBuilder {
        let encode = |text: &str| {
            text.bytes()
                .map(|byte| format!("%{byte:02x}"))
                .collect::<String>()
        };
        let pairs: Vec<_> = parameters
            .iter()
            .map(|(name, text)| format!("{name}={}", encode(text)))
            .collect();
        self.get(&format!("/graphql?{}", pairs.join("&")))
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
