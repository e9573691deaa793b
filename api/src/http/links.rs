//! `/l/{token}`: our own small pages behind mailed links, for deployments whose clients have none.
//!
//! Looking (GET) never acts, so that the previews of mail programs consume nothing; a form with POST does. The POST is
//! also what RFC 8058 one-click sends. No script, nothing from elsewhere, and the token is in no log.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Data, Path},
};
use entity::{LinkPurpose, RsvpStatus};
use minijinja::{Environment, Value, context};

use crate::{
    app::App,
    domain::link::{self, Followed, Preview},
    refusal::{Code, Refusal},
};

const PAGE: &str = include_str!("../../templates/link_page.html");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const EVERY: [LinkPurpose; 9] = [
    LinkPurpose::ConfirmRsvp,
    LinkPurpose::CancelRsvp,
    LinkPurpose::AcceptOffer,
    LinkPurpose::DeclineOffer,
    LinkPurpose::ConfirmAttendance,
    LinkPurpose::Unsubscribe,
    LinkPurpose::AcceptHosting,
    LinkPurpose::DeclineHosting,
    LinkPurpose::MuteEvent,
];

/// What a link would do, with a button that does it.
pub(super) async fn show(app: Data<App>, token: Path<String>) -> HttpResponse {
    match link::preview(&app, &token).await {
        Ok(Preview { purpose, event_title }) => {
            let (heading, button) = match purpose {
                LinkPurpose::ConfirmRsvp => ("Confirm that you are coming", "I am coming"),
                LinkPurpose::CancelRsvp => ("Cancel your RSVP", "I am not coming"),
                LinkPurpose::AcceptOffer => ("A place came free for you", "I am coming"),
                LinkPurpose::DeclineOffer => ("Give your place to the next", "I am not coming"),
                LinkPurpose::ConfirmAttendance => ("Say that you will be there", "I will be there"),
                LinkPurpose::MuteEvent => ("Stop messages about this event", "Stop them"),
                LinkPurpose::Unsubscribe => ("Stop mail from us", "Stop mail to this address"),
                LinkPurpose::AcceptHosting => ("You are asked to host this event with others", "I host it"),
                LinkPurpose::DeclineHosting => ("You are asked to host this event with others", "I do not"),
            };
            page(
                &app,
                StatusCode::OK,
                heading,
                event_title.as_deref(),
                Some(button),
            )
        }
        Err(refusal) => refuse(&app, &refusal),
    }
}

/// Does what a link is for.
pub(super) async fn follow(app: Data<App>, token: Path<String>) -> HttpResponse {
    match link::follow(&app, &token, &EVERY).await {
        Ok(Followed::Muted) => page(
            &app,
            StatusCode::OK,
            "You will get no more messages about this event.",
            None,
            None,
        ),
        Ok(Followed::Unsubscribed) => page(
            &app,
            StatusCode::OK,
            "You will get no more such mail.",
            None,
            None,
        ),
        Ok(Followed::HostingAccepted) => page(
            &app,
            StatusCode::OK,
            "You host it now. Sign in with this address to look after it.",
            None,
            None,
        ),
        Ok(Followed::HostingDeclined) => page(&app, StatusCode::OK, "You declined.", None, None),
        Ok(Followed::AttendanceConfirmed(_)) => {
            page(&app, StatusCode::OK, "Thank you. See you there!", None, None)
        }
        Ok(Followed::Rsvp(row)) => {
            let heading = match row.status {
                RsvpStatus::Registered => "You are coming. A message with all details is on its way.",
                RsvpStatus::Waitlisted => {
                    "You are on the waitlist. A message tells you when a seat comes free."
                }
                RsvpStatus::PendingApproval => "The hosts will decide. A message tells you when they have.",
                RsvpStatus::Offered => "A place came free for you. The message about it says how to take it.",
                RsvpStatus::Refused => "The hosts did not approve this RSVP.",
                _ => "Your RSVP is cancelled. Thank you for telling us.",
            };
            page(&app, StatusCode::OK, heading, None, None)
        }
        Err(refusal) => refuse(&app, &refusal),
    }
}

fn refuse(app: &App, refusal: &Refusal) -> HttpResponse {
    if let Refusal::Internal(cause) = refusal {
        tracing::error!(cause, "a mailed link failed");
    }
    page(app, status_of(refusal), &refusal.to_string(), None, None)
}

/// For pages that people look at.
pub(super) fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal.code() {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::WrongState => StatusCode::GONE,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn page(
    app: &App,
    status: StatusCode,
    heading: &str,
    about: Option<&str>,
    button: Option<&str>,
) -> HttpResponse {
    let values = context! { organisation => &app.config.organisation, heading, about, button };
    html(status, "link_page.html", PAGE, values)
}

/// A page that people see who follow a link: nothing of it is kept, found or told to others.
pub(super) fn html(status: StatusCode, name: &str, template: &str, values: Value) -> HttpResponse {
    let Ok(html) = Environment::new().render_named_str(name, template, values) else {
        tracing::error!(name, "a page does not render");
        return HttpResponse::InternalServerError().finish();
    };
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((super::feeds::ROBOTS, "noindex"))
        .body(html)
}
