//! The languages messages are written in, and which of them somebody gets.

use entity::person;

/// A language that there are texts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its BCP 47 tag, and the folder of its texts.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The language of a BCP 47 tag, whatever the country: `es-MX` is Spanish.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let mut all = Self::ALL.into_iter();
        all.find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The one that an `Accept-Language` header likes best.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for part in header.split(',').take(20) {
            let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let weight = weight.trim().strip_prefix("q=").unwrap_or_default();
            let weight: f32 = weight.trim().parse().unwrap_or_default();
            let better = best.is_none_or(|(_, other)| weight > other);
            if let Some(language) = Self::of_tag(tag.trim())
                && weight > 0.0
                && better
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// What somebody is written in: the language of their profile, else the first that they speak and there are texts in.
    pub fn of_person(person: &person::Model) -> Option<Self> {
        let spoken: Vec<String> = serde_json::from_str(&person.languages).unwrap_or_default();
        let mut wanted = [&person.language].into_iter().chain(&spoken);
        wanted.find_map(|tag| Self::of_tag(tag))
    }
}
