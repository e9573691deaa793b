//! Why something is not possible in the present state.

/// Why something is not possible now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The event was cancelled.
    EventCancelled,
    /// The timeslot was cancelled.
    TimeslotCancelled,
    /// The timeslot has begun.
    EventStarted,
    /// The timeslot is over.
    EventEnded,
    /// The timeslot is not over yet.
    EventNotOver,
    /// The event is not published.
    EventNotPublished,
    /// The event is not waiting for review.
    EventNotInReview,
    /// The event was submitted already.
    EventAlreadySubmitted,
    /// The event has no timeslot to come.
    EventHasNoTimeslot,
    /// There is no such RSVP to change: it was declined or cancelled.
    RsvpNotActive,
    /// One joins this event elsewhere, at its `externalUrl`.
    JoinElsewhere,
    /// A host did not approve this RSVP.
    RsvpRefused,
    /// There are not so many seats.
    TimeslotFull,
    /// No seat is offered to this RSVP.
    NoOffer,
    /// The seats that were offered are not kept any more.
    OfferExpired,
    /// The link was used already.
    LinkUsed,
    /// The link is too old.
    LinkExpired,
    /// Nobody else hosts an event that is still to come.
    SoleHost,
    /// The other account holds staff roles.
    StaffAccount,
    /// The campaign takes no new events.
    CampaignArchived,
    /// The present guidelines of the event's campaign were not accepted.
    GuidelinesNotAccepted,
    /// The invitation was answered or taken back, or has expired.
    InvitationClosed,
    /// You have not proved to read mail to an address of yours.
    HostNotVerified,
    /// Nobody hosts it who can be written to.
    NobodyToWriteTo,
    /// You have no address that you have proved to read, so nobody could answer you.
    AddressNotVerified,
    /// Only those who were invited join this event.
    InvitationNeeded,
    /// The event was not taken down.
    EventNotSuppressed,
    /// The sheet was applied or rejected.
    SheetClosed,
    /// Not every row of the sheet is decided.
    SheetUndecided,
    /// The sheet is not applied.
    SheetNotApplied,
    /// The picture of this page was deleted, because its time was over.
    ImageDeleted,
    /// The role has no place left.
    RoleFull,
    /// The person holds another role at the same time.
    RoleOverlaps,
    /// Nobody can volunteer for the role, or a host said no.
    RoleNotOpen,
    /// The person is not what this needs to the role: asked, a volunteer, or who holds it.
    RoleNotHeld,
    /// Somebody holds the role or is asked to.
    RoleHeld,
    /// The role was not accepted in time.
    RoleOfferExpired,
    /// The role has not begun.
    RoleNotBegun,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 38] = [
        Self::EventCancelled,
        Self::TimeslotCancelled,
        Self::EventStarted,
        Self::EventEnded,
        Self::EventNotOver,
        Self::EventNotPublished,
        Self::EventNotInReview,
        Self::EventAlreadySubmitted,
        Self::EventHasNoTimeslot,
        Self::RsvpNotActive,
        Self::JoinElsewhere,
        Self::RsvpRefused,
        Self::TimeslotFull,
        Self::NoOffer,
        Self::OfferExpired,
        Self::LinkUsed,
        Self::LinkExpired,
        Self::SoleHost,
        Self::StaffAccount,
        Self::CampaignArchived,
        Self::GuidelinesNotAccepted,
        Self::InvitationClosed,
        Self::HostNotVerified,
        Self::NobodyToWriteTo,
        Self::AddressNotVerified,
        Self::InvitationNeeded,
        Self::EventNotSuppressed,
        Self::SheetClosed,
        Self::SheetUndecided,
        Self::SheetNotApplied,
        Self::ImageDeleted,
        Self::RoleFull,
        Self::RoleOverlaps,
        Self::RoleNotOpen,
        Self::RoleNotHeld,
        Self::RoleHeld,
        Self::RoleOfferExpired,
        Self::RoleNotBegun,
    ];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventCancelled => "EVENT_CANCELLED",
            Self::TimeslotCancelled => "TIMESLOT_CANCELLED",
            Self::EventStarted => "EVENT_STARTED",
            Self::EventEnded => "EVENT_ENDED",
            Self::EventNotOver => "EVENT_NOT_OVER",
            Self::EventNotPublished => "EVENT_NOT_PUBLISHED",
            Self::EventNotInReview => "EVENT_NOT_IN_REVIEW",
            Self::EventAlreadySubmitted => "EVENT_ALREADY_SUBMITTED",
            Self::EventHasNoTimeslot => "EVENT_HAS_NO_TIMESLOT",
            Self::RsvpNotActive => "RSVP_NOT_ACTIVE",
            Self::JoinElsewhere => "JOIN_ELSEWHERE",
            Self::RsvpRefused => "RSVP_REFUSED",
            Self::TimeslotFull => "TIMESLOT_FULL",
            Self::NoOffer => "NO_OFFER",
            Self::OfferExpired => "OFFER_EXPIRED",
            Self::LinkUsed => "LINK_USED",
            Self::LinkExpired => "LINK_EXPIRED",
            Self::SoleHost => "SOLE_HOST",
            Self::StaffAccount => "STAFF_ACCOUNT",
            Self::CampaignArchived => "CAMPAIGN_ARCHIVED",
            Self::GuidelinesNotAccepted => "GUIDELINES_NOT_ACCEPTED",
            Self::InvitationClosed => "INVITATION_CLOSED",
            Self::HostNotVerified => "HOST_NOT_VERIFIED",
            Self::NobodyToWriteTo => "NOBODY_TO_WRITE_TO",
            Self::AddressNotVerified => "ADDRESS_NOT_VERIFIED",
            Self::InvitationNeeded => "INVITATION_NEEDED",
            Self::EventNotSuppressed => "EVENT_NOT_SUPPRESSED",
            Self::SheetClosed => "SHEET_CLOSED",
            Self::SheetUndecided => "SHEET_UNDECIDED",
            Self::SheetNotApplied => "SHEET_NOT_APPLIED",
            Self::ImageDeleted => "IMAGE_DELETED",
            Self::RoleFull => "ROLE_FULL",
            Self::RoleOverlaps => "ROLE_OVERLAPS",
            Self::RoleNotOpen => "ROLE_NOT_OPEN",
            Self::RoleNotHeld => "ROLE_NOT_HELD",
            Self::RoleHeld => "ROLE_HELD",
            Self::RoleOfferExpired => "ROLE_OFFER_EXPIRED",
            Self::RoleNotBegun => "ROLE_NOT_BEGUN",
        }
    }

    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::EventCancelled => "This event was cancelled.",
            Self::TimeslotCancelled => "This date was cancelled.",
            Self::EventStarted => "This event has already started.",
            Self::EventEnded => "This event is over.",
            Self::EventNotOver => "This event is not over yet.",
            Self::EventNotPublished => "This event is not published.",
            Self::EventNotInReview => "This event is not waiting for review.",
            Self::EventAlreadySubmitted => "This event was submitted already.",
            Self::EventHasNoTimeslot => "This event needs a date that is still to come.",
            Self::RsvpNotActive => "This RSVP was declined or cancelled.",
            Self::JoinElsewhere => "This event is joined elsewhere; see its address for that.",
            Self::RsvpRefused => "The hosts did not approve this RSVP.",
            Self::TimeslotFull => "There are not so many seats.",
            Self::NoOffer => "No seat is offered to this RSVP.",
            Self::OfferExpired => "This offer has run out; the seats went to the next in line.",
            Self::LinkUsed => "This link was used already.",
            Self::LinkExpired => "This link has expired.",
            Self::SoleHost => {
                "You alone host an event that is still to come: cancel it, or hand it over to another host, first."
            }
            Self::StaffAccount => {
                "The other account holds staff roles: an admin has to take these back first."
            }
            Self::CampaignArchived => "This campaign takes no new events.",
            Self::GuidelinesNotAccepted => "Accept the guidelines of this event's campaign first.",
            Self::InvitationClosed => "This invitation was answered or taken back, or has expired.",
            Self::NobodyToWriteTo => "Nobody hosts this event who can be written to.",
            Self::AddressNotVerified => {
                "You have no address that you have proved to read, so nobody could answer you."
            }
            Self::HostNotVerified => "Prove first that you read mail to an address of yours.",
            Self::InvitationNeeded => "Only those who were invited can join this event.",
            Self::EventNotSuppressed => "This event was not taken down.",
            Self::SheetClosed => "This sheet was applied or rejected.",
            Self::SheetUndecided => "Decide first who every row of this sheet is, or leave the others out.",
            Self::SheetNotApplied => "This sheet is not applied.",
            Self::ImageDeleted => "The picture of this page was deleted, because its time was over.",
            Self::RoleFull => "This role has no place left.",
            Self::RoleOverlaps => "Another role is held at the same time.",
            Self::RoleNotOpen => "Nobody can volunteer for this role.",
            Self::RoleNotHeld => "This is not possible where it stands with this role.",
            Self::RoleHeld => "Somebody holds this role or is asked to: take it back from them first.",
            Self::RoleOfferExpired => "This offer has run out; ask the hosts.",
            Self::RoleNotBegun => "This role has not begun.",
        }
    }
}
