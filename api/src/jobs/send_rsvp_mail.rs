//! Tells a person where their RSVP stands.

use chrono::{DateTime, Utc};
use entity::{LinkPurpose, Purpose, RsvpStatus};
use uuid::Uuid;

use super::{
    JobError,
    rsvp_letter::{Draft, Kind, Rows, load, send},
};
use crate::{
    app::App,
    domain::link::About,
    letter::{self, Template},
    outbox::RsvpMail,
};

pub(super) async fn run(app: &App, id: Uuid, rsvp_id: Uuid, mail: RsvpMail) -> Result<(), JobError> {
    let now = app.clock.now();
    let Some(rows) = load(app, rsvp_id).await?.filter(|rows| fits(rows, mail, now)) else {
        tracing::info!(job = %id, "a mail about an RSVP no longer fits");
        return Ok(());
    };
    let coming = matches!(mail, RsvpMail::Registered | RsvpMail::Promoted);
    let own = [(&rows.rsvp, &rows.timeslot)];
    let mut draft = Draft::new(app, &rows, if coming { &own } else { &[] })?;
    draft.values.promoted = mail == RsvpMail::Promoted;
    // The seats are kept for a while only, but a late answer is welcome as long as there are any.
    let purpose = match mail {
        RsvpMail::PleaseConfirm => LinkPurpose::ConfirmRsvp,
        RsvpMail::Offered => LinkPurpose::AcceptOffer,
        _ => LinkPurpose::CancelRsvp,
    };
    // What is confirmed is what the mail says, whoever answers with this address meanwhile.
    let about = match mail {
        RsvpMail::PleaseConfirm => About::Party(rows.rsvp.id, rows.rsvp.party_size),
        _ => About::Rsvp(rows.rsvp.id),
    };
    let until = rows.rsvp.offer_expires_at.filter(|_| mail == RsvpMail::Offered);
    let ends_at = until.unwrap_or(rows.timeslot.ends_at);
    draft.values.link = draft.link_until(app, purpose, about, ends_at)?;
    if let Some(until) = until {
        let about = About::Rsvp(rows.rsvp.id);
        draft.values.decline = draft.link_until(app, LinkPurpose::DeclineOffer, about, until)?;
        draft.values.until = letter::moment(rows.language, until, &rows.event.timezone);
    }
    if coming {
        draft.attach(app, &rows, &[&rows.timeslot]);
    }
    let kind = Kind {
        template: template(mail),
        purpose: Purpose::Transactional,
        occasion: None,
        // Anybody can ask with anybody's address, also with one that was confirmed at another time.
        unconfirmed: rows.contact.row.verified_at.is_none() || mail == RsvpMail::PleaseConfirm,
    };
    send(app, id, &rows, draft, kind).await
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
    still && rows.stands() && rows.timeslot.ends_at > now
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
