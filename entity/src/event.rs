//! An event. What the public may know of its place is in columns; the rest is in `private`.

use sea_orm::entity::prelude::*;

use crate::{
    AccessibilityStatus, AddressVisibility, AttendeeVisibility, ContactVisibility, EventStatus, EventType,
    JoinPolicy, PlacePrecision, ReviewCategory, SealedBytes, Visibility, WaitlistRule,
};

/// An event. What the public may know of its place is in columns; the rest is in `private`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Where it stands.
    pub status: EventStatus,
    /// One line.
    pub title: String,
    /// A few sentences for lists.
    #[sea_orm(column_type = "Text", nullable)]
    pub summary: Option<String>,
    /// Markdown.
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// What kind of event.
    pub event_type: EventType,
    /// JSON array of strings.
    #[sea_orm(column_type = "Text")]
    pub tags: String,
    /// https address of a picture.
    #[sea_orm(column_type = "Text", nullable)]
    pub image_url: Option<String>,
    /// Null when nobody said.
    pub accessibility_status: Option<AccessibilityStatus>,
    /// In the host's words.
    #[sea_orm(column_type = "Text", nullable)]
    pub accessibility_notes: Option<String>,
    /// JSON array of feature names.
    #[sea_orm(column_type = "Text")]
    pub accessibility_features: String,
    /// Who may find it.
    pub visibility: Visibility,
    /// Who may read the exact place.
    pub address_visibility: AddressVisibility,
    /// For those who come: how many hours before their date they may read the exact place; null at any time.
    pub address_hours: Option<i32>,
    /// Who may know who comes.
    pub attendee_visibility: AttendeeVisibility,
    /// How people join it.
    pub join_policy: JoinPolicy,
    /// Where to join it, if that is elsewhere.
    #[sea_orm(column_type = "Text", nullable)]
    pub external_url: Option<String>,
    /// JSON array of what is asked of those who answer. See `api::domain::event::Question`.
    #[sea_orm(column_type = "Text", nullable)]
    pub questions: Option<String>,
    /// The campaign it is part of.
    pub campaign_id: Option<Uuid>,
    /// Whether those who wait may pass one whose party is too large.
    pub waitlist_rule: WaitlistRule,
    /// So many hours before a start seats that come free are offered, no longer given; null is the setting.
    pub waitlist_offer_hours: Option<i32>,
    /// IANA name.
    pub timezone: String,
    /// Whether one can take part online.
    pub is_virtual: bool,
    /// Name of the place, if public.
    #[sea_orm(column_type = "Text", nullable)]
    pub venue: Option<String>,
    /// JSON array; empty when hidden.
    #[sea_orm(column_type = "Text")]
    pub address_lines: String,
    /// Town.
    #[sea_orm(column_type = "Text", nullable)]
    pub locality: Option<String>,
    /// State or province.
    #[sea_orm(column_type = "Text", nullable)]
    pub region: Option<String>,
    /// If public.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// As the public may know it.
    pub latitude: Option<f64>,
    /// As the public may know it.
    pub longitude: Option<f64>,
    /// How exact the coordinates are; null without a place.
    pub place_precision: Option<PlacePrecision>,
    /// Sealed JSON: exact place, virtual link, instructions, gathering. See `api::domain::event::Private`.
    pub private: SealedBytes,
    /// Sealed JSON: how the hosts are reached. See `api::domain::event::contact`.
    pub contact: Option<SealedBytes>,
    /// Who may read that.
    pub contact_visibility: ContactVisibility,
    /// Who said that; it goes when they do.
    pub contact_by: Option<Uuid>,
    /// When it, or a change of it, entered the review queue.
    pub submitted_at: Option<DateTimeUtc>,
    /// When it was decided.
    pub reviewed_at: Option<DateTimeUtc>,
    /// By whom.
    pub reviewed_by: Option<Uuid>,
    /// Why it was sent back.
    #[sea_orm(column_type = "Text", nullable)]
    pub rejection_reason: Option<String>,
    /// Out of a closed set: why it was sent back or taken down.
    pub review_category: Option<ReviewCategory>,
    /// What its hosts say to the reviewers.
    #[sea_orm(column_type = "Text", nullable)]
    pub host_note: Option<String>,
    /// When it was taken down.
    pub suppressed_at: Option<DateTimeUtc>,
    /// Why it was taken down.
    #[sea_orm(column_type = "Text", nullable)]
    pub suppression_reason: Option<String>,
    /// Sealed JSON: changes that wait for a reviewer. See `api::domain::event::Changes`.
    pub pending: Option<SealedBytes>,
    /// Since when they wait.
    pub pending_at: Option<DateTimeUtc>,
    /// When it was called off.
    pub cancelled_at: Option<DateTimeUtc>,
    /// What the hosts say about that.
    #[sea_orm(column_type = "Text", nullable)]
    pub cancellation_note: Option<String>,
    /// Where it was imported from.
    pub origin_system: Option<String>,
    /// Its id there.
    pub origin_id: Option<String>,
    /// Hash of what was imported, so that a repeat changes nothing.
    pub origin_hash: Option<Vec<u8>>,
    /// Counts the changes of this row.
    pub version: i32,
    /// When the row changed last.
    pub changed_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
