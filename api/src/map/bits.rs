//! A set of positions.

/// See the module: a bit for each.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64)])
    }

    /// All below `length`.
    pub(super) fn all(length: usize) -> Self {
        let mut words = vec![u64::MAX; length.div_ceil(64)];
        if let Some(last) = words.last_mut() {
            *last >>= (64 - length % 64) % 64;
        }
        Self(words)
    }

    pub(super) fn set(&mut self, position: u32) {
        if let Some(word) = self.0.get_mut(position as usize / 64) {
            *word |= 1 << (position % 64);
        }
    }

    pub(super) fn clear(&mut self, position: u32) {
        if let Some(word) = self.0.get_mut(position as usize / 64) {
            *word &= !(1 << (position % 64));
        }
    }

    pub(super) fn has(&self, position: u32) -> bool {
        let word = self.0.get(position as usize / 64);
        word.is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    /// Keeps what is in `other` as well.
    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Those below the length that are not in it, and perhaps some beyond it.
    pub(super) fn missing(&self) -> impl Iterator<Item = u32> {
        members(self.0.iter().map(|word| !word))
    }

    /// In order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        members(self.0.iter().copied())
    }
}

fn members(words: impl Iterator<Item = u64>) -> impl Iterator<Item = u32> {
    (0u32..).zip(words).flat_map(|(number, word)| {
        let first = Some(word).filter(|word| *word != 0);
        let bits = std::iter::successors(first, |word| Some(word & (word - 1)).filter(|rest| *rest != 0));
        bits.map(move |word| number * 64 + word.trailing_zeros())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_come_as_they_were_set() {
        for length in [0, 1, 63, 64, 65, 200] {
            let all = Bits::all(length);
            assert_eq!(all.count(), length);
            assert!(all.iter().eq(0..u32::try_from(length).unwrap()));
        }
        let mut some = Bits::none(200);
        [3, 64, 199].into_iter().for_each(|position| some.set(position));
        assert_eq!(some.iter().collect::<Vec<_>>(), [3, 64, 199]);
        some.clear(64);
        assert!(some.has(3) && !some.has(64) && !some.has(4) && !some.has(1000));
        let mut other = Bits::none(200);
        other.set(199);
        some.keep(&other);
        assert_eq!(some.iter().collect::<Vec<_>>(), [199]);
        assert!(some.missing().take_while(|position| *position < 200).eq(0..199));
    }
}
