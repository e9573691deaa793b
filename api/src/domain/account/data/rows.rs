//! The rows of each table as their owner reads them.

use std::collections::HashMap;

use entity::{
    Visibility, announcement, attendee_export, audit, calendar_link, consent, event, event_host, event_mute,
    guidelines_acceptance, message, rsvp, session, sign_in_code, staff_role, suppression, timeslot,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::concerns;
use crate::{
    app::App,
    domain::{
        Actor, announcement as announcements,
        contact::Contact,
        event::{self as events, Answered},
        person::{Name, Profile},
        rsvp::{details_of, name_of},
    },
    refusal::Refusal,
};

pub(super) type Rows = Result<Vec<Value>, Refusal>;

pub(super) fn person(profile: &Profile) -> Value {
    let row = &profile.row;
    let name = profile.name.as_ref();
    json!({
        "id": row.id,
        "givenName": name.map(|name| &name.given),
        "familyName": name.map(|name| &name.family),
        "pronouns": profile.pronouns,
        "language": row.language,
        "languages": profile.languages,
        "timezone": row.timezone,
        // As other tools write a cell of H3.
        "cell": row.cell.map(|cell| format!("{cell:x}")),
        "shuffle": row.shuffle,
        "createdAt": row.created_at,
        "changedAt": row.changed_at,
    })
}

pub(super) fn contact(contact: &Contact) -> Value {
    json!({
        "channel": contact.row.channel.to_value(),
        "value": contact.value.reveal(),
        "verifiedAt": contact.row.verified_at,
        "createdAt": contact.row.created_at,
    })
}

pub(super) async fn sessions(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = session::Entity::find()
        .filter(session::Column::PersonId.eq(me))
        .order_by_asc(session::Column::Id);
    let show = |row: session::Model| {
        json!({
            "id": row.id,
            "device": row.device,
            "createdAt": row.created_at,
            "lastUsedAt": row.last_used_at,
            "expiresAt": row.expires_at,
            "revokedAt": row.revoked_at,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

pub(super) async fn codes(db: &impl ConnectionTrait, me: Uuid, indexes: &[Vec<u8>]) -> Rows {
    let asked_or_sent = Condition::any()
        .add(sign_in_code::Column::PersonId.eq(me))
        .add(sign_in_code::Column::ValueIndex.is_in(indexes.iter().cloned()));
    let rows = sign_in_code::Entity::find()
        .filter(asked_or_sent)
        .order_by_asc(sign_in_code::Column::Id);
    let show = |row: sign_in_code::Model| {
        json!({
            "purpose": row.purpose.to_value(),
            "channel": row.channel.to_value(),
            "askedForByYou": row.person_id == Some(me),
            "tries": row.tries,
            "createdAt": row.created_at,
            "expiresAt": row.expires_at,
            "usedAt": row.used_at,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

pub(super) async fn calendar_links(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = calendar_link::Entity::find_by_id(me).all(db).await?;
    let show = |row: calendar_link::Model| json!({"createdAt": row.created_at});
    Ok(rows.into_iter().map(show).collect())
}

pub(super) async fn consents(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = consent::Entity::find()
        .filter(consent::Column::PersonId.eq(me))
        .order_by_asc(consent::Column::CreatedAt)
        .order_by_asc(consent::Column::Id);
    let show = |row: consent::Model| {
        json!({
            "channel": row.channel.to_value(),
            "purpose": row.purpose.to_value(),
            "granted": row.granted,
            "textVersion": row.text_version,
            "source": row.source.to_value(),
            "createdAt": row.created_at,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

pub(super) async fn rsvps(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = rsvp::Entity::find()
        .filter(rsvp::Column::PersonId.eq(me))
        .order_by_asc(rsvp::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let slots = timeslot::Entity::find()
        .filter(timeslot::Column::Id.is_in(rows.iter().map(|row| row.timeslot_id)))
        .all(db)
        .await?;
    let slots: HashMap<Uuid, timeslot::Model> = slots.into_iter().map(|slot| (slot.id, slot)).collect();
    let show = |row: rsvp::Model| {
        let name = name_of(app, &row)?;
        let details = details_of(app, &row)?;
        let title = titles.get(&row.event_id);
        let slot = slots.get(&row.timeslot_id).filter(|_| title.is_some());
        let referrer: Option<Value> = row
            .referrer
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(Refusal::internal)?;
        Ok(json!({
            "id": row.id,
            "eventId": row.event_id,
            "eventTitle": title,
            "timeslotId": row.timeslot_id,
            "startsAt": slot.map(|slot| slot.starts_at),
            "endsAt": slot.map(|slot| slot.ends_at),
            "status": row.status.to_value(),
            "partySize": row.party_size,
            "givenName": name.given,
            "familyName": name.family,
            "guests": details.guests.iter().map(guest).collect::<Vec<_>>(),
            "answers": details.answers.iter().map(answer).collect::<Vec<_>>(),
            "waitlistedAt": row.waitlisted_at,
            "offerExpiresAt": row.offer_expires_at,
            "approvedAt": row.approved_at,
            "listed": row.listed,
            "shareCode": row.share_code,
            "broughtByRsvp": row.shared_by,
            "referrer": referrer,
            "confirmedAt": row.confirmed_at,
            "attendanceConfirmedAt": row.attendance_confirmed_at,
            "createdAt": row.created_at,
            "changedAt": row.changed_at,
        }))
    };
    rows.into_iter().map(show).collect()
}

fn guest(name: &Name) -> Value {
    json!({"givenName": name.given, "familyName": name.family})
}

fn answer(answer: &Answered) -> Value {
    json!({"question": answer.label, "version": answer.version, "answer": answer.value})
}

pub(super) async fn hosting(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = event_host::Entity::find()
        .filter(event_host::Column::PersonId.eq(me))
        .order_by_asc(event_host::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: event_host::Model| {
        json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "publicName": row.public_name,
            "wantedName": row.wanted_name,
            "createdAt": row.created_at,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}

pub(super) async fn guidelines(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = guidelines_acceptance::Entity::find()
        .filter(guidelines_acceptance::Column::PersonId.eq(me))
        .order_by_asc(guidelines_acceptance::Column::Id);
    let show = |row: guidelines_acceptance::Model| {
        json!({
            "campaignId": row.campaign_id,
            "version": row.version,
            "acceptedAt": row.created_at,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

pub(super) async fn reviews(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = event::Entity::find()
        .filter(event::Column::ReviewedBy.eq(me))
        .order_by_asc(event::Column::Id);
    let show = |row: event::Model| {
        json!({
            "eventId": row.id,
            "eventTitle": row.title,
            "reviewedAt": row.reviewed_at,
            "rejectionReason": row.rejection_reason,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

pub(super) async fn announcements(app: &App, db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = announcement::Entity::find()
        .filter(announcement::Column::PersonId.eq(me))
        .order_by_asc(announcement::Column::Id)
        .all(db)
        .await?;
    let show = |row: announcement::Model| {
        let content = announcements::open(app, &row)?;
        Ok(json!({
            "eventId": row.event_id,
            "subject": content.subject,
            "text": content.text,
            "recipients": row.recipients,
            "createdAt": row.created_at,
        }))
    };
    rows.into_iter().map(show).collect()
}

pub(super) async fn muted_events(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = event_mute::Entity::find()
        .filter(event_mute::Column::PersonId.eq(me))
        .order_by_asc(event_mute::Column::CreatedAt)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: event_mute::Model| {
        json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "createdAt": row.created_at,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}

pub(super) async fn exports(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let rows = attendee_export::Entity::find()
        .filter(attendee_export::Column::PersonId.eq(me))
        .order_by_asc(attendee_export::Column::Id)
        .all(db)
        .await?;
    let titles = titles(db, me, rows.iter().map(|row| row.event_id)).await?;
    let show = |row: attendee_export::Model| {
        json!({
            "eventId": row.event_id,
            "eventTitle": titles.get(&row.event_id),
            "rows": row.rows,
            "createdAt": row.created_at,
            "expiresAt": row.expires_at,
            "usedAt": row.used_at,
        })
    };
    Ok(rows.into_iter().map(show).collect())
}

pub(super) async fn staff_roles(db: &impl ConnectionTrait, me: Uuid) -> Rows {
    let held_or_granted = Condition::any()
        .add(staff_role::Column::PersonId.eq(me))
        .add(staff_role::Column::GrantedBy.eq(me));
    let rows = staff_role::Entity::find()
        .filter(held_or_granted)
        .order_by_asc(staff_role::Column::Id);
    let show = |row: staff_role::Model| {
        json!({
            "role": row.role.to_value(),
            "yours": row.person_id == me,
            "grantedByYou": row.granted_by == Some(me),
            "createdAt": row.created_at,
            "revokedAt": row.revoked_at,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

pub(super) async fn messages(db: &impl ConnectionTrait, me: Uuid, indexes: &[Vec<u8>]) -> Rows {
    let to_me = Condition::any()
        .add(message::Column::PersonId.eq(me))
        .add(message::Column::ValueIndex.is_in(indexes.iter().cloned()));
    let rows = message::Entity::find()
        .filter(to_me)
        .order_by_asc(message::Column::Id);
    let show = |row: message::Model| {
        json!({
            "channel": row.channel.to_value(),
            "purpose": row.purpose.to_value(),
            "template": row.template,
            "rsvpId": row.rsvp_id,
            "state": row.state.to_value(),
            "sendingAt": row.sending_at,
            "settledAt": row.settled_at,
            "detail": row.detail,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

pub(super) async fn suppressions(db: &impl ConnectionTrait, indexes: &[Vec<u8>]) -> Rows {
    let rows = suppression::Entity::find()
        .filter(suppression::Column::ValueIndex.is_in(indexes.iter().cloned()))
        .order_by_asc(suppression::Column::Id);
    let show = |row: suppression::Model| {
        json!({
            "channel": row.channel.to_value(),
            "reason": row.reason,
            "createdAt": row.created_at,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

/// So many records are shown, the newest: staff may have more than any file should.
const RECORDS: u64 = 10_000;

/// Who else did something is told by what they are, not by who. Newest first.
pub(super) async fn records(db: &impl ConnectionTrait, ids: &[Uuid]) -> Rows {
    let rows = audit::Entity::find()
        .filter(concerns(ids))
        .order_by_desc(audit::Column::Id)
        .limit(RECORDS);
    let show = |row: audit::Model| {
        let by = match row.actor_id {
            Some(id) if ids.contains(&id) => "YOU",
            Some(_) => "STAFF",
            None => "OPERATOR",
        };
        let is_about_you = ids.iter().any(|id| row.subjects.contains(&id.to_string()));
        json!({
            "at": row.at,
            "kind": row.kind,
            "reason": row.reason,
            "by": by,
            "aboutYou": is_about_you,
        })
    };
    Ok(rows.all(db).await?.into_iter().map(show).collect())
}

/// What events are called, but for private ones that somebody has had to do with and may know of no more.
pub(super) async fn titles(
    db: &impl ConnectionTrait,
    me: Uuid,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>, Refusal> {
    let rows = event::Entity::find()
        .filter(event::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let is_private = |row: &event::Model| row.visibility == Visibility::Private;
    let (private, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_private);
    let known = events::known(db, &Actor::by_link(me), &private).await?;
    let private = private.into_iter().filter(|row| known.contains(&row.id));
    Ok(others
        .into_iter()
        .chain(private)
        .map(|row| (row.id, row.title))
        .collect())
}
