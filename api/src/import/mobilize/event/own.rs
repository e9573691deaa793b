//! What a file of `turnout export mobilize` has beside the fields of Mobilize. Files of others have none of it.

use entity::{
    AccessibilityFeature, AddressVisibility, AttendeeVisibility, JoinPolicy, Visibility, WaitlistRule,
};
use sea_orm::ActiveEnum;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Reader, id_of, time_of};
use crate::{
    domain::event::{Gathering, Question},
    import::draft::TimeslotDraft,
};

/// The field that has all of it.
pub(super) const OWN: &str = "turnout";

impl Reader<'_> {
    /// Mobilize knows lists and no lists. What is not public there may be kept closer here, and never wider.
    pub(super) fn visibility(&mut self) -> Visibility {
        let read = match self.text("visibility", 32).as_deref() {
            None | Some("PUBLIC") => Visibility::Public,
            Some(_) => Visibility::Unlisted,
        };
        match self.named("turnout.visibility") {
            None | Some(Visibility::Public) => read,
            Some(closer) => closer,
        }
    }

    /// What is told of an address that is not public: to those who come, or to hosts only. Never more than was `read` of the
    /// fields of Mobilize, unless the place is `told`.
    pub(super) fn own_address_visibility(
        &mut self,
        read: AddressVisibility,
        told: bool,
    ) -> AddressVisibility {
        match self.named("turnout.address_visibility") {
            Some(AddressVisibility::Public) if !told => read,
            Some(visibility) => visibility,
            None => read,
        }
    }

    /// Where it is told to those who come, and where there is a bound to it.
    pub(super) fn own_address_hours(&mut self, visibility: AddressVisibility) -> Option<i32> {
        let hours: i32 = self.own("address_hours")?;
        let is_for_those_who_come = matches!(
            visibility,
            AddressVisibility::AfterRsvp | AddressVisibility::AfterApproval
        );
        match is_for_those_who_come && (1..=self.limits.address_hours).contains(&hours) {
            true => Some(hours),
            false => self.leave_out("turnout.address_hours", "is out of bounds"),
        }
    }

    pub(super) fn own_attendee_visibility(&mut self) -> AttendeeVisibility {
        self.named("turnout.attendee_visibility")
            .unwrap_or(AttendeeVisibility::Hosts)
    }

    pub(super) fn own_features(&mut self) -> Vec<AccessibilityFeature> {
        let names: Vec<String> = self.own("accessibility_features").unwrap_or_default();
        let features = names
            .iter()
            .map(|name| AccessibilityFeature::try_from_value(name).ok());
        let features: Option<Vec<_>> = features.collect();
        let features = features.or_else(|| {
            self.leave_out(
                "turnout.accessibility_features",
                "have one that is not known here",
            )
        });
        features.unwrap_or_default()
    }

    pub(super) fn own_join_policy(&mut self) -> JoinPolicy {
        self.named("turnout.join_policy").unwrap_or(JoinPolicy::Open)
    }

    pub(super) fn own_waitlist_rule(&mut self) -> WaitlistRule {
        self.named("turnout.waitlist_rule").unwrap_or(WaitlistRule::Skip)
    }

    pub(super) fn own_waitlist_offer_hours(&mut self) -> Option<i32> {
        let hours: i32 = self.own("waitlist_offer_hours")?;
        match (0..=self.limits.waitlist_offer_hours).contains(&hours) {
            true => Some(hours),
            false => self.leave_out("turnout.waitlist_offer_hours", "is out of bounds"),
        }
    }

    pub(super) fn own_external_url(&mut self) -> Option<String> {
        self.address("turnout.external_url", &["https://"])
    }

    pub(super) fn own_questions(&mut self) -> Vec<Question> {
        self.own("questions").unwrap_or_default()
    }

    pub(super) fn own_gathering(&mut self) -> Option<Gathering> {
        self.own("gathering")
    }

    /// Dates that were called off.
    pub(super) fn cancelled_timeslots(&mut self) -> Vec<TimeslotDraft> {
        let rows = match self.at("turnout.cancelled_timeslots") {
            Some(Value::Array(rows)) => rows.as_slice(),
            _ => &[],
        };
        let mut slots = Vec::new();
        for row in rows {
            let cancelled_at = time_of(row.get("cancelled_date"));
            if let (Some(id), Some(_)) = (id_of(row), cancelled_at) {
                let slot = self.timeslot(&id, row);
                slots.extend(slot.map(|slot| TimeslotDraft { cancelled_at, ..slot }));
            } else {
                self.leave_out::<()>("turnout.cancelled_timeslots", "have one that cannot be read");
            }
        }
        slots
    }

    fn own<T: DeserializeOwned>(&mut self, field: &str) -> Option<T> {
        let field = format!("{OWN}.{field}");
        let value = self.at(&field)?;
        match T::deserialize(value) {
            Ok(value) => Some(value),
            Err(_) => self.leave_out(&field, "cannot be read"),
        }
    }
}
