//! Measures a document in time linear in its length: every fragment is measured once, however often it is spread.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, ServerError,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use super::{errors, values};
use crate::{config::Graphql, refusal::Code};

/// Selections of all definitions together, each expanded, as a multiple of the limit for one: what validation walks.
const DEFINITIONS: usize = 8;
const OPERATIONS: usize = 10;
/// In one operation, after expansion.
const ALIASES: usize = 50;
/// In the whole document.
const DIRECTIVES: usize = 50;
/// Selection sets inside of each other, those of fragments included; the library stops here as well.
const NESTED_SETS: usize = 32;
/// Introspection is deep by nature (`ofType` nine times over) and has limits of its own: how deep, ...
const INTROSPECTION_DEPTH: usize = 20;
/// ... how many lists of the schema are asked for (the usual tools ask for nine), ...
const INTROSPECTION_LISTS: usize = 20;
/// ... and how many of them inside of each other, as graphql-js has it.
const INTROSPECTION_NESTED_LISTS: usize = 2;
const LISTS: [&str; 5] = [
    "fields",
    "interfaces",
    "possibleTypes",
    "inputFields",
    "enumValues",
];

/// What was measured of a document that is within the limits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weight {
    /// Variables used in its arguments, after expansion; each use copies the value.
    pub references: usize,
    /// Memory it takes while it is remembered, in bytes, roughly.
    pub bytes: usize,
    /// Whether one of its operations asks for `__schema` or `__type`.
    pub introspects: bool,
}

/// Refuses `document` when it costs more than `limits` allow.
pub fn check(document: &ExecutableDocument, limits: &Graphql) -> Result<Weight, ServerError> {
    let mut meter = Meter {
        document,
        fragments: HashMap::new(),
        selections: 0,
        directives: 0,
        values: 0,
    };
    let mut all = 0usize;
    let mut weight = Weight::default();
    at_most(
        "operations in a document",
        document.operations.iter().count(),
        OPERATIONS,
    )?;
    for name in document.fragments.keys() {
        let cost = meter.fragment(name, 0)?;
        at_most("selections", cost.selections, limits.selections)?;
        all = all.saturating_add(cost.selections);
    }
    for (_, operation) in document.operations.iter() {
        let cost = meter.operation(&operation.node)?;
        cost.check(operation.node.ty, limits)?;
        all = all.saturating_add(cost.selections);
        weight.references = weight.references.max(cost.references);
        weight.introspects |= cost.introspects;
    }
    at_most(
        "selections in all definitions",
        all,
        limits.selections.saturating_mul(DEFINITIONS),
    )?;
    at_most("directives", meter.directives, DIRECTIVES)?;
    weight.bytes =
        meter.selections * size_of::<Positioned<Field>>() + (meter.values + meter.directives) * 100;
    Ok(weight)
}

/// Whether `document` asks for the whole schema.
pub fn asks_for_the_schema(document: &ExecutableDocument) -> bool {
    fn within(set: &SelectionSet) -> bool {
        set.items.iter().any(|item| match &item.node {
            Selection::Field(field) => {
                field.node.name.node == "__schema" || within(&field.node.selection_set.node)
            }
            Selection::InlineFragment(fragment) => within(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => false,
        })
    }
    let mut operations = document.operations.iter();
    let mut fragments = document.fragments.values();
    operations.any(|(_, operation)| within(&operation.node.selection_set.node))
        || fragments.any(|fragment| within(&fragment.node.selection_set.node))
}

/// What a selection set costs, fragments expanded.
#[derive(Clone, Copy, Default)]
struct Cost {
    selections: usize,
    aliases: usize,
    references: usize,
    /// Fields inside of each other.
    depth: usize,
    /// Selection sets inside of each other.
    sets: usize,
    /// Fields of the set itself, `__typename` not counted.
    fields: usize,
    lists: usize,
    nested_lists: usize,
    introspection: Introspection,
    introspects: bool,
}

/// The part of a cost that lies in `__schema` and `__type`.
#[derive(Clone, Copy, Default)]
struct Introspection {
    depth: usize,
    lists: usize,
    nested_lists: usize,
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.references = self.references.saturating_add(other.references);
        self.depth = self.depth.max(other.depth);
        self.sets = self.sets.max(other.sets);
        self.fields = self.fields.saturating_add(other.fields);
        self.lists = self.lists.saturating_add(other.lists);
        self.nested_lists = self.nested_lists.max(other.nested_lists);
        self.introspects |= other.introspects;
        let (mine, others) = (&mut self.introspection, other.introspection);
        mine.depth = mine.depth.max(others.depth);
        mine.lists = mine.lists.saturating_add(others.lists);
        mine.nested_lists = mine.nested_lists.max(others.nested_lists);
    }

    /// The cost of `field`, whose own selections cost `self`.
    fn of_field(mut self, field: &Field) -> Self {
        let name = field.name.node.as_str();
        self.selections = self.selections.saturating_add(1);
        self.aliases = self.aliases.saturating_add(usize::from(field.alias.is_some()));
        self.fields = usize::from(name != "__typename");
        self.depth += 1;
        if name == "__schema" || name == "__type" {
            self.introspection = Introspection {
                depth: self.depth,
                lists: self.lists,
                nested_lists: self.nested_lists,
            };
            (self.depth, self.lists, self.nested_lists) = (1, 0, 0);
            self.introspects = true;
        } else if LISTS.contains(&name) {
            self.lists = self.lists.saturating_add(1);
            self.nested_lists += 1;
        }
        self
    }

    fn check(&self, ty: OperationType, limits: &Graphql) -> Result<(), ServerError> {
        at_most("selections", self.selections, limits.selections)?;
        at_most("levels", self.depth, limits.depth)?;
        at_most("aliases", self.aliases, ALIASES)?;
        at_most(
            "levels of introspection",
            self.introspection.depth,
            INTROSPECTION_DEPTH,
        )?;
        at_most(
            "lists of introspection",
            self.introspection.lists,
            INTROSPECTION_LISTS,
        )?;
        at_most(
            "lists of introspection inside of each other",
            self.introspection.nested_lists,
            INTROSPECTION_NESTED_LISTS,
        )?;
        if ty == OperationType::Query {
            return Ok(());
        }
        at_most("fields in a mutation or subscription", self.fields, 1)
    }
}

fn at_most(what: &str, count: usize, limit: usize) -> Result<(), ServerError> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("Too many {what}: at most {limit} are allowed.");
    Err(errors::error(Code::QueryTooComplex, message))
}

struct Meter<'a> {
    document: &'a ExecutableDocument,
    /// None while a fragment is being measured: meeting it again is a cycle.
    fragments: HashMap<&'a str, Option<Cost>>,
    selections: usize,
    directives: usize,
    values: usize,
}

impl<'a> Meter<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Cost, ServerError> {
        self.directives(&operation.directives)?;
        for definition in &operation.variable_definitions {
            self.directives(&definition.node.directives)?;
            if let Some(value) = &definition.node.default_value {
                values::check_constant(&value.node, 0, &mut self.values)?;
            }
        }
        self.set(&operation.selection_set.node, 0)
    }

    fn fragment(&mut self, name: &'a Name, level: usize) -> Result<Cost, ServerError> {
        match self.fragments.get(name.as_str()) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => {
                let message = format!("The fragment {name} contains itself.");
                return Err(errors::error(Code::GraphqlValidationFailed, message));
            }
            None => {}
        }
        // A fragment that is not there is left to validation.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Cost::default());
        };
        self.fragments.insert(name, None);
        self.directives(&fragment.node.directives)?;
        let cost = self.set(&fragment.node.selection_set.node, level)?;
        self.fragments.insert(name, Some(cost));
        Ok(cost)
    }

    /// `level` counts the sets around it on the way taken; it bounds the recursion.
    fn set(&mut self, set: &'a SelectionSet, level: usize) -> Result<Cost, ServerError> {
        let mut sum = Cost::default();
        if set.items.is_empty() {
            return Ok(sum);
        }
        at_most("selection sets inside of each other", level, NESTED_SETS)?;
        for item in &set.items {
            self.selections += 1;
            self.directives(item.node.directives())?;
            let cost = match &item.node {
                Selection::Field(field) => {
                    let mut cost = self
                        .set(&field.node.selection_set.node, level + 1)?
                        .of_field(&field.node);
                    cost.references = cost
                        .references
                        .saturating_add(self.arguments(&field.node.arguments)?);
                    cost
                }
                Selection::FragmentSpread(spread) => {
                    spread_of(self.fragment(&spread.node.fragment_name.node, level + 1)?)
                }
                Selection::InlineFragment(inline) => {
                    spread_of(self.set(&inline.node.selection_set.node, level + 1)?)
                }
            };
            sum.add(cost);
        }
        sum.sets += 1;
        at_most(
            "selection sets inside of each other",
            level + sum.sets,
            NESTED_SETS + 1,
        )?;
        Ok(sum)
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), ServerError> {
        for directive in directives {
            self.directives += 1;
            self.arguments(&directive.node.arguments)?;
        }
        Ok(())
    }

    /// Checks the arguments; returns how many variables they use.
    fn arguments(
        &mut self,
        arguments: &[(Positioned<Name>, Positioned<async_graphql_value::Value>)],
    ) -> Result<usize, ServerError> {
        let mut held = values::Held::default();
        for (_, value) in arguments {
            values::check_argument(&value.node, 0, &mut held)?;
        }
        self.values += held.values;
        Ok(held.references)
    }
}

fn spread_of(mut cost: Cost) -> Cost {
    cost.selections = cost.selections.saturating_add(1);
    cost
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn bytes(document: &str) -> usize {
        let parsed = async_graphql::parser::parse_query(document).unwrap();
        let limits = Config::with(&[]).unwrap().graphql;
        check(&parsed, &limits).ok().unwrap().bytes
    }

    #[test]
    fn what_lists_and_objects_hold_is_weighed() {
        let plain = bytes("{ a(x: 1) }");
        for many in ["1 ".repeat(1_000), "{y: [1]} ".repeat(334)] {
            let nested = bytes(&format!("{{ a(x: [{many}]) }}"));
            assert!(
                nested > plain + 1_000 * size_of::<async_graphql::Value>(),
                "{nested}"
            );
        }
    }
}
