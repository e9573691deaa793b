//! The closed sets of `entity`, as GraphQL enums.

use async_graphql::Enum;

/// Where an event stands, from first draft to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::EventStatus")]
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
    /// Taken down by an organizer after it was published; only its hosts, and who answered, know of it.
    Suppressed,
}

/// What kind of event it is. Mobilize's names, and those of the action guide. The list may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::EventType")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::Visibility")]
pub enum Visibility {
    /// Everybody; it is on the map.
    Public,
    /// Whoever has its id.
    Unlisted,
    /// Its hosts, whoever they invited, and those who answered; for others it does not exist.
    Private,
}

/// Who may read the exact place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::AddressVisibility")]
pub enum AddressVisibility {
    /// Everybody.
    Public,
    /// People registered for it, and its hosts.
    AfterRsvp,
    /// People registered for it whom a host approved or invited by mail, and its hosts.
    AfterApproval,
    /// Its hosts.
    HostsOnly,
}

/// Who may know who comes to an event, beside its hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::AttendeeVisibility")]
pub enum AttendeeVisibility {
    /// Nobody.
    Hosts,
    /// Whoever may know of the event, how many there are.
    Count,
    /// The same; and who is registered, the given names and initials of those who agreed.
    Attendees,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::InvitationStatus")]
pub enum InvitationStatus {
    /// Not answered yet.
    Invited,
    /// Whoever was invited answered for a date; what they said is their RSVP.
    Answered,
    /// Said no to all of it.
    Declined,
    /// A host took it back.
    Revoked,
}

/// Whether the place is accessible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::AccessibilityStatus")]
pub enum AccessibilityStatus {
    /// Yes.
    Accessible,
    /// No.
    NotAccessible,
    /// The host is not sure.
    NotSure,
}

/// Something that makes a place or an event accessible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::AccessibilityFeature")]
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

/// How exact the public coordinates of an event are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::PlacePrecision")]
pub enum PlacePrecision {
    /// As the host gave them.
    Exact,
    /// The centre of the postal code.
    PostalCode,
    /// The centre of a cell of a few kilometres: the address is hidden.
    Approximate,
}

/// Who a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::HostKind")]
pub enum HostKind {
    /// A person with an account.
    Person,
    /// An organisation known by name only.
    Sponsor,
}

/// What an RSVP means. Whether the person came is attendance, which is another fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::RsvpStatus")]
pub enum RsvpStatus {
    /// Given without an account; waits for the link in the mail.
    PendingConfirmation,
    /// Waits for a host to approve it; holds no seat.
    PendingApproval,
    /// Coming.
    Registered,
    /// Would come; there is no seat yet.
    Waitlisted,
    /// Waited, and has seats until `offerExpiresAt`: `acceptOffer` keeps them, `declineOffer` gives them to the next.
    Offered,
    /// Said no.
    Declined,
    /// Said yes once and took it back.
    Cancelled,
    /// A host did not approve it.
    Refused,
    /// Was offered seats and did not take them in time. Answering again is a new answer.
    OfferExpired,
}

/// Why an organizer does not publish an event, or takes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ReviewCategory")]
pub enum ReviewCategory {
    /// It does not keep to the guidelines.
    Guidelines,
    /// Something people need to know is not said.
    MissingInformation,
    /// What it says is wrong, or is not what happens.
    Misleading,
    /// There is such an event already.
    Duplicate,
    /// It advertises.
    Spam,
    /// People might come to harm.
    Unsafe,
    /// It insults, threatens or excludes people.
    Abuse,
    /// Anything else; the reason says it.
    Other,
}

/// How people join an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::JoinPolicy")]
pub enum JoinPolicy {
    /// By an RSVP.
    Open,
    /// By an RSVP that a host approves. Whom a host invited by mail is approved.
    Approval,
    /// By an RSVP of those who were invited.
    Invite,
    /// Elsewhere, at `externalUrl`.
    External,
}

/// Who gets seats that come free when the first who waits is too large a party for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::WaitlistRule")]
pub enum WaitlistRule {
    /// The next who fits. Nobody's place is lost, and no seat stays empty.
    Skip,
    /// Nobody, until there are enough for the first. Who joins meanwhile goes behind. Nobody waits for a party that is
    /// larger than the capacity.
    Strict,
}

/// What a member of the organisation's staff may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::StaffRole")]
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

/// What a webhook is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::WebhookKind")]
pub enum WebhookKind {
    /// An event was published, for lists or for those who have its id only: `event.published`.
    EventPublished,
    /// An event that is published was changed, its dates among it, or it was taken down and is not found any more:
    /// `event.updated`.
    EventUpdated,
    /// An event was called off: `event.cancelled`.
    EventCancelled,
    /// Somebody answered for a date for the first time: `rsvp.created`.
    RsvpCreated,
    /// An RSVP changed, or is gone with its person: `rsvp.updated`.
    RsvpUpdated,
    /// Nothing: an admin tries the webhook out, `webhook.test`.
    Test,
}

/// Why nothing is sent to a webhook any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::WebhookEnd")]
pub enum WebhookEnd {
    /// An admin said so.
    Disabled,
    /// It failed for too long.
    Failing,
    /// It answered that it is gone (410).
    Gone,
}
