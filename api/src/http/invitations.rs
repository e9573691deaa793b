//! `/i/{token}`: our own page behind invitations, for deployments whose clients have none: the event, and a form.
//!
//! As for `/l/{token}`, looking never acts, there is no script, nothing is from elsewhere, and the token is in no log.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};
use async_graphql::Executor;
use entity::{InvitationStatus, RsvpStatus};
use minijinja::{Value, context};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    endpoint::Endpoint,
    links::{html, status_of},
    visit::Visit,
};
use crate::{
    app::App,
    domain::{
        Actor,
        email::Email,
        invitation::{self, Shown},
        person::Name,
        place,
        rsvp::{self, Answer},
    },
    letter::{self, Language},
    limits::Client,
    map::Listing,
    refusal::Refusal,
};

const PAGE: &str = include_str!("../../templates/invitation_page.html");

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Said {
    answer: String,
    timeslot: Option<Uuid>,
    #[serde(default)]
    given: String,
    #[serde(default)]
    family: String,
    email: Option<String>,
}

/// The event, with a form to answer.
pub(super) async fn show<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    token: Path<String>,
) -> HttpResponse {
    let visit = match Visit::of_page(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    match invitation::show(&endpoint.app, visit.client, &token).await {
        Ok(shown) => offer(&endpoint.app, &shown, None),
        Err(refusal) => refuse(&endpoint.app, &refusal),
    }
}

/// Answers, and says what became of it.
pub(super) async fn answer<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    token: Path<String>,
    said: Form<Said>,
) -> HttpResponse {
    let visit = match Visit::of_page(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    let (app, client) = (&endpoint.app, visit.client);
    match carry_out(app, client, &token, said.into_inner()).await {
        Ok(heading) => page(app, StatusCode::OK, context! { heading }),
        Err(refusal @ Refusal::Input(_)) => match invitation::show(app, client, &token).await {
            Ok(shown) => offer(app, &shown, Some(&refusal)),
            Err(refusal) => refuse(app, &refusal),
        },
        Err(refusal) => refuse(app, &refusal),
    }
}

async fn carry_out(app: &App, client: Client, token: &str, said: Said) -> Result<&'static str, Refusal> {
    if said.answer == "no" {
        return Ok(match invitation::decline(app, client, token).await?.status {
            InvitationStatus::Answered => "You answered before. The link in that mail takes it back.",
            _ => "Thank you for telling us.",
        });
    }
    let email = said.email.filter(|email| !email.is_empty());
    let email = email.map(|email| Email::parse(&email, &["email"]));
    let answer = Answer {
        timeslot_id: said.timeslot.unwrap_or_default(),
        coming: true,
        party_size: 1,
        name: Some(Name {
            given: said.given,
            family: said.family,
        }),
        guests: None,
        answers: None,
        address: email.transpose()?.map(Into::into),
        language: None,
        referrer: None,
        listed: None,
        invitation: Some(token.to_owned()),
        share_code: None,
    };
    let outcome = rsvp::answer(app, &Actor::Anonymous, client, answer, None).await?;
    Ok(match outcome.status {
        RsvpStatus::Registered => "You are coming. A mail with all details is on its way.",
        RsvpStatus::Waitlisted => "You are on the waitlist. A mail tells you when a seat comes free.",
        RsvpStatus::PendingApproval => "The hosts will decide. A mail tells you when they have.",
        _ => "Please follow the link in the mail that is on its way to you.",
    })
}

fn offer(app: &App, shown: &Shown, problem: Option<&Refusal>) -> HttpResponse {
    let event = &shown.event;
    let listing = Listing::of(&event.row, &event.hosts, &event.timeslots);
    let now = app.clock.now();
    let slots = listing.timeslots.iter().filter(|slot| slot.starts_at > now);
    let dates = slots.map(|slot| {
        let when = letter::span(
            Language::English,
            slot.starts_at,
            slot.ends_at,
            &event.row.timezone,
        );
        context! { id => slot.id.to_string(), when }
    });
    let dates: Vec<Value> = dates.collect();
    let hosts: Vec<&str> = listing.hosts.iter().map(|(_, name)| &**name).collect();
    let place = listing.place.as_ref().map(place::lines).unwrap_or_default();
    page(
        app,
        StatusCode::OK,
        context! {
            heading => &listing.title,
            hosts => hosts.join(", "),
            summary => listing.summary.as_deref(),
            note => &shown.note,
            place,
            dates,
            personal => shown.pass.is_personal(),
            problem => problem.map(ToString::to_string),
        },
    )
}

fn refuse(app: &App, refusal: &Refusal) -> HttpResponse {
    if let Refusal::Internal(cause) = refusal {
        tracing::error!(cause, "a page of an invitation failed");
    }
    let heading = refusal.to_string();
    page(app, status_of(refusal), context! { heading })
}

fn page(app: &App, status: StatusCode, values: Value) -> HttpResponse {
    let values = context! { organisation => &app.config.organisation, ..values };
    html(status, "invitation_page.html", PAGE, values)
}
