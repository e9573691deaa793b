//! Settings: `config.default.toml` is both the documentation and the defaults; a file, the environment and flags
//! are laid over it, then the whole is checked.

mod sections;

pub use sections::{
    Announcements, Auth, Events, Exports, Graphql, Hosts, Http, Invitations, Limits, Links, Log, Mail,
    Messages, Mobilize, Rates, Retention, Rsvp, Sms, SmsBody, SmsProof, Subscriptions, Switch, Webhooks,
    Worker,
};

use std::{env, fmt, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use toml::{Table, Value};

use crate::letter::Language;

const DEFAULTS: &str = include_str!("../config.default.toml");

/// Names of settings whose values are never shown.
const SECRET: [&str; 7] = [
    "key",
    "index_key",
    "database_url",
    "redis_url",
    "url",
    "authorization",
    "hook_secret",
];

/// The settings in force. Each field is described in `config.default.toml`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Config {
    pub listen: String,
    pub public_url: String,
    pub database_url: String,
    pub redis_url: String,
    pub redis_prefix: String,
    pub database_connections: u32,
    pub data_dir: std::path::PathBuf,
    pub organisation: String,
    pub key: String,
    pub index_key: String,
    pub http: Http,
    pub graphql: Graphql,
    pub subscriptions: Subscriptions,
    pub auth: Auth,
    pub rates: Rates,
    pub limits: Limits,
    pub exports: Exports,
    pub announcements: Announcements,
    pub events: Events,
    pub invitations: Invitations,
    pub hosts: Hosts,
    pub rsvp: Rsvp,
    pub mail: Mail,
    pub messages: Messages,
    pub sms: Sms,
    pub links: Links,
    pub mobilize: Mobilize,
    pub webhooks: Webhooks,
    pub worker: Worker,
    pub retention: Retention,
    pub log: Log,
    /// The same as a table, for printing.
    #[serde(skip)]
    effective: Table,
}

impl Config {
    /// Defaults, `file`, the environment and `flags` (setting paths and values), checked as a whole.
    pub fn load(file: Option<&Path>, flags: &[(&str, String)]) -> Result<Self> {
        Self::build(file, |name| env::var(name).ok(), flags)
    }

    /// The defaults with `flags` laid over them, whatever the environment says: for tests.
    pub fn with(flags: &[(&str, String)]) -> Result<Self> {
        Self::build(None, |_| None, flags)
    }

    fn build(
        file: Option<&Path>,
        env: impl Fn(&str) -> Option<String>,
        flags: &[(&str, String)],
    ) -> Result<Self> {
        let mut table: Table = DEFAULTS.parse().context("config.default.toml")?;
        if let Some(path) = file {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            let over: Table = text.parse().with_context(|| format!("{}", path.display()))?;
            merge(&mut table, over, "").with_context(|| format!("{}", path.display()))?;
        }
        overlay(&mut table, "", &|path: &str| {
            let name = path.to_uppercase().replace('.', "_");
            let plain = matches!(path, "database_url" | "redis_url")
                .then(|| env(&name))
                .flatten();
            env(&format!("TURNOUT_{name}")).or(plain)
        })?;
        overlay(&mut table, "", &|path: &str| {
            flags
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, value)| value.clone())
        })?;
        let mut config: Self = Value::Table(table.clone()).try_into().context("settings")?;
        config.effective = table;
        config.check()?;
        Ok(config)
    }

    /// Whether this is the production mode: the database's scheme decides.
    pub fn is_production(&self) -> bool {
        self.database_url.starts_with("postgres")
    }

    /// `switch` in this mode.
    pub fn is_on(&self, switch: Switch) -> bool {
        match switch {
            Switch::On => true,
            Switch::Off => false,
            Switch::Auto => !self.is_production(),
        }
    }

    /// Whether texts are sent, and phone numbers taken.
    pub fn texts(&self) -> bool {
        match self.sms.enabled {
            Switch::Auto => !self.is_production() || !self.sms.url.is_empty(),
            switch => self.is_on(switch),
        }
    }

    /// What links begin with, without a slash at the end.
    pub fn base_url(&self) -> String {
        if self.public_url.is_empty() {
            format!("http://{}", self.listen)
        } else {
            self.public_url.trim_end_matches('/').to_owned()
        }
    }

    /// The language of messages to people who are not known to have another one.
    pub fn language(&self) -> Language {
        Language::of_tag(&self.messages.language).unwrap_or_default() // it was checked at the start
    }

    fn check(&self) -> Result<()> {
        ensure!(
            self.is_production() || self.database_url.starts_with("sqlite:"),
            "database_url: must begin with sqlite: or postgres:"
        );
        ensure!(
            self.redis_url.is_empty() || self.redis_url.starts_with("redis:"),
            "redis_url: must begin with redis:"
        );
        if self.is_production() {
            ensure!(
                !self.key.is_empty() && !self.index_key.is_empty(),
                "key and index_key: production needs TURNOUT_KEY and TURNOUT_INDEX_KEY (`id:base64 of 32 bytes`)"
            );
            ensure!(
                self.public_url.starts_with("http"),
                "public_url: production needs TURNOUT_PUBLIC_URL, for the links in mails"
            );
        }
        ensure!(
            Language::of_tag(&self.messages.language).is_some(),
            "messages.language: must be en or es"
        );
        let messages = &self.messages;
        ensure!(
            messages.waking_from < messages.waking_until && messages.waking_until <= 24,
            "messages.waking_from: must be before messages.waking_until, which is at most 24"
        );
        for (path, hour) in [
            ("messages.day_before_hour", messages.day_before_hour),
            ("messages.day_of_hour", messages.day_of_hour),
        ] {
            ensure!(hour < 24, "{path}: must be between 0 and 23");
        }
        ensure!(!self.sms.regions.is_empty(), "sms.regions: must not be empty");
        for region in &self.sms.regions {
            let is_region = region.parse::<phonenumber::country::Id>().is_ok();
            ensure!(is_region, "sms.regions: {region:?} is no region, such as US");
        }
        ensure!(
            (1..=15).contains(&self.sms.prefix_digits),
            "sms.prefix_digits: must be between 1 and 15"
        );
        for (path, page, part) in [
            ("links.event", &self.links.event, "{id}"),
            ("links.confirm_rsvp", &self.links.confirm_rsvp, "{token}"),
            ("links.cancel_rsvp", &self.links.cancel_rsvp, "{token}"),
            ("links.accept_offer", &self.links.accept_offer, "{token}"),
            ("links.decline_offer", &self.links.decline_offer, "{token}"),
            (
                "links.confirm_attendance",
                &self.links.confirm_attendance,
                "{token}",
            ),
            ("links.accept_hosting", &self.links.accept_hosting, "{token}"),
            ("links.decline_hosting", &self.links.decline_hosting, "{token}"),
            ("links.host_link", &self.links.host_link, "{token}"),
            ("links.host_message", &self.links.host_message, "{id}"),
            ("links.unsubscribe", &self.links.unsubscribe, "{token}"),
            ("links.invitation", &self.links.invitation, "{token}"),
        ] {
            let good = page.is_empty() || page.contains(part);
            ensure!(good, "{path}: must contain {part}");
        }
        Ok(())
    }
}

/// The settings as TOML, secrets masked.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&toml::to_string(&masked(&self.effective)).map_err(|_| fmt::Error)?)
    }
}

fn masked(table: &Table) -> Table {
    let mask = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::Table(inner) => Value::Table(masked(inner)),
            Value::String(text) if SECRET.contains(&name.as_str()) && !text.is_empty() => {
                Value::String(mask_secret(text))
            }
            other => other.clone(),
        };
        (name.clone(), value)
    };
    table.iter().map(mask).collect()
}

/// Keeps the scheme of an address, and what follows the credentials; hides everything of a key.
fn mask_secret(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        (Some(_), None) => text.to_owned(),
        (None, _) => "***".to_owned(),
    }
}

/// Lays `over` over `base`; a name that `base` does not have is a mistake.
fn merge(base: &mut Table, over: Table, path: &str) -> Result<()> {
    for (name, value) in over {
        match (base.get_mut(&name), value) {
            (Some(Value::Table(inner)), Value::Table(value)) => {
                merge(inner, value, &format!("{path}{name}."))?;
            }
            (Some(slot), value) if slot.same_type(&value) => *slot = value,
            (Some(_), _) => bail!("{path}{name}: wrong type"),
            (None, _) => bail!("{path}{name}: there is no such setting"),
        }
    }
    Ok(())
}

/// Replaces each setting that `text_of` knows a text for, read as the type of its default.
fn overlay(table: &mut Table, prefix: &str, text_of: &dyn Fn(&str) -> Option<String>) -> Result<()> {
    for (name, slot) in table.iter_mut() {
        let path = format!("{prefix}{name}");
        if let Value::Table(inner) = slot {
            overlay(inner, &format!("{path}."), text_of)?;
        } else if let Some(text) = text_of(&path) {
            *slot = read_as(slot, &text).with_context(|| format!("{path}: cannot read {text:?}"))?;
        }
    }
    Ok(())
}

fn read_as(default: &Value, text: &str) -> Result<Value> {
    Ok(match default {
        Value::Integer(_) => Value::Integer(text.parse()?),
        Value::Float(_) => Value::Float(text.parse()?),
        Value::Boolean(_) => Value::Boolean(text.parse()?),
        Value::Array(_) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(Value::from)
                .collect(),
        ),
        _ => Value::String(text.to_owned()),
    })
}

#[cfg(test)]
mod tests;
