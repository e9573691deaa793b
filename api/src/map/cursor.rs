//! Where a page ended.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::search::Order;
use crate::refusal::Refusal;

/// The key of a hit: what follows is strictly past it. `Display` is the opaque text that clients hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) order: Order,
    /// Bits of a distance in metres, which sort as the distance does, or microseconds since 1970.
    pub(super) key: i64,
    pub(super) id: Uuid,
}

impl Cursor {
    /// Reads what `Display` wrote. Refuses junk, and a cursor of another order; the problem is one of
    /// `argument`.
    pub fn parse(text: &str, order: Order, argument: &str) -> Result<Self, Refusal> {
        let cursor = Self::read(text).ok_or_else(|| Refusal::input(&[argument], "is not a cursor"))?;
        if cursor.order == order {
            Ok(cursor)
        } else {
            Err(Refusal::input(&[argument], "is a cursor of another order"))
        }
    }

    pub(super) fn of_distance(metres: f64, id: Uuid) -> Self {
        Self {
            order: Order::Distance,
            key: metres.to_bits().cast_signed(),
            id,
        }
    }

    pub(super) fn of_start(micros: i64, id: Uuid) -> Self {
        Self {
            order: Order::Start,
            key: micros,
            id,
        }
    }

    /// The distance that `of_distance` was given.
    pub(super) fn metres(&self) -> f64 {
        f64::from_bits(self.key.cast_unsigned())
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (order, rest) = bytes.split_first()?;
        let (key, id) = rest.split_first_chunk::<8>()?;
        let key = i64::from_be_bytes(*key);
        let id = Uuid::from_slice(id).ok()?;
        let cursor = match order {
            0 => Self::of_distance(f64::from_bits(key.cast_unsigned()), id),
            1 => Self::of_start(key, id),
            _ => return None,
        };
        let possible = cursor.order == Order::Start
            || (cursor.metres().is_finite() && cursor.metres().is_sign_positive());
        possible.then_some(cursor)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![match self.order {
            Order::Distance => 0,
            Order::Start => 1,
        }];
        bytes.extend(self.key.to_be_bytes());
        bytes.extend(self.id.as_bytes());
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_junk_is_refused() {
        let cursor = Cursor::of_distance(1234.5, Uuid::now_v7());
        let text = cursor.to_string();
        assert_eq!(Cursor::parse(&text, Order::Distance, "after").unwrap(), cursor);
        assert!(matches!(
            Cursor::parse(&text, Order::Start, "after"),
            Err(Refusal::Input(_))
        ));
        let earlier = Cursor::of_start(-7, Uuid::now_v7());
        assert_eq!(
            Cursor::parse(&earlier.to_string(), Order::Start, "after").unwrap(),
            earlier
        );
        let endless = Cursor::of_distance(f64::NAN, Uuid::nil()).to_string();
        for junk in ["", "x", "AAAA", "é", &text[1..], &format!("{text}AAAA"), &endless] {
            assert!(Cursor::parse(junk, Order::Distance, "after").is_err(), "{junk}");
        }
    }
}
