//! Whom an announcement would reach: counted before it is sent.
//!
//! Why somebody is left out is their own business. So a reason is counted only where the filter cannot mean single people,
//! and only in steps of five.

use chrono::{DateTime, Utc};
use entity::{Channel, Purpose, consent, contact_point, event_mute, rsvp, suppression};
use sea_orm::{
    ActiveEnum, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{Content, blurred, condition, written_to};
use crate::{
    app::App,
    domain::{
        Actor, event,
        rsvp::{Filter, fitting_people},
    },
    refusal::{Problems, Refusal},
};

/// Whom an announcement would reach.
#[derive(Clone, Debug)]
pub struct Audience {
    /// How many are meant.
    pub people: u64,
    /// Why how many of them would not get it, in steps of five: none where they are fewer. Empty where the filter may mean
    /// single people.
    pub left_out: Vec<(LeftOut, Option<i64>)>,
}

/// Why somebody would not get an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// No mail address is known.
    NoAddress,
    /// Said STOP at their address.
    Stopped,
    /// Withdrew the consent to notices.
    NoConsent,
    /// Wants no more announcements about this event.
    Muted,
}

/// Whom an announcement would reach. For the event's hosts and for organizers. NOT_FOUND, FORBIDDEN, BAD_USER_INPUT.
pub async fn audience(app: &App, actor: &Actor, event_id: Uuid, filter: Filter) -> Result<Audience, Refusal> {
    actor.member()?;
    event::require_edit(app, actor, event_id).await?;
    let mut problems = Problems::default();
    let names_people = filter.names_people();
    let filter = written_to(filter, "filter", &mut problems);
    problems.finish()?;
    let mut content = Content::new(String::new(), String::new(), false, filter);
    content.hosted_by = actor.hosts_only();
    let now = app.clock.now();
    let mut left_out = vec![];
    if !names_people {
        let meant = condition(&content, event_id, now);
        for (reason, applies) in [
            (LeftOut::NoAddress, exists(addresses()).not()),
            (LeftOut::Stopped, exists(stops())),
            (LeftOut::NoConsent, exists(withdrawals())),
            (LeftOut::Muted, exists(mutes(event_id))),
        ] {
            let number = count(app.db.reader(), meant.clone().add(applies)).await?;
            left_out.push((reason, blurred(number)));
        }
    }
    Ok(Audience {
        people: people(app, event_id, &content, now).await?,
        left_out,
    })
}

/// How many people an announcement is for.
pub(super) async fn people(
    app: &App,
    event_id: Uuid,
    content: &Content,
    now: DateTime<Utc>,
) -> Result<u64, Refusal> {
    let meant = condition(content, event_id, now);
    if content.filter.opens() {
        return fitting_people(app, event_id, &meant, &content.filter).await;
    }
    let number = count(app.db.reader(), meant).await?;
    u64::try_from(number).map_err(Refusal::internal)
}

async fn count(db: &impl ConnectionTrait, meant: Condition) -> Result<i64, Refusal> {
    let number = rsvp::Entity::find()
        .select_only()
        .column_as(
            Expr::col((rsvp::Entity, rsvp::Column::PersonId)).count_distinct(),
            "number",
        )
        .filter(meant)
        .into_tuple();
    Ok(number.one(db).await?.unwrap_or_default())
}

fn exists(rows: SelectStatement) -> SimpleExpr {
    Expr::exists(rows)
}

fn is_theirs(person: impl sea_orm::sea_query::IntoColumnRef) -> SimpleExpr {
    Expr::col(person).equals((rsvp::Entity, rsvp::Column::PersonId))
}

fn addresses() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(contact_point::Entity)
        .and_where(is_theirs((
            contact_point::Entity,
            contact_point::Column::PersonId,
        )))
        .and_where(
            Expr::col((contact_point::Entity, contact_point::Column::Channel)).eq(Channel::Email.to_value()),
        )
        .to_owned()
}

fn stops() -> SelectStatement {
    let of = |column| Expr::col((suppression::Entity, column));
    Query::select()
        .expr(Expr::val(1))
        .from(contact_point::Entity)
        .inner_join(
            suppression::Entity,
            Condition::all()
                .add(
                    of(suppression::Column::Channel)
                        .equals((contact_point::Entity, contact_point::Column::Channel)),
                )
                .add(
                    of(suppression::Column::IndexKey)
                        .equals((contact_point::Entity, contact_point::Column::IndexKey)),
                )
                .add(
                    of(suppression::Column::ValueIndex)
                        .equals((contact_point::Entity, contact_point::Column::ValueIndex)),
                ),
        )
        .and_where(is_theirs((
            contact_point::Entity,
            contact_point::Column::PersonId,
        )))
        .and_where(of(suppression::Column::Channel).eq(Channel::Email.to_value()))
        .to_owned()
}

/// The last word on notices by mail, if it took the consent back.
fn withdrawals() -> SelectStatement {
    const LATER: &str = "later";
    let of = |column| Expr::col((consent::Entity, column));
    let about = |table: &'static str| {
        Condition::all()
            .add(Expr::col((table, consent::Column::Channel)).eq(Channel::Email.to_value()))
            .add(Expr::col((table, consent::Column::Purpose)).eq(Purpose::Notice.to_value()))
    };
    let later = Query::select()
        .expr(Expr::val(1))
        .from_as(consent::Entity, LATER)
        .and_where(
            Expr::col((LATER, consent::Column::PersonId))
                .equals((consent::Entity, consent::Column::PersonId)),
        )
        .and_where(Expr::col((LATER, consent::Column::Id)).gt(of(consent::Column::Id)))
        .cond_where(about(LATER))
        .to_owned();
    Query::select()
        .expr(Expr::val(1))
        .from(consent::Entity)
        .and_where(is_theirs((consent::Entity, consent::Column::PersonId)))
        .and_where(of(consent::Column::Granted).eq(false))
        .cond_where(about("consent"))
        .and_where(Expr::exists(later).not())
        .to_owned()
}

fn mutes(event_id: Uuid) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(event_mute::Entity)
        .and_where(is_theirs((event_mute::Entity, event_mute::Column::PersonId)))
        .and_where(Expr::col((event_mute::Entity, event_mute::Column::EventId)).eq(event_id))
        .to_owned()
}
