//! Values for arguments: mostly of the right type, and mostly unwelcome.

use async_graphql::parser::types::{BaseType, InputValueDefinition, Type};
use serde_json::{Map, Value, json};

use super::schema::Schema;

/// A sequence that a seed decides, and what is known to exist.
pub(super) struct Dice {
    state: u64,
    known: Vec<String>,
    /// The field of the root that the document is about.
    topic: String,
    /// Whether the document should be one that succeeds.
    calm: bool,
}

/// A value in both forms it can be sent in.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) literal: String,
    pub(super) json: Value,
}

impl Dice {
    pub(super) fn new(seed: u64, known: Vec<String>) -> Self {
        Self {
            state: seed,
            known,
            topic: String::new(),
            calm: false,
        }
    }

    /// Begins a document about a field of a root; every other one is calm.
    pub(super) fn begin(&mut self, topic: &str) {
        self.topic = topic.to_lowercase();
        self.calm = self.luck(50);
    }

    /// SplitMix64.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    /// True so many times of a hundred.
    pub(super) fn luck(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A value for an argument or a field of an input, or none.
    pub(super) fn argument(&mut self, schema: &Schema, of: &InputValueDefinition) -> Option<Given> {
        let (name, needed) = (
            of.name.node.as_str(),
            !of.ty.node.nullable && of.default_value.is_none(),
        );
        if !self.calm {
            let given = self.luck(if needed { 97 } else { 50 });
            return given.then(|| self.value(schema, &of.ty.node));
        }
        if !needed && (matches!(name, "after" | "before" | "last") || self.luck(60)) {
            return None;
        }
        let good = self.good(name);
        Some(good.unwrap_or_else(|| self.value(schema, &of.ty.node)))
    }

    /// What an argument of this name likes.
    fn good(&mut self, name: &str) -> Option<Given> {
        Some(plain(match name {
            "startsAt" | "from" => json!(TIMES[0]),
            "endsAt" | "until" => json!(TIMES[1]),
            "latitude" => json!(41.6),
            "longitude" => json!(-93.6),
            "north" => json!(42.5),
            "south" => json!(-10),
            "east" => json!(-90),
            "west" => json!(170.5),
            "radius" => json!(90_000),
            "timezone" => json!("America/Chicago"),
            "imageUrl" | "virtualUrl" | "url" => json!("https://example.org/x"),
            "contacts" => json!(["robin@example.org"]),
            "email" => json!("robin@example.org"),
            "phone" => json!("+15155550123"),
            "language" | "textVersion" => json!("en"),
            "country" => json!("US"),
            "code" | "postalCode" => json!("50309"),
            "id" | "eventId" | "timeslotId" => {
                let about = format!("{} {}", name.to_lowercase(), self.topic);
                let place = |id: &String| about.find(id.split([':', '-']).next().unwrap());
                let most = self.known.iter().filter_map(place).min()?;
                let fitting = self.known.iter().filter(|id| place(id) == Some(most));
                let fitting: Vec<_> = fitting.cloned().collect();
                json!(fitting[self.below(fitting.len())])
            }
            _ => return None,
        }))
    }

    fn value(&mut self, schema: &Schema, of: &Type) -> Given {
        if !self.calm && self.luck(if of.nullable { 12 } else { 2 }) {
            return plain(Value::Null);
        }
        match &of.base {
            BaseType::List(inner) => {
                let many = !self.calm && self.luck(2);
                let length = if many { 120 } else { self.below(4) };
                list((0..length).map(|_| self.value(schema, inner)).collect())
            }
            BaseType::Named(name) => self.named(schema, name),
        }
    }

    fn named(&mut self, schema: &Schema, name: &str) -> Given {
        if let Some((fields, one)) = schema.input(name) {
            let mut parts: Vec<(String, Given)> = vec![];
            if one && (self.calm || self.luck(90)) {
                let field = fields[self.below(fields.len())];
                let name = field.name.node.as_str();
                parts.push((name.to_owned(), self.value(schema, &field.ty.node)));
            } else {
                for field in fields {
                    let value = self.argument(schema, field);
                    parts.extend(value.map(|value| (field.name.node.to_string(), value)));
                }
            }
            if !self.calm && self.luck(1) {
                parts.push(("surprise".to_owned(), plain(json!(1))));
            }
            return object(parts);
        }
        if let Some(values) = schema.values(name) {
            let unknown = !self.calm && self.luck(3);
            let value = if unknown {
                "SURPRISE"
            } else {
                &values[self.below(values.len())]
            };
            return Given {
                literal: value.to_owned(),
                json: json!(value),
            };
        }
        let other = !self.calm && self.luck(3);
        let name = if other { self.pick(&SCALARS) } else { name };
        plain(match name {
            "Int" if self.calm => json!(1 + self.below(3)),
            "String" if self.calm => json!(self.pick(&TEXTS[2..4])),
            "Boolean" => json!(self.luck(50)),
            "Int" => serde_json::from_str(self.pick(&INTS)).unwrap(),
            "Float" => serde_json::from_str(self.pick(&FLOATS)).unwrap(),
            "DateTime" => json!(self.pick(&TIMES)),
            "ID" if self.luck(75) => json!(self.something()),
            "ID" => json!(self.pick(&IDS)),
            _ => self.text(),
        })
    }

    /// What is known to exist.
    fn something(&mut self) -> &str {
        let which = self.below(self.known.len());
        &self.known[which]
    }

    fn text(&mut self) -> Value {
        match self.below(12) {
            0 => json!(self.something()),
            1 => json!("x".repeat(5_000)),
            2 => json!("\u{1F3F3}\u{FE0F}\u{200D}\u{1F308}".repeat(60)),
            _ => json!(self.pick(&TEXTS)),
        }
    }
}

fn plain(json: Value) -> Given {
    Given {
        literal: json.to_string(),
        json,
    }
}

fn list(items: Vec<Given>) -> Given {
    let literals: Vec<_> = items.iter().map(|item| item.literal.as_str()).collect();
    Given {
        literal: format!("[{}]", literals.join(", ")),
        json: items.iter().map(|item| item.json.clone()).collect(),
    }
}

fn object(parts: Vec<(String, Given)>) -> Given {
    let literals: Vec<_> = parts
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.literal))
        .collect();
    Given {
        literal: format!("{{{}}}", literals.join(", ")),
        json: Value::Object(
            parts
                .into_iter()
                .map(|(name, value)| (name, value.json))
                .collect::<Map<_, _>>(),
        ),
    }
}

const SCALARS: [&str; 6] = ["Boolean", "Int", "Float", "DateTime", "ID", "String"];

const INTS: [&str; 12] = [
    "0",
    "1",
    "2",
    "3",
    "20",
    "100",
    "101",
    "-1",
    "2147483647",
    "-2147483648",
    "2147483648",
    "18446744073709551616",
];

const FLOATS: [&str; 12] = [
    "0",
    "-0.0",
    "41.6",
    "-93.6",
    "90",
    "-90.0000001",
    "180",
    "-180",
    "50000.5",
    "500001",
    "1e308",
    "5e-324",
];

const TIMES: [&str; 14] = [
    "2030-01-18T00:00:00Z",
    "2030-01-18T02:00:00Z",
    "2030-02-18T00:00:00+05:30",
    "2030-06-01T12:00:00.123456789Z",
    "2029-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "-262143-01-01T00:00:00Z",
    "+262142-12-31T23:59:59Z",
    "2016-12-31T23:59:60Z",
    "2030-02-30T00:00:00Z",
    "2030-01-18",
    "soon",
];

const IDS: [&str; 8] = [
    "event:0199a1b2-0000-7000-8000-000000000000",
    "rsvp:00000000-0000-0000-0000-000000000000",
    "timeslot:ffffffff-ffff-ffff-ffff-ffffffffffff",
    "person:",
    ":",
    "",
    "event:event:0199a1b2-0000-7000-8000-000000000000",
    "42",
];

const TEXTS: [&str; 24] = [
    "",
    " ",
    "Calls for clean water",
    "Wren",
    "en",
    "50309",
    "US",
    "America/Chicago",
    "Mars/Olympus",
    "wren@example.org",
    "a@b",
    "\"quoted local\"@example.org",
    "x@xn--e1afmkfd.example",
    "https://example.org/x?y=1#z",
    "javascript:alert(1)",
    "//example.org",
    "\u{0}",
    "\u{202E}abc\u{202C}",
    "line\r\nBcc: x@example.org",
    "' OR 1=1; --",
    "{{ 7 * 7 }} ${x} %s %n",
    "../../etc/passwd",
    "<script>alert(1)</script> [x](javascript:1)",
    "=cmd|' /C calc'!A1",
];
