//! What hosts write about an event, its rules, and the columns it is kept in.

use chrono_tz::Tz;
use entity::{
    AccessibilityFeature, AccessibilityStatus, AddressVisibility, AttendeeVisibility, EventType, JoinPolicy,
    Visibility, WaitlistRule, event,
};
use sea_orm::{ActiveEnum, ActiveValue::Set};
use uuid::Uuid;

use super::{Gathering, Private, Question, private_slot, questions};
use crate::{
    app::App,
    domain::place::{self, Place},
    refusal::{Problems, Refusal},
};

/// Everything about an event that its hosts may change, timeslots and hosts apart.
#[derive(Clone, PartialEq)]
pub struct Content {
    /// One line, at most `limits.title` characters.
    pub title: String,
    /// A few sentences for lists, at most `limits.summary` characters.
    pub summary: Option<String>,
    /// Markdown, at most `limits.description` characters.
    pub description: String,
    /// What kind of event.
    pub event_type: EventType,
    /// At most `limits.tags`, each at most 50 characters.
    pub tags: Vec<String>,
    /// https address of a picture.
    pub image_url: Option<String>,
    /// Whether the place is accessible.
    pub accessibility_status: Option<AccessibilityStatus>,
    /// In the host's words.
    pub accessibility_notes: Option<String>,
    /// What makes it accessible.
    pub accessibility_features: Vec<AccessibilityFeature>,
    /// Who may find it.
    pub visibility: Visibility,
    /// Who may read the exact place.
    pub address_visibility: AddressVisibility,
    /// For those who come: how many hours before their date they may, at most `limits.address_hours`; at any time when none.
    pub address_hours: Option<i32>,
    /// Who may know who comes.
    pub attendee_visibility: AttendeeVisibility,
    /// How people join it.
    pub join_policy: JoinPolicy,
    /// Where to join it, with [`JoinPolicy::External`].
    pub external_url: Option<String>,
    /// Whether those who wait may pass one whose party is too large.
    pub waitlist_rule: WaitlistRule,
    /// So many hours before a start seats that come free are offered: 0 to `limits.waitlist_offer_hours`. `None` is
    /// `rsvp.offer_hours`.
    pub waitlist_offer_hours: Option<i32>,
    /// What is asked of those who answer.
    pub questions: Vec<Question>,
    /// The campaign it is part of.
    pub campaign_id: Option<Uuid>,
    /// IANA name.
    pub timezone: String,
    /// The complete place, if there is one.
    pub place: Option<Place>,
    /// Where to take part online.
    pub virtual_url: Option<String>,
    /// For those coming.
    pub instructions: Option<String>,
    /// Where to gather before the start.
    pub gathering: Option<Gathering>,
}

impl Content {
    /// The content of a stored event.
    pub(crate) fn of(row: &event::Model, private: Private) -> Self {
        let features: Vec<String> = serde_json::from_str(&row.accessibility_features).unwrap_or_default();
        Self {
            title: row.title.clone(),
            summary: row.summary.clone(),
            description: row.description.clone(),
            event_type: row.event_type,
            tags: serde_json::from_str(&row.tags).unwrap_or_default(),
            image_url: row.image_url.clone(),
            accessibility_status: row.accessibility_status,
            accessibility_notes: row.accessibility_notes.clone(),
            accessibility_features: features
                .iter()
                .filter_map(|name| AccessibilityFeature::try_from_value(name).ok())
                .collect(),
            visibility: row.visibility,
            address_visibility: row.address_visibility,
            address_hours: row.address_hours,
            attendee_visibility: row.attendee_visibility,
            join_policy: row.join_policy,
            external_url: row.external_url.clone(),
            waitlist_rule: row.waitlist_rule,
            waitlist_offer_hours: row.waitlist_offer_hours,
            questions: questions::of(row),
            campaign_id: row.campaign_id,
            timezone: row.timezone.clone(),
            place: private.place,
            virtual_url: private.virtual_url,
            instructions: private.instructions,
            gathering: private.gathering,
        }
    }

    /// Whether people have to go elsewhere than with that.
    pub(super) fn is_elsewhere(&self, private: &Private) -> bool {
        (&self.place, &self.virtual_url, &self.gathering)
            != (&private.place, &private.virtual_url, &private.gathering)
    }

    /// Its words, by the paths of their fields.
    pub(crate) fn texts(&self) -> [(&'static str, &str); 5] {
        let text = Option::as_deref;
        [
            ("input.title", &self.title),
            ("input.summary", text(&self.summary).unwrap_or_default()),
            ("input.description", &self.description),
            ("input.instructions", text(&self.instructions).unwrap_or_default()),
            (
                "input.accessibilityNotes",
                text(&self.accessibility_notes).unwrap_or_default(),
            ),
        ]
    }

    /// Notes everything that breaks a rule.
    pub(crate) fn check(&self, app: &App, problems: &mut Problems) {
        let limits = &app.config.limits;
        text(problems, "input.title", Some(&self.title), limits.title);
        problems.check(!self.title.trim().is_empty(), "input.title", "must not be empty");
        problems.check(
            !self.title.contains(['\n', '\r', '\t']),
            "input.title",
            "must be one line",
        );
        text(problems, "input.summary", self.summary.as_ref(), limits.summary);
        text(
            problems,
            "input.description",
            Some(&self.description),
            limits.description,
        );
        text(
            problems,
            "input.accessibilityNotes",
            self.accessibility_notes.as_ref(),
            limits.text,
        );
        text(
            problems,
            "input.instructions",
            self.instructions.as_ref(),
            limits.text,
        );
        problems.check(
            self.tags.len() <= limits.tags,
            "input.tags",
            format!("has more than {} tags", limits.tags),
        );
        for (i, tag) in self.tags.iter().enumerate() {
            let path = format!("input.tags.{i}");
            problems.check(!tag.trim().is_empty(), &path, "must not be empty");
            text(problems, &path, Some(tag), 50);
        }
        url(problems, "input.imageUrl", self.image_url.as_ref(), &["https://"]);
        url(
            problems,
            "input.virtualUrl",
            self.virtual_url.as_ref(),
            &["https://", "http://"],
        );
        if let Some(hours) = self.address_hours {
            let most = limits.address_hours;
            problems.check(
                (1..=most).contains(&hours),
                "input.addressHours",
                format!("must be between 1 and {most}"),
            );
            let is_for_those_who_come = matches!(
                self.address_visibility,
                AddressVisibility::AfterRsvp | AddressVisibility::AfterApproval
            );
            problems.check(
                is_for_those_who_come,
                "input.addressHours",
                "goes with addressVisibility AFTER_RSVP or AFTER_APPROVAL",
            );
        }
        let external = self.join_policy == JoinPolicy::External;
        problems.check(
            self.external_url.is_some() == external,
            "input.externalUrl",
            "must be there with joinPolicy EXTERNAL, and only then",
        );
        url(
            problems,
            "input.externalUrl",
            self.external_url.as_ref(),
            &["https://"],
        );
        let most = limits.waitlist_offer_hours;
        problems.check(
            self.waitlist_offer_hours
                .is_none_or(|hours| (0..=most).contains(&hours)),
            "input.waitlistOfferHours",
            format!("must be between 0 and {most}"),
        );
        questions::check(app, &self.questions, problems);
        problems.check(
            self.timezone.parse::<Tz>().is_ok(),
            "input.timezone",
            "must be an IANA time zone",
        );
        if let Some(gathering) = &self.gathering {
            text(
                problems,
                "input.gathering.place",
                Some(&gathering.place),
                limits.summary,
            );
            let minutes = (0..=24 * 60).contains(&gathering.minutes_before);
            problems.check(
                minutes,
                "input.gathering.minutesBefore",
                "must be between 0 and 1440",
            );
        }
        if let Some(place) = &self.place {
            check_place(app, place, problems);
        }
    }

    /// The columns of this content, for a new row or a change of one.
    pub(crate) async fn columns(&self, app: &App, id: Uuid) -> Result<event::ActiveModel, Refusal> {
        let public = match &self.place {
            Some(place) => Some(place::public_place(app, place, self.address_visibility).await?),
            None => None,
        };
        let private = Private {
            place: self.place.clone(),
            virtual_url: self.virtual_url.clone(),
            instructions: self.instructions.clone(),
            gathering: self.gathering.clone(),
        };
        let features: Vec<String> = self
            .accessibility_features
            .iter()
            .map(ActiveEnum::to_value)
            .collect();
        let public = public.unwrap_or_default();
        Ok(event::ActiveModel {
            id: Set(id),
            title: Set(self.title.trim().to_owned()),
            summary: Set(self.summary.clone()),
            description: Set(self.description.clone()),
            event_type: Set(self.event_type),
            tags: Set(json(&self.tags)?),
            image_url: Set(self.image_url.clone()),
            accessibility_status: Set(self.accessibility_status),
            accessibility_notes: Set(self.accessibility_notes.clone()),
            accessibility_features: Set(json(&features)?),
            visibility: Set(self.visibility),
            address_visibility: Set(self.address_visibility),
            address_hours: Set(self.address_hours),
            attendee_visibility: Set(self.attendee_visibility),
            join_policy: Set(self.join_policy),
            external_url: Set(self.external_url.clone()),
            waitlist_rule: Set(self.waitlist_rule),
            waitlist_offer_hours: Set(self.waitlist_offer_hours),
            questions: Set(match self.questions.as_slice() {
                [] => None,
                questions => Some(serde_json::to_string(questions).map_err(Refusal::internal)?),
            }),
            campaign_id: Set(self.campaign_id),
            timezone: Set(self.timezone.clone()),
            is_virtual: Set(self.virtual_url.is_some()),
            venue: Set(public.venue.as_deref().map(str::to_owned)),
            address_lines: Set(json(&public.address_lines)?),
            locality: Set(public.locality.as_deref().map(str::to_owned)),
            region: Set(public.region.as_deref().map(str::to_owned)),
            postal_code: Set(public.postal_code.as_deref().map(str::to_owned)),
            country: Set(public.country.as_deref().map(str::to_owned)),
            latitude: Set(public.latitude),
            longitude: Set(public.longitude),
            place_precision: Set(public.precision),
            private: Set(app.keys.seal(private_slot(&id), &private)?),
            ..Default::default()
        })
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(Refusal::internal)
}

fn check_place(app: &App, place: &Place, problems: &mut Problems) {
    let most = app.config.limits.title;
    for (field, value) in [
        ("venue", &place.venue),
        ("locality", &place.locality),
        ("region", &place.region),
        ("postalCode", &place.postal_code),
    ] {
        let most = if field == "postalCode" { 16 } else { most };
        text(problems, &format!("input.place.{field}"), value.as_ref(), most);
    }
    problems.check(
        place.address_lines.len() <= 5,
        "input.place.addressLines",
        "has more than 5 lines",
    );
    for (i, line) in place.address_lines.iter().enumerate() {
        text(
            problems,
            &format!("input.place.addressLines.{i}"),
            Some(line),
            most,
        );
    }
    let country = place.country.len() == 2 && place.country.chars().all(|c| c.is_ascii_uppercase());
    problems.check(
        country,
        "input.place.country",
        "must be an ISO 3166-1 alpha-2 code",
    );
    match (place.latitude, place.longitude) {
        (None, None) => {}
        (Some(latitude), Some(longitude)) => {
            let path = "input.place.latitude";
            problems.check(
                (-90.0..=90.0).contains(&latitude),
                path,
                "must be between -90 and 90",
            );
            let path = "input.place.longitude";
            problems.check(
                (-180.0..=180.0).contains(&longitude),
                path,
                "must be between -180 and 180",
            );
        }
        (None, Some(_)) => problems.add("input.place.latitude", "must be given with longitude"),
        (Some(_), None) => problems.add("input.place.longitude", "must be given with latitude"),
    }
}

/// Notes control characters (a NUL is one that SQLite would store and PostgreSQL refuse) and too many characters.
pub(crate) fn text(problems: &mut Problems, path: &str, value: Option<&String>, most: usize) {
    let Some(value) = value else { return };
    problems.check(
        value.chars().count() <= most,
        path,
        format!("has more than {most} characters"),
    );
    let control = value
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    problems.check(!control, path, "has control characters");
}

fn url(problems: &mut Problems, path: &str, value: Option<&String>, schemes: &[&str]) {
    let Some(value) = value else { return };
    let good = schemes
        .iter()
        .any(|scheme| value.len() > scheme.len() && value.starts_with(scheme));
    let plain = !value
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>'));
    problems.check(
        good && plain && value.len() <= 2000,
        path,
        format!("must be an address with {}", schemes.join(" or ")),
    );
}
