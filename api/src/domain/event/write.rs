//! Making and editing events.

use entity::{ChangeKind, EventStatus, HostKind, JoinPolicy, StaffRole, event, event_host};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    Content, Loaded, NewTimeslot, News, find,
    history::{self, By, FieldChange, difference},
    notice::{self, About},
    open_private, proposal, require_change,
    state::CHANGED,
    timeslots,
};
use crate::{
    app::{App, Tx},
    domain::{
        Actor, campaign, host,
        idempotency::{self, IdempotencyKey},
        person, rsvp,
    },
    refusal::{Problems, Reason, Refusal},
};

/// Makes a draft that the actor hosts, under `public_name` or else their given name and initial.
/// UNAUTHENTICATED without an account, BAD_USER_INPUT with all problems at once, RATE_LIMITED when the actor made too many
/// events today.
pub async fn create(
    app: &App,
    actor: &Actor,
    content: &Content,
    slots: &[NewTimeslot],
    public_name: Option<&str>,
    key: Option<&IdempotencyKey>,
) -> Result<Loaded, Refusal> {
    let again = async |id: Option<Uuid>| find(app, actor, id.unwrap_or_default()).await;
    let action = async || create_once(app, actor, content, slots, public_name, key).await;
    idempotency::run(app, key, action, again).await
}

async fn create_once(
    app: &App,
    actor: &Actor,
    content: &Content,
    slots: &[NewTimeslot],
    public_name: Option<&str>,
    key: Option<&IdempotencyKey>,
) -> Result<Loaded, Refusal> {
    let profile = person::profile(app, actor).await?;
    let public_name = public_name
        .map(|name| name.trim().to_owned())
        .or(profile.name.map(|name| name.short()));
    let mut problems = Problems::default();
    content.check(app, &mut problems);
    let tier = host::tier(app, app.db.reader(), actor).await?;
    host::check_links(app, tier, &content.texts(), &[], &mut problems);
    let most = app.config.limits.timeslots;
    problems.check(
        slots.len() <= most,
        "input.timeslots",
        format!("has more than {most} timeslots"),
    );
    for (i, slot) in slots.iter().enumerate() {
        slot.check(app, &format!("input.timeslots.{i}"), &mut problems);
    }
    match &public_name {
        Some(name) => check_public_name(app, name, &mut problems),
        None => problems.add("input.publicName", "is needed while your profile has no name"),
    }
    problems.finish()?;
    if let Some(campaign) = content.campaign_id {
        campaign::require_open(app.db.reader(), campaign).await?;
    }
    let id = Uuid::now_v7();
    let columns = content.columns(app, id).await?;
    app.write(async |tx| {
        idempotency::claim(tx, key, Some(id)).await?;
        person::lock(tx, &[profile.row.id]).await?; // of several at once, each counts
        host::check_new_event(app, tx, actor).await?;
        let name = public_name.clone().unwrap_or_default();
        insert_draft(tx, id, columns.clone(), (profile.row.id, name)).await?;
        history::note(tx, id, &By::host(actor), ChangeKind::Created, vec![]).await?;
        timeslots::insert(tx, id, slots).await
    })
    .await?;
    find(app, actor, id).await
}

/// A new draft and its host, by the name they want to have there.
pub(super) async fn insert_draft(
    tx: &Tx,
    id: Uuid,
    columns: event::ActiveModel,
    (person_id, public_name): (Uuid, String),
) -> Result<(), Refusal> {
    let row = event::ActiveModel {
        status: Set(EventStatus::Draft),
        version: Set(1),
        changed_at: Set(tx.now()),
        created_at: Set(tx.now()),
        ..columns
    };
    event::Entity::insert(row).exec_without_returning(tx.db()).await?;
    let host = event_host::ActiveModel {
        id: Set(Uuid::now_v7()),
        event_id: Set(id),
        kind: Set(HostKind::Person),
        person_id: Set(Some(person_id)),
        public_name: Set(public_name),
        wanted_name: Set(None),
        leads: Set(false),
        created_at: Set(tx.now()),
    };
    event_host::Entity::insert(host)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Changes what `apply` changes, and the public name of the actor as host if one is given. Of a published event, what is
/// material waits for a reviewer unless the actor is trusted, and the next change begins with what waits. When hosts
/// begin to approve who comes, those who wait for a seat ask them. Those who answered are told of another place, and what
/// `news` says, once it is published. CONFLICT when the event is no longer at `expected_version`; WRONG_STATE once it is
/// cancelled; FORBIDDEN for another campaign by a host link.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected_version: i32,
    apply: impl FnOnce(&mut Content) -> Result<(), Refusal>,
    public_name: Option<&str>,
    news: &News,
) -> Result<Loaded, Refusal> {
    let Loaded {
        row: before, hosts, ..
    } = require_change(app, actor, id).await?;
    if before.status == EventStatus::Cancelled {
        return Err(Refusal::WrongState(Reason::EventCancelled));
    }
    let private = open_private(app, &before)?;
    let live = Content::of(&before, private.clone());
    let holds = proposal::holds(app, actor, &before).await?;
    let mut pending = proposal::open(app, &before)?;
    let mut content = live.clone();
    if holds {
        pending.overlay(&mut content)?;
    }
    let campaign = content.campaign_id;
    apply(&mut content)?;
    let mut problems = Problems::default();
    content.check(app, &mut problems);
    let tier = host::tier(app, app.db.reader(), actor).await?;
    host::check_links(app, tier, &content.texts(), &live.texts(), &mut problems);
    let published = matches!(
        before.status,
        EventStatus::NeedsApproval | EventStatus::Approved | EventStatus::Suppressed
    );
    let somewhere = content.place.is_some() || content.virtual_url.is_some();
    problems.check(
        somewhere || !published,
        "input.place",
        "or a virtual link is needed while it is published",
    );
    if let Some(name) = public_name {
        check_public_name(app, name.trim(), &mut problems);
    }
    news.check(app, &mut problems);
    problems.finish()?;
    if content.campaign_id != campaign && matches!(actor, Actor::Visitor(_)) {
        return Err(Refusal::Forbidden); // whose campaign it is, hosts answer for
    }
    if before.version != expected_version {
        return Err(CHANGED); // what follows is about the event as it was read
    }
    let joined = content.campaign_id.filter(|_| content.campaign_id != campaign);
    let me = hosts
        .iter()
        .find(|host| host.person_id.is_some() && host.person_id == actor.person_id());
    let name = me.and(public_name).map(str::trim);
    let name_waits = holds && me.zip(name).is_some_and(|(me, name)| me.public_name != name);
    let (content, waits) = match holds {
        true => pending.hold(&live, content, news)?,
        false => (
            pending.settle(&live, content, !actor.is(StaffRole::Organizer))?,
            false,
        ),
    };
    // What waits for a reviewer tells nobody before it is approved.
    let has_words = news.has_words() && before.status != EventStatus::Suppressed;
    let is_told = !waits && (content.is_elsewhere(&private) || has_words);
    let keeps = |host: &event_host::Model| {
        host.wanted_name.is_some() && (name.is_none() || me.is_none_or(|me| me.id != host.id))
    };
    pending.hold_names(name_waits || hosts.iter().any(keeps), name_waits);
    let waiting = pending.columns(app, &before, app.clock.now())?;
    let columns = event::ActiveModel {
        pending: waiting.pending,
        pending_at: waiting.pending_at,
        submitted_at: waiting.submitted_at,
        ..content.columns(app, id).await?
    };
    let mut fields = difference(&live, &content);
    if name.is_some() && !name_waits {
        fields.push(FieldChange::hidden("publicName")); // one's own name is nobody else's to keep
    }
    app.write(async |tx| {
        match joined {
            Some(campaign) if published => campaign::require_accepted(tx, actor, campaign).await?,
            Some(campaign) => _ = campaign::require_open(tx.db(), campaign).await?,
            None => {}
        }
        let change = event::ActiveModel {
            version: Set(expected_version.saturating_add(1)),
            changed_at: Set(tx.now()),
            ..columns.clone()
        };
        let changed = event::Entity::update_many()
            .set(change)
            .filter(event::Column::Id.eq(id))
            .filter(event::Column::Version.eq(expected_version))
            .filter(event::Column::Status.ne(EventStatus::Cancelled))
            .exec(tx.db())
            .await?;
        if changed.rows_affected == 0 {
            return Err(CHANGED);
        }
        let begins_to_approve =
            content.join_policy == JoinPolicy::Approval && before.join_policy != JoinPolicy::Approval;
        if begins_to_approve {
            rsvp::ask_for_those_who_wait(tx, id).await?;
        }
        if let (Some(name), Some(me)) = (name, me) {
            let name = name.to_owned();
            let names = match name_waits {
                true => event_host::ActiveModel {
                    wanted_name: Set(Some(name)),
                    ..Default::default()
                },
                false => event_host::ActiveModel {
                    public_name: Set(name),
                    wanted_name: Set(None),
                    ..Default::default()
                },
            };
            event_host::Entity::update_many()
                .set(names)
                .filter(event_host::Column::Id.eq(me.id))
                .exec(tx.db())
                .await?;
        }
        if !fields.is_empty() {
            let by = By::of(actor, &hosts);
            history::note(tx, id, &by, ChangeKind::Edited, fields.clone()).await?;
        }
        // Who waits no longer keeps no seats.
        if begins_to_approve || content.waitlist_rule != before.waitlist_rule {
            rsvp::look_again(tx, id).await?;
        }
        tx.event_changed(id);
        if is_told {
            notice::changed(app, tx, &before, About::Event(&private), news).await?;
        }
        Ok(())
    })
    .await?;
    find(app, actor, id).await
}

pub(super) fn check_public_name(app: &App, name: &str, problems: &mut Problems) {
    let most = app.config.limits.name;
    problems.check(!name.is_empty(), "input.publicName", "must not be empty");
    problems.check(
        name.chars().count() <= most,
        "input.publicName",
        format!("has more than {most} characters"),
    );
    problems.check(
        !name.chars().any(char::is_control),
        "input.publicName",
        "has control characters",
    );
}
