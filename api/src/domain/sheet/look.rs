//! Looking at a page: a link that works for a minute, for the session that asked, and is recorded before it is given.
//!
//! The link is sealed and not stored: it says which page, for whom, and until when, and nobody else can write one. Whether
//! they may is decided when it is made, and anew when it is followed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{SealedBytes, attendance_sheet, sheet_page};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PICTURE;
use crate::{
    app::App,
    domain::{Actor, audit, event, transcript},
    refusal::{Problems, Reason, Refusal},
    sealed::Slot,
    store::Missing,
};

/// Characters of a reason.
const LONGEST: usize = 200;

/// A link to the picture of a page.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its address. Whoever has it sees the page, while it works.
    pub url: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// What a link says.
#[derive(Serialize, Deserialize)]
struct Look {
    page: Uuid,
    person: Uuid,
    session: Uuid,
    until: DateTime<Utc>,
}

const NO_PAGE: Refusal = Refusal::NotFound("page");
const GONE: Refusal = Refusal::NotFound("file");

/// Makes a link to the picture of a page, and records it with the reason that is given. For those
/// who run the event, and organizers. NOT_FOUND;
/// BAD_USER_INPUT; WRONG_STATE (IMAGE_DELETED), and for hosts of an event that was taken down; RATE_LIMITED.
pub async fn look(app: &App, actor: &Actor, page_id: Uuid, reason: Option<&String>) -> Result<Link, Refusal> {
    let member = actor.member()?;
    let (page, sheet) = require(app, actor, page_id).await?;
    let reason = reason.map(|reason| reason.trim().to_owned());
    let reason = reason.filter(|reason| !reason.is_empty());
    let mut problems = Problems::default();
    event::text(&mut problems, "input.reason", reason.as_ref(), LONGEST);
    problems.finish()?;
    if page.object_id.is_none() {
        return Err(Refusal::WrongState(Reason::ImageDeleted));
    }
    app.limits.page_view(member.id).await?;
    let until = app.clock.now() + TimeDelta::seconds(app.config.uploads.view_seconds);
    let look = Look {
        page: page_id,
        person: member.id,
        session: member.session_id,
        until,
    };
    let SealedBytes(token) = app.keys.seal(SLOT, &look)?;
    let mut why = format!("page {} of sheet {}", page.number, sheet.id);
    if let Some(reason) = reason {
        why = format!("{why}: {reason}");
    }
    let of = [sheet.event_id];
    app.write(async |tx| audit::record_why(tx, actor, "event.sheet_page_view", &of, Some(&why)).await)
        .await?;
    Ok(Link {
        url: format!(
            "{}/files/{}",
            app.config.base_url(),
            BASE64_URL_SAFE_NO_PAD.encode(token)
        ),
        expires_at: until,
    })
}

/// The picture that a link is of, as JPEG. NOT_FOUND, also when the session ended or may no longer look; WRONG_STATE
/// (LINK_EXPIRED, IMAGE_DELETED); UNAVAILABLE.
pub async fn open(app: &App, token: &str) -> Result<Vec<u8>, Refusal> {
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| GONE)?;
    let look: Look = app.keys.open(SLOT, &SealedBytes(sealed)).map_err(|_| GONE)?;
    if look.until <= app.clock.now() {
        return Err(Refusal::WrongState(Reason::LinkExpired));
    }
    let gone = |refusal| match refusal {
        Refusal::Unauthenticated => GONE,
        other => other.hiding("file"),
    };
    let actor = Actor::of_session(app, look.person, look.session)
        .await
        .map_err(gone)?;
    let (page, _) = require(app, &actor, look.page).await.map_err(gone)?;
    picture(app, &page).await
}

/// The picture of a page, as JPEG, for whom it was decided that they may look. WRONG_STATE (IMAGE_DELETED); UNAVAILABLE.
pub(crate) async fn picture(app: &App, page: &sheet_page::Model) -> Result<Vec<u8>, Refusal> {
    const DELETED: Refusal = Refusal::WrongState(Reason::ImageDeleted);
    match app.store.get(PICTURE, page.object_id.ok_or(DELETED)?).await {
        Ok(picture) => Ok(picture),
        Err(Missing::Gone) => {
            tracing::error!(page = %page.id, "the picture of a page is not in the store");
            Err(DELETED)
        }
        Err(Missing::Failed(refusal)) => Err(refusal),
    }
}

/// Who may look at a page: those who run its event, as long as it was not taken down, organizers, and a transcriber who has
/// the page to read. NOT_FOUND for others.
async fn require(
    app: &App,
    actor: &Actor,
    page_id: Uuid,
) -> Result<(sheet_page::Model, attendance_sheet::Model), Refusal> {
    let page = sheet_page::Entity::find_by_id(page_id)
        .one(app.db.reader())
        .await?;
    let page = page.ok_or(NO_PAGE)?;
    let sheet = attendance_sheet::Entity::find_by_id(page.sheet_id);
    let sheet = sheet.one(app.db.reader()).await?.ok_or(NO_PAGE)?;
    if transcript::has(app, actor, page_id).await? {
        return Ok((page, sheet));
    }
    let event = event::require_reach(app, actor, sheet.event_id).await;
    event.map_err(|refusal| refusal.hiding("page"))?;
    Ok((page, sheet))
}

const SLOT: Slot<'static> = Slot {
    column: "sheet_page.look",
    row: &"link",
};
