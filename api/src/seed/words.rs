//! What invented people, towns and events are called. Nobody should take them for real.

use entity::EventType;

use super::dice::{Dice, For};
use crate::domain::person::Name;

const PLANTS: [&str; 32] = [
    "Alder", "Anise", "Aspen", "Barley", "Basil", "Birch", "Bramble", "Caraway", "Cedar", "Chive", "Clover",
    "Cress", "Dill", "Elder", "Fennel", "Fern", "Flax", "Hawthorn", "Hazel", "Heather", "Juniper", "Larch",
    "Linden", "Maple", "Mint", "Moss", "Nettle", "Oat", "Reed", "Rowan", "Sorrel", "Thyme",
];
const ANIMALS: [&str; 32] = [
    "Ant", "Badger", "Beaver", "Bee", "Bison", "Bobcat", "Cricket", "Curlew", "Egret", "Falcon", "Finch",
    "Gopher", "Grouse", "Heron", "Ibis", "Lark", "Loon", "Lynx", "Marmot", "Marten", "Mink", "Newt",
    "Osprey", "Otter", "Owl", "Pelican", "Pika", "Plover", "Quail", "Tern", "Thrasher", "Vole",
];
const LANDSCAPES: [&str; 16] = [
    "Bend", "Bluff", "Creek", "Crossing", "Falls", "Ferry", "Grove", "Harbor", "Heights", "Hollow",
    "Junction", "Lake", "Meadow", "Mills", "Ridge", "Springs",
];
const ROOMS: [&str; 6] = ["Hall", "Library", "Community Center", "Park", "Diner", "Room"];
const CLUBS: [&str; 4] = ["Neighbors", "Volunteers", "Alliance", "Circle"];
const TAGS: [&str; 14] = [
    "beginners",
    "children-welcome",
    "climate",
    "democracy",
    "evening",
    "food",
    "health",
    "housing",
    "libraries",
    "music",
    "outdoors",
    "schools",
    "transit",
    "weekly",
];
const SENTENCES: [&str; 14] = [
    "Bring water, a charged phone, and comfortable shoes.",
    "No experience is needed: we practice together before we begin.",
    "Children are welcome, and there is a table with crayons.",
    "We meet at the entrance and go in together.",
    "Whoever comes for the first time gets a short introduction.",
    "There is soup afterwards, and time to talk.",
    "If you can, come ten minutes early and help to set up.",
    "Nobody goes alone: we work in pairs, and somebody is always reachable.",
    "Pens, paper, and lists are there; a clipboard of your own does no harm.",
    "Last time there were more of us than chairs, so please say whether you come.",
    "We end on time, and those who like stay for a while.",
    "Tell us if you need a ride, or can offer one.",
    "Please wear something warm; we are outside for part of it.",
    "What was decided last time is read out at the beginning.",
];

/// A kind of event: what it is called and where it usually is.
#[derive(Clone, Copy)]
pub struct Scene {
    pub title: &'static str,
    pub event_type: EventType,
    pub setting: Setting,
}

/// Where a kind of event usually is.
#[derive(Clone, Copy, PartialEq)]
pub enum Setting {
    Open,
    Home,
    Online,
}

pub const SCENES: [Scene; 20] = [
    scene("Door to door", EventType::Canvass, Setting::Open),
    scene(
        "Knocking on doors next door",
        EventType::CommunityCanvass,
        Setting::Open,
    ),
    scene("Phone bank", EventType::PhoneBank, Setting::Online),
    scene("Text bank", EventType::TextBank, Setting::Online),
    scene("Rally for the library", EventType::Rally, Setting::Open),
    scene("House party", EventType::HouseParty, Setting::Home),
    scene(
        "Training: talking to strangers",
        EventType::Training,
        Setting::Open,
    ),
    scene("Registering voters", EventType::VoterReg, Setting::Open),
    scene("Town hall", EventType::TownHall, Setting::Open),
    scene("Letters over soup", EventType::LetterWriting, Setting::Home),
    scene("Postcards together", EventType::PostcardWriting, Setting::Open),
    scene("Know your rights", EventType::KnowYourRights, Setting::Open),
    scene(
        "Visit to the council member",
        EventType::LobbyVisit,
        Setting::Open,
    ),
    scene(
        "What comes next: planning",
        EventType::OrganizingMeeting,
        Setting::Home,
    ),
    scene(
        "Testify at the county board",
        EventType::PublicTestimony,
        Setting::Open,
    ),
    scene(
        "Petition table at the market",
        EventType::SignatureGathering,
        Setting::Open,
    ),
    scene(
        "Handing in the petition",
        EventType::PetitionDelivery,
        Setting::Open,
    ),
    scene("Peaceful action", EventType::Action, Setting::Open),
    scene("Meeting of the group", EventType::Meeting, Setting::Online),
    scene("Sorting donations", EventType::VolunteerShift, Setting::Open),
];

/// A person's name.
pub fn name(dice: &mut Dice) -> Name {
    Name {
        given: dice.pick(&PLANTS).to_owned(),
        family: dice.pick(&ANIMALS).to_owned(),
    }
}

/// The town of an area, the same in every world.
pub fn town(area: u32) -> String {
    let mut dice = Dice::new(0, For::Home, area);
    format!("{} {}", dice.pick(&ANIMALS), dice.pick(&LANDSCAPES))
}

/// Where something open to the public takes place.
pub fn venue(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&PLANTS), dice.pick(&ROOMS))
}

/// An organisation.
pub fn sponsor(dice: &mut Dice, town: &str) -> String {
    format!("{town} {}", dice.pick(&CLUBS))
}

/// A sentence for lists.
pub fn summary(dice: &mut Dice) -> String {
    dice.pick(&SENTENCES).to_owned()
}

/// A few paragraphs of Markdown.
pub fn description(dice: &mut Dice) -> String {
    // Steps of 3 come by each of the 14 sentences once.
    let first = dice.below(14) as usize;
    let mut sentences = SENTENCES
        .iter()
        .cycle()
        .skip(first)
        .step_by(3)
        .take(SENTENCES.len());
    let mut text = String::new();
    for _ in 0..dice.between(1, 4) {
        let some = sentences.by_ref().take(dice.between(1, 4) as usize);
        let paragraph: Vec<&str> = some.copied().collect();
        if !paragraph.is_empty() {
            text += &paragraph.join(" ");
            text += "\n\n";
        }
    }
    text + "**This event is invented.** Nobody will be there."
}

/// None to three tags.
pub fn tags(dice: &mut Dice) -> Vec<String> {
    let mut tags: Vec<String> = (0..dice.below(4)).map(|_| dice.pick(&TAGS).to_owned()).collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

const fn scene(title: &'static str, event_type: EventType, setting: Setting) -> Scene {
    Scene {
        title,
        event_type,
        setting,
    }
}
