//! Answers as JSON, parts of which may be JSON already.

use std::io;

use async_graphql::{InputType, Value};
use serde::{Serialize, ser::Error};
use serde_json::{Serializer, ser::Formatter};

/// Room for most answers.
const USUAL: usize = 4 << 10;

/// `answer` as JSON, with the parts of it that are JSON already.
pub fn to_vec(answer: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(USUAL);
    answer.serialize(&mut Serializer::with_formatter(&mut text, Written))?;
    Ok(text)
}

/// The same as text.
pub fn to_string(answer: &impl Serialize) -> serde_json::Result<String> {
    String::from_utf8(to_vec(answer)?).map_err(Error::custom)
}

/// A value that is written as JSON at once. In an answer it stands as bytes, which no other value of the schema does.
pub(super) struct Json(Vec<u8>);

impl Json {
    /// What is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// Anything that JSON can say.
    pub fn value(&mut self, value: impl Serialize) -> Option<()> {
        serde_json::to_writer(&mut self.0, &value).ok()
    }

    /// A scalar or an enum, as the schema has it.
    pub fn scalar(&mut self, value: &impl InputType) -> Option<()> {
        self.value(value.to_value())
    }
}

impl Default for Json {
    fn default() -> Self {
        Self(Vec::with_capacity(USUAL))
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        Self::Binary(json.0.into())
    }
}

/// Takes bytes as JSON.
struct Written;

impl Formatter for Written {
    fn write_byte_array<W: ?Sized + io::Write>(&mut self, writer: &mut W, json: &[u8]) -> io::Result<()> {
        writer.write_all(json)
    }
}
