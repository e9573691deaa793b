//! Which events have which words: a sorted list of all words, so that those that begin in the same way stand together, and
//! so do their events.

use std::collections::HashMap;

use super::bits::Bits;

/// See the module.
pub(super) struct Words {
    /// One after the other, and where each begins and ends.
    text: String,
    words: Vec<(u32, u32)>,
    /// Where the events of each word end in `positions`; they begin where those of the word before end.
    ends: Vec<usize>,
    positions: Vec<u32>,
    /// How many texts there are.
    length: usize,
}

impl Words {
    /// Of folded texts, by position. They are read twice, which takes less memory than to remember who said what.
    pub(super) fn build<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut counts: Vec<u32> = Vec::new();
        let mut of_text: Vec<u32> = Vec::new();
        let mut length = 0;
        for text in texts.clone() {
            length += 1;
            of_text.clear();
            for word in words_of(text) {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                of_text.push(*numbers.entry(word).or_insert(next));
            }
            each_once(&mut of_text);
            counts.resize(numbers.len(), 0);
            for number in &of_text {
                if let Some(count) = counts.get_mut(*number as usize) {
                    *count += 1;
                }
            }
        }
        let mut sorted: Vec<(&str, u32)> = numbers.iter().map(|(word, number)| (*word, *number)).collect();
        sorted.sort_unstable();
        // Where the next event of each word goes.
        let mut places = vec![0; sorted.len()];
        let mut ends = Vec::with_capacity(sorted.len());
        let mut end = 0;
        for (_, number) in &sorted {
            if let (Some(place), Some(count)) =
                (places.get_mut(*number as usize), counts.get(*number as usize))
            {
                *place = end;
                end += *count as usize;
            }
            ends.push(end);
        }
        let mut positions = vec![0; end];
        for (position, text) in (0u32..).zip(texts) {
            of_text.clear();
            of_text.extend(words_of(text).filter_map(|word| numbers.get(word)));
            each_once(&mut of_text);
            for number in &of_text {
                if let Some(place) = places.get_mut(*number as usize) {
                    if let Some(free) = positions.get_mut(*place) {
                        *free = position;
                    }
                    *place += 1;
                }
            }
        }
        let mut text = String::with_capacity(sorted.iter().map(|(word, _)| word.len()).sum());
        let mut words = Vec::with_capacity(sorted.len());
        let place = |text: &String| u32::try_from(text.len()).unwrap_or(u32::MAX);
        for (word, _) in sorted {
            let begin = place(&text);
            text.push_str(word);
            words.push((begin, place(&text)));
        }
        Self {
            text,
            words,
            ends,
            positions,
            length,
        }
    }

    /// Those whose text may contain all of `needles`, and certainly does where a needle is one word.
    pub(super) fn find(&self, needles: &[String]) -> Bits {
        let mut found = Bits::all(self.length);
        for needle in needles {
            let mut words = needle.split(' ').filter(|word| !word.is_empty()).peekable();
            while let Some(word) = words.next() {
                let is_whole = words.peek().is_some();
                let mut with_it = Bits::none(self.length);
                for position in self.beginning_with(word, is_whole) {
                    with_it.set(*position);
                }
                found.keep(&with_it);
            }
        }
        found
    }

    /// The events of the words that begin with `word`, or are it.
    fn beginning_with(&self, word: &str, is_whole: bool) -> &[u32] {
        let text =
            |(begin, end): &(u32, u32)| self.text.get(*begin as usize..*end as usize).unwrap_or_default();
        let first = self.words.partition_point(|other| text(other) < word);
        let (_, rest) = self.words.split_at(first);
        let behind = first
            + rest.partition_point(|other| match is_whole {
                true => text(other) == word,
                false => text(other).starts_with(word),
            });
        let place = |number: usize| match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        self.positions
            .get(place(first)..place(behind))
            .unwrap_or_default()
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

fn each_once(numbers: &mut Vec<u32>) {
    numbers.sort_unstable();
    numbers.dedup();
}
