//! Who lives where.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Channel, StaffRole, audit, contact_point, person, staff_role, suppression};
use uuid::Uuid;

use super::{
    Plan,
    batch::Batch,
    dice::{Dice, For},
    ground::{Ground, Spot},
    words,
};
use crate::{
    app::App,
    cells,
    domain::person::{Name, SCOPE, contact_slot, name_slot},
    refusal::Refusal,
    sealed::BlindIndex,
};

/// All came to be known before the first event was written, so that nobody answers before they are there.
const JOINED_DAYS: (i64, i64) = (1200, 800);
/// How many in a hundred proved that they read their address.
const VERIFIED_PERCENT: u32 = 95;
const SUPPRESSED_PERCENT: u32 = 3;
/// How many in a hundred never said where they live.
const NOWHERE_PERCENT: u32 = 4;
/// One organizer and one recruiter for so many people ...
const PEOPLE_PER_STAFF: u32 = 5_000;
/// ... but not more of each than this.
const MOST_STAFF: u32 = 50;
/// Of a hundred languages.
const LANGUAGES: [(u32, &str); 6] = [
    (84, "en"),
    (95, "es"),
    (97, "zh"),
    (98, "vi"),
    (99, "fr"),
    (100, "ar"),
];

/// Everybody, by number.
pub struct Crowd<'a> {
    app: &'a App,
    plan: &'a Plan,
    ground: Ground,
    /// Numbers of all people, by area.
    by_area: Vec<u32>,
    /// Where each area begins in `by_area`, and the end.
    starts: Vec<u32>,
}

/// What follows from a person's number.
pub struct Person {
    pub id: Uuid,
    pub name: Name,
    pub verified: bool,
    joined_at: DateTime<Utc>,
    spot: Spot,
    dice: Dice,
}

/// The address of the person of a number from 0 on.
pub fn email(number: u32) -> String {
    format!("person{}@example.org", number + 1)
}

impl<'a> Crowd<'a> {
    pub fn new(app: &'a App, plan: &'a Plan) -> Self {
        let ground = Ground::new(&app.postal);
        let area = |number| spot(&ground, plan, number).area as usize;
        let mut starts = vec![0; ground.areas() + 1];
        for number in 0..plan.people {
            if let Some(count) = starts.get_mut(area(number) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (mut next, mut by_area) = (starts.clone(), vec![0; plan.people as usize]);
        for number in 0..plan.people {
            if let Some(next) = next.get_mut(area(number)) {
                if let Some(place) = by_area.get_mut(*next as usize) {
                    *place = number;
                }
                *next += 1;
            }
        }
        Self {
            app,
            plan,
            ground,
            by_area,
            starts,
        }
    }

    /// Everything about where events may be.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Numbers of those who live in an area.
    pub fn locals(&self, area: u32) -> &[u32] {
        let at = |index| self.starts.get(index).map(|start| *start as usize);
        let range = at(area as usize).zip(at(area as usize + 1));
        range
            .and_then(|(from, until)| self.by_area.get(from..until))
            .unwrap_or_default()
    }

    pub fn person(&self, number: u32) -> Person {
        let spot = spot(&self.ground, self.plan, number);
        let mut dice = Dice::new(self.plan.seed, For::Person, number);
        let (from, until) = JOINED_DAYS;
        let span = TimeDelta::days(from - until).num_seconds();
        let since = span * i64::from(number) / i64::from(self.plan.people);
        let joined_at = self.plan.at - TimeDelta::days(from) + TimeDelta::seconds(since);
        Person {
            id: dice.id(joined_at),
            name: words::name(&mut dice),
            verified: dice.percent(VERIFIED_PERCENT) || self.role(number).is_some(),
            joined_at,
            spot,
            dice,
        }
    }

    /// The id of an organizer, if there is one.
    pub fn organizer(&self, dice: &mut Dice) -> Uuid {
        self.person(1 + dice.below(self.staff())).id
    }

    pub fn index(&self, number: u32) -> Result<BlindIndex, Refusal> {
        self.app.keys.index(SCOPE, &email(number))
    }

    /// The next people's rows, from `next` on.
    pub fn batch(&self, next: &mut u32) -> Result<Batch, Refusal> {
        let mut batch = Batch::default();
        while *next < self.plan.people && !batch.is_full() {
            self.add(*next, &mut batch)?;
            *next += 1;
        }
        Ok(batch)
    }

    fn add(&self, number: u32, batch: &mut Batch) -> Result<(), Refusal> {
        let Person {
            id,
            name,
            verified,
            joined_at,
            spot,
            mut dice,
        } = self.person(number);
        let contact_id = dice.id(joined_at);
        let index = self.index(number)?;
        let roll = dice.below(100);
        let language = LANGUAGES.iter().find(|(below, _)| roll < *below);
        let home = cells::home_cell(spot.scatter(&mut dice));
        batch.people.push(person::Model {
            id,
            name: Some(self.app.keys.seal(name_slot(&id), &name)?),
            pronouns: None,
            language: language.map_or("en", |(_, tag)| tag).to_owned(),
            languages: "[]".to_owned(),
            timezone: None,
            cell: (!dice.percent(NOWHERE_PERCENT)).then_some(home),
            shuffle: dice.below(u32::MAX).cast_signed(),
            version: 1,
            changed_at: joined_at,
            created_at: joined_at,
        });
        let verified_at = joined_at + TimeDelta::minutes(i64::from(dice.between(1, 600)));
        if dice.percent(SUPPRESSED_PERCENT) {
            batch.suppressions.push(suppression::Model {
                id: dice.id(verified_at),
                channel: Channel::Email,
                index_key: index.key.clone(),
                value_index: index.value.clone(),
                reason: "LINK".to_owned(),
                created_at: verified_at,
            });
        }
        batch.contacts.push(contact_point::Model {
            id: contact_id,
            person_id: id,
            channel: Channel::Email,
            value: self.app.keys.seal(contact_slot(&contact_id), &email(number))?,
            index_key: index.key,
            value_index: index.value,
            verified_at: verified.then_some(verified_at),
            created_at: joined_at,
        });
        if let Some(role) = self.role(number) {
            grant(id, role, verified_at, &mut dice, batch)?;
        }
        Ok(())
    }

    /// The first person is an admin, the next ones are organizers, then come recruiters.
    fn role(&self, number: u32) -> Option<StaffRole> {
        let staff = self.staff();
        match number {
            0 => Some(StaffRole::Admin),
            number if number <= staff => Some(StaffRole::Organizer),
            number if number <= 2 * staff => Some(StaffRole::Recruiter),
            _ => None,
        }
    }

    fn staff(&self) -> u32 {
        (self.plan.people / PEOPLE_PER_STAFF).clamp(1, MOST_STAFF)
    }
}

fn spot(ground: &Ground, plan: &Plan, number: u32) -> Spot {
    ground.spot(&mut Dice::new(plan.seed, For::Home, number))
}

/// As the command line grants it: recorded, by nobody.
fn grant(
    person_id: Uuid,
    role: StaffRole,
    at: DateTime<Utc>,
    dice: &mut Dice,
    batch: &mut Batch,
) -> Result<(), Refusal> {
    batch.roles.push(staff_role::Model {
        id: dice.id(at),
        person_id,
        role,
        granted_by: None,
        revoked_at: None,
        created_at: at,
    });
    batch.audits.push(audit::Model {
        id: dice.id(at),
        at,
        actor_id: None,
        kind: "staff_role.grant".to_owned(),
        reason: None,
        subjects: serde_json::to_string(&[person_id]).map_err(Refusal::internal)?,
    });
    Ok(())
}
