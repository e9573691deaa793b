//! The parameters of a GraphQL request, from a body or from the query of an address.

use actix_web::{
    http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap},
    web::Query,
};
use async_graphql::{Request, Value, Variables};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::HashMap;

/// Reads a body of JSON. The error says what is wrong without quoting it.
pub fn from_body(body: &[u8]) -> Result<Request, String> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err("Batches are not accepted: send one operation in a request.".to_owned());
    }
    let params: Params = serde_json::from_slice(body).map_err(|error| describe("The body", &error))?;
    params.into_request()
}

/// Reads the payload of a `subscribe` message.
pub fn from_message(payload: serde_json::Value) -> Result<Request, String> {
    let params = Params::deserialize(payload).map_err(|error| describe("The payload", &error))?;
    params.into_request()
}

/// Reads the query of an address, `variables` and `extensions` being JSON in it.
pub fn from_address(query: &str) -> Result<Request, String> {
    let Ok(Query(address)) = Query::<Address>::from_query(query) else {
        return Err("The address has a parameter twice or cannot be decoded.".to_owned());
    };
    let params = Params {
        query: address.query,
        operation_name: address.operation_name,
        variables: read("`variables`", address.variables)?,
        extensions: read("`extensions`", address.extensions)?,
    };
    params.into_request()
}

/// Whether `headers` announce a body that [`from_body`] reads. Anything but `application/json` could be sent by a form
/// on a foreign page.
pub fn is_json(headers: &HeaderMap) -> bool {
    if headers.contains_key(CONTENT_ENCODING) {
        return false;
    }
    let Some(Ok(text)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|part| match part.split_once('=') {
            Some((key, value)) => {
                !key.trim().eq_ignore_ascii_case("charset")
                    || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            None => true,
        })
}

/// A parameter of an address that is JSON.
fn read<T: DeserializeOwned>(name: &str, text: Option<String>) -> Result<Option<T>, String> {
    match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => serde_json::from_str(text).map_err(|error| describe(name, &error)),
    }
}

#[derive(Deserialize)]
struct Params {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<HashMap<String, Value>>,
}

#[derive(Deserialize)]
struct Address {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Params {
    fn into_request(self) -> Result<Request, String> {
        let extensions = self.extensions.unwrap_or_default();
        let query = match self.query {
            Some(query) => query,
            None if extensions.contains_key("persistedQuery") => String::new(),
            None => return Err("`query` is missing.".to_owned()),
        };
        let mut request = Request::new(query).variables(self.variables.unwrap_or_default());
        request.extensions.0 = extensions;
        request.operation_name = self.operation_name;
        Ok(request)
    }
}

fn describe(what: &str, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    if error.is_data() {
        return format!("{what} does not have the expected shape, at line {line}, column {column}.");
    }
    format!("{what} is not JSON, at line {line}, column {column}.")
}
