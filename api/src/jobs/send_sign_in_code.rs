//! Makes a one-time code and sends it. Nobody but the message and this job ever holds it.

use entity::{CodePurpose, Purpose, sign_in_code};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

use super::{
    JobError,
    post::{self, Message},
};
use crate::{
    app::App,
    channel::Mail,
    domain::{
        address::Address,
        code,
        message::{self, Letter},
        person,
    },
    letter::{self, CodeValues, Language, Template},
    refusal::Refusal,
    sealed,
};

/// Who asks for a code to sign in reads it a moment later: it is in the language of the client that asked.
pub(super) async fn run(
    app: &App,
    id: Uuid,
    code_id: Uuid,
    language: Option<Language>,
) -> Result<(), JobError> {
    let now = app.clock.now();
    let Some((row, address)) = code::open(app, app.db.writer(), code_id).await? else {
        return Ok(());
    };
    let template = match row.purpose {
        CodePurpose::SignIn => Template::SignInCode,
        CodePurpose::AddAddress => Template::AddAddressCode,
        CodePurpose::Erase => Template::EraseCode,
    };
    let letter = Letter {
        id,
        channel: row.channel,
        purpose: Purpose::Transactional,
        template,
        address: address.reveal().to_owned(),
        person_id: None,
        rsvp_id: None,
        occasion: None,
        links: Vec::new(),
        unconfirmed: false,
    };
    let code = make()?;
    let values = CodeValues {
        organisation: letter::line(&app.config.organisation),
        code: code.clone(),
        minutes: (row.expires_at - now).num_minutes().max(1),
    };
    let language = match row.person_id {
        Some(id) => person::language_of(app, app.db.writer(), id).await?,
        None => language.unwrap_or_else(|| app.config.language()),
    };
    let message = match &address {
        Address::Email(email) => {
            let words = app.letters.write(template, language, &values)?;
            Message::Mail(Box::new(Mail {
                id,
                at: now,
                to: email.reveal().to_owned(),
                subject: words.subject,
                text: words.text,
                html: words.html,
                attachment: None,
                headers: Vec::new(),
            }))
        }
        Address::Phone(phone) => {
            Message::Text(post::text(app, id, phone, template, language, &values).await?)
        }
    };
    if !post::begin(app, &letter).await? {
        return Ok(());
    }
    if let Err(error) = keep(app, row, &code).await {
        message::release(app, id).await?;
        return Err(error.into());
    }
    message.send(app).await
}

/// Eight digits, all equally likely.
fn make() -> Result<String, Refusal> {
    let random = u64::from_le_bytes(sealed::random()?);
    Ok(format!("{:08}", random % 100_000_000))
}

/// Only a keyed hash is kept. It replaces that of an attempt whose message is known not to have been sent.
async fn keep(app: &App, row: sign_in_code::Model, code: &str) -> Result<(), Refusal> {
    let hash = app.keys.pepper(row.id, code)?;
    let mut row = row.into_active_model();
    row.code_hash = Set(Some(hash));
    row.update(app.db.writer()).await?;
    Ok(())
}
