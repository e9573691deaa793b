//! One document: an operation with one field of a root, and whatever can be asked below it.

use std::fmt::Write;

use async_graphql::parser::types::{BaseType, FieldDefinition, Type};
use serde_json::{Map, Value};

use super::{
    schema::{Schema, name_of},
    values::Dice,
};

/// Objects inside of each other.
const DEEPEST: usize = 6;

pub(super) struct Document {
    pub(super) text: String,
    pub(super) variables: Value,
    /// What its data must look like.
    root: Asked,
}

/// A field that was asked for.
struct Asked {
    key: String,
    of: Type,
    /// Of an object: what was asked of it, if it is of that type.
    below: Vec<(Option<String>, Asked)>,
}

/// A document being written.
struct Writer<'a> {
    schema: &'a Schema,
    dice: &'a mut Dice,
    text: String,
    definitions: Vec<String>,
    variables: Map<String, Value>,
}

impl Document {
    pub(super) fn make(schema: &Schema, operation: &str, field: &FieldDefinition, dice: &mut Dice) -> Self {
        dice.begin(&field.name.node);
        let mut writer = Writer {
            schema,
            dice,
            text: String::new(),
            definitions: vec![],
            variables: Map::new(),
        };
        let root = writer.field("root".to_owned(), field, 0);
        let definitions = match writer.definitions.as_slice() {
            [] => String::new(),
            some => format!("({})", some.join(", ")),
        };
        Self {
            text: format!("{operation}{definitions} {{ {} }}", writer.text),
            variables: writer.variables.into(),
            root,
        }
    }

    /// Whether `data` is what the schema promises.
    pub(super) fn check(&self, schema: &Schema, data: &Value) -> Result<(), String> {
        self.root.check(schema, &data["root"])
    }
}

impl Writer<'_> {
    fn field(&mut self, key: String, field: &FieldDefinition, level: usize) -> Asked {
        write!(self.text, "{key}: {}", field.name.node).unwrap();
        let mut arguments = vec![];
        for argument in &field.arguments {
            let Some(given) = self.dice.argument(self.schema, &argument.node) else {
                continue;
            };
            let name = &argument.node.name.node;
            if self.dice.luck(50) {
                let variable = format!("v{}", self.definitions.len());
                let of = &argument.node.ty.node;
                self.definitions.push(format!("${variable}: {of}"));
                arguments.push(format!("{name}: ${variable}"));
                self.variables.insert(variable, given.json);
            } else {
                arguments.push(format!("{name}: {}", given.literal));
            }
        }
        if !arguments.is_empty() {
            write!(self.text, "({})", arguments.join(", ")).unwrap();
        }
        let of = field.ty.node.clone();
        let below = self.selection(name_of(&of), level + 1);
        Asked { key, of, below }
    }

    /// Some of the fields of a type; nothing for a scalar.
    fn selection(&mut self, of: &str, level: usize) -> Vec<(Option<String>, Asked)> {
        let mut below = vec![];
        let schema = self.schema;
        let all: Vec<_> = schema.fields(of).collect();
        if all.is_empty() {
            return below;
        }
        self.text.push_str(" { __typename");
        let mut parts = vec![(None, all)];
        if of == "Node" {
            let of_type = |name: &str| (Some(name.to_owned()), schema.fields(name).collect());
            parts.extend(schema.nodes().into_iter().map(of_type));
        }
        for (on, fields) in parts {
            if let Some(on) = &on {
                write!(self.text, " ... on {on} {{ __typename").unwrap();
            }
            let share = 260 / (fields.len() + 3);
            for field in fields {
                let is_scalar = schema.fields(name_of(&field.ty.node)).next().is_none();
                if (is_scalar || level < DEEPEST) && self.dice.luck(share) {
                    self.text.push(' ');
                    let key = format!("f{}", self.text.len());
                    below.push((on.clone(), self.field(key, field, level)));
                }
            }
            if on.is_some() {
                self.text.push_str(" }");
            }
        }
        self.text.push_str(" }");
        below
    }
}

impl Asked {
    fn check(&self, schema: &Schema, value: &Value) -> Result<(), String> {
        self.fits(schema, &self.of, value)
            .map_err(|problem| format!("{}: {problem}", self.key))
    }

    fn fits(&self, schema: &Schema, of: &Type, value: &Value) -> Result<(), String> {
        if value.is_null() {
            let problem = || format!("null is no {of}");
            return of.nullable.then_some(()).ok_or_else(problem);
        }
        let name = match &of.base {
            BaseType::List(inner) => {
                let items = value.as_array().ok_or_else(|| format!("{value} is no list"))?;
                return items.iter().try_for_each(|item| self.fits(schema, inner, item));
            }
            BaseType::Named(name) => name.as_str(),
        };
        let fits = match name {
            "Boolean" => value.is_boolean(),
            "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "Float" => value.is_number(),
            "String" | "ID" => value.is_string(),
            "DateTime" => value
                .as_str()
                .is_some_and(|text| text.parse::<chrono::DateTime<chrono::Utc>>().is_ok()),
            "Date" => value
                .as_str()
                .is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok()),
            _ => match schema.values(name) {
                Some(values) => values.iter().any(|one| value == one),
                None => value.is_object(),
            },
        };
        if !fits {
            return Err(format!("{value} is no {of}"));
        }
        let of_it = |on: &Option<String>| on.as_ref().is_none_or(|on| value["__typename"] == **on);
        let mut below = self.below.iter().filter(|(on, _)| of_it(on));
        below.try_for_each(|(_, asked)| asked.check(schema, &value[&asked.key]))
    }
}
