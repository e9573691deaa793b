//! Leaving an announcement for everybody it is for, part by part.

use std::collections::HashMap;

use entity::{announcement, rsvp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{condition, open};
use crate::{app::App, outbox::Job, refusal::Refusal};

/// People of one part.
const PART: usize = 500;

/// Leaves an announcement for its next people, and for those after them. Doing it again changes nothing.
pub(crate) async fn spread(app: &App, id: Uuid, part: i32) -> Result<(), Refusal> {
    app.write(async |tx| {
        let row = announcement::Entity::find_by_id(id)
            .lock_exclusive()
            .one(tx.db())
            .await?;
        // After the last part there is nobody left whom it reached last.
        let is_next = |row: &announcement::Model| row.part == part && (part == 0 || row.reached.is_some());
        let Some(row) = row.filter(is_next) else {
            return Ok(());
        };
        let content = open(app, &row)?;
        let meant = condition(&content, row.event_id, row.created_at);
        let further = row.reached.map(|reached| rsvp::Column::PersonId.gt(reached));
        let people: Vec<Uuid> = rsvp::Entity::find()
            .select_only()
            .distinct()
            .column(rsvp::Column::PersonId)
            .filter(meant.clone())
            .filter(Condition::all().add_option(further))
            .order_by_asc(rsvp::Column::PersonId)
            .limit(PART as u64)
            .into_tuple()
            .all(tx.db())
            .await?;
        let rows = rsvp::Entity::find()
            .filter(meant)
            .filter(rsvp::Column::PersonId.is_in(people.iter().copied()))
            .order_by_desc(rsvp::Column::Id)
            .all(tx.db())
            .await?;
        let mut firsts: HashMap<Uuid, Uuid> = HashMap::new();
        for row in rows {
            if content.filter.fits(app, &row)? {
                firsts.insert(row.person_id, row.id); // of several the first, which comes last
            }
        }
        let jobs: Vec<Job> = firsts
            .into_values()
            .map(|rsvp_id| Job::SendAnnouncement {
                announcement_id: id,
                rsvp_id,
            })
            .collect();
        if !jobs.is_empty() {
            tx.enqueue_all(&jobs).await?;
        }
        let last = people.last().copied().filter(|_| people.len() == PART);
        if last.is_some() {
            let next = Job::SpreadAnnouncement {
                announcement_id: id,
                part: part + 1,
            };
            tx.enqueue(&next, tx.now()).await?;
        }
        let added = i32::try_from(jobs.len()).map_err(Refusal::internal)?;
        announcement::Entity::update_many()
            .col_expr(
                announcement::Column::Recipients,
                Expr::value(row.recipients + added),
            )
            .col_expr(announcement::Column::Part, Expr::value(part + 1))
            .col_expr(announcement::Column::Reached, Expr::value(last))
            .filter(announcement::Column::Id.eq(id))
            .exec(tx.db())
            .await?;
        Ok(())
    })
    .await
}
