//! The devices somebody is signed in on.

use entity::session;
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        Actor,
        page::{Page, PageArgs},
    },
    refusal::Refusal,
};

/// A session of the one who asks.
#[derive(Clone, Debug)]
pub struct Session {
    /// The row.
    pub row: session::Model,
    /// Whether this request comes with it.
    pub is_current: bool,
}

/// Sessions of the signed-in person that have not ended, newest first.
pub async fn mine(app: &App, actor: &Actor, page: &PageArgs) -> Result<Page<Session>, Refusal> {
    let me = actor.member()?;
    let query = session::Entity::find().filter(open(app, me.id));
    let query = page.by_id(query, session::Column::Id, Order::Desc);
    let rows = query.all(app.db.reader()).await?;
    let page = page.cut_by_id(rows, |row| row.id);
    Ok(page.map(|row| Session {
        is_current: row.id == me.session_id,
        row,
    }))
}

/// One of them; NOT_FOUND for any other.
pub async fn find_mine(app: &App, actor: &Actor, id: Uuid) -> Result<Session, Refusal> {
    let me = actor.member()?;
    let found = session::Entity::find_by_id(id).filter(open(app, me.id));
    let row = found.one(app.db.reader()).await?;
    let row = row.ok_or(Refusal::NotFound("session"))?;
    Ok(Session {
        is_current: row.id == me.session_id,
        row,
    })
}

fn open(app: &App, person_id: Uuid) -> Condition {
    Condition::all()
        .add(session::Column::PersonId.eq(person_id))
        .add(session::Column::RevokedAt.is_null())
        .add(session::Column::ExpiresAt.gt(app.clock.now()))
}
