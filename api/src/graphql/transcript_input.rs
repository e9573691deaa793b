//! What is said of attendance sheets, and what is answered to that.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::sheet_application;

use super::{
    transcript::{SheetProgress, SheetTask},
    transcript_enums::SheetRowDecision,
};
use crate::domain::{
    person::Name,
    transcript::{Claiming, Keyed, Words},
};

/// A page to read.
#[derive(InputObject)]
pub struct ClaimSheetPageInput {
    /// The page.
    pub(super) page_id: ID,
}

/// What became of wanting a page.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum SheetClaimOutcome {
    /// It is yours.
    Claimed,
    /// Somebody else has it.
    Taken,
    /// You have read it; another one is asked for.
    ReadByYou,
    /// It was read as often as was asked for.
    Done,
}

/// What became of wanting a page.
#[derive(SimpleObject)]
pub struct ClaimSheetPagePayload {
    /// What became of it.
    pub(super) outcome: SheetClaimOutcome,
    /// Of CLAIMED: to be said with everything that is keyed. Claiming anew gives another one, and this one nothing more.
    pub(super) fence: Option<i32>,
    /// Until when it is yours, unless you key something; or until when it is somebody else's.
    pub(super) until: Option<DateTime<Utc>>,
}

/// A page to give back.
#[derive(InputObject)]
pub struct ReleaseSheetPageInput {
    /// The page.
    pub(super) page_id: ID,
    /// What `claimSheetPage` said.
    pub(super) fence: i32,
    /// Whether you have read all of it. Otherwise somebody else goes on.
    pub(super) done: bool,
}

/// The page is somebody else's to read, or done.
#[derive(SimpleObject)]
pub struct SheetTaskPayload {
    /// How far it is.
    pub(super) task: SheetTask,
}

/// What stands in a row.
#[derive(InputObject)]
pub struct SheetRowInput {
    /// Which row of the page, from 1 on.
    pub(super) number: i32,
    /// Given name, at most 100 characters. Names that are printed are not keyed.
    #[graphql(default)]
    pub(super) given_name: String,
    /// Family name, at most 100 characters.
    #[graphql(default)]
    pub(super) family_name: String,
    /// Mail address. Leave out what is none.
    pub(super) email: Option<String>,
    /// Phone number, with or without its country.
    pub(super) phone: Option<String>,
    /// Whether the box beside a printed name is ticked.
    pub(super) came: Option<bool>,
    /// Whether the box of consent is ticked.
    #[graphql(default = false)]
    pub(super) consent: bool,
    /// Nobody can read it; without any words.
    #[graphql(default = false)]
    pub(super) illegible: bool,
}

/// Rows that you read.
#[derive(InputObject)]
pub struct KeySheetRowsInput {
    /// The page, which you have claimed.
    pub(super) page_id: ID,
    /// What `claimSheetPage` said.
    pub(super) fence: i32,
    /// The rows, at most 100. One that you keyed before becomes what you say now.
    pub(super) rows: Vec<SheetRowInput>,
}

/// They are kept.
#[derive(SimpleObject)]
pub struct KeySheetRowsPayload {
    /// Until when the page is yours now.
    pub(super) until: DateTime<Utc>,
}

/// Rows that a program read.
#[derive(InputObject)]
pub struct ProposeSheetReadingsInput {
    /// The page.
    pub(super) page_id: ID,
    /// The rows, at most 100.
    pub(super) rows: Vec<SheetRowInput>,
}

/// A page for somebody else to read as well.
#[derive(InputObject)]
pub struct RequestSecondReadingInput {
    /// The page.
    pub(super) page_id: ID,
}

/// What stands in a row.
#[derive(InputObject)]
pub struct SettleSheetRowInput {
    /// The row.
    pub(super) row_id: ID,
    /// Given name, at most 100 characters.
    #[graphql(default)]
    pub(super) given_name: String,
    /// Family name, at most 100 characters.
    #[graphql(default)]
    pub(super) family_name: String,
    /// Mail address.
    pub(super) email: Option<String>,
    /// Phone number, with or without its country.
    pub(super) phone: Option<String>,
    /// Whether the box beside a printed name is ticked.
    pub(super) came: Option<bool>,
    /// Whether the box of consent is ticked.
    #[graphql(default = false)]
    pub(super) consent: bool,
    /// Nobody can read it; without any words.
    #[graphql(default = false)]
    pub(super) illegible: bool,
}

/// Who a row is.
#[derive(InputObject)]
pub struct SheetDecisionInput {
    /// The row.
    pub(super) row_id: ID,
    /// What it means; null takes back what was decided.
    pub(super) decision: Option<SheetRowDecision>,
    /// Of a MATCH: an attendee of this event, or of another one that you host. Absent for who is printed there.
    pub(super) attendee_id: Option<ID>,
    /// Of a DUPLICATE: the row that says the same.
    pub(super) duplicate_of: Option<ID>,
}

/// Who rows are.
#[derive(InputObject)]
pub struct DecideSheetRowsInput {
    /// The sheet.
    pub(super) sheet_id: ID,
    /// The rows, at most 500; all of them or none are decided.
    #[graphql(default)]
    pub(super) rows: Vec<SheetDecisionInput>,
    /// Whether all other rows that are not decided become what their `proposal` says.
    #[graphql(default = false)]
    pub(super) accept_proposals: bool,
}

/// They are decided.
#[derive(SimpleObject)]
pub struct DecideSheetRowsPayload {
    /// How many rows were decided.
    pub(super) rows: i32,
    /// How far the sheet is.
    pub(super) progress: SheetProgress,
}

/// A sheet to write into the attendance.
#[derive(InputObject)]
pub struct ApplySheetInput {
    /// The sheet.
    pub(super) sheet_id: ID,
    /// Of which date of the event its pages are that Turnout did not print. Needed when the event has several and nobody said it
    /// when the sheet was uploaded.
    pub(super) timeslot_id: Option<ID>,
    /// Whether rows that nobody decided about are left out. Otherwise there may be none.
    #[graphql(default = false)]
    pub(super) leave_undecided: bool,
    /// Names this request, so that sending it again carries it out only once: 8 to 255 visible ASCII characters, such as
    /// a UUID, kept for 24 hours. CONFLICT when it named a request with another input.
    pub(super) idempotency_key: Option<String>,
}

/// A sheet to take back.
#[derive(InputObject)]
pub struct RevertSheetInput {
    /// The sheet.
    pub(super) sheet_id: ID,
}

/// What became of a sheet.
#[derive(SimpleObject)]
pub struct SheetAppliedPayload {
    /// How many rows say that somebody was there, or was not.
    pub(super) rows: i32,
    /// When it was applied.
    pub(super) applied_at: DateTime<Utc>,
    /// When that was undone.
    pub(super) reverted_at: Option<DateTime<Utc>>,
}

impl From<sheet_application::Model> for SheetAppliedPayload {
    fn from(row: sheet_application::Model) -> Self {
        Self {
            rows: row.rows,
            applied_at: row.applied_at,
            reverted_at: row.reverted_at,
        }
    }
}

impl From<Claiming> for ClaimSheetPagePayload {
    fn from(claiming: Claiming) -> Self {
        let (outcome, fence, until) = match claiming {
            Claiming::Claimed(claim) => (
                SheetClaimOutcome::Claimed,
                Some(claim.fence),
                Some(claim.held_until),
            ),
            Claiming::Taken(until) => (SheetClaimOutcome::Taken, None, Some(until)),
            Claiming::ReadByYou => (SheetClaimOutcome::ReadByYou, None, None),
            Claiming::Done => (SheetClaimOutcome::Done, None, None),
        };
        Self {
            outcome,
            fence,
            until,
        }
    }
}

impl From<SheetRowInput> for Keyed {
    fn from(input: SheetRowInput) -> Self {
        Self {
            number: input.number,
            words: Words {
                name: Name {
                    given: input.given_name,
                    family: input.family_name,
                },
                email: input.email,
                phone: input.phone,
                came: input.came,
                consent: input.consent,
                illegible: input.illegible,
            },
        }
    }
}

impl From<SettleSheetRowInput> for Words {
    fn from(input: SettleSheetRowInput) -> Self {
        Self {
            name: Name {
                given: input.given_name,
                family: input.family_name,
            },
            email: input.email,
            phone: input.phone,
            came: input.came,
            consent: input.consent,
            illegible: input.illegible,
        }
    }
}
