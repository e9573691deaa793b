//! The algorithm, the same wherever the numbers are kept.
//!
//! Of each caller one number is kept: how far what they did runs ahead of the rate, in time (GCRA, the generic cell rate
//! algorithm). Each doing costs a step, time passing pays it back, and what would run ahead by more than the window is
//! refused and costs nothing. So of 20 an hour, 20 may come at once, and then one every three minutes.

/// So many in a window, evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    limit: u64,
    /// What one costs, in microseconds.
    pub step: u64,
}

/// Where a caller stands after something was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// So many are allowed at once.
    pub limit: u64,
    /// In so many seconds they are there again.
    pub window: u64,
    /// So many are left now.
    pub remaining: u64,
    /// In so many seconds all are there again.
    pub reset: u64,
    /// This one was refused; the next is allowed in so many seconds.
    pub retry_after: Option<u64>,
}

impl Rate {
    /// `limit` in `seconds`; `None` for a limit of 0, which is none.
    pub fn new(limit: u64, seconds: u64) -> Option<Self> {
        let step = (seconds * 1_000_000).checked_div(limit)?;
        Some(Self {
            limit,
            step: step.max(1),
        })
    }

    /// How far a caller may run ahead, in microseconds.
    pub fn window(self) -> u64 {
        self.limit.saturating_mul(self.step)
    }

    /// Whether one more is allowed for somebody who runs ahead by `ahead` microseconds.
    pub fn allows(self, ahead: u64) -> bool {
        ahead + self.step <= self.window()
    }

    /// Where somebody stands who ran ahead by `ahead` microseconds, after one more.
    pub fn standing(self, ahead: u64) -> Standing {
        let allowed = self.allows(ahead);
        let after = if allowed { ahead + self.step } else { ahead };
        let left = self.window().saturating_sub(after);
        let missing = (ahead + self.step).saturating_sub(self.window());
        Standing {
            limit: self.limit,
            window: seconds(self.window()),
            remaining: left / self.step,
            reset: seconds(after),
            retry_after: (!allowed).then(|| seconds(missing)),
        }
    }
}

impl Standing {
    /// The one of two with less left of it.
    pub fn nearer(self, other: Self) -> Self {
        let (mine, others) = (
            u128::from(self.remaining) * u128::from(other.limit),
            u128::from(other.remaining) * u128::from(self.limit),
        );
        if others < mine { other } else { self }
    }
}

/// Whole seconds, rounded up.
fn seconds(micros: u64) -> u64 {
    micros.div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_the_limit_come_at_once() {
        for (limit, window) in [(1, 60), (7, 60), (20, 3_600), (1_200, 60), (70_001, 60)] {
            let rate = Rate::new(limit, window).unwrap();
            let mut ahead = 0;
            for done in 1..=limit {
                let standing = rate.standing(ahead);
                assert_eq!((standing.retry_after, standing.remaining), (None, limit - done));
                ahead += rate.step;
            }
            assert!(!rate.allows(ahead) && rate.standing(ahead).retry_after.is_some());
            assert!(rate.allows(ahead - rate.step));
        }
    }

    #[test]
    fn time_pays_back_step_by_step() {
        let rate = Rate::new(20, 3_600).unwrap();
        let full = rate.standing(rate.window());
        assert_eq!((full.limit, full.window), (20, 3_600));
        assert_eq!(
            (full.remaining, full.reset, full.retry_after),
            (0, 3_600, Some(180))
        );
        let second_before = rate.standing(rate.window() - 179_000_000);
        assert_eq!((second_before.remaining, second_before.retry_after), (0, Some(1)));
        let then = rate.standing(rate.window() - 180_000_000);
        assert_eq!((then.remaining, then.reset, then.retry_after), (0, 3_600, None));
        let fresh = rate.standing(0);
        assert_eq!((fresh.remaining, fresh.reset), (19, 180));
    }

    #[test]
    fn no_limit_is_none_and_a_huge_one_holds_everything() {
        assert_eq!(Rate::new(0, 60), None);
        let rate = Rate::new(u64::MAX, 60).unwrap();
        assert!(rate.allows(0) && rate.standing(0).retry_after.is_none());
    }

    #[test]
    fn the_nearer_limit_has_less_left_of_it() {
        let few = Rate::new(10, 60).unwrap().standing(0);
        let many = Rate::new(100, 60).unwrap().standing(0);
        assert_eq!(few.nearer(many), few);
        assert_eq!(many.nearer(few), few);
    }
}
