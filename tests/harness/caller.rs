//! Who asks, as a value.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Caller {
    pub(super) url: String,
    token: Option<String>,
    pub(crate) address: String,
    /// The address of the network that a proxy names.
    from: Option<String>,
    /// What the device calls itself.
    user_agent: Option<String>,
    /// What it would like to read.
    languages: Option<String>,
    client: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Value,
}

impl Caller {
    pub(crate) fn new(url: &str, token: Option<String>, address: &str) -> Self {
        Self {
            url: url.to_owned(),
            token,
            address: address.to_owned(),
            from: None,
            user_agent: None,
            languages: None,
            client: reqwest::Client::new(),
        }
    }

    /// The same caller at another server.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// The same caller at another address of the network, for worlds that trust us as a proxy.
    pub(crate) fn from(&self, address: &str) -> Self {
        Self {
            from: Some(address.to_owned()),
            ..self.clone()
        }
    }

    /// The same caller on a device that calls itself so.
    pub(crate) fn with(&self, user_agent: &str) -> Self {
        Self {
            user_agent: Some(user_agent.to_owned()),
            ..self.clone()
        }
    }

    /// The same caller on a device with this `Accept-Language`.
    pub(crate) fn speaking(&self, languages: &str) -> Self {
        Self {
            languages: Some(languages.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Answer {
        let mut request = self
            .client
            .post(format!("{}/graphql", self.url))
            .json(&json!({"query": query, "variables": variables}));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(address) = &self.from {
            request = request.header("x-forwarded-for", address);
        }
        if let Some(user_agent) = &self.user_agent {
            request = request.header("user-agent", user_agent);
        }
        if let Some(languages) = &self.languages {
            request = request.header("accept-language", languages);
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.json().await.unwrap(),
        }
    }

    /// `mutation name(input) { selection }`
    pub(crate) async fn mutate(&self, name: &str, input: Value, selection: &str) -> Answer {
        let upper = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let query = format!("mutation($input: {upper}Input!) {{ {name}(input: $input) {{ {selection} }} }}");
        self.ask(&query, json!({"input": input})).await
    }
}

impl Answer {
    /// What came over a socket, as if it had come over HTTP.
    pub(crate) fn of_socket(body: Value) -> Self {
        Self {
            status: 200,
            headers: HeaderMap::new(),
            body,
        }
    }

    /// A header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The data; fails when there was any error.
    #[track_caller]
    pub(crate) fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "refused: {}", self.body);
        &self.body["data"]
    }

    /// The value at a path of the data.
    #[track_caller]
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        let data = self.data();
        data.pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer} in {data}"))
    }

    /// The text at a path of the data.
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.at(pointer)
            .as_str()
            .unwrap_or_else(|| panic!("no text at {pointer}: {}", self.body))
            .to_owned()
    }

    /// The code of the first error; fails when there was none.
    #[track_caller]
    pub(crate) fn code(&self) -> &str {
        let code = self
            .body
            .pointer("/errors/0/extensions/code")
            .and_then(Value::as_str);
        code.unwrap_or_else(|| panic!("not refused: {}", self.body))
    }

    /// The code of the first error, if there was any.
    pub(crate) fn code_if_any(&self) -> Option<&str> {
        self.body
            .pointer("/errors/0/extensions/code")
            .and_then(Value::as_str)
    }

    /// The reason of the first error.
    #[track_caller]
    pub(crate) fn reason(&self) -> &str {
        assert_eq!(self.code(), "WRONG_STATE", "{}", self.body);
        self.body
            .pointer("/errors/0/extensions/reason")
            .and_then(Value::as_str)
            .unwrap()
    }

    /// The paths of the fields that were wrong, joined by dots.
    #[track_caller]
    pub(crate) fn wrong_fields(&self) -> Vec<String> {
        assert_eq!(self.code(), "BAD_USER_INPUT", "{}", self.body);
        let fields = self
            .body
            .pointer("/errors/0/extensions/fields")
            .and_then(Value::as_array);
        let path = |field: &Value| {
            let parts = field["path"].as_array().unwrap().iter();
            parts
                .map(|part| part.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(".")
        };
        fields
            .unwrap_or_else(|| panic!("no fields: {}", self.body))
            .iter()
            .map(path)
            .collect()
    }
}
