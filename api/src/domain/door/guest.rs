//! Walk-ins: whose address they tell, and what they consent to.

use entity::{Channel, ConsentSource, Purpose, consent};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    app::{App, Tx},
    domain::{
        address::Address,
        consent as consents,
        person::{self, Name},
    },
    refusal::{Problems, Refusal},
};

/// Somebody who comes without an RSVP.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The name they tell.
    pub name: Name,
    /// How they want to be reached, if they say so.
    pub address: Option<Address>,
    /// What they agreed to hear of there.
    pub consent: Option<Consent>,
}

/// What somebody agreed to at the door.
#[derive(Clone, Debug)]
pub struct Consent {
    /// To which messages.
    pub purpose: Purpose,
    /// Names the text that was shown or read to them.
    pub text_version: String,
}

impl Guest {
    /// Notes what is wrong with it.
    pub(super) fn check(&self, app: &App, path: &str, problems: &mut Problems) {
        self.name.check(app, &format!("{path}.name"), problems);
        let Some(consent) = &self.consent else { return };
        consents::check_version(
            &consent.text_version,
            &format!("{path}.consent.textVersion"),
            problems,
        );
        problems.check(
            self.address.is_some(),
            &format!("{path}.consent"),
            "needs email or phone",
        );
    }
}

/// The person of a walk-in: found by exactly their address, or made. None without one. What they agree to is noted unless
/// they have said something of it before: nobody else's word changes that.
pub(super) async fn person(app: &App, tx: &Tx, guest: &Guest) -> Result<Option<Uuid>, Refusal> {
    let Some(address) = &guest.address else {
        return Ok(None);
    };
    let id = person::find_or_create(app, tx, address, None).await?.person_id;
    if let Some(agreed) = &guest.consent {
        agree(tx, id, address.channel(), agreed).await?;
    }
    Ok(Some(id))
}

async fn agree(tx: &Tx, person_id: Uuid, channel: Channel, agreed: &Consent) -> Result<(), Refusal> {
    if !person::keep(tx, person_id).await? {
        return Err(Refusal::Deadlock); // erased just now: once more
    }
    let said = consent::Entity::find()
        .filter(consent::Column::PersonId.eq(person_id))
        .filter(consent::Column::Channel.eq(channel))
        .filter(consent::Column::Purpose.eq(agreed.purpose));
    if said.count(tx.db()).await? > 0 {
        return Ok(());
    }
    let row = consent::ActiveModel {
        id: Set(Uuid::now_v7()),
        person_id: Set(person_id),
        channel: Set(channel),
        purpose: Set(agreed.purpose),
        granted: Set(true),
        text_version: Set(agreed.text_version.clone()),
        source: Set(ConsentSource::Door),
        created_at: Set(tx.now()),
    };
    consent::Entity::insert(row)
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}
