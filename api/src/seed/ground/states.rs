//! Which state a postal code is in, and the time most of it keeps.

use chrono_tz::{
    America::{Anchorage, Chicago, Denver, Los_Angeles, New_York, Phoenix, Puerto_Rico},
    Pacific::Honolulu,
    Tz,
};

/// The state (two letters) and zone of a postal code; none outside of the states, Washington and Puerto Rico.
pub fn of(code: u32) -> Option<(&'static str, Tz)> {
    let area = code / 100;
    let (.., region, zone) = STATES
        .iter()
        .find(|(first, last, ..)| (*first..=*last).contains(&area))?;
    Some((region, *zone))
}

/// The first three digits, from and to. The first line that fits counts.
const STATES: [(u32, u32, &str, Tz); 60] = [
    (5, 5, "NY", New_York),
    (6, 7, "PR", Puerto_Rico),
    (9, 9, "PR", Puerto_Rico),
    (55, 55, "MA", New_York),
    (10, 27, "MA", New_York),
    (28, 29, "RI", New_York),
    (30, 38, "NH", New_York),
    (39, 49, "ME", New_York),
    (50, 59, "VT", New_York),
    (60, 69, "CT", New_York),
    (70, 89, "NJ", New_York),
    (100, 149, "NY", New_York),
    (150, 196, "PA", New_York),
    (197, 199, "DE", New_York),
    (201, 201, "VA", New_York),
    (200, 205, "DC", New_York),
    (206, 219, "MD", New_York),
    (220, 246, "VA", New_York),
    (247, 268, "WV", New_York),
    (270, 289, "NC", New_York),
    (290, 299, "SC", New_York),
    (300, 319, "GA", New_York),
    (320, 349, "FL", New_York),
    (350, 369, "AL", Chicago),
    (370, 385, "TN", Chicago),
    (386, 397, "MS", Chicago),
    (398, 399, "GA", New_York),
    (400, 427, "KY", New_York),
    (430, 459, "OH", New_York),
    (460, 479, "IN", New_York),
    (480, 499, "MI", New_York),
    (500, 528, "IA", Chicago),
    (530, 549, "WI", Chicago),
    (550, 567, "MN", Chicago),
    (569, 569, "DC", New_York),
    (570, 577, "SD", Chicago),
    (580, 588, "ND", Chicago),
    (590, 599, "MT", Denver),
    (600, 629, "IL", Chicago),
    (630, 658, "MO", Chicago),
    (660, 679, "KS", Chicago),
    (680, 693, "NE", Chicago),
    (700, 714, "LA", Chicago),
    (716, 729, "AR", Chicago),
    (733, 733, "TX", Chicago),
    (730, 749, "OK", Chicago),
    (750, 799, "TX", Chicago),
    (800, 816, "CO", Denver),
    (820, 831, "WY", Denver),
    (832, 838, "ID", Denver),
    (840, 847, "UT", Denver),
    (850, 865, "AZ", Phoenix),
    (870, 884, "NM", Denver),
    (885, 885, "TX", Denver),
    (889, 898, "NV", Los_Angeles),
    (900, 961, "CA", Los_Angeles),
    (967, 968, "HI", Honolulu),
    (970, 979, "OR", Los_Angeles),
    (980, 994, "WA", Los_Angeles),
    (995, 999, "AK", Anchorage),
];
