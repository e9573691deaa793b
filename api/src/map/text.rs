//! Text as searches compare it: lower case, without accents, cut into words. Where a script puts no spaces between words,
//! every letter begins one, so that what is looked for is found inside of a sentence.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of `parts`, folded, each after one space: a word begins with `w` if the result contains `" w"`.
pub(super) fn haystack<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.flat_map(needles).collect::<Vec<_>>().concat()
}

/// What stands between spaces and punctuation in `text`, folded, each word of it with a space before it.
pub(super) fn needles(text: &str) -> Vec<String> {
    let mut needles = Vec::new();
    let mut needle = String::new();
    let mut was_alone = false;
    let letters = text.nfkd().filter(|letter| !is_passed_over(*letter));
    for letter in letters.flat_map(char::to_lowercase) {
        let is_mark = is_combining_mark(letter);
        if !letter.is_alphanumeric() && (!is_mark || needle.is_empty()) {
            if !needle.is_empty() {
                needles.push(std::mem::take(&mut needle));
            }
            continue;
        }
        let alone = if is_mark { was_alone } else { stands_alone(letter) };
        if needle.is_empty() || (!is_mark && (alone || was_alone)) {
            needle.push(' ');
        }
        was_alone = alone;
        push(letter, &mut needle);
    }
    if !needle.is_empty() {
        needles.push(needle);
    }
    needles
}

/// Letters that are not written as a letter and a mark.
fn push(letter: char, folded: &mut String) {
    match letter {
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        'đ' | 'ð' => folded.push('d'),
        'ħ' => folded.push('h'),
        'ı' => folded.push('i'),
        'ς' => folded.push('σ'),
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        other => folded.push(other),
    }
}

/// Accents of alphabets, the vowel points of Hebrew and Arabic, and what is not seen at all. Marks of other scripts are
/// vowels and other sounds, and stay.
fn is_passed_over(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' // accents
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}'
        | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' // points, and a stroke that only fills
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' // unseen
        | '\u{2bb}' | '\u{2bc}') // apostrophes that are letters, as in Hawaiʻi
}

/// Whether a letter is of a script without spaces: Thai, Lao, Burmese, Khmer, Chinese characters, kana.
fn stands_alone(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
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
        for nothing in ["  ", "\u{301}", "🏳\u{fe0f}\u{200d}🌈!", "\u{0}"] {
            assert_eq!(needles(nothing), Vec::<String>::new(), "{nothing:?}");
        }
    }

    #[test]
    fn what_is_typed_in_another_way_is_found() {
        for (text, typed) in [
            ("İSTANBUL’da buluşma", "istanbul bulusma"),
            ("Diyarbakır", "DIYARBAKIR"),
            ("ISPARTA", "ısparta"),
            ("Ｔｏｋｙｏ　２０２７", "tokyo 2027"),
            ("Tokyo", "ｔｏｋ"),
            ("ｶﾞｰﾃﾞﾝ", "ガーデ"),
            ("ΟΔΌΣ", "οδος"),
            ("Οδός", "ΟΔΟΣ"),
            ("Große Straße", "GROSSE STRASSE"),
            ("Grosse", "große"),
            ("Hawaiʻi", "hawaii"),
            ("o\u{308}sterreich", "Österr"),
            ("ﬁnd", "find"),
            ("Ёлка", "елка"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("हिन्दी सभा", "हिन्दी"),
            ("서울 집회", "서울"),
            ("東京で集会があります", "集会"),
            ("東京で集会があります", "東京 集会"),
            ("東京Tower", "京tow"),
            ("ประชุมที่กรุงเทพ", "กรุงเทพ"),
            ("soft\u{ad}ware", "softw"),
        ] {
            let haystack = haystack([text].into_iter());
            for needle in needles(typed) {
                assert!(haystack.contains(&needle), "{text}: {haystack:?}, {needle:?}");
            }
            assert!(!needles(typed).is_empty());
        }
        for (text, typed) in [
            ("Toronto", "oronto"),
            ("東京で集会", "京東"),
            ("のがわ", "のかわ"),
            ("हिन्दी", "हान्दी"),
            ("Bahnhof", "bahnhöfe"),
        ] {
            let haystack = haystack([text].into_iter());
            assert!(
                !needles(typed).iter().all(|needle| haystack.contains(needle)),
                "{text}"
            );
        }
    }
}
