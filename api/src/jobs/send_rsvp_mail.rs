//! Tells a person where their RSVP stands.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{
    Channel, EventStatus, LinkPurpose, Purpose, RsvpStatus, contact_point, event, event_host, rsvp, timeslot,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{JobError, post};
use crate::{
    app::App,
    calendar,
    channel::{Attachment, Mail},
    domain::{
        email::Email,
        event::{self as events, Access, Private},
        link::{self, About},
        message::Letter,
        person,
        place::{self, Place},
    },
    letter::{self, Gathering, Language, RsvpValues, Template, line, lines},
    map::Listing,
    outbox::RsvpMail,
    refusal::Refusal,
};

/// How long an address may be unsubscribed by the link in a mail. The law asks for 30 days.
const UNSUBSCRIBE: TimeDelta = TimeDelta::days(90);

/// The rows a mail is about.
struct Rows {
    rsvp: rsvp::Model,
    timeslot: timeslot::Model,
    event: event::Model,
    hosts: Vec<event_host::Model>,
    contact: contact_point::Model,
    email: Email,
    language: Language,
}

pub(super) async fn run(app: &App, id: Uuid, rsvp_id: Uuid, mail: RsvpMail) -> Result<(), JobError> {
    let now = app.clock.now();
    let Some(rows) = load(app, rsvp_id).await?.filter(|rows| fits(rows, mail, now)) else {
        tracing::info!(job = %id, "a mail about an RSVP no longer fits");
        return Ok(());
    };
    let template = template(mail);
    let letter = Letter {
        id,
        channel: Channel::Email,
        purpose: Purpose::Transactional,
        template,
        address: rows.email.reveal().to_owned(),
        person_id: Some(rows.rsvp.person_id),
        // Anybody can ask with anybody's address, also with one that was confirmed at another time.
        unconfirmed: rows.contact.verified_at.is_none() || mail == RsvpMail::PleaseConfirm,
    };
    let index = app.keys.index(person::SCOPE, rows.email.reveal())?;
    let unsubscribe = link::make(
        app,
        LinkPurpose::Unsubscribe,
        About::Address(index),
        now + UNSUBSCRIBE,
    )
    .await?;
    let (values, attachment) = fill(app, &rows, mail, unsubscribe.page).await?;
    let words = app.letters.write(template, rows.language, &values)?;
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    let mail = Mail {
        id,
        at: now,
        to: rows.email.reveal().to_owned(),
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachment,
        headers: vec![
            ("List-Unsubscribe", format!("<{}>", unsubscribe.own)),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ],
    };
    post::send(app, &mail).await
}

async fn load(app: &App, rsvp_id: Uuid) -> Result<Option<Rows>, JobError> {
    // On the writer's side: a reader may lag behind the commit that left this job.
    let db = app.db.writer();
    let Some(rsvp) = rsvp::Entity::find_by_id(rsvp_id).one(db).await? else {
        return Ok(None);
    };
    let timeslot = timeslot::Entity::find_by_id(rsvp.timeslot_id).one(db).await?;
    let event = event::Entity::find_by_id(rsvp.event_id).one(db).await?;
    let (Some(timeslot), Some(event)) = (timeslot, event) else {
        return Ok(None);
    };
    let hosts = event_host::Entity::find()
        .filter(event_host::Column::EventId.eq(event.id))
        .order_by_asc(event_host::Column::Id)
        .all(db)
        .await?;
    let Some((contact, email)) = person::email_of(app, db, rsvp.person_id).await? else {
        return Ok(None); // whose it was is erased
    };
    let language = person::language_of(app, db, rsvp.person_id).await?;
    Ok(Some(Rows {
        rsvp,
        timeslot,
        event,
        hosts,
        contact,
        email,
        language,
    }))
}

/// Whether the mail still says what is so.
fn fits(rows: &Rows, mail: RsvpMail, now: DateTime<Utc>) -> bool {
    let status = rows.rsvp.status;
    let still = match mail {
        RsvpMail::PleaseConfirm => !matches!(
            status,
            RsvpStatus::Registered
                | RsvpStatus::Waitlisted
                | RsvpStatus::Offered
                | RsvpStatus::PendingApproval
                | RsvpStatus::Refused
        ),
        RsvpMail::Registered | RsvpMail::Promoted => status == RsvpStatus::Registered,
        RsvpMail::Waitlisted => status == RsvpStatus::Waitlisted,
        RsvpMail::Offered => rows.rsvp.offer_expires_at.is_some_and(|until| until > now),
        RsvpMail::OfferExpired => status == RsvpStatus::OfferExpired,
        RsvpMail::PendingApproval => status == RsvpStatus::PendingApproval,
        RsvpMail::Refused => status == RsvpStatus::Refused,
    };
    still
        && rows.event.status != EventStatus::Cancelled
        && rows.timeslot.cancelled_at.is_none()
        && rows.timeslot.ends_at > now
}

fn template(mail: RsvpMail) -> Template {
    match mail {
        RsvpMail::PleaseConfirm => Template::RsvpPleaseConfirm,
        RsvpMail::Registered => Template::RsvpRegistered,
        RsvpMail::Promoted => Template::RsvpPromoted,
        RsvpMail::Waitlisted => Template::RsvpWaitlisted,
        RsvpMail::Offered => Template::RsvpOffered,
        RsvpMail::OfferExpired => Template::RsvpOfferExpired,
        RsvpMail::PendingApproval => Template::RsvpPendingApproval,
        RsvpMail::Refused => Template::RsvpRefused,
    }
}

async fn fill(
    app: &App,
    rows: &Rows,
    mail: RsvpMail,
    unsubscribe: String,
) -> Result<(RsvpValues, Option<Attachment>), Refusal> {
    let (event, timeslot) = (&rows.event, &rows.timeslot);
    let coming = matches!(mail, RsvpMail::Registered | RsvpMail::Promoted);
    let private: Private = if coming {
        events::readable_private(
            app,
            event,
            Access {
                coming: true,
                ..Access::default()
            },
        )?
    } else {
        Private::default() // only those who come read it
    };
    let place = if coming {
        place(event, private.place.as_ref())
    } else {
        Vec::new()
    };
    // The seats are kept for a while only, but a late answer is welcome as long as there are any.
    let purpose = match mail {
        RsvpMail::PleaseConfirm => LinkPurpose::ConfirmRsvp,
        RsvpMail::Offered => LinkPurpose::AcceptOffer,
        _ => LinkPurpose::CancelRsvp,
    };
    let until = rows.rsvp.offer_expires_at;
    // What is confirmed is what the mail says, whoever answers with this address meanwhile.
    let about = match mail {
        RsvpMail::PleaseConfirm => About::Party(rows.rsvp.id, rows.rsvp.party_size),
        _ => About::Rsvp(rows.rsvp.id),
    };
    let link = link::make(app, purpose, about, until.unwrap_or(timeslot.ends_at)).await?;
    let decline = match until {
        Some(until) => {
            let about = About::Rsvp(rows.rsvp.id);
            link::make(app, LinkPurpose::DeclineOffer, about, until)
                .await?
                .page
        }
        None => String::new(),
    };
    let attachment = coming.then(|| Attachment {
        name: "event.ics",
        media_type: calendar::MEDIA_TYPE,
        content: calendar::write(None, &[entry(app, rows, &private, &place)]),
    });
    let gathering = private.gathering.map(|gathering| Gathering {
        place: line(&gathering.place),
        at: letter::time(
            rows.language,
            timeslot.starts_at - TimeDelta::minutes(i64::from(gathering.minutes_before)),
            &event.timezone,
        ),
    });
    let hosts: Vec<String> = rows.hosts.iter().map(|host| line(&host.public_name)).collect();
    let values = RsvpValues {
        organisation: line(&app.config.organisation),
        title: line(&event.title),
        summary: event.summary.as_deref().map(lines),
        when: letter::span(
            rows.language,
            timeslot.starts_at,
            timeslot.ends_at,
            &event.timezone,
        ),
        hosts: hosts.join(", "),
        place,
        virtual_url: private.virtual_url.as_deref().map(line),
        instructions: private.instructions.as_deref().map(lines),
        gathering,
        party_size: rows.rsvp.party_size,
        held: rows.rsvp.seats > 0,
        minutes: app.config.rsvp.hold_minutes,
        promoted: mail == RsvpMail::Promoted,
        until: until.map_or_else(String::new, |until| {
            letter::moment(rows.language, until, &event.timezone)
        }),
        link: link.page,
        decline,
        unsubscribe,
    };
    Ok((values, attachment))
}

/// The date for the calendar of somebody who comes.
fn entry(app: &App, rows: &Rows, private: &Private, place: &[String]) -> calendar::Entry {
    let mut description = vec![rows.event.summary.clone().unwrap_or_default()];
    description.extend(private.virtual_url.clone());
    description.retain(|part| !part.is_empty());
    calendar::Entry {
        uid: calendar::uid(&app.config, rows.timeslot.id),
        sequence: rows.event.version,
        changed_at: rows.event.changed_at,
        starts_at: rows.timeslot.starts_at,
        ends_at: rows.timeslot.ends_at,
        timezone: rows.event.timezone.parse().unwrap_or(Tz::UTC),
        status: calendar::Status::Confirmed,
        title: line(&rows.event.title),
        description: lines(&description.join("\n\n")),
        category: None,
        location: (!place.is_empty()).then(|| place.join(", ")),
        point: None,
        url: private.virtual_url.clone(),
    }
}

/// The place as somebody who comes may know it, line by line: the exact one, or what the public knows.
fn place(event: &event::Model, exact: Option<&Place>) -> Vec<String> {
    let place = match exact {
        Some(exact) => exact.into(),
        None => Listing::of(event, &[], &[]).place.unwrap_or_default(),
    };
    place::lines(&place).iter().map(|part| line(part)).collect()
}
