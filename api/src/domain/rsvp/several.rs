//! Answering for several dates at once.

use entity::{RsvpStatus, rsvp};
use uuid::Uuid;

use super::{Answer, Outcome, answer, asked::Asked};
use crate::{
    app::{App, again},
    domain::{Actor, person},
    limits::Client,
    refusal::{Reason, Refusal},
};

/// Dates that are answered for at once.
const MOST: usize = 20;

/// What became of the answer for one date.
pub struct Each {
    /// The date.
    pub timeslot_id: Uuid,
    /// What became of it.
    pub outcome: Result<Outcome, Refusal>,
}

/// Says that the signed-in person comes to all of some dates. `all_or_none`: each is registered (or asked for, where a
/// host approves), or nothing is changed and the first refusal is the answer, WRONG_STATE (TIMESLOT_FULL) among them.
/// Otherwise each is answered for by itself, and may be refused or waitlisted by itself. Doing it again changes nothing.
/// Each date after the first counts as one more mutation.
pub async fn answer_all(
    app: &App,
    actor: &Actor,
    client: Client,
    answers: Vec<Answer>,
    all_or_none: bool,
) -> Result<Vec<Each>, Refusal> {
    let me = actor.member()?.id;
    if !(1..=MOST).contains(&answers.len()) {
        return Err(Refusal::input(
            &["input", "timeslotIds"],
            format!("must be 1 to {MOST}"),
        ));
    }
    if !all_or_none {
        let mut each = vec![];
        for (i, one) in answers.into_iter().enumerate() {
            let timeslot_id = one.timeslot_id;
            let counted = match i {
                0 => Ok(()),
                _ => app.limits.further(me).await,
            };
            let outcome = match counted {
                Ok(()) => answer(app, actor, client, one, None).await,
                Err(too_often) => Err(too_often),
            };
            let outcome = match outcome {
                Err(fault @ Refusal::Internal(_)) => return Err(fault),
                outcome => outcome,
            };
            each.push(Each { timeslot_id, outcome });
        }
        return Ok(each);
    }
    for _ in answers.iter().skip(1) {
        app.limits.further(me).await?;
    }
    let mut asked = vec![];
    for one in answers {
        asked.push(Asked::check(app, actor, client, one).await?);
    }
    asked.sort_by_key(|one| one.answer.timeslot_id); // locks are taken in this order
    let rows = again(|| {
        app.write(async |tx| {
            person::keep(tx, me).await?;
            let mut rows: Vec<rsvp::Model> = vec![];
            for one in &asked {
                let row = one.record(app, tx, me).await?;
                if !matches!(row.status, RsvpStatus::Registered | RsvpStatus::PendingApproval) {
                    return Err(Refusal::WrongState(Reason::TimeslotFull));
                }
                rows.push(row);
            }
            Ok(rows)
        })
    })
    .await?;
    let each = asked.iter().zip(rows).map(|(one, row)| Each {
        timeslot_id: one.answer.timeslot_id,
        outcome: Ok(one.outcome(row)),
    });
    Ok(each.collect())
}
