//! Checks values, written in a document or sent as variables.

use async_graphql::{ServerError, Value, Variables};
use async_graphql_value::Value as InputValue;

use super::errors;
use crate::refusal::Code;

/// Lists and objects inside of each other.
const DEEPEST: usize = 20;
/// The library takes texts that begin so for uploaded files and would look for a file that is not there.
const FILE: &str = "#__graphql_file__:";

/// Checks all variables; returns how many values they hold.
pub fn check_variables(variables: &Variables) -> Result<usize, ServerError> {
    let mut count = 0;
    for value in variables.values() {
        check_constant(value, 0, &mut count)?;
    }
    Ok(count)
}

/// Checks a value without variables in it, and adds the values it holds to `count`.
pub fn check_constant(value: &Value, level: usize, count: &mut usize) -> Result<(), ServerError> {
    *count += 1;
    check_level(level)?;
    match value {
        Value::String(text) => check_text(text),
        Value::List(items) => items
            .iter()
            .try_for_each(|item| check_constant(item, level + 1, count)),
        Value::Object(map) => map
            .values()
            .try_for_each(|item| check_constant(item, level + 1, count)),
        _ => Ok(()),
    }
}

/// What an argument holds, lists and objects opened.
#[derive(Default)]
pub struct Held {
    /// Values.
    pub values: usize,
    /// Those of them that are variables.
    pub references: usize,
}

/// Checks an argument, and adds what it holds to `held`.
pub fn check_argument(value: &InputValue, level: usize, held: &mut Held) -> Result<(), ServerError> {
    held.values += 1;
    check_level(level)?;
    match value {
        InputValue::Variable(_) => {
            held.references += 1;
            Ok(())
        }
        InputValue::String(text) => check_text(text),
        InputValue::List(items) => items
            .iter()
            .try_for_each(|item| check_argument(item, level + 1, held)),
        InputValue::Object(map) => map
            .values()
            .try_for_each(|item| check_argument(item, level + 1, held)),
        _ => Ok(()),
    }
}

fn check_level(level: usize) -> Result<(), ServerError> {
    if level <= DEEPEST {
        return Ok(());
    }
    Err(errors::error(
        Code::QueryTooComplex,
        format!("Lists and objects are nested more than {DEEPEST} deep."),
    ))
}

fn check_text(text: &str) -> Result<(), ServerError> {
    if text.starts_with(FILE) {
        return Err(errors::error(
            Code::BadUserInput,
            format!("No text may begin with {FILE}"),
        ));
    }
    Ok(())
}
