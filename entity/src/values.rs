//! Closed sets stored as text. Their names are also those of the GraphQL enums.

mod accessibility;
mod webhook;

use sea_orm::entity::prelude::*;

pub use self::accessibility::{AccessibilityFeature, AccessibilityStatus};
pub use self::webhook::{WebhookEnd, WebhookKind};

/// Where an event stands, from first draft to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum EventStatus {
    /// Being written; only its hosts see it.
    Draft,
    /// Waiting in the review queue.
    NeedsApproval,
    /// Published: people can find it and say they come.
    Approved,
    /// Sent back by a reviewer, with a reason.
    Rejected,
    /// Will not happen. Final.
    Cancelled,
    /// Taken down by an organizer after it was published.
    Suppressed,
}

/// What kind of event it is. Mobilize's names, and those of the action guide. The list may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum EventType {
    /// An action event: a group that gets something done together.
    Action,
    /// Calls to officials.
    AdvocacyCall,
    /// Calls placed by a dialler.
    AutomatedPhoneBank,
    /// A mass meeting that starts teams.
    Barnstorm,
    /// Door to door.
    Canvass,
    /// Shared rides.
    Carpool,
    /// A community gathering.
    Community,
    /// Canvassing in one's own neighbourhood.
    CommunityCanvass,
    /// Watching a debate together.
    DebateWatchParty,
    /// Collecting donations elsewhere.
    DonationCampaign,
    /// Reaching people one knows.
    FriendToFriendOutreach,
    /// Raising money elsewhere.
    Fundraiser,
    /// A standing group.
    Group,
    /// A gathering at somebody's home.
    HouseParty,
    /// A form for people who want to help.
    InterestForm,
    /// A know-your-rights training.
    KnowYourRights,
    /// Letters to officials or editors.
    LetterWriting,
    /// Handing out printed matter.
    LiteratureDropOff,
    /// A visit to an elected official's office.
    LobbyVisit,
    /// A meeting.
    Meeting,
    /// Meeting a candidate or an official informally.
    MeetGreet,
    /// Opening of an office.
    OfficeOpening,
    /// A meeting with an official: sheriff, mayor, council member.
    OfficialMeeting,
    /// A meeting that plans what comes next.
    OrganizingMeeting,
    /// Anything else.
    Other,
    /// A petition.
    Petition,
    /// Presenting petition signatures.
    PetitionDelivery,
    /// Calling voters or activists.
    PhoneBank,
    /// A pledge.
    Pledge,
    /// Postcards.
    PostcardWriting,
    /// Testifying at a council or board.
    PublicTestimony,
    /// A rally or protest.
    Rally,
    /// Gathering petition signatures.
    SignatureGathering,
    /// Posting together.
    SocialMediaCampaign,
    /// Standing with others.
    SolidarityEvent,
    /// Texting voters or activists.
    TextBank,
    /// A town hall.
    TownHall,
    /// A training.
    Training,
    /// Signs and banners.
    VisibilityEvent,
    /// A shift of volunteer work.
    VolunteerShift,
    /// Registering voters.
    VoterReg,
    /// A workshop.
    Workshop,
}

/// Who may find an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Visibility {
    /// Everybody; it is on the map.
    Public,
    /// Whoever has its id.
    Unlisted,
    /// Its hosts, and whoever they invited.
    Private,
}

/// Who may read the exact place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AddressVisibility {
    /// Everybody.
    Public,
    /// People registered for it, and its hosts.
    AfterRsvp,
    /// People registered for it whom a host approved, and its hosts.
    AfterApproval,
    /// Its hosts.
    HostsOnly,
}

/// How exact the public coordinates of an event are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PlacePrecision {
    /// As the host gave them.
    Exact,
    /// The centre of the postal code.
    PostalCode,
    /// The centre of a cell of a few kilometres: the address is hidden.
    Approximate,
}

/// Who a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum HostKind {
    /// A person with an account.
    Person,
    /// An organisation known by name only.
    Sponsor,
}

/// How people join an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum JoinPolicy {
    /// By an RSVP.
    Open,
    /// By an RSVP that a host approves.
    Approval,
    /// By an RSVP of those who were invited.
    Invite,
    /// Elsewhere, at an address that the event names.
    External,
}

/// What a member of the organisation's staff may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum StaffRole {
    /// Everything, and granting roles.
    Admin,
    /// Reviewing and running events.
    Organizer,
    /// Looking for activists near an event.
    Recruiter,
    /// Making the calls of a drive.
    Caller,
    /// Reading attendance sheets.
    Transcriber,
}

/// How a person is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// Text message.
    Sms,
    /// A call by a person.
    Call,
}

/// Why a message is sent; the gate checks each by its own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Purpose {
    /// The person asked a moment ago: a code, a confirmation, a seat that came free.
    Transactional,
    /// News of something the person said yes to.
    Notice,
    /// An answer in a conversation the person opened.
    Reply,
    /// An ask.
    Recruitment,
    /// A host's ask, of somebody whose address they know.
    Invitation,
}

/// Where somebody granted or withdrew a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ConsentSource {
    /// The person's own settings, signed in.
    Settings,
}

/// What a one-time code proves that its holder may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum CodePurpose {
    /// Sign in with the address.
    SignIn,
    /// Add the address to the account of who asked, and the account that has it.
    AddAddress,
    /// Erase the account that the address is of.
    Erase,
}

/// Which queue a job waits in, so that a long drive never stands before a sign-in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Lane {
    /// Codes and confirmations.
    Now,
    /// Notices and jobs.
    Soon,
    /// Drives and imports.
    Bulk,
}

/// Where a message to a person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum MessageState {
    /// Handed to the channel; the outcome is not known yet.
    Sending,
    /// Accepted by the channel.
    Sent,
    /// Refused by the channel for good.
    Failed,
    /// The process died or the answer was lost while sending; never sent again.
    Unknown,
    /// The gate said no.
    Suppressed,
}

/// What a mailed link does when it is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum LinkPurpose {
    /// Confirms an RSVP given without an account.
    ConfirmRsvp,
    /// Takes an RSVP back.
    CancelRsvp,
    /// Takes seats that were offered.
    AcceptOffer,
    /// Does without seats that were offered, and comes no more.
    DeclineOffer,
    /// Says once more that somebody will be there.
    ConfirmAttendance,
    /// Stops optional mail to an address.
    Unsubscribe,
    /// Accepts an invitation to host an event.
    AcceptHosting,
    /// Declines it.
    DeclineHosting,
    /// Stops announcements about an event.
    MuteEvent,
}
