//! The sections of the settings. `config.default.toml` describes each of them.

use serde::Deserialize;

/// `[http]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Http {
    pub body_limit: usize,
    pub deadline_seconds: u64,
    pub public_max_age_seconds: u64,
    pub trusted_proxies: Vec<std::net::IpAddr>,
    pub cors_origins: Vec<String>,
}

/// `[graphql]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Graphql {
    pub query_bytes: usize,
    pub depth: usize,
    pub selections: usize,
    pub complexity: usize,
    pub persisted_bytes: usize,
    pub anonymous_introspection: Switch,
    pub graphiql: Switch,
}

/// `[subscriptions]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Subscriptions {
    pub operations: usize,
    pub message_limit: usize,
    pub init_seconds: u64,
    pub ping_seconds: u64,
    pub interval_millis: u64,
    pub session_seconds: u64,
    pub sockets: usize,
    pub sockets_per_client: usize,
}

/// On, off, or by the mode.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On in the embedded mode, off in production.
    Auto,
    /// Always on.
    On,
    /// Always off.
    Off,
}

/// `[auth]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Auth {
    pub code_minutes: i64,
    pub code_tries: i32,
    pub codes_per_address_and_hour: u64,
    pub access_minutes: i64,
    pub refresh_idle_days: i64,
    pub session_days: i64,
    pub refresh_grace_seconds: i64,
    pub signing_key_days: i64,
}

/// `[rates]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Rates {
    pub requests_per_client_and_minute: u64,
    pub requests_per_person_and_minute: u64,
    pub deliveries_per_client_and_minute: u64,
    pub deliveries_per_person_and_minute: u64,
    pub mutations_per_client_and_minute: u64,
    pub mutations_per_person_and_minute: u64,
    pub codes_per_client_and_hour: u64,
    pub sign_ins_per_client_and_hour: u64,
    pub refreshes_per_client_and_minute: u64,
    pub rsvps_per_client_and_hour: u64,
    pub invitations_per_client_and_minute: u64,
    pub exports_per_person_and_hour: u64,
    pub host_invitations_per_person_and_hour: u64,
    pub host_messages_per_person_and_hour: u64,
    pub texts_per_client_and_hour: u64,
}

/// `[limits]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Limits {
    pub title: usize,
    pub summary: usize,
    pub description: usize,
    pub text: usize,
    pub name: usize,
    pub tags: usize,
    pub questions: usize,
    pub address_hours: i32,
    pub languages: usize,
    pub contact_points: usize,
    pub hosts: usize,
    pub host_links: usize,
    pub timeslots: usize,
    pub series_days: i64,
    pub bulk: usize,
    pub capacity: i32,
    pub party: i32,
    pub page: usize,
    pub feed: usize,
    pub waitlist_offer_hours: i32,
    pub radius_km: f64,
    pub window_days: i64,
    pub opened: usize,
}

/// `[announcements]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Announcements {
    pub text: usize,
    pub per_event_and_day: u64,
    pub per_person_and_day: u64,
}

/// `[exports]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Exports {
    pub rows_per_person_and_day: i32,
    pub link_minutes: i64,
}

/// `[events]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Events {
    pub review: bool,
    pub host_verification: bool,
    pub host_invitation_days: i64,
    pub host_link_days: i64,
    pub review_new_hosts: bool,
    pub review_edits: bool,
    pub review_minutes: i64,
    pub hidden_resolution: u8,
    pub hidden_resolution_rural: u8,
}

/// `[invitations]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Invitations {
    pub contacts: usize,
    pub per_host_and_day: u64,
    pub note: usize,
    pub links: u64,
}

/// `[hosts]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Hosts {
    pub known_after_approved: i32,
    pub known_after_days: i64,
    pub trusted_after_approved: i32,
    pub new_events_per_day: u64,
    pub new_pending: u64,
    pub new_links: usize,
    pub new_invitations_per_day: u64,
    pub new_announcements_per_day: u64,
    pub known_events_per_day: u64,
    pub known_pending: u64,
    pub known_links: usize,
    pub trusted_events_per_day: u64,
    pub trusted_pending: u64,
    pub trusted_links: usize,
}

/// `[rsvp]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Rsvp {
    pub hold_minutes: i64,
    pub unconfirmed_percent: i32,
    pub unconfirmed_minimum: i32,
    pub mails_per_unconfirmed_address_and_hour: u64,
    pub offer_hours: i32,
    pub offer_minutes: i64,
    pub offer_minimum_minutes: i64,
}

/// `[mail]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Mail {
    pub url: String,
    pub from: String,
}

/// `[messages]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Messages {
    pub templates: std::path::PathBuf,
    pub language: String,
    pub notice_minutes: i64,
    pub notices_per_event_and_day: u64,
    pub waking_from: u32,
    pub waking_until: u32,
    pub day_before_hour: u32,
    pub day_of_hour: u32,
    pub lead_minutes: i64,
    pub thanks_minutes: i64,
}

/// `[sms]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Sms {
    pub enabled: Switch,
    pub regions: Vec<String>,
    pub url: String,
    pub authorization: String,
    pub from: String,
    pub body: SmsBody,
    pub to_field: String,
    pub from_field: String,
    pub text_field: String,
    pub error_field: String,
    pub stop_codes: Vec<String>,
    pub invalid_codes: Vec<String>,
    pub hook_secret: String,
    pub hook_proof: SmsProof,
    pub hook_from_field: String,
    pub hook_text_field: String,
    pub hook_replies: bool,
    pub prefix_digits: usize,
    pub asks_per_prefix_and_hour: usize,
    pub asks_per_hour: u64,
    pub used_minimum: usize,
    pub used_percent: usize,
    pub texts_per_number_and_day: u64,
}

/// How a gateway is told what to send.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsBody {
    /// An object.
    Json,
    /// As forms of web pages are sent.
    Form,
}

/// How a gateway proves that something comes from it.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsProof {
    /// By an HMAC-SHA-256 of the body.
    Sha256,
    /// As Twilio does, by an HMAC-SHA-1 of our address and the parts.
    Twilio,
    /// By the secret itself.
    Authorization,
}

/// `[links]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Links {
    pub confirm_rsvp: String,
    pub cancel_rsvp: String,
    pub accept_offer: String,
    pub decline_offer: String,
    pub confirm_attendance: String,
    pub unsubscribe: String,
    pub accept_hosting: String,
    pub decline_hosting: String,
    pub host_link: String,
    pub host_message: String,
    pub invitation: String,
    pub event: String,
}

/// `[mobilize]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Mobilize {
    pub organization: i64,
    pub slug: String,
}

/// `[webhooks]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Webhooks {
    pub most: u64,
    pub deadline_seconds: u64,
    pub failing_hours: i64,
    pub rotation_hours: i64,
    pub anywhere: bool,
}

/// `[worker]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Worker {
    pub now_slots: usize,
    pub soon_slots: usize,
    pub bulk_slots: usize,
    pub lease_seconds: i64,
    pub poll_seconds: u64,
    pub attempts: i32,
}

/// `[retention]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Retention {
    pub sign_in_codes: i64,
    pub done_jobs: i64,
    pub event_history: i64,
    pub host_invitations: i64,
    pub host_links: i64,
    pub host_messages: i64,
    pub notices: i64,
    pub removed_events: i64,
    pub webhook_deliveries: i64,
    pub invitations: i64,
}

/// `[log]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Log {
    pub level: String,
    pub json: bool,
}
