//! What may happen in a sequence, and dice that choose.

pub(super) const GUESTS: usize = 9;
pub(super) const STEPS: usize = 16;
/// First so many guests answer, so that there is a waitlist to begin with.
pub(super) const CROWD: usize = 5;

/// What somebody does. Guests are numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Answer {
        who: usize,
        party: i32,
    },
    AnswerByMail {
        who: usize,
        party: i32,
    },
    Decline {
        who: usize,
    },
    Confirm {
        who: usize,
    },
    Update {
        who: usize,
        party: i32,
    },
    Cancel {
        who: usize,
    },
    CancelByLink {
        who: usize,
    },
    /// A host lets somebody come, or not.
    Decide {
        who: usize,
        approve: bool,
    },
    AcceptOffer {
        who: usize,
    },
    DeclineOffer {
        who: usize,
    },
    /// To the other date.
    Move {
        who: usize,
    },
    Wait {
        minutes: i64,
    },
    SetCapacity {
        seats: Option<i32>,
    },
    CallOff,
}

/// What the hosts of an event decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Nobody passes the first in line.
    pub(super) strict: bool,
    /// Seats are offered.
    pub(super) offers: bool,
    /// A host decides who comes.
    pub(super) approval: bool,
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn one_of(&mut self, count: usize) -> usize {
        usize::try_from(self.roll(count as u64)).unwrap()
    }

    pub(super) fn capacity(&mut self) -> Option<i32> {
        let seats = i32::try_from(self.roll(9)).unwrap();
        // Sometimes so many that a tenth is more than two.
        match self.roll(12) {
            0 => None,
            1 => Some(40 + seats),
            _ => Some(1 + seats),
        }
    }

    pub(super) fn step(&mut self, number: usize) -> Step {
        let who = self.one_of(GUESTS);
        let party = i32::try_from(self.roll(4)).unwrap() + 1;
        match self.roll(60) {
            _ if number < CROWD => Step::Answer { who: number, party },
            0..=8 => Step::Answer { who, party },
            9..=13 => Step::AnswerByMail { who, party },
            14..=15 => Step::Decline { who },
            16..=19 => Step::Confirm { who },
            20..=24 => Step::Update { who, party },
            25..=27 => Step::Cancel { who },
            28 => Step::CancelByLink { who },
            29..=34 => Step::Decide {
                who,
                approve: self.roll(4) > 0,
            },
            35..=39 => Step::AcceptOffer { who },
            40..=42 => Step::DeclineOffer { who },
            43..=46 => Step::Move { who },
            47..=51 => Step::Wait {
                minutes: [20, 61, 121][self.one_of(3)],
            },
            52..=57 => Step::SetCapacity {
                seats: self.capacity(),
            },
            // Nothing much happens afterwards, so it comes rarely.
            _ if self.roll(6) == 0 => Step::CallOff,
            _ => Step::Answer { who, party },
        }
    }
}
