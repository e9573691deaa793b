//! Finding somebody by a spoken name: in full for hosts, by given name and initial for whoever has a link.

use entity::{RsvpStatus, rsvp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{code, reads_all};
use crate::{
    app::App,
    domain::{
        Actor,
        rsvp::{folded, name_of},
    },
    refusal::Refusal,
};

/// So many are told at most when a name is that of several.
const MOST: usize = 20;

/// Somebody who may be meant.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The name as the caller may read it.
    pub name: String,
    /// How many they come.
    pub party_size: i32,
    /// By which they can be checked in.
    pub hash: Vec<u8>,
    /// The RSVP, for hosts.
    pub rsvp_id: Option<Uuid>,
}

/// Those who are registered for a date, opened once for all names of a batch.
pub(super) struct Names(Vec<(rsvp::Model, String)>);

/// BAD_USER_INPUT for a date with more than `limits.opened` RSVPs.
pub(super) async fn names(app: &App, actor: &Actor, timeslot_id: Uuid) -> Result<Names, Refusal> {
    let most = app.config.limits.opened;
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::TimeslotId.eq(timeslot_id))
        .filter(rsvp::Column::Status.eq(RsvpStatus::Registered))
        .order_by_asc(rsvp::Column::Id)
        .limit(most as u64 + 1)
        .all(app.db.reader())
        .await?;
    if rows.len() > most {
        let problem = format!("cannot be looked for among more than {most} RSVPs");
        return Err(Refusal::input(&["input", "items"], problem));
    }
    let open = |row: rsvp::Model| {
        let name = name_of(app, &row)?;
        Ok((
            row,
            if reads_all(actor) {
                name.full()
            } else {
                name.short()
            },
        ))
    };
    Ok(Names(rows.into_iter().map(open).collect::<Result<_, Refusal>>()?))
}

impl Names {
    /// Those each of whose spoken words begins a word of the name.
    pub(super) fn find(&self, spoken: &str) -> Vec<&(rsvp::Model, String)> {
        let spoken = folded(spoken);
        let words: Vec<&str> = spoken
            .split_whitespace()
            .map(|word| word.trim_end_matches('.'))
            .collect();
        let fits = |(_, name): &&(rsvp::Model, String)| {
            let name = folded(name);
            let begins = |word: &str| name.split_whitespace().any(|part| part.starts_with(word));
            !words.is_empty() && words.iter().all(|word| begins(word))
        };
        self.0.iter().filter(fits).take(MOST).collect()
    }
}

/// What the caller may choose among.
pub(super) async fn choices(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    found: &[&(rsvp::Model, String)],
) -> Result<Vec<Choice>, Refusal> {
    let ids: Vec<Uuid> = found.iter().map(|(row, _)| row.id).collect();
    let hashes = code::hashes(app, event_id, &ids).await?;
    let show = |(row, name): &&(rsvp::Model, String)| Choice {
        name: name.clone(),
        party_size: row.party_size,
        hash: hashes.get(&row.id).cloned().unwrap_or_default(),
        rsvp_id: reads_all(actor).then_some(row.id),
    };
    Ok(found.iter().map(show).collect())
}
