//! Days.

use async_graphql::scalar;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A day of the calendar.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Date(pub NaiveDate);

scalar!(
    Date,
    "Date",
    "A day of the calendar, without a time and a time zone: `2030-01-31`.",
    "https://scalars.graphql.org/andimarek/local-date"
);
