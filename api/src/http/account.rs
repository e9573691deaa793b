//! `GET /me/data.json`: everything known of the signed-in person, as a file of their own. It is no field of the schema,
//! because it is kept rather than shown, has a form that grows with every table, and no list of it has an end.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, HeaderValue},
    },
    web::Data,
};
use async_graphql::Executor;

use super::{
    endpoint::{Endpoint, who},
    media::{Media, unauthenticated},
    rates,
    visit::Visit,
};
use crate::{
    auth::Pass,
    domain::{Actor, account},
    graphql::errors,
    refusal::{Code, Refusal},
};

/// Everything that is known of who asks. It counts as a request and as a mutation, because reading it is recorded.
pub async fn data<S: Executor>(endpoint: Data<Endpoint<S>>, http: HttpRequest) -> HttpResponse {
    let mut visit = match Visit::begin(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    let standing = endpoint
        .app
        .limits
        .mutation(who(visit.pass.as_ref().and_then(Pass::claims), visit.client))
        .await;
    visit.counted(standing);
    if let Some(seconds) = standing.and_then(|standing| standing.retry_after) {
        let refused = rates::refuse(Media::Json, seconds, &visit.request_id);
        return visit.end(refused, Some(seconds));
    }
    let reading = async {
        let claims = visit.pass.as_ref().and_then(Pass::claims);
        let claims = claims.ok_or(Refusal::Unauthenticated)?;
        let actor = Actor::of(&endpoint.app, claims).await?;
        account::data(&endpoint.app, &actor).await
    };
    let response = match endpoint.in_time(reading, visit.deadline, &visit.request_id).await {
        Ok(Ok(data)) => file(&data),
        Ok(Err(refusal)) => {
            let refused = refuse(&refusal, &visit.request_id);
            let wait = match refusal {
                Refusal::RateLimited(seconds) => Some(seconds),
                _ => None,
            };
            return visit.end(refused, wait);
        }
        Err(failure) => Media::Json.refuse(failure.status(), failure.error(&visit.request_id)),
    };
    visit.end(response, None)
}

fn file(data: &account::Data) -> HttpResponse {
    let mut response = Media::Json.answer(StatusCode::OK, data);
    let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    response
}

fn refuse(refusal: &Refusal, request_id: &str) -> HttpResponse {
    let status = match refusal.code() {
        Code::Unauthenticated => return unauthenticated(Media::Json, refusal, request_id),
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Media::Json.refuse(status, errors::from_refusal(refusal, request_id))
}
