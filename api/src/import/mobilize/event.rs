//! One event of the Mobilize API, read into a draft. Decides nothing but what its fields mean; writes nothing.

mod own;

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use entity::{AddressVisibility, EventType, HostKind};
use sea_orm::ActiveEnum;
use serde_json::Value;

use crate::{
    config::Limits,
    domain::{event::Content, place::Place},
    import::{
        Complaint,
        draft::{CampaignDraft, Draft, HostDraft, TimeslotDraft},
    },
    postal::Point,
};

/// What stands in place of an address that is not told.
const ADDRESS_IS_PRIVATE: &str = "this event's address is private";

/// What `domain::event::Content` takes: an optional text that is longer is left out, instead of the whole event.
const LONGEST_TAG: usize = 50;
const LONGEST_ADDRESS: usize = 2_000;

/// Reads one event, and notes what is wrong with it.
pub struct Reader<'a> {
    row: &'a Value,
    name: String,
    limits: &'a Limits,
    /// Why the event cannot be taken.
    pub refused: Vec<Complaint>,
    /// What is left out of it.
    pub left_out: Vec<Complaint>,
}

impl<'a> Reader<'a> {
    /// For `row`, the one at `index` of its file.
    pub fn new(row: &'a Value, index: usize, limits: &'a Limits) -> Self {
        Self {
            row,
            name: id_of(row).unwrap_or_else(|| format!("data[{index}]")),
            limits,
            refused: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// The draft, unless something was refused.
    pub fn draft(&mut self) -> Option<Draft> {
        let limits = self.limits;
        if id_of(self.row).is_none() {
            self.refuse::<()>("id", "is missing");
        }
        let approval = self.text("approval_status", 32);
        if approval.is_some_and(|status| status != "APPROVED") {
            self.refuse::<()>("approval_status", "is not APPROVED");
        }
        let title = self.needed("title");
        let sponsor = self.needed("sponsor.name");
        if let Some(reason) = sponsor.as_ref().and_then(|name| too_long(name, limits.name)) {
            self.refuse::<()>("sponsor.name", reason);
        }
        let zone = self.timezone();
        let (mut timeslots, unreadable_timeslots) = self.timeslots();
        timeslots.extend(self.cancelled_timeslots());
        if timeslots.is_empty() {
            self.refuse::<()>("timeslots", "has none that can be taken");
        }
        let content = self.content(title?, zone?);
        let draft = Draft {
            origin_id: self.name.clone(),
            content,
            has_own: self.at(own::OWN).is_some(),
            zone: zone?,
            is_virtual: self.at("is_virtual").and_then(Value::as_bool) == Some(true),
            campaign: self.campaign(),
            host: HostDraft {
                kind: HostKind::Sponsor,
                person_id: None,
                public_name: sponsor?,
            },
            timeslots,
            unreadable_timeslots,
        };
        self.refused.is_empty().then_some(draft)
    }

    fn content(&mut self, title: String, zone: Tz) -> Content {
        let limits = self.limits;
        let (place, told) = self.place();
        // Hidden unless it is said to be public: what was shown once cannot be hidden again.
        let public = self.text("address_visibility", 32).as_deref() == Some("PUBLIC");
        let address_visibility = if place.is_none() || (public && told) {
            AddressVisibility::Public
        } else {
            AddressVisibility::AfterRsvp
        };
        let address_visibility = self.own_address_visibility(address_visibility, place.is_none() || told);
        Content {
            title,
            summary: self.text("summary", limits.summary),
            // Markdown stays as it is, blanks and all.
            description: match self.at("description") {
                None => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(_) => self.leave_out("description", "is not a text").unwrap_or_default(),
            },
            event_type: self.named("event_type").unwrap_or(EventType::Other),
            tags: self.tags(),
            image_url: self.address("featured_image_url", &["https://"]),
            accessibility_status: self.named("accessibility_status"),
            accessibility_notes: self.text("accessibility_notes", limits.text),
            accessibility_features: self.own_features(),
            visibility: self.visibility(),
            address_visibility,
            address_hours: self.own_address_hours(address_visibility),
            attendee_visibility: self.own_attendee_visibility(),
            join_policy: self.own_join_policy(),
            waitlist_rule: self.own_waitlist_rule(),
            waitlist_offer_hours: self.own_waitlist_offer_hours(),
            external_url: self.own_external_url(),
            questions: self.own_questions(),
            campaign_id: None,
            timezone: zone.name().to_owned(),
            place,
            virtual_url: self.address("virtual_action_url", &["https://", "http://"]),
            instructions: self.text("instructions", limits.text),
            gathering: self.own_gathering(),
        }
    }

    /// The campaign. Mobilize tells no name, but a slug: `clean-water` becomes *Clean water*.
    fn campaign(&mut self) -> Option<CampaignDraft> {
        let most = self.limits.title;
        let row = self.at("event_campaign")?;
        let Some(origin_id) = id_of(row) else {
            return self.leave_out("event_campaign.id", "is missing");
        };
        if let Some(name) = self.text("event_campaign.name", most) {
            return Some(CampaignDraft { origin_id, name });
        }
        let slug = self.text("event_campaign.slug", most);
        let words = slug.map(|slug| slug.split(['-', '_']).collect::<Vec<_>>().join(" "));
        let words = words.unwrap_or_else(|| format!("Campaign {origin_id}"));
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let (first, rest) = words.split_at(words.chars().next().map_or(0, char::len_utf8));
        Some(CampaignDraft {
            origin_id,
            name: first.to_uppercase() + rest,
        })
    }

    fn timezone(&mut self) -> Option<Tz> {
        let zone = self.needed("timezone")?.parse().ok();
        zone.or_else(|| self.refuse("timezone", "is not the name of an IANA time zone"))
    }

    /// The place, and whether its address is told; neither for an event that has none.
    fn place(&mut self) -> (Option<Place>, bool) {
        if self.at("location").is_none() {
            return (None, false);
        }
        let most = self.limits.title;
        let mut lines = vec![self.text("location.venue", most)];
        let count = match self.at("location.address_lines") {
            Some(Value::Array(lines)) => lines.len(),
            _ => 0,
        };
        lines.extend((0..count).map(|line| self.text(&format!("location.address_lines.{line}"), most)));
        let told = !lines.iter().flatten().any(|line| is_sentinel(line));
        lines.iter_mut().for_each(|line| {
            line.take_if(|line| is_sentinel(line));
        });
        let mut lines = lines.into_iter();
        let point = self.point();
        let place = Place {
            venue: lines.next().flatten(),
            address_lines: lines.flatten().collect(),
            locality: self.text("location.locality", most),
            region: self.text("location.region", most),
            postal_code: self.text("location.postal_code", 16),
            country: self
                .text("location.country", most)
                .unwrap_or_default()
                .to_uppercase(),
            latitude: point.map(Point::latitude),
            longitude: point.map(Point::longitude),
        };
        (Some(place), told)
    }

    fn point(&mut self) -> Option<Point> {
        self.at("location.location")?;
        let number = |reader: &Self, field: &str| reader.at(field).and_then(Value::as_f64);
        let latitude = number(self, "location.location.latitude");
        let longitude = number(self, "location.location.longitude");
        let point = latitude
            .zip(longitude)
            .and_then(|(latitude, longitude)| Point::new(latitude, longitude));
        point.or_else(|| self.leave_out("location.location", "is not a place in degrees"))
    }

    /// Names, as texts or as `{"name": …}`.
    fn tags(&mut self) -> Vec<String> {
        let Some(Value::Array(tags)) = self.at("tags") else {
            return Vec::new();
        };
        let most = self.limits.tags;
        if tags.len() > most {
            self.leave_out::<()>("tags", format!("are {}, the first {most} are taken", tags.len()));
        }
        let mut names = Vec::new();
        for (index, tag) in tags.iter().take(most).enumerate() {
            let field = format!("tags.{index}{}", if tag.is_object() { ".name" } else { "" });
            names.extend(self.text(&field, LONGEST_TAG));
        }
        names
    }

    /// The dates, and the ids of those that cannot be read.
    fn timeslots(&mut self) -> (Vec<TimeslotDraft>, Vec<String>) {
        let (mut slots, mut unreadable, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        let rows = match self.at("timeslots") {
            Some(Value::Array(rows)) => rows.as_slice(),
            _ => &[],
        };
        let most = self.limits.timeslots;
        if rows.len() > most {
            self.refuse::<()>(
                "timeslots",
                format!("are {}, at most {most} are taken", rows.len()),
            );
        }
        for (index, row) in rows.iter().enumerate() {
            let Some(id) = id_of(row) else {
                // Without its id nobody knows which of the dates taken before this is.
                self.refuse::<()>(&format!("timeslots.{index}.id"), "is missing");
                continue;
            };
            if !seen.insert(id.clone()) {
                self.leave_out::<()>(&format!("timeslots.{id}"), "occurs twice; the first is taken");
                continue;
            }
            match self.timeslot(&id, row) {
                Some(slot) => slots.push(slot),
                None => unreadable.push(id),
            }
        }
        (slots, unreadable)
    }

    fn timeslot(&mut self, id: &str, row: &Value) -> Option<TimeslotDraft> {
        let field = |name: &str| format!("timeslots.{id}.{name}");
        let Some(starts_at) = time_of(row.get("start_date")) else {
            return self.leave_out(&field("start_date"), "is not a time in seconds since 1970");
        };
        let Some(ends_at) = time_of(row.get("end_date")) else {
            return self.leave_out(&field("end_date"), "is not a time in seconds since 1970");
        };
        if ends_at <= starts_at {
            return self.leave_out(&field("end_date"), "is not after the start");
        }
        let most = self.limits.capacity;
        let capacity = match row.get("max_attendees") {
            None | Some(Value::Null) => None,
            Some(seats) => match seats.as_i64().and_then(|seats| i32::try_from(seats).ok()) {
                Some(seats) if (1..=most).contains(&seats) => Some(seats),
                _ => {
                    let reason = format!("is not a number from 1 to {most}");
                    return self.leave_out(&field("max_attendees"), reason);
                }
            },
        };
        if row
            .get("instructions")
            .is_some_and(|text| !text.is_null() && text != "")
        {
            self.leave_out::<()>(&field("instructions"), "are kept for the whole event only");
        }
        Some(TimeslotDraft {
            origin_id: id.to_owned(),
            starts_at,
            ends_at,
            capacity,
            cancelled_at: None,
        })
    }

    /// A text that may be missing; one that is empty counts as missing.
    fn text(&mut self, field: &str, most: usize) -> Option<String> {
        match self.read_text(field, most) {
            Ok(text) => text,
            Err(reason) => self.leave_out(field, reason),
        }
    }

    /// A text without which the event cannot be taken.
    fn needed(&mut self, field: &str) -> Option<String> {
        match self.read_text(field, usize::MAX) {
            Ok(Some(text)) => Some(text),
            Ok(None) => self.refuse(field, "is missing"),
            Err(reason) => self.refuse(field, reason),
        }
    }

    fn read_text(&self, field: &str, most: usize) -> Result<Option<String>, String> {
        let text = match self.at(field) {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim(),
            Some(_) => return Err("is not a text".to_owned()),
        };
        if text.contains(|c: char| c.is_control() && !c.is_whitespace()) {
            return Err("has control characters".to_owned());
        }
        match too_long(text, most) {
            Some(reason) => Err(reason),
            None => Ok(Some(text.to_owned()).filter(|text| !text.is_empty())),
        }
    }

    fn address(&mut self, field: &str, schemes: &[&str]) -> Option<String> {
        let text = self.text(field, LONGEST_ADDRESS)?;
        let plain = !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'));
        if plain
            && schemes
                .iter()
                .any(|scheme| text.starts_with(scheme) && text.len() > scheme.len())
        {
            return Some(text);
        }
        self.leave_out(field, format!("is not an address with {}", schemes.join(" or ")))
    }

    /// One of a closed set. What we have no name for is left out.
    fn named<E: ActiveEnum<Value = String>>(&mut self, field: &str) -> Option<E> {
        let text = self.text(field, 64)?;
        let known = E::try_from_value(&text).ok();
        known.or_else(|| self.leave_out(field, "has a value that is not known here"))
    }

    /// What stands at `field` (written with dots), unless it is null.
    fn at(&self, field: &str) -> Option<&'a Value> {
        let pointer = format!("/{}", field.replace('.', "/"));
        self.row.pointer(&pointer).filter(|value| !value.is_null())
    }

    /// Notes why the event cannot be taken.
    pub fn refuse<T>(&mut self, field: &str, reason: impl Into<String>) -> Option<T> {
        self.refused.push(self.complaint(field, reason));
        None
    }

    fn leave_out<T>(&mut self, field: &str, reason: impl Into<String>) -> Option<T> {
        self.left_out.push(self.complaint(field, reason));
        None
    }

    fn complaint(&self, field: &str, reason: impl Into<String>) -> Complaint {
        Complaint {
            row: self.name.clone(),
            field: field.to_owned(),
            reason: reason.into(),
        }
    }
}

fn id_of(row: &Value) -> Option<String> {
    match row.get("id")? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if (1..=64).contains(&text.len()) => Some(text.clone()),
        _ => None,
    }
}

/// Years that both databases write with four digits, so that milliseconds are noticed.
fn time_of(value: Option<&Value>) -> Option<DateTime<Utc>> {
    let time = DateTime::from_timestamp(value?.as_i64()?, 0)?;
    (1970..2200).contains(&time.year()).then_some(time)
}

fn too_long(text: &str, most: usize) -> Option<String> {
    let count = text.chars().count();
    (count > most).then(|| format!("has {count} characters, at most {most} are taken"))
}

fn is_sentinel(line: &str) -> bool {
    line.replace('’', "'")
        .to_lowercase()
        .starts_with(ADDRESS_IS_PRIVATE)
}
