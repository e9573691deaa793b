//! A batch of what was seen at the door, in one transaction.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{AttendanceSource, CheckInReason, FactKind, attendance, attendance_fact, rsvp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    Choice, Guest,
    decide::{Decision, Desk, Meant, meant},
    guest, reads_all, require,
};
use crate::{
    app::{App, Tx, again},
    domain::{
        Actor,
        attendance::{self as seen, By, NewFact, What, Whom, record},
        event::Loaded,
        person::Name,
        rsvp::name_of,
    },
    refusal::{Problems, Reason, Refusal},
};

/// Characters of what a device calls itself and its facts, at most.
const LONGEST: usize = 64;

/// Something that was seen at the door.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which one of its client.
    pub nonce: String,
    /// What was seen.
    pub kind: FactKind,
    /// Of whom.
    pub subject: Subject,
    /// On which date.
    pub timeslot_id: Option<Uuid>,
    /// How many came in; as the RSVP says when absent.
    pub party_size: Option<i32>,
    /// When, by the clock of the device.
    pub at: Option<DateTime<Utc>>,
    /// Whether it has happened, so that it is kept even if it should not have.
    pub force: bool,
}

/// Whom an item is about.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Who showed this code.
    Code(String),
    /// Whose code has this SHA-256.
    Hash(Vec<u8>),
    /// Whose RSVP it is; for hosts.
    Rsvp(Uuid),
    /// Who was seen before, by their row.
    Row(Uuid),
    /// Who said this name.
    Name(String),
    /// Who came without an RSVP.
    Guest(Guest),
    /// Another fact, by its client and nonce, that was a mistake.
    Fact(String, String),
}

/// What became of an item.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which item.
    pub nonce: String,
    /// What is not as it should be.
    pub reason: Option<CheckInReason>,
    /// Whether it is a fact now.
    pub kept: bool,
    /// Who is meant, as the caller may read it.
    pub name: Option<String>,
    /// Their RSVP, for hosts.
    pub rsvp_id: Option<Uuid>,
    /// What is known of their being there.
    pub attendance: Option<attendance::Model>,
    /// Who may be meant.
    pub choices: Vec<Choice>,
}

/// Takes what a device saw, each item by itself. UNAUTHENTICATED, NOT_FOUND, FORBIDDEN, BAD_USER_INPUT; WRONG_STATE before the
/// event is published, once it was taken down, and `door.late_days` after its last date.
pub async fn check_in(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    client_id: &str,
    items: &[Item],
) -> Result<Vec<Outcome>, Refusal> {
    let event = require(app, actor, event_id).await?;
    check(app, actor, client_id, items)?;
    not_too_late(app, &event)?;
    let meant = meant(app, actor, &event, items).await?;
    let by = By::of(actor);
    let attempt = || app.write(async |tx| run(app, tx, actor, &event, by, client_id, items, &meant).await);
    again(attempt).await
}

fn not_too_late(app: &App, event: &Loaded) -> Result<(), Refusal> {
    let last = event.timeslots.iter().map(|slot| slot.ends_at).max();
    let late = TimeDelta::days(app.config.door.late_days);
    match last {
        Some(end) if end + late > app.clock.now() => Ok(()),
        _ => Err(Refusal::WrongState(Reason::EventEnded)),
    }
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

fn check(app: &App, actor: &Actor, client_id: &str, items: &[Item]) -> Result<(), Refusal> {
    let (most, party) = (app.config.limits.check_in, app.config.limits.party);
    let rule = format!("must have 1 to {LONGEST} printable ASCII characters, such as a UUID");
    let mut problems = Problems::default();
    problems.check(is_name(client_id), "input.clientId", &rule);
    let good = (1..=most).contains(&items.len());
    problems.check(good, "input.items", format!("must be 1 to {most}"));
    for (i, item) in items.iter().take(most).enumerate() {
        let path = format!("input.items.{i}");
        problems.check(is_name(&item.nonce), &format!("{path}.nonce"), &rule);
        let good = item.party_size.is_none_or(|size| (1..=party).contains(&size));
        let range = format!("must be between 1 and {party}");
        problems.check(good, &format!("{path}.partySize"), range);
        let undoes = matches!(item.subject, Subject::Fact(..));
        let kind = format!("{path}.kind");
        problems.check(
            undoes == (item.kind == FactKind::Undo),
            &kind,
            "UNDO and fact go together",
        );
        let is_absent = item.kind == FactKind::Absent;
        problems.check(
            !is_absent || reads_all(actor),
            &kind,
            "is for hosts and organizers",
        );
        match &item.subject {
            Subject::Guest(guest) => {
                problems.check(item.kind == FactKind::In, &kind, "must be IN for a walk-in");
                guest.check(app, &format!("{path}.walkIn"), &mut problems);
            }
            Subject::Fact(client, nonce) => {
                problems.check(is_name(client) && is_name(nonce), &format!("{path}.fact"), &rule);
            }
            _ => {}
        }
    }
    problems.finish()
}

#[expect(clippy::too_many_arguments, reason = "what one transaction is about")]
async fn run(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    event: &Loaded,
    by: By,
    client_id: &str,
    items: &[Item],
    meant: &[Meant],
) -> Result<Vec<Outcome>, Refusal> {
    let event_id = event.row.id;
    let client = client_id.to_owned();
    let named = async || seen::named(tx, event_id, items.iter().map(|item| (&client, &item.nonce))).await;
    let known = named().await?;
    let mut guests: HashMap<usize, Option<Uuid>> = HashMap::new();
    for (i, item) in items.iter().enumerate() {
        if let Subject::Guest(guest) = &item.subject
            && !known.contains_key(&(client.clone(), item.nonce.clone()))
        {
            guests.insert(i, guest::person(app, tx, guest).await?);
        }
    }
    let answers = answers(tx, event_id, meant).await?;
    let people: BTreeSet<Uuid> = answers
        .values()
        .map(|row| row.person_id)
        .chain(guests.values().copied().flatten())
        .collect();
    seen::take(tx, event_id, people).await?;
    let known = named().await?;
    let mut desk = Desk {
        app,
        event,
        actor,
        client_id,
        now: tx.now(),
        rows: rows(
            tx,
            event_id,
            &answers,
            meant,
            known.values().filter_map(|fact| fact.attendance_id),
        )
        .await?,
        answers,
        guests,
        known,
        is_in: HashMap::new(),
    };
    let mut decided: Vec<Decision> = vec![];
    for (i, (item, meant)) in items.iter().zip(meant).enumerate() {
        decided.push(desk.decide(i, item, meant)?);
    }
    let facts: Vec<NewFact> = decided
        .iter()
        .filter_map(|decision| decision.fact.clone())
        .collect();
    let mut recorded = record(app, tx, event_id, by, &facts).await?.into_iter();
    let mut outcomes = vec![];
    for (item, decision) in items.iter().zip(decided) {
        let kept = decision.fact.is_some() || decision.is_known;
        let fact = decision.fact.as_ref().and_then(|_| recorded.next());
        let attendance = fact.and_then(|fact| fact.attendance).or(decision.row);
        outcomes.push(Outcome {
            nonce: item.nonce.clone(),
            reason: decision.reason,
            kept,
            name: None,
            rsvp_id: decision
                .rsvp_id
                .or(attendance.as_ref().and_then(|row| row.rsvp_id)),
            attendance,
            choices: decision.choices,
        });
    }
    tell_names(app, tx, actor, &mut outcomes).await?;
    Ok(outcomes)
}

/// The RSVPs that are meant.
async fn answers(tx: &Tx, event_id: Uuid, meant: &[Meant]) -> Result<HashMap<Uuid, rsvp::Model>, Refusal> {
    let ids = meant.iter().filter_map(Meant::rsvp_id);
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::Id.is_in(ids))
        .filter(rsvp::Column::EventId.eq(event_id))
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What is known of those who are meant.
async fn rows(
    tx: &Tx,
    event_id: Uuid,
    answers: &HashMap<Uuid, rsvp::Model>,
    meant: &[Meant],
    known: impl Iterator<Item = Uuid>,
) -> Result<Vec<attendance::Model>, Refusal> {
    let ids = meant.iter().filter_map(Meant::row_id).chain(known);
    let any = Condition::any()
        .add(attendance::Column::RsvpId.is_in(answers.keys().copied()))
        .add(attendance::Column::Id.is_in(ids));
    let rows = attendance::Entity::find()
        .filter(attendance::Column::EventId.eq(event_id))
        .filter(any);
    Ok(rows.all(tx.db()).await?)
}

/// Who is meant, as the actor may read it.
async fn tell_names(app: &App, tx: &Tx, actor: &Actor, outcomes: &mut [Outcome]) -> Result<(), Refusal> {
    let all = reads_all(actor);
    let ids: BTreeSet<Uuid> = outcomes.iter().filter_map(|outcome| outcome.rsvp_id).collect();
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::Id.is_in(ids))
        .all(tx.db())
        .await?;
    let rows: HashMap<Uuid, rsvp::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    for outcome in outcomes {
        let answer = outcome.rsvp_id.and_then(|id| rows.get(&id));
        let name: Option<Name> = match (answer, &outcome.attendance) {
            (Some(answer), _) => Some(name_of(app, answer)?),
            (None, Some(row)) => seen::name_of(app, row)?,
            (None, None) => None,
        };
        outcome.name = name.map(|name| if all { name.full() } else { name.short() });
        outcome.rsvp_id = outcome.rsvp_id.filter(|_| all);
    }
    Ok(())
}

/// Takes back all that was seen of somebody on a date, as if nobody had seen them. Again changes nothing. For whoever is at the
/// door. NOT_FOUND.
pub async fn undo_all(
    app: &App,
    actor: &Actor,
    event_id: Uuid,
    subject: &Subject,
) -> Result<Outcome, Refusal> {
    let event = require(app, actor, event_id).await?;
    not_too_late(app, &event)?;
    let item = Item {
        nonce: String::new(),
        kind: FactKind::In,
        subject: subject.clone(),
        timeslot_id: None,
        party_size: None,
        at: None,
        force: true,
    };
    let meant = meant(app, actor, &event, &[item]).await?;
    let undo = || {
        app.write(async |tx| {
            let answers = answers(tx, event_id, &meant).await?;
            seen::take(tx, event_id, answers.values().map(|row| row.person_id).collect()).await?;
            let row = rows(tx, event_id, &answers, &meant, std::iter::empty())
                .await?
                .pop();
            let row = row.ok_or(Refusal::NotFound("check-in"))?;
            let facts = attendance_fact::Entity::find()
                .filter(attendance_fact::Column::AttendanceId.eq(row.id))
                .filter(attendance_fact::Column::Kind.ne(FactKind::Undo))
                .all(tx.db())
                .await?;
            // Named after what they take back, so that none is there twice.
            let undo = |fact: attendance_fact::Model| NewFact {
                client_id: "undo".to_owned(),
                nonce: fact.id.to_string(),
                at: tx.now(),
                source: source(actor),
                what: What::Undo(fact.client_id, fact.nonce),
                remark: None,
                sheet_row_id: None,
            };
            let undos: Vec<NewFact> = facts.into_iter().map(undo).collect();
            let recorded = record(app, tx, event_id, By::of(actor), &undos).await?;
            let attendance = recorded.into_iter().next_back().and_then(|fact| fact.attendance);
            let mut outcome = [Outcome {
                nonce: String::new(),
                reason: None,
                kept: true,
                name: None,
                rsvp_id: row.rsvp_id,
                attendance: attendance.or(Some(row)),
                choices: vec![],
            }];
            tell_names(app, tx, actor, &mut outcome).await?;
            let [outcome] = outcome;
            Ok(outcome)
        })
    };
    again(undo).await
}

/// What is known from somebody who looked at a list.
pub(super) fn source(actor: &Actor) -> AttendanceSource {
    if reads_all(actor) {
        AttendanceSource::Host
    } else {
        AttendanceSource::DoorLink
    }
}

/// Somebody whose RSVP it is.
pub(super) fn whose(answer: &rsvp::Model) -> Whom {
    Whom::Person {
        timeslot_id: answer.timeslot_id,
        person_id: answer.person_id,
        name: None,
    }
}
