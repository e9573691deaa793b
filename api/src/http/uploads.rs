//! `PUT /uploads/{token}`: one file, to the address that `createUpload` told. It goes to disk as it comes, so that a large file
//! and a slow sender take no memory; nothing but its bytes says what it is.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue},
    },
    web::{Bytes, Data, Path, Payload},
};
use async_graphql::Executor;
use futures_util::StreamExt;
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::{endpoint::Endpoint, links, media::Media, visit::Visit};
use crate::{
    app::App,
    config::Uploads,
    domain::upload::{self, Taken},
    graphql::{errors, id},
    incoming::Arrived,
    picture::{self, Kind},
    refusal::{Code, FileProblem, Refusal},
};

/// The file of an address. The address is enough: a token that is sent is only counted.
pub(super) async fn put<S: Executor>(
    endpoint: Data<Endpoint<S>>,
    http: HttpRequest,
    token: Path<String>,
    payload: Payload,
) -> HttpResponse {
    let visit = match Visit::of_page(&endpoint, &http) {
        Ok(visit) => visit,
        Err(refused) => return closing(*refused),
    };
    // Its own task, so that what has come is not lost with the connection, and a panic is an answer.
    let app = Arc::clone(&endpoint.app);
    let mut wait = None;
    let response = match receive(app, http.headers(), &token, payload).await {
        Ok(taken) => answer(&taken),
        Err(refusal) => {
            let error = errors::from_refusal(&refusal, &visit.request_id);
            if let Refusal::RateLimited(seconds) | Refusal::Budget(_, seconds) = &refusal {
                wait = Some(*seconds);
            }
            // The rest of a file that is refused is not waited for.
            closing(Media::Json.refuse(status_of(&refusal), error))
        }
    };
    visit.end(response, wait)
}

/// What an address of a file does not do.
pub(super) async fn other_method() -> HttpResponse {
    let error = errors::error(Code::BadUserInput, "Send the file with PUT.");
    let mut response = Media::Json.refuse(StatusCode::METHOD_NOT_ALLOWED, error);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("PUT"));
    closing(response)
}

async fn receive(
    app: Arc<App>,
    headers: &HeaderMap,
    token: &str,
    payload: Payload,
) -> Result<Taken, Refusal> {
    let arriving = upload::open(&app, token).await?;
    let limits = &app.config.uploads;
    check_head(headers, arriving.bytes(), limits)?;
    let turn = app.uploads.arriving.try_acquire();
    let _turn = turn.map_err(|_| Refusal::Unavailable)?;
    let file = to_disk(&app, payload, arriving.bytes()).await?;
    let taking = tokio::spawn(upload::take(Arc::clone(&app), arriving, file));
    taking.await.map_err(Refusal::internal)?
}

/// What is wrong before anything has come.
fn check_head(headers: &HeaderMap, promised: usize, limits: &Uploads) -> Result<(), Refusal> {
    let is_plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).all(is_plain) {
        return Err(Refusal::File(FileProblem::Encoded));
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.and_then(|length| length.parse::<usize>().ok()) {
        Some(length) if length > limits.max_bytes => Err(Refusal::File(FileProblem::TooLarge)),
        Some(length) if length != promised => Err(Refusal::File(FileProblem::WrongSize)),
        _ => Ok(()),
    }
}

/// The whole file, which is no longer than was said, and by its first bytes one that may be taken.
async fn to_disk(app: &App, mut payload: Payload, promised: usize) -> Result<Arrived, Refusal> {
    let limits = &app.config.uploads;
    let end = Instant::now() + Duration::from_secs(limits.seconds);
    let mut file = app.uploads.folder.begin().await.map_err(Refusal::internal)?;
    let mut start = Vec::with_capacity(picture::MAGIC);
    while let Some(part) = next(&mut payload, limits, end).await? {
        let come = file.bytes() + part.len();
        if come > limits.max_bytes {
            return Err(Refusal::File(FileProblem::TooLarge));
        }
        if come > promised {
            return Err(Refusal::File(FileProblem::WrongSize));
        }
        if start.len() < picture::MAGIC {
            start.extend(part.iter().take(picture::MAGIC - start.len()));
            if start.len() == picture::MAGIC {
                check_kind(&start)?;
            }
        }
        file.write(&part).await.map_err(Refusal::internal)?;
    }
    if file.bytes() < promised {
        return Err(Refusal::File(FileProblem::Incomplete));
    }
    check_kind(&start)?;
    file.end().await.map_err(Refusal::internal)
}

async fn next(payload: &mut Payload, limits: &Uploads, end: Instant) -> Result<Option<Bytes>, Refusal> {
    let idle = Instant::now() + Duration::from_secs(limits.idle_seconds);
    match timeout_at(end.min(idle), payload.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(part))) => Ok(Some(part)),
        Ok(Some(Err(_))) => Err(Refusal::File(FileProblem::Incomplete)),
        Err(_) => Err(Refusal::File(FileProblem::TooSlow)),
    }
}

fn check_kind(start: &[u8]) -> Result<(), Refusal> {
    match picture::kind_of(start) {
        Some(Kind::Jpeg | Kind::Png | Kind::Webp | Kind::Pdf) => Ok(()),
        Some(Kind::Heic) => Err(Refusal::File(FileProblem::Heic)),
        None => Err(Refusal::File(FileProblem::WrongType)),
    }
}

fn status_of(refusal: &Refusal) -> StatusCode {
    let Refusal::File(problem) = refusal else {
        return links::status_of(refusal);
    };
    match problem {
        FileProblem::WrongType | FileProblem::Heic | FileProblem::Encoded => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        FileProblem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FileProblem::Incomplete => StatusCode::BAD_REQUEST,
        FileProblem::TooSlow => StatusCode::REQUEST_TIMEOUT,
        FileProblem::WrongSize
        | FileProblem::Damaged
        | FileProblem::Encrypted
        | FileProblem::TooManyPages
        | FileProblem::TooManyPixels
        | FileProblem::TooComplex => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn closing(mut response: HttpResponse) -> HttpResponse {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    upload_id: String,
    sheet_id: String,
    page_ids: Vec<String>,
    /// Whether the very same file was there already.
    known: bool,
}

fn answer(taken: &Taken) -> HttpResponse {
    let status = match taken.is_known {
        true => StatusCode::OK,
        false => StatusCode::CREATED,
    };
    let answer = Answer {
        upload_id: id::of_upload(taken.upload_id),
        sheet_id: id::of_sheet(taken.sheet_id),
        page_ids: taken.pages.iter().copied().map(id::of_sheet_page).collect(),
        known: taken.is_known,
    };
    Media::Json.answer(status, &answer)
}
