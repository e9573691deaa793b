//! One word of a name and another.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Likeness;

/// Letters of a word that are looked at.
const LETTERS: usize = 40;
/// Familiar forms: each line one name and what it is shortened to. Our own list of common English and Spanish ones.
const NICKNAMES: &str = include_str!("nicknames.txt");

/// A word of a name, in the forms that are compared.
#[derive(Clone)]
pub(super) struct Word {
    /// In lower case.
    written: String,
    /// Without accents too.
    plain: String,
    letters: usize,
    sound: String,
}

impl Word {
    /// The first `most` words of a text. Dots, apostrophes and hyphens are no part of a word; hyphens divide.
    pub(super) fn all(text: &str, most: usize) -> Vec<Self> {
        text.split(|c: char| c.is_whitespace() || "-‐‑–,/".contains(c))
            .map(Self::new)
            .filter(|word| !word.plain.is_empty())
            .take(most)
            .collect()
    }

    fn new(text: &str) -> Self {
        let letters = text
            .chars()
            .filter(|c| c.is_alphanumeric() || is_combining_mark(*c));
        let written: String = letters.flat_map(char::to_lowercase).take(LETTERS).collect();
        let written: String = written.nfc().collect();
        let plain = plain(&written);
        Self {
            letters: plain.chars().count(),
            sound: sound(&plain),
            written,
            plain,
        }
    }

    /// Several as one.
    pub(super) fn join(words: &[Self]) -> Self {
        let all: Vec<&str> = words.iter().map(|word| word.written.as_str()).collect();
        Self::new(&all.concat())
    }

    /// How much two words are alike, from 0 to 1, and why.
    pub(super) fn compare(&self, other: &Self) -> (f64, Vec<Likeness>) {
        if self.written == other.written {
            return (1.0, vec![Likeness::Same]);
        }
        if self.plain == other.plain {
            return (0.98, vec![Likeness::Accents]);
        }
        let (score, why) = [
            (self.is_nickname(other), 0.92, Likeness::Nickname),
            (self.is_initial(other), 0.62, Likeness::Initial),
        ]
        .into_iter()
        .find_map(|(is_it, score, why)| is_it.then_some((score, why)))
        .or_else(|| self.differs_little(other))
        .or_else(|| self.sounds_alike(other))
        .unwrap_or((0.0, Likeness::Typo));
        if score > 0.0 {
            (score, vec![why])
        } else {
            (0.0, vec![])
        }
    }

    fn is_nickname(&self, other: &Self) -> bool {
        let of = |word: &Self| LINES.get(word.plain.as_str()).map_or(&[][..], Vec::as_slice);
        of(self).iter().any(|line| of(other).contains(line))
    }

    fn is_initial(&self, other: &Self) -> bool {
        let (short, long) = if self.letters <= other.letters {
            (self, other)
        } else {
            (other, self)
        };
        short.letters == 1 && long.letters > 1 && long.plain.starts_with(&short.plain)
    }

    fn differs_little(&self, other: &Self) -> Option<(f64, Likeness)> {
        let (short, long) = (self.letters.min(other.letters), self.letters.max(other.letters));
        let most = match short {
            0..=2 => return None,
            3..=4 => 1,
            5..=7 => 2,
            _ => 3,
        };
        if long - short > most {
            return None;
        }
        let distance = strsim::osa_distance(&self.plain, &other.plain);
        if distance > most {
            return None;
        }
        let sorted = |word: &Self| {
            let mut letters: Vec<char> = word.plain.chars().collect();
            letters.sort_unstable();
            letters
        };
        if distance == 1 && long == short && sorted(self) == sorted(other) {
            return Some((0.93, Likeness::Transposed));
        }
        #[expect(clippy::cast_precision_loss, reason = "at most some dozen letters")]
        let share = distance as f64 / long as f64;
        // Of a short word, one letter may make another name: "Ana" and "Eva" are two people.
        let score = 0.96 - 0.9 * share;
        Some((score.min(0.9), Likeness::Typo))
    }

    fn sounds_alike(&self, other: &Self) -> Option<(f64, Likeness)> {
        let is_long = self.sound.len() >= 2 && self.letters >= 3 && other.letters >= 3;
        (is_long && self.sound == other.sound).then_some((0.72, Likeness::Sound))
    }
}

/// Without accents, with one spelling of letters that have no accent to leave out.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'þ' => plain.push_str("th"),
            'ı' => plain.push('i'),
            c => plain.push(c),
        }
    }
    plain
}

/// The consonants of a word as one hears them, in English or Spanish, roughly: what may stand for one sound is one letter, and
/// of vowels only a first one counts. Empty for other scripts.
fn sound(plain: &str) -> String {
    if !plain.is_ascii() {
        return String::new();
    }
    let letters: Vec<char> = plain.chars().collect();
    let mut sound = String::new();
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        let next = letters.get(at + 1).copied().unwrap_or(' ');
        let (heard, length) = match (c, next) {
            ('p', 'h') => ('f', 2),
            ('g', 'h') if at > 0 => (' ', 2),
            ('c', 'h') | ('s', 'h') => ('x', 2),
            ('k' | 'p', 'n' | 's') if at == 0 => (' ', 1),
            ('w', 'r') if at == 0 => (' ', 1),
            ('c', 'k') => ('k', 2),
            ('c', 'e' | 'i' | 'y') => ('s', 1),
            ('c' | 'q', _) => ('k', 1),
            ('g' | 'j', 'e' | 'i') | ('j', _) => ('j', 1),
            ('z', _) => ('s', 1),
            ('v', _) => ('b', 1),
            ('d' | 't', _) if next == 't' => ('t', 2),
            ('h' | 'w', _) if at > 0 => (' ', 1),
            ('l', 'l') => ('l', 2),
            ('a' | 'e' | 'i' | 'o' | 'u' | 'y', _) => (if at == 0 { 'a' } else { ' ' }, 1),
            (other, _) => (other, 1),
        };
        if heard != ' ' && !sound.ends_with(heard) {
            sound.push(heard);
        }
        at += length;
    }
    sound
}

/// By a form, the lines that have it.
static LINES: LazyLock<HashMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let lines = NICKNAMES.lines().filter(|line| !line.starts_with('#'));
    let mut by_form: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, line) in lines.enumerate() {
        for form in line.split_whitespace() {
            by_form.entry(form).or_default().push(number);
        }
    }
    by_form
});
