//! A message to a person, and what became of it. Its text is not kept.

use sea_orm::entity::prelude::*;

use crate::{Channel, MessageState, Purpose};

/// A message to a person, and what became of it. Its text is not kept.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Key: that of the job that sends it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// How.
    pub channel: Channel,
    /// Why.
    pub purpose: Purpose,
    /// Which text.
    pub template: String,
    /// Id of the key of `value_index`.
    pub index_key: String,
    /// Blind index of the address.
    pub value_index: Vec<u8>,
    /// To whom.
    pub person_id: Option<Uuid>,
    /// The RSVP it is about.
    pub rsvp_id: Option<Uuid>,
    /// What gave rise to it, of which nobody hears twice for one RSVP: `DAY_BEFORE 1894939200`.
    pub occasion: Option<String>,
    /// The announcement it is of.
    pub announcement_id: Option<Uuid>,
    /// What became of it.
    pub state: MessageState,
    /// When it was handed over.
    pub sending_at: DateTimeUtc,
    /// When the outcome was known.
    pub settled_at: Option<DateTimeUtc>,
    /// The channel's answer or the gate's reason, without personal data.
    #[sea_orm(column_type = "Text", nullable)]
    pub detail: Option<String>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
