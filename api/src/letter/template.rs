//! Every message there is.
//!
//! A new one is a variant, its name, what it may name, and four files: `.txt` and `.html` in each language. With `.text`,
//! which may be left out, it has words of its own for phones.

use minijinja::Value;

use super::{
    AnnouncementValues, CodeValues, HostInvitationValues, HostMessageValues, InvitationValues, Language,
    RsvpValues,
};

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// A one-time code to sign in.
    SignInCode,
    /// A one-time code to add an address.
    AddAddressCode,
    /// A one-time code to erase an account.
    EraseCode,
    /// Please follow the link.
    RsvpPleaseConfirm,
    /// You are coming.
    RsvpRegistered,
    /// A seat came free: the same text with another beginning.
    RsvpPromoted,
    /// You are on the waitlist.
    RsvpWaitlisted,
    /// A seat came free, and is kept for a while.
    RsvpOffered,
    /// It was not taken in time.
    RsvpOfferExpired,
    /// A host decides.
    RsvpPendingApproval,
    /// The hosts said no.
    RsvpRefused,
    /// Tomorrow you are coming.
    ReminderDayBefore,
    /// Today you are coming.
    ReminderDayOf,
    /// Thank you for coming.
    RsvpThanks,
    /// A date or the place changed, or the hosts have something to say.
    EventChanged,
    /// What somebody answered for does not take place.
    EventCancelled,
    /// Would you host this with us?
    HostInvitation,
    /// Somebody writes to the hosts.
    HostMessage,
    /// The hosts answer.
    HostAnswer,
    /// What a host wrote to those who answered.
    Announcement,
    /// A host invites you.
    Invitation,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::SignInCode,
        Self::AddAddressCode,
        Self::EraseCode,
        Self::RsvpPleaseConfirm,
        Self::RsvpRegistered,
        Self::RsvpPromoted,
        Self::RsvpWaitlisted,
        Self::RsvpOffered,
        Self::RsvpOfferExpired,
        Self::RsvpPendingApproval,
        Self::RsvpRefused,
        Self::ReminderDayBefore,
        Self::ReminderDayOf,
        Self::RsvpThanks,
        Self::EventChanged,
        Self::EventCancelled,
        Self::HostInvitation,
        Self::HostMessage,
        Self::HostAnswer,
        Self::Announcement,
        Self::Invitation,
    ];
    /// Those with a code.
    pub const CODES: [Self; 3] = [Self::SignInCode, Self::AddAddressCode, Self::EraseCode];

    /// Its name in the ledger of messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignInCode => "sign_in_code",
            Self::AddAddressCode => "add_address_code",
            Self::EraseCode => "erase_code",
            Self::RsvpPleaseConfirm => "rsvp_please_confirm",
            Self::RsvpRegistered => "rsvp_registered",
            Self::RsvpPromoted => "rsvp_promoted",
            Self::RsvpWaitlisted => "rsvp_waitlisted",
            Self::RsvpOffered => "rsvp_offered",
            Self::RsvpOfferExpired => "rsvp_offer_expired",
            Self::RsvpPendingApproval => "rsvp_pending_approval",
            Self::RsvpRefused => "rsvp_refused",
            Self::ReminderDayBefore => "reminder_day_before",
            Self::ReminderDayOf => "reminder_day_of",
            Self::RsvpThanks => "rsvp_thanks",
            Self::EventChanged => "event_changed",
            Self::EventCancelled => "event_cancelled",
            Self::HostInvitation => "host_invitation",
            Self::HostMessage => "host_message",
            Self::HostAnswer => "host_answer",
            Self::Announcement => "announcement",
            Self::Invitation => "invitation",
        }
    }

    /// The one of this name, if there is one (any more).
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.name() == name)
    }

    /// The name of its files.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::RsvpPromoted => Self::RsvpRegistered.name(),
            Self::ReminderDayBefore | Self::ReminderDayOf => "rsvp_reminder",
            other => other.name(),
        }
    }

    /// Invented values: the first with everything, others with less.
    pub(super) fn samples(self, language: Language) -> Vec<Value> {
        match self {
            Self::Announcement => AnnouncementValues::samples(language),
            Self::SignInCode | Self::AddAddressCode | Self::EraseCode => CodeValues::samples(language),
            Self::RsvpPleaseConfirm
            | Self::RsvpRegistered
            | Self::RsvpPromoted
            | Self::RsvpWaitlisted
            | Self::RsvpOffered
            | Self::RsvpOfferExpired
            | Self::RsvpPendingApproval
            | Self::RsvpRefused
            | Self::ReminderDayBefore
            | Self::ReminderDayOf
            | Self::RsvpThanks
            | Self::EventChanged
            | Self::EventCancelled => RsvpValues::samples(self, language),
            Self::HostInvitation => HostInvitationValues::samples(language),
            Self::HostMessage | Self::HostAnswer => HostMessageValues::samples(language),
            Self::Invitation => InvitationValues::samples(language),
        }
    }
}

/// The built-in texts.
#[rustfmt::skip]
pub(super) const SOURCES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../../templates/layout.html")),
    ("en/sign_in_code.txt", include_str!("../../templates/en/sign_in_code.txt")),
    ("en/sign_in_code.text", include_str!("../../templates/en/sign_in_code.text")),
    ("en/sign_in_code.html", include_str!("../../templates/en/sign_in_code.html")),
    ("es/sign_in_code.txt", include_str!("../../templates/es/sign_in_code.txt")),
    ("es/sign_in_code.text", include_str!("../../templates/es/sign_in_code.text")),
    ("es/sign_in_code.html", include_str!("../../templates/es/sign_in_code.html")),
    ("en/add_address_code.txt", include_str!("../../templates/en/add_address_code.txt")),
    ("en/add_address_code.text", include_str!("../../templates/en/add_address_code.text")),
    ("en/add_address_code.html", include_str!("../../templates/en/add_address_code.html")),
    ("es/add_address_code.txt", include_str!("../../templates/es/add_address_code.txt")),
    ("es/add_address_code.text", include_str!("../../templates/es/add_address_code.text")),
    ("es/add_address_code.html", include_str!("../../templates/es/add_address_code.html")),
    ("en/erase_code.txt", include_str!("../../templates/en/erase_code.txt")),
    ("en/erase_code.text", include_str!("../../templates/en/erase_code.text")),
    ("en/erase_code.html", include_str!("../../templates/en/erase_code.html")),
    ("es/erase_code.txt", include_str!("../../templates/es/erase_code.txt")),
    ("es/erase_code.text", include_str!("../../templates/es/erase_code.text")),
    ("es/erase_code.html", include_str!("../../templates/es/erase_code.html")),
    ("en/rsvp_please_confirm.txt", include_str!("../../templates/en/rsvp_please_confirm.txt")),
    ("en/rsvp_please_confirm.text", include_str!("../../templates/en/rsvp_please_confirm.text")),
    ("en/rsvp_please_confirm.html", include_str!("../../templates/en/rsvp_please_confirm.html")),
    ("es/rsvp_please_confirm.txt", include_str!("../../templates/es/rsvp_please_confirm.txt")),
    ("es/rsvp_please_confirm.text", include_str!("../../templates/es/rsvp_please_confirm.text")),
    ("es/rsvp_please_confirm.html", include_str!("../../templates/es/rsvp_please_confirm.html")),
    ("en/rsvp_registered.txt", include_str!("../../templates/en/rsvp_registered.txt")),
    ("en/rsvp_registered.text", include_str!("../../templates/en/rsvp_registered.text")),
    ("en/rsvp_registered.html", include_str!("../../templates/en/rsvp_registered.html")),
    ("es/rsvp_registered.txt", include_str!("../../templates/es/rsvp_registered.txt")),
    ("es/rsvp_registered.text", include_str!("../../templates/es/rsvp_registered.text")),
    ("es/rsvp_registered.html", include_str!("../../templates/es/rsvp_registered.html")),
    ("en/rsvp_waitlisted.txt", include_str!("../../templates/en/rsvp_waitlisted.txt")),
    ("en/rsvp_waitlisted.text", include_str!("../../templates/en/rsvp_waitlisted.text")),
    ("en/rsvp_waitlisted.html", include_str!("../../templates/en/rsvp_waitlisted.html")),
    ("es/rsvp_waitlisted.txt", include_str!("../../templates/es/rsvp_waitlisted.txt")),
    ("es/rsvp_waitlisted.text", include_str!("../../templates/es/rsvp_waitlisted.text")),
    ("es/rsvp_waitlisted.html", include_str!("../../templates/es/rsvp_waitlisted.html")),
    ("en/rsvp_offered.txt", include_str!("../../templates/en/rsvp_offered.txt")),
    ("en/rsvp_offered.text", include_str!("../../templates/en/rsvp_offered.text")),
    ("en/rsvp_offered.html", include_str!("../../templates/en/rsvp_offered.html")),
    ("es/rsvp_offered.txt", include_str!("../../templates/es/rsvp_offered.txt")),
    ("es/rsvp_offered.text", include_str!("../../templates/es/rsvp_offered.text")),
    ("es/rsvp_offered.html", include_str!("../../templates/es/rsvp_offered.html")),
    ("en/rsvp_offer_expired.txt", include_str!("../../templates/en/rsvp_offer_expired.txt")),
    ("en/rsvp_offer_expired.html", include_str!("../../templates/en/rsvp_offer_expired.html")),
    ("es/rsvp_offer_expired.txt", include_str!("../../templates/es/rsvp_offer_expired.txt")),
    ("es/rsvp_offer_expired.html", include_str!("../../templates/es/rsvp_offer_expired.html")),
    ("en/rsvp_pending_approval.txt", include_str!("../../templates/en/rsvp_pending_approval.txt")),
    ("en/rsvp_pending_approval.text", include_str!("../../templates/en/rsvp_pending_approval.text")),
    ("en/rsvp_pending_approval.html", include_str!("../../templates/en/rsvp_pending_approval.html")),
    ("es/rsvp_pending_approval.txt", include_str!("../../templates/es/rsvp_pending_approval.txt")),
    ("es/rsvp_pending_approval.text", include_str!("../../templates/es/rsvp_pending_approval.text")),
    ("es/rsvp_pending_approval.html", include_str!("../../templates/es/rsvp_pending_approval.html")),
    ("en/rsvp_refused.txt", include_str!("../../templates/en/rsvp_refused.txt")),
    ("en/rsvp_refused.text", include_str!("../../templates/en/rsvp_refused.text")),
    ("en/rsvp_refused.html", include_str!("../../templates/en/rsvp_refused.html")),
    ("es/rsvp_refused.txt", include_str!("../../templates/es/rsvp_refused.txt")),
    ("es/rsvp_refused.text", include_str!("../../templates/es/rsvp_refused.text")),
    ("es/rsvp_refused.html", include_str!("../../templates/es/rsvp_refused.html")),
    ("en/rsvp_reminder.txt", include_str!("../../templates/en/rsvp_reminder.txt")),
    ("en/rsvp_reminder.text", include_str!("../../templates/en/rsvp_reminder.text")),
    ("en/rsvp_reminder.html", include_str!("../../templates/en/rsvp_reminder.html")),
    ("es/rsvp_reminder.txt", include_str!("../../templates/es/rsvp_reminder.txt")),
    ("es/rsvp_reminder.text", include_str!("../../templates/es/rsvp_reminder.text")),
    ("es/rsvp_reminder.html", include_str!("../../templates/es/rsvp_reminder.html")),
    ("en/rsvp_thanks.txt", include_str!("../../templates/en/rsvp_thanks.txt")),
    ("en/rsvp_thanks.html", include_str!("../../templates/en/rsvp_thanks.html")),
    ("es/rsvp_thanks.txt", include_str!("../../templates/es/rsvp_thanks.txt")),
    ("es/rsvp_thanks.html", include_str!("../../templates/es/rsvp_thanks.html")),
    ("en/event_changed.txt", include_str!("../../templates/en/event_changed.txt")),
    ("en/event_changed.text", include_str!("../../templates/en/event_changed.text")),
    ("en/event_changed.html", include_str!("../../templates/en/event_changed.html")),
    ("es/event_changed.txt", include_str!("../../templates/es/event_changed.txt")),
    ("es/event_changed.text", include_str!("../../templates/es/event_changed.text")),
    ("es/event_changed.html", include_str!("../../templates/es/event_changed.html")),
    ("en/event_cancelled.txt", include_str!("../../templates/en/event_cancelled.txt")),
    ("en/event_cancelled.text", include_str!("../../templates/en/event_cancelled.text")),
    ("en/event_cancelled.html", include_str!("../../templates/en/event_cancelled.html")),
    ("es/event_cancelled.txt", include_str!("../../templates/es/event_cancelled.txt")),
    ("es/event_cancelled.text", include_str!("../../templates/es/event_cancelled.text")),
    ("es/event_cancelled.html", include_str!("../../templates/es/event_cancelled.html")),
    ("en/host_invitation.txt", include_str!("../../templates/en/host_invitation.txt")),
    ("en/host_invitation.html", include_str!("../../templates/en/host_invitation.html")),
    ("es/host_invitation.txt", include_str!("../../templates/es/host_invitation.txt")),
    ("es/host_invitation.html", include_str!("../../templates/es/host_invitation.html")),
    ("en/host_message.txt", include_str!("../../templates/en/host_message.txt")),
    ("en/host_message.html", include_str!("../../templates/en/host_message.html")),
    ("es/host_message.txt", include_str!("../../templates/es/host_message.txt")),
    ("es/host_message.html", include_str!("../../templates/es/host_message.html")),
    ("en/host_answer.txt", include_str!("../../templates/en/host_answer.txt")),
    ("en/host_answer.html", include_str!("../../templates/en/host_answer.html")),
    ("es/host_answer.txt", include_str!("../../templates/es/host_answer.txt")),
    ("es/host_answer.html", include_str!("../../templates/es/host_answer.html")),
    ("en/announcement.txt", include_str!("../../templates/en/announcement.txt")),
    ("en/announcement.html", include_str!("../../templates/en/announcement.html")),
    ("es/announcement.txt", include_str!("../../templates/es/announcement.txt")),
    ("es/announcement.html", include_str!("../../templates/es/announcement.html")),
    ("en/invitation.txt", include_str!("../../templates/en/invitation.txt")),
    ("en/invitation.html", include_str!("../../templates/en/invitation.html")),
    ("es/invitation.txt", include_str!("../../templates/es/invitation.txt")),
    ("es/invitation.html", include_str!("../../templates/es/invitation.html")),
];
