//! Phone numbers that take texts.
//!
//! The plans of all countries' numbers take 8 MB, which the library reads when the first number is parsed: who uses mail alone
//! never pays for them.

use std::fmt;

use phonenumber::{Mode, PhoneNumber, Type, country::Source, metadata::DATABASE};
use unicode_normalization::UnicodeNormalization;

use crate::{config::Config, refusal::Refusal};

/// Longer than any way of writing a number; the library is given nothing longer.
const LONGEST: usize = 40;
const NONE: &str = "must be a phone number, with its country's code if it is of another country";

/// A phone number as it is looked up by: E.164, `+15155550123`. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads a number however it is spaced; one without a country's code is of the first of `sms.regions`. Refuses, naming
    /// the field at `path`, what is none, is of a region that is not among them, or takes no texts: that costs more, or
    /// earns somebody money.
    pub fn parse(config: &Config, text: &str, path: &[&str]) -> Result<Self, Refusal> {
        if !config.texts() {
            return Err(Refusal::input(path, "cannot be used here: give an email address"));
        }
        let regions = &config.sms.regions;
        let number = read(text, regions.first().map_or("", String::as_str));
        let number = number.ok_or_else(|| Refusal::input(path, NONE))?;
        let region = number.country().id();
        if !region.is_some_and(|region| regions.iter().any(|allowed| allowed == region.as_ref())) {
            let problem = format!("must be a number of {}", regions.join(", "));
            return Err(Refusal::input(path, problem));
        }
        match number.number_type(&DATABASE) {
            Type::Mobile | Type::FixedLineOrMobile => Ok(Self(e164(&number))),
            _ => Err(Refusal::input(path, "must be a number that takes texts")),
        }
    }

    /// A number that a gateway names, of whatever region and kind: who may be written to is decided elsewhere, but
    /// everybody may say STOP. A gateway may leave out the plus, and some the country's code.
    pub fn of_gateway(config: &Config, text: &str) -> Option<Self> {
        let region = config.sms.regions.first().map_or("", String::as_str);
        let whole = || read(&format!("+{}", text.trim().trim_start_matches('+')), region);
        let local = || read(text, region);
        let has_code = text.chars().filter(char::is_ascii_digit).count() > 10;
        let number = if has_code {
            whole().or_else(local)
        } else {
            local().or_else(whole)
        };
        number.as_ref().map(e164).map(Self)
    }

    /// A number that was parsed before it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The number itself, for sending to it and for its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its first digits, the country's code among them.
    pub(super) fn prefix(&self, digits: usize) -> &str {
        self.0.get(1..=digits).unwrap_or(&self.0)
    }
}

/// Only digits and a plus are left to the library, which takes letters, extensions and addresses of the web for numbers too.
fn read(text: &str, region: &str) -> Option<PhoneNumber> {
    let mut digits = String::new();
    for c in text.trim().nfkc() {
        match c {
            '+' if digits.is_empty() => digits.push('+'),
            ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2015}' | '.' | '/' | '(' | ')' => {}
            c => digits.push(char::from_digit(c.to_digit(10)?, 10)?),
        }
        if digits.len() > LONGEST {
            return None;
        }
    }
    // Given a region, the library takes the prefix of that region off numbers of others, which makes other numbers of them. So
    // it gets none for whoever names a country, and who names one by dialling abroad (011, 00) has to name it with a plus.
    let region = if digits.starts_with('+') {
        None
    } else {
        Some(region.parse().ok()?)
    };
    let number = phonenumber::parse(region, &digits).ok()?;
    // It may still take a digit for a prefix when it reads its own E.164; nobody must be found by two numbers.
    let again = phonenumber::parse(None, e164(&number)).ok()?;
    let is_one = e164(&again) == e164(&number) && number.code().source() != Source::Idd;
    (number.is_valid() && is_one).then_some(number)
}

fn e164(number: &PhoneNumber) -> String {
    number.format().mode(Mode::E164).to_string()
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Phone, Refusal> {
        Phone::parse(&Config::with(&[]).unwrap(), text, &["phone"])
    }

    fn problem(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn one_number_is_one_however_it_is_written() {
        for same in [
            "+15155550123",
            "5155550123",
            "1 515 555 0123",
            " (515) 555-0123 ",
            "515.555.0123",
            "+1\u{a0}515\u{2011}555\u{2013}0123",
            "\u{ff0b}\u{ff11}5155550123", // full width
        ] {
            assert_eq!(parse(same).unwrap().reveal(), "+15155550123", "{same}");
        }
        assert_eq!(
            parse("787 555 0123").unwrap().reveal(),
            "+17875550123",
            "Puerto Rico"
        );
        let phone = parse("5155550123").unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(…)");
        assert_eq!(phone.prefix(7), "1515555");
    }

    #[test]
    fn what_is_no_number_of_ours_is_refused() {
        for none in [
            "",
            "+",
            "++15155550123",
            "911",
            "5550123",
            "515555012345678901234567890",
            "tel:+15155550123",
            "515-555-0123 ext. 5",
            "515555WREN",
            "+1515+5550123",
            "wren@example.org",
            "\u{202E}5155550123",
            "515\u{200B}5550123",
            "011 44 7400 123456",
            "5155550123\n",
            "5155550123\nBcc: x",
            "=5155550123",
            &"5".repeat(50_000),
        ] {
            // A line end at either side is a space.
            if none.trim() == "5155550123" {
                continue;
            }
            assert!(problem(none).contains("must be a phone number"), "{none:?}");
        }
        for abroad in [
            "+447400123456",
            "+18765550123",
            "+12425550123",
            "+881612345678",
            "+33612345678",
        ] {
            assert!(problem(abroad).starts_with("phone must be"), "{abroad}");
            assert!(parse(abroad).is_err(), "{abroad}");
        }
        assert!(problem("+447400123456").contains("a number of US, PR"));
        for dear in ["9005550123", "+18005550123", "+15005550123"] {
            assert!(problem(dear).contains("takes texts"), "{dear}");
        }
    }

    #[test]
    fn other_regions_tell_kinds_of_numbers_apart() {
        let config = Config::with(&[("sms.regions", "DE,GB".to_owned())]).unwrap();
        let parse = |text: &str| Phone::parse(&config, text, &["phone"]);
        assert_eq!(parse("01511 2345678").unwrap().reveal(), "+4915112345678");
        let american = Config::with(&[("sms.regions", "US,DE".to_owned())]).unwrap();
        let abroad = Phone::parse(&american, "+49 1511 2345678", &["phone"]).unwrap();
        assert_eq!(abroad.reveal(), "+4915112345678", "whatever the first region is");
        assert_eq!(parse("+44 7400 123456").unwrap().reveal(), "+447400123456");
        for no in ["030 123456", "+442071838750", "0900 1234567", "+15155550123"] {
            assert!(parse(no).is_err(), "{no}");
        }
    }

    #[test]
    fn a_gateway_may_name_anybody() {
        let config = Config::with(&[]).unwrap();
        let of = |text: &str| Phone::of_gateway(&config, text).map(|phone| phone.0);
        assert_eq!(of("15155550123").as_deref(), Some("+15155550123"));
        assert_eq!(of("447400123456").as_deref(), Some("+447400123456"));
        assert_eq!(of("+4915112345678").as_deref(), Some("+4915112345678"));
        assert_eq!(of("(515) 555-0123").as_deref(), Some("+15155550123"));
        assert_eq!(of("TURNOUT"), None);
    }

    #[test]
    fn numbers_can_be_switched_off() {
        let off = Config::with(&[("sms.enabled", "off".to_owned())]).unwrap();
        let refused = Phone::parse(&off, "+15155550123", &["phone"]).unwrap_err();
        assert!(refused.to_string().contains("give an email address"));
    }
}
