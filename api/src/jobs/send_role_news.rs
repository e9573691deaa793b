//! Tells a host what became of a role: what somebody answered, that nobody did, or that a task is overdue.

use entity::{RoleStatus, event_host, role_assignment};
use sea_orm::{ActiveEnum, EntityTrait};
use uuid::Uuid;

use super::{
    JobError,
    role_letter::{load, send},
};
use crate::{
    app::App,
    domain::role::{name_in, open_reason},
    letter::{Template, inert, line, lines},
};

pub(super) async fn run(
    app: &App,
    id: Uuid,
    role_id: Uuid,
    host_id: Uuid,
    about: Option<(Uuid, i32)>,
) -> Result<(), JobError> {
    // Whoever hosts it no more is not written to.
    let host = event_host::Entity::find_by_id(host_id)
        .one(app.db.writer())
        .await?;
    let Some(person_id) = host.and_then(|host| host.person_id) else {
        return Ok(());
    };
    let Some(rows) = load(app, role_id, person_id).await? else {
        return Ok(());
    };
    let mut values = rows.values(app);
    values.what = match about {
        None => "OVERDUE".to_owned(),
        Some((assignment_id, version)) => {
            let row = role_assignment::Entity::find_by_id(assignment_id)
                .one(app.db.writer())
                .await?;
            match row {
                None => "GONE".to_owned(), // who held it was erased
                Some(row) if row.version != version => return Ok(()),
                Some(row) if row.status == RoleStatus::Offered => return Ok(()),
                Some(row) => {
                    values.name = name_in(app, &row).await?.map(|name| inert(&line(&name)));
                    values.reason = open_reason(app, &row)?.map(|reason| inert(&lines(&reason)));
                    row.status.to_value()
                }
            }
        }
    };
    send(app, id, &rows, Template::RoleNews, values, vec![]).await
}
