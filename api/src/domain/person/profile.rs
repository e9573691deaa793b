//! What somebody sees and changes of themselves.

use chrono_tz::Tz;
use entity::person;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ConnectionTrait, EntityTrait,
};
use uuid::Uuid;

use super::{Name, email_of, name_slot};
use crate::{
    app::App,
    cells,
    domain::{Actor, email::Email},
    refusal::{Problems, Refusal},
    sealed::Slot,
};

/// What somebody sees of themselves.
#[derive(Clone)]
pub struct Profile {
    /// The row.
    pub row: person::Model,
    /// Their name, once they told it.
    pub name: Option<Name>,
    /// How they want to be spoken of, once they told it.
    pub pronouns: Option<String>,
    /// Languages they speak, as they put them in order.
    pub languages: Vec<String>,
    /// Their mail address.
    pub email: Option<Email>,
}

/// What somebody changes of themselves: `None` stays as it is.
#[derive(Clone, Default)]
pub struct ProfileChange {
    /// A new name.
    pub name: Option<Name>,
    /// How they want to be spoken of. `Some(None)` forgets it.
    pub pronouns: Option<Option<String>>,
    /// BCP 47 tags of the languages they speak.
    pub languages: Option<Vec<String>>,
    /// BCP 47 tag of the language messages are written in.
    pub language: Option<String>,
    /// IANA name of the zone they live in. `Some(None)` forgets it.
    pub timezone: Option<Option<String>>,
    /// Country and postal code; only the cell around it is kept. `Some(None)` forgets it.
    pub postal_code: Option<Option<(String, String)>>,
}

/// The signed-in person. UNAUTHENTICATED for anybody else.
pub async fn profile(app: &App, actor: &Actor) -> Result<Profile, Refusal> {
    profile_in(app, app.db.reader(), actor).await
}

/// The same, on a connection that is had already.
pub(in crate::domain) async fn profile_in(
    app: &App,
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Profile, Refusal> {
    let id = actor.member()?.id;
    let row = person::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Refusal::Unauthenticated)?;
    let name = row
        .name
        .as_ref()
        .map(|sealed| app.keys.open(name_slot(&id), sealed))
        .transpose()?;
    let pronouns = row.pronouns.as_ref();
    Ok(Profile {
        name,
        pronouns: pronouns
            .map(|sealed| app.keys.open(pronouns_slot(&id), sealed))
            .transpose()?,
        languages: serde_json::from_str(&row.languages).map_err(Refusal::internal)?,
        email: email_of(app, db, id).await?.map(|(_, email)| email),
        row,
    })
}

/// Changes the signed-in person's own profile. BAD_USER_INPUT names what is wrong.
pub async fn update_profile(app: &App, actor: &Actor, change: ProfileChange) -> Result<(), Refusal> {
    let id = actor.member()?.id;
    let mut problems = Problems::default();
    if let Some(name) = &change.name {
        name.check(app, "input.name", &mut problems);
    }
    if let Some(Some(pronouns)) = &change.pronouns {
        check_line(pronouns, app.config.limits.name, "input.pronouns", &mut problems);
    }
    if let Some(language) = &change.language {
        problems.check(is_tag(language), "input.language", TAG);
    }
    if let Some(Some(timezone)) = &change.timezone {
        let is_zone = timezone.parse::<Tz>().is_ok();
        problems.check(is_zone, "input.timezone", "must be an IANA time zone");
    }
    let languages = change.languages.as_deref().unwrap_or_default();
    let most = app.config.limits.languages;
    problems.check(
        languages.len() <= most,
        "input.languages",
        format!("has more than {most} languages"),
    );
    for (i, language) in languages.iter().enumerate().take(most) {
        problems.check(is_tag(language), &format!("input.languages.{i}"), TAG);
    }
    let mut cell = None;
    if let Some(place) = &change.postal_code {
        cell = Some(None);
        if let Some((country, code)) = place {
            match app.postal.find(&app.db, country, code).await? {
                Some(point) => cell = Some(Some(cells::home_cell(point))),
                None => problems.add("input.postalCode", "is not known"),
            }
        }
    }
    problems.finish()?;
    app.write(async |tx| {
        let row = person::Entity::find_by_id(id)
            .one(tx.db())
            .await?
            .ok_or(Refusal::Unauthenticated)?;
        let name = change
            .name
            .as_ref()
            .map(|name| app.keys.seal(name_slot(&id), name))
            .transpose()?;
        let seal_pronouns = |pronouns: &String| app.keys.seal(pronouns_slot(&id), &pronouns.trim());
        let pronouns = match &change.pronouns {
            Some(pronouns) => Set(pronouns.as_ref().map(seal_pronouns).transpose()?),
            None => NotSet,
        };
        let languages = change.languages.as_ref().map(serde_json::to_string);
        let languages = languages.transpose().map_err(Refusal::internal)?;
        let change = person::ActiveModel {
            id: Unchanged(id),
            name: name.map_or(NotSet, |sealed| Set(Some(sealed))),
            pronouns,
            languages: languages.map_or(NotSet, Set),
            language: change.language.clone().map_or(NotSet, Set),
            timezone: change.timezone.clone().map_or(NotSet, Set),
            cell: cell.map_or(NotSet, Set),
            version: Set(row.version + 1),
            changed_at: Set(tx.now()),
            ..Default::default()
        };
        change.update(tx.db()).await?;
        Ok(())
    })
    .await
}

/// Notes what is wrong with one line of text: nothing, control characters, or more than `most` characters.
fn check_line(text: &str, most: usize, field: &str, problems: &mut Problems) {
    problems.check(!text.trim().is_empty(), field, "must not be empty");
    problems.check(
        text.chars().count() <= most,
        field,
        format!("has more than {most} characters"),
    );
    problems.check(
        !text.chars().any(char::is_control),
        field,
        "has control characters",
    );
}

const TAG: &str = "must be a BCP 47 language tag";

fn is_tag(language: &str) -> bool {
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    language.len() <= 16 && language.split('-').all(is_part)
}

pub(in crate::domain) fn pronouns_slot(id: &Uuid) -> Slot<'_> {
    Slot {
        column: "person.pronouns",
        row: id,
    }
}
