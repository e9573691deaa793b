//! What the invented events are made of.

use chrono_tz::{America, Tz};
use entity::EventType;

/// A city with an invented host.
pub struct City {
    pub name: &'static str,
    pub region: &'static str,
    pub postal_code: &'static str,
    pub latitude: f64,
    pub longitude: f64,
    pub zone: Tz,
    /// Family name of the host.
    pub host: &'static str,
}

/// A kind of event.
pub struct Scene {
    pub title: &'static str,
    pub summary: &'static str,
    pub event_type: EventType,
    pub setting: Setting,
    /// Hour of the start, by the clock of the city.
    pub hour: u32,
    pub minutes: i64,
    /// How many times in four weeks.
    pub dates: u32,
    pub capacity: Option<i32>,
    /// Sizes of the parties that are coming already.
    pub parties: &'static [i32],
}

/// Where it takes place.
#[derive(Clone, Copy, PartialEq)]
pub enum Setting {
    /// At an address that anyone may know.
    Open,
    /// At somebody's home: the address is for people who are coming.
    Home,
    /// At a place only the hosts know yet.
    Secret,
    /// Online only.
    Online,
}

pub const CITIES: [City; 12] = [
    city(
        "Des Moines",
        "IA",
        "50309",
        41.5868,
        -93.6250,
        America::Chicago,
        "Heron",
    ),
    city(
        "New York",
        "NY",
        "10007",
        40.7128,
        -74.0060,
        America::New_York,
        "Falcon",
    ),
    city(
        "Los Angeles",
        "CA",
        "90012",
        34.0537,
        -118.2428,
        America::Los_Angeles,
        "Pelican",
    ),
    city(
        "Chicago",
        "IL",
        "60602",
        41.8832,
        -87.6324,
        America::Chicago,
        "Plover",
    ),
    city(
        "Houston",
        "TX",
        "77002",
        29.7589,
        -95.3677,
        America::Chicago,
        "Egret",
    ),
    city(
        "Phoenix",
        "AZ",
        "85003",
        33.4484,
        -112.0740,
        America::Phoenix,
        "Quail",
    ),
    city(
        "Philadelphia",
        "PA",
        "19107",
        39.9526,
        -75.1652,
        America::New_York,
        "Grouse",
    ),
    city(
        "Seattle",
        "WA",
        "98104",
        47.6038,
        -122.3301,
        America::Los_Angeles,
        "Otter",
    ),
    city(
        "Denver",
        "CO",
        "80202",
        39.7392,
        -104.9903,
        America::Denver,
        "Lark",
    ),
    city(
        "Atlanta",
        "GA",
        "30303",
        33.7490,
        -84.3880,
        America::New_York,
        "Thrasher",
    ),
    city(
        "Minneapolis",
        "MN",
        "55415",
        44.9778,
        -93.2650,
        America::Chicago,
        "Loon",
    ),
    city(
        "Berkeley",
        "CA",
        "94704",
        37.8702,
        -122.2680,
        America::Los_Angeles,
        "Newt",
    ),
];

pub const SCENES: [Scene; 15] = [
    Scene {
        parties: &[2, 1],
        ..scene(
            "Rally for the shelter animals",
            EventType::Rally,
            Setting::Open,
            "Signs are there; bring friends.",
        )
    },
    Scene {
        dates: 4,
        capacity: Some(20),
        ..scene(
            "Weekly phone bank",
            EventType::PhoneBank,
            Setting::Online,
            "Call your neighbors from your sofa.",
        )
    },
    Scene {
        capacity: Some(12),
        parties: &[4, 4, 4],
        ..scene(
            "Letter writing over soup",
            EventType::LetterWriting,
            Setting::Home,
            "Paper, stamps, and soup.",
        )
    },
    Scene {
        dates: 2,
        ..scene(
            "Petition table at the market",
            EventType::SignatureGathering,
            Setting::Open,
            "Two hours, one clipboard.",
        )
    },
    Scene {
        capacity: Some(30),
        parties: &[3, 2],
        ..scene(
            "Know your rights",
            EventType::KnowYourRights,
            Setting::Open,
            "What to say, and what not to.",
        )
    },
    Scene {
        capacity: Some(8),
        parties: &[4, 3],
        ..scene(
            "Visit to the council member",
            EventType::LobbyVisit,
            Setting::Open,
            "We prepare together first.",
        )
    },
    scene(
        "What comes next: planning",
        EventType::OrganizingMeeting,
        Setting::Home,
        "Bring one idea.",
    ),
    Scene {
        hour: 17,
        ..scene(
            "Testify at the county board",
            EventType::PublicTestimony,
            Setting::Open,
            "Two minutes each.",
        )
    },
    Scene {
        capacity: Some(15),
        parties: &[5, 5, 4],
        ..scene(
            "Training: talking to strangers",
            EventType::Training,
            Setting::Open,
            "Practice in pairs.",
        )
    },
    Scene {
        dates: 4,
        ..scene(
            "Postcards together",
            EventType::PostcardWriting,
            Setting::Online,
            "Company while you write.",
        )
    },
    Scene {
        hour: 17,
        minutes: 60,
        ..scene(
            "Handing in the petition",
            EventType::PetitionDelivery,
            Setting::Open,
            "We walk in together.",
        )
    },
    Scene {
        capacity: Some(10),
        parties: &[5, 5],
        ..scene(
            "House party for the campaign",
            EventType::HouseParty,
            Setting::Home,
            "Short film, long talk.",
        )
    },
    Scene {
        minutes: 180,
        ..scene(
            "Peaceful action",
            EventType::Action,
            Setting::Secret,
            "The place is told to those who come.",
        )
    },
    Scene {
        dates: 3,
        hour: 17,
        capacity: Some(25),
        ..scene(
            "Door to door",
            EventType::Canvass,
            Setting::Open,
            "Nobody goes alone.",
        )
    },
    scene(
        "Town hall",
        EventType::TownHall,
        Setting::Open,
        "Ask what you always wanted to ask.",
    ),
];

const fn city(
    name: &'static str,
    region: &'static str,
    postal_code: &'static str,
    latitude: f64,
    longitude: f64,
    zone: Tz,
    host: &'static str,
) -> City {
    City {
        name,
        region,
        postal_code,
        latitude,
        longitude,
        zone,
        host,
    }
}

const fn scene(title: &'static str, event_type: EventType, setting: Setting, summary: &'static str) -> Scene {
    Scene {
        title,
        summary,
        event_type,
        setting,
        hour: 18,
        minutes: 120,
        dates: 1,
        capacity: None,
        parties: &[],
    }
}
