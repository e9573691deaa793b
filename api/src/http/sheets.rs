//! `GET /sheets/{token}.pdf`: an attendance sheet to print, by its link.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS},
    web::{Data, Path},
};
use async_graphql::Executor;

use super::{endpoint::Endpoint, feeds::ROBOTS, links::status_of, visit::Visit};
use crate::{
    domain::transcript::{self, PrintedSheet},
    graphql::errors,
};

/// The file, while the link works. The link is enough: a token that is sent is only counted.
pub(super) async fn read<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    token: Path<String>,
) -> HttpResponse {
    let visit = match Visit::of_page(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    let opening = transcript::open_print(&endpoint.app, &token);
    let response = match endpoint.in_time(opening, visit.deadline, &visit.request_id).await {
        Ok(Ok(printed)) => file(printed),
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

fn file(printed: PrintedSheet) -> HttpResponse {
    let disposition = format!("attachment; filename=\"{}\"", printed.file_name);
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((ROBOTS, "noindex"))
        .body(printed.pdf)
}
