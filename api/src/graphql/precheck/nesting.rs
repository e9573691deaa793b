//! Refuses a document whose brackets nest too deeply, before the parser sees it: the parser recurses into every bracket
//! and would run out of stack, which ends the process.

use async_graphql::ServerError;

use super::errors;
use crate::refusal::Code;

/// Selections, arguments, lists and objects together; the deepest introspection queries need about 20.
const DEEPEST: usize = 60;

/// Reads brackets outside of strings and comments, as the parser's grammar does.
pub fn check(document: &str) -> Result<(), ServerError> {
    let mut rest = document.as_bytes();
    let mut depth = 0usize;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => rest = after_string(after),
            b'#' => rest = skip_until(after, |byte| byte == b'\n' || byte == b'\r'),
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(errors::error(
                        Code::QueryTooComplex,
                        format!("Brackets are nested more than {DEEPEST} deep."),
                    ));
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// What follows the string whose opening quote was just read.
fn after_string(rest: &[u8]) -> &[u8] {
    match rest.strip_prefix(b"\"\"") {
        Some(block) => after_block(block),
        None => after_line(rest),
    }
}

fn after_block(mut rest: &[u8]) -> &[u8] {
    loop {
        if let Some(after) = rest.strip_prefix(b"\"\"\"") {
            return after;
        }
        let escaped = rest.strip_prefix(b"\\\"\"\"");
        match escaped.or_else(|| rest.split_first().map(|(_, after)| after)) {
            Some(after) => rest = after,
            None => return rest,
        }
    }
}

/// A line's end inside is a syntax error: brackets count again, and the parser will say so.
fn after_line(mut rest: &[u8]) -> &[u8] {
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' | b'\n' | b'\r' => return rest,
            b'\\' => rest = rest.split_first().map_or(rest, |(_, after)| after),
            _ => {}
        }
    }
    rest
}

fn skip_until(bytes: &[u8], end: impl Fn(u8) -> bool) -> &[u8] {
    let at = bytes.iter().position(|&byte| end(byte)).unwrap_or(bytes.len());
    bytes.split_at(at).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_brackets_of_the_language_count() {
        let brackets = "{[(".repeat(100);
        for harmless in [
            format!("{{ a(x: \"{brackets}\") }}"),
            format!("{{ a(x: \"\"\"{brackets} \\\"\"\" {brackets}\"\"\") }}"),
            format!("{{ a # {brackets}\n }}"),
            format!("{{ a(x: \"\\\"{brackets}\") }}"),
            "{ a { b } }".repeat(500),
        ] {
            assert!(check(&harmless).is_ok(), "{harmless}");
        }
    }

    #[test]
    fn deep_brackets_are_refused_and_strings_do_not_hide_them() {
        let step = "{a(x:\"}}}}\", y:\"\"\"}}\"\"\") #}}\n";
        for deep in [
            "{a".repeat(61),
            format!("{{a(x:{}", "[".repeat(60)),
            step.repeat(61),
        ] {
            assert!(check(&deep).is_err(), "{deep}");
        }
    }
}
