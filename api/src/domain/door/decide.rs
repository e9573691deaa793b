//! Whom an item means, and whether it is as it should be.

use std::collections::{HashMap, hash_map::Entry};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    AttendanceSource, CheckInReason, EventStatus, FactKind, RsvpStatus, attendance, attendance_fact, rsvp,
    timeslot,
};
use uuid::Uuid;

use super::{
    Choice, Item, Subject,
    check_in::{source, whose},
    code, date, opens_at, reads_all, search,
};
use crate::{
    app::App,
    domain::{
        Actor,
        attendance::{NewFact, What, Whom},
        event::Loaded,
        event_key,
    },
    refusal::Refusal,
};

/// A clock of a device that says so long before the start is wrong.
const EARLIEST: TimeDelta = TimeDelta::days(1);

/// Whom an item means.
pub(super) enum Meant {
    /// Whose RSVP it is, and whether they showed a code that was replaced.
    Answer { id: Uuid, is_revoked: bool },
    /// Whoever a row is about.
    Row(Uuid),
    /// A walk-in, or another fact: the item says so itself.
    Itself,
    /// Nobody, or one of several.
    Nobody(CheckInReason, Vec<Choice>),
}

impl Meant {
    pub(super) fn rsvp_id(&self) -> Option<Uuid> {
        match self {
            Self::Answer { id, .. } => Some(*id),
            _ => None,
        }
    }

    pub(super) fn row_id(&self) -> Option<Uuid> {
        match self {
            Self::Row(id) => Some(*id),
            _ => None,
        }
    }
}

/// Whom each item means. The number of statements does not grow with the items, but for names that are those of several.
pub(super) async fn meant(
    app: &App,
    actor: &Actor,
    event: &Loaded,
    items: &[Item],
) -> Result<Vec<Meant>, Refusal> {
    let shown = |item: &Item| match &item.subject {
        Subject::Code(code) => Some(code.clone()),
        _ => None,
    };
    let codes: Vec<String> = items.iter().filter_map(shown).collect();
    let texts: Vec<&str> = codes.iter().map(String::as_str).collect();
    let opened = event_key::open(app, &texts).await?;
    let ids: Vec<Uuid> = opened
        .iter()
        .flatten()
        .filter_map(|opened| Some(code::read(opened)?.0))
        .collect();
    let issues = code::issues(app.db.reader(), &ids).await?;
    let hash = |item: &Item| match &item.subject {
        Subject::Hash(hash) => Some(hash.clone()),
        _ => None,
    };
    let hashes: Vec<Vec<u8>> = items.iter().filter_map(hash).collect();
    let hashes = code::of_hashes(app.db.reader(), &hashes).await?;
    let mut opened = opened.into_iter();
    let mut names: HashMap<Uuid, search::Names> = HashMap::new();
    let nobody = |reason| Meant::Nobody(reason, vec![]);
    let mut all = vec![];
    for item in items {
        all.push(match &item.subject {
            Subject::Code(_) => match opened.next().flatten() {
                None => nobody(CheckInReason::Invalid),
                Some(opened) if opened.event_id != event.row.id => nobody(CheckInReason::WrongEvent),
                Some(opened) => match code::read(&opened) {
                    Some((id, issue)) => Meant::Answer {
                        id,
                        is_revoked: issue != issues.get(&id).copied().unwrap_or_default(),
                    },
                    None => nobody(CheckInReason::Invalid),
                },
            },
            Subject::Hash(hash) => match hashes.get(hash) {
                Some((id, is_revoked)) => Meant::Answer {
                    id: *id,
                    is_revoked: *is_revoked,
                },
                None => nobody(CheckInReason::Invalid),
            },
            Subject::Rsvp(id) if reads_all(actor) => Meant::Answer {
                id: *id,
                is_revoked: false,
            },
            Subject::Rsvp(_) => nobody(CheckInReason::Invalid),
            Subject::Row(id) => Meant::Row(*id),
            Subject::Guest(_) | Subject::Fact(..) => Meant::Itself,
            Subject::Name(spoken) => {
                let slot = date(event, item.timeslot_id, item.at.unwrap_or(app.clock.now()))?.id;
                if let Entry::Vacant(entry) = names.entry(slot) {
                    entry.insert(search::names(app, actor, slot).await?);
                }
                let found = names
                    .get(&slot)
                    .map(|names| names.find(spoken))
                    .unwrap_or_default();
                match found.as_slice() {
                    [] => nobody(CheckInReason::Invalid),
                    [(row, _)] => Meant::Answer {
                        id: row.id,
                        is_revoked: false,
                    },
                    _ => {
                        let choices = search::choices(app, actor, event.row.id, &found).await?;
                        Meant::Nobody(CheckInReason::Ambiguous, choices)
                    }
                }
            }
        });
    }
    Ok(all)
}

/// What becomes of an item.
#[derive(Default)]
pub(super) struct Decision {
    /// What is recorded.
    pub fact: Option<NewFact>,
    pub reason: Option<CheckInReason>,
    /// It was recorded before.
    pub is_known: bool,
    pub rsvp_id: Option<Uuid>,
    pub row: Option<attendance::Model>,
    pub choices: Vec<Choice>,
}

/// What is known while a batch is decided, under the event's lock.
pub(super) struct Desk<'a> {
    pub app: &'a App,
    pub event: &'a Loaded,
    pub actor: &'a Actor,
    pub client_id: &'a str,
    pub now: DateTime<Utc>,
    pub rows: Vec<attendance::Model>,
    pub answers: HashMap<Uuid, rsvp::Model>,
    pub guests: HashMap<usize, Option<Uuid>>,
    pub known: HashMap<(String, String), attendance_fact::Model>,
    /// Who is in, by RSVP or row, as far as items before say so.
    pub is_in: HashMap<Uuid, bool>,
}

impl Desk<'_> {
    pub(super) fn decide(&mut self, number: usize, item: &Item, meant: &Meant) -> Result<Decision, Refusal> {
        if let Some(fact) = self.known.get(&(self.client_id.to_owned(), item.nonce.clone())) {
            return Ok(self.known_before(item, meant, fact));
        }
        let refused = |reason, choices: &[Choice]| Decision {
            reason: Some(reason),
            choices: choices.to_vec(),
            ..Decision::default()
        };
        let (slot, whom, key, mut decision) = match (meant, &item.subject) {
            (Meant::Nobody(reason, choices), _) => return Ok(refused(*reason, choices)),
            (Meant::Itself, Subject::Fact(client, nonce)) => {
                let what = What::Undo(client.clone(), nonce.clone());
                return Ok(Decision {
                    fact: Some(self.fact(item, self.at(item, None), what, None)),
                    ..Decision::default()
                });
            }
            (Meant::Itself, Subject::Guest(guest)) => {
                let slot = date(self.event, item.timeslot_id, item.at.unwrap_or(self.now))?;
                let whom = Whom::Guest {
                    timeslot_id: slot.id,
                    person_id: self.guests.get(&number).copied().flatten(),
                    name: guest.name.clone(),
                };
                (slot, whom, None, Decision::default())
            }
            (Meant::Answer { id, is_revoked }, _) => {
                let Some(answer) = self.answers.get(id) else {
                    return Ok(refused(CheckInReason::Invalid, &[]));
                };
                let slot = date(self.event, Some(answer.timeslot_id), self.now)?;
                let row = self.rows.iter().find(|row| row.rsvp_id == Some(*id)).cloned();
                let decision = Decision {
                    reason: (*is_revoked)
                        .then_some(CheckInReason::Revoked)
                        .or(standing(answer.status)),
                    rsvp_id: Some(*id),
                    row,
                    ..Decision::default()
                };
                (slot, whose(answer), Some(*id), decision)
            }
            (Meant::Row(id), _) => {
                let Some(row) = self.rows.iter().find(|row| row.id == *id) else {
                    return Ok(refused(CheckInReason::Invalid, &[]));
                };
                let slot = date(self.event, Some(row.timeslot_id), self.now)?;
                let decision = Decision {
                    row: Some(row.clone()),
                    ..Decision::default()
                };
                (slot, Whom::Row(*id), Some(row.rsvp_id.unwrap_or(*id)), decision)
            }
            (Meant::Itself, _) => return Ok(refused(CheckInReason::Invalid, &[])),
        };
        if item.timeslot_id.is_some_and(|id| id != slot.id) {
            decision.reason = Some(CheckInReason::WrongEvent);
            return Ok(decision);
        }
        let at = self.at(item, Some(slot));
        let was_in = key.is_some_and(|key| self.was_in(key, decision.row.as_ref()));
        decision.reason = decision
            .reason
            .or_else(|| self.timing(item.kind, slot, at, was_in));
        if decision.reason.is_some() && !item.force {
            return Ok(decision);
        }
        if let Some(key) = key {
            self.is_in.insert(key, item.kind == FactKind::In);
        }
        let party_size = item.party_size.or_else(|| {
            let answer = decision.rsvp_id.and_then(|id| self.answers.get(&id));
            answer.map(|answer| answer.party_size)
        });
        let what = match item.kind {
            FactKind::In => What::In(whom, party_size.unwrap_or(1)),
            FactKind::Out => What::Out(whom),
            FactKind::Absent => What::Absent(whom),
            FactKind::Undo => return Ok(refused(CheckInReason::Invalid, &[])),
        };
        decision.fact = Some(self.fact(item, at, what, decision.reason));
        Ok(decision)
    }

    /// What was sent before is answered as it was then, if it is the same.
    fn known_before(&self, item: &Item, meant: &Meant, fact: &attendance_fact::Model) -> Decision {
        let row = self.rows.iter().find(|row| Some(row.id) == fact.attendance_id);
        let another = match meant {
            Meant::Answer { id, .. } => row.is_none_or(|row| row.rsvp_id != Some(*id)),
            Meant::Row(id) => fact.attendance_id != Some(*id),
            Meant::Itself | Meant::Nobody(..) => false,
        };
        let is_same = fact.kind == item.kind && !another;
        Decision {
            reason: if is_same {
                fact.remark
            } else {
                Some(CheckInReason::Invalid)
            },
            is_known: is_same,
            row: row.filter(|_| is_same).cloned(),
            ..Decision::default()
        }
    }

    fn was_in(&self, key: Uuid, row: Option<&attendance::Model>) -> bool {
        let before = || row.is_some_and(|row| row.came == Some(true) && row.out_at.is_none());
        self.is_in.get(&key).copied().unwrap_or_else(before)
    }

    fn timing(
        &self,
        kind: FactKind,
        slot: &timeslot::Model,
        at: DateTime<Utc>,
        was_in: bool,
    ) -> Option<CheckInReason> {
        let begins_at = match kind {
            FactKind::Absent => slot.starts_at,
            _ => opens_at(self.app, slot),
        };
        if self.event.row.status == EventStatus::Cancelled || slot.cancelled_at.is_some() {
            Some(CheckInReason::Cancelled)
        } else if at < begins_at {
            Some(CheckInReason::NotYet)
        } else if was_in && kind != FactKind::Out {
            Some(CheckInReason::AlreadyCheckedIn)
        } else {
            None
        }
    }

    /// When it happened: as the device says, but not later than now, and not earlier than a day before the start.
    fn at(&self, item: &Item, slot: Option<&timeslot::Model>) -> DateTime<Utc> {
        let said = item.at.unwrap_or(self.now);
        let earliest = slot.map_or(said, |slot| slot.starts_at - EARLIEST);
        said.max(earliest).min(self.now)
    }

    fn fact(&self, item: &Item, at: DateTime<Utc>, what: What, remark: Option<CheckInReason>) -> NewFact {
        NewFact {
            client_id: self.client_id.to_owned(),
            nonce: item.nonce.clone(),
            at,
            source: match item.subject {
                Subject::Code(_) => AttendanceSource::Code,
                Subject::Guest(_) => AttendanceSource::WalkIn,
                _ => source(self.actor),
            },
            what,
            remark,
            sheet_row_id: None,
        }
    }
}

/// What is not as it should be with an RSVP that stands so.
fn standing(status: RsvpStatus) -> Option<CheckInReason> {
    match status {
        RsvpStatus::Registered => None,
        RsvpStatus::Cancelled | RsvpStatus::Declined | RsvpStatus::Refused | RsvpStatus::OfferExpired => {
            Some(CheckInReason::Cancelled)
        }
        RsvpStatus::PendingConfirmation
        | RsvpStatus::PendingApproval
        | RsvpStatus::Waitlisted
        | RsvpStatus::Offered => Some(CheckInReason::Unapproved),
    }
}
