//! Who a name on a sheet is compared with: people whose names the actor may read anyway, opened in memory.

use std::collections::HashSet;

use entity::{RsvpStatus, attendance_sheet, event_host, rsvp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::matching::{self, Likeness, Prepared};
use crate::{
    app::App,
    domain::{Actor, person::Name, rsvp as answers},
    refusal::Refusal,
};

/// Somebody whom a name may mean.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What they answered, for this event or an earlier one: an attendee.
    pub rsvp_id: Uuid,
    /// Who they are.
    pub person_id: Uuid,
    /// The name that the RSVP was given under.
    pub name: Name,
    /// Between 0 and 1; good for an order only.
    pub score: f64,
    /// Why, the strongest first.
    pub reasons: Vec<Likeness>,
    /// Whether only an earlier event knows them.
    pub is_earlier: bool,
}

/// Everybody whom names of one sheet are compared with.
pub(super) struct Known {
    people: Vec<Candidate>,
    prepared: Vec<Prepared>,
}

impl Known {
    /// Those who answered for the event of a sheet, and, with `earlier`, for other events that the actor hosts: the newest
    /// `sheets.compared` of all.
    pub(super) async fn load(
        app: &App,
        actor: &Actor,
        sheet: &attendance_sheet::Model,
        earlier: bool,
    ) -> Result<Self, Refusal> {
        let most = app.config.sheets.compared;
        let here = Condition::all().add(rsvp::Column::EventId.eq(sheet.event_id));
        let mut rows = find(app, here, most).await?;
        if let (true, Some(me)) = (earlier, actor.person_id()) {
            let mine = event_host::Entity::find()
                .select_only()
                .column(event_host::Column::EventId)
                .filter(event_host::Column::PersonId.eq(me));
            let others = Condition::all()
                .add(rsvp::Column::EventId.ne(sheet.event_id))
                .add(rsvp::Column::EventId.in_subquery(mine.into_query()));
            let left = most.saturating_sub(rows.len() as u64);
            rows.extend(find(app, others, left).await?);
        }
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(row.person_id)); // the answer for this event comes first
        let mut known = Self {
            people: vec![],
            prepared: vec![],
        };
        for row in rows {
            let name = answers::name_of(app, &row)?;
            known.prepared.push(Prepared::new(&name));
            known.people.push(Candidate {
                rsvp_id: row.id,
                person_id: row.person_id,
                name,
                score: 0.0,
                reasons: vec![],
                is_earlier: row.event_id != sheet.event_id,
            });
        }
        Ok(known)
    }

    /// Whom `name` may mean, the likeliest first.
    pub(super) fn like(&self, name: &Name) -> Vec<Candidate> {
        let found = matching::candidates(&Prepared::new(name), self.prepared.iter()).into_iter();
        found
            .filter_map(|(at, found)| {
                let person = self.people.get(at)?.clone();
                Some(Candidate {
                    score: found.score,
                    reasons: found.reasons,
                    ..person
                })
            })
            .collect()
    }
}

/// The newest answers; what nobody confirmed may have been written by anybody, and names nobody.
async fn find(app: &App, condition: Condition, most: u64) -> Result<Vec<rsvp::Model>, Refusal> {
    let rows = rsvp::Entity::find()
        .filter(condition)
        .filter(rsvp::Column::Status.ne(RsvpStatus::PendingConfirmation))
        .order_by_desc(rsvp::Column::Id)
        .limit(most);
    Ok(rows.all(app.db.reader()).await?)
}
