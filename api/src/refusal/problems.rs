//! What is wrong with an input.

use super::Refusal;

/// One thing wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, from the argument on: `["input", "timeslots", "0", "endsAt"]`.
    pub path: Vec<String>,
    /// What, as the end of a sentence that begins with the field's name.
    pub problem: String,
}

/// Collects the problems of an input, so that a client learns of all at once.
#[derive(Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem with the field at `path`, written with dots: `input.timeslots.0.endsAt`.
    pub fn add(&mut self, path: &str, problem: impl Into<String>) {
        self.0.push(Problem {
            path: path.split('.').map(str::to_owned).collect(),
            problem: problem.into(),
        });
    }

    /// Notes a problem unless `good`.
    pub fn check(&mut self, good: bool, path: &str, problem: impl Into<String>) {
        if !good {
            self.add(path, problem);
        }
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusal with every problem that was noted.
    pub fn into_refusal(self) -> Refusal {
        Refusal::Input(self.0)
    }

    /// Refuses when there was any problem.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Input(self.0))
        }
    }
}
