//! Text as searches compare it: lower case, without accents, cut into words.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of `parts`, folded, each after one space: a word begins with `w` if the result contains `" w"`.
pub(super) fn haystack<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut words: String = parts.flat_map(needles).collect();
    words.shrink_to_fit();
    words
}

/// The words of `text`, folded, each with a space before it.
pub(super) fn needles(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        for lower in letter.to_lowercase() {
            match lower {
                // Letters that are not written as a letter and a mark.
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                'đ' | 'ð' => folded.push('d'),
                'ħ' => folded.push('h'),
                'ı' => folded.push('i'),
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'þ' => folded.push_str("th"),
                other => folded.push(other),
            }
        }
    }
    folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!(" {word}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded() {
        assert_eq!(
            haystack(["Café-Gespräch in Łódź", "Đà Nẵng, Straße"].into_iter()),
            " cafe gesprach in lodz da nang strasse"
        );
        assert_eq!(needles("  "), Vec::<String>::new());
    }
}
