//! Whom a name on paper may mean: names compared in memory, with a score and the reasons for it.
//!
//! People write their names as they like and others type what they can read of it. So each word is compared with each
//! (`words.rs`), the words of both names are paired as well as can be, and what is missing or stands elsewhere costs something.
//! A score is no probability: it only puts candidates in an order, and a person decides.

mod words;

use crate::domain::person::Name;
use words::Word;

/// Candidates below this are none.
pub const THRESHOLD: f64 = 0.5;
/// A single candidate of at least this is proposed.
pub const PROPOSED: f64 = 0.85;
/// So far behind the next one has to be.
pub const AHEAD: f64 = 0.08;
/// So many candidates of one name are shown.
pub const MOST: usize = 5;
/// Words of a part of a name that are looked at.
const WORDS: usize = 6;
/// Each half of a name has to be at least so much like the other's.
const PART: f64 = 0.5;

/// Why two names may mean the same person, from the strongest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// The same letters.
    Same,
    /// The same but for accents.
    Accents,
    /// The same words, put together or divided otherwise.
    Divided,
    /// A short or familiar form.
    Nickname,
    /// Two letters next to each other changed places.
    Transposed,
    /// Few letters differ.
    Typo,
    /// It sounds alike.
    Sound,
    /// Only the first letter is there.
    Initial,
    /// Given and family name changed places.
    Swapped,
    /// One of them has more words, such as a second name.
    ExtraWord,
    /// Only the given name is there.
    GivenOnly,
    /// Only the family name is there.
    FamilyOnly,
}

/// How much two names are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Between 0 and 1.
    pub score: f64,
    /// Why, without repetition.
    pub reasons: Vec<Likeness>,
}

/// A name, ready to be compared with many.
pub struct Prepared {
    given: Vec<Word>,
    family: Vec<Word>,
}

impl Prepared {
    /// Of a long name, the first words and letters.
    pub fn new(name: &Name) -> Self {
        Self {
            given: Word::all(&name.given, WORDS),
            family: Word::all(&name.family, WORDS),
        }
    }

    /// How much two names are alike, whichever is asked about the other; none when they are not.
    pub fn compare(&self, other: &Self) -> Option<Match> {
        let is_whole = |name: &Self| !name.given.is_empty() && !name.family.is_empty();
        let mut found = vec![];
        if is_whole(self) && is_whole(other) {
            let straight = halves(&self.given, &other.given, &self.family, &other.family);
            found.extend(straight);
            let crossed = halves(&self.given, &other.family, &self.family, &other.given);
            found.extend(crossed.map(|crossed| crossed.with(0.95, Likeness::Swapped)));
        } else {
            found.extend(self.incomplete(other));
        }
        let all = |name: &Self| [name.given.as_slice(), name.family.as_slice()].concat();
        found.extend(divided(&all(self), &all(other)));
        let best = found.into_iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
        (best.score >= THRESHOLD).then_some(best)
    }

    /// One of the two has a single part, which may be either part of the other.
    fn incomplete(&self, other: &Self) -> Vec<Match> {
        let parts = |name: &Self| -> Option<Vec<Word>> {
            match (name.given.is_empty(), name.family.is_empty()) {
                (false, true) => Some(name.given.clone()),
                (true, false) => Some(name.family.clone()),
                _ => None,
            }
        };
        match (parts(self), parts(other)) {
            (Some(one), Some(two)) => part(&one, &two).into_iter().collect(),
            (Some(one), None) | (None, Some(one)) => {
                let whole = if parts(self).is_some() { other } else { self };
                let only = |words: &[Word], factor, why| Some(part(&one, words)?.with(factor, why));
                let given = only(&whole.given, 0.62, Likeness::GivenOnly);
                given
                    .into_iter()
                    .chain(only(&whole.family, 0.66, Likeness::FamilyOnly))
                    .collect()
            }
            (None, None) => vec![],
        }
    }
}

/// The best of `names` for one, at most [`MOST`], best first; which, and why. Of equal ones the first.
pub fn candidates<'a>(name: &Prepared, names: impl Iterator<Item = &'a Prepared>) -> Vec<(usize, Match)> {
    let mut found: Vec<(usize, Match)> = names
        .enumerate()
        .filter_map(|(at, known)| Some((at, name.compare(known)?)))
        .collect();
    found.sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score)); // stable
    found.truncate(MOST);
    found
}

/// Whether the first of some candidates stands out enough to be proposed.
pub fn stands_out(scores: &[f64]) -> bool {
    match scores {
        [] => false,
        [best] => *best >= PROPOSED,
        [best, next, ..] => *best >= PROPOSED && best - next >= AHEAD,
    }
}

/// Two names by their halves. Families share one half, so both have to be alike.
fn halves(given: &[Word], other_given: &[Word], family: &[Word], other_family: &[Word]) -> Option<Match> {
    let (first, last) = (part(given, other_given)?, part(family, other_family)?);
    if first.score < PART || last.score < PART {
        return None;
    }
    let mut reasons = first.reasons;
    reasons.extend(last.reasons);
    Some(Match::new(0.45 * first.score + 0.55 * last.score, reasons))
}

/// The words of two whole names, wherever they are divided into given and family name.
fn divided(one: &[Word], two: &[Word]) -> Option<Match> {
    let (fewer, more) = if one.len() <= two.len() {
        (one, two)
    } else {
        (two, one)
    };
    if fewer.len() < 2 || more.len() - fewer.len() > 1 {
        return None;
    }
    let pairs = pair(fewer, more);
    // A name and another one are not alike because of a third.
    if pairs.iter().any(|pair| pair.score < PART) {
        return None;
    }
    let is_in_order = pairs.is_sorted_by_key(|pair| pair.with);
    let why = if is_in_order {
        Likeness::Divided
    } else {
        Likeness::Swapped
    };
    let factor = if is_in_order { 0.97 } else { 0.93 };
    let whole = mean(&pairs, more.len() - fewer.len());
    whole.map(|whole| whole.with(factor, why))
}

/// A given name and another, or a family name and another.
fn part(one: &[Word], two: &[Word]) -> Option<Match> {
    let (fewer, more) = if one.len() <= two.len() {
        (one, two)
    } else {
        (two, one)
    };
    let paired = mean(&pair(fewer, more), more.len() - fewer.len())?;
    if one.len() == 1 && two.len() == 1 {
        return Some(paired);
    }
    // "Anna Maria" and "Annamaria", "O Brien" and "O'Brien".
    let joined = Word::join(one).compare(&Word::join(two));
    let joined = Match::new(joined.0, joined.1).with(0.99, Likeness::Divided);
    Some(if joined.score > paired.score {
        joined
    } else {
        paired
    })
}

struct Pair {
    with: usize,
    score: f64,
    why: Vec<Likeness>,
}

/// Gives each of `fewer` words another one of `more`, so that all together are as much alike as can be.
fn pair(fewer: &[Word], more: &[Word]) -> Vec<Pair> {
    let alike: Vec<Vec<(f64, Vec<Likeness>)>> = fewer
        .iter()
        .map(|one| more.iter().map(|two| one.compare(two)).collect())
        .collect();
    let sets = 1_usize << more.len();
    // The best sum of the words so far by which ones of the others they took, and the last of these.
    let mut best: Vec<Option<(f64, Vec<usize>)>> = vec![None; sets];
    if let Some(none) = best.first_mut() {
        *none = Some((0.0, vec![]));
    }
    for scores in &alike {
        let mut next: Vec<Option<(f64, Vec<usize>)>> = vec![None; sets];
        for (set, so_far) in best.iter().enumerate() {
            let Some((sum, taken)) = so_far else { continue };
            for (with, (score, _)) in scores.iter().enumerate() {
                let Some(entry) = next.get_mut(set | (1 << with)).filter(|_| set & (1 << with) == 0) else {
                    continue;
                };
                let sum = sum + score;
                if entry.as_ref().is_none_or(|(known, _)| sum > *known) {
                    let taken = taken.iter().copied().chain([with]).collect();
                    *entry = Some((sum, taken));
                }
            }
        }
        best = next;
    }
    let best = best.into_iter().flatten().max_by(|(a, _), (b, _)| a.total_cmp(b));
    let taken = best.map(|(_, taken)| taken).unwrap_or_default();
    taken
        .into_iter()
        .zip(alike)
        .filter_map(|(with, mut scores)| {
            let (score, why) = scores.get_mut(with).map(std::mem::take)?;
            Some(Pair { with, score, why })
        })
        .collect()
}

fn mean(pairs: &[Pair], extra: usize) -> Option<Match> {
    if pairs.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a dozen words")]
    let mean = pairs.iter().map(|pair| pair.score).sum::<f64>() / pairs.len() as f64;
    let why = pairs.iter().flat_map(|pair| pair.why.clone()).collect();
    let whole = Match::new(mean, why);
    Some(match extra {
        0 => whole,
        1 => whole.with(0.94, Likeness::ExtraWord),
        _ => whole.with(0.85, Likeness::ExtraWord),
    })
}

impl Match {
    fn new(score: f64, mut reasons: Vec<Likeness>) -> Self {
        reasons.sort_unstable();
        reasons.dedup();
        // What is the same goes without saying where something else is not.
        if reasons.len() > 1 {
            reasons.retain(|why| *why != Likeness::Same);
        }
        Self { score, reasons }
    }

    fn with(mut self, factor: f64, why: Likeness) -> Self {
        self.reasons.push(why);
        Self::new(self.score * factor, self.reasons)
    }
}

#[cfg(test)]
mod tests;
