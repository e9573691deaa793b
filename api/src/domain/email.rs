//! Mail addresses.

use std::fmt;

use crate::refusal::{Problems, Refusal};

const LONGEST: usize = 254; // RFC 5321, 4.5.3.1.3

/// A mail address in the form it is looked up by: trimmed and in lower case. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; refuses what is none, naming the field at `path`.
    pub fn parse(text: &str, path: &[&str]) -> Result<Self, Refusal> {
        let text = text.trim().to_lowercase();
        match text.parse::<lettre::Address>() {
            Ok(address) if text.len() <= LONGEST && is_usual(&address) => Ok(Self(text)),
            _ => Err(Refusal::input(path, "must be an email address")),
        }
    }

    /// Reads several; one refusal names each that is none, by its place in the list at `path`.
    pub fn parse_all(texts: &[String], path: &[&str]) -> Result<Vec<Self>, Refusal> {
        let mut problems = Problems::default();
        let mut emails = vec![];
        for (i, text) in texts.iter().enumerate() {
            match Self::parse(text, path) {
                Ok(email) => emails.push(email),
                Err(_) => problems.add(&format!("{}.{i}", path.join(".")), "must be an email address"),
            }
        }
        problems.finish()?;
        Ok(emails)
    }

    /// An address that was parsed before it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address itself, for sending to it and for its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// No quoted names and no addresses of machines: nobody has one, and mail to them is refused later.
fn is_usual(address: &lettre::Address) -> bool {
    let domain = address.domain();
    !address.user().contains(['"', ' ']) && domain.contains('.') && !domain.starts_with('[')
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_and_hides_them() {
        let email = Email::parse("  Wren.Test@Example.ORG ", &["email"]).unwrap();
        assert_eq!(email.reveal(), "wren.test@example.org");
        assert_eq!(format!("{email:?}"), "Email(…)");
        for bad in [
            "",
            "wren",
            "wren@",
            "@example.org",
            "a@b",
            "a b@example.org",
            "\"a b\"@example.org",
            "a@[127.0.0.1]",
            "a@example.org\r\nBcc: x",
        ] {
            assert!(Email::parse(bad, &["email"]).is_err(), "{bad:?}");
        }
    }
}
