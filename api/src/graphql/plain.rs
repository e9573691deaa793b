//! Answers lists of events without a future for each field.
//!
//! The library boxes a future for every field it resolves, which for a page of events is most of what the page costs.
//! What a list shows of an event is in memory, so a selection of such fields alone is walked here in one go. Anything
//! else in it (a field that reads rows, arguments, directives, the same field twice) leaves the whole list to the
//! library, and the answer is the same: `tests/plain.rs`.

mod listing;

use std::collections::HashMap;

use super::caller::is_signed_in;
use async_graphql::{
    ContextSelectionSet, Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{FragmentDefinition, Selection, SelectionSet, TypeCondition},
};

/// An object whose fields are in memory.
pub(super) trait Plain {
    /// Its name in the schema.
    const NAME: &'static str;

    /// The value of `field`, of which `selected` is selected; `None` leaves it to the library.
    fn value(&self, field: &str, selected: &Selected<'_>) -> Option<Value>;
}

/// What is selected of an object.
pub(super) struct Selected<'a> {
    set: &'a SelectionSet,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Whether the caller sent a token: they may see more than everybody.
    pub(super) signed_in: bool,
}

impl<'a> Selected<'a> {
    pub(super) fn of(ctx: &'a ContextSelectionSet<'_>) -> Self {
        Self {
            set: &ctx.item.node,
            fragments: &ctx.query_env.fragments,
            signed_in: is_signed_in(ctx),
        }
    }

    /// The object with what is selected of it.
    pub(super) fn object<T: Plain>(&self, object: &T) -> Option<Value> {
        let mut values = IndexMap::with_capacity(self.set.items.len());
        self.add(object, &mut values)?;
        Some(Value::Object(values))
    }

    /// The same of each of `objects`.
    pub(super) fn list<'t, T: Plain + 't>(&self, objects: impl IntoIterator<Item = &'t T>) -> Option<Value> {
        let values: Option<Vec<Value>> = objects.into_iter().map(|object| self.object(object)).collect();
        values.map(Value::List)
    }

    fn add<T: Plain>(&self, object: &T, values: &mut IndexMap<Name, Value>) -> Option<()> {
        for item in &self.set.items {
            if !item.node.directives().is_empty() {
                return None;
            }
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let value = match field.name.node.as_str() {
                        _ if !field.arguments.is_empty() => return None,
                        "__typename" => Value::from(T::NAME),
                        name => object.value(name, &self.within(&field.selection_set.node))?,
                    };
                    let key = field.response_key().node.clone();
                    if values.insert(key, value).is_some() {
                        return None; // the library merges what is asked for twice
                    }
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    if condition.is_some_and(|condition| !is_of::<T>(&condition.node)) {
                        return None;
                    }
                    self.within(&inline.node.selection_set.node).add(object, values)?;
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.fragments.get(&spread.node.fragment_name.node)?.node;
                    if !is_of::<T>(&fragment.type_condition.node) || !fragment.directives.is_empty() {
                        return None;
                    }
                    self.within(&fragment.selection_set.node).add(object, values)?;
                }
            }
        }
        Some(())
    }

    fn within(&self, set: &'a SelectionSet) -> Self {
        Self { set, ..*self }
    }
}

fn is_of<T: Plain>(condition: &TypeCondition) -> bool {
    condition.on.node == T::NAME
}
