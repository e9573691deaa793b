//! Files that people send: asked for first, then sent to an address of their own, which takes one file from one session.
//!
//! What is sent is looked at, made into plain pictures and sealed into the store before any row says that it is there; so
//! whatever goes wrong, no row is half done, and [`sweep`] finds objects that no row knows of.

mod pages;
mod receive;
mod sweep;

pub use receive::{Arriving, Taken, open, take};
pub(crate) use sweep::delete;
pub use sweep::sweep;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{UploadPurpose, attendance_sheet, timeslot, upload};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{
    Actor, event,
    idempotency::{self, IdempotencyKey},
    sheet,
};
use crate::{
    app::App,
    config::Config,
    incoming::Folder,
    refusal::{FileProblem, Problems, Refusal},
    sealed,
};

/// A file that began longer ago has become rows, or nothing.
pub(crate) const LONGEST: TimeDelta = TimeDelta::hours(1);

/// How many files come, and are decoded, at the same time in this process, and where they are meanwhile.
pub struct Gates {
    /// Files that come.
    pub arriving: Semaphore,
    /// Files that are decoded.
    pub decoding: Semaphore,
    /// Where they are while they come.
    pub folder: Folder,
}

/// What somebody wants to send.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What for.
    pub purpose: UploadPurpose,
    /// Of which event.
    pub event_id: Uuid,
    /// Of which of its dates, if that is known.
    pub timeslot_id: Option<Uuid>,
    /// The sheet that it is more pages of; none for a new one.
    pub sheet_id: Option<Uuid>,
    /// Its size.
    pub bytes: i64,
    /// Its type, as its owner's device calls it.
    pub media_type: String,
}

/// Where to send a file, told once.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The upload.
    pub id: Uuid,
    /// Where to PUT it. Whoever has this address may, once, as long as the session lasts.
    pub url: String,
    /// When that stops working.
    pub expires_at: DateTime<Utc>,
}

impl Gates {
    /// Makes the folder, and removes what was left in it.
    pub(crate) fn open(config: &Config) -> anyhow::Result<Self> {
        let uploads = &config.uploads;
        Ok(Self {
            arriving: Semaphore::new(uploads.at_once),
            decoding: Semaphore::new(uploads.decoded_at_once),
            folder: Folder::open(config.data_dir.join("incoming")).context("data_dir/incoming")?,
        })
    }
}

/// Makes an address to which one file may be sent. For hosts of the event and organizers. NOT_FOUND, FORBIDDEN;
/// BAD_USER_INPUT, also where the file is known not to be taken; WRONG_STATE for hosts of an event that was taken down, and
/// for a sheet that was applied (SHEET_CLOSED); RATE_LIMITED. A repeat with the same key makes a new address for the same
/// upload, and the old one works no more.
pub async fn create(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    key: Option<&IdempotencyKey>,
) -> Result<Ticket, Refusal> {
    let again = async |id: Option<Uuid>| renew(app, actor, id.unwrap_or_default()).await;
    let action = async || create_once(app, actor, wanted, key).await;
    idempotency::run(app, key, action, again).await
}

async fn create_once(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    key: Option<&IdempotencyKey>,
) -> Result<Ticket, Refusal> {
    let member = actor.member()?;
    event::require_reach(app, actor, wanted.event_id).await?;
    let timeslot_id = check(app, wanted).await?;
    app.limits.upload(member.id).await?;
    let (id, now) = (Uuid::now_v7(), app.clock.now());
    let (token, token_hash) = make_token()?;
    let row = upload::Model {
        id,
        person_id: Some(member.id),
        session_id: member.session_id,
        purpose: wanted.purpose,
        event_id: wanted.event_id,
        timeslot_id,
        sheet_id: wanted.sheet_id,
        token_hash,
        bytes: i32::try_from(wanted.bytes).map_err(Refusal::internal)?,
        tries: 0,
        expires_at: now + life(app),
        used_at: None,
        hash: None,
        created_at: now,
    };
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        let insert = upload::Entity::insert(upload::ActiveModel::from(row.clone()));
        insert.exec_without_returning(tx.db()).await?;
        Ok(())
    })
    .await?;
    Ok(ticket(app, id, &token, row.expires_at))
}

/// All that is wrong with what is wanted, and otherwise the date that it is of.
async fn check(app: &App, wanted: &Wanted) -> Result<Option<Uuid>, Refusal> {
    let mut problems = Problems::default();
    let most = app.config.uploads.max_bytes;
    problems.check(wanted.bytes > 0, "input.bytes", "must be positive");
    problems.check(
        usize::try_from(wanted.bytes).unwrap_or_default() <= most,
        "input.bytes",
        format!("must be at most {most}"),
    );
    match &*wanted.media_type.to_ascii_lowercase() {
        "image/jpeg" | "image/png" | "image/webp" | "application/pdf" => {}
        "image/heic" | "image/heif" | "image/avif" => {
            problems.add(
                "input.mediaType",
                format!("is not taken. {}", FileProblem::Heic.sentence()),
            );
        }
        _ => problems.add(
            "input.mediaType",
            "must be image/jpeg, image/png, image/webp or application/pdf",
        ),
    }
    if let Some(id) = wanted.timeslot_id {
        let date = timeslot::Entity::find_by_id(id).filter(timeslot::Column::EventId.eq(wanted.event_id));
        let is_one = date.count(app.db.reader()).await? > 0;
        problems.check(is_one, "input.timeslotId", "is no date of this event");
    }
    let Some(id) = wanted.sheet_id else {
        let sheets = attendance_sheet::Entity::find()
            .filter(attendance_sheet::Column::EventId.eq(wanted.event_id))
            .count(app.db.reader())
            .await?;
        let most = app.config.uploads.sheets;
        let problem = format!("would have more than {most} sheets");
        problems.check(sheets < most as u64, "input.eventId", problem);
        problems.finish()?;
        return Ok(wanted.timeslot_id);
    };
    let sheet = attendance_sheet::Entity::find_by_id(id)
        .filter(attendance_sheet::Column::EventId.eq(wanted.event_id))
        .one(app.db.reader())
        .await?;
    let date = sheet.as_ref().and_then(|sheet| sheet.timeslot_id);
    problems.check(sheet.is_some(), "input.sheetId", "is no sheet of this event");
    if sheet.is_some() {
        let is_its_own = wanted.timeslot_id.is_none_or(|id| date == Some(id));
        problems.check(is_its_own, "input.timeslotId", "is not the date of this sheet");
    }
    problems.finish()?;
    sheet.iter().try_for_each(sheet::require_open)?;
    Ok(date)
}

/// A new address for an upload of the actor's; the old one works no more.
async fn renew(app: &App, actor: &Actor, id: Uuid) -> Result<Ticket, Refusal> {
    let member = actor.member()?;
    let row = upload::Entity::find_by_id(id)
        .filter(upload::Column::PersonId.eq(member.id))
        .one(app.db.reader())
        .await?;
    let row = row.ok_or(receive::GONE)?;
    event::require_reach(app, actor, row.event_id).await?;
    let (token, token_hash) = make_token()?;
    let expires_at = app.clock.now() + life(app);
    app.write(async |tx| {
        upload::Entity::update_many()
            .col_expr(upload::Column::SessionId, Expr::value(member.session_id))
            .col_expr(upload::Column::TokenHash, Expr::value(token_hash))
            .col_expr(upload::Column::ExpiresAt, Expr::value(expires_at))
            .filter(upload::Column::Id.eq(id))
            .exec(tx.db())
            .await?;
        Ok(())
    })
    .await?;
    Ok(ticket(app, id, &token, expires_at))
}

fn life(app: &App) -> TimeDelta {
    TimeDelta::minutes(app.config.uploads.link_minutes)
}

fn make_token() -> Result<(String, Vec<u8>), Refusal> {
    let token = sealed::token()?;
    let hash = sealed::hash(&token);
    Ok((token, hash))
}

fn ticket(app: &App, id: Uuid, token: &str, expires_at: DateTime<Utc>) -> Ticket {
    let url = format!("{}/uploads/{token}", app.config.base_url());
    Ticket { id, url, expires_at }
}
