//! `GET /exports/{token}.csv`: an export by its link, sent in parts as they are read, so that it takes as much memory as one
//! part, however many lines it has.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web::{Bytes, Data, Path},
};
use async_graphql::Executor;
use futures_util::stream;

use super::{endpoint::Endpoint, feeds::ROBOTS, links::status_of, visit::Visit};
use crate::{
    domain::rsvp::{self, Reading},
    graphql::errors,
    refusal::Refusal,
    spreadsheet,
};

/// The file, once. The link is enough: a token that is sent is only counted.
pub(super) async fn read<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    token: Path<String>,
) -> HttpResponse {
    let visit = match Visit::of_page(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return *refused,
    };
    let opening = rsvp::open_export(&endpoint.app, &token);
    let response = match endpoint.in_time(opening, visit.deadline, &visit.request_id).await {
        Ok(Ok(reading)) => file(reading, visit.request_id.clone()),
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

fn file(reading: Reading, request_id: String) -> HttpResponse {
    let disposition = format!("attachment; filename=\"{}\"", reading.file_name());
    let parts = stream::unfold(Some((reading, request_id)), |state| async {
        let (mut reading, request_id) = state?;
        match reading.next().await {
            Ok(Some(part)) => Some((Ok(Bytes::from(part)), Some((reading, request_id)))),
            Ok(None) => None,
            Err(refusal) => {
                // What was sent is cut off, so that nobody takes it for the whole.
                match &refusal {
                    Refusal::Internal(cause) => tracing::error!(request_id, cause, "an export failed"),
                    other => tracing::info!(request_id, %other, "an export was cut off"),
                }
                Some((Err(refusal), None))
            }
        }
    });
    HttpResponse::Ok()
        .content_type(spreadsheet::MEDIA_TYPE)
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((ROBOTS, "noindex"))
        .streaming(Box::pin(parts))
}
