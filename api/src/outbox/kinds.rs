//! What each kind of job is called, and which queue it is in.

use entity::Lane;

use super::{Job, RsvpMail};

impl Job {
    /// Its name in lists.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SendSignInCode { .. } => "send_sign_in_code",
            Self::SendRsvpMail { .. } => "send_rsvp_mail",
            Self::SendHostInvitation { .. } => "send_host_invitation",
            Self::SendHostMessage { .. } => "send_host_message",
            Self::SendInvitation { .. } => "send_invitation",
            Self::InviteAttendees { .. } => "invite_attendees",
            Self::ReleaseHold { .. } => "release_hold",
            Self::LetIn { .. } => "let_in",
            Self::ExpireOffers { .. } => "expire_offers",
            Self::CloseNotice { .. } => "close_notice",
            Self::SpreadNotice { .. } => "spread_notice",
            Self::SendNotice { .. } => "send_notice",
            Self::PlanReminders => "plan_reminders",
            Self::Remind { .. } => "remind",
            Self::SendReminder { .. } => "send_reminder",
            Self::SpreadAnnouncement { .. } => "spread_announcement",
            Self::SendAnnouncement { .. } => "send_announcement",
            Self::SendRole { .. } => "send_role",
            Self::SendRoleNews { .. } => "send_role_news",
            Self::ExpireRoleOffer { .. } => "expire_role_offer",
            Self::RemindRole { .. } => "remind_role",
            Self::RemindHost { .. } => "remind_host",
            Self::ReadSheetPage { .. } => "read_sheet_page",
            Self::DeliverWebhook { .. } => "deliver_webhook",
            Self::DeleteObjects { .. } => "delete_objects",
            Self::RetainFiles => "retain_files",
            Self::Retain => "retain",
        }
    }

    /// Its queue.
    pub fn lane(&self) -> Lane {
        match self {
            // What somebody waits for, or what seats wait for. None of it is behind the mails of others.
            Self::SendSignInCode { .. }
            | Self::SendRsvpMail {
                mail: RsvpMail::PleaseConfirm | RsvpMail::Offered,
                ..
            }
            | Self::ReleaseHold { .. }
            | Self::LetIn { .. }
            | Self::ExpireOffers { .. } => Lane::Now,
            Self::SendRsvpMail { .. }
            | Self::SendHostInvitation { .. }
            | Self::SendHostMessage { .. }
            | Self::SendInvitation { .. }
            | Self::InviteAttendees { .. }
            | Self::CloseNotice { .. }
            | Self::SpreadNotice { .. }
            | Self::SendRole { .. }
            | Self::SendRoleNews { .. }
            | Self::ExpireRoleOffer { .. }
            | Self::RemindRole { .. }
            | Self::PlanReminders
            | Self::Remind { .. }
            | Self::RemindHost { .. }
            | Self::DeleteObjects { .. }
            | Self::Retain => Lane::Soon,
            // Everybody who comes to something large, at the same hour.
            Self::SendNotice { .. }
            | Self::SendReminder { .. }
            | Self::SpreadAnnouncement { .. }
            | Self::SendAnnouncement { .. }
            | Self::RetainFiles
            | Self::ReadSheetPage { .. }
            | Self::DeliverWebhook { .. } => Lane::Bulk,
        }
    }
}
