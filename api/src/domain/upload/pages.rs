//! Pictures of the pages of a file, sealed into the store.

use std::{env, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use entity::sheet_page;
use paper::{Pages, PdfProblem};
use sha2::{Digest, Sha256};
use tokio::{task::spawn_blocking, time::timeout};
use uuid::Uuid;

use crate::{
    app::App,
    domain::sheet,
    incoming::Arrived,
    picture::{self, Fault, Kind, Picture},
    refusal::{FileProblem, Refusal},
    sealed,
};

/// So long a file waits for others to be decoded.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page whose picture is in the store.
pub(super) struct Kept {
    object_id: Uuid,
    width: u32,
    height: u32,
    bytes: usize,
    hash: Vec<u8>,
}

impl Kept {
    pub(super) fn row(
        &self,
        upload_id: Uuid,
        sheet_id: Uuid,
        number: usize,
        now: DateTime<Utc>,
    ) -> Result<sheet_page::Model, Refusal> {
        Ok(sheet_page::Model {
            id: Uuid::now_v7(),
            sheet_id,
            upload_id,
            number: i32::try_from(number).map_err(Refusal::internal)?,
            object_id: Some(self.object_id),
            width: i32::try_from(self.width).map_err(Refusal::internal)?,
            height: i32::try_from(self.height).map_err(Refusal::internal)?,
            bytes: i32::try_from(self.bytes).map_err(Refusal::internal)?,
            hash: self.hash.clone(),
            created_at: now,
        })
    }
}

/// Makes pictures of a file, a few files at a time, and keeps them. All or none.
pub(super) async fn keep(app: &Arc<App>, file: Arrived) -> Result<Vec<Kept>, Refusal> {
    let turn = timeout(PATIENCE, app.uploads.decoding.acquire()).await;
    let _turn = turn
        .map_err(|_| Refusal::Unavailable)?
        .map_err(Refusal::internal)?;
    let bytes = file.read().await.map_err(Refusal::internal)?;
    let kind = picture::kind_of(&bytes).ok_or(Refusal::File(FileProblem::WrongType))?;
    let mut kept = vec![];
    let all = keep_each(app, kind, bytes, &mut kept).await;
    if let Err(refusal) = all {
        forget(app, &kept).await;
        return Err(refusal);
    }
    Ok(kept)
}

async fn keep_each(app: &App, kind: Kind, bytes: Vec<u8>, kept: &mut Vec<Kept>) -> Result<(), Refusal> {
    match kind {
        Kind::Jpeg | Kind::Png | Kind::Webp => {
            let pixels = app.config.uploads.pixels;
            let clean = spawn_blocking(move || picture::clean(kind, &bytes, pixels));
            kept.push(put(app, decoded(clean.await)?).await?);
            Ok(())
        }
        Kind::Heic => Err(Refusal::File(FileProblem::Heic)),
        Kind::Pdf => keep_pdf(app, bytes, kept).await,
    }
}

/// Page after page, so that one of them is in memory.
async fn keep_pdf(app: &App, bytes: Vec<u8>, kept: &mut Vec<Kept>) -> Result<(), Refusal> {
    let limits = &app.config.uploads;
    let program = match limits.pdf_program.as_os_str().is_empty() {
        true => env::current_exe().map_err(Refusal::internal)?,
        false => limits.pdf_program.clone(),
    };
    let time = Duration::from_secs(limits.pdf_seconds);
    let pages = Pages::of(&program, bytes, time).await;
    let mut pages = pages.map_err(refused)?;
    if pages.count() > limits.pages {
        return Err(Refusal::File(FileProblem::TooManyPages));
    }
    while let Some(page) = pages.next().await.map_err(refused)? {
        let written = spawn_blocking(move || picture::write(page.into()));
        kept.push(put(app, decoded(written.await)?).await?);
    }
    Ok(())
}

fn refused(problem: PdfProblem) -> Refusal {
    Refusal::File(match problem {
        PdfProblem::Encrypted => FileProblem::Encrypted,
        PdfProblem::Damaged => FileProblem::Damaged,
        PdfProblem::TooManyPages => FileProblem::TooManyPages,
        PdfProblem::TooLarge => FileProblem::TooManyPixels,
        PdfProblem::TimedOut | PdfProblem::OutOfMemory => FileProblem::TooComplex,
        PdfProblem::NotRun => {
            tracing::error!("uploads.pdf_program: the process that draws PDFs does not run");
            return Refusal::Unavailable;
        }
    })
}

/// A decoder that panics has met a file that is none.
fn decoded(result: Result<Result<Picture, Fault>, tokio::task::JoinError>) -> Result<Picture, Refusal> {
    let problem = match result {
        Ok(Ok(picture)) => return Ok(picture),
        Ok(Err(Fault::Damaged)) => FileProblem::Damaged,
        Ok(Err(Fault::TooManyPixels)) => FileProblem::TooManyPixels,
        Err(_) => {
            tracing::warn!("a decoder of pictures panicked");
            FileProblem::Damaged
        }
    };
    Err(Refusal::File(problem))
}

async fn put(app: &App, picture: Picture) -> Result<Kept, Refusal> {
    let object_id = uuid::Builder::from_random_bytes(sealed::random()?).into_uuid();
    app.store.put(sheet::PICTURE, object_id, &picture.jpeg).await?;
    Ok(Kept {
        object_id,
        width: picture.width,
        height: picture.height,
        bytes: picture.jpeg.len(),
        hash: Sha256::digest(&picture.jpeg).to_vec(),
    })
}

/// Deletes what no row will know of. What stays, because the store does not answer, is swept later.
pub(super) async fn forget(app: &App, kept: &[Kept]) {
    for page in kept {
        _ = app.store.delete(page.object_id).await;
    }
}
