//! Pages of attendance sheets that wait to be read, and what stands in their rows.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    caller::{actor_of, app_of},
    id::{Kind, global, key_of},
    page::{self, Rows},
    transcript_enums::{
        NameLikeness, SheetMark, SheetPageReading, SheetReadingSource, SheetRowDecision, SheetRowState,
    },
};
use crate::{
    domain::{
        page::PageArgs,
        transcript::{self as domain, Words},
    },
    refusal::Refusal,
};

/// A page of an attendance sheet that somebody has to read, and how far that is.
pub struct SheetTask(domain::Task);

/// A page of an attendance sheet that somebody has to read, and how far that is.
#[Object]
impl SheetTask {
    /// Global id.
    pub(super) async fn id(&self) -> ID {
        global(Kind::SheetTask, self.0.row.page_id)
    }
    /// Global id of the page: to look at it, claim it and key its rows.
    async fn page_id(&self) -> ID {
        global(Kind::SheetPage, self.0.row.page_id)
    }
    /// Global id of its sheet.
    async fn sheet_id(&self) -> ID {
        global(Kind::AttendanceSheet, self.0.row.sheet_id)
    }
    /// What became of reading it by a program.
    async fn reading(&self) -> SheetPageReading {
        self.0.row.reading.into()
    }
    /// How many people shall read it: 1 or 2.
    async fn readers_wanted(&self) -> i32 {
        self.0.row.wanted
    }
    /// How many have read it to its end.
    async fn readers_done(&self) -> i32 {
        self.0.row.finished
    }
    /// Whether you have it.
    async fn claimed_by_viewer(&self) -> bool {
        self.0.is_mine
    }
    /// Whether somebody else has it now.
    async fn claimed(&self) -> bool {
        self.0.is_taken
    }
    /// Until when you have it, unless you key something; null when you do not.
    async fn claimed_until(&self) -> Option<DateTime<Utc>> {
        self.0.row.held_until.filter(|_| self.0.is_mine)
    }
    /// Since when it waits.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }
    /// Its rows, in their order; those that nobody printed or keyed are not there. Whoever does not run the event reads what they
    /// keyed themselves alone, and initials instead of family names.
    #[graphql(complexity = "ROWS_COST * child_complexity + ROWS_COST")]
    async fn rows(&self, ctx: &Context<'_>) -> Result<Vec<SheetRow>> {
        let rows = domain::rows(app_of(ctx), actor_of(ctx).await?, self.0.row.page_id).await?;
        Ok(rows.into_iter().map(SheetRow).collect())
    }
}

/// So many rows a page has, about.
const ROWS_COST: usize = 30;

/// A row of a page.
pub struct SheetRow(domain::Row);

/// A row of a page.
#[Object]
impl SheetRow {
    /// Global id.
    async fn id(&self) -> ID {
        global(Kind::SheetRow, self.0.row.id)
    }
    /// Which row of the page, from 1 on.
    async fn number(&self) -> i32 {
        self.0.row.number
    }
    /// The name that is printed there; given name and initial for whoever does not run the event; null for a row that was
    /// empty.
    async fn printed_name(&self) -> Option<String> {
        let printed = self.0.printed.as_ref();
        printed.map(|printed| {
            if self.0.runs {
                printed.name.full()
            } else {
                printed.name.short()
            }
        })
    }
    /// Global id of the attendee who is printed there, for those who run the event.
    async fn attendee_id(&self) -> Option<ID> {
        let printed = self.0.printed.as_ref().filter(|_| self.0.runs);
        printed.map(|printed| global(Kind::Attendee, printed.rsvp_id))
    }
    /// What is in the box beside it, as a program saw it; null if none looked.
    async fn mark(&self) -> Option<SheetMark> {
        self.0.row.mark.map(Into::into)
    }
    /// How sure the program was of that, between 0 and 1.
    async fn confidence(&self) -> Option<f64> {
        self.0
            .row
            .confidence
            .map(|thousandths| f64::from(thousandths) / 1000.0)
    }
    /// How far its words are known.
    async fn state(&self) -> SheetRowState {
        self.0.row.state.into()
    }
    /// What stands there, once that is settled. For those who run the event; null for others.
    async fn words(&self) -> Option<SheetWords> {
        self.0.words.clone().map(Into::into)
    }
    /// What was read in it, oldest first: all of it for those who run the event, and for others what they keyed.
    async fn readings(&self) -> Vec<SheetReading> {
        let read = |read: &domain::Read| SheetReading {
            words: read.words.clone().into(),
            source: read.source.into(),
            by_viewer: read.is_mine,
        };
        self.0.readings.iter().map(read).collect()
    }
    /// Whom the name may mean, the likeliest first, 5 at most. Among those who answered for this event, and for those who run
    /// it also for other events that they host.
    async fn candidates(&self) -> Vec<SheetCandidate> {
        let show = |candidate: &domain::Candidate| SheetCandidate {
            attendee_id: self.0.runs.then(|| global(Kind::Attendee, candidate.rsvp_id)),
            name: if self.0.runs {
                candidate.name.full()
            } else {
                candidate.name.short()
            },
            score: candidate.score,
            reasons: candidate.reasons.iter().copied().map(Into::into).collect(),
            earlier: candidate.is_earlier,
        };
        self.0.candidates.iter().map(show).collect()
    }
    /// What `decideSheetRows` decides with `acceptProposals`; null where somebody has to look. For those who run the event.
    async fn proposal(&self) -> Option<SheetProposal> {
        let proposal = self.0.proposal.as_ref()?;
        Some(SheetProposal {
            decision: proposal.decision.into(),
            attendee_id: proposal.whom.map(|(rsvp_id, _)| global(Kind::Attendee, rsvp_id)),
            duplicate_of: proposal.duplicate_of.map(|id| global(Kind::SheetRow, id)),
        })
    }
    /// What was decided; null until then, and for whoever does not run the event.
    async fn decision(&self) -> Option<SheetRowDecision> {
        self.0.row.decision.filter(|_| self.0.runs).map(Into::into)
    }
    /// The row that says the same, of a DUPLICATE.
    async fn duplicate_of(&self) -> Option<ID> {
        let of = self.0.row.duplicate_of.filter(|_| self.0.runs);
        of.map(|id| global(Kind::SheetRow, id))
    }
}

/// What stands in a row. Addresses are gone from it once the sheet is applied.
#[derive(SimpleObject)]
pub struct SheetWords {
    /// Given name; may be empty.
    given_name: String,
    /// Family name; may be empty.
    family_name: String,
    /// Mail address.
    email: Option<String>,
    /// Phone number, with its country.
    phone: Option<String>,
    /// Whether the box beside a printed name is ticked; null where that was not looked at.
    came: Option<bool>,
    /// Whether the box of consent is ticked.
    consent: bool,
    /// Whether nobody could read it.
    illegible: bool,
}

impl From<Words> for SheetWords {
    fn from(words: Words) -> Self {
        Self {
            given_name: words.name.given,
            family_name: words.name.family,
            email: words.email,
            phone: words.phone,
            came: words.came,
            consent: words.consent,
            illegible: words.illegible,
        }
    }
}

/// What somebody, or a program, read in a row.
#[derive(SimpleObject)]
pub struct SheetReading {
    /// What stands there.
    words: SheetWords,
    /// Who or what read it.
    source: SheetReadingSource,
    /// Whether you did.
    by_viewer: bool,
}

/// Somebody whom a name may mean.
#[derive(SimpleObject)]
pub struct SheetCandidate {
    /// Global id of the attendee, of this event or another one that you host; null for whoever does not run the event.
    attendee_id: Option<ID>,
    /// The name their RSVP was given under; given name and initial for whoever does not run the event.
    name: String,
    /// Between 0 and 1, for an order: no probability.
    score: f64,
    /// Why, the strongest reason first.
    reasons: Vec<NameLikeness>,
    /// Whether they answered for another event only.
    earlier: bool,
}

/// What would be decided about a row without a look.
#[derive(SimpleObject)]
pub struct SheetProposal {
    /// What.
    decision: SheetRowDecision,
    /// Of a MATCH: the attendee.
    attendee_id: Option<ID>,
    /// Of a DUPLICATE: the row that says the same.
    duplicate_of: Option<ID>,
}

/// How far the sheets of an event are, or one of them.
#[derive(SimpleObject)]
pub struct SheetProgress {
    /// Pages.
    pages: i32,
    /// Pages that were read as often as was asked for.
    pages_read: i32,
    /// Rows that are printed or were keyed.
    rows: i32,
    /// Rows whose words are settled, or whose box a program is sure of.
    settled: i32,
    /// Rows in which people read different things.
    differing: i32,
    /// Rows about which it is decided who they are.
    decided: i32,
}

impl From<domain::Progress> for SheetProgress {
    fn from(progress: domain::Progress) -> Self {
        Self {
            pages: progress.pages,
            pages_read: progress.pages_read,
            rows: progress.rows,
            settled: progress.settled,
            differing: progress.differing,
            decided: progress.decided,
        }
    }
}

impl From<domain::Task> for SheetTask {
    fn from(task: domain::Task) -> Self {
        Self(task)
    }
}

/// Pages to read, and how far sheets are.
#[derive(Default)]
pub struct TranscriptQuery;

#[Object]
impl TranscriptQuery {
    /// Pages of attendance sheets that wait for somebody to read them, or that you have already; longest first. Of all events for
    /// transcribers and organizers, of those they host for others. UNAUTHENTICATED.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn sheet_work(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go on after; with `first`.")] after: Option<String>,
        #[graphql(desc = "The last so many instead, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor of the edge to go back from; with `last`.")] before: Option<String>,
    ) -> Option<Result<Rows<SheetTask>>> {
        let page = page::args(app_of(ctx), first, after, last, before);
        Some(tasks(ctx, page).await)
    }

    /// How far the attendance sheets of an event are, or one of them. For its hosts and for organizers.
    async fn sheet_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the event.")] event_id: ID,
        #[graphql(desc = "Global id of one of its sheets; all when absent.")] sheet_id: Option<ID>,
    ) -> Option<Result<SheetProgress>> {
        Some(progress(ctx, &event_id, sheet_id.as_ref()).await)
    }
}

async fn tasks(ctx: &Context<'_>, page: Result<PageArgs, Refusal>) -> Result<Rows<SheetTask>> {
    let (app, page) = (app_of(ctx), page?);
    let found = domain::tasks(app, actor_of(ctx).await?, &page).await?;
    Ok(page::rows(found, SheetTask::from))
}

async fn progress(ctx: &Context<'_>, event_id: &ID, sheet_id: Option<&ID>) -> Result<SheetProgress> {
    let event_id = key_of(Kind::Event, event_id, &["eventId"])?;
    let sheet_id = sheet_id.map(|id| key_of(Kind::AttendanceSheet, id, &["sheetId"]));
    let (app, actor) = (app_of(ctx), actor_of(ctx).await?);
    let progress = domain::progress(app, actor, event_id, sheet_id.transpose()?).await?;
    Ok(progress.into())
}
