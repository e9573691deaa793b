//! Hosts by what organizers decided about their events: new, known, or trusted, and what each may do in a day.

mod standing;
mod trust;

pub use standing::{Standing, standings};
pub(crate) use standing::{approved, hand_over, rejected};
pub use trust::{find, revoke, trust, trusted};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventStatus, StaffRole, event, event_host, host_standing, person};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, sea_query::Expr,
};
use uuid::Uuid;

use super::Actor;
use crate::{
    app::{App, Tx},
    refusal::{HostLimit, Problems, Refusal},
};

/// How well a host is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// No event of theirs was approved yet, or their account is young.
    New,
    /// Some were.
    Known,
    /// An organizer trusts them, or enough were: their events wait for nobody.
    Trusted,
}

/// What hosts may do; 0 is as much as they like.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Events they may make in a day.
    pub events_per_day: u64,
    /// Events of theirs that may wait for review at the same time.
    pub pending: u64,
    /// Links in the texts of one event.
    pub links: usize,
    /// People they may invite by mail in a day.
    pub invitations_per_day: u64,
    /// Announcements they may send in a day.
    pub announcements_per_day: u64,
}

impl Tier {
    /// Of somebody whose account was made then, and what was decided about their events.
    fn of(app: &App, created_at: DateTime<Utc>, row: Option<&host_standing::Model>) -> Self {
        let settings = &app.config.hosts;
        let age = app.clock.now() - created_at;
        let Some(row) = row else { return Self::New };
        if row.trusted_at.is_some() {
            return Self::Trusted;
        }
        let is_known = row.approved >= settings.known_after_approved
            && age >= TimeDelta::days(settings.known_after_days);
        if is_known { Self::Known } else { Self::New }
    }

    /// What hosts of this tier may do.
    pub fn limits(self, app: &App) -> Limits {
        let settings = &app.config.hosts;
        let (invitations, announcements) = most_written(app, Some(self));
        let (events_per_day, pending, links) = match self {
            Self::New => (
                settings.new_events_per_day,
                settings.new_pending,
                settings.new_links,
            ),
            Self::Known => (
                settings.known_events_per_day,
                settings.known_pending,
                settings.known_links,
            ),
            Self::Trusted => (
                settings.trusted_events_per_day,
                settings.trusted_pending,
                settings.trusted_links,
            ),
        };
        Limits {
            events_per_day,
            pending,
            links,
            invitations_per_day: invitations,
            announcements_per_day: announcements,
        }
    }

    /// As a refusal names them.
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Trusted => "trusted",
        }
    }
}

/// How many people somebody may invite by mail in a day, and how many announcements they may send: new hosts fewer than others.
fn most_written(app: &App, tier: Option<Tier>) -> (u64, u64) {
    let invitations = app.config.invitations.per_host_and_day;
    let announcements = app.config.announcements.per_person_and_day;
    let settings = &app.config.hosts;
    match tier {
        Some(Tier::New) => (
            invitations.min(settings.new_invitations_per_day),
            announcements.min(settings.new_announcements_per_day),
        ),
        Some(Tier::Known | Tier::Trusted) | None => (invitations, announcements),
    }
}

/// How many people the actor may invite by mail in a day.
pub(crate) async fn invitations_per_day(app: &App, tx: &Tx, actor: &Actor) -> Result<u64, Refusal> {
    Ok(most_written(app, tier(app, tx.db(), actor).await?).0)
}

/// How many announcements the actor may send in a day.
pub(crate) async fn announcements_per_day(app: &App, tx: &Tx, actor: &Actor) -> Result<u64, Refusal> {
    Ok(most_written(app, tier(app, tx.db(), actor).await?).1)
}

/// How well the actor is known as a host; organizers answer for themselves, and are nobody's host here.
pub(crate) async fn tier(
    app: &App,
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Option<Tier>, Refusal> {
    if actor.is(StaffRole::Organizer) {
        return Ok(None);
    }
    if matches!(actor, Actor::Visitor(_)) {
        return Ok(Some(Tier::New)); // whoever has a host link is nobody who is known
    }
    let me = actor.member()?.id;
    let standing_of: RelationDef = person::Entity::belongs_to(host_standing::Entity)
        .from(person::Column::Id)
        .to(host_standing::Column::PersonId)
        .into();
    let found = person::Entity::find_by_id(me)
        .join(JoinType::LeftJoin, standing_of)
        .select_also(host_standing::Entity)
        .one(db)
        .await?;
    let (person, row) = found.ok_or(Refusal::Unauthenticated)?;
    Ok(Some(Tier::of(app, person.created_at, row.as_ref())))
}

/// Whether what the actor publishes, or changes of what is published, waits for an organizer.
pub(crate) async fn is_reviewed(app: &App, actor: &Actor) -> Result<bool, Refusal> {
    let settings = &app.config.events;
    Ok(match tier(app, app.db.reader(), actor).await? {
        None | Some(Tier::Trusted) => false,
        Some(Tier::Known) => settings.review,
        Some(Tier::New) => settings.review || settings.review_new_hosts,
    })
}

/// Notes links beyond what the actor may write in one event, unless there were as many `before`.
pub(crate) fn check_links(
    app: &App,
    tier: Option<Tier>,
    texts: &[(&str, &str)],
    before: &[(&str, &str)],
    problems: &mut Problems,
) {
    let Some(tier) = tier else { return };
    let most = tier.limits(app).links;
    let all = |texts: &[(&str, &str)]| texts.iter().map(|(_, text)| links(text)).sum::<usize>();
    if most == 0 || all(texts) <= most.max(all(before)) {
        return;
    }
    let problem = format!(
        "would be more than {most} links, the limit of {} hosts",
        tier.name()
    );
    for (path, _) in texts.iter().filter(|(_, text)| links(text) > 0) {
        problems.add(path, problem.clone());
    }
}

fn links(text: &str) -> usize {
    let lower = text.to_lowercase();
    let bare = lower.matches("www.").count() - lower.matches("://www.").count();
    lower.matches("://").count() + bare
}

/// Refuses one more new event than the actor may make in a day. The caller has the person's row.
pub(crate) async fn check_new_event(app: &App, tx: &Tx, actor: &Actor) -> Result<(), Refusal> {
    let Some(tier) = tier(app, tx.db(), actor).await? else {
        return Ok(());
    };
    let most = tier.limits(app).events_per_day;
    if most == 0 {
        return Ok(());
    }
    use sea_orm::ExprTrait; // its `min` and `max` are in the way elsewhere
    let day = TimeDelta::days(1);
    let event_of: RelationDef = event_host::Entity::belongs_to(event::Entity)
        .from(event_host::Column::EventId)
        .to(event::Column::Id)
        .into();
    // The oldest of the last so many: when it is a day old, there is room again.
    let oldest: Option<DateTime<Utc>> = event_host::Entity::find()
        .join(JoinType::InnerJoin, event_of)
        .select_only()
        .column(event::Column::CreatedAt)
        .filter(event_host::Column::PersonId.eq(actor.member()?.id))
        .filter(event::Column::CreatedAt.gt(tx.now() - day))
        // Made by them, and not only joined.
        .filter(
            Expr::col((event_host::Entity, event_host::Column::CreatedAt))
                .equals((event::Entity, event::Column::CreatedAt)),
        )
        .order_by_desc(event::Column::CreatedAt)
        .offset(most - 1)
        .limit(1)
        .into_tuple()
        .one(tx.db())
        .await?;
    let Some(oldest) = oldest else { return Ok(()) };
    let seconds = (oldest + day - tx.now()).num_seconds() + 1;
    Err(Refusal::HostLimit {
        limit: HostLimit::EventsPerDay,
        most,
        retry_after: u64::try_from(seconds).ok(),
    })
}

/// Refuses one more event that waits for review than the actor may have. The caller has the person's row.
pub(crate) async fn check_pending(app: &App, tx: &Tx, actor: &Actor) -> Result<(), Refusal> {
    let Some(tier) = tier(app, tx.db(), actor).await? else {
        return Ok(());
    };
    let most = tier.limits(app).pending;
    if most == 0 {
        return Ok(());
    }
    let event_of: RelationDef = event_host::Entity::belongs_to(event::Entity)
        .from(event_host::Column::EventId)
        .to(event::Column::Id)
        .into();
    let pending = event_host::Entity::find()
        .join(JoinType::InnerJoin, event_of)
        .filter(event_host::Column::PersonId.eq(actor.member()?.id))
        .filter(event::Column::Status.eq(EventStatus::NeedsApproval))
        .count(tx.db())
        .await?;
    if pending < most {
        return Ok(());
    }
    Err(Refusal::HostLimit {
        limit: HostLimit::PendingAtOnce,
        most,
        retry_after: None,
    })
}

/// The people who host an event, in the order in which rows are taken.
pub(crate) fn people(hosts: &[event_host::Model]) -> Vec<Uuid> {
    let mut people: Vec<Uuid> = hosts.iter().filter_map(|host| host.person_id).collect();
    people.sort_unstable();
    people
}
