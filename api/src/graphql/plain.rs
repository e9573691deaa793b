//! Answers lists of events without a future for each field.
//!
//! The library boxes a future for every field it resolves, and then makes a tree of values to make JSON of, which for a
//! page of events is most of what the page costs. What a list shows of an event is in memory, so a selection of such
//! fields alone is written as JSON in one go. Anything else in it (a field that reads rows, arguments, directives, the
//! same field twice) leaves the whole list to the library, and the answer is the same: `tests/plain.rs`.

mod listing;

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
};

use super::{caller::is_signed_in, json::Json};

/// An object whose fields are in memory.
pub(super) trait Plain {
    /// Its name in the schema.
    const NAME: &'static str;

    /// Writes the value of `field`, of which `selected` is selected; `None` leaves it to the library.
    fn write(&self, field: &str, selected: &Selected<'_>, json: &mut Json) -> Option<()>;
}

/// A list of objects, answered in one go if what is selected of them allows it. To clients it is any list.
pub(super) struct List<T>(pub(super) Vec<T>);

/// What is selected of an object, fragments taken in.
#[derive(Default)]
pub(super) struct Selected<'a> {
    fields: Vec<SelectedField<'a>>,
    /// Those that fragments are for.
    types: Vec<&'a str>,
    /// Whether the caller sent a token: they may see more than everybody.
    pub(super) signed_in: bool,
}

struct SelectedField<'a> {
    /// As JSON.
    key: String,
    name: &'a str,
    of: Selected<'a>,
}

impl<T: Plain + OutputType> OutputType for List<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match list(ctx, &self.0) {
            Some(list) => Ok(list),
            None => self.0.resolve(ctx, field).await,
        }
    }
}

/// The list as it is selected, which only [`super::json`] can write; `None` leaves it to the library.
fn list<T: Plain>(ctx: &ContextSelectionSet<'_>, objects: &[T]) -> Option<Value> {
    if !asks_once(&ctx.query_env.operation.node.selection_set.node) {
        return None;
    }
    let signed_in = is_signed_in(ctx);
    let selected = Selected::read(&ctx.item.node, &ctx.query_env.fragments, signed_in)?;
    let mut json = Json::default();
    selected.list(objects, &mut json)?;
    Some(json.into())
}

/// Whether a list in a field of an operation is the only one under its name: the library merges what is asked for
/// twice, which it cannot when that is written.
fn asks_once(operation: &SelectionSet) -> bool {
    fields_of(operation).is_some_and(|fields| {
        fields
            .iter()
            .all(|field| fields_of(&field.selection_set.node).is_some())
    })
}

/// What is selected, if that is fields under different names.
fn fields_of(set: &SelectionSet) -> Option<Vec<&Field>> {
    let mut fields: Vec<&Field> = vec![];
    for item in &set.items {
        let Selection::Field(field) = &item.node else {
            return None;
        };
        let key = &field.node.response_key().node;
        if fields.iter().any(|other| other.response_key().node == *key) {
            return None;
        }
        fields.push(&field.node);
    }
    Some(fields)
}

impl<'a> Selected<'a> {
    fn read(
        set: &'a SelectionSet,
        fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
        signed_in: bool,
    ) -> Option<Self> {
        let mut selected = Self {
            signed_in,
            ..Self::default()
        };
        selected.add(set, fragments)?;
        Some(selected)
    }

    fn add(
        &mut self,
        set: &'a SelectionSet,
        fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    ) -> Option<()> {
        for item in &set.items {
            if !item.node.directives().is_empty() {
                return None;
            }
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let key = format!("\"{}\":", field.response_key().node);
                    if !field.arguments.is_empty() || self.fields.iter().any(|other| other.key == key) {
                        return None;
                    }
                    self.fields.push(SelectedField {
                        key,
                        name: &field.name.node,
                        of: Self::read(&field.selection_set.node, fragments, self.signed_in)?,
                    });
                }
                Selection::InlineFragment(inline) => {
                    if let Some(condition) = &inline.node.type_condition {
                        self.types.push(&condition.node.on.node);
                    }
                    self.add(&inline.node.selection_set.node, fragments)?;
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &fragments.get(&spread.node.fragment_name.node)?.node;
                    if !fragment.directives.is_empty() {
                        return None;
                    }
                    self.types.push(&fragment.type_condition.node.on.node);
                    self.add(&fragment.selection_set.node, fragments)?;
                }
            }
        }
        Some(())
    }

    /// The object with what is selected of it.
    pub(super) fn object<T: Plain>(&self, object: &T, json: &mut Json) -> Option<()> {
        if self.types.iter().any(|on| *on != T::NAME) {
            return None;
        }
        json.raw("{");
        for (i, field) in self.fields.iter().enumerate() {
            if i > 0 {
                json.raw(",");
            }
            json.raw(&field.key);
            match field.name {
                "__typename" => json.value(T::NAME)?,
                name => object.write(name, &field.of, json)?,
            }
        }
        json.raw("}");
        Some(())
    }

    /// The same of each of `objects`.
    pub(super) fn list<T: Plain>(&self, objects: &[T], json: &mut Json) -> Option<()> {
        json.raw("[");
        for (i, object) in objects.iter().enumerate() {
            if i > 0 {
                json.raw(",");
            }
            self.object(object, json)?;
        }
        json.raw("]");
        Some(())
    }
}
