//! `GET /files/{token}`: the picture of a page by its link. A browser shows it and does nothing else with it, whatever it is.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderName},
    web::{Data, Path},
};
use async_graphql::Executor;

use super::{endpoint::Endpoint, feeds::ROBOTS, links::status_of, visit::Visit};
use crate::{domain::sheet, graphql::errors};

/// A client's page, which comes from elsewhere, may show it.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The picture, whole. The link is enough: a token that is sent is only counted.
pub(super) async fn read<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    token: Path<String>,
) -> HttpResponse {
    let visit = match Visit::of_page(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    let opening = sheet::open(&endpoint.app, &token);
    let response = match endpoint.in_time(opening, visit.deadline, &visit.request_id).await {
        Ok(Ok(picture)) => HttpResponse::Ok()
            .content_type("image/jpeg")
            .insert_header((CONTENT_DISPOSITION, "inline; filename=\"page.jpg\""))
            .insert_header((
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; sandbox; frame-ancestors 'none'",
            ))
            .insert_header((CACHE_CONTROL, "private, no-store"))
            .insert_header((RESOURCE_POLICY, "cross-origin"))
            .insert_header((ROBOTS, "noindex"))
            .body(picture),
        Ok(Err(refusal)) => {
            let error = errors::from_refusal(&refusal, &visit.request_id);
            visit.media.refuse(status_of(&refusal), error)
        }
        Err(failure) => visit
            .media
            .refuse(failure.status(), failure.error(&visit.request_id)),
    };
    visit.end(response, None)
}
