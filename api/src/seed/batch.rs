//! Rows that are written together.

use entity::{
    audit, contact_point, event, event_host, message, person, publication, rsvp, staff_role, suppression,
    timeslot,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable};

use super::Report;
use crate::{app::Tx, refusal::Refusal};

/// After so many rows a batch is written. Few enough for the time a transaction has on a slow disk.
const ROWS: usize = 10_000;
/// Values in one statement; SQLite takes at most 32,766.
const VALUES: usize = 32_000;

/// Rows that are written in one transaction.
#[derive(Default)]
pub struct Batch {
    pub people: Vec<person::Model>,
    pub contacts: Vec<contact_point::Model>,
    pub suppressions: Vec<suppression::Model>,
    pub roles: Vec<staff_role::Model>,
    pub audits: Vec<audit::Model>,
    pub events: Vec<event::ActiveModel>,
    pub publications: Vec<publication::Model>,
    pub hosts: Vec<event_host::Model>,
    pub timeslots: Vec<timeslot::Model>,
    pub rsvps: Vec<rsvp::Model>,
    pub messages: Vec<message::Model>,
}

impl Batch {
    /// Whether it is time to write it. An event weighs as much as several other rows.
    pub fn is_full(&self) -> bool {
        let others = self.people.len() + self.contacts.len() + self.rsvps.len() + self.messages.len();
        others + 4 * self.events.len() >= ROWS
    }

    pub fn count(&self, report: &mut Report) {
        report.people += self.people.len();
        report.events += self.events.len();
        report.timeslots += self.timeslots.len();
        report.rsvps += self.rsvps.len();
        report.messages += self.messages.len();
        report.suppressions += self.suppressions.len();
    }

    pub async fn save(self, tx: &Tx) -> Result<(), Refusal> {
        insert(tx, fresh(self.people)).await?;
        insert(tx, fresh(self.contacts)).await?;
        insert(tx, fresh(self.suppressions)).await?;
        insert(tx, fresh(self.roles)).await?;
        insert(tx, fresh(self.audits)).await?;
        insert(tx, self.events).await?;
        insert(tx, fresh(self.publications)).await?;
        insert(tx, fresh(self.hosts)).await?;
        insert(tx, fresh(self.timeslots)).await?;
        insert(tx, fresh(self.rsvps)).await?;
        insert(tx, fresh(self.messages)).await
    }
}

/// Every column is to be written.
fn fresh<M: IntoActiveModel<A>, A: ActiveModelTrait>(rows: Vec<M>) -> Vec<A> {
    rows.into_iter()
        .map(|row| row.into_active_model().reset_all())
        .collect()
}

/// In statements of 2, 4, 8, … rows: a connection keeps each statement it has seen, and large ones of every length would
/// fill the memory.
async fn insert<A: ActiveModelTrait + Send>(tx: &Tx, rows: Vec<A>) -> Result<(), Refusal> {
    let most = VALUES / <A::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter();
    while let Some(power) = rows.len().min(most).checked_ilog2() {
        let some: Vec<A> = rows.by_ref().take(1 << power).collect();
        A::Entity::insert_many(some)
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}
