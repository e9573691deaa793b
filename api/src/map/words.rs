//! Which events have which words: a sorted list of all words, so that those that begin in the same way stand together, and
//! so do their events.

use std::collections::HashMap;
use std::ops::Range;

use super::bits::Bits;

/// See the module.
pub(super) struct Words {
    /// One after the other, and where each begins and ends.
    text: String,
    words: Vec<(u32, u32)>,
    /// Where the events of each word end in `gaps`; they begin where those of the word before end.
    ends: Vec<usize>,
    /// How far each event of a word is behind the one before, as [`push_gap`] writes it: mostly a byte instead of four.
    gaps: Vec<u8>,
    /// How many texts there are.
    length: usize,
}

impl Words {
    /// Of folded texts, by position. They are read twice, which takes less memory than to remember who said what.
    pub(super) fn build<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut lasts: Vec<u32> = Vec::new();
        let mut sizes: Vec<usize> = Vec::new();
        let mut of_text: Vec<u32> = Vec::new();
        let mut length = 0;
        for (position, text) in (0u32..).zip(texts.clone()) {
            length += 1;
            of_text.clear();
            for word in words_of(text) {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                of_text.push(*numbers.entry(word).or_insert(next));
            }
            each_once(&mut of_text);
            lasts.resize(numbers.len(), 0);
            sizes.resize(numbers.len(), 0);
            for number in &of_text {
                let number = *number as usize;
                if let (Some(last), Some(size)) = (lasts.get_mut(number), sizes.get_mut(number)) {
                    push_gap(position - *last, |_| *size += 1);
                    *last = position;
                }
            }
        }
        let mut sorted: Vec<(&str, u32)> = numbers.iter().map(|(word, number)| (*word, *number)).collect();
        sorted.sort_unstable();
        // Where the next byte of each word goes.
        let mut places = vec![0; sorted.len()];
        let mut ends = Vec::with_capacity(sorted.len());
        let mut end = 0;
        for (_, number) in &sorted {
            let number = *number as usize;
            if let (Some(place), Some(size)) = (places.get_mut(number), sizes.get(number)) {
                *place = end;
                end += size;
            }
            ends.push(end);
        }
        lasts.fill(0);
        let mut gaps = vec![0; end];
        for (position, text) in (0u32..).zip(texts) {
            of_text.clear();
            of_text.extend(words_of(text).filter_map(|word| numbers.get(word)));
            each_once(&mut of_text);
            for number in &of_text {
                let number = *number as usize;
                if let (Some(last), Some(place)) = (lasts.get_mut(number), places.get_mut(number)) {
                    push_gap(position - *last, |byte| {
                        if let Some(free) = gaps.get_mut(*place) {
                            *free = byte;
                        }
                        *place += 1;
                    });
                    *last = position;
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
            gaps,
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
                for number in self.beginning_with(word, is_whole) {
                    self.each_event(number, |position| with_it.set(position));
                }
                found.keep(&with_it);
            }
        }
        found
    }

    /// The words that begin with `word`, or are it.
    fn beginning_with(&self, word: &str, is_whole: bool) -> Range<usize> {
        let text =
            |(begin, end): &(u32, u32)| self.text.get(*begin as usize..*end as usize).unwrap_or_default();
        let first = self.words.partition_point(|other| text(other) < word);
        let (_, rest) = self.words.split_at(first);
        let behind = rest.partition_point(|other| match is_whole {
            true => text(other) == word,
            false => text(other).starts_with(word),
        });
        first..first + behind
    }

    /// Shows `visit` the position of each event of a word.
    fn each_event(&self, number: usize, mut visit: impl FnMut(u32)) {
        let end_of = |number: usize| self.ends.get(number).copied().unwrap_or_default();
        let begin = number.checked_sub(1).map_or(0, end_of);
        let (mut position, mut gap, mut shift) = (0, 0, 0);
        for byte in self.gaps.get(begin..end_of(number)).unwrap_or_default() {
            gap |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                position += gap;
                visit(position);
                (gap, shift) = (0, 0);
            }
        }
    }
}

/// Seven bits a byte, the lowest first; all but the last byte have the eighth bit set (LEB128).
fn push_gap(mut gap: u32, mut push: impl FnMut(u8)) {
    while gap >= 0x80 {
        push((gap & 0x7f) as u8 | 0x80);
        gap >>= 7;
    }
    push(gap as u8);
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

fn each_once(numbers: &mut Vec<u32>) {
    numbers.sort_unstable();
    numbers.dedup();
}
