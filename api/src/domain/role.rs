//! Roles: what people do for an event, at it or as a task, and who does it.
//!
//! A host plans roles, from a template, from another event or by hand, and offers them to people who come or who host with
//! them; people volunteer for roles that are open. **An offer holds a place of the role until it expires, and none of the
//! person's time; accepting does.** Offers that stand and people who hold it are never more than `max_people`, and nobody holds
//! two roles at the same time unless a host says why: both are looked at under the rows of the person and the event, which are
//! taken in this order. When the times of a role change, those who hold it are asked anew.
//!
//! Whoever does not come any more holds nothing there: what ends an RSVP, a date, an event or a host calls `follow`.

mod answer;
mod edit;
pub(crate) mod follow;
mod gaps;
mod held;
mod lists;
mod offer;
mod plan;
mod remind;
mod substitutes;
mod template;
mod usual;

pub use answer::{accept, decline, release, report, volunteer};
pub(crate) use answer::{accept_in, decline_in, expire};
pub use edit::{Content, create, delete, update};
pub use gaps::{Gap, gaps_of, my_gaps};
pub(crate) use held::{open_notes, open_reason};
pub use lists::{Held, Mine, Shown, View, assignments, find, mine, of_attendees, of_events};
pub(crate) use lists::{held_at, name_in};
pub use offer::{Offer, Whom, approve, hand_over_to, offer, withdraw};
pub use plan::{Source, plan};
pub(crate) use remind::{plan_reminders, remind};
pub use substitutes::substitutes;
pub use template::{Set, Template, replace, set, suggested};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{RoleKind, RoleStatus, event_role, timeslot};
use uuid::Uuid;

use crate::{
    app::App,
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// Stand for something: an offer, a wish, a role that is held.
pub(crate) const STANDING: [RoleStatus; 3] =
    [RoleStatus::Offered, RoleStatus::Volunteered, RoleStatus::Accepted];

/// When a task that follows a date is due: so many hours after its end, or before its start if negative.
fn due(slot: &timeslot::Model, hours: i32) -> DateTime<Utc> {
    let hours_delta = TimeDelta::hours(hours.into());
    match hours < 0 {
        true => slot.starts_at + hours_delta,
        false => slot.ends_at + hours_delta,
    }
}

/// Whether it is a role at a time that is over. A task never is.
fn is_over(role: &event_role::Model, now: DateTime<Utc>) -> bool {
    role.kind == RoleKind::OnSite && role.ends_at.is_some_and(|end| end <= now)
}

/// The skills a role asks for.
pub fn skills_of(role: &event_role::Model) -> Result<Vec<String>, Refusal> {
    serde_json::from_str(&role.skills).map_err(Refusal::internal)
}

/// A skill as it is kept and compared: in lower case, words apart by one space.
pub(crate) fn skill(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Notes what is wrong with skills: more than `roles.skills`, or one that is empty, long, or no words.
pub(crate) fn check_skills(app: &App, skills: &[String], path: &str, problems: &mut Problems) {
    let most = app.config.roles.skills;
    problems.check(skills.len() <= most, path, format!("has more than {most} skills"));
    for (i, text) in skills.iter().enumerate().take(most) {
        let text = skill(text);
        let words = text.chars().all(|c| c.is_alphanumeric() || " -".contains(c));
        problems.check(
            words && (2..=40).contains(&text.chars().count()),
            &format!("{path}.{i}"),
            "must have 2 to 40 letters, digits, spaces and hyphens",
        );
    }
}

fn notes_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "event_role.notes",
        row: id,
    }
}

fn reason_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "role_assignment.reason",
        row: id,
    }
}

fn overlap_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "role_assignment.overlap_reason",
        row: id,
    }
}

/// What those who held a role tell the next: for whoever sees it as more than open.
pub fn notes(app: &App, shown: &Shown) -> Result<Option<String>, Refusal> {
    match shown.view >= View::Holder {
        true => open_notes(app, &shown.row),
        false => Ok(None),
    }
}

/// Why an assignment ended, if anybody said.
pub fn reason(app: &App, held: &Held) -> Result<Option<String>, Refusal> {
    open_reason(app, &held.row)
}

/// Why somebody may hold a role beside another one at the same time, if a host said so.
pub fn overlap_reason(app: &App, held: &Held) -> Result<Option<String>, Refusal> {
    let sealed = held.row.overlap_reason.as_ref();
    sealed
        .map(|sealed| app.keys.open(overlap_slot(&held.row.id), sealed))
        .transpose()
}
