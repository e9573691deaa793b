//! What takes place where and when.

mod dates;
mod sizes;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    AccessibilityFeature, AccessibilityStatus, AddressVisibility, AttendeeVisibility, EventStatus, HostKind,
    JoinPolicy, Visibility, WaitlistRule, event, event_host, publication,
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{
    Plan,
    answers::Answers,
    batch::Batch,
    dice::{Dice, For},
    ground::Spot,
    people::Crowd,
    words::{self, SCENES, Scene, Setting},
};
use crate::{
    app::App,
    domain::{event::Content, place::Place},
    refusal::Refusal,
};

const UNLISTED_PERCENT: u32 = 2;
/// How many in a hundred also name an organisation as host.
const SPONSORED_PERCENT: u32 = 12;
const FEATURES: [AccessibilityFeature; 5] = [
    AccessibilityFeature::StepFree,
    AccessibilityFeature::Ramp,
    AccessibilityFeature::Captions,
    AccessibilityFeature::Childcare,
    AccessibilityFeature::PublicTransport,
];

/// All events, by number.
pub struct Calendar<'a> {
    app: &'a App,
    plan: &'a Plan,
    crowd: &'a Crowd<'a>,
    /// How many answers each gets.
    sizes: Vec<u32>,
}

/// When it went from draft to where it stands.
struct Story {
    created_at: DateTime<Utc>,
    submitted_at: DateTime<Utc>,
    reviewed_at: DateTime<Utc>,
    cancelled_at: DateTime<Utc>,
}

impl<'a> Calendar<'a> {
    pub fn new(app: &'a App, plan: &'a Plan, crowd: &'a Crowd<'a>) -> Result<Self> {
        let sizes = sizes::of(plan)?;
        Ok(Self {
            app,
            plan,
            crowd,
            sizes,
        })
    }

    /// The next events' rows, from `next` on, with their answers.
    pub async fn batch(&self, next: &mut u32) -> Result<Batch, Refusal> {
        let mut batch = Batch::default();
        while *next < self.plan.events && !batch.is_full() {
            self.add(*next, &mut batch).await?;
            *next += 1;
        }
        Ok(batch)
    }

    async fn add(&self, number: u32, batch: &mut Batch) -> Result<(), Refusal> {
        let mut dice = Dice::new(self.plan.seed, For::Event, number);
        let status = status(self.plan, number, &mut dice);
        let spot = self.crowd.ground().spot(&mut dice);
        let dates = dates::of(self.plan, number, spot.zone, &mut dice);
        let first = dates
            .iter()
            .map(|(start, _)| *start)
            .min()
            .unwrap_or(self.plan.at);
        let story = story(first.min(self.plan.at), &mut dice);
        let id = dice.id(story.created_at);
        let content = content(number, &spot, &mut dice);
        let row = self.row(id, status, &story, &content, &mut dice).await?;
        batch.events.push(row);
        batch
            .publications
            .extend(publication(id, status, &story, content.visibility));
        self.add_hosts(id, &spot, story.created_at, &mut dice, batch);
        let closes = match status {
            EventStatus::Cancelled => story.cancelled_at,
            _ => self.plan.at,
        };
        let answers = Answers {
            app: self.app,
            crowd: self.crowd,
            people: self.plan.people,
            event_id: id,
            area: spot.area,
            created_at: story.created_at,
            opens: story.reviewed_at,
            closes,
            at: self.plan.at,
            dates: &dates,
        };
        let size = self.sizes.get(number as usize).copied().unwrap_or_default();
        answers.add(size, &mut dice, batch)
    }

    /// As the actions leave it: each step raises the version.
    async fn row(
        &self,
        id: Uuid,
        status: EventStatus,
        story: &Story,
        content: &Content,
        dice: &mut Dice,
    ) -> Result<event::ActiveModel, Refusal> {
        let (version, changed_at) = match status {
            EventStatus::Draft => (1, story.created_at),
            EventStatus::NeedsApproval => (2, story.submitted_at),
            EventStatus::Approved | EventStatus::Rejected => (3, story.reviewed_at),
            EventStatus::Cancelled | EventStatus::Suppressed => (4, story.cancelled_at),
        };
        let reviewer = self.crowd.organizer(dice);
        let rejected = status == EventStatus::Rejected;
        let cancelled = status == EventStatus::Cancelled;
        Ok(event::ActiveModel {
            status: Set(status),
            submitted_at: Set((version > 1).then_some(story.submitted_at)),
            reviewed_at: Set((version > 2).then_some(story.reviewed_at)),
            reviewed_by: Set((version > 2).then_some(reviewer)),
            rejection_reason: Set(rejected.then(|| "Please say where it takes place.".to_owned())),
            cancelled_at: Set(cancelled.then_some(story.cancelled_at)),
            cancellation_note: Set(cancelled.then(|| "The room is not to be had that day.".to_owned())),
            origin_system: Set(None),
            origin_id: Set(None),
            origin_hash: Set(None),
            version: Set(version),
            changed_at: Set(changed_at),
            created_at: Set(story.created_at),
            ..content.columns(self.app, id).await?
        })
    }

    /// Few people host most events.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below the length"
    )]
    fn add_hosts(
        &self,
        id: Uuid,
        spot: &Spot,
        created_at: DateTime<Utc>,
        dice: &mut Dice,
        batch: &mut Batch,
    ) {
        let locals = self.crowd.locals(spot.area);
        let at = (dice.unit().powi(3) * locals.len() as f64) as usize;
        let anybody = dice.below(self.plan.people);
        let host = self.crowd.person(locals.get(at).copied().unwrap_or(anybody));
        let sponsored = dice.percent(SPONSORED_PERCENT);
        let sponsor = words::sponsor(dice, &words::town(spot.area));
        let mut add = |kind, person_id, public_name| {
            batch.hosts.push(event_host::Model {
                id: dice.id(created_at),
                event_id: id,
                kind,
                person_id,
                public_name,
                wanted_name: None,
                leads: false,
                created_at,
            });
        };
        add(HostKind::Person, Some(host.id), host.name.short());
        if sponsored {
            add(HostKind::Sponsor, None, sponsor);
        }
    }
}

/// Whether it is one of those to come; they lie evenly among the others.
fn is_upcoming(plan: &Plan, number: u32) -> bool {
    let before = |number: u32| u64::from(number) * u64::from(plan.upcoming) / u64::from(plan.events);
    before(number + 1) > before(number)
}

/// The first roll of an event's dice.
fn status(plan: &Plan, number: u32, dice: &mut Dice) -> EventStatus {
    match dice.below(100) {
        0..=1 => EventStatus::Draft,
        2..=3 if is_upcoming(plan, number) => EventStatus::NeedsApproval,
        2..=4 => EventStatus::Rejected,
        5..=7 => EventStatus::Cancelled,
        _ => EventStatus::Approved,
    }
}

/// That it was published, and is on no list any more, as the actions note it.
fn publication(
    id: Uuid,
    status: EventStatus,
    story: &Story,
    visibility: Visibility,
) -> Option<publication::Model> {
    let ended_at = match status {
        EventStatus::Approved => None,
        EventStatus::Cancelled => Some(story.cancelled_at),
        EventStatus::Draft | EventStatus::NeedsApproval | EventStatus::Rejected | EventStatus::Suppressed => {
            return None;
        }
    };
    let is_public = visibility == Visibility::Public;
    Some(publication::Model {
        event_id: id,
        changed_at: ended_at.unwrap_or(story.reviewed_at),
        listed_at: is_public.then_some(story.reviewed_at),
        removed_at: ended_at.filter(|_| is_public),
    })
}

fn story(latest: DateTime<Utc>, dice: &mut Dice) -> Story {
    let mut earlier = |time: DateTime<Utc>, least: u32, most: u32| {
        time - TimeDelta::minutes(i64::from(dice.between(least * 60, most * 60)))
    };
    let reviewed_at = earlier(latest, 2 * 24, 40 * 24);
    let submitted_at = earlier(reviewed_at, 1, 48);
    let created_at = earlier(submitted_at, 1, 72);
    Story {
        created_at,
        submitted_at,
        reviewed_at,
        cancelled_at: dice.time(reviewed_at, latest),
    }
}

fn content(number: u32, spot: &Spot, dice: &mut Dice) -> Content {
    let scene = dice.pick(&SCENES);
    let town = words::town(spot.area);
    let online = scene.setting == Setting::Online && dice.percent(60);
    let hybrid = online || dice.percent(8);
    let open = scene.setting == Setting::Open;
    let accessible = open && dice.percent(40);
    let mut features: Vec<AccessibilityFeature> = (0..3).map(|_| dice.pick(&FEATURES)).collect();
    features.sort_unstable();
    features.dedup();
    Content {
        title: format!("{}, {town}", scene.title),
        summary: dice.percent(70).then(|| words::summary(dice)),
        description: words::description(dice),
        event_type: scene.event_type,
        tags: words::tags(dice),
        image_url: None,
        accessibility_status: accessible.then_some(AccessibilityStatus::Accessible),
        accessibility_notes: None,
        accessibility_features: if accessible { features } else { Vec::new() },
        visibility: if dice.percent(UNLISTED_PERCENT) {
            Visibility::Unlisted
        } else {
            Visibility::Public
        },
        address_visibility: address_visibility(&scene, dice),
        address_hours: None,
        attendee_visibility: AttendeeVisibility::Hosts,
        join_policy: JoinPolicy::Open,
        waitlist_rule: WaitlistRule::Skip,
        waitlist_offer_hours: None,
        external_url: None,
        questions: Vec::new(),
        campaign_id: None,
        timezone: spot.zone.name().to_owned(),
        place: (!online).then(|| place(&scene, spot, town, dice)),
        virtual_url: hybrid.then(|| format!("https://meet.example.org/{number}")),
        instructions: dice.percent(50).then(|| words::summary(dice)),
        gathering: None,
    }
}

fn address_visibility(scene: &Scene, dice: &mut Dice) -> AddressVisibility {
    match (scene.setting, dice.below(100)) {
        (Setting::Online, _) => AddressVisibility::Public,
        (Setting::Home, _) | (Setting::Open, 0..=4) => AddressVisibility::AfterRsvp,
        (Setting::Open, 5..=8) => AddressVisibility::HostsOnly,
        (Setting::Open, _) => AddressVisibility::Public,
    }
}

fn place(scene: &Scene, spot: &Spot, town: String, dice: &mut Dice) -> Place {
    let point = spot.scatter(dice);
    // Some hosts know the postal code only.
    let exact = !dice.percent(5);
    Place {
        venue: (scene.setting != Setting::Home).then(|| words::venue(dice)),
        address_lines: vec![format!("{} Example Street", dice.between(1, 900))],
        locality: Some(town),
        region: Some(spot.region.to_owned()),
        postal_code: Some(format!("{:05}", spot.code)),
        country: "US".to_owned(),
        latitude: exact.then_some(point.latitude()),
        longitude: exact.then_some(point.longitude()),
    }
}
