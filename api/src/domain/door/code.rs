//! Codes that those who come show at the door. What is signed is the RSVP's key and how often its code was replaced.

use std::collections::{BTreeSet, HashMap};

use entity::{RsvpStatus, check_in_code, rsvp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    app::{App, again},
    domain::{
        Actor,
        event_key::{self, EventKey, Kind, Opened},
        rsvp as rsvps,
    },
    refusal::{Reason, Refusal},
    sealed,
};

/// The code of an RSVP.
fn code(key: &EventKey, rsvp_id: Uuid, issue: i32) -> String {
    let mut payload = rsvp_id.as_bytes().to_vec();
    payload.extend_from_slice(&issue.to_be_bytes());
    key.sign(Kind::Attendee, &payload)
}

/// The RSVP of a code, and how often it was replaced before this one was made.
pub(super) fn read(opened: &Opened) -> Option<(Uuid, i32)> {
    let (id, issue) = opened.payload.split_at_checked(16)?;
    let issue = i32::from_be_bytes(issue.try_into().ok()?);
    (opened.kind == Kind::Attendee).then_some((Uuid::from_slice(id).ok()?, issue))
}

/// The good codes of RSVPs, which whoever asks owns, with their events.
pub async fn codes(app: &App, answers: &[(Uuid, Uuid)]) -> Result<HashMap<Uuid, String>, Refusal> {
    let events: BTreeSet<Uuid> = answers.iter().map(|(_, event)| *event).collect();
    let keys = event_key::of_events(app, &events).await?;
    let ids: Vec<Uuid> = answers.iter().map(|(id, _)| *id).collect();
    let issues = issues(app.db.reader(), &ids).await?;
    let of = |(id, event): &(Uuid, Uuid)| {
        let issue = issues.get(id).copied().unwrap_or_default();
        Some((*id, code(keys.get(event)?, *id, issue)))
    };
    Ok(answers.iter().filter_map(of).collect())
}

/// Which code of each of some RSVPs is good; those that are missing have their first.
pub(super) async fn issues(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, i32>, Refusal> {
    let rows = check_in_code::Entity::find()
        .filter(check_in_code::Column::RsvpId.is_in(ids.iter().copied()))
        .filter(check_in_code::Column::RevokedAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.rsvp_id, row.issue)).collect())
}

/// The hashes of the good codes of an event's RSVPs. Written down where they are asked for first, so that a hash is found again.
pub(super) async fn hashes(
    app: &App,
    event_id: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<u8>>, Refusal> {
    let good = || {
        check_in_code::Entity::find()
            .filter(check_in_code::Column::RsvpId.is_in(ids.iter().copied()))
            .filter(check_in_code::Column::RevokedAt.is_null())
    };
    let known = |rows: Vec<check_in_code::Model>| -> HashMap<Uuid, Vec<u8>> {
        rows.into_iter().map(|row| (row.rsvp_id, row.hash)).collect()
    };
    let found = known(good().all(app.db.reader()).await?);
    let missing: Vec<Uuid> = ids.iter().copied().filter(|id| !found.contains_key(id)).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let key = event_key::of_event(app, event_id).await?;
    app.write(async |tx| {
        let rows = missing.iter().map(|id| row(&key, *id, 0, tx.now()));
        insert(tx.db(), rows.collect()).await
    })
    .await?;
    Ok(known(good().all(app.db.reader()).await?))
}

fn row(
    key: &EventKey,
    id: Uuid,
    issue: i32,
    now: chrono::DateTime<chrono::Utc>,
) -> check_in_code::ActiveModel {
    check_in_code::ActiveModel {
        rsvp_id: Set(id),
        issue: Set(issue),
        hash: Set(sealed::hash(&code(key, id, issue))),
        revoked_at: Set(None),
        created_at: Set(now),
    }
}

/// Inserts those that are not there.
async fn insert(db: &impl ConnectionTrait, rows: Vec<check_in_code::ActiveModel>) -> Result<(), Refusal> {
    let there = [check_in_code::Column::RsvpId, check_in_code::Column::Issue];
    let made = check_in_code::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(there).do_nothing().to_owned())
        .exec_without_returning(db);
    match made.await {
        Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The RSVPs of some hashes, with whether the code is good no more.
pub(super) async fn of_hashes(
    db: &impl ConnectionTrait,
    hashes: &[Vec<u8>],
) -> Result<HashMap<Vec<u8>, (Uuid, bool)>, Refusal> {
    let rows = check_in_code::Entity::find()
        .filter(check_in_code::Column::Hash.is_in(hashes.iter().cloned()))
        .all(db)
        .await?;
    let show = |row: check_in_code::Model| (row.hash, (row.rsvp_id, row.revoked_at.is_some()));
    Ok(rows.into_iter().map(show).collect())
}

/// Replaces the code of one of the signed-in person's RSVPs: who shows the old one is told that it was REVOKED. NOT_FOUND;
/// WRONG_STATE (RSVP_NOT_ACTIVE) unless they are registered.
pub async fn renew(app: &App, actor: &Actor, id: Uuid) -> Result<rsvp::Model, Refusal> {
    let mine = rsvps::find_mine(app, actor, id).await?;
    if mine.status != RsvpStatus::Registered {
        return Err(Refusal::WrongState(Reason::RsvpNotActive));
    }
    let key = event_key::of_event(app, mine.event_id).await?;
    again(|| {
        app.write(async |tx| {
            rsvps::lock(tx, mine.timeslot_id).await?; // so that of two at once each replaces another
            let issue = issues(tx.db(), &[id]).await?.remove(&id).unwrap_or_default();
            insert(tx.db(), vec![row(&key, id, issue, tx.now())]).await?;
            check_in_code::Entity::update_many()
                .col_expr(check_in_code::Column::RevokedAt, Expr::value(tx.now()))
                .filter(check_in_code::Column::RsvpId.eq(id))
                .filter(check_in_code::Column::Issue.eq(issue))
                .exec(tx.db())
                .await?;
            insert(tx.db(), vec![row(&key, id, issue + 1, tx.now())]).await?;
            tx.rsvp_changed(mine.event_id);
            Ok(())
        })
    })
    .await?;
    Ok(mine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_into_a_small_picture_and_says_whose_it_is() {
        let (event, answer) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let key = EventKey::of_seed(event, &[7; 32]);
        let text = code(&key, answer, 3);
        assert!(text.len() <= 150, "{}", text.len());
        assert_eq!(read(&key.open(&text).unwrap()), Some((answer, 3)));
        let page = key.sign(Kind::SheetPage, &[0; 20]);
        assert_eq!(read(&key.open(&page).unwrap()), None);
    }
}
