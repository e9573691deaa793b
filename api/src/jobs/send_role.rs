//! Tells somebody what they are to a role: it is offered to them, is theirs or is no more, or begins soon.

use entity::{RoleStatus, role_assignment};
use sea_orm::{ActiveEnum, EntityTrait};
use uuid::Uuid;

use super::{
    JobError,
    role_letter::{load, send},
};
use crate::{
    app::App,
    domain::role::open_reason,
    letter::{Template, inert, lines},
    outbox::RoleMail,
};

pub(super) async fn run(
    app: &App,
    id: Uuid,
    assignment_id: Uuid,
    version: i32,
    mail: RoleMail,
) -> Result<(), JobError> {
    let now = app.clock.now();
    let row = role_assignment::Entity::find_by_id(assignment_id)
        .one(app.db.writer())
        .await?;
    let fits = |row: &role_assignment::Model| match (mail, row.status) {
        _ if row.version != version => false, // of what it is now another job tells
        (RoleMail::Offered, RoleStatus::Offered) => row.expires_at.is_some_and(|until| until > now),
        (RoleMail::Reminder, status) => status == RoleStatus::Accepted,
        (RoleMail::Settled, status) => {
            matches!(
                status,
                RoleStatus::Accepted | RoleStatus::Withdrawn | RoleStatus::Released
            )
        }
        _ => false,
    };
    let Some(row) = row.filter(fits) else {
        tracing::info!(job = %id, "a message about a role no longer fits");
        return Ok(());
    };
    let Some(rows) = load(app, row.role_id, row.person_id).await? else {
        return Ok(());
    };
    let mut values = rows.values(app);
    values.what = row.status.to_value();
    values.reason = open_reason(app, &row)?.map(|reason| inert(&lines(&reason)));
    let (template, links) = match mail {
        RoleMail::Offered => {
            let ([accept, decline], links) = rows.answers(app, &row)?;
            values.until = row.expires_at.map(|until| rows.moment(until)).unwrap_or_default();
            (values.link, values.decline) = (accept.page, decline.page);
            (Template::RoleOffered, links)
        }
        RoleMail::Settled => (Template::RoleSettled, vec![]),
        RoleMail::Reminder => (Template::RoleReminder, vec![]),
    };
    send(app, id, &rows, template, values, links).await
}
