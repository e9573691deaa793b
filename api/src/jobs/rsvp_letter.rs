//! What all messages about an RSVP have in common: the rows, the values that their texts may name, and the way out.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{
    EventStatus, LinkPurpose, Purpose, RsvpStatus, event, event_host, link, person, rsvp, timeslot,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    JobError,
    post::{self, Message},
};
use crate::{
    app::App,
    calendar,
    channel::{Attachment, Mail},
    domain::{
        address::Address,
        contact::{self, Contact},
        event::{self as events, Access, Private},
        link::{self as links, About, Link},
        message::Letter,
        place::{self, Place},
    },
    letter::{self, Gathering, Language, RsvpValues, Template, line, lines},
    map::Listing,
    refusal::Refusal,
};

/// The rows a message is about.
pub(super) struct Rows {
    pub rsvp: rsvp::Model,
    pub timeslot: timeslot::Model,
    pub event: event::Model,
    pub hosts: String,
    pub person: person::Model,
    pub contact: Contact,
    pub language: Language,
}

/// A message that is being written.
pub(super) struct Draft {
    pub values: RsvpValues,
    pub attachment: Option<Attachment>,
    /// None in a text: STOP takes its place.
    unsubscribe: Option<Link>,
    links: Vec<link::Model>,
    private: Private,
}

/// What kind of message it is.
pub(super) struct Kind {
    pub template: Template,
    pub purpose: Purpose,
    /// What gives rise to it, if nobody shall hear of that twice.
    pub occasion: Option<String>,
    /// Whether it counts as one to an address that never confirmed anything.
    pub unconfirmed: bool,
}

/// The rows of an RSVP; none when it is gone, or whose it was.
pub(super) async fn load(app: &App, rsvp_id: Uuid) -> Result<Option<Rows>, JobError> {
    // On the writer's side: a reader may lag behind the commit that left this job.
    let db = app.db.writer();
    let Some(rsvp) = rsvp::Entity::find_by_id(rsvp_id).one(db).await? else {
        return Ok(None);
    };
    let timeslot = timeslot::Entity::find_by_id(rsvp.timeslot_id).one(db).await?;
    let event = event::Entity::find_by_id(rsvp.event_id).one(db).await?;
    let person = person::Entity::find_by_id(rsvp.person_id).one(db).await?;
    let (Some(timeslot), Some(event), Some(person)) = (timeslot, event, person) else {
        return Ok(None);
    };
    let hosts = hosts(db, event.id).await?;
    let Some(contact) = contact::reach(app, db, rsvp.person_id).await? else {
        return Ok(None); // whose it was is erased
    };
    Ok(Some(Rows {
        language: Language::of_person(&person).unwrap_or_else(|| app.config.language()),
        rsvp,
        timeslot,
        event,
        hosts,
        person,
        contact,
    }))
}

/// The public names of the hosts of an event.
pub(super) async fn hosts(db: &impl ConnectionTrait, event_id: Uuid) -> Result<String, DbErr> {
    let names: Vec<String> = event_host::Entity::find()
        .select_only()
        .column(event_host::Column::PublicName)
        .filter(event_host::Column::EventId.eq(event_id))
        .order_by_asc(event_host::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(names.iter().map(|name| line(name)).collect::<Vec<_>>().join(", "))
}

impl Rows {
    /// Whether the date is to take place, or did, as far as the public may know.
    pub(super) fn stands(&self) -> bool {
        let is_off = matches!(
            self.event.status,
            EventStatus::Cancelled | EventStatus::Suppressed
        );
        !is_off && self.timeslot.cancelled_at.is_none()
    }

    /// Whether the person comes, and may know what those know.
    pub(super) fn is_coming(&self) -> bool {
        self.rsvp.status == RsvpStatus::Registered
    }

    /// The zone by which the person is woken.
    pub(super) fn zone(&self) -> Tz {
        let own = self.person.timezone.as_deref().and_then(|name| name.parse().ok());
        own.or_else(|| self.event.timezone.parse().ok())
            .unwrap_or(Tz::UTC)
    }

    /// Whether the date begins on this day, where the event is.
    pub(super) fn is_today(&self, now: DateTime<Utc>) -> bool {
        let zone = self.event.timezone.parse().unwrap_or(Tz::UTC);
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        day(now) == day(self.timeslot.starts_at)
    }

    /// When a date of the event starts, in few characters.
    pub(super) fn start(&self, starts_at: DateTime<Utc>) -> String {
        letter::start(self.language, starts_at, &self.event.timezone)
    }

    /// From when to when a date of the event is.
    pub(super) fn span(&self, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> String {
        letter::span(self.language, starts_at, ends_at, &self.event.timezone)
    }

    /// The place as the person may know it, line by line: the exact one, or what the public knows.
    fn place(&self, exact: Option<&Place>) -> Vec<String> {
        let place = match exact {
            Some(exact) => exact.into(),
            None => Listing::of(&self.event, &[], &[]).place.unwrap_or_default(),
        };
        place::lines(&place).iter().map(|part| line(part)).collect()
    }

    /// The date of `slot` for the calendar of somebody who comes.
    fn entry(&self, app: &App, slot: &timeslot::Model, draft: &Draft) -> calendar::Entry {
        let is_off = self.event.status == EventStatus::Cancelled || slot.cancelled_at.is_some();
        let mut description = vec![self.event.summary.clone().unwrap_or_default()];
        description.extend(draft.private.virtual_url.clone());
        description.retain(|part| !part.is_empty());
        let place = &draft.values.place;
        calendar::Entry {
            uid: calendar::uid(&app.config, slot.id),
            sequence: self.event.version,
            changed_at: self.event.changed_at,
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            timezone: self.event.timezone.parse().unwrap_or(Tz::UTC),
            status: match is_off {
                true => calendar::Status::Cancelled,
                false => calendar::Status::Confirmed,
            },
            title: line(&self.event.title),
            description: lines(&description.join("\n\n")),
            category: None,
            location: (!place.is_empty()).then(|| place.join(", ")),
            point: None,
            url: draft.private.virtual_url.clone(),
        }
    }
}

impl Draft {
    /// One to the person of `rows`, who may know what comes with the RSVPs of `coming`.
    pub(super) fn new(
        app: &App,
        rows: &Rows,
        coming: &[(&rsvp::Model, &timeslot::Model)],
    ) -> Result<Self, Refusal> {
        let (event, timeslot) = (&rows.event, &rows.timeslot);
        let access = Access::of_rsvps(coming);
        let private = events::readable_private(app, event, access)?;
        let later = access.place_from(event).filter(|from| *from > app.clock.now());
        let unsubscribe = match &rows.contact.value {
            Address::Email(email) => Some(links::unsubscribe(app, email)?),
            Address::Phone(_) => None,
        };
        let (unsubscribe, row) = unsubscribe.unzip();
        let gathering = private.gathering.as_ref().map(|gathering| Gathering {
            place: line(&gathering.place),
            at: letter::time(
                rows.language,
                timeslot.starts_at - TimeDelta::minutes(i64::from(gathering.minutes_before)),
                &event.timezone,
            ),
        });
        let values = RsvpValues {
            organisation: line(&app.config.organisation),
            title: line(&event.title),
            summary: event.summary.as_deref().map(lines),
            when: rows.span(timeslot.starts_at, timeslot.ends_at),
            starts: rows.start(timeslot.starts_at),
            hosts: rows.hosts.clone(),
            place: rows.place(private.place.as_ref()),
            place_from: later.map(|from| letter::moment(rows.language, from, &event.timezone)),
            virtual_url: private.virtual_url.as_deref().map(line),
            instructions: private.instructions.as_deref().map(lines),
            gathering,
            party_size: rows.rsvp.party_size,
            held: rows.rsvp.seats > 0,
            minutes: app.config.rsvp.hold_minutes,
            promoted: false,
            until: String::new(),
            today: false,
            changes: vec![],
            place_changed: false,
            message: None,
            confirm: None,
            link: String::new(),
            decline: String::new(),
            unsubscribe: unsubscribe
                .as_ref()
                .map_or_else(String::new, |link| link.page.clone()),
        };
        Ok(Self {
            values,
            attachment: None,
            unsubscribe,
            links: row.into_iter().collect(),
            private,
        })
    }

    /// The address of a page that does something with the RSVP, as long as its date is not over.
    pub(super) fn link(&mut self, app: &App, rows: &Rows, purpose: LinkPurpose) -> Result<String, Refusal> {
        self.link_until(app, purpose, About::Rsvp(rows.rsvp.id), rows.timeslot.ends_at)
    }

    /// The same with another end.
    pub(super) fn link_until(
        &mut self,
        app: &App,
        purpose: LinkPurpose,
        about: About,
        until: DateTime<Utc>,
    ) -> Result<String, Refusal> {
        let (link, row) = links::make(app, purpose, about, until)?;
        self.links.push(row);
        Ok(link.page)
    }

    /// Brings along a file with these dates for the calendar of somebody who comes.
    pub(super) fn attach(&mut self, app: &App, rows: &Rows, slots: &[&timeslot::Model]) {
        let entries: Vec<_> = slots.iter().map(|slot| rows.entry(app, slot, self)).collect();
        self.attachment = Some(Attachment {
            name: "event.ics",
            media_type: calendar::MEDIA_TYPE,
            content: calendar::write(None, &entries),
        });
    }
}

/// Claims the message and sends it, unless it was sent, may have been, or may not be.
pub(super) async fn send(app: &App, id: Uuid, rows: &Rows, draft: Draft, kind: Kind) -> Result<(), JobError> {
    let (template, language, values) = (kind.template, rows.language, &draft.values);
    let message = match &rows.contact.value {
        Address::Email(email) => {
            let words = app.letters.write(template, language, values)?;
            Message::Mail(Box::new(Mail {
                id,
                at: app.clock.now(),
                to: email.reveal().to_owned(),
                subject: words.subject,
                text: words.text,
                html: words.html,
                attachment: draft.attachment,
                headers: draft.unsubscribe.as_ref().map(Link::headers).unwrap_or_default(),
            }))
        }
        Address::Phone(phone) => Message::Text(post::text(app, id, phone, template, language, values).await?),
    };
    let letter = Letter {
        id,
        channel: rows.contact.value.channel(),
        purpose: kind.purpose,
        template,
        address: rows.contact.value.reveal().to_owned(),
        person_id: Some(rows.rsvp.person_id),
        rsvp_id: Some(rows.rsvp.id),
        occasion: kind.occasion,
        links: draft.links,
        unconfirmed: kind.unconfirmed,
    };
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    message.send(app).await
}
