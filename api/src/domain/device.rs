//! What a device says of itself. In the list of somebody's sessions it is called by a browser and a system out of a short list, so that no
//! two devices can be told apart by it that are not told apart by their names.

use crate::letter::Language;

/// Browsers by what their user agent holds; the first that fits, because most claim to be others as well.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems in the same way.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// What a device is called, nothing for what is not on the list; and what it speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Device {
    browser: Option<&'static str>,
    system: Option<&'static str>,
    language: Option<Language>,
}

impl Device {
    /// The device that sends this `User-Agent`.
    pub fn of(user_agent: &str) -> Self {
        let first = |list: &[(&str, &'static str)]| {
            let found = list.iter().find(|(part, _)| user_agent.contains(part));
            found.map(|(_, name)| *name)
        };
        Self {
            browser: first(&BROWSERS),
            system: first(&SYSTEMS),
            language: None,
        }
    }

    /// The same with this `Accept-Language`.
    pub fn speaking(self, accept_language: &str) -> Self {
        let language = Language::accepted(accept_language);
        Self { language, ..self }
    }

    /// The language it likes best, of those there are texts in.
    pub fn language(self) -> Option<Language> {
        self.language
    }

    /// `Firefox, Android`: at most 32 characters.
    pub(crate) fn name(self) -> Option<String> {
        let parts: Vec<_> = [self.browser, self.system].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_few() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                Some("Firefox, Linux"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
                Some("Chrome, Android"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                Some("Safari, iOS"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                Some("Edge, Windows"),
            ),
            ("OurApp/3.1 (Android 14)", Some("Android")),
            ("curl/8.9", None),
            ("", None),
        ];
        for (user_agent, name) in cases {
            assert_eq!(Device::of(user_agent).name().as_deref(), name, "{user_agent}");
        }
        for (_, browser) in BROWSERS {
            for (_, system) in SYSTEMS {
                assert!(browser.len() + 2 + system.len() <= 32);
            }
        }
    }
}
