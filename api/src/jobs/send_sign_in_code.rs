//! Makes a one-time code and sends it. Nobody but the mail and this job ever holds it.

use entity::{Channel, CodePurpose, Purpose, sign_in_code};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde::Serialize;
use uuid::Uuid;

use super::{JobError, letter, post};
use crate::{
    app::App,
    channel::Mail,
    domain::{
        code,
        message::{self, Letter},
    },
    refusal::Refusal,
    sealed,
};

#[derive(Serialize)]
struct Values {
    organisation: String,
    code: String,
    minutes: i64,
}

pub(super) async fn run(app: &App, id: Uuid, code_id: Uuid) -> Result<(), JobError> {
    let now = app.clock.now();
    let Some((row, email)) = code::open(app, app.db.writer(), code_id).await? else {
        return Ok(());
    };
    if row.channel != Channel::Email {
        return Err(JobError::Fail("codes go by mail only".to_owned()));
    }
    let template = match row.purpose {
        CodePurpose::SignIn => letter::SIGN_IN_CODE,
        CodePurpose::AddAddress => letter::ADD_ADDRESS_CODE,
        CodePurpose::Erase => letter::ERASE_CODE,
    };
    let letter = Letter {
        id,
        channel: row.channel,
        purpose: Purpose::Transactional,
        template: template.name,
        address: email.reveal().to_owned(),
        person_id: None,
        unconfirmed: false,
    };
    let code = make()?;
    let values = Values {
        organisation: letter::line(&app.config.organisation),
        code: code.clone(),
        minutes: (row.expires_at - now).num_minutes().max(1),
    };
    let words = letter::write(&template, &values)?;
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    if let Err(error) = keep(app, row, &code).await {
        message::release(app, id).await?;
        return Err(error.into());
    }
    let mail = Mail {
        id,
        at: now,
        to: letter.address,
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachment: None,
        headers: Vec::new(),
    };
    post::send(app, &mail).await
}

/// Eight digits, all equally likely.
fn make() -> Result<String, Refusal> {
    let random = u64::from_le_bytes(sealed::random()?);
    Ok(format!("{:08}", random % 100_000_000))
}

/// Only a keyed hash is kept. It replaces that of an attempt whose mail is known not to have been sent.
async fn keep(app: &App, row: sign_in_code::Model, code: &str) -> Result<(), Refusal> {
    let hash = app.keys.pepper(row.id, code)?;
    let mut row = row.into_active_model();
    row.code_hash = Set(Some(hash));
    row.update(app.db.writer()).await?;
    Ok(())
}
