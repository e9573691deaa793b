//! What hosts say of how accessible an event is.

use sea_orm::entity::prelude::*;

/// Whether the place is accessible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AccessibilityStatus {
    /// Yes.
    Accessible,
    /// No.
    NotAccessible,
    /// The host is not sure.
    NotSure,
}

/// Something that makes a place or an event accessible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AccessibilityFeature {
    /// No steps on the way in.
    StepFree,
    /// A ramp.
    Ramp,
    /// An accessible restroom.
    AccessibleRestroom,
    /// Sign language interpretation.
    SignLanguage,
    /// Captions.
    Captions,
    /// Childcare.
    Childcare,
    /// No scents.
    ScentFree,
    /// Parking close by.
    Parking,
    /// Public transport close by.
    PublicTransport,
}
