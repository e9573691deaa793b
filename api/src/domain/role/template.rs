//! What is suggested for an event: the usual roles of its type, and those of its campaign.

use entity::{EventType, RoleKind, StaffRole, campaign_roles};
use sea_orm::{ActiveEnum, ActiveModelTrait, ActiveValue::Set as Is, EntityTrait, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{check_skills, skill, usual};
use crate::{
    app::App,
    domain::{Actor, audit, campaign, event::text},
    letter::Language,
    refusal::{Problems, Refusal},
};

/// A role that is suggested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Names it within its set: lower case, digits and hyphens.
    pub key: String,
    /// For which types of event; all when empty.
    pub types: Vec<String>,
    /// Whether it is a task.
    pub is_task: bool,
    /// One line.
    pub title: String,
    /// What to do.
    pub brief: String,
    /// In lower case.
    pub skills: Vec<String>,
    /// With fewer people something is missing.
    pub min_people: i32,
    /// More do not hold it.
    pub max_people: i32,
    /// A task: due so many hours after the end of the date, or before its start if negative.
    pub due_hours: Option<i32>,
    /// Whether people may volunteer.
    pub is_open: bool,
    /// Whether who volunteers holds it at once.
    pub open_to_all: bool,
}

/// What a campaign suggests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// In this order.
    pub templates: Vec<Template>,
    /// Whether they take the place of the usual ones.
    pub replaces: bool,
    /// Counts the changes; 0 before the first.
    pub version: i32,
}

impl Template {
    /// Of what kind the role is.
    pub fn kind(&self) -> RoleKind {
        match self.is_task {
            true => RoleKind::Task,
            false => RoleKind::OnSite,
        }
    }

    /// For which types of event; all when there are none.
    pub fn event_types(&self) -> impl Iterator<Item = EventType> + '_ {
        let types = self.types.iter();
        types.filter_map(|name| EventType::try_from_value(name).ok())
    }

    /// The names of types, as they are kept.
    pub fn names(types: impl IntoIterator<Item = EventType>) -> Vec<String> {
        types.into_iter().map(|of| of.to_value()).collect()
    }

    fn fits(&self, event_type: EventType) -> bool {
        self.types.is_empty() || self.types.contains(&event_type.to_value())
    }

    fn check(&self, app: &App, path: &str, problems: &mut Problems) {
        let (limits, at) = (&app.config.limits, |name: &str| format!("{path}.{name}"));
        let key = self
            .key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        problems.check(
            key && (1..=40).contains(&self.key.len()),
            &at("key"),
            "must have 1 to 40 lower case letters, digits and hyphens",
        );
        let one_line = !self.title.trim().is_empty() && !self.title.contains(['\n', '\r', '\t']);
        problems.check(one_line, &at("title"), "must be one line that is not empty");
        text(problems, &at("title"), Some(&self.title), limits.title);
        text(problems, &at("brief"), Some(&self.brief), limits.text);
        check_skills(app, &self.skills, &at("skills"), problems);
        let most = app.config.roles.people;
        let people = (1..=most).contains(&self.max_people);
        problems.check(people, &at("maxPeople"), format!("must be between 1 and {most}"));
        let fewest = (0..=self.max_people).contains(&self.min_people);
        problems.check(fewest, &at("minPeople"), "must be between 0 and maxPeople");
        let hours = self
            .due_hours
            .is_none_or(|hours| self.is_task && (-8_784..=8_784).contains(&hours));
        problems.check(
            hours,
            &at("dueHours"),
            "is for a TASK, and within a year of its date",
        );
    }
}

/// What is suggested for events of a type, of a campaign: the campaign's set, and after it the usual ones that have another
/// key, unless the campaign's take their place. Everybody may know of it. NOT_FOUND.
pub async fn suggested(
    app: &App,
    event_type: EventType,
    campaign_id: Option<Uuid>,
    language: Language,
) -> Result<Vec<Template>, Refusal> {
    let of_campaign = match campaign_id {
        Some(id) => {
            campaign::find(app, id).await?;
            set(app, id).await?
        }
        None => Set::default(),
    };
    let mut all: Vec<Template> = of_campaign.templates;
    all.retain(|template| template.fits(event_type));
    if !of_campaign.replaces {
        let usual = usual::all(event_type, language);
        let others = usual.filter(|usual| all.iter().all(|own| own.key != usual.key));
        let others: Vec<Template> = others.collect();
        all.extend(others);
    }
    Ok(all)
}

/// What a campaign suggests; nothing before somebody said so. Everybody may know of it.
pub async fn set(app: &App, campaign_id: Uuid) -> Result<Set, Refusal> {
    let row = campaign_roles::Entity::find_by_id(campaign_id)
        .one(app.db.reader())
        .await?;
    let Some(row) = row else {
        return Ok(Set::default());
    };
    Ok(Set {
        templates: serde_json::from_str(&row.templates).map_err(Refusal::internal)?,
        replaces: row.replaces,
        version: row.version,
    })
}

/// Says what a campaign suggests, all of it at once; roles that were planned before stay. Recorded. FORBIDDEN for anybody but
/// organizers; NOT_FOUND; BAD_USER_INPUT with all problems at once; CONFLICT when it is no longer at `expected_version`.
pub async fn replace(
    app: &App,
    actor: &Actor,
    campaign_id: Uuid,
    expected_version: i32,
    mut wanted: Vec<Template>,
    replaces: bool,
) -> Result<(), Refusal> {
    actor.require(StaffRole::Organizer)?;
    campaign::find(app, campaign_id).await?;
    let mut problems = Problems::default();
    let most = app.config.roles.most;
    problems.check(
        wanted.len() as u64 <= most,
        "input.templates",
        format!("has more than {most} templates"),
    );
    for (i, template) in wanted.iter().enumerate() {
        let path = format!("input.templates.{i}");
        template.check(app, &path, &mut problems);
        let again = wanted.iter().take(i).any(|other| other.key == template.key);
        problems.check(!again, &format!("{path}.key"), "is that of another one");
    }
    problems.finish()?;
    for template in &mut wanted {
        template.skills = template.skills.iter().map(|text| skill(text)).collect();
        template.open_to_all &= template.is_open;
    }
    const CHANGED: Refusal = Refusal::Conflict("The roles were changed meanwhile; read them again.");
    app.write(async |tx| {
        let before = campaign_roles::Entity::find_by_id(campaign_id)
            .one(tx.db())
            .await?;
        if before.as_ref().map_or(0, |row| row.version) != expected_version {
            return Err(CHANGED);
        }
        let row = campaign_roles::ActiveModel {
            campaign_id: Is(campaign_id),
            templates: Is(serde_json::to_string(&wanted).map_err(Refusal::internal)?),
            replaces: Is(replaces),
            version: Is(expected_version + 1),
            changed_at: Is(tx.now()),
        };
        if before.is_some() {
            row.update(tx.db()).await?;
        } else {
            let once = OnConflict::column(campaign_roles::Column::CampaignId)
                .do_nothing()
                .to_owned();
            let added = campaign_roles::Entity::insert(row)
                .on_conflict(once)
                .exec_without_returning(tx.db())
                .await?;
            if added == 0 {
                return Err(CHANGED); // somebody else said so at the same moment
            }
        }
        audit::record(tx, actor, "campaign.roles", &[campaign_id]).await
    })
    .await
}
