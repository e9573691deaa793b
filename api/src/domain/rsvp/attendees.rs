//! Who answered for events, for their hosts: filtered, in some order, and for a page of events at once.

use std::collections::{HashMap, HashSet};

use entity::rsvp;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Asterisk, Query, SelectStatement, SimpleExpr, UnionType},
};
use uuid::Uuid;

use super::{Attendee, Filter, lists::named};
use crate::{
    app::App,
    domain::{
        Actor, event,
        page::{Page, PageArgs, RowCursor, past},
    },
    refusal::{Problems, Refusal},
};

/// Rows that are opened together.
const CHUNK: usize = 500;

/// What comes first; ties go by the order of the first answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sorting {
    /// Who answered first.
    #[default]
    Oldest,
    /// Who answered last.
    Newest,
    /// Whose RSVP changed last.
    LastChanged,
    /// Who brings most.
    LargestParty,
}

/// A part of the attendees of an event.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which.
    pub filter: Filter,
    /// In which order.
    pub sorting: Sorting,
    /// How many.
    pub page: PageArgs,
}

/// RSVPs to each of those `events` that the actor runs; others are left out. UNAUTHENTICATED; BAD_USER_INPUT, also when
/// more than `limits.opened` RSVPs would have to be opened. The number of statements does not grow with the events, unless
/// something is opened.
pub async fn attendees(
    app: &App,
    actor: &Actor,
    events: &[Uuid],
    asked: &Asked,
) -> Result<HashMap<Uuid, Page<Attendee>>, Refusal> {
    if matches!(actor, Actor::Anonymous) {
        return Err(Refusal::Unauthenticated);
    }
    let access = event::access(app, actor, events).await?;
    let runs = access.into_iter().filter(|(_, access)| access.may_see_rsvps());
    let events: Vec<Uuid> = runs.map(|(id, _)| id).collect();
    let mut problems = Problems::default();
    asked.filter.check("filter", &mut problems);
    problems.finish()?;
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    event::links::note_reading(app, actor).await?;
    let condition = asked.filter.condition(actor.hosts_only(), app.clock.now());
    let mut found: HashMap<Uuid, Vec<rsvp::Model>> = events.iter().map(|id| (*id, vec![])).collect();
    if asked.filter.opens() {
        check_size(app, &events, &condition).await?;
        for (id, rows) in &mut found {
            *rows = opened(app, *id, &condition, asked).await?;
        }
    } else {
        let parts = events.iter().map(|id| {
            let page = asked.page.limit();
            some(asked, *id, &condition, asked.page.past).limit(page)
        });
        let rows = rsvp::Entity::find().filter(rsvp::Column::Id.in_subquery(union(parts)));
        for row in asked.sort(rows).all(app.db.reader()).await? {
            found.entry(row.event_id).or_default().push(row);
        }
    }
    let page = |(id, rows): (Uuid, Vec<rsvp::Model>)| {
        let named = rows.into_iter().map(|row| named(app, row));
        let cursor = |attendee: &Attendee| asked.sorting.cursor(&attendee.row);
        Ok((id, asked.page.cut(named.collect::<Result<_, Refusal>>()?, cursor)))
    };
    found.into_iter().map(page).collect()
}

/// How many RSVPs of an event are meant, whoever asks.
pub(super) async fn count(
    app: &App,
    event_id: Uuid,
    condition: &Condition,
    filter: &Filter,
) -> Result<u64, Refusal> {
    let events = [event_id];
    if !filter.opens() {
        return size(app.db.reader(), &events, condition).await;
    }
    check_size(app, &events, condition).await?;
    let mut count = 0;
    each_fitting(app, event_id, condition, filter, |_| count += 1).await?;
    Ok(count)
}

/// How many people's RSVPs to an event fit, by opening them.
pub(in crate::domain) async fn fitting_people(
    app: &App,
    event_id: Uuid,
    condition: &Condition,
    filter: &Filter,
) -> Result<u64, Refusal> {
    check_size(app, &[event_id], condition).await?;
    let mut people = HashSet::new();
    each_fitting(app, event_id, condition, filter, |row| {
        _ = people.insert(row.person_id)
    })
    .await?;
    Ok(people.len() as u64)
}

/// Opens all RSVPs that are meant, some hundred at a time.
async fn each_fitting(
    app: &App,
    event_id: Uuid,
    condition: &Condition,
    filter: &Filter,
    mut each: impl FnMut(&rsvp::Model),
) -> Result<(), Refusal> {
    let mut after = None;
    loop {
        let rows = next(app.db.reader(), event_id, condition, after, CHUNK as u64).await?;
        for row in &rows {
            if filter.fits(app, row)? {
                each(row);
            }
        }
        match rows.last().filter(|_| rows.len() == CHUNK) {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

/// The next RSVPs of an event after one of them, in the order of the first answers.
pub(super) async fn next(
    db: &impl ConnectionTrait,
    event_id: Uuid,
    condition: &Condition,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<rsvp::Model>, Refusal> {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::EventId.eq(event_id))
        .filter(condition.clone())
        .filter(Condition::all().add_option(after.map(|id| rsvp::Column::Id.gt(id))))
        .order_by_asc(rsvp::Column::Id)
        .limit(most);
    Ok(rows.all(db).await?)
}

async fn size(db: &impl ConnectionTrait, events: &[Uuid], condition: &Condition) -> Result<u64, Refusal> {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::EventId.is_in(events.iter().copied()))
        .filter(condition.clone());
    Ok(rows.count(db).await?)
}

/// Refuses to look for something in more than `limits.opened` RSVPs.
async fn check_size(app: &App, events: &[Uuid], condition: &Condition) -> Result<(), Refusal> {
    let most = app.config.limits.opened;
    if size(app.db.reader(), events, condition).await? > most as u64 {
        let problem = format!(
            "can look for names and answers in at most {most} RSVPs: choose statuses, dates or a time as well"
        );
        return Err(Refusal::input(&["filter"], problem));
    }
    Ok(())
}

/// A page of an event's RSVPs, and one more, by opening them.
async fn opened(
    app: &App,
    event_id: Uuid,
    condition: &Condition,
    asked: &Asked,
) -> Result<Vec<rsvp::Model>, Refusal> {
    let mut found = vec![];
    let mut past = asked.page.past;
    loop {
        let rows = some(asked, event_id, condition, past).limit(CHUNK as u64);
        let rows = rows.all(app.db.reader()).await?;
        past = rows.last().map(|row| asked.sorting.cursor(row));
        let is_last = rows.len() < CHUNK;
        for row in rows {
            if asked.filter.fits(app, &row)? {
                found.push(row);
            }
            if found.len() > asked.page.size {
                return Ok(found);
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// RSVPs of an event past a cursor, in order.
fn some(
    asked: &Asked,
    event_id: Uuid,
    condition: &Condition,
    past: Option<RowCursor>,
) -> sea_orm::Select<rsvp::Entity> {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::EventId.eq(event_id))
        .filter(condition.clone());
    let rows = match past {
        Some(cursor) => rows.filter(asked.past(cursor)),
        None => rows,
    };
    asked.sort(rows)
}

/// The ids of all `parts`, each of which has a limit of its own.
fn union(parts: impl Iterator<Item = sea_orm::Select<rsvp::Entity>>) -> SelectStatement {
    let part = |select: sea_orm::Select<rsvp::Entity>| {
        let ids = select.select_only().column(rsvp::Column::Id).into_query();
        Query::select()
            .column(Asterisk)
            .from_subquery(ids, "part")
            .to_owned()
    };
    let mut parts = parts.map(part);
    let mut all = parts.next().unwrap_or_default();
    all.unions(parts.map(|part| (UnionType::All, part)));
    all
}

impl Asked {
    fn sort(&self, rows: sea_orm::Select<rsvp::Entity>) -> sea_orm::Select<rsvp::Entity> {
        let order = self.page.order(self.sorting.order());
        let rows = match self.sorting.column() {
            Some(column) => rows.order_by(column, order.clone()),
            None => rows,
        };
        rows.order_by(rsvp::Column::Id, order)
    }

    fn past(&self, cursor: RowCursor) -> SimpleExpr {
        let order = self.page.order(self.sorting.order());
        let later = past(&order, rsvp::Column::Id, cursor.id);
        match self.sorting {
            Sorting::Oldest | Sorting::Newest => later,
            Sorting::LastChanged => {
                let time = chrono::DateTime::from_timestamp_micros(cursor.key).unwrap_or_default();
                let same = rsvp::Column::ChangedAt.eq(time).and(later);
                past(&order, rsvp::Column::ChangedAt, time).or(same)
            }
            Sorting::LargestParty => {
                let size = i32::try_from(cursor.key).unwrap_or_default();
                let same = rsvp::Column::PartySize.eq(size).and(later);
                past(&order, rsvp::Column::PartySize, size).or(same)
            }
        }
    }
}

impl Sorting {
    fn order(self) -> Order {
        match self {
            Self::Oldest => Order::Asc,
            Self::Newest | Self::LastChanged | Self::LargestParty => Order::Desc,
        }
    }

    /// What is sorted by before the id.
    fn column(self) -> Option<rsvp::Column> {
        match self {
            Self::Oldest | Self::Newest => None,
            Self::LastChanged => Some(rsvp::Column::ChangedAt),
            Self::LargestParty => Some(rsvp::Column::PartySize),
        }
    }

    fn cursor(self, row: &rsvp::Model) -> RowCursor {
        let key = match self {
            Self::Oldest | Self::Newest => 0,
            Self::LastChanged => row.changed_at.timestamp_micros(),
            Self::LargestParty => i64::from(row.party_size),
        };
        RowCursor { key, id: row.id }
    }
}
