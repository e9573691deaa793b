//! How long a text is where it is paid for: in parts, of 160 characters of the alphabet of GSM (3GPP TS 23.038), or of 70
//! as soon as one character is none of these.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§\
    ¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Each takes the place of two.
const EXTENDED: &str = "^{}\\[~]|€";

/// In how many parts a text is sent.
pub fn parts(text: &str) -> usize {
    let (length, one, each) = match septets(text) {
        Some(length) => (length, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= one { 1 } else { length.div_ceil(each) }
}

/// Places of the alphabet that a text takes; none when it has other characters.
fn septets(text: &str) -> Option<usize> {
    let places = |c: char| match c {
        c if BASIC.contains(c) => Some(1),
        c if EXTENDED.contains(c) => Some(2),
        _ => None,
    };
    text.chars().map(places).sum()
}

/// Words that others chose, for a text: in the alphabet, as far as they can be, and without anything that a phone shows as a
/// link: all links of a text are ours.
pub fn plain(text: &str) -> String {
    let words: Vec<String> = alphabet(text).split_whitespace().map(no_link).collect();
    words.join(" ")
}

/// `text` on one line, in the alphabet where its letters have a place in it, without pictures and invisible characters.
pub fn alphabet(text: &str) -> String {
    let mut clean = String::new();
    let mut foreign = false;
    for c in text.nfkc() {
        let base = c.nfd().next().unwrap_or(c);
        let quote = match c {
            '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{b4}' | '`' => Some('\''),
            '\u{201c}'..='\u{201f}' | '\u{2033}' | '«' | '»' => Some('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
            '\u{2044}' => Some('/'),
            _ => None,
        };
        let known = [quote, Some(c), Some(base)]
            .into_iter()
            .flatten()
            .find(|c| BASIC.contains(*c) || EXTENDED.contains(*c));
        match known {
            _ if c.is_whitespace() || c.is_control() => clean.push(' '),
            Some(known) => {
                clean.push(known);
                foreign = false;
            }
            // Marks over letters of the alphabet are dropped; over others they belong to the word.
            None if c.is_alphanumeric() || (foreign && is_combining_mark(c)) => {
                clean.push(c);
                foreign = true;
            }
            None => {}
        }
    }
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A word as no phone takes it for an address: `example.org/x` becomes `example. org/x`.
fn no_link(word: &str) -> String {
    let word = word.replace("://", ": //");
    let mut apart = String::new();
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        apart.push(c);
        if c == '.' && rest.peek().is_some_and(|next| next.is_alphanumeric()) {
            apart.push(' ');
        }
    }
    apart
}

/// At most the first `most` characters of `text`, with two points where some are missing.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(2)).collect();
    format!("{}..", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_as_networks_do() {
        assert_eq!(BASIC.chars().count(), 127, "all but the escape");
        for (text, expected) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            (format!("{}ж", "a".repeat(70)), 2),
            ("\u{1F426}".repeat(35), 1),
            ("\u{1F426}".repeat(36), 2),
        ] {
            assert_eq!(parts(&text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_others_are_plain() {
        for (text, expected) in [
            ("Marcha por el agua \u{1F4A7}\u{FE0F}!", "Marcha por el agua !"),
            (
                "Acci\u{f3}n en la pla\u{e7}a \u{2013} \u{201c}\u{a1}Ya!\u{201d}",
                "Accion en la placa - \"\u{a1}Ya!\"",
            ),
            ("a\r\nBcc: x\u{202E}y\u{200B}z", "a Bcc: xyz"),
            (
                "Win at https://evil.example/x?y=1",
                "Win at https: //evil. example/x?y=1",
            ),
            ("Go to evil.example now", "Go to evil. example now"),
            ("\u{ff45}vil\u{ff0e}example", "evil. example"),
            ("St. John's, 7 p.m.", "St. John's, 7 p. m."),
            ("За чистую воду", "За чистую воду"),
            ("z\u{335}\u{321}\u{327}\u{322}algo", "zalgo"),
            (
                "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}",
                "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}",
            ),
            ("", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(plain(&"\u{1F426}".repeat(12_500)), "");
        assert_eq!(parts(&plain("\u{2018}a\u{2019} \u{2026} \u{bd}")), 1);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(cut("Postcards", 9), "Postcards");
        assert_eq!(cut("Postcards", 8), "Postca..");
        assert_eq!(cut("Post cards", 7), "Post..");
        assert_eq!(cut("За чистую", 4), "За..");
    }
}
