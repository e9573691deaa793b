//! Writes drafts as rows: new ones are added, changed ones updated in place, and equal ones not touched.

mod timeslots;

use entity::{ChangeKind, ChangeSource, EventStatus, Visibility, event, event_host};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, Iterable, QueryFilter,
};
use uuid::Uuid;

use crate::{
    app::{App, Tx},
    domain::event::{
        Content, FieldChange, Private,
        history::{self, By, difference},
        open_private,
    },
    import::{
        Complaint,
        draft::{Draft, HostDraft},
    },
    refusal::Refusal,
};

/// A draft that differs from what was saved before, with the row it becomes.
pub struct Changed {
    draft: Draft,
    row: event::ActiveModel,
    id: Uuid,
    /// The version it replaces.
    old_version: Option<i32>,
    /// What its history says of that.
    fields: Vec<FieldChange>,
}

impl Changed {
    /// What is to be saved of `draft`; none when it was saved just so before, or is as it was. `system` names where
    /// it comes from. A new event gets `new_id`.
    pub async fn new(
        app: &App,
        system: &'static str,
        mut draft: Draft,
        new_id: Uuid,
    ) -> Result<Option<Self>, Refusal> {
        let old = event::Entity::find()
            .filter(event::Column::OriginSystem.eq(system))
            .filter(event::Column::OriginId.eq(&draft.origin_id))
            .one(app.db.reader())
            .await?;
        let mut fields = vec![];
        if let Some(old) = &old {
            let before = Content::of(old, open_private(app, old)?);
            if !draft.has_own {
                draft.content.join_policy = before.join_policy;
                draft.content.external_url = before.external_url.clone();
                draft.content.questions = before.questions.clone();
                draft.content.gathering = before.gathering.clone();
                draft.content.accessibility_features = before.accessibility_features.clone();
                draft.content.waitlist_rule = before.waitlist_rule;
                draft.content.waitlist_offer_hours = before.waitlist_offer_hours;
                draft.content.attendee_visibility = before.attendee_visibility;
                keep_closer(&before, &mut draft.content);
            }
            draft.content.campaign_id = draft.content.campaign_id.or(before.campaign_id);
            fields = difference(&before, &draft.content);
        }
        let id = old.as_ref().map_or(new_id, |old| old.id);
        let mut row = event::ActiveModel {
            is_virtual: Set(draft.is_virtual),
            origin_system: Set(Some(system.to_owned())),
            origin_id: Set(Some(draft.origin_id.clone())),
            ..draft.content.columns(app, id).await?
        };
        // Keyed, because a plain hash would let a hidden address be guessed.
        let hashes = app.keys.indexes("event.origin_hash", &fingerprint(&draft, &row)?);
        let saved = old.as_ref().and_then(|old| old.origin_hash.as_ref());
        if hashes.iter().any(|hash| Some(&hash.value) == saved) {
            return Ok(None);
        }
        row.origin_hash = Set(hashes.into_iter().next().map(|hash| hash.value));
        Ok(Some(Self {
            draft,
            row,
            id,
            old_version: old.map(|old| old.version),
            fields,
        }))
    }

    /// Its id, old or new.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Whether there was no such event.
    pub fn is_new(&self) -> bool {
        self.old_version.is_none()
    }

    /// Writes it; a new event is approved. What an update cannot do is added to `left_out`.
    ///
    /// An update leaves alone what only Turnout knows: the status, hosts and timeslots added here, seats taken. A
    /// timeslot that vanished from the source is cancelled, unless it is over.
    pub async fn save(self, app: &App, tx: &Tx, left_out: &mut Vec<Complaint>) -> Result<(), Refusal> {
        let row = event::ActiveModel {
            changed_at: Set(tx.now()),
            ..self.row
        };
        match self.old_version {
            None => insert(tx, row).await?,
            Some(version) => update(tx, self.id, version, row).await?,
        }
        save_host(tx, self.id, &self.draft.host).await?;
        timeslots::save(app, tx, self.id, &self.draft, left_out).await?;
        let kind = match self.old_version {
            None => ChangeKind::Created,
            Some(_) => ChangeKind::Edited,
        };
        let change = (self.id, By::system(), kind, self.fields);
        history::note_all(tx, ChangeSource::Import, [change]).await?;
        tx.event_changed(self.id);
        Ok(())
    }
}

/// A host keeps an event and its place closer than the source knows how to say.
fn keep_closer(before: &Content, now: &mut Content) {
    use entity::AddressVisibility::{AfterApproval, AfterRsvp, HostsOnly};
    if before.visibility == Visibility::Private {
        now.visibility = Visibility::Private;
    }
    if matches!(before.address_visibility, AfterApproval | HostsOnly) {
        now.address_visibility = before.address_visibility;
    }
    let is_for_those_who_come = matches!(now.address_visibility, AfterRsvp | AfterApproval);
    now.address_hours = before.address_hours.filter(|_| is_for_those_who_come);
}

/// Everything that the source decides, as text.
fn fingerprint(draft: &Draft, row: &event::ActiveModel) -> Result<String, Refusal> {
    use event::Column;
    let columns: Vec<_> = Column::iter()
        .filter(|column| {
            !matches!(
                column,
                Column::Id
                    | Column::Private
                    | Column::AccessibilityFeatures
                    | Column::CampaignId
                    | Column::JoinPolicy
                    | Column::ExternalUrl
                    | Column::Questions
                    | Column::WaitlistRule
                    | Column::WaitlistOfferHours
                    | Column::AddressHours
                    | Column::AttendeeVisibility
            )
        })
        .map(|column| row.get(column))
        .filter(|value| !value.is_not_set()) // so that a new column is no change
        .collect();
    let private = Private {
        place: draft.content.place.clone(),
        virtual_url: draft.content.virtual_url.clone(),
        instructions: draft.content.instructions.clone(),
        gathering: None,
    };
    let private = serde_json::to_string(&private).map_err(Refusal::internal)?;
    let (host, slots, unreadable) = (&draft.host, &draft.timeslots, &draft.unreadable_timeslots);
    let campaign = draft.campaign.as_ref().map(|campaign| &campaign.origin_id);
    let own = draft.has_own.then_some(&draft.content);
    let own = own.map(|own| {
        let place = own
            .gathering
            .as_ref()
            .map(|gathering| (&gathering.place, gathering.minutes_before));
        let joining = (own.join_policy, &own.external_url, &own.questions);
        let line = (own.waitlist_rule, own.waitlist_offer_hours);
        let seen = (own.address_hours, own.attendee_visibility);
        format!(" {:?}", (place, &own.accessibility_features, joining, line, seen))
    });
    let own = own.unwrap_or_default();
    Ok(format!(
        "{columns:?} {private} {host:?} {slots:?} {unreadable:?} {campaign:?}{own}"
    ))
}

async fn insert(tx: &Tx, row: event::ActiveModel) -> Result<(), Refusal> {
    let row = event::ActiveModel {
        status: Set(EventStatus::Approved),
        submitted_at: Set(Some(tx.now())),
        reviewed_at: Set(Some(tx.now())),
        version: Set(1),
        created_at: Set(tx.now()),
        ..row
    };
    event::Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(())
}

async fn update(tx: &Tx, id: Uuid, version: i32, row: event::ActiveModel) -> Result<(), Refusal> {
    let row = event::ActiveModel {
        version: Set(version + 1),
        ..row
    };
    let changed = event::Entity::update_many()
        .set(row)
        .filter(event::Column::Id.eq(id))
        .filter(event::Column::Version.eq(version))
        .exec(tx.db())
        .await?;
    if changed.rows_affected == 0 {
        return Err(Refusal::Conflict(
            "The event was changed meanwhile; run it again.",
        ));
    }
    Ok(())
}

async fn save_host(tx: &Tx, event_id: Uuid, host: &HostDraft) -> Result<(), Refusal> {
    let old = event_host::Entity::find()
        .filter(event_host::Column::EventId.eq(event_id))
        .filter(event_host::Column::Kind.eq(host.kind))
        .all(tx.db())
        .await?;
    let public_name = Set(host.public_name.clone());
    match old.into_iter().find(|old| old.person_id == host.person_id) {
        Some(old) if old.public_name == host.public_name => {}
        Some(old) => {
            let row = event_host::ActiveModel {
                id: Unchanged(old.id),
                public_name,
                ..Default::default()
            };
            row.update(tx.db()).await?;
        }
        None => {
            let row = event_host::ActiveModel {
                id: Set(Uuid::now_v7()),
                event_id: Set(event_id),
                kind: Set(host.kind),
                person_id: Set(host.person_id),
                public_name,
                wanted_name: Set(None),
                leads: Set(false),
                created_at: Set(tx.now()),
            };
            event_host::Entity::insert(row)
                .exec_without_returning(tx.db())
                .await?;
        }
    }
    Ok(())
}
