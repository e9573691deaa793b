//! What a variable that was not sent means. The specification: the argument or input field it stands at is as if it were
//! not written, so that its default holds, and a change that is absent changes nothing. The library would put null there.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

/// The variables of `operation` that may be absent, have no default, and are.
pub fn names(operation: &OperationDefinition, variables: &Variables) -> HashSet<Name> {
    let definitions = operation.variable_definitions.iter();
    definitions
        .map(|definition| &definition.node)
        .filter(|definition| definition.var_type.node.nullable && definition.default_value.is_none())
        .map(|definition| &definition.name.node)
        .filter(|name| !variables.contains_key(*name))
        .cloned()
        .collect()
}

/// Takes these variables out of `document`, with all that is given by them.
pub fn leave_out(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    let out = |operation: &mut Positioned<OperationDefinition>| {
        let operation = &mut operation.node;
        operation
            .variable_definitions
            .retain(|definition| !absent.contains(&definition.node.name.node));
        of_directives(&mut operation.directives, absent);
        of_set(&mut operation.selection_set.node, absent);
    };
    match &mut document.operations {
        DocumentOperations::Single(operation) => out(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().for_each(out),
    }
    for fragment in document.fragments.values_mut() {
        of_directives(&mut fragment.node.directives, absent);
        of_set(&mut fragment.node.selection_set.node, absent);
    }
}

fn of_set(set: &mut SelectionSet, absent: &HashSet<Name>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                of_arguments(&mut field.node.arguments, absent);
                of_directives(&mut field.node.directives, absent);
                of_set(&mut field.node.selection_set.node, absent);
            }
            Selection::InlineFragment(fragment) => {
                of_directives(&mut fragment.node.directives, absent);
                of_set(&mut fragment.node.selection_set.node, absent);
            }
            Selection::FragmentSpread(spread) => of_directives(&mut spread.node.directives, absent),
        }
    }
}

fn of_directives(directives: &mut [Positioned<Directive>], absent: &HashSet<Name>) {
    for directive in directives {
        of_arguments(&mut directive.node.arguments, absent);
    }
}

fn of_arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, absent: &HashSet<Name>) {
    arguments.retain_mut(|(_, value)| is_given(&mut value.node, absent));
}

/// Whether anything is left of `value`.
fn is_given(value: &mut Value, absent: &HashSet<Name>) -> bool {
    match value {
        Value::Variable(name) => return !absent.contains(name),
        Value::Object(fields) => fields.retain(|_, value| is_given(value, absent)),
        // A list keeps its length: there it is null.
        Value::List(items) => {
            for item in items {
                if !is_given(item, absent) {
                    *item = Value::Null;
                }
            }
        }
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        EmptyMutation, EmptySubscription, InputObject, MaybeUndefined, Object, Request, Schema, value,
    };

    use super::super::{Checked, Transport};

    #[derive(InputObject)]
    struct Change {
        #[graphql(default)]
        text: MaybeUndefined<String>,
        list: Option<Vec<Option<i32>>>,
    }

    struct Query;

    #[Object]
    impl Query {
        async fn show(&self, #[graphql(default = 7)] size: i32, change: Option<Change>) -> String {
            let change = change.map(|change| (change.text, change.list));
            format!("{size} {change:?}")
        }
    }

    #[tokio::test]
    async fn what_was_not_sent_is_as_if_it_were_not_written() {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
        let limits = crate::config::Config::with(&[]).unwrap().graphql;
        let checked = Checked::new(schema, &limits);
        let nothing = "7 None";
        for (document, sent, shown) in [
            ("query($n: Int) { show(size: $n) }", value!({}), nothing),
            ("query($n: Int) { show(size: $n) }", value!({"n": 8}), "8 None"),
            ("query($n: Int = 9) { show(size: $n) }", value!({}), "9 None"),
            ("query($c: Change) { show(change: $c) }", value!({}), nothing),
            (
                "query($n: Int) { ...F } fragment F on Query { show(size: $n) }",
                value!({}),
                nothing,
            ),
            (
                "query($t: String) { ... on Query { show(change: {text: $t}) } }",
                value!({}),
                "7 Some((Undefined, None))",
            ),
            (
                "query($t: String) { show(change: {text: $t}) }",
                value!({"t": null}),
                "7 Some((Null, None))",
            ),
            (
                "query($n: Int) { show(change: {list: [1, $n]}) }",
                value!({}),
                "7 Some((Undefined, Some([Some(1), None])))",
            ),
        ] {
            let variables = async_graphql::Variables::from_value(sent);
            let request = Request::new(document).variables(variables);
            let accepted = checked.accept(request, Transport::Post).ok().unwrap();
            let answer = checked.execute(accepted, "test").await;
            assert_eq!(answer.response.data, value!({"show": shown}), "{document}");
        }
    }

    #[tokio::test]
    async fn of_several_operations_one_counts() {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
        let limits = crate::config::Config::with(&[]).unwrap().graphql;
        let checked = Checked::new(schema, &limits);
        let document =
            "query A($n: Int) { ...F } query B($n: Int = 3) { ...F } fragment F on Query { show(size: $n) }";
        for (name, shown) in [("A", "7 None"), ("B", "3 None")] {
            let request = Request::new(document).operation_name(name);
            let accepted = checked.accept(request, Transport::Post).ok().unwrap();
            let answer = checked.execute(accepted, "test").await;
            assert_eq!(answer.response.data, value!({"show": shown}), "{name}");
        }
    }
}
