//! How many answers each event gets: few get many.

use anyhow::{Result, ensure};
use entity::EventStatus;

use super::{Plan, status};
use crate::seed::dice::{Dice, For};

/// Deviation of the logarithm of the sizes.
const SPREAD: f64 = 1.1;

/// Answers of each event, together exactly as many as planned. None for events that were never published, and at
/// most half of all people for one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at least 0 and at most the number of RSVPs"
)]
pub fn of(plan: &Plan) -> Result<Vec<u32>> {
    let weights: Vec<f64> = (0..plan.events).map(|number| weight(plan, number)).collect();
    let total: f64 = weights.iter().sum();
    let most = plan.people / 2;
    let (mut sum, mut given, mut left) = (0.0, 0, 0);
    let mut sizes = Vec::with_capacity(weights.len());
    for weight in &weights {
        sum += weight;
        let until = if total > 0.0 {
            (f64::from(plan.rsvps) * (sum / total)).round() as u32
        } else {
            0
        };
        let wanted = until - given + left;
        given = until;
        let size = if *weight > 0.0 { wanted.min(most) } else { 0 };
        left = wanted - size;
        sizes.push(size);
    }
    left += plan.rsvps - given;
    for (size, weight) in sizes.iter_mut().zip(&weights) {
        if *weight > 0.0 {
            let more = left.min(most - *size);
            *size += more;
            left -= more;
        }
    }
    ensure!(
        left == 0,
        "--rsvps: {left} too many for so many people and events; at most half of all people answer for one event"
    );
    Ok(sizes)
}

fn weight(plan: &Plan, number: u32) -> f64 {
    let status = status(plan, number, &mut Dice::new(plan.seed, For::Event, number));
    match status {
        EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected => 0.0,
        EventStatus::Approved | EventStatus::Cancelled | EventStatus::Suppressed => {
            (Dice::new(plan.seed, For::Answers, number).normal() * SPREAD).exp()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(people: u32, events: u32, rsvps: u32) -> Plan {
        Plan {
            people,
            events,
            upcoming: events / 3,
            rsvps,
            seed: 1,
            at: "2030-01-15T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn sizes_sum_up_and_none_is_too_large() {
        for (people, events, rsvps) in [
            (10, 0, 0),
            (10, 40, 150),
            (500, 50, 1_000),
            (100_000, 5_000, 200_000),
        ] {
            let sizes = of(&plan(people, events, rsvps)).unwrap();
            assert_eq!(sizes.len(), events as usize);
            assert_eq!(sizes.iter().sum::<u32>(), rsvps);
            assert!(sizes.iter().all(|size| *size <= people / 2));
        }
        let sizes = of(&plan(100_000, 5_000, 200_000)).unwrap();
        let large = sizes.iter().filter(|size| **size > 200).count();
        assert!((20..400).contains(&large), "{large}");
    }

    #[test]
    fn more_answers_than_people_could_give_are_refused() {
        for (people, events, rsvps) in [(10, 0, 1), (10, 40, 201)] {
            let error = of(&plan(people, events, rsvps)).unwrap_err().to_string();
            assert!(error.contains("--rsvps"), "{error}");
        }
    }
}
