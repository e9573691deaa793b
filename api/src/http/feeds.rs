//! Events where programs other than clients look for them: calendars (iCalendar), feed readers (Atom), maps (GeoJSON), and
//! search engines (JSON-LD of schema.org).
//!
//! What is public comes from the map, or from the same action as `event` of the schema, asked by nobody in particular:
//! whether a token is sent makes no difference. Only the personal feed knows more, for whoever has its link.

mod ask;
mod atom;
mod geojson;
mod ics;
mod page_data;

use std::collections::{HashMap, HashSet};

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH},
    },
    web::{self, Data, Path, ServiceConfig},
};
use async_graphql::Executor;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::Visibility;
use uuid::Uuid;

use super::{endpoint::Endpoint, media::share, visit::Visit};
use crate::{
    app::App,
    calendar,
    domain::campaign,
    graphql::{errors, id},
    refusal::{Code, Refusal},
    sealed,
};

const ATOM: &str = "application/atom+xml; charset=utf-8";
const GEOJSON: &str = "application/geo+json; charset=utf-8";
const JSON_LD: &str = "application/ld+json; charset=utf-8";

/// Whether pages are found by search engines.
pub(super) const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Who may keep an answer.
#[derive(Clone, Copy, PartialEq)]
enum Keeping {
    /// Everybody gets the same.
    Public,
    /// The same, of an event on no list: search engines are asked not to make one.
    Unlisted,
    /// It is one person's.
    Personal,
}

impl Keeping {
    /// What is said of one event.
    fn of(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Public => Self::Public,
            Visibility::Unlisted | Visibility::Private => Self::Unlisted,
        }
    }
}

pub(super) fn routes<S: Executor>(config: &mut ServiceConfig) {
    config
        .service(page("/events.ics", calendar_near::<S>))
        .service(page("/events.atom", atom_near::<S>))
        .service(page("/events.geojson", geojson_within::<S>))
        .service(page("/events/{id}.ics", calendar_of_event::<S>))
        .service(page("/events/{id}.jsonld", page_data_of_event::<S>))
        .service(page("/calendar/{token}.ics", personal_calendar::<S>));
}

/// A page at `path` that is read only.
pub(super) fn page<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
}

async fn calendar_near<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let made = async {
        Ok((
            Keeping::Public,
            ics::near(&endpoint.app, http.query_string()).await?,
        ))
    };
    answer(&endpoint, &http, calendar::MEDIA_TYPE, made).await
}

async fn atom_near<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let made = async {
        Ok((
            Keeping::Public,
            atom::near(&endpoint.app, http.query_string()).await?,
        ))
    };
    answer(&endpoint, &http, ATOM, made).await
}

async fn geojson_within<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let made = async {
        Ok((
            Keeping::Public,
            geojson::within(&endpoint.app, http.query_string())?,
        ))
    };
    answer(&endpoint, &http, GEOJSON, made).await
}

async fn calendar_of_event<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    id: Path<String>,
) -> HttpResponse {
    let made = async { ics::of_event(&endpoint.app, key_of(&id)?).await };
    answer(&endpoint, &http, calendar::MEDIA_TYPE, made).await
}

async fn page_data_of_event<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    id: Path<String>,
) -> HttpResponse {
    let made = async { page_data::of_event(&endpoint.app, key_of(&id)?).await };
    answer(&endpoint, &http, JSON_LD, made).await
}

async fn personal_calendar<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    token: Path<String>,
) -> HttpResponse {
    let made = async { Ok((Keeping::Personal, ics::personal(&endpoint.app, &token).await?)) };
    answer(&endpoint, &http, calendar::MEDIA_TYPE, made).await
}

fn key_of(id: &str) -> Result<Uuid, Refusal> {
    id::event_of(id).ok_or(Refusal::NotFound("event"))
}

/// Where people read more about an event, if a client has a page for it.
fn page_of(app: &App, id: Uuid) -> Option<String> {
    let page = &app.config.links.event;
    (!page.is_empty()).then(|| page.replace("{id}", &id::of_event(id)))
}

/// Names of campaigns by id.
type Campaigns = HashMap<Uuid, String>;

/// Those of the campaigns that events are part of: one statement, if there are any.
async fn campaigns(app: &App, ids: impl IntoIterator<Item = Option<Uuid>>) -> Result<Campaigns, Refusal> {
    let ids: HashSet<Uuid> = ids.into_iter().flatten().collect();
    let rows = campaign::find_many(app, ids).await?.into_values();
    Ok(rows.map(|row| (row.id, row.name)).collect())
}

/// Its calendar file.
fn calendar_of(app: &App, id: Uuid) -> String {
    format!("{}/events/{}.ics", app.config.base_url(), id::of_event(id))
}

/// Counts the request, and answers it with what is made unless the client has that already.
async fn answer<S: Executor>(
    endpoint: &Endpoint<S>,
    http: &HttpRequest,
    media_type: &'static str,
    made: impl Future<Output = Result<(Keeping, String), Refusal>>,
) -> HttpResponse {
    let visit = match Visit::of_page(endpoint, http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    let request_id = &visit.request_id;
    let (keeping, body) = match endpoint.in_time(made, visit.deadline, request_id).await {
        Ok(Ok(made)) => made,
        Ok(Err(refusal)) => {
            let error = errors::from_refusal(&refusal, request_id);
            let refused = visit.media.refuse(status_of(&refusal), error);
            return visit.end(refused, None);
        }
        Err(failure) => {
            let refused = visit.media.refuse(failure.status(), failure.error(request_id));
            return visit.end(refused, None);
        }
    };
    let mut response = whole_or_unchanged(http.headers(), media_type, body);
    if keeping != Keeping::Public {
        let robots = HeaderValue::from_static("noindex");
        response.headers_mut().insert(ROBOTS, robots);
    }
    let seconds = endpoint.app.config.http.public_max_age_seconds;
    if keeping != Keeping::Personal && seconds > 0 {
        share(&mut response, seconds);
        return response; // where this caller stands is nothing to those who get it from a cache
    }
    let control = match keeping {
        Keeping::Public | Keeping::Unlisted => "private, no-store",
        Keeping::Personal => "private, no-cache", // kept by its owner's program, and asked for anew
    };
    let control = HeaderValue::from_static(control);
    response.headers_mut().insert(CACHE_CONTROL, control);
    visit.end(response, None)
}

/// `body`, or that the client has it already.
pub(super) fn whole_or_unchanged(asked: &HeaderMap, media_type: &'static str, body: String) -> HttpResponse {
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(sealed::hash(&body)));
    let known = asked
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|value| value.split(',')).map(str::trim);
    // A proxy that compresses makes a tag weak.
    let mut response = if known.any(|known| known == "*" || known.trim_start_matches("W/") == tag) {
        HttpResponse::NotModified().finish()
    } else {
        HttpResponse::Ok().content_type(media_type).body(body)
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal.code() {
        Code::BadUserInput => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
