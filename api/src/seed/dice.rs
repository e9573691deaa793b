//! Numbers that look random and are the same for the same seed.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

/// What a number is rolled for. Each thing has dice of its own, so that it is the same in whatever order things are
/// made, and so that nothing has to be remembered to make it again.
#[derive(Clone, Copy)]
pub enum For {
    Person = 1,
    Home,
    Event,
    Answers,
}

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64, what: For, number: u32) -> Self {
        let mut dice = Self(seed);
        let key = (what as u64) << 32 | u64::from(number);
        Self(dice.next() ^ key.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `sides` - 1; 0 if there are no sides.
    pub fn below(&mut self, sides: u32) -> u32 {
        let product = (self.next() >> 32) * u64::from(sides);
        u32::try_from(product >> 32).unwrap_or_default()
    }

    pub fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// At least 0, less than 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normally distributed with mean 0 and deviation 1 (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.unit(), self.unit());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    /// One of `all`, which must not be empty.
    #[expect(
        clippy::indexing_slicing,
        reason = "below the length; callers pass fixed lists"
    )]
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(u32::try_from(all.len()).unwrap_or(u32::MAX)) as usize]
    }

    /// A whole second between two times; `from` if `until` is not later.
    pub fn time(&mut self, from: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = u32::try_from((until - from).num_seconds()).unwrap_or_default();
        (from + TimeDelta::seconds(i64::from(self.below(seconds)))).trunc_subsecs(0)
    }

    /// A UUID v7 of something made at `time`.
    pub fn id(&mut self, time: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(time.timestamp_millis()).unwrap_or_default();
        let mut random = [0; 10];
        let bytes = self
            .next()
            .to_le_bytes()
            .into_iter()
            .chain(self.next().to_le_bytes());
        for (to, from) in random.iter_mut().zip(bytes) {
            *to = from;
        }
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rolls_are_fair_and_repeat() {
        let rolls = |seed| {
            let mut dice = Dice::new(seed, For::Event, 7);
            (0..10_000).map(|_| dice.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(1), rolls(1));
        assert_ne!(rolls(1), rolls(2));
        for side in 0..10 {
            let times = rolls(1).iter().filter(|roll| **roll == side).count();
            assert!((850..1150).contains(&times), "{side}: {times}");
        }
        let mut dice = Dice::new(1, For::Home, 0);
        let normal: Vec<f64> = (0..10_000).map(|_| dice.normal()).collect();
        let mean = normal.iter().sum::<f64>() / 10_000.0;
        let deviation = (normal.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 10_000.0).sqrt();
        assert!(
            mean.abs() < 0.05 && (deviation - 1.0).abs() < 0.05,
            "{mean} {deviation}"
        );
    }

    #[test]
    fn ids_are_of_their_time() {
        let time: DateTime<Utc> = "2030-01-15T12:00:00Z".parse().unwrap();
        let id = Dice::new(1, For::Event, 0).id(time);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_timestamp().unwrap().to_unix().0, 1_894_708_800);
    }
}
